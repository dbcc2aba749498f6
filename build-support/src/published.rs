//! Which sources of published packages a build compiles, as far as a lock file is certain to be in
//! force. A package goes in, folders of its dependencies come out.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
};

use crate::{
    cargo_home::{self, CargoHome},
    lock::Lock,
    package::Package,
};

/// The lock of a build, and where its packages lie.
#[derive(Debug, Default)]
pub(crate) struct Published {
    found: Option<(CargoHome, Rc<Lock>)>,
    /// Files that may take packages from elsewhere.
    configurations: Vec<PathBuf>,
    /// No other lock can be in force.
    pub(crate) is_certain: bool,
    package: PathBuf,
}

impl Published {
    /// Takes the lock in `root` for that of a build of a package there. Nothing is found where another is
    /// in force: the package lies in cargo's own folder, or is built below another lock.
    pub(crate) fn of(
        home: Option<CargoHome>,
        root: &Path,
        lock: Rc<Lock>,
        package: &Package,
        out_dir: Option<&Path>,
    ) -> Self {
        let Some(home) = home else { return Self::default() };
        // Cargo's target folder lies in that of the lock, unless something says otherwise.
        let is_locked = |it: &&Path| it.join("Cargo.lock").is_file();
        let around = out_dir.map(|it| it.ancestors().find(is_locked));
        let is_in_force = !matches!(around, Some(Some(it)) if it != root);
        if !is_in_force || home.contains(&package.folder) {
            return Self::default();
        }
        let folders = [root, &package.folder];
        let configurations: Vec<_> =
            folders.iter().flat_map(|it| home.configurations(it)).collect();
        let is_replaced = configurations.iter().any(|it| cargo_home::replaces(it));
        Self {
            found: (!is_replaced).then_some((home, lock)),
            configurations,
            is_certain: around != Some(None),
            package: package.folder.clone(),
        }
    }

    /// Returns the files of cargo's configuration that may decide.
    pub(crate) fn configurations(&self) -> &[PathBuf] {
        &self.configurations
    }

    /// Returns the folders of the dependencies of a package, by the names that its code has for them.
    pub(crate) fn dependencies(&self, package: &Package) -> BTreeMap<String, PathBuf> {
        let Some((home, lock)) = &self.found else { return BTreeMap::new() };
        // The units of the package's own dependencies will tell of their sources.
        if !self.is_certain && package.folder != self.package {
            return BTreeMap::new();
        }
        let published = package.dependencies.iter().filter(|(_, it)| {
            // A path says itself where the source is.
            it.path.is_none() && !it.is_ambiguous
        });
        let folder = |(name, it): (&String, &crate::package::Dependency)| {
            let version = lock.published(package, &it.package)?;
            Some((name.clone(), home.source(&it.package, version)?))
        };
        published.filter_map(folder).collect()
    }
}
