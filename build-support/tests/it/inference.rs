//! Impls that inference may choose for types that nothing names, and those that it can't choose.

use crate::{guests::reached, package::table};

/// A type with another inside of it, both with code that only impls of std's traits call.
const TYPES: &str = "
    pub struct Known(pub u8);
    pub struct Inner;
    pub struct Boxed<T>(pub [T]);
";

fn with_types(text: &str) -> Vec<String> {
    reached(&format!("{TYPES}{text}"))
}

#[test]
fn an_impl_for_a_box_waits_for_its_type_where_std_has_impls_beside_it() {
    let impls = "
        impl<T> IntoIterator for Box<Boxed<T>> {
            type Item = u8; type IntoIter = std::iter::Empty<u8>;
            fn into_iter(self) -> Self::IntoIter { std::iter::empty() }
        }
        impl<T: Copy> From<&Boxed<T>> for Box<Boxed<T>> { fn from(_: &Boxed<T>) -> Self { loop {} } }
        impl<T> Default for Box<Boxed<T>> { fn default() -> Self { loop {} } }
    ";
    let start =
        "pub fn start(v: &[u8]) -> Box<str> { for _ in v {} let b: Box<_> = \"\".into(); b }";
    assert_eq!(with_types(&format!("{impls}{start}")), [""; 0]);
    let named = "pub fn start(v: Box<Boxed<u8>>) { for _ in v {} }";
    assert_eq!(
        with_types(&format!("{impls}{named}")),
        ["<Box<Boxed<T>> as IntoIterator>::into_iter"]
    );
    let from = "pub fn start(v: &Boxed<u8>) { let _: Box<_> = v.into(); }";
    assert!(
        with_types(&format!("{impls}{from}"))
            .contains(&"<Box<Boxed<T>> as From<&Boxed<T>>>::from".to_owned())
    );
    let default =
        "fn some<T>() -> Box<Boxed<T>> { Default::default() } pub fn start() { some::<u8>(); }";
    assert!(
        with_types(&format!("{impls}{default}"))
            .contains(&"<Box<Boxed<T>> as Default>::default".to_owned())
    );
}

#[test]
fn an_impl_for_a_box_that_an_argument_of_the_trait_chooses_does_not_wait() {
    for (impls, start, expected) in [
        (
            "impl From<Known> for Box<Inner> { fn from(_: Known) -> Self { loop {} } }",
            "pub fn start(k: Known) { let b: Box<_> = k.into(); drop(b) }",
            "<Box<Inner> as From<Known>>::from",
        ),
        (
            "impl From<&Known> for Box<Inner> { fn from(_: &Known) -> Self { loop {} } }",
            "pub fn start(k: &Known) { let b: Box<_> = k.into(); drop(b) }",
            "<Box<Inner> as From<&Known>>::from",
        ),
        (
            "impl PartialEq<Known> for Box<Inner> { fn eq(&self, _: &Known) -> bool { true } }",
            "pub fn start(k: Known, made: &dyn Fn(&dyn std::any::Any)) { let f = |b: &Box<_>| *b == k; made(&0); let _ = f; }",
            "<Box<Inner> as PartialEq<Known>>::eq",
        ),
        // No box of std's.
        (
            "pub mod m { pub struct Box<T>(pub T); } use m::Box;
             impl Default for Box<Inner> { fn default() -> Self { loop {} } }",
            "pub fn start() { let b: Box<_> = Default::default(); drop(b) }",
            "<Box<Inner> as Default>::default",
        ),
    ] {
        let found = with_types(&format!("{impls}{start}"));
        assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
    }
}

#[test]
fn conversions_to_tuples_and_arrays_wait_for_what_they_are_made_of() {
    let impls = "
        impl From<Known> for (u8, u8) { fn from(_: Known) -> Self { (0, 0) } }
        impl From<Known> for [u8; 2] { fn from(_: Known) -> Self { [0, 0] } }
    ";
    let start = "pub fn start(b: bool) -> (u32, [u8; 2]) { (b.into(), [0, 1].into()) }";
    assert_eq!(with_types(&format!("{impls}{start}")), [""; 0]);
    let named = "pub fn start(k: Known) -> (u8, u8) { k.into() }";
    assert_eq!(
        with_types(&format!("{impls}{named}")),
        ["<(u8, u8) as From<Known>>::from", "<[u8 ; 2] as From<Known>>::from"]
    );
}

#[test]
fn what_an_alias_stands_for_says_whose_functions_it_has() {
    let other = "impl Inner { pub fn new() -> Self { Self } }";
    for alias in ["Vec<u8>", "(u8, u8)", "[Inner; 0]", "std::collections::BTreeMap<u8, Inner>"] {
        let text = format!("type A = {alias}; pub fn start() -> A {{ A::new() }}");
        let found = with_types(&format!("{other}{text}"));
        assert_eq!(found, [""; 0], "{alias}");
    }
    // A trait may give such a type functions.
    let extended =
        "trait Make { fn new() -> Self; } impl Make for (u8, u8) { fn new() -> Self { (0, 0) } }
        type A = (u8, u8); pub fn start() -> A { A::new() }";
    assert_eq!(with_types(&format!("{other}{extended}")), ["<(u8, u8) as Make>::new"]);
    let chain = "type B = Inner; type A = B; pub fn start() -> A { A::new() }";
    assert_eq!(with_types(&format!("{other}{chain}")), ["<Inner>::new"]);
}

#[test]
fn the_steps_to_what_a_bound_of_another_crate_brings_begin_at_the_start() {
    let text = "
        pub struct X;
        impl other::Tr for X { fn go(&self) {} }
        pub struct W<T>(T);
        impl<T: other::Tr> W<T> { pub fn start(&self) { self.0.go() } }
    ";
    let table = table(&[
        ("src/lib.rs", text),
        (
            "Cargo.toml",
            "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nother = \"1\"\n",
        ),
    ]);
    let row = table.rows.iter().find(|it| it.path.ends_with("::start")).expect("a start");
    let reached = table.reached(row);
    let x = reached.iter().find(|it| table.items[it.item].path.ends_with("::X"));
    let chain = table.chain_to(row, x.expect("X is reached").item);
    assert_eq!(chain.last().map(|it| table.items[it.item].path.as_str()), Some(row.path.as_str()));
}

#[test]
fn macros_of_tests_add_nothing_to_the_types_of_the_library() {
    let library = "
        pub struct X;
        impl X { pub fn len(&self) -> u8 { 0 } pub fn start(&self) -> u8 { self.len() } }
        pub struct Y;
        impl Y { pub fn len(&self) -> u8 { 1 } }
        pub fn both(_: Y) -> u8 { X.start() }
    ";
    let manifest = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nother = \"1\"\n";
    let reaches_y = |macros: (&str, &str)| {
        let table = table(&[
            ("Cargo.toml", manifest),
            ("src/lib.rs", &format!("{library}{}", macros.0)),
            ("tests/t.rs", macros.1),
        ]);
        let row = table.rows.iter().find(|it| it.path == "demo::both").expect("a start");
        table.paths_reached(row).contains(&"demo::<Y>::len")
    };
    assert!(!reaches_y(("", "use demo::X; other::methods! { X }")));
    assert!(reaches_y(("other::methods! { X }", "")));
}

#[test]
fn an_argument_that_only_holds_a_type_can_be_chosen_without_it() {
    let helper =
        "#[derive(Default)] pub struct Local; pub struct W<T>(pub T); pub fn helper() -> u32 { 1 }";
    for (impls, start) in [
        (
            "impl From<Box<Local>> for u32 { fn from(_: Box<Local>) -> u32 { helper() } }",
            "pub fn start() -> u32 { let b: Box<_> = Default::default(); u32::from(b) }",
        ),
        (
            "impl From<&Local> for f64 { fn from(_: &Local) -> f64 { helper().into() } }",
            "pub fn start() -> f64 { f64::from(&Default::default()) }",
        ),
        (
            "impl From<W<Local>> for u32 { fn from(_: W<Local>) -> u32 { helper() } }",
            "pub fn start() -> u32 { u32::from(W(Default::default())) }",
        ),
        (
            "impl std::ops::Add<&mut Local> for u32 { type Output = u32; fn add(self, _: &mut Local) -> u32 { helper() } }",
            "pub fn start() -> u32 { 1u32 + &mut Default::default() }",
        ),
        (
            "impl PartialEq<Box<Local>> for (u8, u8) { fn eq(&self, _: &Box<Local>) -> bool { helper() == 1 } }",
            "pub fn start() -> bool { (1, 2) == Box::default() }",
        ),
        (
            "impl Extend<Box<Local>> for Vec<u8> { fn extend<I: IntoIterator<Item = Box<Local>>>(&mut self, _: I) { helper(); } }",
            "pub fn start() { Vec::<u8>::new().extend([Box::default()]) }",
        ),
        (
            "impl Default for Box<W<Local>> { fn default() -> Self { helper(); loop {} } }
             impl From<Box<W<Local>>> for u32 { fn from(_: Box<W<Local>>) -> u32 { 1 } }",
            "pub fn start() -> u32 { let b: Box<_> = Default::default(); u32::from(b) }",
        ),
    ] {
        let found = reached(&format!("{helper}{impls}{start}"));
        assert!(found.contains(&"helper".to_owned()), "{impls}: {found:?}");
    }
}
