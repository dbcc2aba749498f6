use std::{
    cell::Cell,
    fs,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize, ser};

use super::*;
use crate::{
    Cbor, EntryName, FileStore, MemoryStore, Operations,
    shape::{PlainReturn as _, Returned},
};

static FUNCTION: Function = Function {
    name: "tests::double",
    code: Signature::from_bytes([1; 32]),
    executable: false,
    instance: "",
    items: "",
    sources: "",
    context: "",
    state: None,
};

/// A memoized call, as the macros write it.
fn call<A: Serialize + ?Sized, R: Serialize + serde::de::DeserializeOwned>(
    function: &'static Function,
    store: &dyn Store,
    argument: &A,
    compute: impl FnOnce() -> R,
) -> R {
    let begun = begin(function, |key| {
        key.arguments(1);
        key.argument("x", argument)
    });
    let shape = Returned::<R>::new().shape();
    let rules = Rules { expires: None, keeps: None, errors: false, verify: 0.0 };
    let kept = Kept { shape, equal: None, codec: &Cbor, rules };
    memoize(function, begun, &kept, Some(store), (), |()| compute())
}

/// A memoized `2 * x`, with a count of its runs.
fn double(function: &'static Function, store: &dyn Store, x: u32, runs: &Cell<u32>) -> u32 {
    call(function, store, &x, || {
        runs.set(runs.get() + 1);
        2 * x
    })
}

/// The reports of one function's calls, once it is listened to.
static REPORTS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());

fn listen() -> MutexGuard<'static, ()> {
    let turn = crate::reporter::IN_TEST.lock().unwrap_or_else(PoisonError::into_inner);
    crate::set_reporter(|report| {
        let mut reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
        reports.push((report.function.to_owned(), report.to_string()));
    });
    turn
}

fn reports_of(function: &Function) -> Vec<String> {
    let reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    reports.iter().filter(|it| it.0 == function.name).map(|it| it.1.clone()).collect()
}

#[test]
fn ten_equal_calls_compute_once() {
    let (store, runs) = (MemoryStore::new(), Cell::new(0));
    for _ in 0..10 {
        assert_eq!(double(&FUNCTION, &store, 21, &runs), 42);
    }
    assert_eq!(runs.get(), 1);
    assert_eq!(store.operations(), Operations { exists: 10, read: 9, write: 1 });
}

#[test]
fn other_arguments_and_other_code_miss() {
    static OTHER: Function = Function { code: Signature::from_bytes([2; 32]), ..FUNCTION };
    static CUT: Function = Function { executable: true, ..FUNCTION };
    let (store, runs) = (MemoryStore::new(), Cell::new(0));
    for function in [&FUNCTION, &OTHER, &CUT] {
        for x in [1, 2, 1] {
            assert_eq!(double(function, &store, x, &runs), 2 * x);
        }
    }
    assert_eq!(runs.get(), 6);
    assert_ne!(code_signature(&CUT), FUNCTION.code);
}

#[test]
fn suspension_computes_and_touches_no_store() {
    let (store, runs) = (MemoryStore::new(), Cell::new(0));
    scope::suspended(|| double(&FUNCTION, &store, 1, &runs));
    assert_eq!((runs.get(), store.operations()), (1, Operations::default()));
}

#[test]
fn a_panic_stores_nothing() {
    let store = MemoryStore::new();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        call(&FUNCTION, &store, &1, || -> u32 { std::panic::resume_unwind(Box::new(())) })
    }));
    assert!(caught.is_err());
    assert!(store.names().is_empty());
}

#[test]
fn every_damage_to_an_entry_is_a_miss_and_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path());
    let runs = Cell::new(0);
    assert_eq!(double(&FUNCTION, &store, 21, &runs), 42);
    let key = |x: u32| {
        call_signature(&FUNCTION, &x, |x, key| {
            key.arguments(1);
            key.argument("x", x)
        })
    };
    let path = store.path_of(&EntryName::of_call(FUNCTION.code, key(21).unwrap()));
    let good = fs::read(&path).unwrap();

    let check = |bytes: &[u8], what: &str| {
        fs::write(&path, bytes).unwrap();
        let before = runs.get();
        assert_eq!(double(&FUNCTION, &store, 21, &runs), 42, "{what}");
        let after = runs.get();
        assert_eq!(double(&FUNCTION, &store, 21, &runs), 42, "{what}");
        assert_eq!(runs.get(), after, "{what}: it is mended");
        after - before
    };
    for length in 0..good.len() {
        assert_eq!(check(&good[..length], "truncated"), 1);
    }
    for place in (0..good.len()).step_by(3) {
        let mut bytes = good.clone();
        bytes[place] ^= 1 << (place % 8);
        check(&bytes, "one bit");
    }
    // The entry of another call under this one's name.
    let _ = double(&FUNCTION, &store, 5, &runs);
    let other = store.path_of(&EntryName::of_call(FUNCTION.code, key(5).unwrap()));
    assert_eq!(check(&fs::read(other).unwrap(), "renamed"), 1);
    assert_eq!(check(b"\x1f\x8bnot really", "foreign"), 1);
}

#[test]
fn an_entry_of_another_type_is_a_miss() {
    let (store, runs) = (MemoryStore::new(), Cell::new(0));
    let _ = double(&FUNCTION, &store, 1, &runs);
    let text: String = call(&FUNCTION, &store, &1u32, || "text".to_owned());
    assert_eq!(text, "text");
}

#[derive(Deserialize)]
struct Broken;

impl Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(ser::Error::custom("it is broken"))
    }
}

#[test]
fn what_cannot_be_serialised_computes_and_is_reported_once() {
    static FAILING: Function = Function { name: "tests::failing", ..FUNCTION };
    let _turn = listen();
    let store = MemoryStore::new();
    for _ in 0..2 {
        assert_eq!(call(&FAILING, &store, &Broken, || 1), 1);
        let Broken = call(&FAILING, &store, &1, || Broken);
    }
    assert_eq!(
        reports_of(&FAILING),
        [
            "cannot memoize a call of tests::failing: cannot serialize argument `x`: it is broken",
            "cannot store a result of tests::failing: cannot serialize a result: it is broken",
        ]
    );
    assert!(store.names().is_empty());
}

#[test]
fn an_unusable_folder_never_fails_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    let (store, runs) = (FileStore::new(&file), Cell::new(0));
    assert_eq!(double(&FUNCTION, &store, 1, &runs), 2);
    assert_eq!(double(&FUNCTION, &store, 1, &runs), 2);
    assert_eq!(runs.get(), 2);
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// Panics whatever it is asked.
struct Panicking;

impl Store for Panicking {
    fn exists(&self, _: &EntryName) -> Result<bool> {
        panic!("no idea")
    }

    fn read(&self, _: &EntryName) -> Result<Vec<u8>> {
        panic!("no idea")
    }

    fn write(&self, _: &EntryName, _: &[u8]) -> Result<()> {
        panic!("no room")
    }

    fn quarantine(&self, _: &EntryName) -> Result<()> {
        panic!("no idea")
    }

    fn note_code(&self, _: &crate::Manifest<'_>) -> Result<()> {
        panic!("no pen")
    }
}

#[test]
fn a_store_that_panics_never_fails_the_call() {
    static FUNCTION: Function = Function { name: "tests::panicking", ..super::tests::FUNCTION };
    let _turn = listen();
    let runs = Cell::new(0);
    for _ in 0..2 {
        assert_eq!(double(&FUNCTION, &Panicking, 1, &runs), 2);
    }
    assert_eq!(runs.get(), 2);
    assert_eq!(
        reports_of(&FUNCTION),
        [
            "cannot record the code of tests::panicking: a panic: no pen",
            "cannot read a result of tests::panicking: a panic: no idea",
            "cannot store a result of tests::panicking: a panic: no room",
        ]
    );
}

#[test]
fn what_is_too_large_for_the_store_is_neither_written_nor_set_aside() {
    static FUNCTION: Function = Function { name: "tests::large", ..super::tests::FUNCTION };
    let _turn = listen();
    let folder = tempfile::tempdir().unwrap();
    let large = |limit_bytes| {
        let store = FileStore::new(folder.path()).max_entry_bytes(limit_bytes);
        let runs = Cell::new(0);
        for _ in 0..3 {
            let result = call(&FUNCTION, &store, &1, || {
                runs.set(runs.get() + 1);
                vec![7u8; 5000]
            });
            assert_eq!(result.len(), 5000);
        }
        runs.get()
    };
    assert_eq!(large(1000), 3);
    assert_eq!(large(1 << 20), 1);
    assert_eq!(large(1000), 3);
    assert_eq!(large(1 << 20), 0);
    let first =
        "cannot store a result of tests::large: an entry is larger than 1000 bytes uncompressed";
    let reports = reports_of(&FUNCTION);
    assert_eq!((reports.len(), reports[0].as_str()), (2, first), "{reports:?}");
    assert!(!folder.path().join("v1/quarantine").exists());
}

#[test]
fn calls_in_destructors_of_a_threads_values_are_memoized() {
    static STORE: MemoryStore = MemoryStore::new();
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            let runs = Cell::new(0);
            for _ in 0..2 {
                assert_eq!(double(&FUNCTION, &STORE, 3, &runs), 6);
            }
            assert!(!scope::store().exists(&"none".parse().unwrap()).unwrap());
        }
    }
    thread_local!(static LATE: Late = const { Late });
    let thread = std::thread::spawn(|| {
        LATE.with(|_| ());
        // Made after it, so gone before it.
        let _here = scope::storing_to(MemoryStore::new());
    });
    thread.join().unwrap();
    assert_eq!(STORE.operations().write, 1);
}
