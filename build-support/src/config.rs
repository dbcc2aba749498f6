//! What a build script can ask for beyond `generate()`.

use crate::{build_script, error::Error};

/// The options of the build step.
///
/// # Examples
///
/// ```no_run
/// // build.rs
/// fn main() {
///     perennial_build::Config::new().level(perennial_build::Level::Strict).generate();
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub(crate) level: Level,
}

/// What to do about code that the analysis cannot follow.
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

    /// Sets what to do about code that the analysis cannot follow.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Analyses the package and writes its table, as [`crate::generate`] does.
    pub fn generate(&self) {
        build_script::run(self);
    }

    /// Analyses the package and writes its table; leaves errors to the caller.
    ///
    /// # Errors
    ///
    /// Outside a build script, where a manifest cannot be read or the table not be written, and at
    /// [`Level::Strict`] where a memoized function reaches what cannot be followed.
    pub fn try_generate(&self) -> Result<(), Error> {
        build_script::generate(self)
    }
}
