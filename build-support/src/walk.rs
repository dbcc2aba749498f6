//! Stage 7, its worklist: a start goes in, the items that it reaches come out, each with its first
//! cause. Must not drop a use that it can't follow: such a use reaches all that it may mean.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use crate::{
    cause::{Cause, Reason},
    closure::{Graph, View},
    facts::{Endpoint, Use},
    guest::Admitted,
    impl_header::ImplTrait,
    program::{ItemId, ItemKind},
    trigger,
};

pub(crate) struct Walk<'g, 'a, 'p> {
    pub(crate) graph: &'g Graph<'a, 'p>,
    pub(crate) view: Rc<View>,
    pub(crate) root: ItemId,
    pub(crate) reached: Vec<Option<Cause>>,
    queue: Vec<ItemId>,
    names: Names<'g>,
    /// Local traits that a bound names.
    bounds: BTreeSet<ItemId>,
    /// By the number of a use.
    uses: Vec<bool>,
    /// Traits of std whose impls something calls.
    pub(crate) triggers: BTreeSet<&'static str>,
    pub(crate) runs_foreign_code: bool,
    pub(crate) live: Vec<bool>,
    /// What the root's type parameters may stand for.
    pub(crate) admitted: Admitted,
    /// Items whose type parameters have been followed.
    pub(crate) opened: BTreeSet<ItemId>,
    /// Traits whose implementors are all reached.
    pub(crate) opened_traits: BTreeSet<ItemId>,
    pub(crate) opened_foreign_traits: BTreeSet<String>,
    /// What may implement any trait is reached.
    pub(crate) has_derivers: bool,
}

impl<'g, 'a, 'p> Walk<'g, 'a, 'p> {
    pub(crate) fn new(graph: &'g Graph<'a, 'p>, view: Rc<View>, root: ItemId) -> Self {
        Self {
            graph,
            view,
            root,
            reached: vec![None; graph.program.items.len()],
            queue: Vec::new(),
            names: Names::default(),
            bounds: BTreeSet::new(),
            uses: vec![false; graph.uses.len()],
            triggers: BTreeSet::new(),
            runs_foreign_code: false,
            live: vec![false; graph.members.impls.len()],
            admitted: Admitted::default(),
            opened: BTreeSet::new(),
            opened_traits: BTreeSet::new(),
            opened_foreign_traits: BTreeSet::new(),
            has_derivers: false,
        }
    }
}

impl<'g> Walk<'g, '_, '_> {
    pub(crate) fn run(&mut self, is_start: bool) {
        let start = self.root;
        let begun = Cause { from: start, reason: Reason::Start };
        self.reach(start, begun);
        let view = Rc::clone(&self.view);
        for id in &view.always {
            self.reach(*id, Cause { from: start, reason: Reason::Opaque });
        }
        for index in &view.living {
            self.enliven(*index, begun);
        }
        if self.graph.has_unstable_impls {
            self.dispatch(&Use::ForeignCode, start);
        }
        self.admit(start, is_start);
        while let Some(id) = self.queue.pop() {
            self.follow(id);
        }
    }

    pub(crate) fn reach(&mut self, id: ItemId, cause: Cause) {
        if self.reached[id.index()].is_none() && self.view.contains(id) {
            self.reached[id.index()] = Some(cause);
            self.queue.push(id);
        }
    }

    pub(crate) fn is_reached(&self, id: ItemId) -> bool {
        self.reached[id.index()].is_some()
    }

    fn follow(&mut self, id: ItemId) {
        let facts = &self.graph.facts[id.index()];
        for target in facts.edges.iter().flat_map(|it| &it.targets) {
            if let Endpoint::Item(target) = target {
                self.reach(*target, Cause { from: id, reason: Reason::Reference });
            }
        }
        for target in &facts.traits_in_scope.0 {
            self.reach(*target, Cause { from: id, reason: Reason::TraitInScope });
        }
        for number in &self.graph.uses_of[id.index()] {
            if !std::mem::replace(&mut self.uses[*number], true) {
                self.dispatch(self.graph.uses[*number], id);
            }
        }
        for it in self.graph.extensions.get(&id).into_iter().flatten() {
            self.reach(*it, Cause { from: id, reason: Reason::Reference });
        }
        match self.graph.program.item(id).kind {
            ItemKind::Type => self.bring_into_play(id),
            ItemKind::Trait => self.headers_of(id),
            _ => {}
        }
    }

    fn dispatch(&mut self, it: &'g Use, from: ItemId) {
        let by_name = Cause { from, reason: Reason::Member };
        match it {
            Use::Member(name) => self.any_member(name, by_name),
            Use::Inherent(name) => {
                self.names.inherent.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
                for of_trait in self.bounds.clone() {
                    self.trait_member(of_trait, name, by_name);
                }
            }
            Use::OpenInherent(name) => {
                self.names.open_inherent.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::Trait(id, name) => self.trait_member(*id, name, by_name),
            Use::ForeignSelf(id, name) => {
                self.names.of_foreign_self.entry((*id, name)).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::ForeignTrait(name) => {
                self.names.of_foreign_trait.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::Bound(id) => {
                if self.bounds.insert(*id) {
                    let names: Vec<_> =
                        self.names.inherent.iter().map(|(name, cause)| (*name, *cause)).collect();
                    for (name, cause) in names {
                        self.trait_member(*id, name, cause);
                    }
                }
            }
            Use::Any(name) => {
                self.any_member(name, by_name);
                for id in self.graph.by_name.get(name.as_str()).into_iter().flatten() {
                    self.reach(*id, by_name);
                }
            }
            Use::Item(id) => self.reach(*id, by_name),
            Use::Object(id) => {
                let object = Cause { from, reason: Reason::Object };
                self.implementors(*id, object);
            }
            Use::ForeignObject(of) => {
                let object = Cause { from, reason: Reason::Object };
                self.foreign_implementors(of, object);
                if let Some(name) = trigger::gated(of) {
                    self.pull(name, object);
                }
            }
            Use::Trigger(name) => self.pull(name, Cause { from, reason: Reason::Trigger(name) }),
            Use::ForeignCode => {
                let cause = Cause { from, reason: Reason::ForeignCode };
                if !std::mem::replace(&mut self.runs_foreign_code, true) {
                    self.impls_of_gated(cause, |_| true);
                }
            }
        }
    }

    fn any_member(&mut self, name: &'g str, cause: Cause) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.names.all.entry(name) {
            entry.insert(cause);
            self.members_called(name, cause);
        }
    }

    fn trait_member(&mut self, of: ItemId, name: &'g str, cause: Cause) {
        if let std::collections::hash_map::Entry::Vacant(entry) =
            self.names.of_trait.entry((of, name))
        {
            entry.insert(cause);
            self.members_called(name, cause);
        }
    }

    /// Reaches the members of that name that are wanted by now.
    fn members_called(&mut self, name: &str, cause: Cause) {
        for id in self.graph.members.by_name.get(name).into_iter().flatten() {
            let is_new = !self.is_reached(*id) && self.view.contains(*id);
            if is_new && self.wants(*id, name).is_some() {
                self.reach(*id, cause);
                let parent = self.graph.program.item(*id).parent;
                parent.iter().for_each(|it| self.reach(*it, cause));
            }
        }
    }

    /// Tells whether some use wants a member of a living impl or of a trait.
    pub(crate) fn wants(&self, member: ItemId, name: &str) -> Option<Cause> {
        let parent = self.graph.program.item(member).parent?;
        let Some(index) = self.graph.members.impl_of_item.get(&parent) else {
            // A default: whoever does not override it has it.
            let names = &self.names;
            let all = names.all.get(name);
            let of = names.of_trait.get(&(parent, name));
            let of = of.or_else(|| names.of_foreign_self.get(&(parent, name)));
            return all.or(of).copied();
        };
        if self.live[*index] { self.wants_of(*index, name) } else { None }
    }

    /// The same for a member of an impl, as if it lived.
    pub(crate) fn wants_of(&self, index: usize, name: &str) -> Option<Cause> {
        let names = &self.names;
        let all = names.all.get(name);
        let header = &self.graph.members.impls[index];
        let found = match &header.of_trait {
            None if header.self_type.is_none() => {
                names.inherent.get(name).or_else(|| names.open_inherent.get(name))
            }
            None => names.inherent.get(name),
            Some(ImplTrait::Local(of)) => {
                let on_any = names.of_trait.get(&(*of, name));
                let on_foreign = names.of_foreign_self.get(&(*of, name));
                on_any.or_else(|| on_foreign.filter(|_| header.self_type.is_none()))
            }
            Some(ImplTrait::Foreign { .. }) => names.of_foreign_trait.get(name),
        };
        all.or(found).copied()
    }
}

/// Names of members that something reached uses, by whose members they may be.
#[derive(Default)]
struct Names<'g> {
    /// Of anything.
    all: HashMap<&'g str, Cause>,
    /// Of types in play themselves.
    inherent: BTreeMap<&'g str, Cause>,
    /// Of types that have no name.
    open_inherent: HashMap<&'g str, Cause>,
    /// Of local traits.
    of_trait: HashMap<(ItemId, &'g str), Cause>,
    /// Of local traits on types of other crates.
    of_foreign_self: HashMap<(ItemId, &'g str), Cause>,
    /// Of traits of other crates.
    of_foreign_trait: HashMap<&'g str, Cause>,
}
