//! Asynchronous functions, under two executors.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use perennial::{Context, MemoryStore, memo};

static RUNS: AtomicUsize = AtomicUsize::new(0);

#[memo(allow(statics))]
async fn answer(key: u64) -> String {
    RUNS.fetch_add(1, Relaxed);
    tokio::time::sleep(Duration::from_millis(50)).await;
    format!("answer {key}")
}

#[test]
fn of_200_concurrent_calls_with_20_keys_20_compute() {
    let folder = tempfile::tempdir().unwrap();
    let _here = perennial::storing_in(folder.path());
    let context = Context::current();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for runs in [20, 0] {
        RUNS.store(0, Relaxed);
        let calls: Vec<_> =
            (0..200).map(|it| runtime.spawn(context.clone().attach(answer(it % 20)))).collect();
        for (it, call) in calls.into_iter().enumerate() {
            assert_eq!(runtime.block_on(call).unwrap(), format!("answer {}", it % 20));
        }
        assert_eq!(RUNS.load(Relaxed), runs);
    }
}

struct Model {
    scale: u32,
    runs: AtomicUsize,
}

impl serde::Serialize for Model {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.scale)
    }
}

impl Model {
    #[memo]
    async fn ask(
        &self,
        question: &str,
        (from, to): (usize, usize),
    ) -> Result<Option<String>, String> {
        self.runs.fetch_add(1, Relaxed);
        smol::future::yield_now().await;
        let part = question.get(from..to).ok_or("out of bounds")?;
        if part.is_empty() {
            return Ok(None);
        }
        Ok(Some(part.repeat(self.scale as usize)))
    }
}

#[test]
fn methods_that_borrow_are_memoized_under_any_executor() {
    let _here = perennial::storing_to(MemoryStore::new());
    let model = Model { scale: 2, runs: AtomicUsize::new(0) };
    for _ in 0..2 {
        let answers = smol::block_on(async {
            let two = model.ask("abcdef", (1, 3)).await;
            let none = model.ask("abcdef", (2, 2)).await;
            (two, none, model.ask("abcdef", (5, 9)).await)
        });
        assert_eq!(answers.0, Ok(Some("bcbc".to_owned())));
        assert_eq!(answers.1, Ok(None));
        assert_eq!(answers.2, Err("out of bounds".to_owned()));
    }
    // The error was computed twice.
    assert_eq!(model.runs.load(Relaxed), 4);
}

#[memo(allow(statics))]
async fn slow(key: u8) -> u8 {
    SLOW_RUNS.fetch_add(1, Relaxed);
    smol::Timer::after(Duration::from_millis(100)).await;
    key
}

static SLOW_RUNS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn where_the_task_that_computes_is_dropped_another_computes() {
    let _here = perennial::storing_to(MemoryStore::new());
    smol::block_on(async {
        let mut first = Box::pin(slow(1));
        // It begins to compute.
        let begun = smol::future::or(async { first.as_mut().await == 1 }, async {
            smol::Timer::after(Duration::from_millis(50)).await;
            false
        });
        assert!(!begun.await);
        let mut second = Box::pin(slow(1));
        let waited = smol::future::or(async { second.as_mut().await == 1 }, async {
            smol::Timer::after(Duration::from_millis(200)).await;
            false
        });
        // Nobody polls the first: the second waits for it until it is gone.
        assert!(!waited.await);
        assert_eq!(SLOW_RUNS.load(Relaxed), 1);
        drop(first);
        assert_eq!(second.await, 1);
        assert_eq!(SLOW_RUNS.load(Relaxed), 2);
    });
}

#[memo]
async fn fibonacci(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = smol::future::zip(Box::pin(fibonacci(n - 1)), Box::pin(fibonacci(n - 2))).await;
    a + b
}

/// Calls a partner, so that two of them wait for each other.
#[memo]
async fn ring(n: u32, steps: u32) -> u32 {
    smol::Timer::after(Duration::from_millis(20)).await;
    if steps == 0 { n } else { Box::pin(ring((n + 1) % 3, steps - 1)).await + 1 }
}

#[test]
fn tasks_that_wait_for_each_other_end() {
    let store = Arc::new(MemoryStore::new());
    let _here = perennial::storing_to(Arc::clone(&store));
    assert_eq!(smol::block_on(fibonacci(20)), 6765);
    assert_eq!(store.operations().write, 21);
    let rings = (0..3).map(|it| ring(it, 4));
    let tasks: Vec<_> = rings.map(|it| smol::spawn(Context::current().attach(it))).collect();
    for (task, expected) in tasks.into_iter().zip([5, 6, 4]) {
        assert_eq!(smol::block_on(task), expected);
    }
}

#[memo(allow(statics))]
fn later(x: u32) -> impl Future<Output = Result<u32, String>> {
    LATER_RUNS.fetch_add(1, Relaxed);
    async move {
        smol::future::yield_now().await;
        let half = x.checked_sub(1).ok_or("too small")?;
        Ok(half)
    }
}

#[memo(allow(statics))]
fn boxed(text: &str) -> Pin<Box<dyn Future<Output = Option<char>> + Send + '_>> {
    LATER_RUNS.fetch_add(1, Relaxed);
    Box::pin(async move {
        let first = text.chars().next()?;
        first.is_alphabetic().then_some(first)
    })
}

static LATER_RUNS: AtomicUsize = AtomicUsize::new(0);

#[async_trait::async_trait]
trait Ask {
    async fn ask(&self, question: &str) -> Result<String, String>;
}

#[derive(serde::Serialize)]
struct Oracle(u32);

#[async_trait::async_trait]
impl Ask for Oracle {
    #[memo(allow(statics))]
    async fn ask(&self, question: &str) -> Result<String, String> {
        ORACLE_RUNS.fetch_add(1, Relaxed);
        if question.is_empty() {
            return Err("no question".to_owned());
        }
        smol::future::yield_now().await;
        Ok(question.repeat(self.0 as usize))
    }
}

static ORACLE_RUNS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn functions_that_return_futures_are_memoized() {
    let _here = perennial::storing_to(MemoryStore::new());
    for _ in 0..2 {
        assert_eq!(smol::block_on(later(3)), Ok(2));
        assert_eq!(smol::block_on(boxed("xyz")), Some('x'));
    }
    assert_eq!(LATER_RUNS.load(Relaxed), 2);
    assert_eq!(smol::block_on(later(0)), Err("too small".to_owned()));
}

#[test]
fn methods_of_asynchronous_traits_are_memoized() {
    let _here = perennial::storing_to(MemoryStore::new());
    let oracle: Box<dyn Ask> = Box::new(Oracle(2));
    for _ in 0..2 {
        assert_eq!(smol::block_on(oracle.ask("why")), Ok("whywhy".to_owned()));
        assert_eq!(smol::block_on(oracle.ask("")), Err("no question".to_owned()));
    }
    assert_eq!(ORACLE_RUNS.load(Relaxed), 3);
}
