//! Digests by number and in order: equal digests have one number.

use fixedbitset::FixedBitSet;

use crate::{digest::Digest, program::ItemId};

pub(crate) struct Ranking {
    /// Each once.
    sorted: Vec<Digest>,
    /// By item: the place of its digest among those.
    ranks: Vec<u32>,
}

impl Ranking {
    /// Ranks items by digests, one an item.
    pub(crate) fn new(digests: &[Digest]) -> Self {
        let mut sorted = digests.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let rank = |it: &Digest| {
            let found = sorted.binary_search(it).expect("all are among them");
            u32::try_from(found).expect("fewer than 2^32 items")
        };
        let ranks = digests.iter().map(rank).collect();
        Self { sorted, ranks }
    }

    /// Items of equal digests have equal ranks.
    pub(crate) fn of(&self, id: ItemId) -> u32 {
        self.ranks[id.index()]
    }

    pub(crate) fn rank(&self, item: usize) -> usize {
        self.ranks[item] as usize
    }

    pub(crate) fn digest(&self, rank: u32) -> Digest {
        self.sorted[rank as usize]
    }

    /// Returns the digests by their ranks, which is sorted.
    pub(crate) fn all(&self) -> &[Digest] {
        &self.sorted
    }

    /// Returns how many items there are.
    pub(crate) fn items(&self) -> usize {
        self.ranks.len()
    }

    /// Returns those that share their digest with another one of them.
    pub(crate) fn doubles(&self, ids: impl Iterator<Item = ItemId> + Clone) -> FixedBitSet {
        let mut counts = vec![0_u32; self.sorted.len()];
        ids.clone().for_each(|it| counts[self.rank(it.index())] += 1);
        ids.filter(|it| counts[self.rank(it.index())] > 1).map(ItemId::index).collect()
    }
}
