//! Where a walk stands, without causes. Another walk whose root reaches that one's root can begin there.

use fixedbitset::FixedBitSet;

use crate::{program::ItemId, view::View, walk::Walk};

#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Those of all marks, what is reached first.
    words: Box<[usize]>,
    runs_foreign_code: bool,
    has_derivers: bool,
    /// How many items are reached.
    pub(crate) size: usize,
}

impl Snapshot {
    pub(crate) fn contains(&self, id: ItemId) -> bool {
        let bits = usize::BITS as usize;
        self.words[id.index() / bits] >> (id.index() % bits) & 1 == 1
    }
}

impl<'n> Walk<'n> {
    /// Returns where a walk stands that has ended, and that admits nothing.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let size = self.reached().count_ones(..);
        let (runs_foreign_code, has_derivers) = (self.runs_foreign_code, self.has_derivers);
        let words = self.marks().map(|it| &*it.as_mut_slice()).concat().into();
        Snapshot { words, runs_foreign_code, has_derivers, size }
    }

    /// Stands where another walk ended.
    pub(crate) fn begin_at(&mut self, snapshot: &Snapshot, view: &'n View) {
        let mut rest = &*snapshot.words;
        for mark in self.marks().map(FixedBitSet::as_mut_slice) {
            let (words, others) = rest.split_at(mark.len());
            mark.copy_from_slice(words);
            rest = others;
        }
        self.runs_foreign_code = snapshot.runs_foreign_code;
        self.has_derivers = snapshot.has_derivers;
        self.admitted.clear();
        self.view = view;
    }
}
