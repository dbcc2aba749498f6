//! The macros of [perennial](https://docs.rs/perennial): [`macro@memo`] and [`memo_key!`]. Use them
//! through that crate, which re-exports them; on their own they name things that aren't there.
//!
//! Both find their function in the signature table that `perennial-build` made, by file, line and
//! column, and add what only the compiler's own arguments tell: flags, cfgs and the build units of
//! the dependencies that the function reaches.

mod compilation;
mod context;
mod expand;
mod hex;
mod index;
mod instance;
mod key;
mod lookup;
mod memoized_function;
mod options;
mod position;
mod refused_type;
mod render;
mod unit_source;
mod validate;
mod warning;

use proc_macro::TokenStream;

/// Memoizes a function on disk: a result is reused only while the code that computes it, its
/// arguments and the state listed in `env(…)` are the same.
///
/// ```text
/// #[memo]
/// fn simulate(grid: &Grid, seed: u64) -> Field { … }
/// ```
///
/// The call's key is made of the function's code and everything that it reaches, of the build
/// (compiler, target, flags, versions of what it uses), of the arguments by name, and of the state
/// listed. A hit reads and decodes the stored result; the body does not run. A miss runs it and
/// stores what it returns. A function that returns a `Result` has only its `Ok`s stored.
///
/// # Options
///
/// - `store = expr`: a store for this function; anything that implements `Store`.
/// - `codec = path`: how results are encoded; a unit value that implements `Codec`.
/// - `skip(a, b)`: arguments that do not change the result, such as a progress bar.
/// - `env(EXPR, …)`: state that the function reads; each expression is serialised at the call.
/// - `allow(clock, random, files, network, env, statics, process)`: state that the function reads and
///   that stored results may ignore; the build then says nothing of it for this function.
/// - `crate = path`: where `perennial` is, if another crate re-exports it.
///
/// # Restrictions
///
/// - Arguments implement `serde::Serialize`, and serialise differently where the function treats
///   them differently: a field with `#[serde(skip)]` is not in the key.
/// - The result implements `Serialize` and `DeserializeOwned`, and reads back as it was.
/// - The function's effects (files it writes, what it prints) happen only on a miss.
/// - What the function reads besides its arguments (clock, files, network, mutable statics) is in
///   the key only where `env(…)` lists it.
/// - Refused, with a message that says what to write instead: `async` and `const` functions, type
///   and const parameters, `&mut` arguments, `self` by value, `impl Trait`, `#[track_caller]`, results
///   that are references.
#[proc_macro_attribute]
pub fn memo(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::memo(options.into(), &item.into()).into()
}

/// Gives the code signature of a function, `memo_key!(model::simulate)`, or the call signature of a
/// call, `memo_key!(simulate(&grid, 7))`; both are a `Signature`.
///
/// The first is a constant, unless the function reaches what syntax can't follow: then the digest
/// of the executable is mixed in at run time. The second evaluates the arguments, and equals what
/// `#[memo]` stores that call under.
///
/// A name that the table doesn't have is a compile error with the nearest one that it has.
///
/// # Panics
///
/// The second form, where an argument's `Serialize` fails.
#[proc_macro]
pub fn memo_key(input: TokenStream) -> TokenStream {
    key::memo_key(input.into()).into()
}
