//! Stage 4, through globs: a module and a name go in, what the module's globs bring of that name
//! comes out, or all that it has. Must not depend on the order in which names are looked up.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use rustc_hash::FxHashSet as HashSet;

use crate::{
    program::{Definition, ItemId, ModuleId, Namespace},
    resolve::Resolver,
};

/// What the globs of each module bring the names of, with the `cfg`s that this depends on.
pub(crate) type GlobSources = BTreeMap<ModuleId, (Rc<[Definition]>, BTreeSet<String>)>;

/// Writes a name that a glob of another crate may bring. Behind a first glob all is only possible, so
/// that further ones say no more.
fn globbed(path: &str, name: &str) -> String {
    let first = path.split_once("::*").map_or(path, |(first, _)| first);
    format!("{first}::*::{name}")
}

impl Resolver<'_> {
    /// Looks a name up in everything that globs lead to, each module once.
    pub(crate) fn through_globs(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let mut found = Vec::new();
        let mut seen = HashSet::from_iter([module]);
        let mut queue = vec![module];
        while let Some(at) = queue.pop() {
            let cfgs = self.program.module(at).globs.iter().map(|it| &it.cfgs);
            self.cfgs.borrow_mut().extend(cfgs.filter(|it| !it.is_empty()).cloned());
            for source in &*self.glob_sources(at) {
                match source {
                    Definition::Module(id) if seen.insert(*id) => {
                        let explicit = self.explicit(*id, name, namespace);
                        // What a module defines itself hides what its globs bring.
                        if explicit.is_empty() || self.is_conditional(*id, name) {
                            found.extend(self.defined_by_macros(*id, name));
                            queue.push(*id);
                        }
                        found.extend(explicit);
                    }
                    Definition::Item(id) | Definition::Variant(id)
                        if self.program.item(*id).variants().any(|it| it.ident == name) =>
                    {
                        found.push(Definition::Variant(*id));
                    }
                    Definition::External(path) => {
                        found.push(Definition::External(globbed(path, name)));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the globs of a module bring the names of.
    pub(crate) fn glob_sources(&self, module: ModuleId) -> Rc<[Definition]> {
        match self.glob_sources.borrow().get(&module) {
            Some((sources, cfgs)) => {
                self.cfgs.borrow_mut().extend(cfgs.iter().cloned());
                Rc::clone(sources)
            }
            None => Rc::new([]),
        }
    }

    /// Finds what globs lead to. A glob's path may lead through other globs, its own included, so that
    /// this is repeated until there is nothing new: what comes out does not depend on who asks first.
    pub(crate) fn follow_globs(&self) {
        loop {
            let mut next = GlobSources::new();
            for (index, module) in self.program.modules.iter().enumerate() {
                if module.globs.is_empty() {
                    continue;
                }
                let id = ModuleId::new(index);
                let mut sources: BTreeSet<_> = self.glob_sources(id).iter().cloned().collect();
                for glob in &module.globs {
                    sources.extend(self.import(id, &glob.path, Namespace::Type));
                }
                next.insert(id, (sources.into_iter().collect(), self.take_cfgs()));
            }
            // Found with the sources of the round before.
            self.known.borrow_mut().clear();
            if *self.glob_sources.borrow() == next {
                return;
            }
            *self.glob_sources.borrow_mut() = next;
        }
    }

    /// Returns every item that a module defines or imports.
    pub(crate) fn everything_in(&self, module: ModuleId) -> BTreeSet<ItemId> {
        let mut all = BTreeSet::new();
        let mut seen = HashSet::default();
        let mut queue = vec![module];
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let scope = self.program.module(id);
            let own = scope.names.values().flatten().cloned();
            let spaces = [Namespace::Type, Namespace::Value, Namespace::Macro];
            let imported = scope.imports.iter().flat_map(|import| {
                spaces.map(|space| self.import(id, &import.path, space)).into_iter().flatten()
            });
            let globbed = self.glob_sources(id);
            all.extend(scope.macro_calls.iter().copied());
            for definition in own.chain(imported).chain(globbed.iter().cloned()) {
                match definition {
                    Definition::Item(id) | Definition::Variant(id) => drop(all.insert(id)),
                    Definition::Module(id) => queue.push(id),
                    Definition::External(_) => {}
                }
            }
        }
        all
    }
}
