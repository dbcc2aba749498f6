//! Parts of the build context that a package relaxes: real programs, built by two profiles.

use perennial_tests::Project;

use crate::memoizing_package::MANIFEST;

const MAIN: &str = "use perennial::memo;\n#[memo]\nfn f(x: u32) -> u32 { println!(\"computing\"); x + 1 }\n\
                    fn main() { println!(\"{}\", f(3)); }\n";

fn project(name: &str, config: &str) -> Project {
    let build = format!("use perennial_build::{{Config, Part}};\nfn main() {{ {config} }}\n");
    Project::new(name, &[("Cargo.toml", MANIFEST), ("build.rs", &build), ("src/main.rs", MAIN)])
}

fn computes(project: &Project, arguments: &[&str]) -> bool {
    let output = project.run(arguments);
    assert!(output.ends_with("4\n"), "{output}");
    output.starts_with("computing\n")
}

const DEV: &[&str] = &["run", "-q"];
const RELEASE: &[&str] = &["run", "-q", "--release"];
const CHECKS: &str = "Config::new().relax(Part::DebugAssertions).relax(Part::OverflowChecks)";
const STRICT: &str = "let _: Option<Part> = None; Config::new().generate();";

#[test]
fn profiles_share_results_where_their_checks_are_relaxed_and_nowhere_else() {
    let project = project("relaxation", STRICT);
    assert!(computes(&project, DEV));
    assert!(computes(&project, RELEASE));
    // Strict builds never lend to relaxed ones, nor borrow from them.
    project.edit("build.rs", STRICT, &format!("{CHECKS}.generate();"));
    assert!(computes(&project, DEV));
    assert!(!computes(&project, RELEASE));
    // What is relaxed is the checks; the code still counts.
    project.edit("src/main.rs", "x + 1 }", "1 + x }");
    assert!(computes(&project, RELEASE));
    assert!(!computes(&project, DEV));
    project.edit("build.rs", CHECKS, "Config::new().relax(Part::OverflowChecks)");
    assert!(computes(&project, DEV));
    assert!(computes(&project, RELEASE));
}

#[test]
fn a_dependency_that_is_not_there_fails_the_build_with_the_nearest_name() {
    let project = project(
        "relaxation-name",
        "let _: Option<Part> = None; Config::new().relax_dependency(\"serd\").generate();",
    );
    let run = project.cargo(&["build", "-q"]);
    assert!(!run.success);
    assert!(run.stderr.contains("did you mean relax_dependency(\"serde\")?"), "{}", run.stderr);
}
