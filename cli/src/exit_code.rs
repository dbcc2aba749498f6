//! How the command ends: part of its interface.

use std::process;

/// The command's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitCode {
    /// The question was answered.
    Success = 0,
    /// The answer is no: `audit --deny` found something, or `graph FN --why ITEM` asks for an item
    /// that is not reached.
    Findings = 1,
    /// The arguments can't be understood, or name a function, a feature or a target that isn't
    /// there. (clap ends with the same code.)
    Usage = 2,
    /// The package can't be read, or the answer not be written.
    Unreadable = 3,
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
