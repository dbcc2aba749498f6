//! The digest of the code that runs: what stands in the key for code that syntax can't follow.
//!
//! On Linux that is every file that is mapped to be executed: the program, its shared libraries, the
//! plugins that it loaded so far. Elsewhere it is the program's file. A file that can't be read as it
//! was mapped is an error, and the call is not memoized.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    signature::Signature,
};

/// Hashes what is mapped now. Each file is hashed once; the mappings are looked at every time, since
/// a library may have been loaded after the last call.
pub(crate) fn digest() -> Result<Signature> {
    static KNOWN: Mutex<Known> = Mutex::new(Known::new());
    let failed = |error| Error::other(format!("cannot read the running program: {error}"));
    let images = images().map_err(failed)?;
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).digest(images).map_err(failed)
}

/// A file with code that runs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Image {
    path: PathBuf,
    /// The file that was mapped; the one at the path must still be it. None where the path always
    /// leads to it.
    inode: Option<u64>,
}

/// Digests made so far.
struct Known {
    files: BTreeMap<Image, Signature>,
    last: Option<(BTreeSet<Image>, Signature)>,
}

impl Known {
    const fn new() -> Self {
        Self { files: BTreeMap::new(), last: None }
    }

    fn digest(&mut self, images: BTreeSet<Image>) -> io::Result<Signature> {
        if let Some((last, digest)) = &self.last
            && *last == images
        {
            return Ok(*digest);
        }
        let mut digests = BTreeSet::new();
        for image in &images {
            let digest = match self.files.get(image) {
                Some(digest) => *digest,
                None => *self.files.entry(image.clone()).or_insert(read(image)?),
            };
            digests.insert(digest);
        }
        let digest = join(&digests);
        self.last = Some((images, digest));
        Ok(digest)
    }
}

/// Joins the digests of files: where they lie doesn't matter.
fn join(digests: &BTreeSet<Signature>) -> Signature {
    let mut fields: Vec<&[u8]> = vec![b"perennial program 1"];
    fields.extend(digests.iter().map(|it| &it.as_bytes()[..]));
    Signature::of_fields(&fields)
}

fn read(image: &Image) -> io::Result<Signature> {
    let named = |error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}", image.path.display()))
    };
    let mut file = File::open(&image.path).map_err(named)?;
    if image.inode.is_some_and(|it| inode(&file).is_ok_and(|found| found != it)) {
        return Err(named(io::Error::other("it was replaced after it was loaded")));
    }
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut file, &mut hasher).map_err(named)?;
    Ok(Signature::from_bytes(hasher.0.finalize().into()))
}

#[cfg(unix)]
fn inode(file: &File) -> io::Result<u64> {
    file.metadata().map(|it| std::os::unix::fs::MetadataExt::ino(&it))
}

#[cfg(not(unix))]
fn inode(_: &File) -> io::Result<u64> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Lists the files with code that runs.
fn images() -> io::Result<BTreeSet<Image>> {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        // Opens the program that was started, even where its file has been replaced since.
        let own = Path::new("/proc/self/exe");
        let program = std::fs::read_link(own)?;
        return mapped(&std::fs::read("/proc/self/maps")?, &program, own);
    }
    Ok(BTreeSet::from([Image { path: env::current_exe()?, inode: None }]))
}

/// Reads the executable mappings out of `/proc/self/maps`. The program's own are read through `own`.
fn mapped(maps: &[u8], program: &Path, own: &Path) -> io::Result<BTreeSet<Image>> {
    let mut images = BTreeSet::new();
    for line in maps.split(|it| *it == b'\n') {
        // Address, permissions, offset, device, inode, and the path to the end of the line.
        let mut rest = line;
        let mut field = || {
            let start = rest.iter().position(|it| *it != b' ').unwrap_or(rest.len());
            let end = rest[start..].iter().position(|it| *it == b' ');
            let end = end.map_or(rest.len(), |it| start + it);
            let (now, later) = rest.split_at(end);
            rest = later;
            &now[start..]
        };
        let [_, permissions, _, _, inode] = [field(), field(), field(), field(), field()];
        let path = rest.trim_ascii_start();
        // What the kernel itself provides has a name in brackets, anonymous memory none.
        if permissions.get(2) != Some(&b'x') || path.first() != Some(&b'/') {
            continue;
        }
        let path = to_path(path)?;
        if path == program {
            images.insert(Image { path: own.to_owned(), inode: None });
        } else {
            let inode = std::str::from_utf8(inode).ok().and_then(|it| it.parse().ok());
            let unread =
                || io::Error::other(format!("{}: no inode in its mapping", path.display()));
            images.insert(Image { inode: Some(inode.ok_or_else(unread)?), path });
        }
    }
    Ok(images)
}

/// Undoes the kernel's escapes of line ends. A file that was deleted has a mark at the end of its
/// path, and is not found there.
fn to_path(bytes: &[u8]) -> io::Result<PathBuf> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| io::Error::other("the path of a library is not UTF-8"))?;
    Ok(PathBuf::from(text.replace("\\012", "\n")))
}

struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
55ad46600000-55ad46611000 r--p 00000000 fe:00 247264                     /usr/bin/app
55ad46611000-55ad46635000 r-xp 00004000 fe:00 247264                     /usr/bin/app
7f2b95666000-7f2b957bc000 r-xp 00026000 fe:00 326279                     /lib/a b.so.6
7f2b95824000-7f2b9588f000 r--p 00002000 fe:00 326706                     /usr/share/data
7f2b958c0000-7f2b958c1000 r-xp 00000000 00:00 0 
7f2b958cd000-7f2b958cf000 r-xp 00000000 00:00 0                          [vdso]
7f2b958d0000-7f2b958f6000 r-xp 00001000 fe:00 325843                     /lib/gone.so (deleted)
";

    #[test]
    fn every_file_that_is_mapped_to_be_executed_counts_once() {
        let images = mapped(MAPS.as_bytes(), Path::new("/usr/bin/app"), Path::new("/own")).unwrap();
        let image = |path: &str, inode| Image { path: path.into(), inode };
        assert_eq!(
            images.into_iter().collect::<Vec<_>>(),
            [
                image("/lib/a b.so.6", Some(326_279)),
                image("/lib/gone.so (deleted)", Some(325_843)),
                image("/own", None),
            ]
        );
    }

    #[test]
    fn a_program_started_through_the_loader_is_hashed_all_the_same() {
        let started = mapped(MAPS.as_bytes(), Path::new("/lib/ld.so"), Path::new("/own")).unwrap();
        assert!(started.iter().any(|it| it.path == Path::new("/usr/bin/app")));
    }

    #[cfg(unix)]
    #[test]
    fn a_library_that_was_deleted_or_replaced_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.so");
        std::fs::write(&path, "old").unwrap();
        let inode = inode(&File::open(&path).unwrap()).unwrap();
        let images = || BTreeSet::from([Image { path: path.clone(), inode: Some(inode) }]);
        let before = Known::new().digest(images()).unwrap();
        let other = folder.path().join("b.so");
        std::fs::write(&other, "new").unwrap();
        std::fs::rename(&other, &path).unwrap();
        let error = Known::new().digest(images()).unwrap_err().to_string();
        assert!(error.contains("a.so: it was replaced"), "{error}");
        std::fs::remove_file(&path).unwrap();
        assert!(Known::new().digest(images()).is_err());
        assert_eq!(before, join(&BTreeSet::from([Signature::of_bytes(b"old")])));
    }

    #[test]
    fn a_library_that_is_loaded_later_changes_the_digest() {
        let folder = tempfile::tempdir().unwrap();
        let image = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, name).unwrap();
            Image { path, inode: None }
        };
        let mut images = BTreeSet::from([image("a")]);
        let mut known = Known::new();
        let before = known.digest(images.clone()).unwrap();
        assert_eq!(known.digest(images.clone()).unwrap(), before);
        images.insert(image("b"));
        assert_ne!(known.digest(images).unwrap(), before);
    }

    #[test]
    fn the_running_program_is_among_what_is_hashed() {
        let bytes = std::fs::read(env::current_exe().unwrap()).unwrap();
        let mut known = Known::new();
        known.digest(images().unwrap()).unwrap();
        assert!(known.files.values().any(|it| *it == Signature::of_bytes(&bytes)));
        assert_eq!(known.last.unwrap().1, digest().unwrap());
    }
}
