//! Stage 7: what a start reaches: a walk from it, and one from each guest that its type parameters bring
//! (rapid type analysis; `docs/signature.md` has the rules and why each is sound). Walks from guests are
//! shared by all starts that see the same crates, and so is what crowds of guests reach together.

use std::collections::VecDeque;

use fixedbitset::FixedBitSet;

use crate::{
    base::Bases,
    cause::{Cause, Reason},
    cause_map::CauseMap,
    crowd::Crowds,
    network::Network,
    program::ItemId,
    reached::Reached,
    walk::Walk,
};

/// Closes over one start after another.
pub(crate) struct Closures<'n> {
    network: &'n Network,
    walk: Walk<'n>,
    /// For the crate of the last start.
    known: Option<(Bases<'n>, Crowds)>,
}

impl<'n> Closures<'n> {
    pub(crate) fn new(network: &'n Network) -> Self {
        Self { network, walk: Walk::new(network), known: None }
    }

    /// Returns the numbers of the items that a start reaches, itself included.
    pub(crate) fn items(&mut self, start: ItemId) -> FixedBitSet {
        let (network, krate) = (self.network, self.network.node(start).krate);
        let walk = &mut self.walk;
        let known = self.known.take().filter(|(bases, _)| bases.krate() == krate);
        let (bases, crowds) = self
            .known
            .insert(known.unwrap_or_else(|| (Bases::new(walk, network, krate), Crowds::default())));
        bases.walk(walk, start);
        walk.admit(start, true);
        walk.go_on();
        let mut all = walk.reached().clone();
        if let Some(guests) = walk.guests_if_any() {
            all.union_with(&guests.shown);
            all.union_with(crowds.reached(guests.run, bases, walk));
        }
        all
    }

    /// The same with the step that leads to each first.
    pub(crate) fn steps(&mut self, start: ItemId) -> Reached {
        let mut all = CauseMap::new(self.network.nodes.len());
        let view = self.network.view(self.network.node(start).krate);
        let mut queue = Queue::new(self.network, start);
        while let Some(root) = queue.roots.pop_front() {
            for (id, cause) in self.walk.run(root, view, root == start).iter() {
                all.insert(id, cause);
            }
            let guests = self.walk.guests();
            let cause = Cause { from: root, reason: Reason::Parameter };
            for id in guests.shown.ones().chain(guests.run.ones()) {
                all.insert(id, cause);
            }
            queue.extend(&guests.run);
        }
        Reached::new(&all)
    }
}

/// Roots of walks, each once.
struct Queue {
    seen: FixedBitSet,
    roots: VecDeque<ItemId>,
}

impl Queue {
    fn new(network: &Network, start: ItemId) -> Self {
        let mut queue = Self {
            seen: FixedBitSet::with_capacity(network.nodes.len()),
            roots: VecDeque::from([start]),
        };
        queue.seen.insert(start.index());
        queue
    }

    fn extend(&mut self, roots: &FixedBitSet) {
        self.roots.extend(roots.difference(&self.seen).map(ItemId::new));
        self.seen.union_with(roots);
    }
}
