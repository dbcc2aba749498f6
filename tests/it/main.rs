//! End-to-end tests: `notebook` runs the behaviours that the project began with, `conformance` the
//! edits of `tests/conformance`, `callgraph` measures the closure on a small crate, the others edit,
//! rebuild and run whole cargo projects.

mod asynchronous;
mod attributes;
mod callgraph;
mod closures;
mod conformance;
mod counted;
mod environment;
mod events;
mod example_app;
mod files;
mod generics;
mod handles;
mod hygiene;
mod identity;
mod ledger;
mod memoizing_package;
mod notebook;
mod options;
mod outside;
mod process;
mod published;
mod rebuild;
mod refusals;
mod refused;
mod relaxation;
mod single_flight;
mod std_bounds;
mod surface;
