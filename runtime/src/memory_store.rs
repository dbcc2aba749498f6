//! A store in memory that counts what is asked of it: for tests, and for results that need not
//! outlive the process.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::{
    error::{Error, Result},
    name::EntryName,
    signature::Signature,
    store::Store,
};

/// Keeps entries in memory and counts logical operations.
///
/// # Examples
///
/// ```
/// use perennial::{EntryName, MemoryStore, Store};
///
/// let store = MemoryStore::new();
/// let name: EntryName = "x".parse()?;
/// store.write(&name, b"payload")?;
/// assert_eq!(store.lookup(&name)?.unwrap(), b"payload");
/// let operations = store.operations();
/// assert_eq!((operations.exists, operations.read, operations.write), (1, 1, 1));
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    entries: Mutex<BTreeMap<EntryName, Vec<u8>>>,
    exists: AtomicU64,
    read: AtomicU64,
    write: AtomicU64,
}

/// How often each operation was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations {
    /// Questions whether there is an entry.
    pub exists: u64,
    /// Entries read.
    pub read: u64,
    /// Entries written.
    pub write: u64,
}

impl MemoryStore {
    /// Makes an empty store.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Mutex::new(BTreeMap::new()),
            exists: AtomicU64::new(0),
            read: AtomicU64::new(0),
            write: AtomicU64::new(0),
        }
    }

    /// Returns how often each operation was called.
    #[must_use]
    pub fn operations(&self) -> Operations {
        Operations {
            exists: self.exists.load(Relaxed),
            read: self.read.load(Relaxed),
            write: self.write.load(Relaxed),
        }
    }

    /// Returns the names of all entries, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<EntryName> {
        self.entries().keys().cloned().collect()
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, BTreeMap<EntryName, Vec<u8>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn exists(&self, name: &EntryName) -> Result<bool> {
        self.exists.fetch_add(1, Relaxed);
        Ok(self.entries().contains_key(name))
    }

    fn read(&self, name: &EntryName) -> Result<Vec<u8>> {
        self.read.fetch_add(1, Relaxed);
        self.entries()
            .get(name)
            .cloned()
            .ok_or_else(|| Error::other(format!("there is no entry {name}")))
    }

    fn write(&self, name: &EntryName, payload: &[u8]) -> Result<()> {
        self.write.fetch_add(1, Relaxed);
        self.entries().insert(name.clone(), payload.to_vec());
        Ok(())
    }

    fn quarantine(&self, name: &EntryName) -> Result<()> {
        self.entries().remove(name);
        Ok(())
    }

    fn remove(&self, name: &EntryName) -> Result<bool> {
        Ok(self.entries().remove(name).is_some())
    }

    fn remove_code(&self, code: Signature) -> Result<u64> {
        let mut entries = self.entries();
        let before = entries.len();
        entries.retain(|name, _| !name.is_call_of(code));
        Ok((before - entries.len()) as u64)
    }
}
