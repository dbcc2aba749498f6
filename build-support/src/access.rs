//! By which path code in one module can name a static of another. An item and a viewer go in, a path comes out. Must not
//! give a path that means something else, or that the viewer can't use.

use std::collections::{BTreeSet, VecDeque};

use crate::{
    program::{Definition, Extern, ItemId, ModuleId, Namespace},
    resolve::Resolver,
};

/// Finds the shortest path to a static, through what its crate's modules define and re-export. None where there is no
/// path that can be seen from there.
pub(crate) fn path_to(resolver: &Resolver<'_>, id: ItemId, viewer: ModuleId) -> Option<String> {
    let program = resolver.program;
    let item = program.item(id);
    if program.module(item.module).is_block {
        // Nothing leads into a block, and from within a block further in another may have its name.
        let names = std::slice::from_ref(&item.name);
        let found = resolver.path(viewer, false, names, Namespace::Value);
        let is_meant =
            matches!(&found[..], [(Definition::Item(it), rest)] if *it == id && rest.is_empty());
        return is_meant.then(|| item.name.clone());
    }
    let krate = program.module(item.module).krate;
    let start = if program.module(viewer).krate == krate {
        "crate".to_owned()
    } else {
        let externs = program.krate_of(viewer).externs.iter();
        let named = externs.filter(|(_, it)| **it == Extern::Local(krate)).map(|(name, _)| name);
        format!("::{}", named.min()?)
    };
    let viewer = program.enclosing(viewer);
    let root = program.krates[krate.index()].root;
    let mut queue = VecDeque::from([(root, start)]);
    let mut seen = BTreeSet::from([root]);
    while let Some((module, path)) = queue.pop_front() {
        let found = resolver.member_for(module, &item.name, Namespace::Value, viewer);
        if found == [Definition::Item(id)] {
            return Some(format!("{path}::{}", item.name));
        }
        for (name, definitions) in &program.module(module).names {
            let [Definition::Module(inner)] = definitions[..] else { continue };
            if program.sees(Some(viewer), program.module(inner).visibility) && seen.insert(inner) {
                queue.push_back((inner, format!("{path}::{name}")));
            }
        }
    }
    None
}
