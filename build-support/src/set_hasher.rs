//! Digests of sets of items. A set is hashed as a tree, so that of one that differs little from the one
//! before little is hashed again. Must not show which set came before.

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    digest::Digest,
    digest_tree::{MAX_LEAF, leaf_digest, tree_digest},
    item_sets::different,
    ranking::Ranking,
};

pub(crate) struct SetHasher {
    pub(crate) ranking: Ranking,
    /// The set that was hashed last.
    items: FixedBitSet,
    /// How many items of that set have a digest, by its rank.
    counts: Vec<u32>,
    /// How many digests there are.
    size: usize,
    /// By the first byte of digests.
    branches: Vec<Branch>,
    /// Of all of them, as long as none changes.
    digest: Option<Digest>,
}

/// Digests that begin with one byte.
#[derive(Default)]
struct Branch {
    /// The rank of the first of them.
    first: usize,
    /// Those of items in the set.
    present: FixedBitSet,
    digest: Option<Digest>,
    known: HashMap<FixedBitSet, Digest>,
}

impl SetHasher {
    /// Makes one for the items that are ranked.
    pub(crate) fn new(ranking: Ranking) -> Self {
        let digests = ranking.all();
        let branch = |byte: u8| {
            let first = digests.partition_point(|it| it.as_bytes()[0] < byte);
            let end = digests.partition_point(|it| it.as_bytes()[0] <= byte);
            let present = FixedBitSet::with_capacity(end - first);
            Branch { first, present, ..Branch::default() }
        };
        Self {
            branches: (0..=u8::MAX).map(branch).collect(),
            size: 0,
            counts: vec![0; digests.len()],
            items: FixedBitSet::with_capacity(ranking.items()),
            digest: None,
            ranking,
        }
    }

    /// Hashes the digests of the items of a set, each once:
    ///
    /// 1. the recipe's name and version; 2. the sorted digests as one field, or, where they are more than
    ///    256, for each first byte that there is, ascending, a digest of those that begin with it.
    pub(crate) fn digest(&mut self, items: &FixedBitSet) -> Digest {
        self.change_to(items);
        if let Some(known) = self.digest {
            return known;
        }
        let digest = self.digest_of_branches();
        *self.digest.insert(digest)
    }

    fn digest_of_branches(&mut self) -> Digest {
        if self.size <= MAX_LEAF {
            let all = self.branches.iter().flat_map(|it| it.digests(&self.ranking));
            return leaf_digest(&all.collect::<Vec<_>>());
        }
        let mut digests = Vec::new();
        for branch in &mut self.branches {
            if !branch.present.is_clear() {
                digests.push(branch.digest(&self.ranking));
            }
        }
        tree_digest(&digests)
    }

    fn change_to(&mut self, items: &FixedBitSet) {
        let (ranking, branches, counts) = (&self.ranking, &mut self.branches, &mut self.counts);
        let (size, digest) = (&mut self.size, &mut self.digest);
        let mut set = |item: usize, is_added: bool| {
            let rank = ranking.rank(item);
            let count = &mut counts[rank];
            let is_changed = if is_added { *count == 0 } else { *count == 1 };
            *count = if is_added { *count + 1 } else { *count - 1 };
            if is_changed {
                *size = if is_added { *size + 1 } else { *size - 1 };
                let branch = &mut branches[usize::from(ranking.all()[rank].as_bytes()[0])];
                branch.present.set(rank - branch.first, is_added);
                (branch.digest, *digest) = (None, None);
            }
        };
        different(items, &self.items).for_each(|it| set(it, items.contains(it)));
        self.items.clone_from(items);
    }
}

impl Branch {
    fn digests<'r>(&self, ranking: &'r Ranking) -> impl Iterator<Item = &'r Digest> {
        self.present.ones().map(|it| &ranking.all()[self.first + it])
    }

    fn digest(&mut self, ranking: &Ranking) -> Digest {
        if let Some(known) = self.digest {
            return known;
        }
        let digest = self.known.get(&self.present).copied().unwrap_or_else(|| {
            let digest = leaf_digest(&self.digests(ranking).collect::<Vec<_>>());
            if self.known.len() == MAX_KNOWN {
                self.known.clear();
            }
            self.known.insert(self.present.clone(), digest);
            digest
        });
        *self.digest.insert(digest)
    }
}

/// How much of what was hashed is remembered for each first byte.
const MAX_KNOWN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_set_came_before_does_not_show() {
        let digests: Vec<_> =
            (0..3000_usize).map(|it| Digest::of_bytes(&(it % 2500).to_le_bytes())).collect();
        let sets = [0..3000, 0..10, 5..256, 0..257, 100..2700, 0..0, 2400..2600, 100..2700];
        let mut hasher = SetHasher::new(Ranking::new(&digests));
        for set in sets {
            let mut bits = FixedBitSet::with_capacity(3000);
            bits.insert_range(set.clone());
            let alone = SetHasher::new(Ranking::new(&digests)).digest(&bits);
            assert_eq!(hasher.digest(&bits), alone, "{set:?}");
        }
    }
}
