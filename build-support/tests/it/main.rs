//! Tests of the analysis on whole packages made of strings.

mod attacks;
mod build;
mod depth;
mod edits;
mod ledger;
mod order;
mod package;
mod reach;
mod workspace;
