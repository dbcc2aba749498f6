//! The harness of the end-to-end tests: real cargo projects that are edited, rebuilt and run; and the
//! measurement of the closure on published crates.

pub mod callgraph;
mod project;

pub use project::{Project, Run, workspace};
