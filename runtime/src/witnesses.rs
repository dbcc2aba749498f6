//! What a key was made from and can change while the function runs: files and state. A result is stored only if all of
//! it is as it was.

use crate::{
    error::Result,
    file::{self, Files},
    state::StateBefore,
};

/// What was there when the key was made.
pub(crate) struct Witnesses {
    pub(crate) files: Files,
    pub(crate) state: Option<StateBefore>,
}

impl Witnesses {
    /// Makes sure that everything is as it was.
    pub(crate) fn check(&self) -> Result<()> {
        file::check(&self.files)?;
        self.state.as_ref().map_or(Ok(()), StateBefore::check)
    }
}
