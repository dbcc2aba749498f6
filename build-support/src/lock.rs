//! From a `Cargo.lock` to the packages behind a dependency, and all below them. A lock counts only
//! where it lists the package as one of its own: published crates lie below the locks of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use crate::{error::Error, package, package::Package};

/// What a lock calls the registry that cargo knows by itself.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// The packages that a build of one package uses, as locked.
#[derive(Debug, Default)]
pub(crate) struct Lock {
    packages: Vec<Locked>,
    /// Indices by name.
    by_name: BTreeMap<String, Vec<usize>>,
    /// The package itself, where a lock lists it.
    own: Option<usize>,
}

#[derive(Debug)]
struct Locked {
    /// Name, version, and where it comes from.
    label: String,
    name: String,
    version: String,
    source: Option<String>,
    /// A registry's digest of the package, for one that nothing replaces.
    checksum: Option<String>,
    /// As written: `name`, `name version` or `name version (source)`.
    dependencies: Vec<String>,
}

/// Returns the folder whose manifest and lock decide for a package: its workspace's, where that
/// lists it, else its own.
pub(crate) fn root(package: &Package) -> Result<(PathBuf, Lock), Error> {
    let workspace = package::workspace_table(&package.folder)?.map(|(folder, _)| folder);
    for folder in workspace.iter().chain([&package.folder]) {
        let lock = Lock::read(&folder.join("Cargo.lock"), package)?;
        if lock.own.is_some() {
            return Ok((folder.clone(), lock));
        }
    }
    Ok((package.folder.clone(), Lock::default()))
}

impl Lock {
    fn read(path: &Path, package: &Package) -> Result<Self, Error> {
        if !path.is_file() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
        Self::parse(&text, &package.name, &package.version)
            .map_err(|message| Error::manifest(path, message))
    }

    fn parse(text: &str, name: &str, version: &str) -> Result<Self, String> {
        let table: Table = text.parse().map_err(|error| format!("{error}"))?;
        let mut lock = Self::default();
        for entry in table.get("package").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| entry.get(key).and_then(Value::as_str);
            let (Some(name), Some(version)) = (text("name"), text("version")) else { continue };
            let source = text("source");
            let mut label = format!("{name} {version}");
            // A registry's checksum or a commit names the very sources.
            label.extend(source.iter().chain(&text("checksum")).flat_map(|it| [" ", it]));
            let dependencies = entry.get("dependencies").and_then(Value::as_array);
            let dependencies = dependencies.into_iter().flatten().filter_map(Value::as_str);
            lock.by_name.entry(name.to_owned()).or_default().push(lock.packages.len());
            lock.packages.push(Locked {
                label,
                name: name.to_owned(),
                version: version.to_owned(),
                source: source.map(str::to_owned),
                checksum: text("checksum").filter(|_| text("replace").is_none()).map(str::to_owned),
                dependencies: dependencies.map(str::to_owned).collect(),
            });
        }
        lock.own = lock
            .packages
            .iter()
            .position(|it| it.name == name && it.version == version && it.source.is_none());
        Ok(lock)
    }

    /// Returns the packages of that name that the package depends on, and all that these depend on,
    /// by name, version and source; nothing where the lock doesn't have it.
    pub(crate) fn below(&self, name: &str) -> BTreeSet<&str> {
        let own = self.own.into_iter().flat_map(|it| self.dependencies_of(it));
        let mut queue: Vec<_> = own.filter(|it| self.packages[*it].name == name).collect();
        let mut seen = BTreeSet::new();
        while let Some(index) = queue.pop() {
            if seen.insert(index) {
                queue.extend(self.dependencies_of(index));
            }
        }
        seen.into_iter().map(|it| self.packages[it].label.as_str()).collect()
    }

    /// Tells whether a dependency, or anything below it, is taken from a path although whoever asks
    /// for it does not say so: what `[patch]` does. The build unit does not tell of its sources.
    pub(crate) fn is_patched(&self, name: &str, is_by_path: bool) -> bool {
        let own = self.own.into_iter().flat_map(|it| self.dependencies_of(it));
        let mut queue: Vec<_> = own.filter(|it| self.packages[*it].name == name).collect();
        let is_local = |index: &usize| self.packages[*index].source.is_none();
        if !is_by_path && queue.iter().any(is_local) {
            return true;
        }
        let mut seen = BTreeSet::new();
        while let Some(index) = queue.pop() {
            if !seen.insert(index) {
                continue;
            }
            let below: Vec<_> = self.dependencies_of(index).collect();
            if !is_local(&index) && below.iter().any(is_local) {
                return true;
            }
            queue.extend(below);
        }
        false
    }

    /// Returns the version of a package of crates.io that another, which lies in a folder, depends on
    /// by that name. `None` where there are several, or where it comes from elsewhere.
    pub(crate) fn published(&self, from: &Package, name: &str) -> Option<&str> {
        let is_from = |it: &usize| {
            let locked = &self.packages[*it];
            locked.version == from.version && locked.source.is_none()
        };
        let mut from = self.by_name.get(&from.name)?.iter().copied().filter(is_from);
        let (from, None) = (from.next()?, from.next()) else { return None };
        let mut named = self.dependencies_of(from).filter(|it| self.packages[*it].name == name);
        let (found, None) = (named.next()?, named.next()) else { return None };
        let found = &self.packages[found];
        let is_published =
            CRATES_IO.contains(&found.source.as_deref()?) && found.checksum.is_some();
        is_published.then_some(found.version.as_str())
    }

    fn dependencies_of(&self, index: usize) -> impl Iterator<Item = usize> {
        self.packages[index].dependencies.iter().flat_map(move |it| {
            let mut words = it.split(' ');
            let named = self.by_name.get(words.next().unwrap_or_default());
            let version = words.next();
            let source = words.next().map(|it| it.trim_matches(['(', ')']));
            named.into_iter().flatten().copied().filter(move |it| {
                let locked = &self.packages[*it];
                let is_source = source.is_none_or(|it| {
                    locked.source.as_deref().is_some_and(|source| source.starts_with(it))
                });
                version.is_none_or(|it| locked.version == it) && is_source
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
        version = 4
        [[package]]
        name = "app"
        version = "1.0.0"
        dependencies = ["rand 0.9.0", "log"]
        [[package]]
        name = "rand"
        version = "0.8.0"
        source = "registry+index"
        [[package]]
        name = "rand"
        version = "0.9.0"
        source = "registry+index"
        checksum = "abc"
        dependencies = ["core"]
        [[package]]
        name = "core"
        version = "3.0.0"
        source = "git+there?tag=3#0123"
        dependencies = ["rand 0.9.0 (registry+index)"]
        [[package]]
        name = "log"
        version = "0.4.0"
    "#;

    #[test]
    fn a_dependency_stands_for_all_below_it_in_the_version_that_is_meant() {
        let lock = Lock::parse(LOCK, "app", "1.0.0").unwrap();
        let below = Vec::from_iter(lock.below("rand"));
        assert_eq!(below, ["core 3.0.0 git+there?tag=3#0123", "rand 0.9.0 registry+index abc"]);
        assert_eq!(Vec::from_iter(lock.below("log")), ["log 0.4.0"]);
        assert!(lock.below("core").is_empty());
    }

    #[test]
    fn a_patch_shows_as_a_package_without_source_below_one_that_has_one() {
        let lock = |patched: &str| {
            let text = LOCK.replace("name = \"core\"\n", &format!("name = \"{patched}\"\n"));
            Lock::parse(&text, "app", "1.0.0").unwrap()
        };
        assert!(!lock("core").is_patched("rand", false));
        // `log` is a path dependency, or else it is patched.
        assert!(!lock("core").is_patched("log", true) && lock("core").is_patched("log", false));
        let below = LOCK.replace("dependencies = [\"core\"]", "dependencies = [\"log\"]");
        assert!(Lock::parse(&below, "app", "1.0.0").unwrap().is_patched("rand", false));
    }

    #[test]
    fn a_lock_that_does_not_list_the_package_is_not_its_lock() {
        assert!(Lock::parse(LOCK, "app", "1.0.1").unwrap().own.is_none());
        assert!(Lock::parse(LOCK, "rand", "0.9.0").unwrap().own.is_none());
        assert!(Lock::parse("[[package]", "app", "1.0.0").is_err());
    }
}
