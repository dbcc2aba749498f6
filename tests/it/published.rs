//! A program that calls a macro of a crate from the registry: edited, rebuilt and run.

use perennial_tests::Project;

const MANIFEST: &str = "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\nperennial = { path = \"{root}/runtime\" }\ncfg-if = \"1\"\n[build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
const BUILD: &str = "fn main() { perennial_build::generate(); }\n";
const MAIN: &str = "use perennial::memo;
cfg_if::cfg_if! {
    if #[cfg(any())] {
        fn scale(x: u32) -> u32 { left(x) }
    } else {
        fn scale(x: u32) -> u32 { right(x) }
    }
}
fn left(x: u32) -> u32 { 5 * x }
fn right(x: u32) -> u32 { 2 * x }
#[memo]
fn f(x: u32) -> u32 { println!(\"computing\"); scale(x) }
fn main() { println!(\"{}\", f(3)); let _ = left(1); }
";

/// Runs the program; tells what it printed and whether it computed.
fn run(project: &Project) -> (String, bool) {
    // A target folder of its own: elsewhere another lock might be in force.
    let output = project.run(&["run", "-q", "--target-dir", "target"]);
    let computed = output.starts_with("computing\n");
    let result = output.lines().nth(usize::from(computed)).unwrap().to_owned();
    (result, computed)
}

#[test]
fn what_a_macro_of_the_registry_leaves_out_does_not_count() {
    let files = [("Cargo.toml", MANIFEST), ("build.rs", BUILD), ("src/main.rs", MAIN)];
    let project = Project::new("published", &files);
    assert_eq!(run(&project), ("6".to_owned(), true));
    assert_eq!(run(&project), ("6".to_owned(), false));
    project.edit("src/main.rs", "{ 5 * x }", "{ 7 * x }");
    assert_eq!(run(&project), ("6".to_owned(), false));
    project.edit("src/main.rs", "{ 2 * x }", "{ 3 * x }");
    assert_eq!(run(&project), ("9".to_owned(), true));
    project.edit("src/main.rs", "cfg(any())", "cfg(all())");
    assert_eq!(run(&project), ("21".to_owned(), true));
    project.edit("src/main.rs", "{ 3 * x }", "{ 2 * x }");
    assert_eq!(run(&project), ("21".to_owned(), false));
}
