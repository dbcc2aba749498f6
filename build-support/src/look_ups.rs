//! Stage 4, of names whose meanings depend on each other: imports may go in circles. A name goes in, what it
//! means in a module comes out. Look-ups that lead to each other are finished as one, when none of them finds
//! anything new: what they find is the least that fits together, whichever is asked for first. Must not let
//! anything that is not finished hide a name, or what is found later could take back what was found before.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use rustc_hash::FxHashMap as HashMap;

use crate::{
    program::{Definition, ModuleId, Namespace},
    resolve::Resolver,
};

/// The answers, and the questions on the way to them.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    finished: HashMap<Question, Rc<Found>>,
    /// In the order in which they were opened. Each leads to all behind it, as in Tarjan's algorithm.
    open: Vec<LookUp>,
    places: HashMap<Question, usize>,
    /// Places of those that are being worked out, each for the one before.
    running: Vec<usize>,
    /// How often something new was found.
    changes: u64,
}

/// A name that is looked up in a module, by whom.
type Question = (ModuleId, Rc<str>, Namespace, ModuleId);

/// What a name means in a module, and the `cfg`s that this depends on.
#[derive(Clone, Debug, Default)]
struct Found {
    definitions: BTreeSet<Definition>,
    cfgs: BTreeSet<String>,
}

/// A look-up that is not finished.
#[derive(Debug)]
struct LookUp {
    question: Question,
    found: Rc<Found>,
    /// The first one that it leads to, as far as is known.
    first: usize,
    /// The others that it has read, with the changes that there had been by then.
    read: BTreeMap<usize, u64>,
    /// How often it has read others.
    reads: usize,
    /// Which change was its last.
    changed: u64,
}

impl Resolver<'_> {
    /// Looks a name up among what a module defines and imports.
    pub(crate) fn member(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
    ) -> Vec<Definition> {
        self.member_for(module, name, namespace, module)
    }

    /// The same, of what can be seen from another module.
    pub(crate) fn member_for(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
        viewer: ModuleId,
    ) -> Vec<Definition> {
        let question = (module, Rc::from(name), namespace, viewer);
        let known = self.look_ups.borrow_mut().answer(&question);
        let found = known.unwrap_or_else(|| self.look_up(&question));
        self.cfgs.borrow_mut().extend(found.cfgs.iter().cloned());
        found.definitions.iter().cloned().collect()
    }

    /// How often the look-up that is being worked out has read others that are not finished. Where it has read
    /// none in between, what was found is final.
    pub(crate) fn reads(&self) -> usize {
        self.look_ups.borrow().reads()
    }

    /// While a look-up is open, what is found may be partial, so that it is not kept.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.look_ups.borrow().open.is_empty()
    }

    /// Looks up what nobody has asked for. It stays open where it leads to one that was opened before.
    fn look_up(&self, question: &Question) -> Rc<Found> {
        let before = self.take_cfgs();
        let place = self.look_ups.borrow_mut().open(question.clone());
        let mut next = Some(place);
        while let Some(at) = next {
            self.work_out(at);
            next = self.look_ups.borrow_mut().next(place, at);
        }
        self.cfgs.replace(before);
        let mut look_ups = self.look_ups.borrow_mut();
        look_ups.finish(place);
        look_ups.answer(question).expect("it is finished, or open for another one")
    }

    /// Finds what a look-up leads to, with what is known of others.
    fn work_out(&self, place: usize) {
        let (module, name, namespace, viewer) = self.look_ups.borrow_mut().begin(place);
        let (found, is_defined) = self.explicit(module, &name, namespace, Some(viewer));
        let mut definitions = BTreeSet::from_iter(found);
        if !is_defined || self.is_conditional(module, &name) {
            definitions.extend(self.through_globs(module, &name, namespace, viewer));
            definitions.extend(self.defined_by_macros(module, &name));
        }
        self.look_ups.borrow_mut().end(Found { definitions, cfgs: self.take_cfgs() });
    }
}

impl LookUps {
    /// Forgets the answers.
    pub(crate) fn forget(&mut self) {
        self.finished.clear();
    }

    /// Returns what is known. The look-up that is being worked out depends on it from now on.
    fn answer(&mut self, question: &Question) -> Option<Rc<Found>> {
        if let Some(found) = self.finished.get(question) {
            return Some(Rc::clone(found));
        }
        let place = *self.places.get(question)?;
        let reader = *self.running.last()?;
        if reader == place {
            // An import can't be what its own path begins with, and a name that comes back as it is says
            // nothing new.
            return Some(Rc::default());
        }
        let (found, first) = (Rc::clone(&self.open[place].found), self.open[place].first);
        let reader = &mut self.open[reader];
        reader.first = reader.first.min(first);
        reader.read.entry(place).or_insert(self.changes);
        reader.reads += 1;
        Some(found)
    }

    fn reads(&self) -> usize {
        self.running.last().map_or(0, |it| self.open[*it].reads)
    }

    /// Returns the place of a new look-up.
    fn open(&mut self, question: Question) -> usize {
        let place = self.open.len();
        self.places.insert(question.clone(), place);
        self.open.push(LookUp {
            question,
            found: Rc::default(),
            first: place,
            read: BTreeMap::new(),
            reads: 0,
            changed: 0,
        });
        place
    }

    fn begin(&mut self, place: usize) -> Question {
        self.running.push(place);
        self.open[place].read.clear();
        self.open[place].question.clone()
    }

    /// Ends what was begun last. What had been found before stays found.
    fn end(&mut self, found: Found) {
        let place = self.running.pop().expect("one was begun");
        let known = &mut self.open[place].found;
        if !found.definitions.is_subset(&known.definitions) || !found.cfgs.is_subset(&known.cfgs) {
            let known = Rc::make_mut(known);
            known.definitions.extend(found.definitions);
            known.cfgs.extend(found.cfgs);
            self.changes += 1;
            self.open[place].changed = self.changes;
        }
    }

    /// Returns which of those from a place on has to be worked out after another of them, since it has read
    /// what has changed meanwhile. They take turns from the last to the first, as what they find is passed on.
    fn next(&mut self, place: usize, after: usize) -> Option<usize> {
        self.open[place].first = self.open[place].first.min(self.open[after].first);
        if self.open[place].first < place {
            // All of them are left to the one that they lead to.
            return None;
        }
        let is_outdated = |it: &usize| {
            self.open[*it].read.iter().any(|(read, by)| self.open[*read].changed > *by)
        };
        (place..after).rev().chain((after..self.open.len()).rev()).find(is_outdated)
    }

    /// Finishes all from a place on, unless they lead to one before.
    fn finish(&mut self, place: usize) {
        if self.open[place].first < place {
            return;
        }
        for look_up in self.open.drain(place..) {
            self.places.remove(&look_up.question);
            self.finished.insert(look_up.question, look_up.found);
        }
    }
}
