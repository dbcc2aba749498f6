//! Tests of the analysis on whole packages made of strings.

mod build;
mod edits;
mod package;
mod reach;
mod workspace;
