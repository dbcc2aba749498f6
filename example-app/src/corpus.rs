//! The files to compare: a folder in, texts out, in an order that does not depend on the disk.

use std::{fs, io, path::Path};

use walkdir::WalkDir;

/// A source file.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Its path below the folder, with `/`.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Files larger than this are mostly generated tables.
const MAX_LEN_BYTES: u64 = 256 * 1024;

/// Reads the largest `limit` Rust files below a folder. Files that are no text are passed over.
///
/// # Errors
///
/// Where the folder cannot be read.
pub(crate) fn read(folder: &Path, limit: usize) -> io::Result<Vec<SourceFile>> {
    fs::read_dir(folder).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot read {}: {error}", folder.display()))
    })?;
    let mut found: Vec<_> = WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|it| it.file_type().is_file())
        .filter(|it| it.path().extension().is_some_and(|it| it == "rs"))
        .filter_map(|it| Some((it.metadata().ok()?.len(), name(folder, it.path()), it.into_path())))
        .filter(|(len_bytes, _, _)| *len_bytes <= MAX_LEN_BYTES)
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.truncate(limit);
    found.sort_by(|a, b| a.1.cmp(&b.1));
    let shared = shared_folder(found.iter().map(|(_, name, _)| name.as_str()));
    found.iter_mut().for_each(|(_, name, _)| drop(name.drain(..shared)));
    Ok(found
        .into_iter()
        .filter_map(|(_, name, path)| {
            Some(SourceFile { name, text: fs::read_to_string(path).ok()? })
        })
        .collect())
}

fn name(folder: &Path, path: &Path) -> String {
    let rest = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = rest.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Returns the length of the folder at the start of all names.
fn shared_folder<'a>(names: impl Iterator<Item = &'a str>) -> usize {
    let common = |a: &'a str, b: &'a str| {
        let length = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
        a.get(..length).unwrap_or_default()
    };
    names.reduce(common).and_then(|it| it.rfind('/')).map_or(0, |it| it + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_files_are_read_in_the_order_of_their_names() {
        let folder = std::env::temp_dir().join(format!("example-app-{}", std::process::id()));
        for (name, text) in
            [("x/b.rs", "22"), ("x/a.rs", "333"), ("x/y/c.rs", "1"), ("x/d.txt", "4444")]
        {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let names = |limit| -> Vec<String> {
            read(&folder, limit).unwrap().into_iter().map(|it| it.name).collect()
        };
        assert_eq!(names(2), ["a.rs", "b.rs"]);
        assert_eq!(names(9), ["a.rs", "b.rs", "y/c.rs"]);
        fs::remove_dir_all(&folder).unwrap();
        assert!(read(&folder, 1).is_err());
    }

    #[test]
    fn only_whole_folders_are_shared() {
        assert_eq!(shared_folder(["a/bc/d", "a/be/f"].into_iter()), 2);
        assert_eq!(shared_folder(["a", "b"].into_iter()), 0);
    }
}
