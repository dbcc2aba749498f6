//! What is listed in the ledger: state that functions read, where, and by which calls.

use perennial_build::{Kind, LedgerLine, Table};

use crate::package::table;

const MANIFEST: &str = "[package]\nname = \"demo\"\nedition = \"2024\"\n\
    [dependencies]\nperennial = \"0.1\"\nrand = \"0.9\"\ndice = { package = \"fastrand\", version = \"2\" }\n";

fn library(source: &str) -> Table {
    table(&[("Cargo.toml", MANIFEST), ("src/lib.rs", source)])
}

/// Every finding as kind, what, line and column.
fn found(table: &Table) -> Vec<(Kind, &str, usize, usize)> {
    table.ledger.iter().map(|it| (it.kind, it.what.as_str(), it.line, it.column)).collect()
}

#[test]
fn state_is_found_through_imports_renames_globs_aliases_and_function_pointers() {
    let table = library(
        "mod m { use std::fs::*; pub fn d() { let _ = read(\"x\"); File::open(\"x\"); } }
use {std::time::{self, SystemTime as Time}, rand::prelude::*};
type Clock = time::Instant;
pub fn a() { Time::now(); }
pub fn b() -> fn() -> Time { Time::now }
pub fn c() { Clock::now(); }

pub fn e() { ::std::env::var(\"X\"); <Time>::now(); }
pub fn f() { random::<u8>(); dice::u8(..); }
pub fn g() { use std::process; process::Command::new(\"x\"); std::net::TcpStream::connect(\"x\"); }
",
    );
    assert_eq!(
        found(&table),
        [
            (Kind::Clock, "std::time::Instant::now", 6, 14),
            (Kind::Clock, "std::time::SystemTime::now", 4, 14),
            (Kind::Clock, "std::time::SystemTime::now", 5, 30),
            (Kind::Clock, "std::time::SystemTime::now", 8, 37),
            (Kind::Random, "fastrand::u8", 9, 30),
            (Kind::Random, "rand::prelude::random", 9, 14),
            (Kind::Files, "std::fs::File::open", 1, 57),
            (Kind::Files, "std::fs::read", 1, 46),
            (Kind::Network, "std::net::TcpStream::connect", 10, 60),
            (Kind::Environment, "std::env::var(\"X\")", 8, 16),
            (Kind::Process, "std::process::Command::new", 10, 32),
        ]
    );
    assert!(table.rows.iter().all(|it| !it.needs_executable));
}

#[test]
fn methods_that_read_are_found_on_paths_and_times() {
    let table = library(
        "use std::{path::{Path, PathBuf}, time::SystemTime};
pub struct Job { input: PathBuf, known: Known }
pub struct Known;
impl Known { pub fn is_file(&self) -> bool { true } }
impl Job { pub fn b(&self) -> bool { self.input.is_file() && self.known.is_file() } }
pub fn a(path: &Path) -> bool { path.exists() }
pub fn c(since: SystemTime) { since.elapsed(); }
pub fn d(paths: &[PathBuf]) -> usize { paths.iter().filter(|it| it.is_dir()).count() }
pub fn e(path: &Path) -> bool { path.join(\"x\").try_exists().is_ok() }
pub fn f(names: Vec<String>) -> bool { names.is_empty() }
",
    );
    let lines: Vec<_> = found(&table).into_iter().map(|(_, what, line, _)| (line, what)).collect();
    assert_eq!(
        lines,
        [
            (7, ".elapsed()"),
            (6, ".exists()"),
            (8, ".is_dir()"),
            (5, ".is_file()"),
            (9, ".try_exists()")
        ]
    );
}

#[test]
fn what_macros_do_is_found_where_they_are_called() {
    let table = library(
        "macro_rules! stamp { () => { inner!() } }
macro_rules! inner { () => { std::time::SystemTime::now() } }
macro_rules! make { ($name:ident) => { pub fn $name() { std::process::id(); } } }
pub fn a() {
    let _ = stamp!();
    println!(\"{:?}\", std::env::args());
}
make!(b);
",
    );
    assert_eq!(
        found(&table),
        [
            (Kind::Clock, "std::time::SystemTime::now", 5, 13),
            (Kind::Environment, "std::env::args", 6, 22),
            (Kind::Process, "std::process::id", 8, 1),
        ]
    );
}

#[test]
fn what_only_has_such_a_name_is_not_found() {
    let table = library(
        "mod fs { pub fn read() {} }
mod time { pub struct Instant; impl Instant { pub fn now() {} } }
use time::Instant;
pub fn a() { fs::read(); Instant::now(); }
pub fn b(random: u8) -> u8 { random }
pub fn c(at: std::time::SystemTime, file: &std::fs::File) {}
pub fn d() -> &'static str { env!(\"CARGO_PKG_NAME\") }
",
    );
    assert!(table.ledger.is_empty(), "{:?}", table.ledger);
}

const CHAIN: &str = "
use perennial::memo;
use std::sync::atomic::AtomicU32;
pub static LIMIT: AtomicU32 = AtomicU32::new(1);
#[memo] pub fn first() { helper() }
#[memo(allow(clock, statics))] pub fn second() { helper() }
#[memo(env(LIMIT.load(Relaxed), std::env::var(\"X\").ok()), allow(clock))] pub fn third() { helper() }
fn helper() { Sheet.stamp() }
struct Sheet;
impl Sheet { fn stamp(&self) { std::time::SystemTime::now(); LIMIT.load(); } }
fn apart() { std::process::id(); }
";

#[test]
fn a_chain_of_calls_leads_from_the_memoized_function() {
    let table = library(CHAIN);
    let [statics, clock, process] = &table.ledger[..] else { panic!("{:?}", table.ledger) };
    assert_eq!(clock.item, "demo::<Sheet>::stamp");
    assert_eq!(clock.chain, ["demo::first", "demo::helper", "demo::<Sheet>::stamp"]);
    assert_eq!((clock.line, clock.column), (10, 32));
    assert_eq!(statics.chain.last().unwrap(), "demo::LIMIT");
    assert_eq!((statics.line, statics.kind), (4, Kind::MutableStatic));
    assert!(!process.is_reached_by_memo && process.chain.is_empty());
}

#[test]
fn leave_settles_a_kind_for_one_function_and_changes_nothing_for_others() {
    let table = library(CHAIN);
    let by = |line: &LedgerLine| (line.memoized.clone(), line.settled_by.clone());
    let paths = |names: &[&str]| names.iter().map(|it| format!("demo::{it}")).collect::<Vec<_>>();
    let [statics, clock, _] = &table.ledger[..] else { panic!("{:?}", table.ledger) };
    assert_eq!(by(clock), (paths(&["first"]), paths(&["second", "third"])));
    // What can be named is in the key, listed in `env(…)` or not.
    assert_eq!(by(statics), (paths(&[]), paths(&["first", "second", "third"])));
    assert!(clock.is_reached_by_memo);

    // Leave names no item.
    let table = library(
        "mod apart { pub fn clock() { nowhere::at::all() } }
#[perennial::memo(allow(clock))] pub fn start() {}
",
    );
    let start = table.rows.iter().find(|it| it.path == "demo::start").unwrap();
    assert_eq!(table.paths_reached(start), ["demo::start"]);
}

#[test]
fn a_thread_local_is_told_of_where_other_threads_may_read_theirs() {
    let source = |body: &str| {
        format!(
            "use perennial::memo;
thread_local! {{ static DEPTH: std::cell::Cell<u8> = const {{ std::cell::Cell::new(1) }} }}
fn depth() -> u8 {{ DEPTH.get() }}
{body}
"
        )
    };
    let kinds = |body: &str| {
        let table = library(&source(body));
        let lines = table.ledger.iter().filter(|it| !it.memoized.is_empty());
        lines.map(|it| it.kind).collect::<Vec<_>>()
    };
    assert_eq!(kinds("#[memo] fn f() -> u8 { depth() }"), []);
    let spawned = "fn f() -> u8 { std::thread::spawn(depth).join().unwrap() }";
    assert_eq!(kinds(&format!("#[memo] {spawned}")), [Kind::ThreadLocal]);
    assert_eq!(kinds(&format!("#[memo(allow(statics))] {spawned}")), []);
    assert_eq!(kinds("#[memo] async fn f() -> u8 { depth() }"), [Kind::ThreadLocal]);
}

#[test]
fn what_a_static_holds_decides_whether_it_can_change() {
    let statics = |declarations: &str| {
        let manifest = format!("{MANIFEST}regex = \"1\"\n");
        let table = table(&[("Cargo.toml", &manifest), ("src/lib.rs", declarations)]);
        let lines = table.ledger.iter().filter(|it| it.kind == Kind::MutableStatic);
        lines.map(|it| it.what.trim_start_matches("demo::").to_owned()).collect::<Vec<_>>()
    };
    let changing = "use std::{cell, collections::*, sync::{*, atomic::AtomicU8}};
pub struct Plain { a: Vec<String>, b: Option<Box<Plain>>, c: fn(u8) -> u8 }
pub struct Deep<T> { inner: Wrapper<T> }
pub enum Wrapper<T> { Some(T), None }
pub type Counter = Mutex<u8>;
pub struct Held { name: &'static str, by: Counter }
pub static A: Deep<Held> = todo!();
pub static B: &[&AtomicU8] = &[];
pub static C: LazyLock<HashMap<u8, Arc<RwLock<u8>>>> = todo!();
pub static D: Counter = Mutex::new(1);
pub static E: &'static dyn Send = &1;
pub static F: Option<other::Thing> = None;
pub static G: std::cell::SyncUnsafeCell<u8> = todo!();
pub static mut H: u8 = 1;
pub static I: OnceLock<u8> = OnceLock::new();
pub fn set() { I.set(1); (&A, &B, &C, &D, &E, &F, &G, unsafe { H }); }
";
    let expected = ["A", "B", "C", "D", "E", "F", "G", "H", "I"];
    assert_eq!(statics(changing), expected);
    let constant = r#"use std::{collections::HashMap, sync::*};
pub struct Plain { a: Vec<String>, b: Option<Box<Plain>>, c: fn(u8) -> u8 }
pub struct Deep<T>(Vec<T>, std::marker::PhantomData<T>);
pub static A: Plain = todo!();
pub static B: Deep<(u8, [Plain; 3])> = todo!();
pub static C: LazyLock<HashMap<&'static str, Vec<Plain>>> = LazyLock::new(HashMap::new);
pub static D: &[(&str, fn() -> Plain)] = &[];
pub static E: LazyLock<regex::Regex> = LazyLock::new(|| regex::Regex::new(".").unwrap());
static F: OnceLock<u8> = OnceLock::new();
pub fn f() -> u8 { (&A, &B, &C, &D, &E, &G); *F.get_or_init(|| { let x = 1; x + 1 }) }
#[perennial::env(skip)] pub static G: Mutex<u8> = Mutex::new(1);
"#;
    assert_eq!(statics(constant), Vec::<String>::new());
    let captured = [
        "fn f(x: u8) -> u8 { *F.get_or_init(|| x) }",
        "fn f(x: u8) -> u8 { *F.get_or_init(|| { let y = 1; y + x }) }",
        r#"fn f(x: u8) -> usize { *F.get_or_init(|| format!("{x}").len() as u8) as usize }"#,
        "fn f<T: Default + Into<u8>>() -> u8 { *F.get_or_init(|| T::default().into()) }",
        "struct S(u8); impl S { fn f(&self) -> u8 { *F.get_or_init(|| self.0) } }",
        "fn f(x: u8) -> Option<&'static u8> { F.get() }",
        "use F as G; fn f(x: u8) -> u8 { let _ = F.get_or_init(|| 1); *G.get_or_init(|| x) }",
        "fn f() -> u8 { *F.get_or_init(|| B.lock().map_or(1, |it| *it)) } static B: std::sync::Mutex<u8> = std::sync::Mutex::new(1);",
    ];
    for code in captured {
        let source =
            format!("static F: std::sync::OnceLock<u8> = std::sync::OnceLock::new();\n{code}\n");
        assert!(statics(&source).contains(&"F".to_owned()), "{code}");
    }
}

#[test]
fn a_variable_of_the_process_may_have_a_constant_for_its_name() {
    let table = library(
        "mod names { pub const A: &str = \"A\"; }
const B: &str = concat!(\"B\");
pub fn a() { std::env::var(names::A); }
pub fn b(A: &str) { use names::A as C; std::env::var_os(C); std::env::var(A); std::env::var(B); }
",
    );
    let what: Vec<_> = table.ledger.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(
        what,
        ["std::env::var", "std::env::var", "std::env::var(\"A\")", "std::env::var_os(\"A\")"]
    );
}

#[test]
fn functions_that_are_given_code_of_other_packages_are_told_of() {
    let found = |code: &str| {
        let table = library(&format!(
            "use perennial::memo;\npub trait Source {{ fn get(&self) -> u8; }}\n{code}\n"
        ));
        let lines = table.ledger.iter().filter(|it| it.kind == Kind::OpenState);
        lines.filter(|it| !it.memoized.is_empty()).count()
    };
    let told = [
        "#[memo] pub fn f<T: Source>(x: &T) -> u8 { x.get() }",
        "#[memo] pub fn f(x: &dyn Source) -> u8 { x.get() }",
        "pub struct W<T>(T); impl<T: Source> W<T> { #[memo] pub fn f(&self) -> u8 { self.0.get() } }",
        "pub trait Twice: Source { #[memo] fn f(&self) -> u8 { self.get() } }",
    ];
    for code in told {
        assert_eq!(found(code), 1, "{code}");
    }
    let known = [
        "#[memo] pub fn f(x: u8) -> u8 { x }",
        "#[memo] fn f<T: Source>(x: &T) -> u8 { x.get() }",
        "#[memo(allow(statics))] pub fn f<T: Source>(x: &T) -> u8 { x.get() }",
    ];
    for code in known {
        assert_eq!(found(code), 0, "{code}");
    }
}
