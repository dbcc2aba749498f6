//! Stage 7: what a start reaches: a walk from it, and one from each guest that its type parameters bring
//! (rapid type analysis; `docs/signature.md` has the rules and why each is sound). Walks from guests are
//! shared by all starts that see the same crates.

use std::{collections::VecDeque, rc::Rc};

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    cause::{Cause, Reason},
    cause_map::CauseMap,
    guest::Guests,
    network::Network,
    program::{ItemId, KrateId},
    reached::Reached,
    walk::Walk,
};

/// Closes over one start after another.
pub(crate) struct Closures<'n> {
    network: &'n Network,
    walk: Walk<'n>,
    worlds: HashMap<(KrateId, ItemId), Rc<World>>,
}

/// What a root reaches by itself, and its guests.
struct World {
    reached: FixedBitSet,
    guests: Guests,
}

impl<'n> Closures<'n> {
    pub(crate) fn new(network: &'n Network) -> Self {
        Self { network, walk: Walk::new(network), worlds: HashMap::default() }
    }

    /// Returns the numbers of the items that a start reaches, itself included.
    pub(crate) fn items(&mut self, start: ItemId) -> FixedBitSet {
        let mut all = FixedBitSet::with_capacity(self.network.nodes.len());
        let mut queue = Queue::new(self.network, start);
        while let Some(root) = queue.roots.pop_front() {
            let world = self.world(root, start);
            for set in [&world.reached, &world.guests.shown, &world.guests.run] {
                all.union_with(set);
            }
            queue.extend(&world.guests.run);
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

    fn world(&mut self, root: ItemId, start: ItemId) -> Rc<World> {
        let krate = self.network.node(start).krate;
        if root != start
            && let Some(known) = self.worlds.get(&(krate, root))
        {
            return Rc::clone(known);
        }
        let reached = self.walk.run(root, self.network.view(krate), root == start);
        let reached = reached.numbers().clone();
        let world = Rc::new(World { reached, guests: self.walk.guests() });
        // That of a start is asked for once.
        if root != start {
            self.worlds.insert((krate, root), Rc::clone(&world));
        }
        world
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
