use std::{
    cell::Cell,
    fs,
    sync::{Mutex, PoisonError},
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
    items: "",
    sources: "",
    context: "",
};

/// A memoized `2 * x`, with a count of its runs.
fn double(function: &'static Function, store: &dyn Store, x: u32, runs: &Cell<u32>) -> u32 {
    memoize(
        function,
        Returned::<u32>::new().shape(),
        &Cbor,
        Some(store),
        (x,),
        |(x,), key| {
            key.arguments(1);
            key.argument("x", x)
        },
        |(x,)| {
            runs.set(runs.get() + 1);
            2 * x
        },
    )
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
        memoize(
            &FUNCTION,
            Returned::<u32>::new().shape(),
            &Cbor,
            Some(&store),
            (),
            |(), _| Ok(()),
            |()| -> u32 { std::panic::resume_unwind(Box::new(())) },
        )
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
        call_signature(&FUNCTION, |key| {
            key.arguments(1);
            key.argument("x", &x)
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
    let text: String = memoize(
        &FUNCTION,
        Returned::<String>::new().shape(),
        &Cbor,
        Some(&store),
        (1u32,),
        |(x,), key| {
            key.arguments(1);
            key.argument("x", x)
        },
        |_| "text".to_owned(),
    );
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
    static REPORTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    crate::set_reporter(|report| {
        if report.function == "tests::failing" {
            REPORTS.lock().unwrap_or_else(PoisonError::into_inner).push(report.to_string());
        }
    });
    let store = MemoryStore::new();
    for _ in 0..2 {
        let argument = memoize(
            &FAILING,
            Returned::<u8>::new().shape(),
            &Cbor,
            Some(&store),
            (Broken,),
            |(x,), key| {
                key.arguments(1);
                key.argument("x", x)
            },
            |_| 1,
        );
        assert_eq!(argument, 1);
        let _result: Broken = memoize(
            &FAILING,
            Returned::<Broken>::new().shape(),
            &Cbor,
            Some(&store),
            (),
            |(), _| Ok(()),
            |()| Broken,
        );
    }
    let reports = REPORTS.lock().unwrap();
    assert_eq!(
        *reports,
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
