//! Stage 4, of traits: a module goes in, the traits whose methods can be called there come out, as
//! far as they are known. Must not leave out what only may be a trait.

use std::{collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashSet as HashSet;

use crate::{
    entry_point,
    extract::plain_name,
    path_text, prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Program, Syntax},
    resolve::Resolver,
};

/// The traits in scope at a module, and the `cfg`s that this depends on.
#[derive(Debug)]
pub(crate) struct ScopedTraits {
    local: BTreeSet<ItemId>,
    /// Imported paths of other crates that may be traits.
    foreign: BTreeSet<String>,
    /// What is known of the members of each of these, in their order.
    members: Vec<Option<&'static [(&'static str, &'static str)]>>,
    cfgs: BTreeSet<String>,
}

impl Resolver<'_> {
    /// Returns the traits in scope at a module that may give a called method its meaning: local
    /// ones that declare one of `methods`, with the declarations of default methods, and imported paths of other crates that may be traits.
    pub(crate) fn traits_in_scope(
        &self,
        module: ModuleId,
        methods: &BTreeSet<String>,
    ) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let scope = self.scoped_traits(module);
        let declaring = scope.local.iter().copied();
        let mut local: BTreeSet<_> =
            declaring.filter(|id| methods.iter().any(|it| self.declares(*id, it))).collect();
        let declarations = local.iter().filter_map(|it| self.declarations.get(it));
        let called = declarations.flat_map(|it| methods.iter().filter_map(|name| it.get(name)));
        let called: Vec<_> = called.flatten().copied().collect();
        local.extend(called);
        let is_hidden = methods.iter().any(|it| entry_point::may_be_hidden(it));
        let may_give = |members: Option<&[(&str, &str)]>| match members {
            _ if is_hidden => true,
            Some(members) => members.iter().any(|(_, it)| methods.contains(*it)),
            None => !methods.is_empty(),
        };
        let giving = scope.foreign.iter().zip(&scope.members).filter(|(_, it)| may_give(**it));
        (local, giving.map(|(path, _)| path.clone()).collect())
    }

    /// Returns the members of the trait that an imported path of another crate may be, as far as they are
    /// known.
    fn members_of(&self, path: &str) -> Option<&'static [(&'static str, &'static str)]> {
        let is_known =
            prelude::is_std(path) && !self.has_renamed_std && !self.program.has_other_std;
        entry_point::members(path_text::last(path)).filter(|_| is_known)
    }

    /// Returns the local traits in scope at a module that declare a name.
    pub(crate) fn traits_declaring(&self, module: ModuleId, name: &str) -> Vec<ItemId> {
        let scope = self.scoped_traits(module);
        scope.local.iter().copied().filter(|it| self.declares(*it, name)).collect()
    }

    /// Tells whether a trait of another crate than std may be in scope at a module.
    pub(crate) fn has_foreign_traits_in_scope(&self, module: ModuleId) -> bool {
        self.scoped_traits(module).foreign.iter().any(|it| !prelude::is_std(it))
    }

    fn scoped_traits(&self, module: ModuleId) -> Rc<ScopedTraits> {
        let known = self.scopes.borrow().get(&module).cloned();
        let found = known.unwrap_or_else(|| {
            let before = self.take_cfgs();
            let (local, foreign) = self.all_traits_in_scope(module);
            let members = foreign.iter().map(|it| self.members_of(it)).collect();
            let cfgs = self.take_cfgs();
            let found = Rc::new(ScopedTraits { local, foreign, members, cfgs });
            self.cfgs.borrow_mut().extend(before);
            self.scopes.borrow_mut().insert(module, Rc::clone(&found));
            found
        });
        self.cfgs.borrow_mut().extend(found.cfgs.iter().cloned());
        found
    }

    /// Adds every trait in scope at a module: local ones, with the declarations of their default methods, and
    /// imported paths that may be one.
    pub(crate) fn add_traits_in_scope(
        &self,
        module: ModuleId,
        (local, foreign): &mut (BTreeSet<ItemId>, BTreeSet<String>),
    ) {
        let scope = self.scoped_traits(module);
        let declared = scope.local.iter().filter_map(|it| self.declarations.get(it));
        local.extend(declared.flat_map(|it| it.values().flatten().copied()));
        local.extend(&scope.local);
        foreign.extend(scope.foreign.iter().cloned());
    }

    /// Returns every trait in scope at a module: local ones, and imported paths that may be one.
    fn all_traits_in_scope(&self, module: ModuleId) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let (mut local, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        let mut seen = HashSet::default();
        // With each module the one that all see it from who look through the globs on the way.
        let mut queue = vec![(module, Some(module))];
        while let Some((id, viewer)) = queue.pop() {
            if !seen.insert((id, viewer)) {
                continue;
            }
            let scope = self.program.module(id);
            if scope.is_block {
                queue.extend(scope.parent.map(|it| (it, Some(it))));
            }
            let own = scope.names.values().flatten().cloned();
            let visible =
                scope.imports.iter().filter(|it| self.program.sees(viewer, it.visibility));
            let imported = visible.flat_map(|it| self.import(id, &it.path, Namespace::Type));
            for definition in own.chain(imported).collect::<Vec<_>>() {
                if !self.program.sees_definition(viewer, &definition, Namespace::Type) {
                    continue;
                }
                match definition {
                    Definition::Item(id) if self.program.item(id).kind == ItemKind::Trait => {
                        local.insert(id);
                    }
                    Definition::External(path) if prelude::may_be_trait(&path) => {
                        foreign.insert(path.to_string());
                    }
                    _ => {}
                }
            }
            for (source, visibility) in &*self.glob_sources(id) {
                if !self.program.sees(viewer, *visibility) {
                    continue;
                }
                match source {
                    Definition::Module(of) => {
                        queue.push((*of, self.program.common(viewer, id)));
                    }
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
                names.iter().any(|it| it == krate)
                    && matches!(rest, "memo" | "memo_fn" | "memo_key" | "memo_call")
            })
        };
        let krate = self.program.krate_of(module);
        let is_everywhere =
            |it: &str| !krate.has_no_prelude && prelude::is_everywhere(it, krate.edition);
        foreign.retain(|it| prelude::may_be_trait(it) && !is_ours(it) && !is_everywhere(it));
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
