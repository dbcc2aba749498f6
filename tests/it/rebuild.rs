//! A program with a path dependency: edited, rebuilt and run.

use std::{fs, io::Read as _};

use ciborium::Value;
use perennial_tests::Project;

const MANIFEST: &str = "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\nperennial = { path = \"{root}/runtime\" }\nkernel = { path = \"kernel\" }\n[build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\nmembers = [\"kernel\"]\n";
const BUILD: &str = "fn main() { perennial_build::generate(); }\n";
const MAIN: &str = "use perennial::memo;\n#[memo]\nfn f(x: u32) -> u32 { println!(\"computing\"); kernel::scale(x) }\nfn main() { println!(\"{}\", f(3)); println!(\"perennial: {}\", perennial::stats()); }\n";

fn project(name: &str) -> Project {
    Project::new(
        name,
        &[
            ("Cargo.toml", MANIFEST),
            ("build.rs", BUILD),
            ("src/main.rs", MAIN),
            ("kernel/Cargo.toml", "[package]\nname = \"kernel\"\nedition = \"2024\"\n"),
            (
                "kernel/src/lib.rs",
                "mod inner;\npub fn scale(x: u32) -> u32 { inner::factor() * x }\npub fn other() {}\n",
            ),
            ("kernel/src/inner.rs", "pub fn factor() -> u32 { 2 }\n"),
        ],
    )
}

/// Runs the program; tells what it printed and whether it computed.
fn run(project: &Project) -> (String, bool) {
    let output = project.run(&["run", "-q"]);
    let computed = output.starts_with("computing\n");
    let result = output.lines().nth(usize::from(computed)).unwrap().to_owned();
    (result, computed)
}

#[test]
fn a_path_dependency_is_followed_and_old_code_hits_again() {
    let project = project("rebuild-path");
    assert_eq!(run(&project), ("6".to_owned(), true));
    assert_eq!(run(&project), ("6".to_owned(), false));
    project.edit("kernel/src/inner.rs", "{ 2 }", "{ 5 }");
    assert_eq!(run(&project), ("15".to_owned(), true));
    project.edit("kernel/src/inner.rs", "{ 5 }", "{ 2 }");
    assert_eq!(run(&project), ("6".to_owned(), false));
    project.edit("kernel/src/lib.rs", "pub fn other() {}", "pub fn other() -> u8 { 1 }");
    assert_eq!(run(&project), ("6".to_owned(), false));
}

#[test]
fn another_profile_is_another_key() {
    let project = project("rebuild-profile");
    assert_eq!(run(&project), ("6".to_owned(), true));
    // Overflow checks are compiled in by one and not by the other.
    assert!(project.run(&["run", "-q", "--release"]).starts_with("computing\n"));
    assert!(!project.run(&["run", "-q", "--release"]).starts_with("computing\n"));
    assert_eq!(run(&project), ("6".to_owned(), false));
}

#[test]
fn entries_and_manifests_are_gzip_files_of_cbor() {
    let project = project("rebuild-format");
    assert!(run(&project).1);
    let read = |path: &std::path::Path| {
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&fs::read(path).unwrap()[..]).read_to_end(&mut bytes).unwrap();
        bytes
    };
    let only = |folder: &std::path::Path, is_wanted: fn(&str) -> bool| {
        let mut found: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|it| it.unwrap().path())
            .filter(|it| is_wanted(it.file_name().unwrap().to_str().unwrap()))
            .collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    };
    let code = only(&project.store().join("v1"), |it| it.len() == 64);
    let fan = only(&code, |it| it.len() == 2);
    let entry = read(&only(&fan, |it| it.len() == 64));

    let mut rest = &entry[..];
    let header: Value = ciborium::from_reader(&mut rest).unwrap();
    let result: u32 = ciborium::from_reader(&mut rest).unwrap();
    assert_eq!((result, rest.len()), (6, 0));
    let text = format!("{header:?}");
    for field in
        ["format", "rebuild_format::f", "arguments", "environment", "computed_nanos", "u32"]
    {
        assert!(text.contains(field), "{field}: {text}");
    }
    let manifest: Value = ciborium::from_reader(&read(&code.join("manifest"))[..]).unwrap();
    let text = format!("{manifest:?}");
    for part in ["rebuild_format::f", "kernel::inner::factor", "fn factor() -> u32", "edition=2024"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(fs::read_dir(project.store().join("roots")).unwrap().count(), 1);
    assert!(project.store().join("CACHEDIR.TAG").is_file());
}

#[test]
fn a_store_that_cannot_be_written_costs_one_warning() {
    let project = project("rebuild-unwritable");
    fs::write(project.store(), "a file where the folder would be").unwrap();
    let output = project.cargo(&["run", "-q"]);
    assert!(output.success && output.stdout.contains("\n6\n"), "{output:?}");
    assert_eq!(output.stderr.matches("perennial: warning").count(), 1, "{}", output.stderr);
    fs::remove_file(project.store()).unwrap();
}

#[test]
fn nothing_is_rebuilt_when_nothing_changed() {
    let project = project("rebuild-nothing");
    let _ = run(&project);
    let output = project.cargo(&["build", "-v"]);
    assert!(output.success);
    assert!(!output.stderr.contains("Running"), "{}", output.stderr);
}
