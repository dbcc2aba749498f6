//! What the options of a build, manifests and lock files add to signatures.

use std::collections::BTreeMap;

use perennial_build::{Build, Table};

use crate::package::{code_signatures, write};

const MANIFEST: &str = r#"
    [package]
    name = "demo"
    version = "1.2.3-rc.1"
    edition = "2024"
    [features]
    default = ["std"]
    std = []
    fast = ["rand/simd"]
    [dependencies]
    rand = "0.9"
    log = "0.4"
"#;

const SOURCE: &str = r#"
    pub fn random() -> u32 { rand::random() }
    pub fn logs() { log::info!("x") }
    pub fn plain() -> u32 { 1 }
    pub fn switched() -> u32 { if cfg!(feature = "fast") { 1 } else { 2 } }
    pub fn version() -> &'static str { env!("CARGO_PKG_VERSION_MINOR") }
    pub fn only_on_windows() -> u32 { #[cfg(windows)] { 1 } #[cfg(not(windows))] { 2 } }
"#;

const LOCK: &str = r#"
version = 4
[[package]]
name = "demo"
version = "1.2.3-rc.1"
dependencies = ["log", "rand"]
[[package]]
name = "rand"
version = "0.9.0"
source = "registry+index"
dependencies = ["rand_core"]
[[package]]
name = "rand_core"
version = "0.9.1"
source = "registry+index"
[[package]]
name = "log"
version = "0.4.1"
source = "registry+index"
"#;

/// Checks which functions get another signature when a text or the build changes.
#[track_caller]
fn check(before: (&str, &str, &Build), after: (&str, &str, &Build), expected: &[&str]) {
    let of = |(manifest, lock, build): (&str, &str, &Build)| {
        let mut files = vec![("Cargo.toml", manifest), ("src/lib.rs", SOURCE)];
        files.extend((!lock.is_empty()).then_some(("Cargo.lock", lock)));
        code_signatures(&files, build)
    };
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) = (of(before), of(after));
    let changed: Vec<_> =
        old.keys().filter(|it| old[*it] != new[*it]).map(String::as_str).collect();
    assert_eq!(changed, expected);
}

const ALL: &[&str] = &["logs", "only_on_windows", "plain", "random", "switched", "version"];

#[test]
fn a_locked_version_counts_for_those_who_reach_it_or_what_depends_on_it() {
    let plain = Build::new();
    for (old, new, expected) in [
        ("0.9.0", "0.9.2", ["random"]),
        ("0.9.1", "0.9.2", ["random"]),
        ("0.4.1", "0.4.2", ["logs"]),
    ] {
        let lock = LOCK.replace(old, new);
        check((MANIFEST, LOCK, &plain), (MANIFEST, &lock, &plain), &expected);
    }
    let moved = LOCK.replacen("registry+index", "git+there#0123", 1);
    check((MANIFEST, LOCK, &plain), (MANIFEST, &moved, &plain), &["random"]);
    // What the manifest accepts says nothing where a lock decides.
    let manifest = MANIFEST.replace("rand = \"0.9\"", "rand = \">=0.9\"");
    check((MANIFEST, LOCK, &plain), (&manifest, LOCK, &plain), &[]);
}

#[test]
fn without_a_lock_the_manifest_says_which_version() {
    let manifest = MANIFEST.replace("rand = \"0.9\"", "rand = \"0.8\"");
    let plain = Build::new();
    check((MANIFEST, "", &plain), (&manifest, "", &plain), &["random"]);
    // A lock of others is none.
    let lock = LOCK.replace("name = \"demo\"", "name = \"other\"");
    check((MANIFEST, "", &plain), (MANIFEST, &lock, &plain), &[]);
}

#[test]
fn features_of_dependencies_count() {
    let manifest =
        MANIFEST.replace("log = \"0.4\"", "log = { version = \"0.4\", features = [\"std\"] }");
    let plain = Build::new();
    check((MANIFEST, LOCK, &plain), (&manifest, LOCK, &plain), &["logs"]);
    let asked = Build::new().features(["log/std"]);
    check((MANIFEST, LOCK, &plain), (MANIFEST, LOCK, &asked), &["logs"]);
}

#[test]
fn features_count_where_a_cfg_is_mentioned() {
    let (plain, bare) = (Build::new(), Build::new().default_features(false));
    check((MANIFEST, LOCK, &plain), (MANIFEST, LOCK, &bare), &["only_on_windows", "switched"]);
    let (all, fast) = (Build::new().all_features(true), Build::new().features(["fast"]));
    check((MANIFEST, LOCK, &all), (MANIFEST, LOCK, &fast), &[]);
    check(
        (MANIFEST, LOCK, &plain),
        (MANIFEST, LOCK, &fast),
        &["only_on_windows", "random", "switched"],
    );
}

#[test]
fn the_profile_counts_by_its_checks() {
    let (plain, release) = (Build::new(), Build::new().release(true));
    check((MANIFEST, LOCK, &plain), (MANIFEST, LOCK, &release), ALL);
    let checked =
        format!("{MANIFEST}\n[profile.release]\ndebug-assertions = true\noverflow-checks = true\n");
    check((MANIFEST, LOCK, &plain), (&checked, LOCK, &release), &[]);
}

#[test]
fn the_target_counts_by_its_name_and_by_what_it_leaves_out() {
    let unix = Build::new().target("a", "unix\ntarget_os=\"linux\"\n");
    check((MANIFEST, LOCK, &Build::new()), (MANIFEST, LOCK, &unix), ALL);
    let windows = Build::new().target("a", "windows\ntarget_os=\"windows\"\n");
    check((MANIFEST, LOCK, &unix), (MANIFEST, LOCK, &windows), &["only_on_windows"]);
}

#[test]
fn variables_of_the_manifest_count_for_those_who_read_them() {
    let manifest = MANIFEST.replace("1.2.3-rc.1", "1.3.3-rc.1");
    let lock = LOCK.replace("1.2.3-rc.1", "1.3.3-rc.1");
    let plain = Build::new();
    // A macro whose definition is not at hand may read them too.
    check((MANIFEST, LOCK, &plain), (&manifest, &lock, &plain), &["logs", "version"]);
    let manifest = MANIFEST.replace("1.2.3-rc.1", "1.2.4");
    let lock = LOCK.replace("1.2.3-rc.1", "1.2.4");
    check((MANIFEST, LOCK, &plain), (&manifest, &lock, &plain), &["logs"]);
}

#[test]
fn the_lock_of_the_workspace_counts_for_its_members() {
    let of = |lock: &str| {
        code_signatures(
            &[
                ("Cargo.toml", "[workspace]\nmembers = [\"app\"]\n"),
                ("Cargo.lock", lock),
                ("app/Cargo.toml", MANIFEST),
                ("app/src/lib.rs", SOURCE),
            ],
            &Build::new(),
        )
    };
    let (old, new) = (of(LOCK), of(&LOCK.replace("0.9.1", "0.9.2")));
    assert_ne!(old["random"], new["random"]);
    assert_eq!(old["logs"], new["logs"]);
}

#[test]
fn a_feature_that_is_not_there_is_an_error_that_lists_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("Cargo.toml", MANIFEST), ("src/lib.rs", "")]);
    let error = Table::of_build(folder.path(), &Build::new().features(["fsat"])).unwrap_err();
    assert!(error.is_feature());
    let text = error.to_string();
    let expected = "the package has no feature `fsat`; it has `default`, `fast`, `std`";
    assert!(text.ends_with(expected), "{text}");
}
