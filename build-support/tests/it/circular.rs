//! Imports that go in circles: names are found all the same, those that rustc finds, and soon.

use std::fmt::Write as _;

use crate::package::{check, signatures, table};

/// How many modules; where look-ups are done again for each way through them, five take minutes.
const MODULES: usize = 30;

/// Each module takes all names from the crate's root, which takes them from the modules.
fn by_name_from_above(change: usize) -> String {
    let mut library = String::new();
    for index in 0..MODULES {
        let result = u32::from(index == change);
        writeln!(library, "pub use m{index}::*; mod m{index} {{").unwrap();
        let others = (0..MODULES).filter(|it| *it != index);
        others.for_each(|it| writeln!(library, "use super::{{f{it}, T{it}, start{it}}};").unwrap());
        let next = (index + 1) % MODULES;
        write!(
            library,
            "pub fn f{index}() -> u32 {{ {result} }} pub struct T{index};
             impl T{index} {{ pub fn g{index}() -> u32 {{ f{index}() }} }}
             pub fn start{index}() -> u32 {{ T{next}::g{next}() }} }}\n"
        )
        .unwrap();
    }
    library
}

#[test]
fn modules_that_take_all_names_from_each_other_are_told_apart() {
    let (before, after) = (by_name_from_above(MODULES), by_name_from_above(7));
    check(&before, &after, &["f7", "g7", "start6"]);
}

/// Each module brings all names of the others once more, under their names and by globs.
#[test]
fn modules_that_bring_the_names_of_each_other_end() {
    let mut library = String::new();
    for index in 0..MODULES {
        let next = (index + 1) % MODULES;
        writeln!(library, "pub use self::m{index}::*; pub mod m{index} {{ pub use super::*;")
            .unwrap();
        for it in 0..MODULES {
            writeln!(library, "pub use super::{{f{it}}}; pub use super::m{next}::m{it};").unwrap();
        }
        writeln!(library, "pub fn g{index}() -> u32 {{ f{next}() + g{next}() }} }}").unwrap();
    }
    let table = table(&[("src/lib.rs", &library)]);
    assert_eq!(table.rows.len(), MODULES);
    // Each function reaches all, as each calls the next.
    assert!(table.rows.iter().all(|it| table.reached(it).len() >= MODULES));
}

#[test]
fn paths_out_of_the_program_do_not_grow_for_ever() {
    let mut library = String::from("pub use ext::*;\n");
    for name in 0..8 {
        for import in 0..8 {
            let from = (name + import) % 8;
            let cfg = format!("#[cfg(target_env = \"e{import}\")]");
            writeln!(library, "{cfg} pub use self::a{from}::b{import} as a{name};").unwrap();
        }
    }
    library.push_str("pub fn start() { a0(); a1::f() }");
    let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\next = \"1\"\n";
    let table = table(&[("Cargo.toml", manifest), ("src/lib.rs", &library)]);
    assert_eq!(table.rows.len(), 1);
}

#[test]
fn a_name_that_is_reached_only_through_a_circle_is_found() {
    let library = |value: u32| {
        format!(
            "mod a {{ pub use crate::b::*; pub fn start() -> u32 {{ f() }} }}
             mod b {{ pub use crate::c::*; }}
             mod c {{ pub use crate::a::*; pub use crate::d::f; }}
             mod d {{ pub use crate::e::*; use crate::a::start; pub fn other() -> u32 {{ start() }} }}
             mod e {{ pub use crate::d::*; pub fn f() -> u32 {{ {value} }} }}"
        )
    };
    check(&library(0), &library(1), &["f", "start", "other"]);
}

#[test]
fn a_definition_hides_what_a_circle_brings() {
    let library = |hidden: u32, own: u32| {
        format!(
            "pub use a::*; pub use b::*;
             fn one() -> u32 {{ {own} }} fn two() -> u32 {{ {hidden} }}
             mod a {{ pub use super::*; pub use super::b::f as g; pub fn f() -> u32 {{ super::one() }}
                      pub fn start() -> u32 {{ f() }} }}
             mod b {{ pub use super::*; pub use super::a::f as h; pub fn f() -> u32 {{ super::two() }}
                      pub fn other() -> u32 {{ g() }} pub fn third() -> u32 {{ h() }} }}"
        )
    };
    // The last of the two functions called `f` is that of `b`.
    check(&library(0, 0), &library(1, 0), &["f", "other", "two"]);
    check(&library(0, 0), &library(0, 1), &["one", "start", "third"]);
}

#[test]
fn the_name_spaces_of_a_circle_are_apart() {
    let library = |function: u32, module: u32| {
        format!(
            "pub use a::*; pub use b::*;
             mod a {{ pub use super::b::x; pub fn start() -> u32 {{ x() }} }}
             mod b {{ pub use super::c::*; pub use super::a::x as y;
                      pub fn other() -> u32 {{ y::f() }} }}
             mod c {{ pub use super::b::y; pub fn x() -> u32 {{ {function} }}
                      pub mod x {{ pub fn f() -> u32 {{ {module} }} }} }}"
        )
    };
    check(&library(0, 0), &library(1, 0), &["start", "x"]);
    check(&library(0, 0), &library(0, 1), &["f", "other"]);
}

#[test]
fn an_import_is_not_what_its_path_begins_with() {
    let library = |value: u32| {
        format!(
            "mod all {{ pub mod x {{ pub fn x() -> u32 {{ {value} }} }} }}
             use all::*; use x::x; pub fn start() -> u32 {{ x() }}"
        )
    };
    check(&library(0), &library(1), &["start", "x"]);
}

/// What a name means does not depend on which of a circle is asked for first.
#[test]
fn the_order_of_functions_changes_no_meaning() {
    let modules = [
        "mod a { pub use super::*; pub use super::b::{f, g}; pub fn start() -> u32 { f() + h() } }",
        "mod b { pub use super::*; pub use super::c::{f, h}; pub fn g() -> u32 { f() } }",
        "mod c { pub use super::*; pub use super::a::{g, start}; pub fn f() -> u32 { 1 }
                 pub fn h() -> u32 { g() } }",
    ];
    let in_order = |order: [usize; 3]| {
        let library = order.map(|it| modules[it]).join("\n");
        let globs = "pub use a::*; pub use b::*; pub use c::*;\n";
        signatures(&table(&[("src/lib.rs", &format!("{globs}{library}"))]))
    };
    let first = in_order([0, 1, 2]);
    assert_eq!(first.len(), 4);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        assert_eq!(in_order(order), first);
    }
}
