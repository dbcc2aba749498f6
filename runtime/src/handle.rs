//! Handles: what can be asked of a memoized function from outside. The macros make them, as struct
//! expressions, so that their fields are public; nobody else may name these.

use std::{fmt, marker::PhantomData, time::Duration};

use crate::{
    call::guarded,
    entry,
    error::{Error, Result},
    force::Request,
    function::Function,
    key::{CallKey, Key},
    memoize::{code_signature, key_of},
    mode::{self, Mode},
    name::EntryName,
    rules, scope,
    signature::Signature,
    store::Store,
};

/// A call of a memoized function, as `memo_call!(simulate(&grid, 7))` makes it: it holds the
/// arguments, and tells whether the call's result is stored, forgets it, or computes it anew.
///
/// ```text
/// let call = perennial::memo_call!(simulate(&grid, 7));
/// println!("{} is stored: {}", call.signature()?, call.is_stored()?);
/// let field = call.force();
/// ```
///
/// `A` is the tuple of the arguments, `R` what [`force`](Self::force) returns; the lifetime is that of the store, where
/// one is said. The key is made when it is asked for: a [`File`](crate::File) among the arguments counts with the
/// content that it has then.
///
/// The store is the one in force where the question is asked ([`store`](crate::store)). Questions are
/// answered on the spot, also beside asynchronous functions: those to a [`FileStore`](crate::FileStore) wait for the disk.
#[must_use = "a handle does nothing by itself"]
pub struct MemoizedCall<'s, A, R> {
    /// Decides what the arguments are coerced to.
    #[doc(hidden)]
    pub __types: PhantomData<A>,
    #[doc(hidden)]
    pub __arguments: A,
    #[doc(hidden)]
    pub __function: &'static Function,
    /// The function's own store.
    #[doc(hidden)]
    pub __store: Option<&'s dyn Store>,
    #[doc(hidden)]
    pub __expires: Option<Duration>,
    #[doc(hidden)]
    pub __sign: fn(&A, &mut Key) -> Result<()>,
    #[doc(hidden)]
    pub __force: fn(A, Request) -> R,
}

impl<A, R> MemoizedCall<'_, A, R> {
    /// Returns the signature that the call is stored under: that of
    /// `memo_key!(simulate(&grid, 7))`.
    ///
    /// # Errors
    ///
    /// An argument can't be serialised, or the function is keyed by the executable, which can't be read.
    pub fn signature(&self) -> Result<Signature> {
        self.key().map(|it| it.call)
    }

    /// Tells whether the store holds a result of this call that is whole and has not expired. The function
    /// does not run, and the result is not decoded. The mode makes no difference, and nothing is written.
    ///
    /// # Errors
    ///
    /// As those of [`signature`](Self::signature), or the store can't tell.
    pub fn is_stored(&self) -> Result<bool> {
        let key = self.key()?;
        let name = self.name(&key);
        let found = with_store(self.__store, |store| store.lookup(&name));
        let header = found.and_then(|it| it.map(|it| entry::header(&it, &key)).transpose());
        match header {
            Ok(found) => {
                Ok(found.is_some_and(|it| !rules::has_expired(self.__expires, it.created)))
            }
            // A call would compute, and mend it.
            Err(error) if error.is_damaged() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes the call's result from the store. Returns whether there was an entry, which may have been
    /// damaged, or too old.
    ///
    /// What is being computed meanwhile, in this process or another one, is stored when it is done.
    ///
    /// # Errors
    ///
    /// As those of [`signature`](Self::signature); the entry can't be removed; or memoized calls may not
    /// write here ([`Error::is_read_only`]): under [`Mode::Off`](crate::Mode::Off) and
    /// [`Mode::ReadOnly`](crate::Mode::ReadOnly), and where memoization is suspended.
    pub fn forget(&self) -> Result<bool> {
        check_mode()?;
        let name = self.name(&self.key()?);
        with_store(self.__store, |store| store.remove(&name))
    }

    /// Computes the call anew, stores the result in place of what is there, and returns what the function
    /// returns: for an asynchronous function a future, which does all that.
    ///
    /// Memoized functions that it calls in turn are memoized as ever. What decides whether a result is stored
    /// does so here too: errors, `if = …`, a panic, and the mode. Under [`Mode::Off`](crate::Mode::Off) and
    /// [`Mode::ReadOnly`](crate::Mode::ReadOnly), and where memoization is suspended, it computes and stores
    /// nothing. What was stored before then stays: to be rid of it, [`forget`](Self::forget) it.
    ///
    /// Where the same call is being computed in this process, this one waits for it first, so that what is
    /// stored in the end is its own ([`set_patience`](crate::set_patience)).
    pub fn force(self) -> R {
        (self.__force)(self.__arguments, Request(self.__function))
    }

    fn key(&self) -> Result<CallKey> {
        let made = guarded(|| key_of(self.__function, |key| (self.__sign)(&self.__arguments, key)));
        made.map(|(it, _)| it)
    }

    fn name(&self, key: &CallKey) -> EntryName {
        EntryName::of_call(self.__function.code, key.call)
    }
}

impl<A: Clone, R> Clone for MemoizedCall<'_, A, R> {
    fn clone(&self) -> Self {
        Self { __arguments: self.__arguments.clone(), ..*self }
    }
}

impl<A, R> fmt::Debug for MemoizedCall<'_, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoizedCall").field(&self.__function.name).finish()
    }
}

/// A memoized function, as `memo_call!(simulate)` makes it: all its calls.
///
/// ```text
/// let forgotten = perennial::memo_call!(simulate).forget()?;
/// println!("{forgotten} results are gone");
/// ```
#[must_use = "a handle does nothing by itself"]
#[derive(Clone, Copy)]
pub struct MemoizedFunction<'s> {
    #[doc(hidden)]
    pub __function: &'static Function,
    /// The function's own store.
    #[doc(hidden)]
    pub __store: Option<&'s dyn Store>,
}

impl MemoizedFunction<'_> {
    /// Returns the code signature: that of `memo_key!(simulate)`.
    pub fn signature(&self) -> Signature {
        code_signature(self.__function)
    }

    /// Removes the results of all calls of the function as its code is now, and returns how many there were.
    ///
    /// Results belong to code: those of an older version of the function stay, and a function of the very same
    /// code loses its own too. Of a generic function, and of any that is keyed by the executable,
    /// the results of all choices of types and of all builds go. What is being computed meanwhile is
    /// stored when it is done.
    ///
    /// # Errors
    ///
    /// Entries can't be removed; some may be gone then. Or memoized calls may not write here, as for
    /// [`MemoizedCall::forget`].
    pub fn forget(&self) -> Result<u64> {
        check_mode()?;
        with_store(self.__store, |store| store.remove_code(self.__function.code))
    }
}

impl fmt::Debug for MemoizedFunction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoizedFunction").field(&self.__function.name).finish()
    }
}

/// Says that memoized calls may not change the store here, and why.
fn check_mode() -> Result<()> {
    match mode::mode() {
        Mode::Off => Err(Error::read_only("the mode is `off`")),
        Mode::ReadOnly => Err(Error::read_only("the mode is `readonly`")),
        _ if scope::is_suspended() => Err(Error::read_only("memoization is suspended")),
        Mode::On | Mode::Refresh | Mode::Verify => Ok(()),
    }
}

/// Asks a function's own store, else the one in force.
fn with_store<T>(own: Option<&dyn Store>, ask: impl FnOnce(&dyn Store) -> Result<T>) -> Result<T> {
    guarded(|| {
        let Some(store) = own else { return ask(&*scope::store()) };
        ask(store)
    })
}

/// Stands for any function where an editor asks.
#[doc(hidden)]
pub static UNKNOWN: Function = Function {
    name: "",
    code: Signature::from_bytes([0; 32]),
    executable: false,
    instance: "",
    items: "",
    sources: "",
    context: "",
    state: None,
};

#[cfg(test)]
mod tests;
