//! A case of the conformance suite: from a file in `tests/conformance` to a package before and
//! after an edit, and what must become of its functions. Knows nothing of perennial.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// An edit of a small package, and what it must do to its functions.
#[derive(Clone, Debug)]
pub struct Case {
    /// The theme (its folder) and its name, such as `paths/own_body`.
    pub name: String,
    /// What the edit is, in a sentence.
    pub why: String,
    /// Where the edit was seen first: repository, commit, file, title and licence.
    pub source: Option<String>,
    /// How the package can be compiled.
    pub compile: Compile,
    /// Functions whose result the edit changes, each with an expression that shows it.
    pub must_miss: BTreeMap<String, String>,
    /// Functions that the edit can't concern, each with an expression that shows it.
    pub must_hit: BTreeMap<String, String>,
    /// Functions that depend on what is no source, each with a word for it.
    pub must_be_reported: BTreeMap<String, String>,
    /// Texts by path, before the edit.
    pub before: BTreeMap<String, String>,
    /// Texts by path, after it.
    pub after: BTreeMap<String, String>,
}

/// How the package of a case can be compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Compile {
    /// As one crate without dependencies.
    Rustc,
    /// By cargo: it has dependencies, or its manifest is what is edited.
    Cargo,
    /// Not at all, with the reason.
    No(String),
}

/// A case as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    why: String,
    source: Option<String>,
    compile: Option<String>,
    #[serde(default)]
    must_miss: BTreeMap<String, String>,
    #[serde(default)]
    must_hit: BTreeMap<String, String>,
    #[serde(default)]
    must_be_reported: BTreeMap<String, String>,
    before: BTreeMap<String, String>,
    /// Files that are new or have a new text.
    #[serde(default)]
    after: BTreeMap<String, String>,
    /// Texts that are replaced where they stand once.
    #[serde(default)]
    edit: Vec<Edit>,
    /// Files that are gone.
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    file: String,
    from: String,
    to: String,
}

/// The manifest of a package that brings none.
const MANIFEST: &str =
    "[package]\nname = \"case\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";

impl Case {
    /// Reads all cases below a folder, sorted by name.
    ///
    /// # Panics
    ///
    /// Where a file can't be read or breaks the form.
    #[must_use]
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut cases: Vec<_> = entries(folder)
            .into_iter()
            .filter(|it| it.is_dir())
            .flat_map(|theme| entries(&theme))
            .map(|file| {
                let stem = file.with_extension("");
                let name = stem.strip_prefix(folder).expect("a file below the folder");
                let text = fs::read_to_string(&file).expect("a case is read");
                Self::parse(&name.to_str().expect("a name in UTF-8").replace('\\', "/"), &text)
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }

    fn parse(name: &str, text: &str) -> Self {
        let file: File = toml::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut before = file.before;
        before.entry("Cargo.toml".to_owned()).or_insert_with(|| MANIFEST.to_owned());
        let mut after = before.clone();
        for path in &file.remove {
            assert!(after.remove(path).is_some(), "{name}: there is no {path} to remove");
        }
        for Edit { file, from, to } in &file.edit {
            let text = after.get_mut(file).unwrap_or_else(|| panic!("{name}: no file {file}"));
            let count = text.matches(from.as_str()).count();
            assert_eq!(count, 1, "{name}: {from:?} stands {count} times in {file}");
            *text = text.replacen(from, to, 1);
        }
        after.extend(file.after);
        assert_ne!(before, after, "{name}: nothing is edited");
        let compile = match file.compile.as_deref() {
            None => Compile::Rustc,
            Some("cargo") => Compile::Cargo,
            Some(other) => Compile::No(
                other
                    .strip_prefix("no: ")
                    .unwrap_or_else(|| panic!("{name}: `compile` is \"cargo\" or \"no: reason\""))
                    .to_owned(),
            ),
        };
        Self {
            name: name.to_owned(),
            why: file.why,
            source: file.source,
            compile,
            must_miss: file.must_miss,
            must_hit: file.must_hit,
            must_be_reported: file.must_be_reported,
            before,
            after,
        }
    }

    /// Returns the theme, which is the first part of the name.
    #[must_use]
    pub fn theme(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Tells whether nothing but hits is asked for.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        !self.must_hit.is_empty() && self.must_miss.is_empty() && self.must_be_reported.is_empty()
    }
}

/// Writes files given by path and text into a folder.
///
/// # Panics
///
/// Where they can't be written.
pub(crate) fn write(folder: &Path, files: &BTreeMap<String, String>) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(path, text).expect("a file is written");
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|it| it.expect("an entry is read").path()).collect()
}

#[cfg(test)]
mod tests {
    use super::Case;

    #[test]
    fn edits_replace_what_stands_once_and_files_come_and_go() {
        let case = Case::parse(
            "t/c",
            "why = 'w'\nremove = ['b']\n[must_hit]\nf = 'f()'\n[before]\na = 'xyz'\nb = 'b'\n\
             [after]\nc = 'c'\n[[edit]]\nfile = 'a'\nfrom = 'y'\nto = 'Y'\n",
        );
        let after: Vec<_> = case.after.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(after[1..], [("a", "xYz"), ("c", "c")]);
        assert!(case.is_neutral());
        assert_eq!(case.theme(), "t");
    }
}
