//! Where results go when there is no folder to keep them in: nowhere, and a report says so.

use std::{io, path::PathBuf};

use crate::{
    error::{Error, Result},
    name::EntryName,
    signature::Signature,
    store::Store,
};

/// Keeps nothing. Looking up finds nothing, writing says why.
#[derive(Debug)]
pub(crate) struct NoStore {
    folder: PathBuf,
    reason: String,
}

impl NoStore {
    /// Says which folder can't be used, and why.
    pub(crate) fn new(folder: PathBuf, reason: String) -> Self {
        Self { folder, reason }
    }
}

impl Store for NoStore {
    fn exists(&self, _: &EntryName) -> Result<bool> {
        Ok(false)
    }

    fn read(&self, name: &EntryName) -> Result<Vec<u8>> {
        Err(Error::other(format!("there is no entry {name}")))
    }

    fn write(&self, _: &EntryName, _: &[u8]) -> Result<()> {
        let reason = format!("{}; say by PERENNIAL_DIR where results are kept", self.reason);
        let error = Error::io("use", &self.folder, io::Error::other(reason));
        Err(error.in_store(&self.folder))
    }

    fn quarantine(&self, _: &EntryName) -> Result<()> {
        Ok(())
    }

    fn remove_code(&self, _: Signature) -> Result<u64> {
        Ok(0)
    }
}
