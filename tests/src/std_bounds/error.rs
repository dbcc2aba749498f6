//! Why no table could be made.

use std::{fmt, io, path::Path};

/// Why no table could be made.
#[derive(Debug)]
pub struct Error(String);

impl Error {
    pub(crate) fn io(path: &Path, source: &io::Error) -> Self {
        Self(format!("{}: {source}", path.display()))
    }

    pub(crate) fn in_page(path: &str, what: impl fmt::Display) -> Self {
        Self(format!("{path}: {what}"))
    }

    pub(crate) fn missing(what: impl fmt::Display) -> Self {
        Self(format!("the documentation has no {what}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
