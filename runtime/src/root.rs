//! Roots: which code a program uses. A store keeps one record a program, so that code which no
//! program uses any more can be told from code that one does.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

use crate::signature::Signature;

/// What a program said of itself.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Root {
    format: u32,
    /// The program's path.
    executable: String,
    /// Its length and time of change: another build starts a list of its own.
    len_bytes: u64,
    modified: u64,
    codes: BTreeSet<String>,
}

/// Adds a code signature to the record of the running program. Writes only where it is new.
pub(crate) fn record(folder: &Path, code: Signature) -> io::Result<()> {
    let executable = env::current_exe()?;
    let metadata = fs::metadata(&executable)?;
    let since = metadata.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
    let executable = executable.to_string_lossy().into_owned();
    let path = path_of(folder, &executable);
    let mut root = Root {
        format: 1,
        len_bytes: metadata.len(),
        modified: since.unwrap_or_default().as_secs(),
        executable,
        codes: BTreeSet::new(),
    };
    let before = fs::read(&path).ok().and_then(|it| ciborium::from_reader::<Root, _>(&it[..]).ok());
    if let Some(before) = before
        && (before.len_bytes, before.modified) == (root.len_bytes, root.modified)
    {
        root.codes = before.codes;
    }
    if !root.codes.insert(code.to_string()) {
        return Ok(());
    }
    let mut bytes = Vec::new();
    ciborium::into_writer(&root, &mut bytes).map_err(io::Error::other)?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    io::Write::write_all(&mut file, &bytes)?;
    file.persist(path)?;
    Ok(())
}

fn path_of(folder: &Path, executable: &str) -> PathBuf {
    folder.join(Signature::of_bytes(executable.as_bytes()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_one_program_gather_in_one_record() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = [b"a", b"b"].map(|it| Signature::of_bytes(it));
        for code in [a, b, a] {
            record(folder.path(), code).unwrap();
        }
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        let [Ok(file)] = &files[..] else { panic!("{files:?}") };
        let root: Root = ciborium::from_reader(&fs::read(file.path()).unwrap()[..]).unwrap();
        assert_eq!(root.codes, BTreeSet::from([a.to_string(), b.to_string()]));
    }
}
