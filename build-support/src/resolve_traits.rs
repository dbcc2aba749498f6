//! Stage 4, of traits: a module goes in, the traits whose methods can be called there come out, as
//! far as they are known. Must not leave out what only may be a trait.

use std::{
    collections::{BTreeSet, HashSet},
    rc::Rc,
};

use crate::{
    extract::plain_name,
    prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Program, Syntax},
    resolve::{Resolver, ScopedTraits},
};

impl Resolver<'_> {
    /// Returns the traits in scope at a module that may give a called method its meaning: local
    /// ones that declare one of `methods`, and imported paths of other crates that may be traits.
    pub(crate) fn traits_in_scope(
        &self,
        module: ModuleId,
        methods: &BTreeSet<String>,
    ) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let (mut local, foreign) = self.all_traits_in_scope(module);
        local.retain(|id| methods.iter().any(|it| self.declares(*id, it)));
        (local, foreign)
    }

    /// Returns every local trait in scope at a module.
    pub(crate) fn local_traits_in_scope(&self, module: ModuleId) -> Rc<[ItemId]> {
        self.scoped_traits(module).local
    }

    /// Tells whether a trait of another crate than std may be in scope at a module.
    pub(crate) fn has_foreign_traits_in_scope(&self, module: ModuleId) -> bool {
        self.scoped_traits(module).has_foreign
    }

    fn scoped_traits(&self, module: ModuleId) -> ScopedTraits {
        if let Some(known) = self.scopes.borrow().get(&module) {
            self.cfgs.borrow_mut().extend(known.cfgs.iter().cloned());
            return known.clone();
        }
        let before = self.take_cfgs();
        let (local, foreign) = self.all_traits_in_scope(module);
        let found = ScopedTraits {
            local: local.into_iter().collect(),
            has_foreign: foreign.iter().any(|it| !prelude::is_std(it)),
            cfgs: self.cfgs.borrow().clone(),
        };
        self.cfgs.borrow_mut().extend(before);
        self.scopes.borrow_mut().insert(module, found.clone());
        found
    }

    fn all_traits_in_scope(&self, module: ModuleId) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let (mut local, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        let mut seen = HashSet::new();
        let mut queue = vec![module];
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let scope = self.program.module(id);
            if scope.is_block {
                queue.extend(scope.parent);
            }
            let own = scope.names.values().flatten().cloned();
            let imported =
                scope.imports.iter().flat_map(|it| self.import(id, &it.path, Namespace::Type));
            for definition in own.chain(imported).collect::<Vec<_>>() {
                match definition {
                    Definition::Item(id) if self.program.item(id).kind == ItemKind::Trait => {
                        local.insert(id);
                    }
                    Definition::External(path) if prelude::may_be_trait(&path) => {
                        foreign.insert(path);
                    }
                    _ => {}
                }
            }
            for source in &*self.glob_sources(id) {
                match source {
                    Definition::Module(id) => queue.push(*id),
                    Definition::External(path) => {
                        foreign.insert(format!("{path}::*"));
                    }
                    _ => {}
                }
            }
        }
        // The macros of perennial are imported where they are used, and are no traits.
        let is_ours = |path: &str| {
            let names = &self.program.krate_of(module).perennial;
            path.split_once("::").is_some_and(|(krate, rest)| {
                names.iter().any(|it| it == krate) && matches!(rest, "memo" | "memo_key")
            })
        };
        foreign.retain(|it| prelude::may_be_trait(it) && !is_ours(it));
        (local, foreign)
    }

    /// Tells whether a local trait has a member of that name, or may have by a macro.
    pub(crate) fn declares(&self, id: ItemId, name: &str) -> bool {
        match self.declared.get(&id) {
            Some(Some(names)) => names.contains(name),
            Some(None) => true,
            None => false,
        }
    }
}

/// The names that a trait declares; `None` where they can't be told.
pub(crate) fn declared(program: &Program, id: ItemId) -> Option<BTreeSet<String>> {
    let Syntax::Item(item) = &program.item(id).syntax else { return None };
    // What an alias brings is not looked into.
    let syn::Item::Trait(declaration) = &**item else { return None };
    let mut names = BTreeSet::new();
    for member in &declaration.items {
        let ident = match member {
            syn::TraitItem::Fn(it) => &it.sig.ident,
            syn::TraitItem::Const(it) => &it.ident,
            syn::TraitItem::Type(_) => continue,
            _ => return None,
        };
        names.insert(plain_name(&ident.to_string()));
    }
    Some(names)
}
