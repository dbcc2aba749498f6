//! What a build script can ask for beyond `generate()`.

use std::collections::BTreeMap;

use crate::{
    build_script,
    error::Error,
    kind::Kind,
    relaxation::{Part, Relaxation},
};

/// The options of the build step.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// fn main() {
///     use perennial_build::{Config, Kind, Level};
///     Config::new().level(Level::Strict).level_of(Kind::ForeignFunction, Level::Warn).generate();
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    level: Level,
    levels: BTreeMap<Kind, Level>,
    relaxation: Relaxation,
}

/// What to do about code that the analysis cannot follow, and about state that code reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Say nothing. Keys are as wide as at the other levels.
    Trust,
    /// Print warnings where a memoized function is concerned.
    #[default]
    Warn,
    /// Fail the build where a memoized function is concerned.
    Strict,
}

impl Config {
    /// Starts from the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what to do about code that the analysis cannot follow and about state that code reads,
    /// where [`Config::level_of`] says nothing else.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Sets what to do about one kind.
    #[must_use]
    pub fn level_of(mut self, kind: Kind, level: Level) -> Self {
        self.levels.insert(kind, level);
        self
    }

    /// Leaves a part of the build context out of the keys of this package's functions. The part's
    /// documentation says what can go wrong.
    ///
    /// Two profiles share results, as long as nothing of a dependency is reached, if they relax
    /// [`Part::DebugAssertions`] and [`Part::OverflowChecks`]:
    ///
    /// ```no_run
    /// use perennial_build::{Config, Part};
    /// Config::new().relax(Part::DebugAssertions).relax(Part::OverflowChecks).generate();
    /// ```
    #[must_use]
    pub fn relax(mut self, part: Part) -> Self {
        self.relaxation.add(part);
        self
    }

    /// Leaves the build unit of one dependency out, by the name that code or manifest has for it.
    ///
    /// A result computed with one version, feature set or profile of it, **or of anything below it**, is
    /// served to builds with any other. What other dependencies use of it still counts with their units.
    #[must_use]
    pub fn relax_dependency(mut self, name: &str) -> Self {
        self.relaxation.add_dependency(name);
        self
    }

    pub(crate) fn relaxation(&self) -> &Relaxation {
        &self.relaxation
    }

    pub(crate) fn level_for(&self, kind: Kind) -> Level {
        self.levels.get(&kind).copied().unwrap_or(self.level)
    }

    /// Analyses the package and writes its table, as [`crate::generate`] does.
    pub fn generate(&self) {
        build_script::run(self);
    }

    /// Analyses the package and writes its table; leaves errors to the caller.
    ///
    /// # Errors
    ///
    /// Outside a build script, where a manifest cannot be read or the table not be written, where a
    /// dependency is relaxed that the package doesn't have, and at
    /// [`Level::Strict`] where a memoized function reaches what cannot be followed, or state, and has not
    /// settled it.
    pub fn try_generate(&self) -> Result<(), Error> {
        build_script::generate(self)
    }
}
