//! Measures what `perennial-build` says a function reaches against the compiler's own call graph.
//!
//! A published crate goes in. Its unit tests are compiled to LLVM IR, unoptimised (`compile`); the
//! symbols that each body and each constant mentions make a graph (`ir`), whose functions are found
//! in the sources by file and line (`source`); MIR adds what went through `constants`; what one
//! function reaches in that graph is the `reference`.
//! The `table` of `perennial-build` is held against it, whole (`figures`) and by editing one body at
//! a time (`mutation`). Figures come out as text or JSON (`report`).
//!
//! What the reference does not know: what is called through an object or a pointer that a caller passes
//! in, and what generic code would do with types that no unit test uses. So part of what counts as
//! needless is not; what counts as missed is real.
//!
//! Nothing here decides what is right: where the two differ, a person looks.

mod compile;
mod constants;
mod corpus;
mod error;
mod figures;
mod ir;
mod measure;
mod mir;
mod module_file;
mod mutation;
mod place;
mod reference;
mod registry;
mod report;
mod source;
mod subject;
mod table;

pub use corpus::Corpus;
pub use error::Error;
pub use figures::{Counts, Figures};
pub use measure::{Measure, measure};
pub use mutation::Mutations;
pub use registry::Registry;
pub use report::{HotSpot, Report};
pub use subject::{Subject, Workshop};
