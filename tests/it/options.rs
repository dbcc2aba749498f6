//! What each option of `#[memo]` and each mode does.

use std::{
    collections::HashMap,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use perennial::{Codec, MemoryStore, memo, memo_key};
use perennial_tests::Project;

use crate::counted::{ran, runs};

#[memo(allow(statics), unordered(tags))]
fn unordered(tags: &[&str], rest: (u8, u8)) -> usize {
    ran();
    tags.len() + usize::from(rest.0)
}

#[test]
fn the_order_of_an_unordered_argument_is_not_in_the_key() {
    let count = runs(|| {
        for tags in [["a", "b"], ["b", "a"]] {
            assert_eq!(unordered(&tags, (1, 2)), 3);
        }
    });
    assert_eq!(count, 1);
    let count = runs(|| {
        unordered(&["a"], (1, 2));
        unordered(&["a", "a"], (1, 2));
        unordered(&["a"], (2, 1));
    });
    assert_eq!(count, 3);
    assert_eq!(
        memo_key!(unordered(&["a", "b"], (1, 2))),
        memo_key!(unordered(&["b", "a"], (1, 2)))
    );
}

#[memo(allow(statics), key(text = text.trim().to_lowercase(), times = times.min(3)))]
fn normalised(text: &str, times: u32) -> String {
    ran();
    text.trim().to_lowercase().repeat(times.min(3) as usize)
}

#[test]
fn an_expression_stands_for_an_argument() {
    let count = runs(|| {
        for (text, times) in [(" Ab", 7), ("aB ", 3), ("ab", 100)] {
            assert_eq!(normalised(text, times), "ababab");
        }
        assert_eq!(normalised("ab", 1), "ab");
    });
    assert_eq!(count, 2);
}

#[memo(allow(statics), if = Option::is_some)]
fn found(key: u8) -> Option<u8> {
    ran();
    (key > 5).then_some(key)
}

#[memo(allow(statics), if = |it| it.as_ref().is_ok_and(|it| *it > 5))]
fn large(key: u8) -> Result<u8, String> {
    ran();
    Ok(key)
}

#[test]
fn a_condition_decides_which_results_are_stored() {
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(found(9), Some(9)))), 1);
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(found(1), None))), 3);
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(large(9), Ok(9)))), 1);
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(large(1), Ok(1)))), 3);
}

#[memo(allow(statics), cache_err)]
fn refused(key: u8) -> Result<u8, String> {
    ran();
    Err(format!("{key} is refused"))
}

#[test]
fn errors_are_stored_where_that_is_asked_for() {
    assert_eq!(
        runs(|| (0..3).for_each(|_| assert_eq!(refused(1).unwrap_err(), "1 is refused"))),
        1
    );
}

#[memo(allow(statics), expires = "1s")]
fn fleeting(key: u8) -> u8 {
    ran();
    key
}

#[test]
fn results_expire() {
    let count = runs(|| {
        fleeting(1);
        std::thread::sleep(std::time::Duration::from_millis(2100));
        fleeting(1);
    });
    assert_eq!(count, 2);
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(fleeting(1), 1))), 1);
}

static DRAWS: AtomicU32 = AtomicU32::new(0);

#[memo(allow(statics), verify = 1.0)]
fn drawn(key: u32) -> u32 {
    ran();
    key + DRAWS.fetch_add(1, Relaxed)
}

#[memo(allow(statics), verify = 1)]
fn counted(words: &[&str]) -> HashMap<String, usize> {
    ran();
    words.iter().map(|it| ((*it).to_owned(), it.len())).collect()
}

#[test]
fn a_sample_of_hits_is_verified_and_a_function_that_is_not_deterministic_is_not_memoized() {
    static REPORTS: LazyLock<Mutex<Vec<String>>> = LazyLock::new(Mutex::default);
    perennial::set_reporter(|it| REPORTS.lock().unwrap().push(it.to_string()));
    assert_eq!(runs(|| (0..5).for_each(|_| assert_eq!(counted(&["a", "bc", "d"]).len(), 3))), 5);
    let count = runs(|| {
        for expected in 0..4 {
            assert_eq!(drawn(0), expected);
        }
        let before = perennial::stats().unmemoized;
        drawn(7);
        assert!(perennial::stats().unmemoized > before);
    });
    assert_eq!(count, 5);
    let reports: Vec<_> = REPORTS
        .lock()
        .unwrap()
        .iter()
        .filter(|it| it.contains("options::drawn"))
        .cloned()
        .collect();
    assert_eq!(reports.len(), 1, "{reports:?}");
    assert!(reports[0].contains("not deterministic"), "{reports:?}");
}

/// Neither serialised nor compared: a codec of its own stores it.
struct Grid(Vec<u8>);

struct Bytes;

impl Codec<Grid> for Bytes {
    fn encode(&self, value: &Grid, output: &mut Vec<u8>) -> perennial::Result<()> {
        output.extend_from_slice(&value.0);
        Ok(())
    }

    fn decode(&self, input: &[u8]) -> perennial::Result<Grid> {
        Ok(Grid(input.to_vec()))
    }
}

#[memo(allow(statics), codec = Bytes)]
fn grid(side: u8) -> Result<Grid, String> {
    ran();
    Ok(Grid(vec![7; usize::from(side)]))
}

#[test]
fn a_codec_stores_what_is_not_serialised() {
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(grid(3).unwrap().0, [7; 3]))), 1);
}

static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

#[memo(allow(statics), store = STORE)]
fn elsewhere(x: u8) -> u8 {
    ran();
    x
}

#[test]
fn a_store_of_its_own_comes_before_all_others() {
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(elsewhere(3), 3))), 1);
    assert_eq!(runs(|| assert_eq!(elsewhere(3), 3)), 0);
    assert_eq!(STORE.operations().write, 1);
}

mod first {
    #[perennial::memo(version = 1)]
    pub(super) fn f(x: u8) -> u8 {
        x
    }
}

mod second {
    #[perennial::memo(version = 2)]
    pub(super) fn f(x: u8) -> u8 {
        x
    }
}

mod third {
    #[perennial::memo(version = 2, expires = "7d", verify = 0.5)]
    pub(super) fn f(x: u8) -> u8 {
        x
    }
}

#[test]
fn versions_are_part_of_the_code_and_what_only_places_results_is_not() {
    assert_eq!([first::f(1), second::f(1), third::f(1)], [1; 3]);
    assert_ne!(memo_key!(first::f), memo_key!(second::f));
    assert_eq!(memo_key!(second::f), memo_key!(third::f));
}

mod ten {
    fn step() -> u8 {
        10
    }

    #[perennial::memo(code = own)]
    pub(super) fn own() -> u8 {
        step()
    }
}

mod twenty {
    fn step() -> u8 {
        20
    }

    #[perennial::memo(code = own)]
    pub(super) fn own() -> u8 {
        step()
    }
}

#[test]
fn functions_of_one_own_source_are_told_apart() {
    let _here = perennial::storing_to(MemoryStore::new());
    assert_eq!((ten::own(), twenty::own(), ten::own(), twenty::own()), (10, 20, 10, 20));
}

const SCOPES: &str = "\
use perennial::memo;

fn step() -> u8 { 1 }

#[memo]
fn deep() -> u8 { step() }

#[memo(code = own)]
fn own() -> u8 { step() }

#[memo(code = pinned(\"v1\"))]
fn pinned() -> u8 { step() + 1 }

fn main() {
    println!(\"{} {} {} {}\", deep(), own(), pinned(), perennial::stats().hits);
    assert_eq!(perennial::memo_key!(pinned()), perennial::memo_key!(pinned()));
}
";

#[test]
fn the_scope_of_the_code_decides_which_edits_miss() {
    let project = Project::memoizing("scopes", SCOPES);
    let run = || project.run(&["run", "-q"]).trim().to_owned();
    assert_eq!(run(), "1 1 2 0");
    assert_eq!(run(), "1 1 2 3");
    // What they reach: only the first misses.
    project.edit("src/main.rs", "fn step() -> u8 { 1 }", "fn step() -> u8 { 2 }");
    assert_eq!(run(), "2 1 2 2");
    // What they are: the second does too.
    project.edit("src/main.rs", "own() -> u8 { step() }", "own() -> u8 { step() + 0 }");
    project.edit("src/main.rs", "step() + 1", "step() + 5");
    assert_eq!(run(), "2 2 2 2");
    project.edit("src/main.rs", "pinned(\"v1\")", "pinned(\"v2\")");
    assert_eq!(run(), "2 2 7 2");
    project.edit("src/main.rs", "pinned(\"v2\")", "pinned(\"v1\")");
    assert_eq!(run(), "2 2 2 3");
}

#[test]
fn the_mode_decides_what_is_read_and_written() {
    let project = Project::memoizing(
        "modes",
        "#[perennial::memo]\nfn f(x: u8) -> u8 { x }\n\
                 fn main() { f(1); f(1); println!(\"{}\", perennial::stats()); }\n",
    );
    let run = |mode: &str| {
        let run = project.cargo_with(&["run", "-q"], &[("PERENNIAL_MODE", mode)]);
        let counts = run.stdout.split(", computed").next().unwrap_or_default().to_owned();
        (counts, run.stderr)
    };
    let quiet = |text: &str| (text.to_owned(), String::new());
    assert_eq!(run("readonly"), quiet("0 hits, 2 misses, 0 stored"));
    assert!(!project.store().exists());
    assert_eq!(run("off"), quiet("0 hits, 0 misses, 0 stored"));
    assert_eq!(run(""), quiet("1 hits, 1 misses, 1 stored"));
    assert_eq!(run("readonly"), quiet("2 hits, 0 misses, 0 stored"));
    assert_eq!(run("refresh"), quiet("0 hits, 2 misses, 2 stored"));
    assert_eq!(run("verify"), quiet("2 hits, 0 misses, 0 stored, 2 verified"));
    let (counts, message) = run("onn");
    assert_eq!(counts, "0 hits, 0 misses, 0 stored");
    assert!(message.contains("there are on, off, readonly, refresh, verify"), "{message}");
}
