//! Tests of the analysis on whole packages made of strings.

mod build;
mod edits;
mod ledger;
mod package;
mod reach;
mod workspace;
