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

#[test]
fn a_table_is_the_same_each_time() {
    let files = [
        (
            "Cargo.toml",
            "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nproptest = \"1\"\n",
        ),
        ("src/lib.rs", GLOBS),
    ];
    let signatures = || -> Vec<_> {
        table(&files).rows.iter().map(|it| (it.path.clone(), it.signature)).collect()
    };
    let first = signatures();
    assert!(first.len() > 3);
    // Sets of std iterate in another order each time.
    (0..20).for_each(|_| assert_eq!(signatures(), first));
}
