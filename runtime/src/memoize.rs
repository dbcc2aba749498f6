//! The memoization itself.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use crate::{
    codec::{Codec, Equal},
    entry::{self, Header},
    error::{Error, Result},
    function::Function,
    key::{CallKey, Key},
    name::EntryName,
    reporter::report,
    scope,
    shape::Shape,
    signature::Signature,
    stats,
    store::Store,
};

/// What is known of a call before it runs.
#[derive(Clone, Copy)]
pub struct Begun(Option<(CallKey, Instant)>);

/// Makes the key of a call. `sign` writes the arguments and the environment into it. There is none
/// while memoization is suspended, and where the key can't be made, which is reported.
pub fn begin(function: &'static Function, sign: impl FnOnce(&mut Key) -> Result<()>) -> Begun {
    if scope::is_suspended() {
        return Begun(None);
    }
    let begun = Instant::now();
    match guarded(|| key_of(function, sign)) {
        Ok(key) => Begun(Some((key, begun))),
        Err(error) => {
            stats::UNMEMOIZED.count();
            report(function.name, "cannot memoize a call of", &error);
            Begun(None)
        }
    }
}

/// How the results of a function are kept.
pub struct Kept<'a, S: Shape> {
    /// What of a result is stored.
    pub shape: S,
    /// How two results are compared, where they can be.
    pub equal: Option<Equal<S::Stored>>,
    /// How results become bytes.
    pub codec: &'a dyn Codec<S::Stored>,
    /// The function's own store.
    pub store: Option<&'a dyn Store>,
}

/// Returns the stored result of a call, or computes and stores it.
///
/// `compute` is the function's body. Nothing that goes wrong with the key, the store or the codec
/// makes the call fail, not even a panic in one of them: it computes, and the failure is reported.
pub fn memoize<A, S: Shape>(
    function: &'static Function,
    begun: Begun,
    kept: &Kept<'_, S>,
    arguments: A,
    compute: impl FnOnce(A) -> S::Returned,
) -> S::Returned {
    let Begun(Some((key, begun))) = begun else { return compute(arguments) };
    let Kept { shape: _, equal, codec, store } = *kept;
    let name = EntryName::of_call(function.code, key.call);
    let scoped = store.is_none().then(scope::store);
    let store: &dyn Store = match (&scoped, store) {
        (_, Some(store)) => store,
        (Some(store), None) => store,
        (None, None) => return compute(arguments),
    };
    if let Err(error) = guarded(|| store.note_code(&function.manifest())) {
        failed(function, "cannot record the code of", &error);
    }
    match guarded(|| look_up(&key, &name, codec, store)) {
        Ok(Some((header, stored))) => {
            stats::HITS.count();
            stats::COMPUTED_BEFORE.add(header.computed());
            stats::LOADING.add(begun.elapsed());
            return S::restored(stored);
        }
        Ok(None) => {}
        Err(error) => {
            failed(function, "cannot read a result of", &error);
            // One that is too large for this program may suit another.
            if error.is_damaged() || error.is_decoding() {
                set_aside(function, &name, store);
            }
        }
    }
    stats::MISSES.count();
    let begun = Instant::now();
    let returned = compute(arguments);
    let computed = begun.elapsed();
    stats::COMPUTED.add(computed);
    if let Some(stored) = S::stored(&returned) {
        let header = Header::new(function.name, &key, std::any::type_name::<S::Stored>(), computed);
        match guarded(|| write(header, stored, equal, &name, codec, store)) {
            Ok(()) => stats::STORED.count(),
            Err(error) => failed(function, "cannot store a result of", &error),
        }
    }
    returned
}

/// Runs code that isn't ours: a panic in it is an error like any other. Nothing of ours is left half
/// done by one, and a store that is has to say so itself.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
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

/// Names the codec of a function's results: the place where a result that has none is an error.
pub fn codec_for<'c, S: Shape, C: Codec<S::Stored> + 'c>(
    _shape: &S,
    codec: &'c C,
) -> &'c dyn Codec<S::Stored> {
    codec
}

/// Names a function's store: the place where one that isn't a store is an error.
pub fn store_for<'a, S: Store + ?Sized + 'a>(store: &'a &'a S) -> &'a dyn Store {
    store
}

/// Returns the call signature of a call with these arguments.
pub fn call_signature<A>(
    function: &Function,
    arguments: &A,
    sign: impl FnOnce(&A, &mut Key) -> Result<()>,
) -> Result<Signature> {
    key_of(function, |key| sign(arguments, key)).map(|it| it.call)
}

/// Returns the code signature of a function whose analysis was cut.
///
/// Where the running program can't be read, that alone is the signature: it is stable within the
/// process and equal to no other.
pub fn code_signature(function: &Function) -> Signature {
    function.key_code("").unwrap_or_else(|error| {
        failed(function, "cannot sign", &error);
        let now = format!("{:?} {}", std::time::SystemTime::now(), std::process::id());
        function.code.with_executable(Signature::of_bytes(now.as_bytes()), "", "")
    })
}

fn key_of(function: &Function, sign: impl FnOnce(&mut Key) -> Result<()>) -> Result<CallKey> {
    let mut key = Key::default();
    sign(&mut key)?;
    key.finish(function)
}

fn look_up<T>(
    key: &CallKey,
    name: &EntryName,
    codec: &dyn Codec<T>,
    store: &dyn Store,
) -> Result<Option<(Header, T)>> {
    let Some(payload) = store.lookup(name)? else { return Ok(None) };
    let (header, result) = entry::open(&payload, key)?;
    // Whatever a codec says of bytes that were stored whole, they are no use.
    let stored = codec
        .decode(result)
        .map_err(|error| Error::damaged_by("its result can't be decoded", error))?;
    Ok(Some((header, stored)))
}

fn write<T>(
    header: Header,
    stored: &T,
    equal: Option<Equal<T>>,
    name: &EntryName,
    codec: &dyn Codec<T>,
    store: &dyn Store,
) -> Result<()> {
    let mut result = Vec::new();
    codec.encode_verified(stored, equal, &mut result)?;
    store.write(name, &entry::payload(header, &result)?)
}

fn set_aside(function: &Function, name: &EntryName, store: &dyn Store) {
    if let Err(error) = guarded(|| store.quarantine(name)) {
        failed(function, "cannot set aside a result of", &error);
    }
}

fn failed(function: &Function, doing: &'static str, error: &Error) {
    stats::FAILURES.count();
    report(function.name, doing, error);
}

#[cfg(test)]
mod tests;
