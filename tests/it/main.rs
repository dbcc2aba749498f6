//! End-to-end tests: `notebook` runs the behaviours that the project began with, the others edit,
//! rebuild and run whole cargo projects.

mod example_app;
mod hygiene;
mod identity;
mod notebook;
mod outside;
mod rebuild;
mod refusals;
