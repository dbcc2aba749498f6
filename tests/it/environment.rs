//! The state that a memoized function reaches is in its keys, with no word of the user's.

use std::{
    cell::Cell,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use perennial::{MemoryStore, memo, memo_call, memo_key};
use perennial_tests::Project;

use crate::{
    counted::{ran, runs},
    memoizing_package,
};

const MANIFEST: &str = "[package]
name = \"{name}\"
edition = \"2024\"
[dependencies]
perennial = { path = \"{root}/runtime\" }
settings = { path = \"settings\" }
once_cell = \"1\"
[build-dependencies]
perennial-build = { path = \"{root}/build-support\" }
[workspace]
";

const SETTINGS_MANIFEST: &str = "[package]
name = \"settings\"
edition = \"2024\"
[dependencies]
perennial = { path = \"{root}/runtime\" }
";

const SETTINGS: &str = "use std::{cell::RefCell, sync::atomic::{AtomicU32, Ordering::Relaxed}};
mod limits { pub static SEEN: super::AtomicU32 = super::AtomicU32::new(0); }
pub use limits::SEEN;
mod hidden {
    use super::*;
    #[perennial::env]
    static HIDDEN: AtomicU32 = AtomicU32::new(0);
    pub fn hidden() -> &'static AtomicU32 { &HIDDEN }
    thread_local! {
        #[perennial::env(with = |it| it.with_borrow(Vec::len))]
        static LOGGED: RefCell<Vec<fn()>> = const { RefCell::new(Vec::new()) };
        #[perennial::env(skip)]
        static CACHE: RefCell<u32> = const { RefCell::new(0) };
    }
    pub fn log() { LOGGED.with_borrow_mut(|it| it.push(|| ())); }
    pub fn logged() -> u32 { CACHE.with_borrow_mut(|it| *it += 1); LOGGED.with_borrow(|it| it.len() as u32) }
}
pub use hidden::{hidden, log, logged};
pub fn sum() -> u32 { SEEN.load(Relaxed) + hidden().load(Relaxed) + logged() }
";

const STATE: &str = "use std::{cell::Cell, collections::HashMap, sync::{*, atomic::*}};
pub(crate) static ATOMIC: AtomicU32 = AtomicU32::new(0);
pub static MUTEX: Mutex<Vec<String>> = Mutex::new(Vec::new());
pub static LOCK: LazyLock<Arc<RwLock<HashMap<String, f64>>>> = LazyLock::new(Default::default);
pub static ONCE: OnceLock<Option<u32>> = OnceLock::new();
pub static LAZY: once_cell::sync::Lazy<Mutex<u8>> = once_cell::sync::Lazy::new(Default::default);
pub static SET: once_cell::sync::OnceCell<String> = once_cell::sync::OnceCell::new();
pub static r#TYPE: AtomicBool = AtomicBool::new(false);
pub static CONSTANT: LazyLock<Vec<u32>> = LazyLock::new(|| vec![1, 2, 3]);
#[perennial::env(unsafe)]
pub static mut OLD: u32 = 0;
thread_local! { pub static LOCAL: Cell<u32> = const { Cell::new(0) } }
pub fn squares() -> &'static [u32] {
    static SQUARES: OnceLock<Vec<u32>> = OnceLock::new();
    SQUARES.get_or_init(|| (0..4).map(|it| it * it).collect())
}
";

const MAIN: &str = "mod state;
use std::sync::atomic::Ordering::Relaxed;
use perennial::memo;
#[memo]
fn everything() -> u32 {
    println!(\"runs\");
    let mut sum = settings::sum() + state::ATOMIC.load(Relaxed) + state::LOCAL.get() + state::squares()[1];
    sum += state::MUTEX.lock().unwrap().len() as u32 + state::LOCK.read().unwrap().len() as u32;
    sum += state::ONCE.get().is_some() as u32 + *state::LAZY.lock().unwrap() as u32;
    sum += state::SET.get().is_some() as u32 + state::r#TYPE.load(Relaxed) as u32 + state::CONSTANT[0];
    sum + unsafe { state::OLD } + std::env::var(\"STATE_OF_TEST\").map_or(0, |it| it.len() as u32)
}
fn main() {
    let change = std::env::args().nth(1).unwrap_or_default();
    match change.as_str() {
        \"seen\" => settings::SEEN.store(1, Relaxed),
        \"hidden\" => settings::hidden().store(1, Relaxed),
        \"logged\" => settings::log(),
        \"atomic\" => state::ATOMIC.store(1, Relaxed),
        \"mutex\" => state::MUTEX.lock().unwrap().push(\"a\".to_owned()),
        \"lock\" => drop(state::LOCK.write().unwrap().insert(\"a\".to_owned(), 0.5)),
        \"once\" => state::ONCE.set(None).unwrap(),
        \"lazy\" => *state::LAZY.lock().unwrap() = 1,
        \"set\" => state::SET.set(String::new()).unwrap(),
        \"type\" => state::r#TYPE.store(true, Relaxed),
        \"old\" => unsafe { state::OLD = 1 },
        \"local\" => state::LOCAL.set(1),
        \"variable\" => unsafe { std::env::set_var(\"STATE_OF_TEST\", \"a\") },
        \"squares\" => drop(state::squares()),
        \"constant\" => drop(state::CONSTANT.len()),
        \"cache\" => drop(settings::logged()),
        _ => {}
    }
    println!(\"{}\", everything());
}
";

const CHANGES: [&str; 13] = [
    "seen", "hidden", "logged", "atomic", "mutex", "lock", "once", "lazy", "set", "type", "old",
    "local", "variable",
];

fn project(name: &str) -> Project {
    Project::new(
        name,
        &[
            ("Cargo.toml", MANIFEST),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            ("settings/Cargo.toml", SETTINGS_MANIFEST),
            ("settings/src/lib.rs", SETTINGS),
            ("src/state.rs", STATE),
            ("src/main.rs", MAIN),
        ],
    )
}

#[test]
fn state_is_in_the_key_by_its_value_across_modules_and_packages() {
    let project = project("environment-kinds");
    assert_eq!(project.run(&["run", "-q"]), "runs\n2\n");
    assert_eq!(project.run(&["run", "-q"]), "2\n");
    for change in CHANGES {
        let before = project.run(&["run", "-q", "--", change]);
        assert_eq!(before, "runs\n3\n", "{change}");
        assert_eq!(project.run(&["run", "-q", "--", change]), "3\n", "{change}");
    }
    // What is set by code alone, once, and what is said to be no state.
    for change in ["squares", "constant", "cache", "nothing"] {
        assert_eq!(project.run(&["run", "-q", "--", change]), "2\n", "{change}");
    }
    // Moving a static changes no key; another initial value is other code.
    let atomic = "pub(crate) static ATOMIC: AtomicU32 = AtomicU32::new(0);\n";
    project.edit("src/state.rs", atomic, "pub mod inner { pub(crate) static ATOMIC: super::AtomicU32 = super::AtomicU32::new(0); }\npub(crate) use inner::ATOMIC;\n");
    project.edit("src/state.rs", "super::AtomicU32 = super::AtomicU32", "AtomicU32 = AtomicU32");
    project.edit("src/state.rs", "mod inner {", "mod inner { use super::AtomicU32;");
    assert_eq!(project.run(&["run", "-q"]), "2\n");
    project.edit("src/state.rs", "AtomicU32::new(0)", "AtomicU32::new(5)");
    assert_eq!(project.run(&["run", "-q"]), "runs\n7\n");
}

#[test]
fn what_is_computed_from_state_is_state() {
    let main = "use std::sync::{LazyLock, OnceLock, atomic::{AtomicU32, Ordering::Relaxed}};
static BASE: AtomicU32 = AtomicU32::new(1);
static DERIVED: LazyLock<u32> = LazyLock::new(|| BASE.load(Relaxed) * 10);
static FIRST: OnceLock<u32> = OnceLock::new();
fn first(from: u32) -> u32 { *FIRST.get_or_init(|| from) }
#[perennial::memo] fn derived() -> u32 { println!(\"runs\"); *DERIVED }
#[perennial::memo] fn captured() -> u32 { println!(\"runs\"); first(1) }
fn main() {
    if std::env::args().count() > 1 { LazyLock::force(&DERIVED); first(7); }
    BASE.store(2, Relaxed);
    println!(\"{} {} {}\", derived(), captured(), captured());
}
";
    let project = Project::memoizing("environment-derived", main);
    // The second call of `captured` finds what the first has set.
    assert_eq!(project.run(&["run", "-q"]), "runs\nruns\nruns\n20 1 1\n");
    assert_eq!(project.run(&["run", "-q", "--", "early"]), "runs\nruns\n10 7 7\n");
    assert_eq!(project.run(&["run", "-q", "--", "early"]), "10 7 7\n");
}

#[test]
fn functions_that_macros_made_are_keyed_by_their_state() {
    let main = "use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
static FACTOR: AtomicU32 = AtomicU32::new(1);
macro_rules! memoized {
    ($name:ident $by:literal) => {
        #[perennial::memo] fn $name() -> u32 { println!(\"runs\"); FACTOR.load(Relaxed) * $by }
    };
}
memoized!(two 2);
memoized!(three 3);
fn main() {
    for factor in [1, 5, 1] {
        FACTOR.store(factor, Relaxed);
        println!(\"{} {}\", two(), three());
    }
}
";
    let project = Project::memoizing("environment-made", main);
    assert_eq!(project.run(&["run", "-q"]), "runs\nruns\n2 3\nruns\nruns\n10 15\n2 3\n");
    assert_eq!(project.run(&["run", "-q"]), "2 3\n10 15\n2 3\n");
}

#[test]
fn what_was_set_from_one_of_several_places_is_state() {
    let main = "use std::sync::OnceLock;
static FIRST: OnceLock<u32> = OnceLock::new();
fn one() -> u32 { *FIRST.get_or_init(|| 1) }
fn two() -> u32 { *FIRST.get_or_init(|| 2) }
#[perennial::memo] fn first() -> u32 { one() }
fn main() {
    if std::env::args().count() > 1 { two(); } else { one(); }
    println!(\"{}\", first());
}
";
    let project = Project::memoizing("environment-places", main);
    assert_eq!(project.run(&["run", "-q"]), "1\n");
    assert_eq!(project.run(&["run", "-q", "--", "two"]), "2\n");
}

#[test]
fn what_was_computed_from_a_variable_is_state() {
    let main = "use std::sync::LazyLock;
static NAME: LazyLock<String> = LazyLock::new(|| std::env::var(\"STATE_OF_TEST\").unwrap_or_default());
#[perennial::memo] fn named() -> String { NAME.clone() }
fn main() {
    if std::env::args().count() > 1 { LazyLock::force(&NAME); }
    unsafe { std::env::set_var(\"STATE_OF_TEST\", \"late\") };
    println!(\"{}.\", named());
}
";
    let project = Project::memoizing("environment-variable", main);
    assert_eq!(project.run(&["run", "-q", "--", "early"]), ".\n");
    assert_eq!(project.run(&["run", "-q"]), "late.\n");
}

#[test]
fn what_others_can_set_is_state() {
    let project = memoizing_package::project(
        "environment-settable",
        &[
            (
                "src/lib.rs",
                "use std::sync::OnceLock;
pub static LEVEL: OnceLock<u32> = OnceLock::new();
#[perennial::memo] pub fn level() -> u32 { *LEVEL.get_or_init(|| 1) }
",
            ),
            (
                "user/Cargo.toml",
                "[package]\nname = \"user\"\nedition = \"2024\"\n[dependencies]\n\
                 environment-settable = { path = \"..\" }\n[workspace]\n",
            ),
            (
                "user/src/main.rs",
                "use environment_settable::{LEVEL, level};
fn main() {
    if std::env::args().count() > 1 { LEVEL.set(7).unwrap() }
    println!(\"{} {}\", level(), level());
}
",
            ),
        ],
    );
    let run = |arguments: &[&str]| {
        let manifest = ["run", "-q", "--manifest-path", "user/Cargo.toml", "--"];
        project.run(&[&manifest[..], arguments].concat())
    };
    assert_eq!(run(&[]), "1 1\n");
    assert_eq!(run(&["set"]), "7 7\n");
}

#[test]
fn statics_of_one_name_are_told_apart() {
    let main = "use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
mod a { pub static LIMIT: super::AtomicU32 = super::AtomicU32::new(1); }
mod b { pub static LIMIT: super::AtomicU32 = super::AtomicU32::new(1); }
#[perennial::memo(env(a::LIMIT.load(Relaxed)))]
fn listed() -> u32 { a::LIMIT.load(Relaxed) * 10 + b::LIMIT.load(Relaxed) }
fn main() {
    for limit in [1, 2] {
        b::LIMIT.store(limit, Relaxed);
        println!(\"{}\", listed());
    }
}
";
    let project = Project::memoizing("environment-namesakes", main);
    assert_eq!(project.run(&["run", "-q"]), "11\n12\n");
}

#[test]
fn statics_that_hide_one_another_are_told_apart() {
    let main = "use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
fn outer(outside: u32) -> u32 {
    static STEP: AtomicU32 = AtomicU32::new(1);
    fn step() -> u32 { STEP.load(Relaxed) }
    STEP.store(outside, Relaxed);
    {
        static STEP: AtomicU32 = AtomicU32::new(1);
        #[perennial::memo] fn both() -> u32 { step() * 10 + STEP.load(Relaxed) }
        both()
    }
}
fn main() { println!(\"{} {}\", outer(1), outer(2)); }
";
    let shadowed = Project::memoizing("environment-shadowed", main);
    let error = shadowed.cargo(&["build"]).stderr;
    assert!(
        error.contains("both` reads the static `environment_shadowed::outer::STEP`"),
        "{error}"
    );
    shadowed.edit(
        "src/main.rs",
        "    static STEP: AtomicU32 = AtomicU32::new(1);\n    fn",
        "    #[perennial::env] static STEP: AtomicU32 = AtomicU32::new(1);\n    fn",
    );
    assert_eq!(shadowed.run(&["run", "-q"]), "11 21\n");
}

#[test]
fn what_macros_make_in_blocks_is_keyed_by_its_state() {
    let main = "use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
static BASE: AtomicU32 = AtomicU32::new(1);
fn base() -> u32 { BASE.load(Relaxed) }
macro_rules! adding { () => { perennial::memo_fn!(|x: u32| -> u32 { x + base() }) } }
macro_rules! given { ($($tokens:tt)*) => { perennial::memo_fn!($($tokens)*) } }
macro_rules! inner { () => {{ #[perennial::memo] fn inner() -> u32 { base() } inner() }} }
fn sum() -> u32 { adding!()(10) + given!(|x: u32| -> u32 { x + base() })(100) + inner!() }
fn main() {
    for base in [1, 2, 1] {
        BASE.store(base, Relaxed);
        println!(\"{}\", sum());
    }
}
";
    let project = Project::memoizing("environment-made-within", main);
    assert_eq!(project.run(&["run", "-q"]), "113\n116\n113\n");
}

#[test]
fn thread_locals_in_blocks_are_seen_by_any_path() {
    let main = "use std::cell::Cell;
fn level(step: u32) -> u32 {
    std::thread_local! { #[perennial::env] static LEVEL: Cell<u32> = const { Cell::new(1) } }
    LEVEL.set(LEVEL.get() + step);
    LEVEL.get()
}
#[perennial::memo] fn now() -> u32 { level(0) }
fn main() { println!(\"{} {} {}\", now(), level(4), now()); }
";
    let project = Project::memoizing("environment-by-path", main);
    assert_eq!(project.run(&["run", "-q"]), "1 5 5\n");
}

#[test]
fn what_never_changes_need_not_be_serialised() {
    let main = "use std::sync::{LazyLock, OnceLock};
use rayon::prelude::*;
struct Table(Vec<u32>);
static TABLE: LazyLock<Table> = LazyLock::new(|| Table(vec![1, 2]));
fn pattern(n: u32) -> u32 {
    static PATTERN: OnceLock<(Table, String)> = OnceLock::new();
    let (table, text) = PATTERN.get_or_init(|| (Table(vec![3]), \"a{2,3}{ \".to_owned()));
    n + table.0[0] + text.len() as u32
}
#[perennial::memo]
fn sum() -> u32 {
    tracing::info!(count = 2, \"summing\");
    tracing::debug_span!(\"sum\").in_scope(|| TABLE.0.par_iter().sum::<u32>() + pattern(1))
}
fn main() { println!(\"{} {}\", sum(), sum()); }
";
    let others = "rayon = \"1\"\ntracing = { version = \"0.1\", default-features = false, features = [\"std\"] }\n";
    let manifest =
        MANIFEST.replace("settings = { path = \"settings\" }\nonce_cell = \"1\"\n", others);
    let project = Project::new(
        "environment-constant",
        &[
            ("Cargo.toml", manifest.as_str()),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            ("src/main.rs", main),
        ],
    );
    // A target folder of its own: elsewhere another lock might be in force.
    assert_eq!(project.run(&["run", "-q", "--target-dir", "target"]), "15 15\n");
}

#[test]
fn static_refs_of_lazy_static_are_read() {
    let main = "#[allow(unused_imports)]
use std::collections::*;
use std::sync::{Mutex, atomic::{AtomicU32, Ordering::Relaxed}};
static BASE: AtomicU32 = AtomicU32::new(1);
lazy_static::lazy_static! {
    static ref NAMES: Mutex<Vec<u32>> = Mutex::new(vec![1]);
    pub(crate) static ref SQUARES: Vec<u32> = (0..4).map(|it| it * it).collect();
    static ref DERIVED: u32 = BASE.load(Relaxed);
}
#[perennial::memo]
fn all() -> u32 { println!(\"runs\"); NAMES.lock().unwrap().len() as u32 + SQUARES[2] + *DERIVED }
fn main() {
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            \"names\" => NAMES.lock().unwrap().push(1),
            \"squares\" => drop(SQUARES.len()),
            \"base\" => BASE.store(5, Relaxed),
            _ => {}
        }
    }
    println!(\"{}\", all());
}
";
    let manifest = MANIFEST.replace("settings = { path = \"settings\" }\nonce_cell", "lazy_static");
    let project = Project::new(
        "environment-lazy-static",
        &[
            ("Cargo.toml", manifest.as_str()),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            ("src/main.rs", main),
        ],
    );
    // A target folder of its own: elsewhere another lock might be in force.
    let run = |change| project.run(&["run", "-q", "--target-dir", "target", "--", change]);
    assert_eq!(run("nothing"), "runs\n6\n");
    assert_eq!(run("squares"), "6\n");
    assert_eq!(run("names"), "runs\n7\n");
    assert_eq!(run("base"), "runs\n10\n");
}

static SHARED: Mutex<u32> = Mutex::new(1);

#[memo]
fn shared() -> u32 {
    ran();
    // Not to wait for a test that holds it.
    SHARED.try_lock().map_or(0, |it| *it)
}

thread_local! {
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

#[memo]
fn stepping() -> u32 {
    ran();
    STEPS.set(STEPS.get() + 1);
    STEPS.get()
}

#[test]
fn what_is_locked_has_no_key() {
    let count = runs(|| {
        assert_eq!((shared(), shared()), (1, 1));
        let locked = SHARED.lock().unwrap();
        let before = perennial::stats().unmemoized;
        assert_eq!((shared(), shared()), (0, 0));
        assert!(perennial::stats().unmemoized >= before + 2);
        drop(locked);
        assert_eq!(shared(), 1);
    });
    assert_eq!(count, 3);
}

#[test]
fn what_changes_its_own_state_is_not_stored() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let _here = perennial::storing_to(std::sync::Arc::clone(&store));
    assert_eq!((stepping(), stepping()), (1, 2));
    STEPS.set(0);
    assert_eq!(stepping(), 1);
    assert_eq!(store.operations().write, 0);
}

static SCALE: AtomicU32 = AtomicU32::new(2);

#[memo]
fn scaled(x: u32) -> u32 {
    ran();
    x * SCALE.load(Relaxed)
}

#[test]
fn keys_and_handles_have_the_state_of_the_moment() {
    let count = runs(|| {
        assert_eq!(scaled(2), 4);
        let (call, key) = (memo_call!(scaled(2)), memo_key!(scaled(2)));
        assert_eq!(call.signature().unwrap(), key);
        assert!(call.is_stored().unwrap());
        SCALE.store(5, Relaxed);
        assert!(!call.is_stored().unwrap());
        assert_ne!(memo_key!(scaled(2)), key);
        assert_eq!((call.force(), scaled(2)), (10, 10));
        SCALE.store(2, Relaxed);
        assert_eq!(memo_key!(scaled(2)), key);
    });
    assert_eq!(count, 2);
}

static LEVEL: AtomicU32 = AtomicU32::new(1);

#[async_trait::async_trait]
trait Levelled {
    async fn level(&self) -> u32;
}

#[async_trait::async_trait]
impl Levelled for () {
    #[memo]
    async fn level(&self) -> u32 {
        ran();
        LEVEL.load(Relaxed)
    }
}

#[tracing::instrument]
#[memo]
fn level() -> u32 {
    ran();
    LEVEL.load(Relaxed)
}

#[test]
fn functions_that_attributes_write_anew_are_keyed_by_their_state() {
    let count = runs(|| {
        for value in [1, 2, 1] {
            LEVEL.store(value, Relaxed);
            assert_eq!((smol::block_on(().level()), level()), (value, value));
        }
    });
    assert_eq!(count, 4);
}

#[test]
fn closures_in_what_nobody_expands_are_keyed_by_their_state() {
    let main = "use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
static BASE: AtomicU32 = AtomicU32::new(1);
fn base() -> u32 { BASE.load(Relaxed) }
fn sum() -> u32 {
    let mut sum = 0;
    tokio::pin!(let it = async { perennial::memo_fn!(|x: u32| -> u32 { x + base() })(10) };);
    sum += tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(it);
    sum
}
fn main() {
    for base in [1, 2, 1] {
        BASE.store(base, Relaxed);
        println!(\"{}\", sum());
    }
}
";
    let manifest = MANIFEST.replace(
        "settings = { path = \"settings\" }\nonce_cell = \"1\"\n",
        "tokio = { version = \"1\", features = [\"rt\"] }\n",
    );
    let project = Project::new(
        "environment-unexpanded",
        &[
            ("Cargo.toml", manifest.as_str()),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            ("src/main.rs", main),
        ],
    );
    assert_eq!(project.run(&["run", "-q"]), "11\n12\n11\n");
}

#[test]
fn state_is_read_in_a_crate_without_a_prelude() {
    let main = "#![no_implicit_prelude]
#![deny(warnings)]
use ::std::sync::atomic::{AtomicU32, Ordering::Relaxed};
static LEVEL: AtomicU32 = AtomicU32::new(1);
#[::perennial::memo]
fn level() -> u32 { LEVEL.load(Relaxed) }
fn main() {
    ::std::println!(\"{}\", level());
    LEVEL.store(2, Relaxed);
    ::std::println!(\"{}\", level());
}
";
    let project = Project::memoizing("environment-bare", main);
    assert_eq!(project.run(&["run", "-q"]), "1\n2\n");
}
