//! Which build a table is of: features, target and profile, as they are given to cargo. A value; it
//! reads nothing and asks no compiler.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    cfg::Configuration,
    error::Error,
    features,
    loader::{self, IsWanted},
    package::Package,
};

/// A build of a package, by the options that cargo takes.
///
/// # Examples
///
/// ```
/// use perennial_build::{Build, Table};
/// # fn main() -> Result<(), perennial_build::Error> {
/// let release = Build::new().release(true).every_target(true);
/// let table = Table::of_build(env!("CARGO_MANIFEST_DIR"), &release)?;
/// assert!(table.rows.iter().any(|it| it.target == "test it"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Build {
    features: Vec<String>,
    is_without_default_features: bool,
    has_all_features: bool,
    target: Option<Target>,
    is_release: bool,
    has_every_target: bool,
    cargo_home: Option<PathBuf>,
}

#[derive(Clone, Debug)]
struct Target {
    triple: String,
    options: BTreeSet<(String, Option<String>)>,
}

impl Build {
    /// Starts from what `cargo build` does without options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds features, as in `--features`. `dependency/feature` is accepted; what it does to the
    /// dependency is not known here.
    #[must_use]
    pub fn features(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.features.extend(names.into_iter().map(Into::into));
        self
    }

    /// Turns on the features that `default` names, as cargo does unless told otherwise.
    #[must_use]
    pub fn default_features(mut self, are_on: bool) -> Self {
        self.is_without_default_features = !are_on;
        self
    }

    /// Turns on all features of the package.
    #[must_use]
    pub fn all_features(mut self, are_on: bool) -> Self {
        self.has_all_features = are_on;
        self
    }

    /// Builds for a target: its triple, and what `rustc --print cfg --target TRIPLE` prints. Without
    /// it the target is the one that this crate was compiled for, of which less is known.
    #[must_use]
    pub fn target(mut self, triple: impl Into<String>, cfg: &str) -> Self {
        let options = cfg.lines().map(str::trim).filter(|it| !it.is_empty()).map(option).collect();
        self.target = Some(Target { triple: triple.into(), options });
        self
    }

    /// Builds with the profile `release` instead of `dev`.
    #[must_use]
    pub fn release(mut self, is_release: bool) -> Self {
        self.is_release = is_release;
        self
    }

    /// Takes in tests, examples and benches that don't mention perennial too, which no build script
    /// does.
    #[must_use]
    pub fn every_target(mut self, is_wanted: bool) -> Self {
        self.has_every_target = is_wanted;
        self
    }

    /// Expands macros of published packages, as build scripts do, whose sources cargo keeps in this folder:
    /// [`cargo_home`](crate::cargo_home). Without it their calls count by the names in them.
    #[must_use]
    pub fn cargo_home(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cargo_home = Some(folder.into());
        self
    }

    pub(crate) fn home(&self) -> Option<&Path> {
        self.cargo_home.as_deref()
    }

    pub(crate) fn features_asked(&self) -> &[String] {
        &self.features
    }

    pub(crate) fn triple(&self) -> Option<&str> {
        self.target.as_ref().map(|it| it.triple.as_str())
    }

    pub(crate) const fn profile(&self) -> &'static str {
        if self.is_release { "release" } else { "dev" }
    }

    pub(crate) fn is_wanted(&self) -> IsWanted {
        if self.has_every_target { |_, _| true } else { loader::may_memoize }
    }

    /// Resolves the features with the manifest's.
    pub(crate) fn configuration(&self, package: &Package) -> Result<Configuration, Error> {
        let host = || Configuration::of_host().target;
        let target = self.target.as_ref().map(|it| it.options.clone()).or_else(host);
        Ok(Configuration::new(target, Some(self.resolve(package)?)))
    }

    fn resolve(&self, package: &Package) -> Result<BTreeSet<String>, Error> {
        let known = features::all(&package.manifest);
        let dependencies = features::dependencies(&package.manifest);
        let mut names = BTreeSet::new();
        if self.has_all_features {
            names.extend(known.iter().map(String::as_str));
        }
        if !self.is_without_default_features {
            names.insert("default");
        }
        for asked in &self.features {
            let Some(name) = features::turned_on(asked) else { continue };
            let is_dependency = asked.contains('/') && dependencies.contains_key(name);
            if !known.contains(name) && name != "default" && !is_dependency {
                return Err(unknown(&package.folder, asked, &known));
            }
            names.insert(name);
        }
        // A dependency that an entry names need not be a feature.
        Ok(&features::enabled(&package.manifest, names) & &known)
    }
}

/// Reads `name` or `name="value"`.
fn option(line: &str) -> (String, Option<String>) {
    match line.split_once('=') {
        Some((name, value)) => {
            (name.trim().to_owned(), Some(value.trim().trim_matches('"').to_owned()))
        }
        None => (line.to_owned(), None),
    }
}

fn unknown(folder: &Path, asked: &str, known: &BTreeSet<String>) -> Error {
    let known: Vec<_> = known.iter().map(|it| format!("`{it}`")).collect();
    let listed = match known.join(", ").as_str() {
        "" => "it has none".to_owned(),
        known => format!("it has {known}"),
    };
    let message = format!("the package has no feature `{asked}`; {listed}");
    Error::feature(&folder.join("Cargo.toml"), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_rustc_prints_them() {
        assert_eq!(option("unix"), ("unix".to_owned(), None));
        let expected = ("target_os".to_owned(), Some("linux".to_owned()));
        assert_eq!(option("target_os=\"linux\""), expected);
        assert_eq!(option("target_env=\"\""), ("target_env".to_owned(), Some(String::new())));
    }
}
