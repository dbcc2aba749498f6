//! `cargo perennial table`.

use crate::package::Package;

const FILES: &[(&str, &str)] = &[
    (
        "src/lib.rs",
        "pub struct S;
impl Clone for S {
    #[inline]
    fn clone(&self) -> Self { fn nested() {} nested(); S }
}
pub mod inner {
    pub
    fn name() {}
}
macro_rules! make { ($name:ident) => { pub fn $name() -> u8 { 1 } }; }
make!(made);
#[cfg(test)]
mod tests { #[test] fn works() {} }
",
    ),
    ("src/main.rs", "fn main() {}\n"),
    ("src/bin/tool.rs", "fn main() {}\n"),
    ("examples/show.rs", "fn main() {}\n"),
    ("tests/all/main.rs", "mod part;\n"),
    ("tests/all/part.rs", "#[test] fn t() {}\n"),
    ("benches/speed.rs", "fn main() {}\n"),
];

#[test]
fn json_has_an_object_for_every_function_of_every_target() {
    let rows = Package::new(FILES).run(&["table", "--format", "json"]).json();
    let mut places = Vec::new();
    for row in &rows {
        let keys: Vec<_> = row.keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 5, "{keys:?}");
        let signature = row["signature"].as_str().unwrap();
        assert_eq!(signature.len(), 64);
        let is_hex = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
        assert!(signature.bytes().all(is_hex), "{signature}");
        let text = |key: &str| row[key].as_str().unwrap();
        let line = row["line"].as_u64().unwrap();
        places.push((text("target"), text("path"), text("file"), line));
    }
    let expected = [
        ("bench speed", "speed::main", "benches/speed.rs", 1),
        ("bin demo", "demo::main", "src/main.rs", 1),
        ("bin tool", "tool::main", "src/bin/tool.rs", 1),
        ("example show", "show::main", "examples/show.rs", 1),
        ("lib", "demo::<S as Clone>::clone", "src/lib.rs", 4),
        ("lib", "demo::<S as Clone>::clone::nested", "src/lib.rs", 4),
        ("lib", "demo::inner::name", "src/lib.rs", 8),
        ("lib", "demo::made", "src/lib.rs", 11),
        ("lib", "demo::tests::works", "src/lib.rs", 13),
        ("test all", "all::part::t", "tests/all/part.rs", 1),
    ];
    assert_eq!(places, expected);
}

#[test]
fn objects_name_path_target_file_line_and_signature_in_this_order() {
    let package = Package::new(&[("src/lib.rs", "\n  pub fn f() {}\n")]);
    let text = package.run(&["table", "--format", "json"]).answer();
    let begin = "[\n{\"path\":\"demo::f\",\"target\":\"lib\",\"file\":\"src/lib.rs\",\"line\":2,\"signature\":\"";
    assert!(text.starts_with(begin), "{text}");
    assert!(text.ends_with("\"}\n]\n"), "{text}");
}

#[test]
fn a_package_without_functions_has_an_empty_array() {
    let text = Package::new(&[("src/lib.rs", "")]).run(&["table", "--format", "json"]).answer();
    assert_eq!(text, "[]\n");
}

#[test]
fn text_groups_functions_by_target_and_counts_them() {
    let text = Package::new(FILES).run(&["table"]).answer();
    assert!(text.contains("\nlib\n"), "{text}");
    assert!(text.contains("  demo::inner::name                  src/lib.rs:8\n"), "{text}");
    assert!(text.ends_with("\n10 functions, 0 memoized\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours where there is no terminal");
}

#[test]
fn two_checkouts_have_one_table_and_no_verb_writes_into_them() {
    let (one, other) = (Package::new(FILES), Package::new(FILES));
    let of = |it: &Package| it.run(&["table", "--format", "json"]).answer();
    assert_eq!(of(&one), of(&one));
    assert_eq!(of(&one), of(&other));
    let mut names: Vec<_> =
        std::fs::read_dir(one.folder()).unwrap().map(|it| it.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["Cargo.toml", "benches", "examples", "src", "tests"]);
}

#[test]
fn a_package_that_is_not_compilable_for_the_host_has_a_table() {
    let source = "#[cfg(windows)] pub fn here() {} #[cfg(unix)] pub fn there() {}";
    let package = Package::new(&[("src/lib.rs", source)]);
    let paths = |target| {
        let rows = package.run(&["table", "--format", "json", "--target", target]).json();
        rows.iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths("x86_64-pc-windows-msvc"), ["demo::here"]);
    assert_eq!(paths("aarch64-apple-darwin"), ["demo::there"]);
}

#[test]
fn features_and_profile_are_as_cargo_takes_them() {
    let manifest = "[package]\nname = \"demo\"\nedition = \"2024\"\n[features]\ndefault = [\"a\"]\na = []\nb = []\nc = []\n";
    let source = "
        #[cfg(feature = \"a\")] pub fn a() {}
        #[cfg(feature = \"b\")] pub fn b() {}
        #[cfg(feature = \"c\")] pub fn c() {}
        pub fn always() {}
    ";
    let package = Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", source)]);
    let names = |arguments: &[&str]| {
        let rows = package.run(&[&["table", "--format", "json"], arguments].concat()).json();
        rows.iter()
            .map(|it| it["path"].as_str().unwrap().trim_start_matches("demo::").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(names(&[]), "a always");
    assert_eq!(names(&["--features", "b c"]), "a b c always");
    assert_eq!(names(&["-F", "b,c", "--no-default-features"]), "b c always");
    assert_eq!(names(&["--all-features"]), "a b c always");
    let signatures = |it: &[&str]| package.run(&[&["table", "--format", "json"], it].concat()).text;
    assert_ne!(signatures(&[]), signatures(&["--release"]));
}

#[test]
fn edits_of_comments_change_no_signature_and_edits_of_helpers_do() {
    let of = |source: &str| {
        let rows =
            Package::new(&[("src/lib.rs", source)]).run(&["table", "--format", "json"]).json();
        rows.into_iter().map(|it| it["signature"].clone()).collect::<Vec<_>>()
    };
    let before = of("pub fn f() -> u8 { g() }\nfn g() -> u8 { 1 }\nfn h() {}");
    assert_eq!(
        before,
        of("/// Docs.\n\npub fn f() -> u8 {\n  g() // here\n}\n\nfn g() -> u8 { 1 } fn h() {}")
    );
    let after = of("pub fn f() -> u8 { g() }\nfn g() -> u8 { 2 }\nfn h() {}");
    assert_ne!(before[0], after[0]);
    assert_eq!(before[2], after[2]);
}

#[test]
fn a_source_that_does_not_parse_is_a_warning() {
    let output = Package::new(&[("src/lib.rs", "mod bad; fn f() {}"), ("src/bad.rs", "fn (")])
        .run(&["table"]);
    assert_eq!(output.code, 0);
    assert!(output.errors.starts_with("warning: src/bad.rs:1:"), "{}", output.errors);
    assert!(output.text.contains("demo::f"), "{}", output.text);
}
