//! Callers that miss the same call at the same time: one computes.

use std::{
    collections::BTreeMap,
    sync::{
        Barrier, LazyLock, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use perennial::{Context, MemoryStore, memo};
use rayon::prelude::*;

static RUNS: LazyLock<Mutex<BTreeMap<u32, u32>>> = LazyLock::new(Mutex::default);

#[memo(allow(statics))]
fn square(x: u32) -> u32 {
    *RUNS.lock().unwrap().entry(x).or_default() += 1;
    thread::sleep(Duration::from_millis(20));
    x * x
}

#[test]
fn threads_compute_each_call_once() {
    let _here = perennial::storing_to(MemoryStore::new());
    let (context, start) = (Context::current(), Barrier::new(8));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                context.run(|| (0..10).for_each(|x| assert_eq!(square(x), x * x)));
            });
        }
    });
    let runs = RUNS.lock().unwrap();
    assert!((0..10).all(|x| runs[&x] == 1), "{runs:?}");
}

static FAILED: AtomicUsize = AtomicUsize::new(0);

#[memo(allow(statics))]
fn failing(x: u32) -> Result<u32, String> {
    FAILED.fetch_add(1, Relaxed);
    thread::sleep(Duration::from_millis(100));
    Err(format!("{x} is out"))
}

#[memo(allow(statics))]
fn panicking(x: u32) -> u32 {
    PANICKED.fetch_add(1, Relaxed);
    thread::sleep(Duration::from_millis(100));
    panic!("{x} is out")
}

static PANICKED: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_failure_is_each_callers_own() {
    let _here = perennial::storing_to(MemoryStore::new());
    let (context, start) = (Context::current(), Barrier::new(8));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                assert!(context.run(|| failing(1)).is_err());
            });
            scope.spawn(|| {
                start.wait();
                let caught = std::panic::catch_unwind(|| context.run(|| panicking(1)));
                assert!(caught.is_err());
            });
        }
    });
    assert_eq!((FAILED.load(Relaxed), PANICKED.load(Relaxed)), (4, 4));
}

#[memo]
fn even(n: u32) -> bool {
    thread::sleep(Duration::from_millis(1));
    n == 0 || odd(n - 1)
}

#[memo]
fn odd(n: u32) -> bool {
    thread::sleep(Duration::from_millis(1));
    n != 0 && even(n - 1)
}

#[test]
fn functions_that_call_each_other_end_and_compute_once() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let _here = perennial::storing_to(std::sync::Arc::clone(&store));
    let context = Context::current();
    thread::scope(|scope| {
        for n in 30..34 {
            let context = &context;
            scope.spawn(move || assert_eq!(context.run(|| even(n)), n % 2 == 0));
        }
    });
    // even and odd of each number from 0 to 33, as far as parity lets them meet.
    assert_eq!(store.operations().write, 34 + 33);
}

static IS_NESTED: AtomicBool = AtomicBool::new(false);

/// Uses the pool on which it runs: a thread that waits in it takes other work, also calls of the very
/// same key.
#[memo(allow(statics))]
fn sum(n: u64) -> u64 {
    IS_NESTED.store(true, Relaxed);
    (0..n)
        .into_par_iter()
        .map(|it| {
            thread::sleep(Duration::from_micros(200));
            it
        })
        .sum()
}

#[test]
fn work_that_a_pool_steals_does_not_wait_for_itself() {
    // What nobody can see ends by patience.
    perennial::set_patience(Duration::from_secs(2));
    let _here = perennial::storing_to(MemoryStore::new());
    let context = Context::current();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let sums: Vec<u64> = pool.install(|| {
        (0..64u64).into_par_iter().map(|it| context.run(|| sum(100 + it % 3))).collect()
    });
    for (it, sum) in sums.into_iter().enumerate() {
        let n = 100 + it as u64 % 3;
        assert_eq!(sum, n * (n - 1) / 2);
    }
    assert!(IS_NESTED.load(Relaxed));
}
