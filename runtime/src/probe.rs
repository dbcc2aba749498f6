//! How a static gives out the value that it holds, told by its type. Expansions ask in steps: what owns the value
//! ([`Owner`], as often as owners may stand in each other), then what guards it ([`Guard`]). The inherent methods, for
//! the types of std, come before those of the traits, for all others. A value that can't be read is an error of the
//! compiler, with the text that the expansion gives.

use std::{
    cell::{Cell, LazyCell, OnceCell, RefCell},
    rc::Rc,
    sync::{
        Arc, LazyLock, Mutex, OnceLock, PoisonError, RwLock, TryLockError,
        atomic::{
            AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicIsize, AtomicU8,
            AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
        },
    },
    thread::LocalKey,
};

use serde::Serialize;

use crate::error::Result;
use crate::state::{Named, State};

/// A place that may own a value and not be it: `(&Owner(&X)).open(state, named, |state, it| …)`.
pub struct Owner<'a, T: ?Sized>(pub &'a T);

/// Lends what a place of any type holds: the place itself.
pub trait AnyOwner {
    /// The type of the place.
    type Owned: ?Sized;

    /// Lends it.
    ///
    /// # Errors
    ///
    /// Those of the borrower.
    fn open(
        &self,
        state: &mut State,
        named: Named,
        read: impl FnOnce(&mut State, &Self::Owned) -> Result<()>,
    ) -> Result<()>;

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<T: ?Sized> AnyOwner for Owner<'_, T> {
    type Owned = T;

    fn open(
        &self,
        state: &mut State,
        _: Named,
        read: impl FnOnce(&mut State, &T) -> Result<()>,
    ) -> Result<()> {
        read(state, self.0)
    }
}

macro_rules! owners {
    ($($owner:ty: |$it:ident| $value:expr;)*) => { $(
        impl<T: ?Sized> Owner<'_, $owner> {
            /// Lends what it points to.
            ///
            /// # Errors
            ///
            /// Those of the borrower.
            pub fn open(
                &self,
                state: &mut State,
                _: Named,
                read: impl FnOnce(&mut State, &T) -> Result<()>,
            ) -> Result<()> {
                let $it = self.0;
                read(state, $value)
            }
        }
    )* };
}

owners! {
    &T: |it| it;
    Arc<T>: |it| &**it;
    Box<T>: |it| &**it;
    Rc<T>: |it| &**it;
}

macro_rules! lazy_owners {
    ($($owner:ident)*) => { $(
        impl<T> Owner<'_, $owner<T>> {
            /// Lends what it computes, computed now if it was not before.
            ///
            /// # Errors
            ///
            /// Those of the borrower.
            pub fn open(
                &self,
                state: &mut State,
                _: Named,
                read: impl FnOnce(&mut State, &T) -> Result<()>,
            ) -> Result<()> {
                read(state, $owner::force(self.0))
            }
        }
    )* };
}

lazy_owners! { LazyCell LazyLock }

macro_rules! once_owners {
    ($($owner:ident)*) => { $(
        impl<T> Owner<'_, $owner<T>> {
            /// Lends what was set; that nothing is set is a value, too.
            ///
            /// # Errors
            ///
            /// Those of the borrower.
            pub fn open(
                &self,
                state: &mut State,
                named: Named,
                read: impl FnOnce(&mut State, &T) -> Result<()>,
            ) -> Result<()> {
                let Some(value) = self.0.get() else {
                    state.unset(named);
                    return Ok(());
                };
                read(state, value)
            }
        }
    )* };
}

once_owners! { OnceCell OnceLock }

impl<T: 'static> Owner<'static, LocalKey<T>> {
    /// Lends what this thread has.
    ///
    /// # Errors
    ///
    /// The thread is about to end, or those of the borrower.
    pub fn open(
        &self,
        state: &mut State,
        named: Named,
        read: impl FnOnce(&mut State, &T) -> Result<()>,
    ) -> Result<()> {
        let lent = self.0.try_with(|it| read(state, it));
        lent.unwrap_or_else(|_| Err(named.failed("is gone, since the thread ends")))
    }
}

/// A place that may guard a value and not be it: `(&Guard(it)).read(state, named)`.
pub struct Guard<'a, T: ?Sized>(pub &'a T);

/// That a value could be read, or why not at this moment.
pub struct Read(pub Result<()>);

/// That no value of that type can be read.
pub struct Unread;

/// Reads a value that is serialised.
pub trait Value {
    /// Reads it.
    fn read(&self, state: &mut State, named: Named) -> Read;

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<T: Serialize + ?Sized> Value for Guard<'_, T> {
    fn read(&self, state: &mut State, named: Named) -> Read {
        Read(state.add(named, self.0))
    }
}

/// Answers for every other type.
pub trait AnyGuard {
    /// Answers.
    fn read(&self, _: &mut State, _: Named) -> Unread {
        Unread
    }

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_not_used(&self) {}
}

impl<T: ?Sized> AnyGuard for &Guard<'_, T> {}

macro_rules! atomics {
    ($($atomic:ident)*) => { $(
        impl Guard<'_, $atomic> {
            /// Reads the number.
            pub fn read(&self, state: &mut State, named: Named) -> Read {
                Read(state.add(named, &self.0.load(Ordering::SeqCst)))
            }
        }
    )* };
}

atomics! {
    AtomicBool AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize
    AtomicU8 AtomicU16 AtomicU32 AtomicU64 AtomicUsize
}

macro_rules! locks {
    ($($lock:ident $try_lock:ident)*) => { $(
        impl<T: Serialize + ?Sized> Guard<'_, $lock<T>> {
            /// Reads the value, if nobody has it locked, and whether a panic left it half done.
            pub fn read(&self, state: &mut State, named: Named) -> Read {
                let (is_poisoned, value) = match self.0.$try_lock() {
                    Ok(value) => (false, value),
                    Err(TryLockError::Poisoned(it)) => (true, PoisonError::into_inner(it)),
                    Err(TryLockError::WouldBlock) => return Read(Err(named.failed("is locked"))),
                };
                Read(state.add(named, &(is_poisoned, &*value)))
            }
        }
    )* };
}

locks! { Mutex try_lock RwLock try_read }

impl<T: Serialize + Copy> Guard<'_, Cell<T>> {
    /// Reads the value.
    pub fn read(&self, state: &mut State, named: Named) -> Read {
        Read(state.add(named, &self.0.get()))
    }
}

impl<T: Serialize + ?Sized> Guard<'_, RefCell<T>> {
    /// Reads the value, if nobody has it borrowed to change it.
    pub fn read(&self, state: &mut State, named: Named) -> Read {
        match self.0.try_borrow() {
            Ok(value) => Read(state.add(named, &*value)),
            Err(_) => Read(Err(named.failed("is borrowed"))),
        }
    }
}
