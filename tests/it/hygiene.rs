//! Expansions in code that denies, forbids, shadows and renames whatever it can.

use crate::memoizing_package::{MANIFEST, project};

#[test]
fn any_name_will_do_and_no_lint_is_broken() {
    let main = r#"
#![deny(warnings, missing_docs, unused_qualifications, unused_results, trivial_casts, rust_2018_idioms)]
#![deny(unreachable_pub, let_underscore_drop, single_use_lifetimes, unused_lifetimes, unit_bindings)]
#![forbid(unsafe_code, unused, nonstandard_style)]
//! Checks itself.
use perennial::memo;

#[memo]
fn names(__key: u8, __shape: u8, __codec: u8, __argument_1: u8, (a, b): (u8, u8)) -> u8 {
    __key + __shape + __codec + __argument_1 + a + b
}
#[memo]
fn ours(key: &str, function: u8, begun: u8, shape: u8, equal: u8, instance: u8, argument_6: u8, _: u8) -> String {
    format!("{key}{function}{begun}{shape}{equal}{instance}{argument_6}")
}
#[memo]
#[allow(nonstandard_style)]
fn underscores(_a: u8, __a: u8, a: u8, _: u8, _type: u8) -> u8 { a }
#[memo]
fn question(x: &str) -> Result<u32, std::num::ParseIntError> {
    if x.is_empty() { return Ok(0); }
    let y: u32 = x.parse()?;
    Ok(y)
}

#[derive(Clone)]
struct Database(u8);
impl Database { fn version(&self) -> u8 { self.0 } }
#[memo(skip(db, self_), env(db.version(), x as u16 + u16::from(*y), z.0))]
fn environment(db: Database, x: u8, y: &u8, z: (u8, u8), self_: u8) -> u8 { db.0 + x + y + z.1 + self_ }

static STORE: std::sync::LazyLock<perennial::MemoryStore> =
    std::sync::LazyLock::new(perennial::MemoryStore::new);
#[memo(store = STORE)]
fn stored(x: u8) -> u8 { x }
#[memo(store = *STORE)]
fn stored_too(x: u8) -> u8 { x }

fn main() {
    let _here = perennial::storing_to(perennial::MemoryStore::new());
    for _ in 0..2 {
        assert_eq!(names(1, 2, 3, 4, (5, 6)), 21);
        assert_eq!(ours("k", 1, 2, 3, 4, 5, 6, 7), "k123456");
        assert_eq!(underscores(1, 2, 3, 4, 5), 3);
        assert_eq!((question("7"), question("").is_ok(), question("x").is_err()), (Ok(7), true, true));
        assert_eq!((environment(Database(1), 2, &3, (4, 5), 6), environment(Database(2), 2, &3, (4, 5), 6)), (17, 18));
        assert_eq!((stored(1), stored_too(1)), (1, 1));
    }
    let stats = perennial::stats();
    println!("{} {}", stats.hits, stats.misses);
}
"#;
    let main = main.replace("#[allow(nonstandard_style)]\n", "");
    let project = project("hygiene-names", &[("src/main.rs", &main)]);
    assert_eq!(project.run(&["run", "-q"]), "9 11\n");
}

#[test]
fn code_that_changed_under_the_compiler_builds_without_memoization_whatever_is_denied() {
    let build = r#"
fn main() {
    perennial_build::generate();
    let out = std::env::var_os("OUT_DIR").unwrap();
    let text = format!("{:?}", std::time::SystemTime::now());
    std::fs::write(std::path::Path::new(&out).join("late.txt"), text).unwrap();
}
"#;
    let main = r#"
#![deny(warnings, unused_braces)]
#[perennial::memo]
fn late() -> usize { include_str!(concat!(env!("OUT_DIR"), "/late.txt")).len() }
#[perennial::memo]
fn inner() -> u8 { #![allow(unused_variables)] let x = 1; 2 }
fn main() {
    assert!(late() > 0 && inner() == 2);
    println!("{}", perennial::stats().misses);
}
"#;
    let project = project("hygiene-late", &[("src/main.rs", main), ("build.rs", build)]);
    let run = project.cargo(&["run", "-q"]);
    assert!(run.success && run.stdout == "0\n", "{run:?}");
    let warning = "`late` is compiled without memoization: $OUT_DIR/late.txt was written after its signature was \
                   made; call generate() last in build.rs";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    // Where nothing can keep the warning from being an error, there is none.
    for forbidden in ["forbid(deprecated)", "forbid(warnings)"] {
        project.write("src/main.rs", &main.replace("deny(warnings, unused_braces)", forbidden));
        let run = project.cargo(&["run", "-q"]);
        let is_silent = !run.stderr.contains("without memoization");
        assert!(run.success && run.stdout == "0\n" && is_silent, "{run:?}");
    }
}

#[test]
fn perennial_is_reached_through_another_crate_where_the_option_says_so() {
    let manifest = MANIFEST
        .replace("perennial = { path = \"{root}/runtime\" }", "facade = { path = \"facade\" }");
    let main = "use facade::perennial::memo;\n#[memo(crate = facade::perennial)]\nfn f(x: u8) -> u8 { x }\n\
                fn main() { f(1); f(1); println!(\"{}\", facade::perennial::stats().hits); }\n";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        (
            "facade/Cargo.toml",
            "[package]\nname = \"facade\"\nedition = \"2024\"\n[dependencies]\nperennial = { path = \"{root}/runtime\" }\n",
        ),
        ("facade/src/lib.rs", "pub use perennial;\n"),
        ("src/main.rs", main),
    ];
    let project = project("hygiene-facade", &files);
    assert_eq!(project.run(&["run", "-q"]), "1\n");
    project.write("src/main.rs", &main.replace("(crate = facade::perennial)", ""));
    let run = project.cargo(&["run", "-q"]);
    let message = "`perennial` is no dependency of this crate; add it to Cargo.toml, or, where another crate \
                   re-exports it, say where: #[memo(crate = path::to::perennial)]";
    assert!(!run.success && run.stderr.contains(message), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_shared_library_that_changed_is_seen() {
    let manifest = MANIFEST.replace("[build-", "shared = { path = \"shared\" }\n[build-");
    let main = "macro_rules! make { () => { #[perennial::memo] fn f(x: u8) -> u8 { shared::v() + x } } }\nmake!();\n\
                fn main() {\n    assert_eq!(f(1), perennial::suspended(|| f(1)));\n    \
                let stats = perennial::stats();\n    println!(\"{} {}\", stats.hits, stats.misses);\n}\n";
    let files = [
        ("Cargo.toml", manifest.as_str()),
        (
            "shared/Cargo.toml",
            "[package]\nname = \"shared\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"dylib\"]\n",
        ),
        ("shared/src/lib.rs", "pub fn v() -> u8 { 1 }\n"),
        ("src/main.rs", main),
    ];
    let project = project("hygiene-shared", &files);
    let run = || project.run(&["run", "-q"]);
    assert_eq!(run(), "0 1\n");
    assert_eq!(run(), "1 0\n");
    project.edit("shared/src/lib.rs", "{ 1 }", "{ 2 }");
    assert_eq!(run(), "0 1\n");
}

#[test]
fn bodies_nest_as_deeply_as_the_compiler_takes() {
    let nested = |open: &str, close: &str| open.repeat(1_000) + "inner(x)" + &close.repeat(1_000);
    let main = format!(
        "#![allow(unused_parens, unused_braces)]\nuse perennial::memo;\nfn inner(x: u64) -> u64 {{ x * 2 }}\n\
         #[memo]\nfn sum(x: u64) -> u64 {{ inner(x){} }}\n\
         #[memo]\nfn parentheses(x: u64) -> u64 {{ {} }}\n\
         #[memo]\nfn chain(x: u64) -> u64 {{ inner(x){} }}\n\
         fn main() {{\n    print!(\"{{}} {{}} {{}} \", sum(1), parentheses(1), chain(1));\n    \
         println!(\"{{}} hits\", perennial::stats().hits);\n}}\n",
        " + 1".repeat(3_000),
        nested("(", ")"),
        ".wrapping_add(1)".repeat(1_500),
    );
    let project = project("hygiene-depth", &[("src/main.rs", &main)]);
    let run = || project.run(&["run", "-q"]);
    assert_eq!(run(), "3002 2 1502 0 hits\n");
    assert_eq!(run(), "3002 2 1502 3 hits\n");
    project.edit("src/main.rs", "x * 2", "x * 3");
    assert_eq!(run(), "3003 3 1503 0 hits\n");
}
