//! Programs that must not compile, and what the compiler then says where.

use perennial_tests::Project;

const MANIFEST: &str = "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
    [dependencies]\nperennial = { path = \"{root}/runtime\" }\n\
    [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
const BUILD: &str = "fn main() { perennial_build::generate(); }\n";

/// Compiles a program, and checks that there is one error, which says `message` at `place`.
#[track_caller]
fn check(name: &str, build: Option<&str>, main: &str, place: &str, message: &str) {
    let project = Project::new(name, &[("Cargo.toml", MANIFEST), ("src/main.rs", main)]);
    if let Some(build) = build {
        project.write("build.rs", build);
    }
    let output = project.cargo(&["check"]);
    assert!(!output.success, "it compiles");
    let text = output.stderr.replace('\\', "/");
    assert!(text.contains(message), "{message:?} is missing:\n{text}");
    assert!(text.contains(&format!("src/main.rs:{place}")), "{place} is missing:\n{text}");
    let errors =
        text.lines().filter(|it| it.starts_with("error") && !it.contains("could not compile"));
    assert_eq!(errors.count(), 1, "{text}");
}

#[test]
fn without_a_build_script_the_lines_to_add_are_printed() {
    let main = "#[perennial::memo]\nfn f(x: u32) -> u32 { x }\nfn main() { f(1); }\n";
    check("refused-table", None, main, "2:4", "perennial_build::generate();");
}

#[test]
fn an_unknown_function_gets_the_nearest_name() {
    let main = "fn simulate() {}\nfn main() {\n    simulate();\n    let _ = perennial::memo_key!(simulat);\n}\n";
    check(
        "refused-name",
        Some(BUILD),
        main,
        "4:34",
        "no function `simulat` is found here; did you mean `simulate`?",
    );
}

#[test]
fn an_argument_that_cannot_be_serialised_is_an_error_at_its_type() {
    let main = "struct Grid;\n#[perennial::memo]\nfn f(n: u32, grid: &Grid) -> u32 { n }\nfn main() { f(1, &Grid); }\n";
    check("refused-argument", Some(BUILD), main, "3:20", "the trait bound `Grid: serde");
}

#[test]
fn a_result_that_cannot_be_stored_is_an_error_at_its_type() {
    let main = "struct Field;\n#[perennial::memo]\nfn f(n: u32) -> Field { let _ = n; Field }\nfn main() { f(1); }\n";
    check(
        "refused-result",
        Some(BUILD),
        main,
        "3:17",
        "results of type `Field` can't be stored by `Cbor`",
    );
}

#[test]
fn what_cannot_be_memoized_says_what_to_write() {
    let main = "#[perennial::memo]\nfn f(x: &mut u32) { *x += 1; }\nfn main() { f(&mut 1); }\n";
    check("refused-mutable", Some(BUILD), main, "2:9", "return the new value");
    let main = "#[perennial::memo]\nasync fn f() {}\nfn main() { drop(f()); }\n";
    check("refused-async", Some(BUILD), main, "1:1", "features = [\"async\"]");
    let main = "#[perennial::memo(cache_err)]\nfn f() -> u8 { 1 }\nfn main() { f(); }\n";
    check("refused-errors", Some(BUILD), main, "2:11", "for functions that return a `Result`");
    let main =
        "#[perennial::memo(if = |it: &u8| *it > 1)]\nfn f() -> u16 { 1 }\nfn main() { f(); }\n";
    check("refused-if", Some(BUILD), main, "1:24", "mismatched types");
    let main = "#[perennial::memo]\nfn f<T>(x: &T) -> u32 { let _ = x; 1 }\nfn main() { f(&1); }\n";
    check("refused-generic", Some(BUILD), main, "2:12", "restricting type parameter `T`");
}

/// Compiles a program with several errors, each given by its place and what it says.
#[track_caller]
fn check_all(name: &str, main: &str, errors: &[(&str, &str)]) {
    let project =
        Project::new(name, &[("Cargo.toml", MANIFEST), ("build.rs", BUILD), ("src/main.rs", main)]);
    let output = project.cargo(&["check"]);
    let text = output.stderr.replace('\\', "/");
    for (place, message) in errors {
        let at = format!("src/main.rs:{place}");
        let is_there = text.split("\n\n").any(|it| it.contains(message) && it.contains(&at));
        assert!(is_there, "{message:?} is not at {place}:\n{text}");
    }
    let found =
        text.lines().filter(|it| it.starts_with("error") && !it.contains("could not compile"));
    assert_eq!(found.count(), errors.len(), "{text}");
}

#[test]
fn attributes_and_signatures_are_refused_at_their_places() {
    let main = "\
use perennial::memo;
macro_rules! make { ($n:ident, $t:ty) => { #[memo] fn $n(x: $t) -> usize { x.len() } } }
make!(hidden, &mut Vec<u8>);
#[memo] fn nested(x: Option<&mut Vec<u8>>) {}
#[memo(skip(x))] fn unnamed(x: &(impl Copy + Send)) {}
#[memo] #[track_caller] fn caller() {}
#[track_caller] #[memo] fn caller_too() {}
#[memo(env(X, X))] fn twice() {}
const X: u8 = 1;
#[memo] fn borrowed(x: &str) -> &str { x }
#[memo] fn maybe() -> Option<impl Copy> { Some(1) }
#[memo(codec = Codec::new())] fn encoded() {}
#[memo(skip(b))] fn pattern((a, b): (u8, u8)) -> u8 { a + b }
#[memo] fn absent(#[cfg(unix)] x: u8) {}
fn main() {}
";
    let exclusive = "return the new value";
    check_all(
        "refused-signatures",
        main,
        &[
            ("3:15", exclusive),
            ("4:29", exclusive),
            ("6:9", "pass what is needed as an argument"),
            ("7:1", "pass what is needed as an argument"),
            ("8:15", "`X` is given twice"),
            ("10:33", "return an owned value"),
            ("11:30", "write the type itself"),
            ("12:16", "path of a unit value"),
            ("13:13", "give the argument a name"),
            ("14:19", "put `#[cfg]` on two functions"),
        ],
    );
}

#[test]
fn types_that_only_the_compiler_knows_are_refused_at_their_places() {
    let main = "\
use perennial::memo;
type Alias<'a> = &'a mut Vec<u8>;
#[memo] fn alias(x: Alias<'_>) -> usize { x.push(1); x.len() }
type Inside<'a> = Option<&'a mut Vec<u8>>;
#[memo] fn inside(x: Inside<'_>) -> bool { x.is_some() }
#[memo(store = 5)] fn stored() -> u8 { 1 }
macro_rules! key { () => { perennial::memo_key!(alias) } }
fn main() { key!(); perennial::memo_key!(1 + 2); }
";
    check_all(
        "refused-types",
        main,
        &[
            ("3:21", "return the new value"),
            ("5:22", "return the new value"),
            ("6:16", "`{integer}` is no store"),
            ("7:49", "call it outside other macros' output"),
            ("8:42", "write memo_key!(path::to::function)"),
        ],
    );
}
