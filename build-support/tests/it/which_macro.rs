//! Which macro a call means where several have its name, and what macros in bodies may implement.

use crate::{guests::reached, package::table};

#[track_caller]
fn reaches(text: &str, name: &str) {
    let found = reached(text);
    assert!(found.contains(&name.to_owned()), "{text}: {found:?}");
}

#[test]
fn a_definition_counts_for_the_calls_behind_it() {
    let helpers = "pub fn a() -> u32 { 1 } pub fn b() -> u32 { 2 }";
    for text in [
        "fn start() -> u32 { macro_rules! m { () => { a() } } let x = m!(); macro_rules! m { () => { b() } } x + m!() }",
        "macro_rules! m { () => { a() } } fn start() -> u32 { let x = m!(); macro_rules! m { () => { b() } } x + m!() }",
        "mod ms { macro_rules! m { () => { crate::a() } } pub(crate) use m; } use ms::m;
         fn start() -> u32 { let x = m!(); macro_rules! m { () => { b() } } x + m!() }",
        "mod ms { #[macro_export] macro_rules! mm { () => { $crate::a() } } pub use mm as m; } use ms::m;
         fn start() -> u32 { let x = m!(); macro_rules! m { () => { b() } } x + m!() }",
        "fn start() -> u32 { let v = vec![{ macro_rules! m { () => { a() } } m!() }]; macro_rules! m { () => { b() } } v[0] + m!() }",
    ] {
        reaches(&format!("{helpers}{text}"), "a");
        reaches(&format!("{helpers}{text}"), "b");
    }
    let child = "pub mod q { #[macro_export] macro_rules! idt { ($e:expr) => { $e } } }
        macro_rules! m { () => { $crate::a() } }
        mod c { use super::*; pub fn start() -> u32 { crate::idt!(m!()) } macro_rules! m { () => { $crate::b() } } pub fn o() -> u32 { m!() } }";
    reaches(&format!("{helpers}{child}"), "a");
}

/// What `start` of a package reaches that depends on one called `loc`.
fn reached_with(loc: &str, app: &str) -> Vec<String> {
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{rest}")
    };
    let table = table(&[
        ("app/Cargo.toml", &manifest("app", "[dependencies]\nloc = { path = \"../loc\" }\n")),
        ("app/src/lib.rs", app),
        ("loc/Cargo.toml", &manifest("loc", "")),
        ("loc/src/lib.rs", loc),
    ]);
    let row = table.rows.iter().find(|it| it.path == "app::start").expect("a start");
    table.paths_reached(row).into_iter().map(str::to_owned).collect()
}

#[test]
fn macros_that_macro_use_brings_come_before_those_of_std() {
    let helper = "pub fn helper() -> u32 { 1 }";
    for (loc, app) in [
        (
            "#[macro_export] macro_rules! assert { ($($t:tt)*) => { return $crate::helper() } }",
            "#[macro_use] extern crate loc; pub fn start() -> u32 { assert!(true); 5 }",
        ),
        (
            "#[macro_export] macro_rules! other { ($($t:tt)*) => { return $crate::helper() } } pub use other as panic;",
            "#[macro_use] extern crate loc; pub fn start() -> u32 { panic!(); }",
        ),
        (
            "#[macro_export] macro_rules! hs { ($($t:tt)*) => { $crate::helper() } } pub use hs as hashset;",
            "#[macro_use] extern crate loc; pub fn start() -> u32 { hashset!(1) }",
        ),
        (
            "#[macro_export] macro_rules! hs { ($($t:tt)*) => { $crate::helper() } } mod m { pub use hs as hashset; } pub use m::*;",
            "#[macro_use(hashset)] extern crate loc; pub fn start() -> u32 { hashset!(1) }",
        ),
    ] {
        let found = reached_with(&format!("{helper}{loc}"), app);
        assert!(found.contains(&"loc::helper".to_owned()), "{loc}: {found:?}");
    }
    let found = reached_with(
        &format!("{helper} #[macro_export] macro_rules! assert {{ () => {{ $crate::helper() }} }}"),
        "#[macro_use(other)] extern crate loc; pub fn start() -> u32 { assert!(true); 5 }",
    );
    assert!(!found.contains(&"loc::helper".to_owned()), "{found:?}");
}

#[test]
fn macros_in_bodies_may_implement() {
    let types = "#[derive(Default)] pub struct T; pub trait Tr { fn name(&self) -> u32 { 9 } } pub fn helper() -> u32 { 1 }";
    for (body, start) in [
        ("impl T { fn name(&self) -> u32 { helper() } }", "T.name()"),
        ("impl Tr for T { fn name(&self) -> u32 { helper() } }", "T.name()"),
        (
            "impl Tr for T { fn name(&self) -> u32 { helper() } }",
            "{ let t: &dyn Tr = &T; t.name() }",
        ),
        ("impl Drop for T { fn drop(&mut self) { helper(); } }", "{ drop(T); 1 }"),
    ] {
        for call in [
            format!("const _: () = {{ other::m!{{ {body} }} }};"),
            format!("fn hidden() {{ other::m!{{ {body} }} }}"),
            format!(
                "fn hidden() {{ let _ = format!(\"{{:?}}\", other::m!{{ {{ {body} 1 }} }}); }}"
            ),
            format!("impl T {{ fn f(&self) {{ fn g() {{ other::m!{{ {body} }} }} }} }}"),
        ] {
            reaches(&format!("{types}{call} pub fn start() -> u32 {{ {start} }}"), "helper");
        }
    }
    let given_none = "fn hidden() { other::m!(T) }";
    let start = "pub fn start() -> u32 { T.name() } impl T { fn name(&self) -> u32 { 2 } }";
    assert_eq!(reached(&format!("{types}{given_none}{start}")), ["<T>::name"]);
    reaches(&format!("{types} const _: () = {{ other::m!(T, helper); }}; {start}"), "helper");
}
