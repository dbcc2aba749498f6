//! Everything that expansions of the macros may name, and nothing else. Not for people: it changes
//! with any release, which is why macros and runtime are pinned to one version.

pub use crate::{
    argument::{AnyArgument, Argument, check_argument},
    codec::Cbor,
    error::Result,
    force::{Ended, Request},
    function::{Function, generic_instance_of, instance_of},
    handle::{MemoizedCall, MemoizedFunction, UNKNOWN},
    key::Key,
    memoize::{
        Kept, apply, begin, boxed, call_signature, code_signature, codec_for, codec_for_task,
        future_of, memoize, share, shared, store_for, store_for_tasks,
    },
    probe::{AnyGuard, AnyOwner, Guard, Owner, Read, Unread, Value},
    rules::{Rules, keeps},
    shape::{NoEquality, PlainReturn, Returned, with_errors},
    signature::Signature,
    state::{Marked, Named, ReadState, State, with},
    unordered::Unordered,
};

#[cfg(feature = "async")]
pub use crate::memoize_async::memoize_async;

/// Stands for the real one beside the error of `check_async`, so that there is no second one.
#[cfg(not(feature = "async"))]
pub async fn memoize_async<A, S, C, F>(
    _function: &'static Function,
    _begun: crate::memoize::Begun,
    _kept: Kept<'_, S, C>,
    _store: Option<&'static dyn crate::Store>,
    arguments: A,
    compute: impl FnOnce(A) -> F,
) -> S::Returned
where
    S: crate::shape::Shape,
    F: Future<Output = S::Returned>,
{
    compute(arguments).await
}

/// Fails to compile where the runtime is without what asynchronous functions need.
pub const fn check_async() {
    #[cfg(not(feature = "async"))]
    panic!(
        "asynchronous functions need a feature of perennial: features = [\"async\"] in Cargo.toml"
    );
}

/// Fails to compile where the macros are of another version than the runtime.
pub const fn check_version(macros: &str) {
    let (macros, runtime) = (macros.as_bytes(), env!("CARGO_PKG_VERSION").as_bytes());
    let mut same = macros.len() == runtime.len();
    let mut place = 0;
    while same && place < macros.len() {
        same = macros[place] == runtime[place];
        place += 1;
    }
    assert!(same, "perennial and perennial-macros are of different versions");
}
