//! Which parts of the build context a package leaves out of its keys: names go in, records of the index
//! come out. Leaves nothing out itself; the macros do.

use std::collections::BTreeSet;

use crate::{emit::edit_distance, error::Error, package::Package};

/// A part of the build context that [`Config::relax`](crate::Config::relax) can leave out of keys.
///
/// Keys hold the whole context because any part of it can change a result. Who relaxes one says that it
/// doesn't change *theirs*. Nothing checks that: **a result that was computed in one build is served to
/// another that would have computed something else.** Builds that relax a part share results only with
/// builds that relax the same parts.
///
/// The edition and variables read by `env!` can't be relaxed: they are part of what the code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The compiler: version, commit and host.
    ///
    /// A result computed by one release of Rust is served to programs built by any other: with another
    /// std, whose algorithms, formatting and hashing may have changed, and other miscompilations. The
    /// risk is small from one patch release to the next, and grows with the distance.
    Compiler,
    /// The target's triple.
    ///
    /// A result computed for one system is served on others: with another width of `usize`, byte order,
    /// C library, and other results of floating-point functions. What `cfg(target_…)` takes out of the
    /// source stays in the key.
    Target,
    /// Whether debug assertions are compiled in.
    ///
    /// A result computed without them is served to builds in which an assertion would have panicked, and
    /// code behind `cfg(debug_assertions)` counts as the same in both.
    DebugAssertions,
    /// Whether arithmetic panics where it overflows.
    ///
    /// A result computed with wrapped-around numbers is served to builds in which the computation would
    /// have panicked.
    OverflowChecks,
    /// The other `-C` flags that are in keys, such as `target-cpu`, `target-feature` and `panic`, and the
    /// processor behind `target-cpu=native`.
    ///
    /// A result computed with one instruction set is served to builds for another: code that asks for
    /// features at compile time takes another way, and floats may be fused or rounded differently.
    CodegenFlags,
    /// All `-Z` flags.
    ///
    /// A result computed with an unstable feature of the compiler is served to builds without it. What
    /// such flags change is nobody's promise.
    UnstableFlags,
    /// The features and other `cfg`s of the build, for functions that reach code that mentions one.
    ///
    /// A result computed with one set of features is served to builds with another, although other code
    /// runs there. Conditions on the package's own features that the build script can decide still count
    /// by the source that they leave.
    Cfgs,
    /// The build units of all dependencies.
    ///
    /// A result computed with one version, feature set or profile of a dependency is served to builds
    /// with any other, bug fixes included. [`Config::relax_dependency`](crate::Config::relax_dependency)
    /// does this for one.
    Dependencies,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Compiler => "compiler",
            Self::Target => "target",
            Self::DebugAssertions => "debug-assertions",
            Self::OverflowChecks => "overflow-checks",
            Self::CodegenFlags => "codegen",
            Self::UnstableFlags => "unstable",
            Self::Cfgs => "cfg",
            Self::Dependencies => "dependencies",
        }
    }
}

/// All that a package relaxes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Relaxation {
    parts: BTreeSet<Part>,
    /// By the names under which the code knows them.
    dependencies: BTreeSet<String>,
}

impl Relaxation {
    pub(crate) fn add(&mut self, part: Part) {
        self.parts.insert(part);
    }

    pub(crate) fn add_dependency(&mut self, name: &str) {
        self.dependencies.insert(name.replace('-', "_"));
    }

    /// Tells whether a dependency's unit stays out of keys.
    pub(crate) fn covers(&self, dependency: &str) -> bool {
        self.parts.contains(&Part::Dependencies) || self.dependencies.contains(dependency)
    }

    /// The records of the index, each as its fields.
    pub(crate) fn records(&self) -> impl Iterator<Item = Vec<&str>> {
        let parts = self.parts.iter().map(|it| vec!["relax", it.name()]);
        parts.chain(self.dependencies.iter().map(|it| vec!["relax", "dependency", it]))
    }

    /// Checks that every dependency is one, and has a unit.
    pub(crate) fn check(&self, package: &Package) -> Result<(), Error> {
        let complain =
            |message| Err(Error::relaxation(&package.folder.join("Cargo.toml"), message));
        for name in &self.dependencies {
            match package.dependencies.get(name) {
                Some(it) if it.path.is_some() => {
                    return complain(format!(
                        "relax_dependency(\"{name}\"): `{name}` is a path dependency, whose code counts \
                         function by function; take the call out of build.rs"
                    ));
                }
                Some(_) => {}
                None => return complain(unknown(name, package)),
            }
        }
        Ok(())
    }
}

fn unknown(name: &str, package: &Package) -> String {
    let names = package.dependencies.keys();
    let nearest = names.min_by_key(|it| (edit_distance(it, name), it.as_str()));
    let message =
        format!("relax_dependency(\"{name}\"): the package has no dependency of that name");
    match nearest {
        Some(it) if edit_distance(it, name) <= 1 + name.len() / 3 => {
            format!("{message}; did you mean relax_dependency(\"{it}\")?")
        }
        Some(_) => {
            let all: Vec<_> = package.dependencies.keys().map(|it| format!("`{it}`")).collect();
            format!("{message}; it has {}", all.join(", "))
        }
        None => format!("{message}; it has none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(name: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\n\
                        rand-core = \"1\"\nbeside = { path = \"../beside\" }\n";
        std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        let mut relaxation = Relaxation::default();
        relaxation.add_dependency(name);
        let error = relaxation.check(&Package::read(folder.path()).unwrap()).err()?;
        assert!(error.is_relaxation() && error.path().is_some());
        Some(error.to_string())
    }

    #[test]
    fn a_dependency_that_is_relaxed_must_be_one_with_a_unit() {
        assert_eq!(complaint("rand-core"), None);
        assert_eq!(complaint("rand_core"), None);
        assert!(complaint("randcore").unwrap().ends_with("mean relax_dependency(\"rand_core\")?"));
        assert!(complaint("serde").unwrap().ends_with("it has `beside`, `rand_core`"));
        assert!(complaint("beside").unwrap().contains("is a path dependency"));
    }

    #[test]
    fn records_are_in_order() {
        let mut relaxation = Relaxation::default();
        relaxation.add_dependency("b-c");
        relaxation.add(Part::OverflowChecks);
        relaxation.add(Part::Compiler);
        let records: Vec<_> = relaxation.records().map(|it| it.join(" ")).collect();
        let expected = ["relax compiler", "relax overflow-checks", "relax dependency b_c"];
        assert_eq!(records, expected);
        assert!(relaxation.covers("b_c") && !relaxation.covers("a"));
    }
}
