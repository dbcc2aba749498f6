//! The harness of the end-to-end tests: real cargo projects that are edited, rebuilt and run; the
//! cases of the conformance suite; and the measurement of the closure on published crates.

pub mod callgraph;
mod case;
mod observed;
mod project;
pub mod std_bounds;
mod verdict;

pub use case::{Case, Compile};
pub use observed::contradictions;
pub use project::{Project, Run, workspace};
pub use verdict::{Demand, Outcome, Verdict};
