//! Where walks begin: whatever a root names it reaches with all that this reaches, so that its walk can
//! begin where one from there ended, and goes over the rest only. Must not begin at anything that a
//! root does not surely reach.

use crate::{
    cause::{Cause, Reason},
    network::Network,
    program::{ItemId, KrateId},
    snapshot::Snapshot,
    walk::Walk,
};

/// How many items a walk goes over before it is worth it to keep where it ends.
const WORTH_KEEPING: usize = 32;

/// Ends of walks with what one crate sees.
pub(crate) struct Bases<'n> {
    network: &'n Network,
    krate: KrateId,
    /// That of what is reached from everywhere first.
    snapshots: Vec<Snapshot>,
    /// By item.
    by_item: Vec<Base>,
}

#[derive(Clone, Copy, Debug)]
enum Base {
    Unknown,
    /// What it names is being looked at.
    Pending,
    /// The item reaches all that was reached there; by the number of the snapshot.
    Known(usize),
}

impl<'n> Bases<'n> {
    pub(crate) fn new(walk: &mut Walk<'n>, network: &'n Network, krate: KrateId) -> Self {
        walk.clear(network.view(krate));
        walk.begin(ItemId::new(0));
        walk.go_on();
        let by_item = vec![Base::Unknown; network.nodes.len()];
        Self { network, krate, snapshots: vec![walk.snapshot()], by_item }
    }

    pub(crate) fn krate(&self) -> KrateId {
        self.krate
    }

    /// Walks from a root without its type parameters. The walk goes on from there.
    pub(crate) fn walk(&mut self, walk: &mut Walk<'n>, root: ItemId) {
        if let Base::Known(base) = self.by_item[root.index()] {
            self.walk_from(base, walk, root);
            return;
        }
        let view = self.network.view(self.krate);
        self.by_item[root.index()] = Base::Pending;
        let mut open = vec![(root, 0)];
        while let Some((id, next)) = open.last_mut() {
            if let Some(target) = self.network.node(*id).references.get(*next) {
                *next += 1;
                if matches!(self.by_item[target.index()], Base::Unknown) && view.contains(*target) {
                    self.by_item[target.index()] = Base::Pending;
                    open.push((*target, 0));
                }
                continue;
            }
            let id = *id;
            open.pop();
            let base = self.largest_below(id);
            // It is reached by what it reaches: the two reach the same.
            let is_there = self.snapshots[base].contains(id) && id != root;
            let is_kept = !is_there && self.walk_from(base, walk, id) > WORTH_KEEPING;
            self.by_item[id.index()] = Base::Known(if is_kept {
                self.snapshots.push(walk.snapshot());
                self.snapshots.len() - 1
            } else {
                base
            });
        }
    }

    fn walk_from(&self, base: usize, walk: &mut Walk<'n>, root: ItemId) -> usize {
        walk.begin_at(&self.snapshots[base], self.network.view(self.krate));
        walk.reach(root, Cause { from: root, reason: Reason::Start });
        walk.go_on()
    }

    fn largest_below(&self, id: ItemId) -> usize {
        let node = self.network.node(id);
        let named = node.references.iter().chain(&node.traits_in_scope);
        let known = named.filter_map(|it| match self.by_item[it.index()] {
            Base::Known(base) => Some(base),
            Base::Unknown | Base::Pending => None,
        });
        known.max_by_key(|it| self.snapshots[*it].size).unwrap_or(0)
    }
}
