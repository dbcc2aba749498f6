//! Digests that come and go, hashed as a set: as a tree of two levels, so that little is hashed again where
//! few came or went. Must not show in which order that was.

use std::collections::BTreeMap;

use crate::{
    digest::{Digest, Fields},
    merkle::RECIPE_VERSION,
};

#[derive(Default)]
pub(crate) struct DigestTree {
    /// By the first byte of digests.
    branches: BTreeMap<u8, Branch>,
    digest: Option<Digest>,
}

#[derive(Default)]
struct Branch {
    /// How often each is there.
    digests: BTreeMap<Digest, usize>,
    digest: Option<Digest>,
}

impl DigestTree {
    pub(crate) fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    /// Adds a digest once more, or takes it away once.
    pub(crate) fn set(&mut self, digest: Digest, is_added: bool) {
        let byte = digest.as_bytes()[0];
        let branch = self.branches.entry(byte).or_default();
        (branch.digest, self.digest) = (None, None);
        let count = branch.digests.entry(digest).or_default();
        *count = if is_added { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            branch.digests.remove(&digest);
        }
        if branch.digests.is_empty() {
            self.branches.remove(&byte);
        }
    }

    /// Hashes the digests, each once.
    pub(crate) fn digest(&mut self) -> Digest {
        if let Some(known) = self.digest {
            return known;
        }
        let size: usize = self.branches.values().map(|it| it.digests.len()).sum();
        let digest = if size <= MAX_LEAF {
            let all = self.branches.values().flat_map(|it| it.digests.keys());
            leaf_digest(&all.collect::<Vec<_>>())
        } else {
            let branches = self.branches.values_mut().map(|branch| {
                let all = || leaf_digest(&branch.digests.keys().collect::<Vec<_>>());
                *branch.digest.get_or_insert_with(all)
            });
            tree_digest(&branches.collect::<Vec<_>>())
        };
        *self.digest.insert(digest)
    }
}

/// How many digests are hashed as they are.
pub(crate) const MAX_LEAF: usize = 256;

/// Hashes digests that are sorted, each once.
pub(crate) fn leaf_digest(digests: &[&Digest]) -> Digest {
    let mut fields = Fields::new(&format!("perennial set {RECIPE_VERSION}"));
    fields.digests(digests.iter().copied());
    fields.finish()
}

/// Hashes more by the digests of those that begin with one byte, ascending by that.
pub(crate) fn tree_digest(branches: &[Digest]) -> Digest {
    let mut fields = Fields::new(&format!("perennial tree {RECIPE_VERSION}"));
    fields.digests(branches.iter());
    fields.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(count: usize) -> Vec<Digest> {
        (0..count).map(|it| Digest::of_bytes(&it.to_le_bytes())).collect()
    }

    fn tree<'a>(digests: impl Iterator<Item = &'a Digest>) -> DigestTree {
        let mut tree = DigestTree::default();
        digests.for_each(|it| tree.set(*it, true));
        tree
    }

    #[test]
    fn what_came_before_does_not_show() {
        for count in [0, 1, 255, 256, 257, 258, 2000] {
            let digests = digests(count + 9);
            let mut expected = tree(digests[..count].iter());
            let mut other = tree(digests.iter().rev());
            other.digest();
            digests[count..].iter().for_each(|it| other.set(*it, false));
            assert_eq!(other.digest(), expected.digest(), "{count}");
        }
    }

    #[test]
    fn one_that_is_there_twice_counts_once_until_it_is_gone() {
        let digests = digests(300);
        let (mut once, mut twice) = (tree(digests.iter()), tree(digests.iter().chain(&digests)));
        assert_eq!(once.digest(), twice.digest());
        twice.set(digests[7], false);
        assert_eq!(once.digest(), twice.digest());
        twice.set(digests[7], false);
        assert_ne!(once.digest(), twice.digest());
    }
}
