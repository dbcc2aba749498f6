//! What a start reaches, itself included, each item with the step that led to it first.

use crate::{cause::Cause, cause_map::CauseMap, program::ItemId};

/// Sorted by item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached(Vec<(ItemId, Cause)>);

impl Reached {
    pub(crate) fn new(causes: &CauseMap) -> Self {
        Self(causes.iter().map(|(number, cause)| (ItemId::new(number), cause)).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ItemId, Cause)> {
        self.0.iter().copied()
    }

    /// Returns the steps that lead from the start to an item, the item's own first; none where it is
    /// not reached.
    pub(crate) fn chain_to(&self, item: ItemId) -> Vec<(ItemId, Cause)> {
        let mut chain: Vec<(ItemId, Cause)> = Vec::new();
        let mut next = item;
        while let Ok(at) = self.0.binary_search_by_key(&next, |it| it.0) {
            let step = self.0[at];
            chain.push(step);
            if step.1.from == step.0 {
                break;
            }
            next = step.1.from;
        }
        chain
    }
}
