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
