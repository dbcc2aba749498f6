//! Removing entries from a folder that other threads and processes read and write.
//!
//! A reader has an entry open or finds none. A writer's file bears no signature before it is whole, so that it is
//! never taken for an entry; it keeps its folder from being empty. Writers that find no folder make one.

use std::{fs, io, path::Path};

use super::{FileStore, VERSION, is_absence};
use crate::{error::Result, name::EntryName, signature::Signature};

impl FileStore {
    /// Removes the entries of all calls of one code, and the folders between, once they are empty.
    pub(super) fn remove_calls(&self, code: Signature) -> Result<u64> {
        let folder = self.folder.join(VERSION).join(code.to_string());
        let mut count = 0;
        for first in 0..=u8::MAX {
            let folder = folder.join(format!("{first:02x}"));
            for call in self.calls_in(&folder)? {
                count += u64::from(self.unlink(&self.path_of(&EntryName::of_call(code, call)))?);
            }
            // It stays where something is left in it, and where there is none.
            let _ = fs::remove_dir(folder);
        }
        Ok(count)
    }

    /// Removes a file, and tells whether there was one.
    pub(super) fn unlink(&self, path: &Path) -> Result<bool> {
        match fs::remove_file(path) {
            Ok(()) => Ok(true),
            Err(error) if is_absence(&error) => Ok(false),
            Err(error) => Err(self.failure("remove", path, error)),
        }
    }

    /// Lists what bears a signature in a folder; none where there is no folder.
    fn calls_in(&self, folder: &Path) -> Result<Vec<Signature>> {
        let failed = |error| self.failure("list", folder, error);
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries.collect::<io::Result<Vec<_>>>().map_err(failed)?,
            Err(error) if is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        Ok(entries.iter().filter_map(|it| it.file_name().to_str()?.parse().ok()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicBool, Ordering::Relaxed},
        thread,
    };

    use super::*;
    use crate::{Manifest, MemoryStore, Store};

    const CODE: Signature = Signature::from_bytes([1; 32]);

    fn call(number: u64) -> EntryName {
        EntryName::of_call(CODE, Signature::of_bytes(&number.to_le_bytes()))
    }

    fn files_below(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            if entry.path().is_dir() {
                found.extend(files_below(&entry.path()));
            } else {
                found.push(entry.path());
            }
        }
        found.sort();
        found
    }

    #[test]
    fn entries_are_removed_alone_and_by_code_from_every_store() {
        let folder = tempfile::tempdir().unwrap();
        let memory: std::sync::Arc<dyn Store> = std::sync::Arc::new(MemoryStore::new());
        let stores: [Box<dyn Store>; 2] =
            [Box::new(memory), Box::new(FileStore::new(folder.path()))];
        let other: EntryName = EntryName::of_call(Signature::of_bytes(b"other"), CODE);
        let misplaced: EntryName =
            format!("{CODE}/00/{}", Signature::from_bytes([9; 32])).parse().unwrap();
        for store in stores {
            assert!(!store.remove(&call(0)).unwrap());
            assert_eq!(store.remove_code(CODE).unwrap(), 0);
            (0..1000).for_each(|it| store.write(&call(it), b"payload").unwrap());
            for it in [&other, &misplaced] {
                store.write(it, b"payload").unwrap();
            }
            assert!(store.remove(&call(7)).unwrap() && !store.exists(&call(7)).unwrap());
            assert!(!store.remove(&call(7)).unwrap() && store.exists(&call(8)).unwrap());
            assert_eq!(store.remove_code(CODE).unwrap(), 999);
            assert_eq!(store.remove_code(CODE).unwrap(), 0);
            assert!(store.exists(&other).unwrap() && store.exists(&misplaced).unwrap());
            store.write(&call(7), b"again").unwrap();
            assert_eq!(store.read(&call(7)).unwrap(), b"again");
        }
    }

    #[test]
    fn what_is_no_entry_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        let manifest = Manifest { function: "f", code: CODE, context: "", items: "", sources: "" };
        store.note_code(&manifest).unwrap();
        let before = files_below(folder.path());
        assert_eq!(before.len(), 3, "tag, manifest and root");
        store.write(&call(1), b"payload").unwrap();
        let between = store.path_of(&call(1)).parent().unwrap().to_owned();
        let written = between.join(".new-abcdef");
        fs::write(&written, "another process writes it").unwrap();
        assert_eq!(store.remove_code(CODE).unwrap(), 1);
        assert!(written.exists());
        fs::remove_file(written).unwrap();
        assert_eq!(store.remove_code(CODE).unwrap(), 0);
        assert!(!between.exists(), "an empty folder is removed");
        assert_eq!(files_below(folder.path()), before);
    }

    #[test]
    fn what_cannot_be_removed_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        let path = store.path_of(&call(1));
        fs::create_dir_all(&path).unwrap();
        for error in [store.remove(&call(1)).unwrap_err(), store.remove_code(CODE).unwrap_err()] {
            assert!(error.is_io() && error.path() == Some(&path), "{error}");
        }
        assert!(path.exists());
    }

    /// Whoever may write anyway, as the superuser may, is not kept from it.
    #[cfg(unix)]
    #[test]
    fn a_read_only_folder_is_an_error_with_the_path_of_the_entry() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        store.write(&call(1), b"payload").unwrap();
        let path = store.path_of(&call(1));
        let between = path.parent().unwrap();
        let allow = |mode| fs::set_permissions(between, fs::Permissions::from_mode(mode)).unwrap();
        allow(0o500);
        if fs::write(between.join("probe"), "").is_err() {
            for error in [store.remove(&call(1)).unwrap_err(), store.remove_code(CODE).unwrap_err()]
            {
                assert!(error.is_io() && error.path() == Some(&path), "{error}");
            }
            assert!(path.exists());
        }
        allow(0o700);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_removed_and_not_what_it_leads_to() {
        let [folder, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let store = FileStore::new(folder.path());
        let target = elsewhere.path().join("target");
        fs::write(&target, "elsewhere").unwrap();
        let path = store.path_of(&call(1));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        assert_eq!(store.remove_code(CODE).unwrap(), 1);
        assert!(!path.exists() && target.exists());
    }

    #[test]
    fn writers_and_removers_at_once_disturb_nobody() {
        let folder = tempfile::tempdir().unwrap();
        // As two processes: with nothing in common but the folder.
        let stores = [(); 2].map(|()| FileStore::new(folder.path()));
        let is_done = AtomicBool::new(false);
        let removed = thread::scope(|scope| {
            let remover = scope.spawn(|| {
                let mut removed = 0;
                while !is_done.load(Relaxed) {
                    removed += stores[0].remove_code(CODE).unwrap();
                }
                removed
            });
            let writers: Vec<_> = (0..3u64)
                .map(|writer| {
                    let store = &stores[1];
                    scope.spawn(move || {
                        for number in 0..400 {
                            let name = call(1000 * writer + number);
                            store.write(&name, b"payload").unwrap();
                            let found = store.lookup(&name).unwrap();
                            assert!(found.is_none_or(|it| it == b"payload"));
                        }
                    })
                })
                .collect();
            let written: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
            // Also where one failed: else the remover goes on.
            is_done.store(true, Relaxed);
            assert!(written.iter().all(Result::is_ok));
            remover.join().unwrap()
        });
        let left = files_below(&folder.path().join("v1")).len() as u64;
        // Each was written once, and removed at most once.
        assert_eq!(removed + left, 1200);
        assert_eq!(stores[0].remove_code(CODE).unwrap(), left);
        assert!(files_below(&folder.path().join("v1")).is_empty());
    }
}
