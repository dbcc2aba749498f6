//! Which edit changes which signature: those that must, and no others.

use perennial_build::Kind;

use crate::package::{check, check_files, signatures, table};

const CHAIN: &str = "
    pub fn top(x: u32) -> u32 { middle(x) + 1 }
    fn middle(x: u32) -> u32 { bottom(x) * 2 }
    fn bottom(x: u32) -> u32 { x + 3 }
    fn aside(x: u32) -> u32 { x }
";

#[test]
fn a_helper_two_calls_below_changes_what_reaches_it_and_nothing_else() {
    check(CHAIN, &CHAIN.replace("x + 3", "x + 4"), &["top", "middle", "bottom"]);
}

#[test]
fn formatting_comments_docs_order_and_unrelated_code_change_nothing() {
    let after = "
        //! Docs.
        fn aside(x: u32) -> u32 { x + 100 }
        /// The bottom.
        #[inline]
        #[allow(unused)]
        fn bottom(
            x: u32,
        ) -> u32 {

            // three
            x + 3
        }
        pub fn top(x: u32) -> u32 { /* sum */ middle(x) + 1 }
        fn middle(x: u32) -> u32 { bottom(x) * 2 }
    ";
    check(CHAIN, after, &["aside"]);
}

#[test]
fn moving_code_to_another_module_and_file_changes_nothing() {
    let after = [
        (
            "src/lib.rs",
            "mod deep; use deep::er::middle; pub fn top(x: u32) -> u32 { middle(x) + 1 } fn aside(x: u32) -> u32 { x }",
        ),
        ("src/deep/mod.rs", "pub mod er;"),
        (
            "src/deep/er.rs",
            "pub fn middle(x: u32) -> u32 { bottom(x) * 2 } fn bottom(x: u32) -> u32 { x + 3 }",
        ),
    ];
    // Visibility is part of the source, so that only a function whose text stays is compared.
    let before = CHAIN.replace("fn middle", "pub fn middle");
    check_files(&[("src/lib.rs", &before)], &after, &[]);
}

#[test]
fn swapped_bodies_under_ordered_calls_are_seen() {
    let source = |a: &str, b: &str| {
        format!(
            "mod a {{ pub fn f(x: i32) -> i32 {{ {a} }} }}
             mod b {{ pub fn f(x: i32) -> i32 {{ {b} }} }}
             pub fn start(x: i32) -> i32 {{ a::f(x) - b::f(x) }}"
        )
    };
    let (before, after) = (
        table(&[("src/lib.rs", &source("x + 1", "x * 2"))]),
        table(&[("src/lib.rs", &source("x * 2", "x + 1"))]),
    );
    assert_ne!(signatures(&before)["start"], signatures(&after)["start"]);
}

#[test]
fn swapped_renames_are_seen() {
    let source = |a: &str, b: &str| {
        format!(
            "mod m {{ pub fn p(x: i32) -> i32 {{ x + 1 }} pub fn q(x: i32) -> i32 {{ x * 2 }} }}
             use m::{{{a} as f, {b} as g}};
             pub fn start(x: i32) -> i32 {{ f(x) - g(x) }}"
        )
    };
    check(&source("p", "q"), &source("q", "p"), &["start"]);
}

#[test]
fn swapped_methods_of_two_types_are_seen() {
    let source = |a: &str, b: &str| {
        format!(
            "pub struct A; pub struct B;
             pub trait Go {{ fn go(&self) -> i32; }}
             impl Go for A {{ fn go(&self) -> i32 {{ {a} }} }}
             impl Go for B {{ fn go(&self) -> i32 {{ {b} }} }}
             pub fn start(a: &A, b: &B) -> i32 {{ a.go() - b.go() }}"
        )
    };
    check(&source("1", "2"), &source("2", "1"), &["start", "go"]);
}

#[test]
fn swapped_methods_of_two_types_that_look_the_same_are_seen() {
    let source = |a: &str, b: &str| {
        format!(
            "mod a {{ pub struct P; impl P {{ pub fn go(&self) -> i32 {{ {a} }} }} }}
             mod b {{ pub struct P; impl P {{ pub fn go(&self) -> i32 {{ {b} }} }} }}
             pub fn start(a: &a::P, b: &b::P) -> i32 {{ a.go() - b.go() }}"
        )
    };
    let [before, after] =
        [source("1", "2"), source("2", "1")].map(|it| signatures(&table(&[("src/lib.rs", &it)])));
    assert_ne!(before["start"], after["start"]);
}

#[test]
fn an_import_that_decides_between_two_traits_is_seen() {
    let source = |name: &str| {
        format!(
            "mod t {{
                 pub trait Left {{ fn go(&self) -> i32; }}
                 pub trait Right {{ fn go(&self) -> i32; }}
                 impl Left for u8 {{ fn go(&self) -> i32 {{ 1 }} }}
                 impl Right for u8 {{ fn go(&self) -> i32 {{ 2 }} }}
             }}
             use t::{name};
             pub fn start(x: u8) -> i32 {{ x.go() }}"
        )
    };
    let [before, after] =
        ["Left", "Right"].map(|it| signatures(&table(&[("src/lib.rs", &source(it))])));
    assert_ne!(before["start"], after["start"]);
}

#[test]
fn an_item_that_a_local_hides_is_not_reached() {
    let source = |body: &str| {
        format!(
            "fn hidden() -> u8 {{ {body} }}
             pub fn by_let() -> u8 {{ let hidden = || 1; hidden() }}
             pub fn by_parameter(hidden: fn() -> u8) -> u8 {{ hidden() }}
             pub fn by_arm(x: Option<fn() -> u8>) -> u8 {{ match x {{ Some(hidden) => hidden(), None => 0 }} }}
             pub fn by_closure() -> u8 {{ (|hidden: fn() -> u8| hidden())(|| 1) }}
             pub fn after_scope() -> u8 {{ {{ let hidden = 1; let _ = hidden; }} hidden() }}
             pub fn in_own_value() -> u8 {{ let hidden = hidden(); hidden }}"
        )
    };
    check(&source("1"), &source("2"), &["hidden", "after_scope", "in_own_value"]);
}

#[test]
fn constants_statics_types_and_patterns_are_reached() {
    let source = |a: &str, b: &str, c: &str, d: &str| {
        format!(
            "const A: u32 = {a}; static B: u32 = {b}; pub struct C {{ pub x: {c} }}
             pub enum D {{ One = {d}, Two }}
             pub fn by_const(x: u32) -> bool {{ matches!(x, A) }}
             pub fn by_static() -> u32 {{ B }}
             pub fn by_type(c: &C) -> usize {{ size_of_val(c) }}
             pub fn by_variant() -> u32 {{ D::One as u32 }}
             pub fn by_format() -> String {{ format!(\"{{A}}\") }}"
        )
    };
    let before = source("1", "2", "u8", "3");
    check(&before, &source("9", "2", "u8", "3"), &["by_const", "by_format"]);
    check(&before, &source("1", "9", "u8", "3"), &["by_static"]);
    check(&before, &source("1", "2", "u16", "3"), &["by_type"]);
    check(&before, &source("1", "2", "u8", "4"), &["by_variant"]);
}

#[test]
fn impls_that_std_calls_unseen_are_reached() {
    let source = |add: &str, drop: &str, show: &str, deref: &str| {
        format!(
            "use std::{{fmt, ops}};
             pub struct V(pub i32);
             impl ops::Add for V {{ type Output = V; fn add(self, o: V) -> V {{ {add} }} }}
             impl ops::Mul<V> for f64 {{ type Output = f64; fn mul(self, o: V) -> f64 {{ {deref} }} }}
             impl Drop for V {{ fn drop(&mut self) {{ {drop} }} }}
             impl fmt::Display for V {{ fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {{ {show} }} }}
             pub fn start(a: V, b: V) -> String {{ (2.0 * (a + b)).to_string() }}
             pub fn apart(x: u8) -> u8 {{ x }}"
        )
    };
    let before = source("V(self.0 + o.0)", "", "Ok(())", "self");
    let misses = |after: &str| {
        let [old, new] = [&before, after].map(|it| signatures(&table(&[("src/lib.rs", it)])));
        (old["start"] != new["start"], old["apart"] != new["apart"])
    };
    assert_eq!(misses(&source("V(self.0 - o.0)", "", "Ok(())", "self")), (true, false));
    assert_eq!(misses(&source("V(self.0 + o.0)", "self.0 = 1", "Ok(())", "self")), (true, false));
    assert_eq!(misses(&source("V(self.0 + o.0)", "", "f.write_str(\"v\")", "self")), (true, false));
    assert_eq!(misses(&source("V(self.0 + o.0)", "", "Ok(())", "self + 1.0")), (true, false));
}

#[test]
fn macros_by_example_are_reached_with_what_their_bodies_name() {
    let source = |factor: &str, body: &str| {
        format!(
            "fn factor() -> u32 {{ {factor} }}
             macro_rules! scale {{ ($x:expr) => {{ {body} }} }}
             pub fn start(x: u32) -> u32 {{ scale!(x) }}
             pub fn apart(x: u32) -> u32 {{ x }}"
        )
    };
    let before = source("2", "$x * factor()");
    check(&before, &source("3", "$x * factor()"), &["factor", "start"]);
    check(&before, &source("2", "$x + factor()"), &["start"]);
}

#[test]
fn functions_that_macros_define_are_reached() {
    let source = |body: &str| {
        format!(
            "macro_rules! define {{ ($name:ident) => {{ fn $name() -> u32 {{ {body} }} }} }}
             define!(made);
             pub fn start() -> u32 {{ made() }}
             pub fn apart() -> u32 {{ 1 }}"
        )
    };
    check(&source("1"), &source("2"), &["made", "start"]);
}

#[test]
fn recursion_is_folded() {
    let source = |odd: &str| {
        format!(
            "pub fn even(n: u32) -> bool {{ n == 0 || odd(n - 1) }}
             fn odd(n: u32) -> bool {{ {odd} && even(n - 1) }}
             pub fn alone(n: u32) -> u32 {{ if n == 0 {{ 0 }} else {{ alone(n - 1) }} }}"
        )
    };
    check(&source("n != 0"), &source("n > 0"), &["even", "odd"]);
}

#[test]
fn nested_functions_and_items_in_blocks_are_found() {
    let source = |inner: &str, other: &str| {
        format!(
            "pub fn start() -> u32 {{ fn inner() -> u32 {{ {inner} }} {{ use crate::far::f; f() + inner() }} }}
             mod far {{ pub fn f() -> u32 {{ {other} }} }}
             pub fn apart() -> u32 {{ 0 }}"
        )
    };
    check(&source("1", "1"), &source("2", "1"), &["start", "inner"]);
    check(&source("1", "1"), &source("1", "2"), &["start", "f"]);
}

#[test]
fn included_text_is_part_of_the_function() {
    let source = "pub fn start() -> &'static str { include_str!(\"data.txt\") } pub fn apart() {}";
    check_files(
        &[("src/lib.rs", source), ("src/data.txt", "one")],
        &[("src/lib.rs", source), ("src/data.txt", "two")],
        &["start"],
    );
}

#[test]
fn positions_count_where_they_show() {
    let before = "pub fn at() -> u32 { line!() } pub fn apart() -> u32 { 1 }";
    check(before, &format!("\n{before}"), &["at"]);
}

#[test]
fn attribute_strings_name_code() {
    let source = |body: &str| {
        format!(
            "use std::fmt::Debug as Serialize;
             mod codec {{ pub fn serialize(x: &u32) -> u32 {{ {body} }} }}
             pub struct S {{ #[serde(with = \"codec\")] pub x: u32 }}
             pub fn start(s: &S) -> u32 {{ s.x }}
             pub fn uses<T: Serialize>(_: &T) {{}}"
        )
    };
    check(&source("*x"), &source("*x + 1"), &["serialize", "start"]);
}

#[test]
fn going_back_gives_the_old_signatures() {
    let edited = CHAIN.replace("x + 3", "x + 4");
    let [first, second, third] =
        [CHAIN, &edited, CHAIN].map(|it| signatures(&table(&[("src/lib.rs", it)])));
    assert_ne!(first, second);
    assert_eq!(first, third);
}

#[test]
fn a_variable_of_another_package_needs_the_executable_and_one_of_its_own_does_not() {
    let files = [
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]\ndep = { path = \"../dep\" }\n",
        ),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\nedition = \"2024\"\n"),
        ("dep/src/lib.rs", "pub fn baked() -> &'static str { env!(\"BAKED\") }"),
        (
            "app/src/lib.rs",
            "macro_rules! git { () => { env!(\"GIT\") } }
             pub fn own() -> &'static str { git!() }
             pub fn name() -> &'static str { env!(\"CARGO_CRATE_NAME\") }
             pub fn foreign() -> &'static str { dep::baked() }",
        ),
        (
            "app/src/main.rs",
            "fn through() -> &'static str { app::own() }
             fn named() -> &'static str { app::name() }
             fn main() {}",
        ),
    ];
    let table = table(&files);
    let needing = table.rows.iter().filter(|it| it.needs_executable).map(|it| it.path.as_str());
    assert_eq!(needing.collect::<Vec<_>>(), ["app::named", "app::foreign"]);
    let found: Vec<_> = table.ledger.iter().map(|it| (it.kind, it.what.as_str())).collect();
    let kind = Kind::ForeignVariable;
    assert_eq!(found, [(kind, "env!(\"BAKED\")"), (kind, "env!(\"CARGO_CRATE_NAME\")")]);
}

#[test]
fn the_line_of_a_call_inside_a_macro_that_hides_one_of_std_is_no_code() {
    let source = "macro_rules! one { () => { 1u8 } }
                  macro_rules! format { ($x:expr) => { $x } }
                  pub fn start() -> u8 { format!(one!()) }";
    check(source, &source.replace("pub fn", "\n\npub fn"), &[]);
    check(source, &source.replace("1u8", "2u8"), &["start"]);
}

#[test]
fn what_a_glob_of_a_crate_brings_does_not_depend_on_what_is_asked_first() {
    // Names in the call are looked up one by one.
    let source = "foreign! { { C std::env::var } } use std::*;
                  impl std::ops::Deref { fn deref() {} }";
    let signature = || signatures(&table(&[("src/lib.rs", source)]))["deref"].clone();
    let first = signature();
    assert!((0..12).all(|_| signature() == first));
}

#[test]
fn a_glob_may_lead_to_the_start_of_another() {
    let source = |value: u8| {
        format!(
            "mod a {{ pub mod b {{ pub mod c {{ pub fn f() -> u8 {{ {value} }} }} }} }}
             use c::*; use b::*; use a::*;
             pub fn start() -> u8 {{ f() }}"
        )
    };
    check(&source(1), &source(2), &["f", "start"]);
}
