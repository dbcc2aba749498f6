//! Stage 7: what a function reaches: a worklist over facts, with types in play deciding which impls
//! are alive (rapid type analysis; `docs/signature.md` has the rules and why each is sound). Every
//! item that is reached keeps the reason. `walk` is the worklist.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use crate::{
    cause::Cause,
    entry_point,
    facts::{Facts, Use},
    guest::World,
    impl_header::ImplTrait,
    members::Members,
    program::{ItemId, ItemKind, KrateId, Program},
    resolve::Resolver,
    type_parameter,
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
    /// Tells by item whether it has type parameters.
    pub(crate) is_generic: Vec<bool>,
    /// Every use once; items have them by their numbers.
    pub(crate) uses: Vec<&'a Use>,
    pub(crate) uses_of: Vec<Vec<usize>>,
    views: RefCell<BTreeMap<KrateId, Rc<View>>>,
    /// Of what others call as a guest.
    worlds: RefCell<HashMap<(KrateId, ItemId), Rc<World>>>,
}

/// The program as one crate sees it: itself and what it depends on.
pub(crate) struct View {
    is_visible: Vec<bool>,
    /// What is reached from everywhere.
    pub(crate) always: Vec<ItemId>,
    /// Impls that need nothing to be in play.
    pub(crate) living: Vec<usize>,
}

impl View {
    pub(crate) fn contains(&self, id: ItemId) -> bool {
        self.is_visible[id.index()]
    }
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
        let is_generic =
            program.item_ids().map(|it| type_parameter::is_generic(program, it)).collect();
        let mut numbers: HashMap<&Use, usize> = HashMap::new();
        let mut uses = Vec::new();
        let mut number = |it: &'a Use| {
            *numbers.entry(it).or_insert_with(|| {
                uses.push(it);
                uses.len() - 1
            })
        };
        let uses_of = facts.iter().map(|it| it.uses.iter().map(&mut number).collect()).collect();
        Self {
            program,
            facts,
            members,
            by_name,
            calls,
            opaque,
            extensions,
            has_unstable_impls,
            is_generic,
            uses,
            uses_of,
            views: RefCell::default(),
            worlds: RefCell::default(),
        }
    }

    fn view(&self, krate: KrateId) -> Rc<View> {
        if let Some(known) = self.views.borrow().get(&krate) {
            return Rc::clone(known);
        }
        let krates = self.program.visible_from(krate);
        let is_visible: Vec<bool> = self
            .program
            .item_ids()
            .map(|it| krates.contains(&self.program.krate_of_item(it)))
            .collect();
        // An impl needs a local type or a local trait; a call that names neither is reached by name.
        let calls = self.calls.iter().filter(|it| it.mentions_trait).map(|it| it.item);
        let always = self.opaque.iter().copied().chain(calls);
        let impls = self.members.impls.iter().enumerate();
        let living = impls.filter(|(_, it)| {
            it.required.is_empty() && it.item.is_some_and(|it| is_visible[it.index()])
        });
        let view = Rc::new(View {
            always: always.filter(|it| is_visible[it.index()]).collect(),
            living: living.map(|(index, _)| index).collect(),
            is_visible,
        });
        self.views.borrow_mut().insert(krate, Rc::clone(&view));
        view
    }

    /// Returns what a root reaches with the crates that a start sees. That of a start is asked for once.
    pub(crate) fn world(&self, root: ItemId, start: ItemId) -> Rc<World> {
        let krate = self.program.krate_of_item(start);
        if let Some(known) = self.worlds.borrow().get(&(krate, root))
            && root != start
        {
            return Rc::clone(known);
        }
        let mut walk = Walk::new(self, self.view(krate), root);
        walk.run(root == start);
        let guests = walk.guests();
        let reached = walk.reached.into_iter().enumerate();
        let reached = reached.filter_map(|(index, cause)| Some((ItemId::new(index), cause?)));
        let world = Rc::new(World { reached: reached.collect(), guests });
        if root != start {
            self.worlds.borrow_mut().insert((krate, root), Rc::clone(&world));
        }
        world
    }
}
