//! Counts over pairs of functions: what the reference has, what of it was found, and what was added
//! needlessly.

use std::{collections::BTreeSet, ops::AddAssign};

use serde::Serialize;

use super::{
    reference::Reference,
    source::{FnId, Sources},
    table::Ours,
};

/// Counts over pairs of a start and another function, all of them in the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Functions that pairs start at.
    pub starts: usize,
    /// Of these, those whose key has the digest of the executable.
    pub widened: usize,
    /// Pairs of the reference that don't hang on a slot of a vtable.
    pub real: usize,
    /// Of these, pairs that the closure has.
    pub found: usize,
    /// Pairs of the reference that are missed at starts whose key is not widened: stale results.
    pub stale: usize,
    /// Pairs of the reference that do.
    pub by_slots: usize,
    /// Of these, pairs that the closure has.
    pub found_by_slots: usize,
    /// Pairs of a function and a constant that it needs.
    pub constants: usize,
    /// Of these, pairs that the closure has.
    pub found_constants: usize,
    /// Pairs that the reference doesn't have.
    pub unreal: usize,
    /// Of these, pairs that the closure has.
    pub needless: usize,
}

/// Counts by what the pairs start at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Functions of the library.
    pub lib: Counts,
    /// Functions of the library without type parameters.
    pub concrete: Counts,
    /// Functions that only tests have.
    pub test: Counts,
}

impl Counts {
    /// Returns how many per cent of the reference's pairs were found.
    #[must_use]
    pub fn recall(&self) -> f64 {
        percent(self.found, self.real, 100.0)
    }

    /// Returns how many per cent of the pairs by slots of vtables were found; all need not be.
    #[must_use]
    pub fn slot_recall(&self) -> f64 {
        percent(self.found_by_slots, self.by_slots, 100.0)
    }

    /// Returns how many per cent of the constants were found.
    #[must_use]
    pub fn constant_recall(&self) -> f64 {
        percent(self.found_constants, self.constants, 100.0)
    }

    /// Returns how many per cent of the other pairs were added.
    #[must_use]
    pub fn over(&self) -> f64 {
        percent(self.needless, self.unreal, 0.0)
    }
}

impl Figures {
    pub(crate) fn new(sources: &Sources, reference: &Reference, ours: &Ours) -> Self {
        let mut figures = Self::default();
        let nothing = BTreeSet::new();
        for (start, reach) in &reference.reaches {
            let row = ours.rows.get(start);
            let found = row.map_or(&nothing, |it| &it.reaches);
            let plainly = row.map_or(&nothing, |it| &it.reaches_plainly);
            let is_needless =
                |it: &&FnId| reference.reaches.contains_key(it) && !reach.contains(**it);
            let is_widened = row.is_some_and(|it| it.needs_executable);
            let real = &reach.surely;
            let missed = real.difference(found).count();
            let counts = Counts {
                starts: 1,
                widened: usize::from(is_widened),
                real: real.len(),
                found: real.len() - missed,
                stale: if is_widened { 0 } else { missed },
                by_slots: reach.by_slots.len(),
                found_by_slots: reach.by_slots.intersection(found).count(),
                constants: reach.constants.len(),
                found_constants: row
                    .map_or(0, |it| reach.constants.intersection(&it.constants).count()),
                unreal: reference.reaches.len() - 1 - real.len() - reach.by_slots.len(),
                needless: plainly.iter().filter(is_needless).count(),
            };
            let function = &sources[*start];
            if function.is_test {
                figures.test += counts;
            } else {
                figures.lib += counts;
                if function.is_concrete {
                    figures.concrete += counts;
                }
            }
        }
        figures
    }

    /// Returns the counts over all starts.
    #[must_use]
    pub fn all(&self) -> Counts {
        let mut all = self.lib;
        all += self.test;
        all
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self {
            starts,
            widened,
            real,
            found,
            stale,
            by_slots,
            found_by_slots,
            constants,
            found_constants,
            unreal,
            needless,
        } = other;
        self.starts += starts;
        self.widened += widened;
        self.real += real;
        self.found += found;
        self.stale += stale;
        self.by_slots += by_slots;
        self.found_by_slots += found_by_slots;
        self.constants += constants;
        self.found_constants += found_constants;
        self.unreal += unreal;
        self.needless += needless;
    }
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        let Self { lib, concrete, test } = other;
        self.lib += lib;
        self.concrete += concrete;
        self.test += test;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(crate) fn percent(part: usize, whole: usize, of_nothing: f64) -> f64 {
    if whole == 0 { of_nothing } else { 100.0 * part as f64 / whole as f64 }
}
