//! What comes out depends on nothing but the sources: not on the order in which names are looked up.

use crate::package::table;

/// Globs of another crate may bring any name, also those that the paths of globs begin with.
const GLOBS: &str = "\
mod outer {
    pub use proptest::prelude::*;
    pub mod inner {
        pub use super::*;
        pub use proptest::collection::*;
        pub fn given() -> usize { 1 }
    }
}
pub fn start() -> usize { tests::helper() }
mod tests {
    use super::outer::inner::*;
    use proptest::prelude::*;
    proptest! {
        #[test]
        fn holds(strategy in any::<u8>(), size in 0..9usize) { check(strategy, size, Vec::new()) }
    }
    fn check(one: u8, two: usize, all: Vec<String>) -> usize { given() + all.len() }
    pub fn helper() -> usize { check(1, 2, vec![String::new()]) }
}
";

const MANIFEST: &str =
    "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nproptest = \"1\"\n";

#[test]
fn a_table_is_the_same_each_time() {
    let files = [("Cargo.toml", MANIFEST), ("src/lib.rs", GLOBS)];
    let shown = || format!("{:?}", table(&files));
    let first = shown();
    assert!(first.contains("demo::tests::helper"));
    // Sets of std iterate in another order each time.
    (0..20).for_each(|_| assert_eq!(shown(), first));
}

#[test]
fn which_module_of_another_crate_a_glob_leads_to_counts() {
    let signature = |name: &str| {
        let library = format!("use proptest::*; use {name}::*; pub fn start() -> u32 {{ f() }}");
        let table = table(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &library)]);
        assert!(!table.rows[0].needs_executable);
        table.rows[0].signature
    };
    assert_ne!(signature("one"), signature("other"));
}

/// Changes together with the recipe's version, and only then.
#[test]
fn the_bytes_that_are_hashed_are_pinned() {
    let library = "\
use std::fmt;
pub mod shape {
    pub trait Area { fn area(&self) -> f64; fn twice(&self) -> f64 { 2.0 * self.area() } }
    pub struct Square(pub f64);
    impl Area for Square { fn area(&self) -> f64 { self.0 * self.0 } }
    impl Square { fn hidden(&self) -> f64 { 0.0 } }
}
use shape::{Area, Square};
impl fmt::Display for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, \"{}\", self.twice()) }
}
fn even(n: u32) -> bool { n == 0 || odd(n - 1) }
fn odd(n: u32) -> bool { n != 0 && even(n - 1) }
pub fn start(n: u32) -> String { format!(\"{} {}\", even(n), Square(f64::from(n))) }
";
    let table = table(&[("src/lib.rs", library)]);
    let start = table.rows.iter().find(|it| it.path == "demo::start").unwrap();
    assert_eq!(
        start.signature.to_string(),
        "a21a883b12fd9e6d60794d5cdf1b5a7463393e22970208d60bf802b6d404f46e"
    );
}
