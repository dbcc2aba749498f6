//! The first cause of each of many numbers. Cleared for each start, which has to cost little.

use fixedbitset::FixedBitSet;

use crate::{
    cause::{Cause, Reason},
    program::ItemId,
};

#[derive(Debug)]
pub(crate) struct CauseMap {
    present: FixedBitSet,
    /// Old ones stay behind, unseen.
    causes: Vec<Cause>,
}

impl CauseMap {
    /// Makes a map of the numbers below a length.
    pub(crate) fn new(length: usize) -> Self {
        let none = Cause { from: ItemId::new(0), reason: Reason::Start };
        Self { present: FixedBitSet::with_capacity(length), causes: vec![none; length] }
    }

    /// Keeps the cause if it is the number's first, and tells whether it is.
    pub(crate) fn insert(&mut self, number: usize, cause: Cause) -> bool {
        let is_first = !self.present.put(number);
        if is_first {
            self.causes[number] = cause;
        }
        is_first
    }

    pub(crate) fn contains(&self, number: usize) -> bool {
        self.present.contains(number)
    }

    pub(crate) fn get(&self, number: usize) -> Option<Cause> {
        self.contains(number).then(|| self.causes[number])
    }

    pub(crate) fn numbers(&self) -> &FixedBitSet {
        &self.present
    }

    /// Returns the numbers with their causes, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Cause)> {
        self.present.ones().map(|it| (it, self.causes[it]))
    }

    /// Of numbers that come in by this the cause is unknown.
    pub(crate) fn numbers_mut(&mut self) -> &mut FixedBitSet {
        &mut self.present
    }
}
