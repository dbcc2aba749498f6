//! Paths of files as text has them, made comparable. Touches no disk.

use std::path::{Component, Path, PathBuf};

/// Returns a path without `.` and, where a name stands before it, without `..`.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            _ => plain.push(component),
        }
    }
    plain
}

/// Returns a file of debug information relative to the package, if it lies in it.
pub(crate) fn in_package(package: &Path, directory: &str, file: &str) -> Option<PathBuf> {
    let path = without_dots(&Path::new(directory).join(file));
    path.strip_prefix(package).ok().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_package_are_relative_and_others_are_none() {
        let package = Path::new("/work/demo");
        let inside = in_package(package, "/work/demo", "src/a/../b.rs");
        assert_eq!(inside, Some(PathBuf::from("src/b.rs")));
        assert_eq!(in_package(package, "/work/demo", "/work/demo/x.rs"), Some("x.rs".into()));
        assert_eq!(in_package(package, "/rustc/1", "library/core/src/hint.rs"), None);
    }
}
