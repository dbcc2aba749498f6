//! Tests of the analysis on whole packages made of strings.

mod any_source;
mod attacks;
mod build;
mod circular;
mod depth;
mod edits;
mod endless;
mod guests;
mod inference;
mod ledger;
mod nested_calls;
mod order;
mod package;
mod published;
mod reach;
#[path = "../soup/mod.rs"]
mod soup;
mod which_macro;
mod workspace;
