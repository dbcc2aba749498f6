//! `cargo perennial audit`.

use serde_json::json;

use crate::package::Package;

const SOURCE: &str = "use std::sync::atomic::AtomicU8;
static COUNT: AtomicU8 = AtomicU8::new(0);
#[perennial::memo]
pub fn start() -> u8 { below() }
fn below() -> u8 {
    nowhere::to_be_found()
}
pub fn apart() { elsewhere::g(); &COUNT; }
";

fn package() -> Package {
    let manifest =
        "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nperennial = \"0.1\"\n";
    Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", SOURCE)])
}

#[test]
fn json_has_each_finding_with_its_effect_and_the_chains_to_it() {
    let entries = package().run(&["audit", "--format", "json"]).json();
    let found = entries.iter().find(|it| it["what"] == "nowhere::to_be_found").unwrap();
    let expected = json!({
        "kind": "name not resolved",
        "what": "nowhere::to_be_found",
        "file": "src/lib.rs",
        "line": 6,
            "column": 5,
            "settled_by": [],
        "item": "demo::below",
        "effect": "keyed by the executable",
        "reached_by": [{ "function": "demo::start", "chain": ["demo::start", "demo::below"] }],
    });
    assert_eq!(serde_json::Value::Object(found.clone()), expected);
    let other = entries.iter().find(|it| it["what"] == "elsewhere::g").unwrap();
    assert_eq!(other["reached_by"], json!([]));
    let state = entries.iter().find(|it| it["what"] == "demo::COUNT").unwrap();
    assert_eq!(state["effect"], "not in the key");
}

#[test]
fn text_says_where_what_and_which_memoized_function() {
    let text = package().run(&["audit", "--memoized"]).answer();
    let expected = "\
name not resolved: nowhere::to_be_found
  at src/lib.rs:6:5 in demo::below
  keyed by the executable
  memoized demo::start → demo::below

1 finding, 1 reached by memoized functions
";
    assert_eq!(text, expected);
}

#[test]
fn deny_ends_with_one_where_something_is_listed() {
    assert_eq!(package().run(&["audit"]).code, 0);
    assert_eq!(package().run(&["audit", "--deny"]).code, 1);
    assert_eq!(package().run(&["audit", "--deny", "--memoized"]).code, 1);
    let clean = Package::new(&[("src/lib.rs", "pub fn f() {}")]).run(&["audit", "--deny"]);
    assert_eq!(clean.answer(), "nothing that can't be followed\n");
    let json = Package::new(&[("src/lib.rs", "pub fn f() {}")]).run(&["audit", "--format", "json"]);
    assert_eq!(json.answer(), "[]\n");
}

#[test]
fn what_every_memoized_function_settles_is_listed_and_not_denied() {
    let manifest =
        "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nperennial = \"0.1\"\n";
    let source = "
        #[perennial::memo(allow(clock))]
        pub fn start() -> bool { now() }
        fn now() -> bool { std::time::SystemTime::now() == std::time::SystemTime::UNIX_EPOCH }
    ";
    let run = |source: &str| {
        Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", source)]).run(&[
            "audit",
            "--memoized",
            "--deny",
        ])
    };
    let text = run(source).answer();
    assert!(text.contains("  settled by demo::start\n"), "{text}");
    assert!(text.ends_with("1 finding, 0 reached by memoized functions\n"), "{text}");
    let output = run(&source.replace("(allow(clock))", ""));
    assert_eq!(output.code, 1);
    assert!(output.text.contains("  memoized demo::start → demo::now\n"), "{}", output.text);
}

#[test]
fn findings_of_test_builds_have_their_chain() {
    let manifest =
        "[package]\nname = \"demo\"\nedition = \"2024\"\n[dependencies]\nperennial = \"0.1\"\n";
    let source = "
        #[perennial::memo]
        pub fn start() -> bool { between() }
        fn between() -> bool { below() }
        #[cfg(not(test))] fn below() -> bool { true }
        #[cfg(test)] fn below() -> bool { nowhere::to_be_found() }
    ";
    let package = Package::new(&[("Cargo.toml", manifest), ("src/lib.rs", source)]);
    let text = package.run(&["audit", "--memoized"]).answer();
    let chain = "  memoized demo::start → demo::between → demo::below\n";
    assert!(text.contains(chain), "{text}");
}
