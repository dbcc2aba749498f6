//! Computes the code signatures that [perennial](https://docs.rs/perennial) keys results with.
//!
//! One line in `build.rs` is all that a package needs:
//!
//! ```no_run
//! fn main() {
//!     perennial_build::generate();
//! }
//! ```
//!
//! The package is read with syn, each item is normalised and hashed, names are resolved by Rust's
//! scoping rules, and what a function reaches is found by a worklist over references and types in
//! play. The outcome is a table of every function with its *source signature*: SHA-256 over the
//! function and everything that it reaches, in this package and in its path dependencies. The
//! macros of perennial find their function in it by position, and add what only the compiler's
//! command line tells.
//!
//! Nothing here runs cargo, opens the network or depends on time: the same sources give the same
//! bytes, wherever they lie.
//!
//! The stages, each a module: `package` (targets), `source` (files), `extract` (items), `resolve`
//! (names), `reference` (facts), `merkle` (digests), `walk` (what is reached), `table`, `emit`;
//! `build_script` alone reads the environment, writes files and prints.
//!
//! # Limits
//!
//! Syntax ends somewhere: names that do not resolve, foreign functions, macros that compose names.
//! These are listed in the ledger (`OUT_DIR/perennial/ledger`, and as warnings where a memoized
//! function is concerned), and calls that reach them are keyed by the digest of the executable too:
//! never stale, at times needlessly recomputed.
//!
//! The ledger also lists what is no code: reads of the clock, of random numbers, files, the network,
//! the process and its environment, and statics that can change, each with the calls that lead there. Such statics, and
//! variables that are read by a literal name, are in the keys by their values; all else only where `#[memo(env(…))]` lists it. [`Config::level_of`] says which of them a build
//! tolerates, `#[memo(allow(…))]` settles them for one function.

mod access;
mod analysis;
mod attribute;
mod base;
mod binding;
mod blind;
mod blindness;
mod block;
mod body_impl;
mod build;
mod build_script;
mod by_example;
mod call_finder;
mod cargo_home;
mod cause;
mod cause_map;
mod cfg;
mod cfg_attr;
mod closure;
mod collector;
mod config;
mod constancy;
mod context;
mod crowd;
mod declared;
mod deep_stack;
mod digest;
mod digest_tree;
mod dispatch;
mod edition_2015;
mod effect;
mod emit;
mod entry_point;
mod environment;
mod error;
mod expansion;
mod expansion_budget;
mod extent;
mod external_path;
mod extract;
mod extract_imports;
mod extract_items;
mod extract_macros;
mod extract_members;
mod facts;
mod features;
mod foreign_call;
mod foreign_crate;
mod foreign_macros;
mod function;
mod guest;
mod head_type;
mod hidden;
mod impl_header;
mod included_file;
mod infer;
mod initialiser;
mod inventory;
mod invocation;
mod item_sets;
mod kind;
mod known_type;
mod ledger;
mod living_impl;
mod loader;
mod local_inner;
mod lock;
mod look_ups;
mod lookalike;
mod macro_meaning;
mod macro_scope;
mod members;
mod mention;
mod merkle;
mod module_file;
mod naming;
mod network;
mod normalise;
mod numbering;
mod open_trait;
mod ownership;
mod package;
mod path_text;
mod prelude;
mod program;
mod published;
mod ranking;
mod reached;
mod reference;
mod relaxation;
mod report;
mod resolve;
mod resolve_globs;
mod resolve_macros;
mod resolve_paths;
mod resolve_traits;
mod running;
mod set_hasher;
mod settle;
mod snapshot;
mod source;
mod source_signature;
mod state;
mod static_macro;
mod std_entry_points;
mod std_methods;
mod stripper;
mod succession;
mod table;
mod token_scan;
mod trigger;
mod ty;
mod type_parameter;
mod unexpanded;
mod view;
mod visibility;
mod visitor;
mod walk;
mod words;
mod written;

pub use build::Build;
pub use build_script::cargo_home;
pub use cause::Reason;
pub use config::{Config, Level};
pub use context::Context;
pub use digest::Digest;
pub use error::Error;
pub use kind::Kind;
pub use ledger::LedgerLine;
pub use relaxation::Part;
pub use table::{Item, Reached, Row, Table};

/// Analyses the package whose build script calls it and writes its signature table.
///
/// Call it last in `build.rs`, so that sources which the script generates are there. On failure it
/// prints what is wrong and ends the build; [`Config::try_generate`] returns the error instead.
///
/// # Panics
///
/// Never; an error ends the process with status 1.
pub fn generate() {
    Config::new().generate();
}
