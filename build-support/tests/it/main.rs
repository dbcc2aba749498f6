//! Tests of the analysis on whole packages made of strings.

mod edits;
mod ledger;
mod package;
mod reach;
mod workspace;
