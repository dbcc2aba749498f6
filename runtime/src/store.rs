//! Where results live: the trait, for stores by anyone.

use std::sync::{Arc, LazyLock};

use crate::{
    error::{Error, Result},
    manifest::Manifest,
    name::EntryName,
    signature::Signature,
};

/// Keeps payloads by name.
///
/// A payload is the encoded entry: header and result. The methods are called from many threads.
///
/// # Laws
///
/// `read` gives the very bytes of the last `write` under that name that returned `Ok`, or an error;
/// never a part of them, never those of another name. A `write` that fails leaves what was there. What
/// `quarantine` or `remove` took away is not found until it is written again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store",
    note = "a store is a value of a type that implements `perennial::Store`, such as `FileStore`"
)]
pub trait Store: Send + Sync {
    /// Tells whether there is an entry.
    ///
    /// # Errors
    ///
    /// It can't be told.
    fn exists(&self, name: &EntryName) -> Result<bool>;

    /// Reads an entry that exists.
    ///
    /// # Errors
    ///
    /// It can't be read, or is not what was written ([`Error::is_damaged`](crate::Error::is_damaged)).
    fn read(&self, name: &EntryName) -> Result<Vec<u8>>;

    /// Writes an entry, whole or not at all; an earlier one is replaced.
    ///
    /// # Errors
    ///
    /// It can't be written.
    fn write(&self, name: &EntryName, payload: &[u8]) -> Result<()>;

    /// Looks an entry up and reads it: `exists`, then `read`. A store that can do both at once does.
    ///
    /// # Errors
    ///
    /// As those of `exists` and `read`.
    fn lookup(&self, name: &EntryName) -> Result<Option<Vec<u8>>> {
        if self.exists(name)? { self.read(name).map(Some) } else { Ok(None) }
    }

    /// Sets a damaged entry aside, so that it is not found again.
    ///
    /// # Errors
    ///
    /// It can be neither moved nor removed.
    fn quarantine(&self, name: &EntryName) -> Result<()>;

    /// Removes an entry, and returns whether there was one. Without a way of its own a store sets the entry
    /// aside.
    ///
    /// ```
    /// use perennial::{EntryName, MemoryStore, Signature, Store};
    ///
    /// let [code, a, b] = ["code", "a", "b"].map(|it| Signature::of_bytes(it.as_bytes()));
    /// let store = MemoryStore::new();
    /// for call in [a, b] {
    ///     store.write(&EntryName::of_call(code, call), b"payload")?;
    /// }
    /// assert!(store.remove(&EntryName::of_call(code, a))?);
    /// assert!(!store.remove(&EntryName::of_call(code, a))?);
    /// assert_eq!(store.remove_code(code)?, 1);
    /// # Ok::<(), perennial::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It can't be removed.
    fn remove(&self, name: &EntryName) -> Result<bool> {
        let is_there = self.exists(name)?;
        if is_there {
            self.quarantine(name)?;
        }
        Ok(is_there)
    }

    /// Removes the entries of all calls of one code, those that [`EntryName::of_call`] names, and returns how many there
    /// were. What is written meanwhile may stay. A store that can't list its entries has no way.
    ///
    /// # Errors
    ///
    /// They can't be removed, or not all of them.
    fn remove_code(&self, code: Signature) -> Result<u64> {
        Err(Error::other(format!("this store has no way to remove all results of the code {code}")))
    }

    /// Takes note that the running program uses a version of a function's code. Called before each
    /// look-up; a store that has no use for it does nothing.
    ///
    /// # Errors
    ///
    /// It can't be written down.
    fn note_code(&self, manifest: &Manifest<'_>) -> Result<()> {
        let _ = manifest;
        Ok(())
    }

    /// Tells stores of the process apart: callers that want the same of one store wait for each other.
    #[doc(hidden)]
    fn address(&self) -> usize {
        std::ptr::from_ref(self).cast::<()>().addr()
    }
}

macro_rules! forward {
    ($($pointer:ty: [$($bound:tt)*];)*) => { $(
        impl<S: Store $($bound)*> Store for $pointer {
            fn exists(&self, name: &EntryName) -> Result<bool> {
                (**self).exists(name)
            }

            fn read(&self, name: &EntryName) -> Result<Vec<u8>> {
                (**self).read(name)
            }

            fn write(&self, name: &EntryName, payload: &[u8]) -> Result<()> {
                (**self).write(name, payload)
            }

            fn lookup(&self, name: &EntryName) -> Result<Option<Vec<u8>>> {
                (**self).lookup(name)
            }

            fn quarantine(&self, name: &EntryName) -> Result<()> {
                (**self).quarantine(name)
            }

            fn remove(&self, name: &EntryName) -> Result<bool> {
                (**self).remove(name)
            }

            fn remove_code(&self, code: Signature) -> Result<u64> {
                (**self).remove_code(code)
            }

            fn note_code(&self, manifest: &Manifest<'_>) -> Result<()> {
                (**self).note_code(manifest)
            }

            fn address(&self) -> usize {
                (**self).address()
            }
        }
    )* };
}

forward! {
    &S: [+ ?Sized];
    Arc<S>: [+ ?Sized];
    Box<S>: [+ ?Sized];
    LazyLock<S>: [];
}
