//! The default store: one gzip file an entry, in a folder. `docs/format.md` has the layout.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write as _},
    path::{self, Path, PathBuf},
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::{
    error::{Error, Result},
    gzip,
    manifest::Manifest,
    name::EntryName,
    root,
    signature::Signature,
    store::Store,
};

mod removal;

/// The folder of this version of the layout.
const VERSION: &str = "v1";
/// Where damaged entries go.
const QUARANTINE: &str = "quarantine";
/// What tells backup tools that the folder can be made again (bford.info/cachedir).
const CACHEDIR_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This folder holds results of memoized functions (perennial). It can be removed at any time.\n";
/// How often a folder is made that others remove.
const MAX_ATTEMPTS: u32 = 16;
/// How many damaged files are kept to be looked at.
const MAX_QUARANTINED: usize = 64;
/// The largest payload that is read or written, unless told otherwise.
const MAX_ENTRY_BYTES: u64 = 4 << 30;

/// Keeps entries as gzip files in a folder, which is created with the first entry.
///
/// Writers make a temporary file and rename it, so that readers see a whole entry or none. What is
/// read is verified; a damaged file is moved to `v1/quarantine` once.
///
/// # Examples
///
/// ```
/// use perennial::{EntryName, FileStore, Store};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let store = FileStore::new(folder);
/// let name: EntryName = "some/deeper/result".parse()?;
/// store.write(&name, b"payload")?;
/// assert_eq!(store.read(&name)?, b"payload");
/// assert!(store.path_of(&name).starts_with(folder));
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Debug)]
pub struct FileStore {
    folder: PathBuf,
    max_entry_bytes: u64,
    noted: Mutex<HashSet<Signature>>,
}

impl FileStore {
    /// Names the folder; a relative one is meant from the working directory as it is now. Nothing is
    /// read or created yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let folder = path::absolute(&folder).unwrap_or(folder);
        Self { folder, max_entry_bytes: MAX_ENTRY_BYTES, noted: Mutex::default() }
    }

    /// Sets how large a payload may be when inflated, in bytes; by default 4 GiB. A larger one is
    /// neither written nor read.
    #[must_use]
    pub fn max_entry_bytes(mut self, bytes: u64) -> Self {
        self.max_entry_bytes = bytes;
        self
    }

    /// Returns the store's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the file in which an entry is or would be, always inside the folder.
    #[must_use]
    pub fn path_of(&self, name: &EntryName) -> PathBuf {
        let mut path = self.folder.join(VERSION);
        path.extend(name.segments());
        path
    }

    fn open(&self, path: &Path) -> Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(bytes) => gzip::inflate(&bytes, self.max_entry_bytes)
                .map(Some)
                .map_err(|error| error.at(path)),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(self.failure("read", path, error)),
        }
    }

    fn failure(&self, doing: &'static str, path: &Path, error: io::Error) -> Error {
        Error::io(doing, path, error).in_store(&self.folder)
    }

    /// Writes a file whole or not at all.
    fn place(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let parent = path.parent().unwrap_or(&self.folder);
        let failed = |error| self.failure("write", path, error);
        let mut file = self.new_file(parent, path)?;
        file.write_all(bytes).map_err(failed)?;
        file.persist(path).map(drop).map_err(|error| failed(error.error))
    }

    /// Begins a file, which keeps its folder from being removed as an empty one.
    fn new_file(&self, parent: &Path, path: &Path) -> Result<tempfile::NamedTempFile> {
        let mut left = MAX_ATTEMPTS;
        loop {
            if !parent.is_dir() {
                self.create(parent)?;
            }
            left -= 1;
            match tempfile::Builder::new().prefix(".new-").tempfile_in(parent) {
                // Somebody just removed the folder, which was empty.
                Err(error) if error.kind() == io::ErrorKind::NotFound && left > 0 => {}
                file => return file.map_err(|error| self.failure("write", path, error)),
            }
        }
    }

    /// Creates a folder below the store's, and the store's own with its tag, for this user alone.
    fn create(&self, folder: &Path) -> Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| self.failure("create", folder, error))?;
        let tag = self.folder.join("CACHEDIR.TAG");
        if !tag.exists() {
            // Only backup tools miss it.
            let _ = fs::write(tag, CACHEDIR_TAG);
        }
        Ok(())
    }
}

/// Keeps a folder of damaged files small.
fn forget_oldest(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|it| (it.metadata().and_then(|it| it.modified()).ok(), it.path()))
        .collect();
    files.sort();
    let surplus = files.len().saturating_sub(MAX_QUARANTINED);
    for (_, path) in files.into_iter().take(surplus) {
        // Another process may have been faster.
        let _ = fs::remove_file(path);
    }
}

/// No file, or a file where a folder of its path would be.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

impl Store for FileStore {
    fn exists(&self, name: &EntryName) -> Result<bool> {
        let path = self.path_of(name);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.is_file()),
            Err(error) if is_absence(&error) => Ok(false),
            Err(error) => Err(self.failure("look for", &path, error)),
        }
    }

    fn read(&self, name: &EntryName) -> Result<Vec<u8>> {
        let path = self.path_of(name);
        self.open(&path)?.ok_or_else(|| self.failure("read", &path, io::ErrorKind::NotFound.into()))
    }

    fn write(&self, name: &EntryName, payload: &[u8]) -> Result<()> {
        if payload.len() as u64 > self.max_entry_bytes {
            return Err(Error::too_large(self.max_entry_bytes));
        }
        self.place(&self.path_of(name), &gzip::compress(payload))
    }

    /// Opens and reads in one go: a hit costs one look at the disk.
    fn lookup(&self, name: &EntryName) -> Result<Option<Vec<u8>>> {
        self.open(&self.path_of(name))
    }

    fn quarantine(&self, name: &EntryName) -> Result<()> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let path = self.path_of(name);
        let folder = self.folder.join(VERSION).join(QUARANTINE);
        let last = name.segments().last().unwrap_or_default();
        let number = NUMBER.fetch_add(1, Relaxed);
        let aside = folder.join(format!(
            "{}-{}-{number}",
            &last[..last.floor_char_boundary(200)],
            process::id()
        ));
        let moved = self.create(&folder).is_ok() && fs::rename(&path, &aside).is_ok();
        if moved {
            forget_oldest(&folder);
            return Ok(());
        }
        match fs::remove_file(&path) {
            Err(error) if !is_absence(&error) => Err(self.failure("set aside", &path, error)),
            _ => Ok(()),
        }
    }

    fn remove(&self, name: &EntryName) -> Result<bool> {
        self.unlink(&self.path_of(name))
    }

    /// Leaves the manifest: it is written once by each process, which may store results again.
    fn remove_code(&self, code: Signature) -> Result<u64> {
        self.remove_calls(code)
    }

    fn note_code(&self, manifest: &Manifest<'_>) -> Result<()> {
        if !self.noted.lock().unwrap_or_else(PoisonError::into_inner).insert(manifest.code) {
            return Ok(());
        }
        let folder = self.folder.join(VERSION).join(manifest.code.to_string());
        let path = folder.join("manifest");
        if !path.exists() {
            self.place(&path, &gzip::compress(&manifest.to_cbor()))?;
        }
        let roots = self.folder.join("roots");
        root::record(&roots, manifest.code).map_err(|error| self.failure("record", &roots, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> EntryName {
        text.parse().unwrap()
    }

    #[test]
    fn entries_are_gzip_files_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path().join("new/store"));
        assert!(!store.exists(&name("a/b")).unwrap());
        assert!(store.lookup(&name("a/b")).unwrap().is_none());
        store.write(&name("a/b"), b"one").unwrap();
        store.write(&name("a/b"), b"two").unwrap();
        assert_eq!(store.lookup(&name("a/b")).unwrap().unwrap(), b"two");
        let bytes = fs::read(store.path_of(&name("a/b"))).unwrap();
        assert_eq!(bytes[..2], [0x1f, 0x8b]);
        assert!(store.folder().join("CACHEDIR.TAG").is_file());
        let left: Vec<_> = fs::read_dir(store.folder().join("v1/a")).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(store.folder()).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }

    #[test]
    fn a_damaged_entry_is_set_aside_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        store.write(&name("a/b"), b"payload").unwrap();
        fs::write(store.path_of(&name("a/b")), b"no gzip").unwrap();
        let error = store.lookup(&name("a/b")).unwrap_err();
        assert!(error.is_damaged());
        assert_eq!(error.path(), Some(store.path_of(&name("a/b")).as_path()));
        store.quarantine(&name("a/b")).unwrap();
        assert!(store.lookup(&name("a/b")).unwrap().is_none());
        assert_eq!(fs::read_dir(folder.path().join("v1/quarantine")).unwrap().count(), 1);
        store.quarantine(&name("a/b")).unwrap();
    }

    #[test]
    fn a_file_in_the_way_of_the_folder_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let store = FileStore::new(&file);
        assert!(store.lookup(&name("a")).unwrap().is_none());
        let error = store.write(&name("a"), b"x").unwrap_err();
        assert!(error.is_io() && error.path().unwrap().starts_with(&file));
        assert_eq!(fs::read(&file).unwrap(), b"");
    }

    #[test]
    fn large_entries_are_neither_written_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        FileStore::new(folder.path()).write(&name("a"), &[0; 1000]).unwrap();
        let store = FileStore::new(folder.path()).max_entry_bytes(100);
        assert!(store.read(&name("a")).unwrap_err().is_too_large());
        assert!(store.write(&name("b"), &[0; 101]).unwrap_err().is_too_large());
        store.write(&name("b"), &[0; 100]).unwrap();
        assert_eq!(store.read(&name("b")).unwrap().len(), 100);
    }

    #[test]
    fn the_quarantine_stays_small() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        for _ in 0..MAX_QUARANTINED + 10 {
            store.write(&name("a"), b"payload").unwrap();
            store.quarantine(&name("a")).unwrap();
        }
        let left = fs::read_dir(folder.path().join("v1/quarantine")).unwrap().count();
        assert_eq!(left, MAX_QUARANTINED);
    }

    #[test]
    fn a_relative_folder_stays_where_it_was_meant() {
        let store = FileStore::new("some/folder");
        assert!(store.folder().is_absolute() && store.folder().ends_with("some/folder"));
    }

    #[test]
    fn a_manifest_and_a_root_are_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path());
        let code = Signature::of_bytes(b"code");
        let manifest = Manifest { function: "demo::f", code, context: "", items: "", sources: "" };
        store.note_code(&manifest).unwrap();
        let path = folder.path().join("v1").join(code.to_string()).join("manifest");
        let cbor = gzip::inflate(&fs::read(&path).unwrap(), 1 << 20).unwrap();
        assert_eq!(cbor, manifest.to_cbor());
        assert_eq!(fs::read_dir(folder.path().join("roots")).unwrap().count(), 1);
        fs::remove_file(&path).unwrap();
        store.note_code(&manifest).unwrap();
        assert!(!path.exists(), "a process notes a code once");
    }
}
