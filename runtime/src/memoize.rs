//! The memoization itself.

use std::time::Instant;

use crate::{
    codec::Codec,
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

/// Returns the stored result of a call, or computes and stores it.
///
/// `sign` writes the arguments and the environment into the key; `compute` is the function's body.
/// Nothing that goes wrong with the key, the store or the codec makes the call fail: it computes,
/// and the failure is reported.
pub fn memoize<A, S: Shape>(
    function: &'static Function,
    _shape: S,
    codec: &dyn Codec<S::Stored>,
    store: Option<&dyn Store>,
    arguments: A,
    sign: impl FnOnce(&A, &mut Key) -> Result<()>,
    compute: impl FnOnce(A) -> S::Returned,
) -> S::Returned {
    if scope::is_suspended() {
        return compute(arguments);
    }
    let begun = Instant::now();
    let key = match key_of(function, |key| sign(&arguments, key)) {
        Ok(key) => key,
        Err(error) => {
            stats::UNMEMOIZED.count();
            report(function.name, "cannot memoize a call of", &error);
            return compute(arguments);
        }
    };
    let name = EntryName::of_call(function.code, key.call);
    let scoped = store.is_none().then(scope::store);
    let store: &dyn Store = match (&scoped, store) {
        (_, Some(store)) => store,
        (Some(store), None) => store,
        (None, None) => return compute(arguments),
    };
    if let Err(error) = store.note_code(&function.manifest()) {
        failed(function, "cannot record the code of", &error);
    }
    match look_up(&key, &name, codec, store) {
        Ok(Some((header, stored))) => {
            stats::HITS.count();
            stats::COMPUTED_BEFORE.add(header.computed());
            stats::LOADING.add(begun.elapsed());
            return S::restored(stored);
        }
        Ok(None) => {}
        Err(error) => {
            failed(function, "cannot read a result of", &error);
            if error.is_damaged() || error.is_decoding() || error.is_too_large() {
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
        match write(header, stored, &name, codec, store) {
            Ok(()) => stats::STORED.count(),
            Err(error) => failed(function, "cannot store a result of", &error),
        }
    }
    returned
}

/// Names the codec of a function's results: the place where a result that has none is an error.
pub fn codec_for<'c, S: Shape, C: Codec<S::Stored> + 'c>(
    _shape: &S,
    codec: &'c C,
) -> &'c dyn Codec<S::Stored> {
    codec
}

/// Returns the call signature of a call.
pub fn call_signature(
    function: &Function,
    sign: impl FnOnce(&mut Key) -> Result<()>,
) -> Result<Signature> {
    key_of(function, sign).map(|it| it.call)
}

/// Returns the code signature of a function whose analysis was cut.
///
/// Where the running program can't be read, that alone is the signature: it is stable within the
/// process and equal to no other.
pub fn code_signature(function: &Function) -> Signature {
    function.key_code().unwrap_or_else(|error| {
        failed(function, "cannot sign", &error);
        let now = format!("{:?} {}", std::time::SystemTime::now(), std::process::id());
        function.code.with_executable(Signature::of_bytes(now.as_bytes()))
    })
}

fn key_of(function: &Function, sign: impl FnOnce(&mut Key) -> Result<()>) -> Result<CallKey> {
    let mut key = Key::default();
    sign(&mut key)?;
    key.finish(function.key_code()?)
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
    name: &EntryName,
    codec: &dyn Codec<T>,
    store: &dyn Store,
) -> Result<()> {
    let mut result = Vec::new();
    codec.encode(stored, &mut result)?;
    store.write(name, &entry::payload(header, &result)?)
}

fn set_aside(function: &Function, name: &EntryName, store: &dyn Store) {
    if let Err(error) = store.quarantine(name) {
        failed(function, "cannot set aside a result of", &error);
    }
}

fn failed(function: &Function, doing: &'static str, error: &Error) {
    stats::FAILURES.count();
    report(function.name, doing, error);
}

#[cfg(test)]
mod tests;
