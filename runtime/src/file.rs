//! A file as an argument: known by its content, wherever it lies.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Serialize, Serializer, ser::Error as _};

use crate::{
    digest::StreamDigest,
    encoding::Sink as _,
    error::{Error, Result},
    signature::Signature,
};

/// A file whose content is the argument: the key holds the digest of its bytes, and not its path.
///
/// A memoized function that takes one computes again when the content differs, and not when the file was
/// moved, copied or only touched. What the function makes of the path itself is not in the key.
///
/// On Unix the digest is remembered for as long as size, times and inode of the file are the same, unless
/// it was written so lately that they might not tell a later write; elsewhere each key reads the file. It is looked at again after computing:
/// if the content changed meanwhile, the result is not stored, and that is reported. Only a write through
/// an existing memory map can go unnoticed, where the system does not count it as one.
///
/// A file that can't be read has no key: the call runs unmemoized, and that is reported.
///
/// # Examples
///
/// ```
/// use perennial::{File, signature_of};
///
/// let folder = tempfile::tempdir()?;
/// let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
/// std::fs::write(&a, "text")?;
/// std::fs::write(&b, "text")?;
/// assert_eq!(signature_of(&File::new(&a))?, signature_of(&File::new(&b))?);
///
/// // #[memo]
/// fn count(file: &File) -> std::io::Result<usize> {
///     Ok(std::fs::read_to_string(file)?.lines().count())
/// }
/// assert_eq!(count(&File::new(a))?, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct File(PathBuf);

impl File {
    /// Names a file. Nothing is read before a key is made.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Shows the path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for File {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Serialize for File {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digest = digest_of(&self.0).map_err(|error| {
            S::Error::custom(format!("cannot read {}: {error}", self.0.display()))
        })?;
        note(&self.0, digest);
        serializer.serialize_bytes(digest.as_bytes())
    }
}

/// The files whose contents are in a key, with their digests.
pub(crate) type Files = Vec<(PathBuf, Signature)>;

thread_local! {
    /// Of the key that this thread makes.
    static WITNESSES: RefCell<Option<Files>> = const { RefCell::new(None) };
}

fn note(path: &Path, digest: Signature) {
    let _ = WITNESSES.try_with(|it| {
        if let Some(witnesses) = &mut *it.borrow_mut() {
            witnesses.push((path.to_owned(), digest));
        }
    });
}

/// Makes a key, and lists the files in it.
pub(crate) fn witnessed<T>(work: impl FnOnce() -> T) -> (T, Files) {
    /// Also after a panic.
    struct Outer(Option<Files>);
    impl Drop for Outer {
        fn drop(&mut self) {
            let _ = WITNESSES.try_with(|it| it.replace(self.0.take()));
        }
    }
    let outer = Outer(WITNESSES.try_with(|it| it.replace(Some(Vec::new()))).ok().flatten());
    let made = work();
    let found = WITNESSES.try_with(|it| it.borrow_mut().take()).ok().flatten();
    drop(outer);
    (made, found.unwrap_or_default())
}

/// Makes sure that files are as they were when the key was made.
pub(crate) fn check(witnesses: &Files) -> Result<()> {
    for (path, before) in witnesses {
        let now = digest_of(path).map_err(|error| Error::io("read", path, error))?;
        if now != *before {
            let path = path.display();
            return Err(Error::other(format!("{path} changed while the function ran")));
        }
    }
    Ok(())
}

/// What changes when a file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    len_bytes: u64,
    modified: Option<SystemTime>,
    /// Where the system tells: device, inode, and when its data or its attributes changed.
    inode: (u64, u64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        #[cfg(unix)]
        let (inode, changed) = {
            use std::os::unix::fs::MetadataExt as _;
            ((metadata.dev(), metadata.ino()), (metadata.ctime(), metadata.ctime_nsec()))
        };
        #[cfg(not(unix))]
        let (inode, changed) = ((0, 0), (0, 0));
        Self { len_bytes: metadata.len(), modified: metadata.modified().ok(), inode, changed }
    }

    /// Tells whether a write after that time has another stamp: times of some file systems have two
    /// seconds' steps, and clocks differ.
    fn is_settled(&self, at: SystemTime) -> bool {
        const STEP: Duration = Duration::from_secs(3);
        let changed = u64::try_from(self.changed.0).unwrap_or_default();
        let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(changed);
        let is_before = |time: SystemTime| at.duration_since(time).is_ok_and(|it| it > STEP);
        self.modified.is_some_and(is_before) && is_before(changed)
    }
}

/// Files are few, and digests small; more than that are forgotten together.
const MAX_KNOWN: usize = 1 << 16;

fn digest_of(path: &Path) -> io::Result<Signature> {
    static KNOWN: Mutex<BTreeMap<PathBuf, (Stamp, Signature)>> = Mutex::new(BTreeMap::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    // A relative path means another file in another folder.
    let path = &std::path::absolute(path)?;
    let mut file = fs::File::open(path)?;
    let mut stamp = Stamp::of(&file.metadata()?);
    if let Some((_, digest)) = known().get(path).filter(|(it, _)| *it == stamp) {
        return Ok(*digest);
    }
    // Somebody may be writing: what is read is to have one stamp.
    for _ in 0..3 {
        let begun = SystemTime::now();
        let digest = read(&mut file)?;
        let after = Stamp::of(&file.metadata()?);
        if after == stamp {
            let mut known = known();
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            // Elsewhere neither inode nor change time tells a file from one that took its place.
            if cfg!(unix) && stamp.is_settled(begun) {
                known.insert(path.clone(), (stamp, digest));
            }
            return Ok(digest);
        }
        file = fs::File::open(path)?;
        stamp = Stamp::of(&file.metadata()?);
    }
    Err(io::Error::other("it is being written"))
}

fn read(file: &mut fs::File) -> io::Result<Signature> {
    let mut digest = StreamDigest::default();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(digest.finish()),
            Ok(count) => digest.write(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature_of;

    fn written(text: &str) -> (tempfile::TempDir, File) {
        let folder = tempfile::tempdir().unwrap();
        let file = File::new(folder.path().join("file"));
        fs::write(&file, text).unwrap();
        (folder, file)
    }

    #[cfg(unix)]
    fn age(file: &File, seconds: u64) {
        let time = SystemTime::now() - Duration::from_secs(seconds);
        fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn the_content_counts_and_the_place_does_not() {
        let ((_a, a), (_b, b), (_c, c)) = (written("text"), written("text"), written("texts"));
        let [a, b, c] = [a, b, c].map(|it| signature_of(&it).unwrap());
        assert_eq!(a, b);
        assert_ne!(a, c);
        let long = "x".repeat(1_000_000);
        let (_folder, file) = written(&long);
        let mut digest = StreamDigest::default();
        digest.write(long.as_bytes());
        assert_eq!(digest_of(file.path()).unwrap(), digest.finish());
    }

    #[cfg(unix)]
    #[test]
    fn a_write_that_leaves_length_and_time_is_seen() {
        let (_folder, file) = written("1");
        age(&file, 1000);
        let before = signature_of(&file).unwrap();
        for text in ["2", "3"] {
            fs::write(&file, text).unwrap();
            age(&file, 1000);
            assert_ne!(signature_of(&file).unwrap(), before);
        }
        fs::write(&file, "1").unwrap();
        assert_eq!(signature_of(&file).unwrap(), before);
    }

    #[test]
    fn what_cannot_be_read_has_no_key() {
        let folder = tempfile::tempdir().unwrap();
        let error = signature_of(&File::new(folder.path().join("absent"))).unwrap_err();
        assert!(error.is_encoding());
        assert!(error.chain().contains("absent"), "{}", error.chain());
        assert!(signature_of(&File::new(folder.path())).is_err());
    }

    #[test]
    fn files_in_a_key_are_checked_again() {
        let (_folder, file) = written("1");
        let ((), witnesses) = witnessed(|| {
            let ((), inner) = witnessed(|| ());
            assert!(inner.is_empty());
            signature_of(&(1, &file)).unwrap();
        });
        assert_eq!(witnesses.len(), 1);
        check(&witnesses).unwrap();
        fs::write(&file, "2").unwrap();
        assert!(
            check(&witnesses).unwrap_err().to_string().contains("changed while the function ran")
        );
        fs::remove_file(&file).unwrap();
        assert!(check(&witnesses).unwrap_err().is_io());
        signature_of(&file).unwrap_err();
        assert!(WITNESSES.with_borrow(Option::is_none));
    }
}
