//! What can go wrong while a package is read. Sources that do not parse are not among it: they are
//! problems of the analysis, kept in the ledger.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// An error of the build step, with the path it is about.
#[derive(Debug)]
pub struct Error(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    Manifest { path: PathBuf, message: String },
    Environment { variable: &'static str },
    Strict { findings: Vec<String> },
    Feature { path: PathBuf, message: String },
    Relaxation { path: PathBuf, message: String },
}

impl Error {
    pub(crate) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self(Box::new(Kind::Io { doing, path: path.to_owned(), source }))
    }

    pub(crate) fn manifest(path: &Path, message: impl Into<String>) -> Self {
        Self(Box::new(Kind::Manifest { path: path.to_owned(), message: message.into() }))
    }

    pub(crate) fn environment(variable: &'static str) -> Self {
        Self(Box::new(Kind::Environment { variable }))
    }

    pub(crate) fn strict(findings: Vec<String>) -> Self {
        Self(Box::new(Kind::Strict { findings }))
    }

    pub(crate) fn feature(path: &Path, message: String) -> Self {
        Self(Box::new(Kind::Feature { path: path.to_owned(), message }))
    }

    pub(crate) fn relaxation(path: &Path, message: String) -> Self {
        Self(Box::new(Kind::Relaxation { path: path.to_owned(), message }))
    }

    /// Returns the file or folder that the error is about.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Io { path, .. }
            | Kind::Manifest { path, .. }
            | Kind::Feature { path, .. }
            | Kind::Relaxation { path, .. } => Some(path),
            Kind::Environment { .. } | Kind::Strict { .. } => None,
        }
    }

    /// Tells whether reading or writing failed.
    #[must_use]
    pub fn is_io(&self) -> bool {
        matches!(*self.0, Kind::Io { .. })
    }

    /// Tells whether a `Cargo.toml` could not be understood.
    #[must_use]
    pub fn is_manifest(&self) -> bool {
        matches!(*self.0, Kind::Manifest { .. })
    }

    /// Tells whether a feature was asked for that the package doesn't have.
    #[must_use]
    pub fn is_feature(&self) -> bool {
        matches!(*self.0, Kind::Feature { .. })
    }

    /// Tells whether the configuration relaxes a dependency that the package doesn't have, or that has no
    /// build unit.
    #[must_use]
    pub fn is_relaxation(&self) -> bool {
        matches!(*self.0, Kind::Relaxation { .. })
    }

    /// Tells whether the code was called outside a build script.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        matches!(*self.0, Kind::Environment { .. })
    }

    /// Tells whether the analysis met what the configuration forbids.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        matches!(*self.0, Kind::Strict { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Io { doing, path, .. } => write!(formatter, "cannot {doing} {}", path.display()),
            Kind::Manifest { path, message }
            | Kind::Feature { path, message }
            | Kind::Relaxation { path, message } => {
                write!(formatter, "{}: {message}", path.display())
            }
            Kind::Environment { variable } => write!(
                formatter,
                "{variable} is not set: call perennial_build::generate() in build.rs, which cargo runs"
            ),
            Kind::Strict { findings } => write!(
                formatter,
                "memoized functions reach what is not in their keys, or can't be followed:\n  {}",
                findings.join("\n  ")
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::Io { source, .. } => Some(source),
            Kind::Manifest { .. }
            | Kind::Feature { .. }
            | Kind::Relaxation { .. }
            | Kind::Environment { .. }
            | Kind::Strict { .. } => None,
        }
    }
}
