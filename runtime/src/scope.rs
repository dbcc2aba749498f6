//! Which store is in force, and whether calls are memoized: the process's store, and guards that
//! hold for their thread.

use std::{
    cell::{Cell, RefCell},
    marker::PhantomData,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{default_folder, file_store::FileStore, store::Store};

static PROCESS: RwLock<Option<Arc<dyn Store>>> = RwLock::new(None);

thread_local! {
    /// Stores of the guards alive on this thread, with the guards' numbers; the last is in force.
    static SCOPED: RefCell<Vec<(u64, Arc<dyn Store>)>> = const { RefCell::new(Vec::new()) };
    static NEXT_GUARD: Cell<u64> = const { Cell::new(0) };
    static SUSPENSIONS: Cell<usize> = const { Cell::new(0) };
}

/// Returns the store in force here: that of the innermost guard on this thread, else the process's,
/// else the default folder's.
///
/// The default folder is `PERENNIAL_DIR`, or `perennial` in the user's cache folder.
#[must_use]
pub fn store() -> Arc<dyn Store> {
    if let Some(store) = scoped() {
        return store;
    }
    if let Some(store) = &*PROCESS.read().unwrap_or_else(PoisonError::into_inner) {
        return Arc::clone(store);
    }
    let mut process = PROCESS.write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(process.get_or_insert_with(default_folder::store))
}

/// Returns the store of the innermost guard on this thread.
pub(crate) fn scoped() -> Option<Arc<dyn Store>> {
    // In destructors of the thread's values the guards are gone.
    SCOPED.try_with(|it| it.borrow().last().map(|(_, store)| Arc::clone(store))).ok().flatten()
}

/// Sets the store of the whole process.
///
/// # Examples
///
/// ```
/// perennial::set_store(perennial::MemoryStore::new());
/// ```
pub fn set_store(store: impl Store + 'static) {
    // Dropped after the lock is released: a store may use others when it goes.
    let _before = PROCESS.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(store));
}

/// Keeps results in a folder for as long as the guard lives, on this thread.
///
/// # Examples
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// {
///     let _here = perennial::storing_in(folder);
///     // Memoized functions called here keep their results in the folder.
/// }
/// // And here again where they did before.
/// ```
pub fn storing_in(folder: impl Into<PathBuf>) -> StoreGuard {
    storing_to(FileStore::new(folder))
}

/// Keeps results in a store for as long as the guard lives, on this thread. In the destructors of the
/// thread's own values it has no effect.
pub fn storing_to(store: impl Store + 'static) -> StoreGuard {
    put_in_force(Arc::new(store))
}

/// The same for a store that was in force before.
pub(crate) fn put_in_force(store: Arc<dyn Store>) -> StoreGuard {
    let number = NEXT_GUARD.replace(NEXT_GUARD.get() + 1);
    let _ = SCOPED.try_with(|it| it.borrow_mut().push((number, store)));
    StoreGuard { number, of_thread: PhantomData }
}

/// Ends [`storing_in`] when dropped, also by a panic. Guards may be dropped in any order.
#[must_use = "the store is in force only while the guard lives"]
#[derive(Debug)]
pub struct StoreGuard {
    number: u64,
    /// It must be dropped on its thread.
    of_thread: PhantomData<*const ()>,
}

impl Drop for StoreGuard {
    fn drop(&mut self) {
        // Taken out before it is dropped: a store may use others when it goes.
        let _gone = SCOPED.try_with(|it| {
            let mut stack = it.borrow_mut();
            let place = stack.iter().position(|(number, _)| *number == self.number);
            place.map(|it| stack.remove(it))
        });
    }
}

/// Lets memoized functions run as if they were not, for as long as the guard lives, on this thread.
/// Suspensions nest.
///
/// # Examples
///
/// ```
/// let off = perennial::suspend();
/// // Calls here compute, and neither read nor write the store.
/// drop(off);
/// ```
pub fn suspend() -> SuspendGuard {
    SUSPENSIONS.set(SUSPENSIONS.get() + 1);
    SuspendGuard { of_thread: PhantomData }
}

/// Runs a closure with memoization suspended.
///
/// # Examples
///
/// ```
/// assert_eq!(perennial::suspended(|| 6 * 7), 42);
/// ```
pub fn suspended<R>(work: impl FnOnce() -> R) -> R {
    let _off = suspend();
    work()
}

pub(crate) fn is_suspended() -> bool {
    SUSPENSIONS.get() > 0
}

/// Ends a suspension when dropped, also by a panic.
#[must_use = "memoization is suspended only while the guard lives"]
#[derive(Debug)]
pub struct SuspendGuard {
    of_thread: PhantomData<*const ()>,
}

impl Drop for SuspendGuard {
    fn drop(&mut self) {
        SUSPENSIONS.set(SUSPENSIONS.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MemoryStore, name::EntryName};

    fn marked(mark: &str) -> MemoryStore {
        let store = MemoryStore::new();
        store.write(&mark.parse().unwrap(), b"").unwrap();
        store
    }

    #[track_caller]
    fn assert_in_force(mark: &str) {
        let name: EntryName = mark.parse().unwrap();
        assert!(store().exists(&name).unwrap(), "{mark} is not in force");
    }

    #[test]
    fn guards_nest_and_may_be_dropped_in_any_order() {
        let outer = storing_to(marked("outer"));
        let inner = storing_to(marked("inner"));
        assert_in_force("inner");
        drop(outer);
        assert_in_force("inner");
        let again = storing_to(marked("again"));
        drop(inner);
        assert_in_force("again");
        drop(again);
        assert!(SCOPED.with_borrow(Vec::is_empty));
    }

    #[test]
    fn a_panic_restores_store_and_suspension() {
        let _outer = storing_to(marked("outer"));
        let caught = std::panic::catch_unwind(|| {
            let _inner = storing_to(marked("inner"));
            let _off = suspend();
            assert!(is_suspended());
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(caught.is_err());
        assert_in_force("outer");
        assert!(!is_suspended());
    }

    #[test]
    fn a_store_that_is_replaced_may_ask_for_the_store_when_it_goes() {
        struct Asking;
        impl Drop for Asking {
            fn drop(&mut self) {
                let _ = store();
            }
        }
        impl Store for Asking {
            fn exists(&self, _: &EntryName) -> crate::Result<bool> {
                Ok(false)
            }

            fn read(&self, _: &EntryName) -> crate::Result<Vec<u8>> {
                Err(crate::Error::other("nothing is kept"))
            }

            fn write(&self, _: &EntryName, _: &[u8]) -> crate::Result<()> {
                Ok(())
            }

            fn quarantine(&self, _: &EntryName) -> crate::Result<()> {
                Ok(())
            }
        }
        set_store(Asking);
        set_store(MemoryStore::new());
    }

    #[test]
    fn suspensions_nest_and_hold_for_their_thread() {
        suspended(|| {
            suspended(|| assert!(is_suspended()));
            assert!(is_suspended());
            std::thread::spawn(|| assert!(!is_suspended())).join().unwrap();
        });
        assert!(!is_suspended());
    }
}
