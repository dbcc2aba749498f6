//! Cargo's own folder: a package of crates.io goes in, the folder with the sources that cargo compiles
//! comes out. Reads cargo's configuration; what that replaces is not found.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::Table;

/// How the folders begin in which cargo unpacks packages of crates.io, by its two protocols; releases of
/// cargo put different digests behind the first. Any host can have other registries behind the second.
const CRATES_IO: [&str; 2] = ["index.crates.io-", "github.com-1ecc6299db9ec823"];

/// `CARGO_HOME`.
#[derive(Clone, Debug)]
pub(crate) struct CargoHome {
    folder: PathBuf,
    /// Where crates.io is unpacked.
    registries: Vec<PathBuf>,
}

impl CargoHome {
    /// Looks into the folder; without packages in it there is nothing to find.
    pub(crate) fn of(folder: &Path) -> Self {
        let entries = fs::read_dir(folder.join("registry/src")).into_iter().flatten().flatten();
        let is_of_crates_io = |it: &PathBuf| {
            let name = it.file_name().unwrap_or_default().to_string_lossy();
            CRATES_IO.iter().any(|it| name.starts_with(it))
        };
        let mut registries: Vec<_> = entries.map(|it| it.path()).filter(is_of_crates_io).collect();
        registries.sort();
        Self { registries, folder: folder.to_owned() }
    }

    /// Returns the folder of a published package, if it was ever fetched. What is published never changes,
    /// so that of several any will do.
    pub(crate) fn source(&self, name: &str, version: &str) -> Option<PathBuf> {
        let mut folders = self.registries.iter().map(|it| it.join(format!("{name}-{version}")));
        // Cargo writes it last.
        folders.find(|it| it.join(".cargo-ok").is_file())
    }

    /// Tells whether a folder lies among what cargo keeps, so that no lock beside it counts.
    pub(crate) fn contains(&self, folder: &Path) -> bool {
        let home = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        folder.starts_with(home) || folder.starts_with(&self.folder)
    }

    /// Returns the configuration files that cargo reads in a folder.
    pub(crate) fn configurations(&self, folder: &Path) -> Vec<PathBuf> {
        let folders = folder.ancestors().map(|it| it.join(".cargo")).chain([self.folder.clone()]);
        let files = folders.flat_map(|it| ["config.toml", "config"].map(|name| it.join(name)));
        files.filter(|it| it.is_file()).collect()
    }
}

/// Tells whether a configuration may take a package from elsewhere than the lock says.
pub(crate) fn replaces(configuration: &Path) -> bool {
    let text = fs::read_to_string(configuration).unwrap_or_default();
    let Ok(table) = text.parse::<Table>() else { return true };
    // Another file may hold any of these.
    ["paths", "source", "patch", "include"].iter().any(|it| table.contains_key(*it))
}
