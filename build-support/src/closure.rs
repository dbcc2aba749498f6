//! Stage 7: what a function reaches: a worklist over facts, with types in play deciding which impls
//! are alive (rapid type analysis; `docs/signature.md` has the rules and why each is sound). Every
//! item that is reached keeps the reason. `walk` is the worklist.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    cause::Cause,
    entry_point,
    facts::Facts,
    impl_header::ImplTrait,
    members::Members,
    program::{ItemId, ItemKind, Program},
    resolve::Resolver,
    walk::Walk,
};

/// The program as seen by closures.
pub(crate) struct Graph<'a, 'p> {
    pub(crate) program: &'p Program,
    pub(crate) facts: &'a [Facts],
    pub(crate) members: &'a Members,
    /// Free items by name.
    pub(crate) by_name: HashMap<String, Vec<ItemId>>,
    /// Item-position macro calls, with the local types and traits that they mention.
    pub(crate) calls: Vec<MacroCall>,
    pub(crate) opaque: Vec<ItemId>,
    /// Items that an attribute macro enters in what it names.
    pub(crate) extensions: HashMap<ItemId, Vec<ItemId>>,
    /// There is an impl with which what is known of std's entry points does not hold.
    pub(crate) has_unstable_impls: bool,
}

pub(crate) struct MacroCall {
    pub(crate) item: ItemId,
    pub(crate) types: BTreeSet<ItemId>,
    pub(crate) mentions_trait: bool,
}

/// What a start reaches, itself included, each with why.
pub(crate) type Reached = BTreeMap<ItemId, Cause>;

impl<'a, 'p> Graph<'a, 'p> {
    pub(crate) fn new(resolver: &Resolver<'p>, facts: &'a [Facts], members: &'a Members) -> Self {
        let program = resolver.program;
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::new();
        let (mut calls, mut opaque) = (Vec::new(), Vec::new());
        for id in program.item_ids() {
            let item = program.item(id);
            match item.kind {
                ItemKind::MacroCall => calls.push(id),
                ItemKind::Opaque => opaque.push(id),
                _ if item.parent.is_none() && !item.name.is_empty() => {
                    by_name.entry(item.name.clone()).or_default().push(id);
                    for variant in item.variants() {
                        by_name.entry(variant.ident.to_string()).or_default().push(id);
                    }
                }
                _ => {}
            }
        }
        let calls = calls
            .into_iter()
            .map(|item| {
                let named = resolver.mentioned_items(item);
                let of_kind =
                    |kind| named.iter().copied().filter(move |it| program.item(*it).kind == kind);
                MacroCall {
                    item,
                    types: of_kind(ItemKind::Type).collect(),
                    mentions_trait: of_kind(ItemKind::Trait).next().is_some()
                        || facts[item.index()].findings.iter().any(|it| it.kind.needs_executable()),
                }
            })
            .collect();
        let mut extensions: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        for id in program.item_ids() {
            for extended in &facts[id.index()].extends {
                extensions.entry(*extended).or_default().push(id);
            }
        }
        let has_unstable_impls = program.has_other_std || members.impls.iter().any(|it| {
            matches!(&it.of_trait, Some(ImplTrait::Foreign { name, .. }) if entry_point::is_unstable(name))
        });
        Self { program, facts, members, by_name, calls, opaque, extensions, has_unstable_impls }
    }

    /// Returns every item that a start reaches, itself included.
    pub(crate) fn reached_from(&self, start: ItemId) -> Reached {
        let visible = self.program.visible_from(self.program.krate_of_item(start));
        let mut walk = Walk::new(self, visible);
        walk.run(start);
        let reached = walk.reached.into_iter().enumerate();
        reached.filter_map(|(index, cause)| Some((ItemId::new(index), cause?))).collect()
    }
}
