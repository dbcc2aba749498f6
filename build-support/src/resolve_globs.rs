//! Stage 4, through globs: a module and a name go in, what the module's globs bring of that name
//! comes out, or all that it has. What globs lead to is found before anything else is looked up, so that
//! no answer depends on what was asked before.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

use crate::{
    program::{Definition, ItemId, ModuleId, Namespace},
    resolve::Resolver,
};

/// What the globs of a module bring the names of, and the `cfg`s that this depends on.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Globs {
    sources: Rc<[Definition]>,
    cfgs: BTreeSet<String>,
}

/// How many globs may lead to one another by their paths.
const ROUNDS: usize = 32;

impl Resolver<'_> {
    /// Finds what all globs lead to: their paths may themselves go through globs, so that each round
    /// knows what the one before found, until a round finds nothing else.
    pub(crate) fn settle_globs(&self) {
        let ids = self.program.module_ids().filter(|it| !self.program.module(*it).globs.is_empty());
        let modules: Vec<_> = ids.collect();
        for _ in 0..ROUNDS {
            let found: HashMap<_, _> = modules.iter().map(|it| (*it, self.globs_of(*it))).collect();
            self.forget();
            if self.globs.replace(found) == *self.globs.borrow() {
                break;
            }
        }
    }

    fn globs_of(&self, module: ModuleId) -> Globs {
        let mut sources = BTreeSet::new();
        self.take_cfgs();
        for glob in &self.program.module(module).globs {
            // What a glob of another crate may bring is the start of a path where nothing else is, and
            // no globs lead there from that.
            let stars = |it: &Definition| match it {
                Definition::External(path) => path.matches('*').count(),
                _ => 0,
            };
            let found = self.import(module, &glob.path, Namespace::Type);
            let fewest = found.iter().map(stars).min().unwrap_or_default();
            sources.extend(found.into_iter().filter(|it| stars(it) == fewest && fewest < 2));
        }
        Globs { sources: sources.into_iter().collect(), cfgs: self.take_cfgs() }
    }

    /// Looks a name up in everything that globs lead to, each module once.
    pub(crate) fn through_globs(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([module]);
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
                        found.push(Definition::External(format!("{path}::*::{name}")));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the globs of a module bring the names of.
    pub(crate) fn glob_sources(&self, module: ModuleId) -> Rc<[Definition]> {
        let known = self.globs.borrow();
        let Some(globs) = known.get(&module) else { return Rc::new([]) };
        self.cfgs.borrow_mut().extend(globs.cfgs.iter().cloned());
        Rc::clone(&globs.sources)
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
