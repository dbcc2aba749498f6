//! Stage 4, of names whose meanings depend on each other: imports may go in circles. A question goes in,
//! what was found for it comes out. Look-ups that lead back to each other are finished together, when none
//! of them finds anything new; what is found does not depend on which of them is asked for first.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use rustc_hash::FxHashMap as HashMap;

use crate::program::{Definition, ModuleId, Namespace};

/// A name that is looked up in a module, by whom.
pub(crate) type LookUp = (ModuleId, Rc<str>, Namespace, ModuleId);

/// What a name means in a module, and the `cfg`s that this depends on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) definitions: BTreeSet<Definition>,
    pub(crate) cfgs: BTreeSet<String>,
}

/// The answers, and the questions on the way to them.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    finished: HashMap<LookUp, Rc<Found>>,
    /// In the order in which they were begun. Each leads to all behind it that are not finished with it.
    open: Vec<Open>,
    places: HashMap<LookUp, usize>,
    /// Places of those that are being worked out, each for the one before.
    running: Vec<usize>,
    changes: u64,
}

/// A look-up that may lead back to one begun before.
#[derive(Debug)]
struct Open {
    question: LookUp,
    found: Rc<Found>,
    /// The first one that it is known to lead to.
    first: usize,
    /// What it has read of others that are open, with the number of changes that there had been.
    read: BTreeMap<usize, u64>,
    /// How often it read them.
    reads: usize,
    /// When something was found last.
    changed: u64,
}

impl LookUps {
    /// Returns what is known. The one that is being worked out depends on it from now on.
    pub(crate) fn answer(&mut self, question: &LookUp) -> Option<Rc<Found>> {
        if let Some(found) = self.finished.get(question) {
            return Some(Rc::clone(found));
        }
        let place = *self.places.get(question)?;
        let reader = *self.running.last()?;
        if reader == place {
            // A name never stands for what is found through itself.
            return Some(Rc::default());
        }
        let (found, first) = (Rc::clone(&self.open[place].found), self.open[place].first);
        let reader = &mut self.open[reader];
        reader.first = reader.first.min(first);
        reader.read.entry(place).or_insert(self.changes);
        reader.reads += 1;
        Some(found)
    }

    /// Opens a look-up, and returns its place.
    pub(crate) fn open(&mut self, question: LookUp) -> usize {
        let place = self.open.len();
        self.places.insert(question.clone(), place);
        self.open.push(Open {
            question,
            found: Rc::default(),
            first: place,
            read: BTreeMap::new(),
            reads: 0,
            changed: 0,
        });
        place
    }

    /// Begins to work out an open look-up, once more or for the first time.
    pub(crate) fn begin(&mut self, place: usize) -> LookUp {
        self.running.push(place);
        self.open[place].read.clear();
        self.open[place].question.clone()
    }

    /// Ends what was begun last. What had been found before stays found.
    pub(crate) fn end(&mut self, found: Found) {
        let place = self.running.pop().expect("one was begun");
        let open = &mut self.open[place];
        let is_new = !found.definitions.is_subset(&open.found.definitions)
            || !found.cfgs.is_subset(&open.found.cfgs);
        if is_new {
            let all = Rc::make_mut(&mut open.found);
            all.definitions.extend(found.definitions);
            all.cfgs.extend(found.cfgs);
            self.changes += 1;
            open.changed = self.changes;
        }
    }

    /// Tells whether a look-up leads to none that was begun before it.
    pub(crate) fn is_first(&self, place: usize) -> bool {
        self.open[place..].iter().all(|it| it.first >= place)
    }

    /// The next one to work out again, from a place on, after another: one that has read what has changed
    /// since. They take turns from the last to the first, since what is found goes that way.
    pub(crate) fn outdated(&self, place: usize, after: usize) -> Option<usize> {
        let is_outdated = |open: &Open| {
            open.read.iter().any(|(place, changes)| self.open[*place].changed > *changes)
        };
        let turns = (place..after).rev().chain((after..self.open.len()).rev());
        turns.into_iter().find(|it| is_outdated(&self.open[*it]))
    }

    /// Finishes all from a place on.
    pub(crate) fn finish(&mut self, place: usize) {
        for open in self.open.drain(place..) {
            self.places.remove(&open.question);
            self.finished.insert(open.question, open.found);
        }
    }

    /// How often the one that is being worked out has read others that are not finished. Where nothing was
    /// read in between, what was found is final.
    pub(crate) fn reads(&self) -> usize {
        self.running.last().map_or(0, |it| self.open[*it].reads)
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.open.is_empty()
    }

    /// Forgets the answers.
    pub(crate) fn forget(&mut self) {
        self.finished.clear();
    }
}
