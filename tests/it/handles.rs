//! Handles of calls and functions: asking, forgetting and computing anew, from outside.

use std::{
    pin::Pin,
    sync::{
        Arc, Barrier, LazyLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use perennial::{Context, MemoizedCall, MemoryStore, memo, memo_call, memo_key};
use perennial_tests::Project;

use crate::{
    counted::{count, ran, runs},
    memoizing_package::{MANIFEST, project},
};

#[memo(allow(statics))]
fn length(text: &str, times: u32) -> usize {
    ran();
    text.len() * times as usize
}

#[test]
fn a_call_can_be_asked_about_forgotten_and_computed_anew() {
    let count = runs(|| {
        // The temporary lives as long as the handle, and is coerced as in the call.
        let call = memo_call!(length(&String::from("abc"), 2));
        assert_eq!(call.signature().unwrap(), memo_key!(length("abc", 2)));
        assert!(!call.is_stored().unwrap() && !call.forget().unwrap());
        assert_eq!(count(), 0);
        assert_eq!((length("abc", 2), count()), (6, 1));
        assert!(call.is_stored().unwrap());
        assert!(!memo_call!(length("abc", 3)).is_stored().unwrap());
        assert!(call.forget().unwrap() && !call.is_stored().unwrap() && !call.forget().unwrap());
        assert_eq!((call.clone().force(), count()), (6, 2));
        assert_eq!((call.force(), length("abc", 2), count()), (6, 6, 3));
    });
    assert_eq!(count, 3);
}

static TURNS: AtomicU32 = AtomicU32::new(0);

#[memo(allow(statics))]
fn turn(key: u32) -> u32 {
    key + TURNS.fetch_add(1, Relaxed)
}

#[memo(allow(statics))]
fn twice(key: u32) -> u32 {
    ran();
    if key == 0 { turn(0) } else { twice(key - 1) + twice(key - 1) }
}

#[test]
fn what_a_forced_call_calls_is_memoized_as_ever() {
    let count = runs(|| {
        assert_eq!(twice(3), 0);
        assert_eq!(count(), 4);
        // Itself only: neither those that it calls of the same function, nor another one.
        assert_eq!((memo_call!(twice(3)).force(), count()), (0, 5));
        assert_eq!((memo_call!(turn(0)).force(), turn(0)), (1, 1));
        assert_eq!((memo_call!(twice(0)).force(), twice(0)), (1, 1));
        assert_eq!((twice(1), memo_call!(twice(1)).force(), twice(1)), (0, 2, 2));
    });
    assert_eq!(count, 7);
}

#[derive(serde::Serialize)]
struct Solver {
    factor: u32,
}

/// Can't be cloned.
#[derive(serde::Serialize)]
struct Load(Vec<u8>);

impl Solver {
    #[memo(allow(statics))]
    fn step(&self, load: Load) -> u32 {
        ran();
        u32::try_from(load.0.len()).unwrap() * self.factor
    }

    #[memo(allow(statics))]
    fn solved(self, times: u32) -> u32 {
        ran();
        self.factor * times
    }

    #[memo(allow(statics), skip(_seen), unordered(tags))]
    fn tagged(tags: &[&str], _seen: &dyn Fn(u32)) -> usize {
        ran();
        tags.len()
    }

    fn handle(&self, len: usize) -> MemoizedCall<'static, (&Self, Load), u32> {
        memo_call!(Self::step(self, Load(vec![0; len])))
    }
}

#[test]
fn methods_are_named_by_their_type_and_handles_own_what_they_are_given() {
    let count = runs(|| {
        let solver = Solver { factor: 2 };
        let call = solver.handle(3);
        assert!(!call.is_stored().unwrap());
        assert_eq!((call.force(), solver.handle(3).is_stored().unwrap()), (6, true));
        assert_eq!((solver.step(Load(vec![0; 3])), count()), (6, 1));
        assert_eq!(memo_call!(Solver::solved(solver, 4)).force(), 8);
        assert!(memo_call!(Solver::solved(Solver { factor: 2 }, 4)).is_stored().unwrap());
        assert_eq!(memo_call!(Solver::tagged(&["a", "b"], &|_| ())).force(), 2);
        let other = memo_call!(Solver::tagged(&["b", "a"], &|it| assert_eq!(it, 0)));
        assert!(other.is_stored().unwrap());
        assert_eq!(Solver::tagged(&["b", "a"], &|_| ()), 2);
    });
    assert_eq!(count, 3);
}

#[memo(allow(statics), code = own, version = 2)]
fn own(x: u8) -> u8 {
    ran();
    x
}

#[memo(allow(statics), code = pinned("v1"))]
fn pinned(x: u8) -> u8 {
    ran();
    x
}

#[memo(allow(statics))]
fn generic<T: serde::Serialize>(x: T) -> String {
    ran();
    drop(x);
    std::any::type_name::<T>().to_owned()
}

const LIMIT: u8 = 3;

#[memo(allow(statics), env(LIMIT))]
fn limited(x: u8) -> u8 {
    ran();
    x.min(LIMIT)
}

#[test]
fn all_calls_of_a_function_are_forgotten() {
    let count = runs(|| {
        for x in 0..5 {
            assert_eq!((own(x), pinned(x), limited(x)), (x, x, x.min(3)));
            assert_eq!(length("a", x.into()), usize::from(x));
        }
        assert_eq!((generic(1u8), generic("a")), ("u8".to_owned(), "&str".to_owned()));
        assert_eq!(memo_call!(pinned).signature(), memo_key!(pinned));
        assert_eq!(memo_call!(pinned).forget().unwrap(), 5);
        assert_eq!(memo_call!(pinned).forget().unwrap(), 0);
        assert!(memo_call!(own(3)).is_stored().unwrap());
        assert!(!memo_call!(pinned(3)).is_stored().unwrap());
        assert_eq!(memo_call!(own).forget().unwrap(), 5);
        assert_eq!(memo_call!(generic).forget().unwrap(), 2);
        assert_eq!(memo_call!(limited).forget().unwrap(), 5);
        assert_eq!(count(), 22);
        assert_eq!((own(1), pinned(1), limited(1), length("a", 1)), (1, 1, 1, 1));
    });
    assert_eq!(count, 25);
}

static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

#[memo(allow(statics), store = STORE)]
fn elsewhere(x: u8) -> u8 {
    ran();
    x
}

#[test]
fn the_store_of_a_function_is_said_again() {
    let count = runs(|| {
        let call = memo_call!(elsewhere(3), store = STORE);
        assert!(!call.is_stored().unwrap());
        assert_eq!((elsewhere(3), call.is_stored().unwrap()), (3, true));
        let other = MemoryStore::new();
        assert!(!memo_call!(elsewhere(3), store = other).is_stored().unwrap());
        assert_eq!((call.clone().force(), STORE.operations().write), (3, 2));
        assert!(call.forget().unwrap() && !call.is_stored().unwrap());
        elsewhere(1);
        assert_eq!(memo_call!(elsewhere, store = &*STORE).forget().unwrap(), 1);
    });
    assert_eq!(count, 3);
}

#[memo(allow(statics), expires = "1s")]
fn fleeting(x: u8) -> u8 {
    ran();
    x
}

#[memo(allow(statics))]
fn failing(x: u8) -> Result<u8, String> {
    ran();
    if TURNS.fetch_add(1, Relaxed) == u32::MAX { Ok(x) } else { Err("no".to_owned()) }
}

#[memo(allow(statics), cache_err)]
fn refused(x: u8) -> Result<u8, String> {
    ran();
    Err(format!("{x} is refused"))
}

#[memo(allow(statics), if = |it| *it > 3)]
fn large(x: u8) -> u8 {
    ran();
    x
}

#[test]
fn what_is_stored_is_decided_as_in_every_call() {
    let count = runs(|| {
        let call = memo_call!(fleeting(1));
        assert_eq!((fleeting(1), call.is_stored().unwrap()), (1, true));
        thread::sleep(Duration::from_millis(2100));
        assert!(!call.is_stored().unwrap());
        assert!(call.forget().unwrap(), "what is too old is there");
        assert!(memo_call!(failing(1)).force().is_err());
        assert!(!memo_call!(failing(1)).is_stored().unwrap());
        assert!(memo_call!(refused(1)).force().is_err());
        assert!(memo_call!(refused(1)).is_stored().unwrap());
        assert_eq!((memo_call!(large(1)).force(), memo_call!(large(9)).force()), (1, 9));
        assert!(!memo_call!(large(1)).is_stored().unwrap());
        assert!(memo_call!(large(9)).is_stored().unwrap());
    });
    assert_eq!(count, 5);
}

static SLOW: AtomicU32 = AtomicU32::new(0);

#[memo(allow(statics))]
fn slow(key: u8) -> u32 {
    let run = SLOW.fetch_add(1, Relaxed);
    // The first is the slowest.
    thread::sleep(Duration::from_millis(if run == 0 { 300 } else { 20 }));
    u32::from(key) + run
}

#[test]
fn a_call_is_forced_while_another_thread_computes_it() {
    let _here = perennial::storing_to(MemoryStore::new());
    let (context, start) = (Context::current(), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            assert_eq!(context.run(|| slow(0)), 0);
        });
        start.wait();
        thread::sleep(Duration::from_millis(100));
        // What is forgotten is stored when it is done.
        assert!(!memo_call!(slow(0)).forget().unwrap());
        assert_eq!(memo_call!(slow(0)).force(), 1);
    });
    // What was forced is what is stored.
    assert_eq!((slow(0), SLOW.load(Relaxed)), (1, 2));
    // Many at once end, and each computes.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| context.run(|| memo_call!(slow(0)).force()));
        }
    });
    assert_eq!(SLOW.load(Relaxed), 10);
    assert!(memo_call!(slow(0)).is_stored().unwrap());
}

static ASKED: AtomicU32 = AtomicU32::new(0);

#[memo(allow(statics))]
async fn asked(question: &str) -> String {
    let run = ASKED.fetch_add(1, Relaxed);
    tokio::task::yield_now().await;
    format!("{question}{run}")
}

#[memo(allow(statics))]
async fn through(question: &str) -> String {
    tokio::task::yield_now().await;
    format!("{}{}", ASKED.fetch_add(10, Relaxed), asked(question).await)
}

#[memo(allow(statics))]
fn boxed(x: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { x + ASKED.fetch_add(1, Relaxed) })
}

#[memo(allow(statics))]
fn hidden(x: u32) -> impl Future<Output = Result<u32, String>> {
    async move { Ok(x + ASKED.fetch_add(1, Relaxed)) }
}

impl Solver {
    #[memo]
    async fn later(&self, x: u32) -> u32 {
        smol::future::yield_now().await;
        self.factor * x
    }
}

#[test]
fn asynchronous_calls_are_forced_by_futures_that_any_thread_polls() {
    let store = Arc::new(MemoryStore::new());
    let _here = perennial::storing_to(Arc::clone(&store));
    let context = Context::current();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let call = memo_call!(asked("why"));
        assert!(!call.is_stored().unwrap());
        assert_eq!(asked("why").await, "why0");
        assert!(call.is_stored().unwrap());
        // Nothing happens before it is polled, and tasks that run meanwhile hit.
        let forced = call.clone().force();
        assert_eq!(asked("why").await, "why0");
        let forced = tokio::spawn(context.clone().attach(forced));
        let before = asked("why").await;
        assert_eq!(forced.await.unwrap(), "why1");
        assert!(before == "why0" || before == "why1", "{before}");
        assert_eq!(asked("why").await, "why1");
        // What it calls hits.
        assert_eq!(through("why").await, "2why1");
        assert_eq!(memo_call!(through("why")).force().await, "12why1");
        assert_eq!(ASKED.load(Relaxed), 22);
        for _ in 0..2 {
            assert_eq!(boxed(100).await, 122);
            assert_eq!(hidden(100).await, Ok(123));
        }
        assert_eq!(memo_call!(boxed(100)).force().await, 124);
        assert_eq!(memo_call!(hidden(100)).force().await, Ok(125));
        assert_eq!((boxed(100).await, hidden(100).await), (124, Ok(125)));
    });
    let solver = Solver { factor: 3 };
    let writes = store.operations().write;
    assert_eq!(smol::block_on(memo_call!(Solver::later(&solver, 4)).force()), 12);
    assert_eq!(smol::block_on(memo_call!(Solver::later(&solver, 4)).force()), 12);
    assert_eq!(store.operations().write, writes + 2);
    assert!(memo_call!(Solver::later(&solver, 4)).forget().unwrap());
}

#[test]
fn under_a_suspension_a_call_is_computed_and_nothing_is_forgotten() {
    let count = runs(|| {
        assert_eq!(length("x", 1), 1);
        let _off = perennial::suspend();
        let call = memo_call!(length("x", 1));
        assert!(call.is_stored().unwrap());
        assert!(call.forget().unwrap_err().is_read_only());
        assert!(memo_call!(length).forget().unwrap_err().is_read_only());
        assert_eq!(memo_call!(length("y", 1)).force(), 1);
        assert!(call.is_stored().unwrap());
        assert!(!memo_call!(length("y", 1)).is_stored().unwrap());
    });
    assert_eq!(count, 2);
}

#[memo(allow(statics, files))]
fn lines(file: &perennial::File) -> usize {
    ran();
    std::fs::read_to_string(file).map_or(0, |it| it.lines().count())
}

#[test]
fn a_file_counts_with_the_content_that_it_has_when_it_is_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let file = perennial::File::new(folder.path().join("file"));
    let count = runs(|| {
        std::fs::write(&file, "one").unwrap();
        let call = memo_call!(lines(&file));
        assert_eq!((lines(&file), call.is_stored().unwrap()), (1, true));
        std::fs::write(&file, "one\ntwo").unwrap();
        assert!(!call.is_stored().unwrap());
        assert_eq!((call.clone().force(), call.is_stored().unwrap()), (2, true));
        std::fs::remove_file(&file).unwrap();
        assert!(call.is_stored().unwrap_err().is_encoding());
        assert_eq!(call.force(), 0);
    });
    assert_eq!(count, 3);
}

#[test]
fn functions_that_the_executable_stands_for_have_handles() {
    let main = r#"
use perennial::{memo, memo_call, memo_key};

unsafe extern "C" { fn abs(x: i32) -> i32; }

#[derive(serde::Serialize)]
struct Inner(i32);
impl Inner {
    #[memo]
    fn method(&self, x: i32) -> i32 { self.0 + unsafe { abs(x) } }
    fn stored(&self) -> bool { memo_call!(Self::method(self, -2)).is_stored().unwrap() }
}

fn main() {
    let inner = Inner(1);
    let (before, call) = (inner.stored(), memo_call!(Inner::method(&inner, -2)));
    assert_eq!(call.signature().unwrap(), memo_key!(Inner::method(&inner, -2)));
    assert_eq!(memo_call!(Inner::method).signature(), memo_key!(Inner::method));
    assert_eq!((inner.method(-2), inner.stored(), call.clone().force()), (3, true, 3));
    if before {
        assert!(call.forget().unwrap() && !inner.stored());
        inner.method(-2);
        inner.method(-3);
        assert_eq!(memo_call!(Inner::method).forget().unwrap(), 2);
    }
    println!("{before} {}", inner.stored());
}
"#;
    let build = "fn main() { perennial_build::Config::new().level(perennial_build::Level::Trust).generate(); }";
    let project = project("handles-executable", &[("src/main.rs", main), ("build.rs", build)]);
    let run = || project.run(&["run", "-q"]);
    assert_eq!([run(), run(), run()], ["false true\n", "true false\n", "false true\n"]);
}

#[test]
fn what_another_macro_writes_anew_has_no_handle() {
    let manifest = MANIFEST.replace("[build-", "rewriting = { path = \"rewriting\" }\n[build-");
    let rewriting = "\
use proc_macro::TokenStream;
#[proc_macro_attribute]
pub fn same(_: TokenStream, item: TokenStream) -> TokenStream { item }
";
    let main = "\
use perennial::{memo, memo_call};
#[rewriting::same]
#[memo]
fn below(x: u8) -> u8 { x }
#[memo]
#[rewriting::same]
fn above(x: u8) -> u8 { x }
struct S;
#[rewriting::same]
impl S {
    #[memo]
    fn inside(x: u8) -> u8 { memo_fn(x) }
}
fn memo_fn(x: u8) -> u8 { perennial::memo_fn!([] |x: u8| -> u8 { x })(x) }
fn main() {
    memo_call!(above(1)).force();
    memo_call!(below(1)).force();
    memo_call!(S::inside(1)).force();
    memo_call!(memo_fn(1)).force();
}
";
    let project = project(
        "handles-rewritten",
        &[
            ("Cargo.toml", &manifest),
            ("src/main.rs", main),
            (
                "rewriting/Cargo.toml",
                "[package]\nname = \"rewriting\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
            ),
            ("rewriting/src/lib.rs", rewriting),
        ],
    );
    let run = project.cargo(&["check", "-q"]);
    for place in ["17:16", "18:16"] {
        let lines: Vec<_> = run.stderr.lines().collect();
        let place = lines.iter().position(|it| it.ends_with(&format!("main.rs:{place}"))).unwrap();
        assert!(
            lines[place - 1].contains("another attribute writes this function anew"),
            "{}",
            run.stderr
        );
    }
    assert!(run.stderr.contains("`handles_rewritten::memo_fn` is not memoized"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("error: ").count(), 4, "{}", run.stderr);
}

const MODES: &str = r#"
use perennial::memo_call;

#[perennial::memo]
fn f(x: u8) -> u8 { println!("runs"); x }

fn main() {
    let call = memo_call!(f(1));
    print!("{:?} ", call.is_stored());
    if std::env::args().nth(1).is_some() {
        println!("{}", call.clone().force());
    } else {
        let told = |it: perennial::Error| format!("{it} {}", it.is_read_only());
        println!("{:?} {:?}", call.forget().map_err(told), memo_call!(f).forget().map_err(told));
    }
    println!("{:?}", call.is_stored());
}
"#;

#[test]
fn modes_that_do_not_write_force_without_storing_and_refuse_to_forget() {
    let project = Project::memoizing("handles-modes", MODES);
    let run = |mode: &str, arguments: &[&str]| {
        let run = project
            .cargo_with(&[&["run", "-q", "--"], arguments].concat(), &[("PERENNIAL_MODE", mode)]);
        assert!(run.success && run.stderr.is_empty(), "{}", run.stderr);
        run.stdout
    };
    for mode in ["off", "readonly"] {
        assert_eq!(run(mode, &["force"]), "Ok(false) runs\n1\nOk(false)\n");
    }
    assert!(!project.store().exists());
    for mode in ["on", "refresh", "verify"] {
        assert!(run(mode, &["force"]).ends_with(" runs\n1\nOk(true)\n"));
    }
    for mode in ["off", "readonly"] {
        assert_eq!(run(mode, &["force"]), "Ok(true) runs\n1\nOk(true)\n");
        let error = format!("Err(\"cannot forget stored results: the mode is `{mode}` true\")");
        assert_eq!(run(mode, &[]), format!("Ok(true) {error} {error}\nOk(true)\n"));
    }
    for mode in ["on", "refresh", "verify"] {
        assert_eq!(run(mode, &[]), "Ok(true) Ok(true) Ok(0)\nOk(false)\n");
        run("on", &["force"]);
    }
}

#[test]
fn what_an_older_version_of_the_code_stored_stays() {
    let main = r#"
#[perennial::memo]
fn f(x: u8) -> u8 { step(x) }
fn step(x: u8) -> u8 { x + 1 }

fn main() {
    let sum: u32 = (0..20).map(|it| u32::from(f(it))).sum();
    print!("{sum} {} ", perennial::stats().hits);
    if std::env::args().nth(1).is_some() {
        print!("{:?}", perennial::memo_call!(f).forget());
    }
}
"#;
    let project = Project::memoizing("handles-code", main);
    let run = |arguments: &[&str]| project.run(&[&["run", "-q", "--"], arguments].concat());
    assert_eq!(run(&[]), "210 0 ");
    project.edit("src/main.rs", "x + 1", "x + 2");
    assert_eq!(run(&["forget"]), "230 0 Ok(20)");
    assert_eq!(run(&[]), "230 0 ");
    project.edit("src/main.rs", "x + 2", "x + 1");
    assert_eq!(run(&[]), "210 20 ");
}

#[test]
fn handles_are_made_under_another_name_and_break_no_lint() {
    let main = r#"
#![forbid(unsafe_code)]
#![deny(warnings, unused_qualifications, missing_docs, clippy::all, clippy::pedantic)]
//! A program.

use remembering::{memo, memo_call};

struct Deep(Vec<u8>);
impl std::ops::Deref for Deep {
    type Target = [u8];
    fn deref(&self) -> &[u8] { &self.0 }
}

/// Its arguments have the names that an expansion may use.
#[memo(skip(request))]
fn sum(forced: &[u8], request: u8, key: Option<&str>) -> usize {
    let _ = request;
    forced.len() + key.map_or(0, str::len)
}

#[memo]
fn nothing() {}

macro_rules! of { ($($call:tt)*) => { memo_call!($($call)*) } }

fn main() {
    let (request, forced, text) = (7, Deep(vec![1, 2]), String::from("abc"));
    let mut evaluated = 0;
    let call = memo_call!(sum(&forced, { evaluated += 1; request }, Some(&text)));
    assert!(!call.is_stored().unwrap());
    assert!(call.signature().is_ok());
    assert_eq!(call.force(), 5);
    assert_eq!(evaluated, 1);
    if memo_call!(sum(&Deep(vec![1, 2]), 8, Some(&text))).is_stored().unwrap() {
        memo_call!(nothing()).force();
        memo_call!(nothing()).force();
    }
    assert_eq!(of!(nothing).forget().unwrap(), 1);
    assert_eq!(format!("{:?}", memo_call!(nothing)), "MemoizedFunction(\"handles_names::nothing\")");
}
"#;
    let manifest = MANIFEST.replace("perennial = {", "remembering = { package = \"perennial\",");
    for edition in ["2021", "2024"] {
        let manifest = manifest.replace("2024", edition);
        let project = project("handles_names", &[("Cargo.toml", &manifest), ("src/main.rs", main)]);
        let _ = project.run(&["run", "-q"]);
    }
}
