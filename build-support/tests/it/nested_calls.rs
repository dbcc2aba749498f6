//! Calls of macros by example among the arguments of macros of std, where imports tell what they mean.

use crate::{guests::reached, package::table};

const MACROS: &str = "
    pub fn one() -> u8 { 1 }
    pub fn two() -> u8 { 2 }
    pub fn three() -> u8 { 3 }
    pub mod b {
        #[macro_export] macro_rules! pick { (x) => { $crate::one() }; (y) => { $crate::two() } }
        #[macro_export] macro_rules! other { (x) => { $crate::three() } }
    }
";

/// What `start` reaches in a module before that of the macros, where only an import tells of them.
fn reached_by(start: &str) -> Vec<String> {
    reached(&text_of(start))
}

fn text_of(start: &str) -> String {
    format!("pub mod a {{ use crate::pick; {start} }} {MACROS}")
}

#[test]
fn they_are_expanded() {
    for (start, expected) in [
        ("pub fn start() -> Vec<u8> { vec![pick!(x)] }", &["one"][..]),
        ("pub fn start() { assert_eq!(pick!(y), 1, \"{}\", 2) }", &["two"]),
        ("pub fn start() { println!(\"{:?}\", vec![1, { let x = pick!(x); x }]) }", &["one"]),
        ("pub fn start() -> u8 { let v = vec![pick!(x)]; v[0] + pick!(y) }", &["one", "two"]),
    ] {
        assert_eq!(reached_by(start), expected, "{start}");
    }
}

#[test]
fn where_items_are_among_the_arguments_the_executable_stands_for_what_they_import() {
    for start in [
        "pub fn start() { assert_eq!({ use crate::other as pick; pick!(x) }, 1) }",
        "pub fn start() { assert_eq!(vec![{ use crate::other as pick; pick!(x) }], [1]) }",
        "pub fn start() { pick!(x); assert_eq!(1, { use crate::other as pick; pick!(x) }) }",
    ] {
        let text = text_of(start);
        let table = table(&[("src/lib.rs", &text)]);
        let row = table.rows.iter().find(|it| it.path.ends_with("::start")).expect("a start");
        assert!(row.needs_executable, "{start}");
    }
}
