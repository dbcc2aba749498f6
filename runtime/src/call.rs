//! One memoized call after its key is known: what it does with its store. Everything that goes wrong
//! here is reported and is no failure of the call.

use std::{
    any::type_name,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{
    codec::{Codec, Equal},
    distrust,
    entry::{self, Header},
    error::{Error, Result},
    event,
    flight::{self, Outcome},
    function::Function,
    key::CallKey,
    mode::Mode,
    name::EntryName,
    reporter::report,
    rules::Rules,
    shape::Shape,
    stats,
    store::Store,
    witnesses::Witnesses,
};

/// A call, and how its result is kept.
pub(crate) struct Call<'a, S: Shape, C: ?Sized> {
    pub(crate) function: &'static Function,
    pub(crate) key: CallKey,
    /// When its key began to be made.
    pub(crate) begun: Instant,
    pub(crate) name: EntryName,
    pub(crate) mode: Mode,
    pub(crate) witnesses: Witnesses,
    pub(crate) equal: Option<Equal<S::Stored>>,
    pub(crate) codec: &'a C,
    pub(crate) rules: &'a Rules<S::Returned>,
}

/// A result that was found.
pub(crate) struct Hit<S: Shape> {
    stored: S::Stored,
    /// It is to be computed again, to see whether it is the same.
    pub(crate) is_sample: bool,
}

impl<S: Shape> Hit<S> {
    pub(crate) fn returned(self) -> S::Returned {
        S::restored(self.stored)
    }
}

impl<S: Shape, C: Codec<S::Stored> + ?Sized> Call<'_, S, C> {
    /// The call in this store, for those who want the same.
    pub(crate) fn flight(&self, store: &dyn Store) -> flight::Name {
        (store.address(), self.key.call)
    }

    /// Takes what was read apart; anything but the result of this very call is a miss.
    pub(crate) fn open(&self, found: Result<Option<Vec<u8>>>, store: &dyn Store) -> Option<Hit<S>> {
        match found.and_then(|it| guarded(|| self.decoded(it))) {
            Ok(Some((header, stored))) => {
                stats::HITS.count();
                stats::COMPUTED_BEFORE.add(header.computed());
                let loading = self.begun.elapsed();
                stats::LOADING.add(loading);
                event::hit(self.function.name, &self.key, loading);
                let is_sample = self.mode == Mode::Verify || self.rules.is_sample();
                Some(Hit { stored, is_sample })
            }
            Ok(None) => None,
            Err(error) => {
                self.failed("cannot read a result of", &error);
                // One that is too large for this program may suit another.
                if error.is_damaged() || error.is_decoding() {
                    self.set_aside(store);
                }
                None
            }
        }
    }

    fn decoded(&self, found: Option<Vec<u8>>) -> Result<Option<(Header, S::Stored)>> {
        let Some(payload) = found else { return Ok(None) };
        let (header, result) = entry::open(&payload, &self.key)?;
        if self.rules.has_expired(header.created) {
            return Ok(None);
        }
        // Whatever a codec says of bytes that were stored whole, they are no use.
        let stored = self
            .codec
            .decode(result)
            .map_err(|error| Error::damaged_by("its result can't be decoded", error))?;
        Ok(Some((header, stored)))
    }

    /// Makes the payload of what was computed; `None` where nothing is to be stored.
    pub(crate) fn payload(&self, returned: &S::Returned, computed: Duration) -> Option<Vec<u8>> {
        stats::MISSES.count();
        stats::COMPUTED.add(computed);
        event::miss(self.function.name, &self.key, computed);
        if !self.mode.writes() || !self.rules.keeps(returned) {
            return None;
        }
        let stored = S::stored(returned)?;
        if !self.rules.errors && may_hide_an_error::<S>() {
            let message = "its type is a `Result` behind a type parameter, whose errors can't be told; \
                           write `Result` in the signature";
            self.failed("cannot store a result of", &Error::other(message));
            return None;
        }
        let name = self.function.name;
        let header = Header::new(name, &self.key, type_name::<S::Stored>(), computed);
        let payload = guarded(|| {
            self.witnesses.check()?;
            let mut result = Vec::new();
            self.codec.encode_verified(stored, self.equal, &mut result)?;
            entry::payload(header, &result)
        });
        payload.map_err(|error| self.failed("cannot store a result of", &error)).ok()
    }

    /// Notes how writing ended.
    pub(crate) fn written(&self, written: Result<()>) -> Outcome {
        match written {
            Ok(()) => {
                stats::STORED.count();
                event::stored(self.function.name, &self.key);
                Outcome::Stored
            }
            Err(error) => {
                self.failed("cannot store a result of", &error);
                Outcome::Unstored
            }
        }
    }

    /// Compares a stored result with one that was computed again. A function whose results differ is
    /// not memoized any more in this process, and what was stored is set aside.
    pub(crate) fn verified(&self, hit: &Hit<S>, again: &S::Returned, store: &dyn Store) {
        stats::VERIFIED.count();
        let same = guarded(|| match S::stored(again) {
            Some(again) => self.codec.same(&hit.stored, again, self.equal),
            None => Ok(false),
        });
        let error = match same {
            Ok(true) => return,
            Ok(false) => Error::nondeterministic(),
            Err(error) => error,
        };
        self.failed("a stored result differs from what is computed by", &error);
        if error.is_nondeterministic() {
            distrust::add(self.key.code);
            self.set_aside(store);
        }
    }

    fn set_aside(&self, store: &dyn Store) {
        if !self.mode.writes() {
            return;
        }
        if let Err(error) = guarded(|| store.quarantine(&self.name)) {
            self.failed("cannot set aside a result of", &error);
        }
    }

    pub(crate) fn failed(&self, doing: &'static str, error: &Error) {
        failed(self.function, doing, error);
    }
}

/// Tells whether a whole `Result` would be stored: where the macro saw a type parameter.
fn may_hide_an_error<S: Shape>() -> bool {
    let (stored, returned) = (type_name::<S::Stored>(), type_name::<S::Returned>());
    stored == returned && returned.starts_with("core::result::Result<")
}

/// Looks up an entry, after the store has taken note of the code.
pub(crate) fn read(
    function: &'static Function,
    name: &EntryName,
    mode: Mode,
    store: &dyn Store,
) -> Result<Option<Vec<u8>>> {
    if mode.writes()
        && let Err(error) = guarded(|| store.note_code(&function.manifest()))
    {
        failed(function, "cannot record the code of", &error);
    }
    if mode.reads() { guarded(|| store.lookup(name)) } else { Ok(None) }
}

pub(crate) fn failed(function: &Function, doing: &'static str, error: &Error) {
    stats::FAILURES.count();
    event::failed(function.name, doing, error);
    report(function.name, doing, error);
}

/// Runs code that isn't ours: a panic in it is an error like any other. Nothing of ours is left half
/// done by one, and a store that is has to say so itself.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(|it| (*it).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        // Dropping it could panic again.
        std::mem::forget(panic);
        Err(Error::other(format!("a panic: {}", message.unwrap_or_default())))
    })
}
