//! Which methods and constants a type has: indexes over impls and traits, made once.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap as HashMap;

use crate::{
    attribute, body_impl, cfg,
    impl_header::{ImplHeader, ImplTrait, read_header},
    program::{Item, ItemId, ItemKind, KrateId, ModuleId, Program, Syntax},
    resolve::Resolver,
};

#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) impls: Vec<ImplHeader>,
    /// Impls whose header names a type.
    pub(crate) impls_of_type: HashMap<ItemId, Vec<usize>>,
    pub(crate) impl_of_item: HashMap<ItemId, usize>,
    /// Members of impls and defaults of traits, by name.
    pub(crate) by_name: HashMap<String, Vec<ItemId>>,
    /// Impls of local traits.
    pub(crate) impls_of_trait: HashMap<ItemId, Vec<usize>>,
    /// Types by the names of the traits that they derive.
    pub(crate) derives: BTreeMap<String, Vec<ItemId>>,
    /// Impls of traits of other crates, by the trait's last name.
    pub(crate) impls_of_foreign: HashMap<String, Vec<usize>>,
    /// Types that a macro which nobody expanded names, and so may add members to, with the crates where
    /// such macros are called.
    open: HashMap<ItemId, BTreeSet<KrateId>>,
    /// Items with macro calls that may implement anything.
    pub(crate) calls: Vec<ItemId>,
    /// By crate: itself and what it depends on.
    visible: Vec<BTreeSet<KrateId>>,
}

impl Members {
    pub(crate) fn new(resolver: &Resolver<'_>) -> Self {
        let program = resolver.program;
        let krates = (0..program.krates.len()).map(KrateId::new);
        let mut members = Self {
            visible: krates.map(|it| program.visible_from(it)).collect(),
            ..Self::default()
        };
        for id in program.item_ids() {
            let item = program.item(id);
            if let (ItemKind::Impl, Syntax::Item(syntax)) = (item.kind, &item.syntax)
                && let syn::Item::Impl(header) = &**syntax
            {
                let index = members.impls.len();
                let header = read_header(resolver, id, item, header);
                for ty in &header.types {
                    members.impls_of_type.entry(*ty).or_default().push(index);
                }
                match &header.of_trait {
                    Some(ImplTrait::Local(id)) => {
                        members.impls_of_trait.entry(*id).or_default().push(index);
                    }
                    Some(ImplTrait::Foreign { name, .. }) => {
                        members.impls_of_foreign.entry(name.clone()).or_default().push(index);
                    }
                    None => {}
                }
                members.impl_of_item.insert(id, index);
                members.impls.push(header);
            }
            for name in derived(item) {
                members.derives.entry(name).or_default().push(id);
            }
            if item.kind == ItemKind::MacroCall || body_impl::may_be_in(item) {
                members.calls.push(id);
                let krate = program.krate_of_item(id);
                for named in resolver.mentioned_items(id).iter().copied() {
                    if program.item(named).kind == ItemKind::Type {
                        members.open.entry(named).or_default().insert(krate);
                    }
                }
            }
            if item.parent.is_some() && item.kind != ItemKind::Declaration {
                members.by_name.entry(item.name.clone()).or_default().push(id);
            }
        }
        members
    }

    /// Returns the members called `name` that a local type may have: inherent ones, those of its
    /// traits, of blanket impls, and defaults of the traits that it may implement.
    pub(crate) fn of_type(
        &self,
        resolver: &Resolver<'_>,
        ty: ItemId,
        name: &str,
    ) -> BTreeSet<ItemId> {
        let candidates = self.by_name.get(name).into_iter().flatten().copied();
        let may_be_for = |index: &usize| {
            let header = &self.impls[*index];
            !header.is_for_foreign && header.self_type.is_none_or(|it| it == ty)
        };
        candidates
            .filter(|id| {
                let Some(parent) = resolver.program.item(*id).parent else { return false };
                match self.impl_of_item.get(&parent) {
                    Some(index) => may_be_for(index),
                    None => self.impls_of_trait.get(&parent).into_iter().flatten().any(may_be_for),
                }
            })
            .collect()
    }

    /// Tells whether a type dereferences to something, whose methods then count as its own.
    pub(crate) fn dereferences(&self, ty: ItemId) -> bool {
        self.impls_of_type.get(&ty).into_iter().flatten().any(|index| {
            matches!(&self.impls[*index].of_trait, Some(ImplTrait::Foreign { name, .. }) if name == "Deref")
        })
    }

    /// Tells whether a type may have members that aren't known, as far as a module can see: macros that
    /// nobody expanded name it, or stand in an impl of it.
    pub(crate) fn is_open(&self, program: &Program, module: ModuleId, ty: ItemId) -> bool {
        let visible = &self.visible[program.module(module).krate.index()];
        let is_visible = |it: &KrateId| visible.contains(it);
        self.open.get(&ty).is_some_and(|it| it.iter().any(is_visible))
            || self.impls_of_type.get(&ty).into_iter().flatten().any(|index| {
                let header = &self.impls[*index];
                header.has_macros
                    && header.item.is_none_or(|it| is_visible(&program.krate_of_item(it)))
            })
    }
}

/// The last names of the traits that a type derives.
fn derived(item: &Item) -> Vec<String> {
    match (&item.kind, &item.syntax) {
        (ItemKind::Type, Syntax::Item(it)) => cfg::attributes_of_item(it)
            .iter()
            .flat_map(attribute::derives)
            .map(|it| attribute::last_segment(&it))
            .collect(),
        _ => Vec::new(),
    }
}
