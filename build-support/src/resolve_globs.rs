//! Stage 4, through globs: a module and a name go in, what the module's globs bring of that name
//! comes out, or all that it has. Must not keep what a cycle of look-ups left partial.

use std::{
    collections::{BTreeSet, HashSet},
    rc::Rc,
};

use crate::{
    program::{Definition, ItemId, ModuleId, Namespace},
    resolve::{GlobSources, Resolver},
};

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
        let mut seen = HashSet::from([queue[0]]);
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
                        found.push(Definition::External(format!("{path}::*::{name}")));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the globs of a module bring the names of.
    pub(crate) fn glob_sources(&self, module: ModuleId) -> GlobSources {
        if let Some(known) = self.glob_sources.borrow().get(&module) {
            return Rc::clone(known);
        }
        if !self.globs_under_way.borrow_mut().insert(module) {
            // Globs whose own path leads through these globs find nothing there.
            return Rc::new([]);
        }
        let globs = &self.program.module(module).globs;
        let mut sources = Vec::new();
        for glob in globs {
            let brought = self.import(module, &glob.path, Namespace::Type);
            sources.extend(brought.into_iter().map(|it| (it, glob.visibility)));
        }
        let sources: GlobSources = sources.into();
        self.globs_under_way.borrow_mut().remove(&module);
        if self.is_at_rest() {
            self.glob_sources.borrow_mut().insert(module, Rc::clone(&sources));
        }
        sources
    }

    /// Returns every item that a module defines or imports.
    pub(crate) fn everything_in(&self, module: ModuleId) -> BTreeSet<ItemId> {
        let mut all = BTreeSet::new();
        let mut seen = HashSet::new();
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
