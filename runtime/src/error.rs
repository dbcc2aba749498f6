//! The one error of this crate: opaque, with predicates, and with the path where there is one.
//!
//! `Display` tells this layer only; `source()` tells the next. No type of a dependency shows.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A `Result` whose error is [`Error`], unless said otherwise.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Says what went wrong with a key, a store or a codec.
///
/// A memoized call never returns one: it runs the function, and the error goes to the reporter
/// ([`set_reporter`](crate::set_reporter)). Ask its predicates what kind it is.
pub struct Error(Box<Kind>);

type Source = Box<dyn StdError + Send + Sync>;

enum Kind {
    InvalidName { name: String, reason: &'static str },
    InvalidSignature { text: String },
    Duplicate { name: String },
    Order { message: String },
    Encoding { what: String, source: Source },
    Decoding { what: String, source: Source },
    Damaged { path: Option<PathBuf>, reason: String, source: Option<Source> },
    TooLarge { path: Option<PathBuf>, limit_bytes: u64 },
    Io { doing: &'static str, path: PathBuf, store: Option<PathBuf>, source: io::Error },
    Nondeterministic,
    ReadOnly { why: &'static str },
    Other { source: Source },
}

impl Error {
    /// Wraps any error of a [`Store`](crate::Store) or a [`Codec`](crate::Codec) of your own.
    ///
    /// ```
    /// let error = perennial::Error::other("the tape is torn");
    /// assert_eq!(error.to_string(), "the tape is torn");
    /// ```
    pub fn other(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Kind::Other { source: source.into() })
    }

    /// Makes the error by which a [`Store`](crate::Store) says that an entry is there, but is not
    /// what was written: the caller then has it set aside and takes it for a miss.
    ///
    /// ```
    /// assert!(perennial::Error::damaged("the parity is odd").is_damaged());
    /// ```
    pub fn damaged(reason: impl Into<String>) -> Self {
        Self::new(Kind::Damaged { path: None, reason: reason.into(), source: None })
    }

    /// Whether a name is no [`EntryName`](crate::EntryName).
    pub fn is_invalid_name(&self) -> bool {
        matches!(*self.0, Kind::InvalidName { .. })
    }

    /// Whether a text is no [`Signature`](crate::Signature).
    pub fn is_invalid_signature(&self) -> bool {
        matches!(*self.0, Kind::InvalidSignature { .. })
    }

    /// Whether a name was given twice to [`Arguments`](crate::Arguments) or
    /// [`Environment`](crate::Environment).
    pub fn is_duplicate(&self) -> bool {
        matches!(*self.0, Kind::Duplicate { .. })
    }

    /// Whether a value could not be serialised.
    pub fn is_encoding(&self) -> bool {
        matches!(*self.0, Kind::Encoding { .. })
    }

    /// Whether a result could not be deserialised.
    pub fn is_decoding(&self) -> bool {
        matches!(*self.0, Kind::Decoding { .. })
    }

    /// Whether an entry is there but is not what was written.
    pub fn is_damaged(&self) -> bool {
        matches!(*self.0, Kind::Damaged { .. })
    }

    /// Whether an entry is larger than the store may hold.
    pub fn is_too_large(&self) -> bool {
        matches!(*self.0, Kind::TooLarge { .. })
    }

    /// Whether a function computed another result than the stored one from the same key.
    pub fn is_nondeterministic(&self) -> bool {
        matches!(*self.0, Kind::Nondeterministic)
    }

    /// Whether a stored result was to be forgotten where memoized calls may not write: the mode is
    /// [`Off`](crate::Mode::Off) or [`ReadOnly`](crate::Mode::ReadOnly), or memoization is suspended.
    pub fn is_read_only(&self) -> bool {
        matches!(*self.0, Kind::ReadOnly { .. })
    }

    /// Whether the operating system failed; [`Error::path`] tells where.
    pub fn is_io(&self) -> bool {
        matches!(*self.0, Kind::Io { .. })
    }

    /// Shows the file or folder that the error is about.
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Io { path, .. } => Some(path),
            Kind::Damaged { path, .. } | Kind::TooLarge { path, .. } => path.as_deref(),
            _ => None,
        }
    }

    /// The place that one cause of failure has: the store for the operating system's errors, since
    /// a full disk hits each entry, and the file for a damaged entry.
    pub(crate) fn place(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Io { store: Some(store), .. } => Some(store),
            _ => self.path(),
        }
    }

    fn new(kind: Kind) -> Self {
        Self(Box::new(kind))
    }

    pub(crate) fn nondeterministic() -> Self {
        Self::new(Kind::Nondeterministic)
    }

    pub(crate) fn read_only(why: &'static str) -> Self {
        Self::new(Kind::ReadOnly { why })
    }

    pub(crate) fn invalid_name(name: &str, reason: &'static str) -> Self {
        Self::new(Kind::InvalidName { name: name.into(), reason })
    }

    pub(crate) fn invalid_signature(text: &str) -> Self {
        Self::new(Kind::InvalidSignature { text: text.into() })
    }

    pub(crate) fn duplicate(name: impl Into<String>) -> Self {
        Self::new(Kind::Duplicate { name: name.into() })
    }

    pub(crate) fn order(message: impl Into<String>) -> Self {
        Self::new(Kind::Order { message: message.into() })
    }

    pub(crate) fn encoding(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::new(Kind::Encoding { what: what.into(), source: source.into() })
    }

    pub(crate) fn decoding(what: impl Into<String>, source: impl Into<Source>) -> Self {
        Self::new(Kind::Decoding { what: what.into(), source: source.into() })
    }

    pub(crate) fn damaged_by(reason: impl Into<String>, source: impl Into<Source>) -> Self {
        let source = Some(source.into());
        Self::new(Kind::Damaged { path: None, reason: reason.into(), source })
    }

    pub(crate) fn too_large(limit_bytes: u64) -> Self {
        Self::new(Kind::TooLarge { path: None, limit_bytes })
    }

    pub(crate) fn io(doing: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::new(Kind::Io { doing, path: path.into(), store: None, source })
    }

    /// Adds the file that a damaged or too large entry is in.
    pub(crate) fn at(mut self, file: &Path) -> Self {
        if let Kind::Damaged { path, .. } | Kind::TooLarge { path, .. } = &mut *self.0 {
            *path = Some(file.into());
        }
        self
    }

    /// Adds the folder of the store that an operating system's error comes from.
    pub(crate) fn in_store(mut self, dir: &Path) -> Self {
        if let Kind::Io { store, .. } = &mut *self.0 {
            *store = Some(dir.into());
        }
        self
    }

    /// Tells this error and, after colons, each that it comes from.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::InvalidName { name, reason } => {
                write!(f, "{name:?} is no name of an entry: {reason}")
            }
            Kind::InvalidSignature { text } => {
                write!(f, "{text:?} is no signature: 64 hex digits are")
            }
            Kind::Duplicate { name } => write!(f, "`{name}` is given twice"),
            Kind::Order { message } => f.write_str(message),
            Kind::Encoding { what, .. } => write!(f, "cannot serialize {what}"),
            Kind::Decoding { what, .. } => write!(f, "cannot deserialize {what}"),
            Kind::Damaged { path: Some(path), reason, .. } => {
                write!(f, "damaged entry {}: {reason}", path.display())
            }
            Kind::Damaged { path: None, reason, .. } => write!(f, "damaged entry: {reason}"),
            Kind::TooLarge { path: Some(path), limit_bytes } => {
                let path = path.display();
                write!(f, "entry {path} is larger than {limit_bytes} bytes uncompressed")
            }
            Kind::TooLarge { path: None, limit_bytes } => {
                write!(f, "an entry is larger than {limit_bytes} bytes uncompressed")
            }
            Kind::Io { doing, path, .. } => write!(f, "cannot {doing} {}", path.display()),
            Kind::Nondeterministic => f.write_str(
                "the function is not deterministic, or reads state that is not in its key; it is no \
                 longer memoized in this process",
            ),
            Kind::ReadOnly { why } => write!(f, "cannot forget stored results: {why}"),
            Kind::Other { source } => fmt::Display::fmt(source, f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?})", self.chain())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Kind::Encoding { source, .. } | Kind::Decoding { source, .. } => Some(&**source),
            Kind::Damaged { source, .. } => source.as_deref().map(|source| source as _),
            Kind::Io { source, .. } => Some(source),
            // `Display` shows it already.
            Kind::Other { source } => source.source(),
            Kind::InvalidName { .. }
            | Kind::InvalidSignature { .. }
            | Kind::Duplicate { .. }
            | Kind::Order { .. }
            | Kind::Nondeterministic
            | Kind::ReadOnly { .. }
            | Kind::TooLarge { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_small_and_can_be_sent() {
        fn check<T: Send + Sync + 'static>() {}
        check::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn chain_tells_each_layer_once() {
        let error = Error::io("read", "/there", io::Error::other("the cable is cut"));
        assert_eq!(error.chain(), "cannot read /there: the cable is cut");
        assert_eq!(error.path(), Some(Path::new("/there")));

        let error = Error::other(error);
        assert_eq!(error.chain(), "cannot read /there: the cable is cut");
        assert!(!error.is_io());
    }

    #[test]
    fn a_damaged_entry_tells_its_file_and_a_full_disk_its_store() {
        let damaged = Error::damaged("cut short").at(Path::new("/store/x"));
        assert_eq!(damaged.chain(), "damaged entry /store/x: cut short");
        assert_eq!(damaged.place(), Some(Path::new("/store/x")));

        let full = Error::io("write", "/store/x", io::ErrorKind::StorageFull.into());
        assert_eq!(full.in_store(Path::new("/store")).place(), Some(Path::new("/store")));
    }
}
