//! The macros of [perennial](https://docs.rs/perennial): [`macro@memo`], [`memo_fn!`], [`memo_key!`] and
//! [`memo_call!`]. Use them through that crate, which re-exports them; on their own they name things that
//! aren't there.
//!
//! All find their function in the signature table that `perennial-build` made, by file, line and
//! column, and add what only the compiler's own arguments tell: flags, cfgs and the build units of
//! the dependencies that the function reaches.

mod asynchrony;
mod closure;
mod compilation;
mod context;
mod expand;
mod handle;
mod hex;
mod index;
mod instance;
mod key;
mod lookup;
mod mark;
mod memoized_function;
mod option_value;
mod options;
mod position;
mod refused_type;
mod render;
mod state;
mod unit_source;
mod validate;
mod warning;

use proc_macro::TokenStream;

/// Memoizes a function on disk: a result is reused only while the code that computes it, its
/// arguments and the state that it reads are the same.
///
/// ```text
/// #[memo]
/// fn simulate(grid: &Grid, seed: u64) -> Field { … }
/// ```
///
/// The call's key is made of the function's code and everything that it reaches, of the build
/// (compiler, target, flags, versions of what it uses), of the arguments by name, and of the state
/// that it reads, listed or not. A hit reads and decodes the stored result; the body does not run. A miss runs it and
/// stores what it returns. A function that returns a `Result` has only its `Ok`s stored.
///
/// Callers that miss the same call at the same time wait for the first of them, which computes it
/// (`set_patience`). An `async fn` (with the runtime's feature `async`) does so without blocking a
/// thread, reads and writes files on other threads, and leaves the work to a waiting task where the one
/// that computes is dropped.
///
/// # Options
///
/// - `store = expr`: a store for this function; anything that implements `Store`. That of an `async fn`
///   lives as long as the program: a static, or a `&'static` reference.
/// - `codec = path`: how results are encoded; a unit value that implements `Codec`.
/// - `skip(a, b)`: arguments that do not change the result, such as a progress bar.
/// - `key(a = expr, …)`: what stands in the key for an argument, such as `key(text = text.trim())`.
/// - `unordered(a, b)`: arguments whose elements' order says nothing. (Sets of std need no word.)
/// - `env(EXPR, …)`: state that the function reads; each expression is serialised at the call.
/// - `code = deep | own | pinned("…")`: how much of the code is in the key: all that the function reaches, the
///   default; its own source alone; or a text that you change when results are to be computed again, so
///   that 40,000 downloads survive an edit of the crawler. With the latter two results can be stale: that
///   is what they are for.
/// - `version = N`: part of the code; another number computes all results again.
/// - `expires = "7d"`: how long a result is reused, in the words of `humantime`: `"1h 30min"`, `"2weeks"`.
/// - `if = expr`: decides which results are stored: a closure without captures or the path of a
///   function, such as `if = Option::is_some`, that takes a reference to what the function returns.
/// - `cache_err`: of a `Result` the `Err`s are stored too.
/// - `verify = 0.01`: the share of hits, picked by chance, that are computed again and compared. A function
///   whose result differs is reported, the entry is set aside, and this process memoizes it no more.
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
/// - What the function reads besides its arguments (clock, files, network) is in the key only where `env(…)` lists it;
///   but statics that can change, and variables of the process that are read by a literal name, always are. One that
///   can't be is an error that says what to write ([`macro@env`]).
/// - A generic function, and one whose impl or trait is generic, has results for each choice of types. The
///   digest of the executable is in its key: which types those are only the program tells.
/// - A function that returns a future (`impl Future`, `Pin<Box<dyn Future>>`, as `async_trait` makes it)
///   is asynchronous as a whole: what it does before it returns the future is done by the future.
/// - Refused, with a message that says what to write instead: `const`, `unsafe` and foreign functions,
///   `&mut` arguments, `&mut self`, `#[track_caller]`, results that are references.
#[proc_macro_attribute]
pub fn memo(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::memo(options.into(), &item.into()).into()
}

/// Puts a static into the keys of the memoized functions that read it, where they can't name it or it can't be
/// serialised.
///
/// A static that can change is in the key of every memoized function that reaches it, by its value when the call
/// begins. Most need no word. This is for the others:
///
/// - `#[perennial::env]`: one that the function can't name: private in another module or package, or in a block. It is
///   read where it stands.
/// - `#[perennial::env(with = |it| it.version())]`: one that can't be serialised. What the closure or the path of a
///   function makes of a `&'static` reference to it is in the key.
/// - `#[perennial::env(skip)]`: one that changes no result, such as a cache, a counter or a connection.
/// - `#[perennial::env(unsafe)]`: a `static mut`. You vouch that nothing writes it while a memoized function that
///   reaches it begins or ends.
///
/// It stands on statics, also on those within `thread_local!`.
#[proc_macro_attribute]
pub fn env(options: TokenStream, item: TokenStream) -> TokenStream {
    mark::env(options.into(), &item.into()).into()
}

/// Makes a closure that is memoized, which can be kept and returned:
/// `memo_fn!([y, &z] |x: i64| -> i64 { x + y - z })`.
///
/// What the closure uses of the scope around it is listed: `y` is cloned, `&z` is borrowed. Their values
/// are in the key, as are the arguments'; what isn't listed can't be used. The type of the result is
/// written. The code that counts is that of the function in which the closure stands, and of
/// everything that it reaches.
///
/// `memo_fn!([client] async |question: String| -> String { … })` is asynchronous, with the runtime's
/// feature `async`.
///
/// # Restrictions
///
/// As those of [`macro@memo`]; what is captured implements `serde::Serialize`.
#[proc_macro]
pub fn memo_fn(input: TokenStream) -> TokenStream {
    closure::memo_fn(input.into()).into()
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

/// Gives a handle of a call of a memoized function, `memo_call!(simulate(&grid, 7))`, or of all its calls,
/// `memo_call!(simulate)`: a `MemoizedCall` or a `MemoizedFunction`.
///
/// ```text
/// let call = perennial::memo_call!(simulate(&grid, 7));
/// if call.is_stored()? {
///     call.forget()?;
/// }
/// let field = call.force();
///
/// let forgotten = perennial::memo_call!(simulate).forget()?;
/// ```
///
/// The arguments are evaluated once, when the handle is made, and are coerced as in the call; the handle
/// holds them. Methods are named by their type: `memo_call!(Solver::step(&solver, 3))`.
///
/// Where the function has a store of its own (`store = …`), that is said again, since it can be read only inside
/// the function: `memo_call!(simulate(&grid, 7), store = STORE)`.
///
/// # Restrictions
///
/// - The function is memoized, and is one of this crate.
/// - A handle of a call needs a key that is known outside: the function is not generic and has neither `env(…)`
///   nor `key(…)`. A handle of all its calls has no such restriction.
/// - No other attribute stands above its `#[memo]` or on its impl: what that makes of the function is not known outside.
#[proc_macro]
pub fn memo_call(input: TokenStream) -> TokenStream {
    handle::memo_call(input.into()).into()
}
