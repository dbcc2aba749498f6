//! What a build says of state that memoized functions read, and what it takes for an answer.

use std::collections::BTreeSet;

use perennial_build::Kind;
use perennial_tests::Project;

const MANIFEST: &str = "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
    [dependencies]\nperennial = { path = \"{root}/runtime\" }\n\
    [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";

const BUILD: &str = "fn main() { perennial_build::generate(); }\n";
const STRICT: &str = "fn main() {\n    \
    perennial_build::Config::new().level(perennial_build::Level::Strict).generate();\n}\n";

/// Writes a program with a build script.
fn project(name: &str, build: &str, main: &str) -> Project {
    Project::new(name, &[("Cargo.toml", MANIFEST), ("build.rs", build), ("src/main.rs", main)])
}

#[track_caller]
fn contains(text: &str, expected: &[&str]) {
    for it in expected {
        assert!(text.contains(it), "{it:?} is missing:\n{text}");
    }
}

#[test]
fn a_strict_build_of_the_example_fails_once_a_helper_reads_the_clock() {
    let members = ["build-support", "macros", "runtime", "example-app"];
    let example = Project::copy_of_members("ledger-example", &members);
    example.write("example-app/build.rs", STRICT);
    let check = || example.cargo(&["check", "-q", "-p", "example-app"]);
    let run = check();
    assert!(run.success, "{}", run.stderr);

    // A helper two calls below `sketch`.
    example.edit(
        "example-app/src/shingle.rs",
        "fn hash_word(word: &str) -> u64 {\n",
        "fn hash_word(word: &str) -> u64 {\n    let _now = std::time::SystemTime::now();\n",
    );
    let run = check();
    assert!(!run.success, "it builds");
    let text = example.read("example-app/src/shingle.rs");
    let line = text.lines().position(|it| it.contains("SystemTime")).unwrap() + 1;
    let lines: Vec<_> = run.stderr.lines().map(str::trim).collect();
    contains(
        &lines.join("\n"),
        &[
            &format!("src/shingle.rs:{line}:16: read of the clock: std::time::SystemTime::now\n"),
            "\nreached by example_app::minhash::sketch\n-> example_app::shingle::shingles\n-> \
             example_app::shingle::hash_word\n",
            "pass the time as an argument; or settle it for the function: #[memo(allow(clock))]",
        ],
    );

    // Leave for the function that reaches it is enough.
    let text = example.read("example-app/src/minhash.rs");
    assert!(text.contains("#[memo"), "{text}");
    example.edit("example-app/src/minhash.rs", "#[memo]", "#[memo(allow(clock))]");
    let run = check();
    assert!(run.success, "{}", run.stderr);
}

const MAIN: &str = "use perennial::memo;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
static LIMIT: AtomicU32 = AtomicU32::new(3);
fn stamp() -> bool { std::time::UNIX_EPOCH.elapsed().is_ok() && std::env::var(\"X\").is_ok() }
#[memo] fn f() -> bool { stamp() || std::env::args().count() > LIMIT.load(Relaxed) as usize }
fn main() { f(); stamp(); }
";

#[test]
fn warnings_are_one_line_a_kind() {
    let project = project("ledger-warnings", BUILD, MAIN);
    let run = project.cargo(&["check"]);
    assert!(run.success, "{}", run.stderr);
    let lines: Vec<_> =
        run.stderr.lines().filter_map(|it| it.split_once(": perennial: ").map(|it| it.1)).collect();
    let tail = "it is not in the key: a stored result is used even after it has changed; to list all: cargo \
                perennial audit";
    assert_eq!(
        lines,
        [
            &format!("read of the clock: 1 place: .elapsed() at src/main.rs:4:44; {tail}"),
            &format!(
                "read of the process environment: 1 place: std::env::args at src/main.rs:5:37; {tail}"
            ),
        ]
    );
}

#[test]
fn levels_are_chosen_by_kind() {
    let build = "use perennial_build::{Config, Kind, Level};
fn main() {
    Config::new().level(Level::Trust).level_of(Kind::Environment, Level::Strict).generate();
}
";
    let project = project("ledger-levels", build, MAIN);
    let run = project.cargo(&["check"]);
    assert!(!run.success, "it builds");
    contains(&run.stderr, &["src/main.rs:5:37: read of the process environment: std::env::args"]);
    assert!(!run.stderr.contains("the clock"), "{}", run.stderr);
    // State in the key needs no leave but where it can't be told which.
    project.edit("src/main.rs", "#[memo]", "#[memo(allow(env))]");
    let run = project.cargo(&["check"]);
    assert!(run.success, "{}", run.stderr);
}

#[test]
fn a_strict_build_accepts_statics_in_the_environment_and_state_that_is_allowed() {
    let project = project("ledger-settled", STRICT, MAIN);
    assert!(!project.cargo(&["check"]).success, "it builds");
    let option = "#[memo(env(LIMIT.load(Relaxed)), allow(clock, env))]";
    project.edit("src/main.rs", "#[memo]", option);
    let run = project.cargo(&["run", "-q"]);
    assert!(run.success, "{}", run.stderr);
    // The macro takes every kind that the build step knows.
    let all: BTreeSet<_> = Kind::ALL.iter().filter_map(|it| it.allowed_as()).collect();
    let all: Vec<_> = all.into_iter().collect();
    project.edit("src/main.rs", option, &format!("#[memo(allow({}))]", all.join(", ")));
    let run = project.cargo(&["check", "-q"]);
    assert!(run.success, "{}", run.stderr);
}

#[test]
fn state_that_nobody_knows_is_refused_with_the_nearest_name() {
    let main = "#[perennial::memo(allow(clocks))]\nfn f() -> u8 { 1 }\nfn main() { f(); }\n";
    let project = project("ledger-refused", BUILD, main);
    let run = project.cargo(&["check"]);
    assert!(!run.success, "it builds");
    contains(
        &run.stderr,
        &["there is no state `clocks`; did you mean `clock`?", "src/main.rs:1:25"],
    );
}
