//! Everything that expansions of the macros may name, and nothing else. Not for people: it changes
//! with any release, which is why macros and runtime are pinned to one version.

pub use crate::{
    argument::{AnyArgument, Argument, check_argument},
    codec::Cbor,
    function::{Function, instance_of},
    key::Key,
    memoize::{Kept, begin, call_signature, code_signature, codec_for, memoize, store_for},
    shape::{NoEquality, PlainReturn, Returned},
    signature::Signature,
};

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
