//! Several crates: targets of one package, and path dependencies.

use crate::package::{signatures, table};

const APP: &str = "[package]\nname = \"app\"\nedition = \"2024\"\n[dependencies]\nkernel = { path = \"../core\", package = \"core-lib\" }\n";
const CORE: &str = "[package]\nname = \"core-lib\"\nedition = \"2024\"\n";

#[test]
fn a_path_dependency_is_followed_function_by_function() {
    let files = |used: &str, unused: &str| {
        let core =
            format!("pub fn used() -> u32 {{ {used} }} pub fn unused() -> u32 {{ {unused} }}");
        signatures(&table(&[
            ("app/Cargo.toml", APP),
            (
                "app/src/main.rs",
                "fn main() { start(); } fn start() -> u32 { kernel::used() } fn apart() {}",
            ),
            ("core/Cargo.toml", CORE),
            ("core/src/lib.rs", &core),
        ]))
    };
    let before = files("1", "1");
    let after = files("2", "1");
    assert_ne!(before["start"], after["start"]);
    assert_eq!(before["apart"], after["apart"]);
    assert_eq!(before, files("1", "2"));
}

#[test]
fn a_binary_reaches_its_library_and_targets_keep_their_names() {
    let files = |body: &str| {
        let library = format!("pub fn shared() -> u32 {{ {body} }}");
        table(&[
            ("src/lib.rs", library.as_str()),
            ("src/main.rs", "fn main() { start(); } fn start() -> u32 { demo::shared() }"),
            ("src/bin/tool/main.rs", "mod part; fn main() { part::f() }"),
            ("src/bin/tool/part.rs", "pub fn f() {}"),
        ])
    };
    let (before, after) = (files("1"), files("2"));
    assert_ne!(signatures(&before)["start"], signatures(&after)["start"]);
    assert!(before.ledger.is_empty(), "{:?}", before.ledger);
    let targets: Vec<_> =
        before.rows.iter().map(|it| (it.target.as_str(), it.path.as_str())).collect();
    assert_eq!(
        targets,
        [
            ("bin demo", "demo::main"),
            ("bin demo", "demo::start"),
            ("bin tool", "tool::main"),
            ("bin tool", "tool::part::f"),
            ("lib demo", "demo::shared"),
        ]
    );
}

#[test]
fn a_dependency_of_the_workspace_is_found() {
    let manifest = "[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\nkernel = { path = \"core\", package = \"core-lib\" }\n";
    let table = table(&[
        ("Cargo.toml", manifest),
        ("app/Cargo.toml", "[package]\nname = \"app\"\n[dependencies]\nkernel.workspace = true\n"),
        ("app/src/lib.rs", "pub fn start() -> u32 { kernel::used() }"),
        ("core/Cargo.toml", CORE),
        ("core/src/lib.rs", "pub fn used() -> u32 { 1 }"),
    ]);
    assert_eq!(table.paths_reached(&table.rows[0]), ["app::start", "core_lib::used"]);
}
