//! A workspace of somebody else: renamed dependency, targets of one name, tests, methods, and a
//! source that is saved while the build runs.

use perennial_tests::Project;

const MANIFEST: &str = "[package]\nname = \"twin\"\nedition = \"2024\"\n\
    [dependencies]\nremember = { path = \"{root}/runtime\", package = \"perennial\" }\n\
    [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
const BUILD: &str = "fn main() { perennial_build::generate(); }\n";

#[test]
fn targets_of_one_name_a_method_and_a_test_are_memoized_under_a_renamed_dependency() {
    let project = Project::new("outside", &[("Cargo.toml", MANIFEST), ("build.rs", BUILD)]);
    project.write(
        "src/lib.rs",
        "#![forbid(unsafe_code)]\n#![deny(warnings, missing_docs)]\n//! The library.\n\
         use remember::memo;\n\n/// Scales.\n#[memo]\npub fn f(x: u32) -> u32 { println!(\"lib\"); x * 2 }\n\n\
         /// Numbers.\n#[derive(serde::Serialize)]\npub struct Solver { /// A factor.\n pub factor: u32 }\n\n\
         impl Solver {\n    /// Steps.\n    #[memo]\n    pub fn step(&self, (a, b): (u32, u32), mut n: u32) -> Result<u32, String> {\n\
         \x20       println!(\"method\");\n        n += self.factor;\n        if a > b { return Err(\"order\".to_owned()); }\n        Ok(n + helper(a, b))\n    }\n}\n\n\
         fn helper(a: u32, b: u32) -> u32 { b - a }\n",
    );
    project.edit(
        "Cargo.toml",
        "[build-dependencies]",
        "serde = { version = \"1\", features = [\"derive\"] }\n[build-dependencies]",
    );
    project.write(
        "src/main.rs",
        "#[remember::memo]\nfn f(x: u32) -> u32 { println!(\"bin\"); x * 3 }\n\
         fn main() {\n    println!(\"{} {}\", f(1), twin::f(1));\n    let solver = twin::Solver { factor: 10 };\n\
         \x20   println!(\"{:?} {:?}\", solver.step((1, 2), 5), solver.step((2, 1), 5));\n}\n",
    );
    project.write(
        "examples/twin.rs",
        "#[remember::memo]\nfn f(x: u32) -> u32 { println!(\"example\"); x * 4 }\nfn main() { println!(\"{} {}\", f(1), twin::f(1)); }\n",
    );
    project.write(
        "tests/t.rs",
        "#[remember::memo]\nfn f(x: u32) -> u32 { println!(\"testing\"); x * 5 }\n#[test]\nfn works() { println!(\"{}\", f(1)); }\n",
    );

    let first = project.run(&["run", "-q"]);
    assert_eq!(first, "bin\nlib\n3 2\nmethod\nmethod\nOk(16) Err(\"order\")\n");
    // An error is not stored, so that its call computes again.
    assert_eq!(project.run(&["run", "-q"]), "3 2\nmethod\nOk(16) Err(\"order\")\n");
    assert_eq!(project.run(&["run", "-q", "--example", "twin"]), "example\n4 2\n");
    assert_eq!(project.run(&["run", "-q", "--example", "twin"]), "4 2\n");
    let test = ["test", "-q", "--test", "t", "--", "--nocapture"];
    assert!(project.run(&test).contains("testing\n5\n"));
    assert!(!project.run(&test).contains("testing\n5\n"));

    // The helper of the method, in a private function of the library.
    project.edit("src/lib.rs", "b - a }", "b - a + 1 }");
    assert_eq!(project.run(&["run", "-q"]), "3 2\nmethod\nmethod\nOk(17) Err(\"order\")\n");
}

#[test]
fn a_source_saved_during_the_build_is_compiled_unmemoized_with_a_warning() {
    let build = "fn main() {\n    perennial_build::generate();\n    let text = std::fs::read_to_string(\"src/main.rs\").unwrap();\n\
        \x20   if text.contains(\"SAVE NOW\") { std::fs::write(\"src/main.rs\", text.replace(\"x * 2\", \"x * 7\")).unwrap(); }\n\
        }\n";
    let project = Project::new(
        "outside-saved",
        &[
            ("Cargo.toml", &MANIFEST.replace("\"twin\"", "\"{name}\"")),
            ("build.rs", build),
            (
                "src/main.rs",
                "// SAVE NOW\n#[remember::memo]\nfn f(x: u32) -> u32 { println!(\"computing\"); helper(x) }\nfn helper(x: u32) -> u32 { x * 2 }\nfn main() { println!(\"{}\", f(3)); }\n",
            ),
        ],
    );
    let output = project.cargo(&["run"]);
    assert!(output.success, "{}", output.stderr);
    assert_eq!(output.stdout, "computing\n21\n");
    assert!(
        output.stderr.contains(
            "`f` is compiled without memoization: src/main.rs changed while the build was running"
        ),
        "{}",
        output.stderr
    );
    assert!(
        !project.store().join("v1").exists(),
        "nothing is stored under another code's signature"
    );
    // The next build sees the file as it is.
    project.edit("src/main.rs", "// SAVE NOW\n", "");
    assert_eq!(project.run(&["run", "-q"]), "computing\n21\n");
    assert_eq!(project.run(&["run", "-q"]), "21\n");
}
