//! Stage 7, its worklist: a start goes in, the items that it reaches come out, each with its first
//! cause. Must not drop a use that it can't follow: such a use reaches all that it may mean.

use fixedbitset::FixedBitSet;

use crate::{
    cause::{Cause, Reason},
    cause_map::CauseMap,
    guest::Admitted,
    network::{Network, Owner, Slot, Step},
    program::{ItemId, ItemKind},
    view::View,
};

/// Walks from one start after another; what is known of one is forgotten with the next.
pub(crate) struct Walk<'n> {
    pub(crate) network: &'n Network,
    pub(crate) view: &'n View,
    reached: CauseMap,
    queue: Vec<ItemId>,
    names: Names,
    /// Local traits that a bound names.
    bounds: FixedBitSet,
    steps: FixedBitSet,
    /// Gates that something opened.
    pub(crate) open_gates: FixedBitSet,
    pub(crate) runs_foreign_code: bool,
    pub(crate) live: FixedBitSet,
    /// Items whose type parameters have been followed.
    pub(crate) opened: FixedBitSet,
    /// Traits whose implementors are all reached.
    pub(crate) opened_traits: FixedBitSet,
    pub(crate) opened_foreign_traits: FixedBitSet,
    /// What may implement any trait is reached.
    pub(crate) has_derivers: bool,
    /// What the root's type parameters may stand for.
    pub(crate) admitted: Admitted,
}

impl<'n> Walk<'n> {
    pub(crate) fn new(network: &'n Network) -> Self {
        let items = || FixedBitSet::with_capacity(network.nodes.len());
        Self {
            network,
            view: &network.nothing,
            reached: CauseMap::new(network.nodes.len()),
            queue: Vec::new(),
            names: Names::new(network),
            bounds: items(),
            steps: FixedBitSet::with_capacity(network.steps.len()),
            open_gates: FixedBitSet::with_capacity(network.gates.len()),
            runs_foreign_code: false,
            live: FixedBitSet::with_capacity(network.impls.len()),
            opened: items(),
            opened_traits: items(),
            opened_foreign_traits: FixedBitSet::with_capacity(network.foreign_traits.len()),
            has_derivers: false,
            admitted: Admitted::new(network),
        }
    }

    /// Reaches every item that a root reaches, itself included, with what a crate sees. What its type
    /// parameters may stand for is admitted, but not walked.
    pub(crate) fn run(&mut self, start: ItemId, view: &'n View, is_start: bool) -> &CauseMap {
        self.clear(view);
        self.reach(start, Cause { from: start, reason: Reason::Start });
        self.begin(start);
        self.admit(start, is_start);
        self.go_on();
        &self.reached
    }

    /// Forgets everything; from now on a crate sees.
    pub(crate) fn clear(&mut self, view: &'n View) {
        self.view = view;
        self.marks().into_iter().for_each(FixedBitSet::clear);
        (self.runs_foreign_code, self.has_derivers) = (false, false);
        self.admitted.clear();
    }

    /// Reaches what is reached from everywhere.
    pub(crate) fn begin(&mut self, start: ItemId) {
        for id in &self.view.always {
            self.reach(*id, Cause { from: start, reason: Reason::Opaque });
        }
        for index in &self.view.living {
            self.enliven(*index, Cause { from: start, reason: Reason::Start });
        }
        if self.network.has_unstable_impls {
            self.dispatch(Step::ForeignCode, start);
        }
    }

    /// Follows all that is reached until there is no more; tells how many items that were.
    pub(crate) fn go_on(&mut self) -> usize {
        let mut followed = 0;
        while let Some(id) = self.queue.pop() {
            self.follow(id);
            followed += 1;
        }
        followed
    }

    /// All that a walk knows by numbers but for whom it admits, what is reached first.
    pub(crate) fn marks(&mut self) -> [&mut FixedBitSet; 14] {
        let names = &mut self.names;
        [
            self.reached.numbers_mut(),
            names.all.numbers_mut(),
            names.inherent.numbers_mut(),
            names.open_inherent.numbers_mut(),
            names.of_trait.numbers_mut(),
            names.of_foreign_self.numbers_mut(),
            names.of_foreign_trait.numbers_mut(),
            &mut self.bounds,
            &mut self.steps,
            &mut self.open_gates,
            &mut self.live,
            &mut self.opened,
            &mut self.opened_traits,
            &mut self.opened_foreign_traits,
        ]
    }

    pub(crate) fn reached(&self) -> &FixedBitSet {
        self.reached.numbers()
    }

    pub(crate) fn reach(&mut self, id: ItemId, cause: Cause) {
        if self.view.contains(id) && self.reached.insert(id.index(), cause) {
            self.queue.push(id);
        }
    }

    pub(crate) fn is_reached(&self, id: ItemId) -> bool {
        self.reached.contains(id.index())
    }

    fn follow(&mut self, id: ItemId) {
        let node = self.network.node(id);
        for target in &node.references {
            self.reach(*target, Cause { from: id, reason: Reason::Reference });
        }
        for target in &node.traits_in_scope {
            self.reach(*target, Cause { from: id, reason: Reason::TraitInScope });
        }
        for number in &node.steps {
            if !self.steps.put(*number as usize) {
                self.dispatch(self.network.steps[*number as usize], id);
            }
        }
        for it in &node.extensions {
            self.reach(*it, Cause { from: id, reason: Reason::Reference });
        }
        match node.kind {
            ItemKind::Type => self.bring_into_play(id),
            ItemKind::Trait => self.headers_of(id),
            _ => {}
        }
    }

    fn dispatch(&mut self, step: Step, from: ItemId) {
        let network = self.network;
        let by_name = Cause { from, reason: Reason::Member };
        match step {
            Step::Member(name) => self.any_member(name, by_name),
            Step::Inherent(name) => {
                self.names.inherent.insert(name as usize, by_name);
                self.members_called(name, by_name);
                for slot in &network.names[name as usize].slots {
                    if self.bounds.contains(slot.of.index()) {
                        self.trait_member(*slot, by_name);
                    }
                }
            }
            Step::OpenInherent(name) => {
                self.names.open_inherent.insert(name as usize, by_name);
                self.members_called(name, by_name);
            }
            Step::Trait(slot) => self.trait_member(slot, by_name),
            Step::ForeignSelf(slot) => {
                self.names.of_foreign_self.insert(slot.number as usize, by_name);
                self.members_called(slot.name, by_name);
            }
            Step::ForeignTrait(name) => {
                self.names.of_foreign_trait.insert(name as usize, by_name);
                self.members_called(name, by_name);
            }
            Step::Bound(id) => {
                if !self.bounds.put(id.index()) {
                    for slot in &network.node(id).slots {
                        if let Some(cause) = self.names.inherent.get(slot.name as usize) {
                            self.trait_member(*slot, cause);
                        }
                    }
                }
            }
            Step::Any(name) => {
                self.any_member(name, by_name);
                for id in &network.names[name as usize].items {
                    self.reach(*id, by_name);
                }
            }
            Step::Object(id) => self.implementors(id, Cause { from, reason: Reason::Object }),
            Step::ForeignObject { of, gate } => {
                let object = Cause { from, reason: Reason::Object };
                self.foreign_implementors(of, object);
                gate.iter().for_each(|it| self.open_gate(*it, object));
            }
            Step::Trigger(gate) => {
                let reason = Reason::Trigger(network.gates[gate as usize].name);
                self.open_gate(gate, Cause { from, reason });
            }
            Step::ForeignCode => self.open_all_gates(Cause { from, reason: Reason::ForeignCode }),
        }
    }

    fn any_member(&mut self, name: u32, cause: Cause) {
        if self.names.all.insert(name as usize, cause) {
            self.members_called(name, cause);
        }
    }

    fn trait_member(&mut self, slot: Slot, cause: Cause) {
        if self.names.of_trait.insert(slot.number as usize, cause) {
            self.members_called(slot.name, cause);
        }
    }

    /// Reaches the members of that name that are wanted by now.
    fn members_called(&mut self, name: u32, cause: Cause) {
        let network = self.network;
        for id in &network.names[name as usize].members {
            if !self.is_reached(*id) && self.view.contains(*id) && self.wants(*id).is_some() {
                self.reach(*id, cause);
                network.node(*id).parent.iter().for_each(|it| self.reach(*it, cause));
            }
        }
    }

    /// Tells whether some use wants a member of a living impl or of a trait.
    pub(crate) fn wants(&self, member: ItemId) -> Option<Cause> {
        let is_live = match self.network.node(member).membership?.owner {
            Owner::Trait { .. } => true,
            Owner::Inherent { of, .. }
            | Owner::LocalTrait { of, .. }
            | Owner::ForeignTrait { of } => self.live.contains(of as usize),
        };
        if is_live { self.would_want(member) } else { None }
    }

    /// The same, as if the impl lived.
    pub(crate) fn would_want(&self, member: ItemId) -> Option<Cause> {
        let membership = self.network.node(member).membership?;
        let (names, name) = (&self.names, membership.name as usize);
        let found = match membership.owner {
            Owner::Trait { slot } => {
                let of = names.of_trait.get(slot as usize);
                of.or_else(|| names.of_foreign_self.get(slot as usize))
            }
            Owner::Inherent { is_nameless, .. } => {
                let open = || names.open_inherent.get(name).filter(|_| is_nameless);
                names.inherent.get(name).or_else(open)
            }
            Owner::LocalTrait { slot, is_nameless, .. } => {
                let on_foreign =
                    || names.of_foreign_self.get(slot as usize).filter(|_| is_nameless);
                names.of_trait.get(slot as usize).or_else(on_foreign)
            }
            Owner::ForeignTrait { .. } => names.of_foreign_trait.get(name),
        };
        names.all.get(name).or(found)
    }
}

/// Members that something reached uses, by the number of their name or of their slot.
struct Names {
    /// Of anything.
    all: CauseMap,
    /// Of types in play themselves.
    inherent: CauseMap,
    /// Of types that have no name.
    open_inherent: CauseMap,
    /// Of local traits.
    of_trait: CauseMap,
    /// Of local traits on types of other crates.
    of_foreign_self: CauseMap,
    /// Of traits of other crates.
    of_foreign_trait: CauseMap,
}

impl Names {
    fn new(network: &Network) -> Self {
        let names = || CauseMap::new(network.names.len());
        let slots = || CauseMap::new(network.slot_count);
        Self {
            all: names(),
            inherent: names(),
            open_inherent: names(),
            of_trait: slots(),
            of_foreign_self: slots(),
            of_foreign_trait: names(),
        }
    }
}
