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
    visibility::Visibility,
};

/// What the globs of each module bring the names of, and from where their bringing can be seen, with the
/// `cfg`s that this depends on.
pub(crate) type GlobSources =
    BTreeMap<ModuleId, (Rc<[(Definition, Visibility)]>, BTreeSet<String>)>;

/// How many globs of another crate a path lies behind.
fn stars(definition: &Definition) -> Option<usize> {
    match definition {
        Definition::External(path) => Some(path.matches("::*").count()),
        _ => None,
    }
}

/// What a glob leads to. A path behind several globs of another crate is written as if it were behind the
/// first, or it could grow with each round.
fn source(brought: Definition) -> Definition {
    match brought {
        Definition::External(path) if path.matches("::*").count() > 1 => {
            let first = path.split("::*").next().unwrap_or_default();
            let last = path.rsplit("::*").next().unwrap_or_default();
            Definition::External(format!("{first}::*{last}").into())
        }
        other => other,
    }
}

impl Resolver<'_> {
    /// Looks a name up in everything that globs lead to, each module once.
    pub(crate) fn through_globs(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
        viewer: ModuleId,
    ) -> Vec<Definition> {
        let mut found = Vec::new();
        // With each module the one that all see it from who look through the globs on the way.
        let mut queue = vec![(module, Some(viewer))];
        let mut seen = HashSet::from_iter([queue[0]]);
        while let Some((at, viewer)) = queue.pop() {
            let cfgs = self.program.module(at).globs.iter().map(|it| &it.cfgs);
            self.cfgs.borrow_mut().extend(cfgs.filter(|it| !it.is_empty()).cloned());
            for (source, visibility) in &*self.glob_sources(at) {
                if !self.program.sees(viewer, *visibility) {
                    continue;
                }
                let viewer = self.program.common(viewer, at);
                match source {
                    Definition::Module(id) if seen.insert((*id, viewer)) => {
                        let (visible, is_defined) = self.explicit(*id, name, namespace, viewer);
                        // What a module defines itself hides what its globs bring, visible or not.
                        if !is_defined || self.is_conditional(*id, name) {
                            found.extend(self.defined_by_macros(*id, name));
                            queue.push((*id, viewer));
                        }
                        found.extend(visible);
                    }
                    Definition::Item(id) | Definition::Variant(id)
                        if self.program.item(*id).variants().any(|it| it.ident == name) =>
                    {
                        let variant = Definition::Variant(*id);
                        if self.program.sees_definition(viewer, &variant, namespace) {
                            found.push(variant);
                        }
                    }
                    Definition::External(path) => {
                        found.push(Definition::External(format!("{path}::*::{name}").into()));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the globs of a module bring the names of.
    pub(crate) fn glob_sources(&self, module: ModuleId) -> Rc<[(Definition, Visibility)]> {
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
                    let mut brought = self.import(id, &glob.path, Namespace::Type);
                    // Where a name leads out of the program anyway, what globs may bring of that name says
                    // no more: each name looked up here goes through these globs too.
                    let fewest = brought.iter().filter_map(stars).min();
                    brought.retain(|it| stars(it).is_none_or(|it| Some(it) == fewest));
                    sources.extend(brought.into_iter().map(|it| (source(it), glob.visibility)));
                }
                next.insert(id, (sources.into_iter().collect(), self.take_cfgs()));
            }
            // Found with the sources of the round before.
            self.look_ups.borrow_mut().forget();
            self.known_paths.borrow_mut().clear();
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
            for definition in own.chain(imported).chain(globbed.iter().map(|(it, _)| it.clone())) {
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
