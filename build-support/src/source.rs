//! Stage 2: source files, read once. The only stage of the analysis that reads the disk.

use std::{
    collections::BTreeMap,
    fs,
    path::{Component, Path, PathBuf},
};

use crate::digest::Digest;

/// Index of a file among those read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FileId(pub(crate) u32);

/// A file that the table depends on.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    /// The path relative to the package, with `/`; below `OUT_DIR` it begins with `$OUT_DIR/`.
    pub(crate) label: String,
    /// The file exists and can be read.
    pub(crate) is_readable: bool,
    /// Of its bytes; of none where it can't be read.
    pub(crate) digest: Digest,
    text: Option<String>,
}

impl SourceFile {
    /// Returns what stands in the file; `None` where that isn't UTF-8, or can't be read.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// All files read so far, by path.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: Vec<SourceFile>,
    by_path: BTreeMap<PathBuf, FileId>,
    package: PathBuf,
    out_dir: Option<PathBuf>,
}

impl Sources {
    /// Labels of files will be relative to `package`.
    pub(crate) fn new(package: &Path, out_dir: Option<&Path>) -> Self {
        Self {
            package: package.to_owned(),
            out_dir: out_dir.map(Path::to_owned),
            ..Self::default()
        }
    }

    /// Reads a file, or returns it if it was read before. A missing one is remembered as missing.
    pub(crate) fn read(&mut self, path: &Path) -> FileId {
        let path = plain(path);
        if let Some(id) = self.by_path.get(&path) {
            return *id;
        }
        let bytes = fs::read(&path).ok();
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(SourceFile {
            label: self.label(&path),
            digest: Digest::of_bytes(bytes.as_deref().unwrap_or_default()),
            is_readable: bytes.is_some(),
            text: bytes.and_then(|it| String::from_utf8(it).ok()),
            path: path.clone(),
        });
        self.by_path.insert(path, id);
        id
    }

    pub(crate) fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub(crate) fn all(&self) -> &[SourceFile] {
        &self.files
    }

    pub(crate) fn out_dir(&self) -> Option<&Path> {
        self.out_dir.as_deref()
    }

    /// Names a path independently of where the package lies.
    pub(crate) fn label(&self, path: &Path) -> String {
        if let Some(rest) = self.out_dir.as_deref().and_then(|it| path.strip_prefix(it).ok()) {
            return format!("$OUT_DIR/{}", slashed(rest));
        }
        for (ups, base) in self.package.ancestors().enumerate() {
            if let Ok(rest) = path.strip_prefix(base) {
                return "../".repeat(ups) + &slashed(rest);
            }
        }
        slashed(path)
    }
}

/// Removes `.` and `..` by name, so that one file has one path.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !result.pop() {
                    result.push("..");
                }
            }
            other => result.push(other),
        }
    }
    result
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_relative_to_the_package_and_never_absolute() {
        let sources = Sources::new(Path::new("/w/app"), Some(Path::new("/w/target/out")));
        assert_eq!(sources.label(Path::new("/w/app/src/lib.rs")), "src/lib.rs");
        assert_eq!(sources.label(Path::new("/w/core/src/lib.rs")), "../core/src/lib.rs");
        assert_eq!(sources.label(Path::new("/w/target/out/gen.rs")), "$OUT_DIR/gen.rs");
    }

    #[test]
    fn plain_paths_have_no_dots() {
        assert_eq!(plain(Path::new("/w/app/./src/../core/a.rs")), Path::new("/w/app/core/a.rs"));
    }
}
