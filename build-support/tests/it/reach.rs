//! What is found, named and listed.

use crate::package::table;

#[test]
fn every_function_and_method_is_listed_with_its_place() {
    let table = table(&[(
        "src/lib.rs",
        "pub fn free() {}\npub struct S;\nimpl S {\n    pub fn own(&self) {}\n}\nimpl Clone for S {\n    fn clone(&self) -> S {\n        fn nested() {}\n        nested();\n        S\n    }\n}\npub trait T {\n    fn given(&self) {}\n    fn open(&self);\n}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {}\n}\n",
    )]);
    let rows: Vec<_> = table.rows.iter().map(|it| (it.path.as_str(), it.line)).collect();
    assert_eq!(
        rows,
        [
            ("demo::free", 1),
            ("demo::<S>::own", 4),
            ("demo::<S as Clone>::clone", 7),
            ("demo::<S as Clone>::clone::nested", 8),
            ("demo::T::given", 14),
            ("demo::tests::works", 20),
        ]
    );
    assert!(table.rows.iter().all(|it| it.target == "lib demo" && it.file == "src/lib.rs"));
}

#[test]
fn a_package_without_code_has_an_empty_table() {
    let table =
        table(&[("Cargo.toml", "[package]\nname = \"demo\"\nautobins = false\nautolib = false\n")]);
    assert!(table.rows.is_empty() && table.items.is_empty());
}

#[test]
fn what_does_not_resolve_is_listed_and_widens_the_key() {
    let table = table(&[(
        "src/lib.rs",
        "pub fn start() -> u32 { below() }\nfn below() -> u32 {\n    nowhere::to_be_found()\n}\npub fn apart() {}\n",
    )]);
    let wide: Vec<_> =
        table.rows.iter().filter(|it| it.needs_executable).map(|it| it.path.as_str()).collect();
    assert_eq!(wide, ["demo::start", "demo::below"]);
    let [line] = &table.ledger[..] else { panic!("{:?}", table.ledger) };
    assert_eq!((line.what.as_str(), line.line), ("nowhere::to_be_found", 3));
}

#[test]
fn foreign_functions_widen_the_key() {
    let table = table(&[(
        "src/lib.rs",
        "unsafe extern \"C\" { safe fn abs(x: i32) -> i32; }\npub fn start() -> i32 { abs(-1) }\n",
    )]);
    assert!(table.rows[0].needs_executable);
    assert_eq!(table.ledger[0].kind.to_string(), "foreign function");
}

#[test]
fn a_source_that_does_not_parse_is_signed_by_its_bytes() {
    let files = |bad: &'static str| {
        table(&[
            ("src/lib.rs", "mod bad;\npub fn start() -> u32 { bad::f() }\n"),
            ("src/bad.rs", bad),
        ])
    };
    let (before, after) = (files("pub fn f( -> u32 { 1 }"), files("pub fn f( -> u32 { 2 }"));
    assert_eq!(before.problems.len(), 1);
    assert!(before.problems[0].starts_with("src/bad.rs:1:"), "{:?}", before.problems);
    assert_ne!(before.rows[0].signature, after.rows[0].signature);
    assert!(before.rows[0].needs_executable);
}

#[test]
fn a_missing_module_is_a_problem_and_not_an_error() {
    let table = table(&[("src/lib.rs", "mod gone;\npub fn start() {}\n")]);
    assert_eq!(table.problems, ["src/gone.rs: cannot be read"]);
    assert_eq!(table.rows.len(), 1);
}

#[test]
fn uses_in_all_forms_resolve() {
    let table = table(&[
        (
            "src/lib.rs",
            "pub mod a; mod b { pub use crate::a::{self as again, inner::{deep, *}, one as uno}; }
             use b::{again, *};
             use self::a::inner as renamed;
             pub fn start() { again::one(); deep(); globbed(); uno(); renamed::deep(); r#match(); }
             fn r#match() {}",
        ),
        (
            "src/a.rs",
            "pub fn one() {} pub mod inner { pub fn deep() {} pub fn globbed() { super::one() } }",
        ),
    ]);
    assert!(table.ledger.is_empty(), "{:?}", table.ledger);
    let start = table.rows.iter().find(|it| it.path == "demo::start").unwrap();
    assert_eq!(
        table.paths_reached(start),
        [
            "demo::a::inner::deep",
            "demo::a::inner::globbed",
            "demo::a::one",
            "demo::match",
            "demo::start"
        ]
    );
}

#[test]
fn cfg_duplicates_are_both_reached() {
    let table = table(&[(
        "src/lib.rs",
        "#[cfg(fast)] fn os() -> u8 { 1 }\n#[cfg(not(fast))] fn os() -> u8 { 2 }\npub fn start() -> u8 { os() }\n",
    )]);
    let start = table.rows.iter().find(|it| it.path == "demo::start").unwrap();
    assert_eq!(table.paths_reached(start), ["demo::os", "demo::os", "demo::start"]);
}

#[test]
fn what_the_target_excludes_is_not_reached() {
    let table = table(&[(
        "src/lib.rs",
        "#[cfg(any())] fn os() -> u8 { 1 }\n#[cfg(not(any()))] fn os() -> u8 { 2 }\npub fn start() -> u8 { os() }\n",
    )]);
    let start = table.rows.iter().find(|it| it.path == "demo::start").unwrap();
    assert_eq!(table.paths_reached(start), ["demo::os", "demo::start"]);
}

#[test]
fn circular_imports_end() {
    let table = table(&[(
        "src/lib.rs",
        "mod a { pub use crate::b::*; pub fn f() {} } mod b { pub use crate::a::*; pub fn g() {} }
         pub fn start() { a::g(); b::f(); }",
    )]);
    assert!(table.ledger.is_empty(), "{:?}", table.ledger);
}

#[test]
fn a_memoized_function_is_known_by_what_its_attribute_means() {
    let source = "
        use perennial::{memo as remember, *};
        #[remember] fn renamed() {}
        #[perennial::memo] fn by_path() {}
        #[memo] fn by_glob() {}
        #[cfg_attr(unix, inline, memo(skip(x)))] fn conditional(x: u8) { let _ = x; }
        mod other { use tokens::memo; #[memo] fn foreign() {} }
    ";
    let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nperennial = \"0.1\"\ntokens = \"1\"\n";
    let table = table(&[("Cargo.toml", manifest), ("src/lib.rs", source)]);
    let memoized = table.rows.iter().filter(|it| it.is_memoized).map(|it| it.path.as_str());
    let expected = ["renamed", "by_path", "by_glob", "conditional"].map(|it| format!("demo::{it}"));
    assert_eq!(memoized.collect::<Vec<_>>(), expected);
}
