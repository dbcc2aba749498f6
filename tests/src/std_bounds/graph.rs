//! Which gated traits a bound may run: from a trait to its supertraits, to the bounds of its
//! associated types, and to what its impls ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::documentation::{Documentation, ItemKey, TraitFacts};

/// A set of gated traits, by their places in the list of them.
pub(crate) type Mask = u64;

/// From each trait to those that it may run.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    edges: BTreeMap<ItemKey, BTreeSet<ItemKey>>,
    masks: BTreeMap<ItemKey, Mask>,
}

impl Graph {
    /// Starts from the gated traits and what follows from each trait itself.
    pub(crate) fn new(documentation: &Documentation, gated: &[ItemKey]) -> Self {
        let masks = gated.iter().enumerate().map(|(bit, key)| (key.clone(), 1 << bit)).collect();
        let mut graph = Self { edges: BTreeMap::new(), masks };
        for (key, facts) in &documentation.traits {
            if !is_kept_to_std(facts) {
                graph.add_edges(key, &facts.bounds);
            }
        }
        graph
    }

    pub(crate) fn add_edges(&mut self, from: &ItemKey, to: &BTreeSet<ItemKey>) {
        self.edges.entry(from.clone()).or_default().extend(to.iter().cloned());
    }

    /// Adds gated traits to what a trait runs.
    pub(crate) fn add(&mut self, to: &ItemKey, mask: Mask) {
        *self.masks.entry(to.clone()).or_default() |= mask;
    }

    /// Follows the edges until nothing changes.
    pub(crate) fn settle(&mut self) {
        let mut changes = true;
        while changes {
            changes = false;
            for (from, targets) in &self.edges {
                let before = self.mask(from);
                let mask = targets.iter().fold(before, |mask, it| mask | self.mask(it));
                if mask != before {
                    changes = true;
                    self.masks.insert(from.clone(), mask);
                }
            }
        }
    }

    pub(crate) fn mask(&self, key: &ItemKey) -> Mask {
        self.masks.get(key).copied().unwrap_or_default()
    }

    pub(crate) fn of_all<'k>(&self, keys: impl IntoIterator<Item = &'k ItemKey>) -> Mask {
        keys.into_iter().fold(0, |mask, it| mask | self.mask(it))
    }
}

/// Tells whether only std implements a trait. What follows from it then holds for each impl by the
/// bounds of that impl, so that these say what a bound may run.
pub(crate) fn is_kept_to_std(facts: &TraitFacts) -> bool {
    facts.is_unstable || facts.is_sealed
}
