//! The command as a user runs it, on packages made of strings and on published ones.

mod audit;
mod graph;
mod package;
mod registry;
mod table;
mod usage;
