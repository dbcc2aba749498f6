//! Packages made of choices: plausible Rust that need not compile, and what must hold of its analysis.
//!
//! Used by the tests in `tests/it/any_source.rs`, with choices from seeds, and by the fuzz targets in the folder
//! `fuzz` of the repository, with choices from the fuzzer.
#![allow(dead_code, reason = "each user needs a part")]

pub(crate) mod choices;
pub(crate) mod grammar;
pub(crate) mod soup_package;

pub(crate) use choices::Choices;
pub(crate) use grammar::{Freedom, Source};
pub(crate) use soup_package::SoupPackage;
