//! The copy of a crate that is measured: its manifest stands alone, and asks for no
//! dev-dependency that the library's own tests don't name.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use super::{compile::cargo, error::Error};

/// The folder in which crates are copied and compiled, for one process at a time.
#[derive(Debug)]
pub struct Workshop {
    folder: PathBuf,
    _turn: File,
}

/// A crate that can be measured.
#[derive(Clone, Debug)]
pub struct Subject {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The library's name in code.
    pub(crate) krate: String,
    pub(crate) folder: PathBuf,
    /// The library's root, relative to the folder.
    pub(crate) root: PathBuf,
}

impl Workshop {
    /// Opens a folder, and waits until no other process has it.
    ///
    /// # Errors
    ///
    /// Where it can't be created.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| Error::at("create", folder, error))?;
        let folder = folder.canonicalize().map_err(|error| Error::at("find", folder, error))?;
        let path = folder.join("lock");
        let turn = File::create(&path).map_err(|error| Error::at("create", &path, error))?;
        turn.lock().map_err(|error| Error::at("lock", &path, error))?;
        Ok(Self { folder, _turn: turn })
    }

    /// Returns the workshop's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns cargo's target folder.
    pub(crate) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// Copies a crate; `may_fetch` lets cargo fetch what its tests depend on.
    ///
    /// # Errors
    ///
    /// Where it can't be read, or has no library.
    pub fn copy(&self, source: &Path, may_fetch: bool) -> Result<Subject, Error> {
        let mut manifest = read_manifest(&source.join("Cargo.toml"))?;
        let text = |manifest: &toml::Table, section: &str, key: &str| {
            Some(manifest.get(section)?.get(key)?.as_str()?.to_owned())
        };
        let name = text(&manifest, "package", "name")
            .ok_or_else(|| Error::new(format!("{} has no package", source.display())))?;
        let version = text(&manifest, "package", "version").unwrap_or_default();
        let krate = text(&manifest, "lib", "name").unwrap_or_else(|| name.replace('-', "_"));
        let root: PathBuf =
            text(&manifest, "lib", "path").map_or_else(|| "src/lib.rs".into(), PathBuf::from);
        if !source.join(&root).is_file() {
            return Err(Error::new(format!("{name} has no library")));
        }
        let folder = self.folder.join("crates").join(&name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Error::at("remove", &folder, error))?;
        }
        copy(source, &folder)?;
        let sources = text_of(&folder.join(root.parent().unwrap_or(Path::new(""))));
        leave_alone(&mut manifest, &sources);
        write(&folder.join("Cargo.toml"), &manifest.to_string())?;
        let subject = Subject { name, version, krate, folder, root };
        if may_fetch {
            cargo(&subject.folder, &self.target(), &["fetch"])?;
        }
        Ok(subject)
    }
}

/// Makes a manifest that of a workspace of its own, without dev-dependencies that are not named.
fn leave_alone(manifest: &mut toml::Table, sources: &str) {
    // Link-time optimisation would change what is emitted, and when.
    manifest.remove("profile");
    manifest.entry("workspace").or_insert_with(|| toml::Table::new().into());
    let features = manifest.get("features").map(toml::Value::to_string).unwrap_or_default();
    let is_named = |key: &str| {
        contains_word(sources, &key.replace('-', "_")) || features.contains(&format!("{key}/"))
    };
    if let Some(it) = manifest.get_mut("dev-dependencies").and_then(toml::Value::as_table_mut) {
        it.retain(|key, _| is_named(key));
    }
    let targets = manifest.get_mut("target").and_then(toml::Value::as_table_mut);
    for target in targets.into_iter().flatten().filter_map(|(_, it)| it.as_table_mut()) {
        if let Some(it) = target.get_mut("dev-dependencies").and_then(toml::Value::as_table_mut) {
            it.retain(|key, _| is_named(key));
        }
    }
}

fn contains_word(text: &str, word: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}

fn read_manifest(path: &Path) -> Result<toml::Table, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::at("read", path, error))?;
    text.parse().map_err(|error| Error::at("parse", path, error))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|error| Error::at("write", path, error))
}

/// Copies a folder, without what a build or a lock of the original left there.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(|error| Error::at("create", to, error))?;
    for entry in fs::read_dir(from).map_err(|error| Error::at("read", from, error))?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            if !from.ends_with("target") && !from.ends_with(".git") {
                copy(&from, &to)?;
            }
        } else if !from.ends_with("Cargo.lock") {
            fs::copy(&from, &to).map_err(|error| Error::at("copy", &from, error))?;
        }
    }
    Ok(())
}

/// Returns the sources below a folder as one text.
fn text_of(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text += &text_of(&path);
        } else if path.extension().is_some_and(|it| it == "rs") {
            text += &fs::read_to_string(&path).unwrap_or_default();
            text.push('\n');
        }
    }
    text
}
