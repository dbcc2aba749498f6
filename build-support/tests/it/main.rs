//! Tests of the analysis on whole packages made of strings.

mod attacks;
mod build;
mod depth;
mod edits;
mod guests;
mod ledger;
mod package;
mod reach;
mod workspace;
