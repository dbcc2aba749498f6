//! Takes the guards of a thread to other threads and into futures.

use std::{
    future::{Future, poll_fn},
    panic::{RefUnwindSafe, UnwindSafe},
    pin::pin,
    sync::Arc,
};

use crate::{
    scope::{self, StoreGuard, SuspendGuard},
    store::Store,
};

/// The guards in force on a thread: its store ([`storing_in`](crate::storing_in),
/// [`storing_to`](crate::storing_to)) and whether memoization is suspended.
///
/// Guards hold for their thread. A context carries them into threads that it starts, into a thread
/// pool such as rayon's, and into futures, which executors move between threads.
///
/// # Examples
///
/// ```
/// let _here = perennial::storing_to(perennial::MemoryStore::new());
/// let context = perennial::Context::current();
/// std::thread::spawn(move || {
///     context.run(|| {
///         // Memoized functions called here use the same store.
///     });
/// })
/// .join()
/// .unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Context {
    store: Option<Arc<dyn Store>>,
    is_suspended: bool,
}

impl Context {
    /// Takes the guards in force on this thread.
    #[must_use]
    pub fn current() -> Self {
        Self { store: scope::scoped(), is_suspended: scope::is_suspended() }
    }

    /// Puts these guards in force on this thread for as long as the returned one lives. They come on
    /// top of those that are: without a store of its own the context leaves the store as it is, and a
    /// suspension that is in force stays.
    pub fn enter(&self) -> ContextGuard {
        ContextGuard {
            _store: self.store.clone().map(scope::put_in_force),
            _suspension: self.is_suspended.then(scope::suspend),
        }
    }

    /// Runs a closure with these guards in force.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let _here = self.enter();
        work()
    }

    /// Makes these guards hold for a future wherever it is polled.
    pub async fn attach<F: Future>(self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|task| self.run(|| future.as_mut().poll(task))).await
    }
}

// A panic of a store is caught wherever it is used.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("has_store", &self.store.is_some())
            .field("is_suspended", &self.is_suspended)
            .finish()
    }
}

/// Ends what [`Context::enter`] began when dropped, also by a panic.
#[must_use = "the context is in force only while the guard lives"]
#[derive(Debug)]
pub struct ContextGuard {
    _store: Option<StoreGuard>,
    _suspension: Option<SuspendGuard>,
}

#[cfg(test)]
mod tests {
    use std::{
        task::{Context as Task, Poll, Waker},
        thread,
    };

    use super::*;
    use crate::MemoryStore;

    fn is_in_force(store: &Arc<dyn Store>) -> bool {
        Arc::ptr_eq(&scope::scoped().unwrap_or_else(|| Arc::new(MemoryStore::new())), store)
    }

    #[test]
    fn guards_are_carried_into_threads_and_end_there() {
        let _here = scope::storing_to(MemoryStore::new());
        let _off = scope::suspend();
        let (context, store) = (Context::current(), scope::scoped().unwrap());
        thread::spawn(move || {
            assert!(!is_in_force(&store) && !scope::is_suspended());
            context.run(|| assert!(is_in_force(&store) && scope::is_suspended()));
            assert!(!is_in_force(&store) && !scope::is_suspended());
        })
        .join()
        .unwrap();
    }

    #[test]
    fn guards_hold_for_a_future_on_whatever_thread_it_is_polled() {
        let store = {
            let _here = scope::storing_to(MemoryStore::new());
            scope::scoped().unwrap()
        };
        let context = Context { store: Some(Arc::clone(&store)), is_suspended: false };
        let mut polls = 0;
        let future = poll_fn(move |_| {
            assert!(is_in_force(&store));
            polls += 1;
            if polls < 3 { Poll::Pending } else { Poll::Ready(polls) }
        });
        let mut future = Box::pin(context.attach(future));
        loop {
            let polled = thread::spawn(move || {
                let ready = future.as_mut().poll(&mut Task::from_waker(Waker::noop()));
                assert!(scope::scoped().is_none());
                (future, ready)
            });
            let ready;
            (future, ready) = polled.join().unwrap();
            if ready.is_ready() {
                break;
            }
        }
    }
}
