//! Roots: which code a program uses. A store keeps one record for each build of a program, so that
//! code which no program uses any more can be told from code that one does.
//!
//! A record only grows, by appending: threads and processes that record at once lose nothing.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

use crate::signature::Signature;

/// What a program says of itself, at the beginning of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Program {
    format: u32,
    /// The program's path.
    executable: String,
    /// Its length and time of change: another build has a record of its own.
    len_bytes: u64,
    modified_nanos: u64,
}

impl Program {
    /// Describes the running program; none where its file is gone, for then no later run is of it.
    fn running() -> io::Result<Option<Self>> {
        let executable = env::current_exe()?;
        let metadata = match fs::metadata(&executable) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let since = metadata.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        Ok(Some(Self {
            format: 2,
            executable: executable.to_string_lossy().into_owned(),
            len_bytes: metadata.len(),
            modified_nanos: u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(0),
        }))
    }

    fn path_in(&self, folder: &Path) -> PathBuf {
        let name = Signature::of_fields(&[
            self.executable.as_bytes(),
            &self.len_bytes.to_le_bytes(),
            &self.modified_nanos.to_le_bytes(),
        ]);
        folder.join(name.to_string())
    }
}

/// Adds a code signature to the record of the running program.
pub(crate) fn record(folder: &Path, code: Signature) -> io::Result<()> {
    match Program::running()? {
        Some(program) => record_of(&program, folder, code),
        None => Ok(()),
    }
}

fn record_of(program: &Program, folder: &Path, code: Signature) -> io::Result<()> {
    let path = program.path_in(folder);
    let code = code.to_string();
    match read(&path) {
        Some((_, codes)) if codes.contains(&code) => return Ok(()),
        Some(_) => {}
        None => begin(program, folder, &path)?,
    }
    let mut item = Vec::new();
    ciborium::into_writer(&code, &mut item).map_err(io::Error::other)?;
    // One write, so that it comes whole between those of others.
    OpenOptions::new().append(true).open(path)?.write_all(&item)
}

/// Begins the record of a build, unless another process just did, and removes those of earlier builds.
fn begin(program: &Program, folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)?.filter_map(Result::ok) {
        let of_earlier_build = read(&entry.path())
            .is_some_and(|(it, _)| it.executable == program.executable && it != *program);
        if of_earlier_build {
            // What is left over says too much, never too little.
            let _ = fs::remove_file(entry.path());
        }
    }
    let mut bytes = Vec::new();
    ciborium::into_writer(program, &mut bytes).map_err(io::Error::other)?;
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    file.write_all(&bytes)?;
    match file.persist_noclobber(path) {
        Err(it) if it.error.kind() != io::ErrorKind::AlreadyExists => Err(it.error),
        _ => Ok(()),
    }
}

/// Reads a record: a program, and codes up to the end or to what a crash left there.
fn read(path: &Path) -> Option<(Program, Vec<String>)> {
    let bytes = fs::read(path).ok()?;
    let mut rest = &bytes[..];
    let program: Program = ciborium::from_reader(&mut rest).ok()?;
    let mut codes = Vec::new();
    while let Ok(code) = ciborium::from_reader(&mut rest) {
        codes.push(code);
    }
    Some((program, codes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn records(folder: &Path) -> Vec<(Program, Vec<String>)> {
        fs::read_dir(folder).unwrap().filter_map(|it| read(&it.unwrap().path())).collect()
    }

    #[test]
    fn codes_that_many_threads_record_at_once_gather_in_one_record() {
        let folder = tempfile::tempdir().unwrap();
        let codes: Vec<_> = (0..100u8).map(|it| Signature::of_bytes(&[it])).collect();
        std::thread::scope(|scope| {
            for code in &codes {
                scope.spawn(|| record(folder.path(), *code).unwrap());
            }
        });
        record(folder.path(), codes[0]).unwrap();
        let [(_, found)] = &records(folder.path())[..] else { panic!("one program, one record") };
        assert_eq!(found.len(), codes.len());
        let expected: BTreeSet<_> = codes.iter().map(Signature::to_string).collect();
        assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn another_build_of_a_program_starts_anew_and_other_programs_stay() {
        let folder = tempfile::tempdir().unwrap();
        let program = |executable: &str, len_bytes| {
            let executable = executable.to_owned();
            Program { format: 2, executable, len_bytes, modified_nanos: 1 }
        };
        let code = Signature::of_bytes(b"code");
        for program in [program("a", 1), program("b", 1), program("a", 2)] {
            record_of(&program, folder.path(), code).unwrap();
        }
        let mut left: Vec<_> = records(folder.path())
            .into_iter()
            .map(|(it, _)| (it.executable, it.len_bytes))
            .collect();
        left.sort();
        assert_eq!(left, [("a".to_owned(), 2), ("b".to_owned(), 1)]);
    }
}
