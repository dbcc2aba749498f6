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
