//! The harness of the end-to-end tests: real cargo projects that are edited, rebuilt and run.

mod project;

pub use project::{Project, Run, workspace};
