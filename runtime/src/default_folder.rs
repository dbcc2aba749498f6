//! Where results lie when nobody says where: `PERENNIAL_DIR`, else the user's cache folder, else a
//! folder among the temporary ones, if it is surely this user's.

use std::{env, fs, io, path::Path, sync::Arc};

use crate::{file_store::FileStore, no_store::NoStore, store::Store};

/// Makes the store that is in force unless the program sets another.
pub(crate) fn store() -> Arc<dyn Store> {
    if let Some(folder) = env::var_os("PERENNIAL_DIR").filter(|it| !it.is_empty()) {
        return Arc::new(FileStore::new(folder));
    }
    match dirs::cache_dir() {
        Some(folder) => Arc::new(FileStore::new(folder.join("perennial"))),
        None => temporary(&env::temp_dir()),
    }
}

/// Without a home there is still a place that this user's processes share. Its name is known to all,
/// so that somebody else may have made it, to read results or to plant some.
fn temporary(base: &Path) -> Arc<dyn Store> {
    let folder = base.join("perennial");
    match claim(&folder) {
        Ok(()) => Arc::new(FileStore::new(folder)),
        Err(error) => Arc::new(NoStore::new(folder, error.to_string())),
    }
}

/// Makes the folder, or makes sure that it is this user's alone.
#[cfg(unix)]
fn claim(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // What this process makes is its user's.
    let own = tempfile::tempfile()?.metadata()?.uid();
    let found = fs::symlink_metadata(folder)?;
    let for_others = found.mode() & 0o077;
    if found.is_dir() && found.uid() == own && for_others == 0 {
        Ok(())
    } else {
        Err(io::Error::other("there is no home, and this folder is not the user's alone"))
    }
}

/// Elsewhere temporary folders are the user's own.
#[cfg(not(unix))]
fn claim(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::name::EntryName;

    fn name() -> EntryName {
        "a".parse().unwrap()
    }

    #[test]
    fn a_folder_of_ones_own_is_used_again() {
        let base = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            temporary(base.path()).write(&name(), b"payload").unwrap();
        }
        assert!(base.path().join("perennial/v1/a").is_file());
    }

    #[test]
    fn a_folder_that_others_can_reach_is_not_used() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("perennial");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
        let store = temporary(base.path());
        let error = store.write(&name(), b"payload").unwrap_err();
        assert!(error.is_io() && error.path() == Some(folder.as_path()), "{error:?}");
        assert!(error.chain().contains("PERENNIAL_DIR"), "{error:?}");
        assert!(store.lookup(&name()).unwrap().is_none());
        fs::remove_dir(&folder).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        symlink(elsewhere.path(), &folder).unwrap();
        assert!(temporary(base.path()).write(&name(), b"payload").is_err());
        assert!(fs::read_dir(elsewhere.path()).unwrap().next().is_none());
    }
}
