//! Code-aware memoization on disk: results of expensive functions survive the process, and are
//! reused only while the code that computes them, their arguments and the state they read are the
//! same.
//!
//! ```text
//! // build.rs
//! fn main() {
//!     perennial_build::generate();
//! }
//! ```
//!
//! ```text
//! use perennial::memo;
//!
//! #[memo]
//! fn simulate(grid: &Grid, seed: u64) -> Field { … }
//! ```
//!
//! A call's key is made of the function's code *and everything it reaches*, of its arguments, and of
//! the state it reads. Change a helper three modules away, and exactly the results that depend on
//! it are computed again; reformat, comment or move code, and none is. Go back to the old code, and
//! the old results are there.
//!
//! # How it fits together
//!
//! - `perennial-build` reads the package at build time and emits a table of signatures.
//! - [`macro@memo`], [`memo_fn!`] and [`memo_key!`] find their function in the table and add the build context.
//! - [`Arguments`] and [`Environment`] sign values; [`Signature::of_call`] joins the three.
//! - A [`File`] is an argument that is known by its content.
//! - A [`Store`] keeps entries by [`EntryName`]: [`FileStore`] in a folder, [`MemoryStore`] in
//!   memory. A [`Codec`] turns results into bytes.
//! - [`memo_call!`] makes handles: a [`MemoizedCall`] tells whether its result is stored, forgets it or computes it
//!   anew; a [`MemoizedFunction`] forgets all.
//! - [`storing_in`], [`set_store`] and the environment variable `PERENNIAL_DIR` say where;
//!   [`suspend`] turns memoization off for a while; a [`Context`] carries both into threads and futures.
//! - [`set_mode`] and the environment variable `PERENNIAL_MODE` say what is read and written; [`stats`]
//!   counts.
//!
//! # Features
//!
//! - `async`: `#[memo]` on asynchronous functions, under any executor.
//! - `tracing`: events of the target `perennial`: `hit`, `miss` and `stored` at debug level, `failed` at warn level, with
//!   the function and the call's signature.
//!
//! # Limits
//!
//! A store that is missing, full or broken never makes a call fail: the function runs, and the
//! failure goes to the reporter ([`set_reporter`]). Of what a function reads besides its arguments,
//! statics that can change and variables of the process are in the key ([`macro@env`] for those that can't be); the clock, files and
//! the network only where `env(…)` lists them. Two processes that miss the same call both compute
//! it; of threads and tasks one does, and the others wait for it ([`set_patience`]).

mod argument;
mod arguments;
mod call;
mod codec;
mod context;
mod default_folder;
mod digest;
mod distrust;
mod encoding;
mod entry;
mod error;
mod event;
mod executable;
mod file;
mod file_store;
mod flight;
mod force;
mod function;
mod gzip;
mod handle;
mod key;
mod manifest;
mod memoize;
#[cfg(feature = "async")]
mod memoize_async;
mod memory_store;
mod mode;
mod name;
mod no_store;
mod private;
mod probe;
mod reporter;
mod root;
mod rules;
mod scope;
mod shape;
mod signature;
mod state;
mod stats;
mod store;
pub mod table;
pub mod unordered;
mod witnesses;

pub use arguments::{Arguments, Environment, signature_of};
pub use codec::{Cbor, Codec, Equal};
pub use context::{Context, ContextGuard};
pub use error::{Error, Result};
pub use file::File;
pub use file_store::FileStore;
pub use flight::set_patience;
pub use handle::{MemoizedCall, MemoizedFunction};
pub use manifest::Manifest;
pub use memory_store::{MemoryStore, Operations};
pub use mode::{Mode, mode, set_mode};
pub use name::EntryName;
pub use perennial_macros::{env, memo, memo_call, memo_fn, memo_key};
pub use reporter::{Report, set_reporter};
pub use scope::{
    StoreGuard, SuspendGuard, set_store, store, storing_in, storing_to, suspend, suspended,
};
pub use signature::Signature;
pub use stats::{Stats, stats};
pub use store::Store;

#[doc(hidden)]
pub mod __private {
    pub use crate::private::*;
}
