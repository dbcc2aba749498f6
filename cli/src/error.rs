//! Why there is no answer, and which exit code says so.

use std::{fmt, io, path::PathBuf};

use crate::exit_code::ExitCode;

/// An error of the command. What caused it is its source, never part of its text.
#[derive(Debug)]
pub(crate) struct Error(Kind);

#[derive(Debug)]
enum Kind {
    Usage(String),
    NoManifest(PathBuf),
    Package(perennial_build::Error),
    Io { doing: &'static str, source: io::Error },
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self(Kind::Usage(message.into()))
    }

    /// There is no `Cargo.toml` in a folder and those above it.
    pub(crate) fn no_manifest(folder: PathBuf) -> Self {
        Self(Kind::NoManifest(folder))
    }

    pub(crate) fn package(error: perennial_build::Error) -> Self {
        Self(Kind::Package(error))
    }

    pub(crate) fn output(source: io::Error) -> Self {
        Self(Kind::Io { doing: "write the answer", source })
    }

    pub(crate) fn folder(source: io::Error) -> Self {
        Self(Kind::Io { doing: "find the present folder", source })
    }

    pub(crate) fn rustc(source: io::Error) -> Self {
        Self(Kind::Io { doing: "run rustc, which --target needs", source })
    }

    pub(crate) fn thread(source: io::Error) -> Self {
        Self(Kind::Io { doing: "start a thread", source })
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match &self.0 {
            Kind::Usage(_) => ExitCode::Usage,
            Kind::Package(error) if error.is_feature() => ExitCode::Usage,
            Kind::NoManifest(_) | Kind::Package(_) | Kind::Io { .. } => ExitCode::Unreadable,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Usage(message) => formatter.write_str(message),
            Kind::NoManifest(folder) => write!(
                formatter,
                "there is no Cargo.toml in {} or a folder above it; name one with --manifest-path",
                folder.display()
            ),
            Kind::Package(error) => error.fmt(formatter),
            Kind::Io { doing, .. } => write!(formatter, "cannot {doing}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Kind::Package(error) => error.source(),
            Kind::Io { source, .. } => Some(source),
            Kind::Usage(_) | Kind::NoManifest(_) => None,
        }
    }
}
