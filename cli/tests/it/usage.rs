//! How the command is called, and how it ends.

use std::fs;

use crate::package::{Output, Package, command};

#[test]
fn the_nearest_manifest_upwards_is_meant_without_a_path() {
    let package = Package::new(&[("src/lib.rs", "pub fn f() {}")]);
    let mut command = command(&["table"]);
    let output = Output::of(command.current_dir(package.folder().join("src")));
    assert!(output.answer().contains("demo::f"));
}

#[test]
fn a_folder_is_as_good_as_its_manifest() {
    let package = Package::new(&[("src/lib.rs", "pub fn f() {}")]);
    let output = Output::of(command(&["table", "--manifest-path"]).arg(package.folder()));
    assert_eq!(output.answer(), package.run(&["table"]).answer());
}

#[test]
fn the_command_works_without_cargo_in_front_of_it() {
    let package = Package::new(&[("src/lib.rs", "pub fn f() {}")]);
    let mut command = assert_cmd::Command::new(assert_cmd::cargo::cargo_bin!("cargo-perennial"));
    let output = Output::of(command.args(["table", "--manifest-path"]).arg(package.manifest()));
    assert_eq!(output.answer(), package.run(&["table"]).answer());
}

#[test]
fn what_can_not_be_understood_ends_with_two() {
    let package = Package::new(&[("src/lib.rs", "pub fn f() {}")]);
    for arguments in [
        &["tabel"][..],
        &["table", "--format", "xml"],
        &["table", "--features", "missing"],
        &["table", "--target", "moon-unknown-none"],
        &["graph", "f", "--depth", "far"],
    ] {
        let output = package.run(arguments);
        assert_eq!(output.code, 2, "{arguments:?}: {}", output.errors);
        assert!(
            output.text.is_empty() && output.errors.starts_with("error: "),
            "{}",
            output.errors
        );
    }
    let output = Output::of(&mut command(&["table", "--manifest-path", "src/lib.rs"]));
    assert_eq!(output.code, 2);
    assert!(output.errors.contains("names a Cargo.toml or its folder"), "{}", output.errors);
}

#[test]
fn a_package_that_can_not_be_read_ends_with_three_and_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("Cargo.toml");
    let run = || Output::of(command(&["table", "--manifest-path"]).arg(&manifest));
    let output = run();
    assert_eq!(output.code, 3);
    assert!(output.errors.contains("Cargo.toml"), "{}", output.errors);
    assert!(output.errors.contains("  caused by: "), "{}", output.errors);
    fs::write(&manifest, "[package\n").unwrap();
    assert_eq!(run().code, 3);
    fs::write(&manifest, "[workspace]\nmembers = []\n").unwrap();
    let output = run();
    assert_eq!(output.code, 3);
    let expected = "name the Cargo.toml of one of its members";
    assert!(output.errors.contains(expected), "{}", output.errors);
}

#[test]
fn a_folder_without_a_manifest_ends_with_three_and_says_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let output = Output::of(command(&["audit"]).current_dir(folder.path()));
    assert_eq!(output.code, 3);
    assert!(output.errors.contains("name one with --manifest-path"), "{}", output.errors);
}

#[test]
fn help_and_version_end_with_zero_and_help_lists_the_exit_codes() {
    let output = Output::of(&mut command(&["--help"]));
    assert_eq!(output.code, 0);
    for word in ["table", "graph", "audit", "Exit codes:"] {
        assert!(output.text.contains(word), "{}", output.text);
    }
    let output = Output::of(&mut command(&["--version"]));
    assert_eq!(output.code, 0);
    assert!(output.text.contains(env!("CARGO_PKG_VERSION")), "{}", output.text);
}

#[test]
fn colours_come_only_where_they_are_asked_for() {
    let package = Package::new(&[("src/lib.rs", "pub fn f() {}")]);
    let with = |name: &str| {
        let mut command = command(&["table", "--manifest-path"]);
        Output::of(command.arg(package.manifest()).env(name, "1")).text.contains('\u{1b}')
    };
    assert!(with("CLICOLOR_FORCE"));
    assert!(!with("NO_COLOR"));
}
