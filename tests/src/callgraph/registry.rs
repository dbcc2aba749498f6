//! Finds the sources of published crates where cargo keeps them, and has cargo fetch them.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use super::{compile::cargo, error::Error};

/// The folders in which cargo unpacks published crates.
#[derive(Clone, Debug)]
pub struct Registry {
    folders: Vec<PathBuf>,
}

impl Registry {
    /// Finds cargo's folders by `CARGO_HOME`.
    ///
    /// # Errors
    ///
    /// Where there is no home folder.
    pub fn of_cargo() -> Result<Self, Error> {
        let home = env::var_os("CARGO_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(env::home_dir()?.join(".cargo")))
            .ok_or_else(|| Error::new("there is no home folder; set CARGO_HOME"))?;
        let entries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
        Ok(Self { folders: entries.map(|it| it.path()).collect() })
    }

    /// Returns the folders of all crates that were ever fetched.
    #[must_use]
    pub fn packages(&self) -> Vec<PathBuf> {
        let entries = self.folders.iter().flat_map(|it| fs::read_dir(it).into_iter().flatten());
        entries.flatten().map(|it| it.path()).filter(|it| it.join("Cargo.toml").is_file()).collect()
    }

    /// Returns a crate's folder: a folder with a manifest as it is, else a crate given as `name`,
    /// `name-version` or `name@version`; of several versions the last one by name.
    ///
    /// # Errors
    ///
    /// Where it was never fetched.
    pub fn find(&self, krate: &str) -> Result<PathBuf, Error> {
        let path = Path::new(krate);
        if path.join("Cargo.toml").is_file() {
            return path.canonicalize().map_err(|error| Error::at("find", path, error));
        }
        let wanted = krate.replace('@', "-");
        let mut found: Vec<PathBuf> = self
            .folders
            .iter()
            .flat_map(|it| fs::read_dir(it).into_iter().flatten().flatten())
            .map(|it| it.path())
            .filter(|it| {
                let name = it.file_name().and_then(|it| it.to_str()).unwrap_or_default();
                let version = name.strip_prefix(&wanted);
                version.is_some_and(|it| {
                    // `1.2.0` may be followed by what its build adds to it.
                    it.is_empty()
                        || it.starts_with('+')
                        || it.strip_prefix('-').is_some_and(is_version)
                })
            })
            .collect();
        found.sort();
        found.pop().ok_or_else(|| {
            Error::new(format!(
                "{krate} is not among cargo's sources; fetch it: --fetch NAME@VERSION"
            ))
        })
    }

    /// Has cargo fetch crates given as `name@version`, by way of a package that depends on them.
    ///
    /// # Errors
    ///
    /// Where the registry can't be reached or has no such version.
    pub fn fetch(krates: &[String], folder: &Path) -> Result<(), Error> {
        let package = folder.join("fetch");
        let mut manifest =
            "[package]\nname = \"fetch\"\nedition = \"2024\"\n\n[workspace]\n".to_owned();
        for (index, krate) in krates.iter().enumerate() {
            let (name, version) = krate
                .split_once('@')
                .ok_or_else(|| Error::new(format!("`{krate}` is not NAME@VERSION")))?;
            let _ = write!(
                manifest,
                "\n[dependencies.krate{index}]\npackage = \"{name}\"\nversion = \"={version}\"\n"
            );
        }
        let source = package.join("src/lib.rs");
        fs::create_dir_all(package.join("src"))
            .map_err(|error| Error::at("create", &package, error))?;
        for (path, text) in [(source, ""), (package.join("Cargo.toml"), &manifest)] {
            fs::write(&path, text).map_err(|error| Error::at("write", &path, error))?;
        }
        let _ = fs::remove_file(package.join("Cargo.lock"));
        cargo(&package, folder, &["fetch"])
    }
}

fn is_version(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_digit()) && text.contains('.')
}
