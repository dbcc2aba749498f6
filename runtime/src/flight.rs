//! Single flight: of the callers in this process that miss the same call at the same time one
//! computes, and the others wait for what it stores.
//!
//! A caller that would wait for itself computes instead: each flight knows the one in whose
//! computation it began, and who waits for whom is written down. What can't be seen (a thread of a
//! pool that waits for work on another thread's stack, a future that nobody polls) ends by
//! [`patience`].

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    task::Waker,
    time::{Duration, Instant},
};

use crate::signature::Signature;

#[cfg(feature = "async")]
mod task;

/// A call in a store: the address of the store, which lives as long as the flight, and the call.
pub(crate) type Name = (usize, Signature);

static TABLE: Mutex<Table> = Mutex::new(Table { flights: BTreeMap::new(), waits: Vec::new() });

/// How many flights stored a result. Grows under the table's lock; hits read it without.
static LANDINGS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The innermost flight that this thread computes.
    static CURRENT: RefCell<Option<Arc<Flight>>> = const { RefCell::new(None) };
}

/// In milliseconds.
static PATIENCE: AtomicU64 = AtomicU64::new(60_000);

/// Sets how long a call waits for another one, in this process, that computes the same result. After
/// that it computes too. A minute, unless it is set; with zero no call ever waits.
///
/// Waiting ends by itself: when the other has stored its result, failed or panicked, or would wait
/// for this one. The limit is for what a library can't see, such as a thread pool all of whose
/// threads wait for work that one of them holds.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// // Each costs money: rather wait an hour than ask twice.
/// perennial::set_patience(Duration::from_hours(1));
/// ```
pub fn set_patience(patience: Duration) {
    PATIENCE.store(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX), Relaxed);
}

pub(crate) fn patience() -> Duration {
    Duration::from_millis(PATIENCE.load(Relaxed))
}

struct Table {
    flights: BTreeMap<Name, Arc<Flight>>,
    /// Who waits, by the flight in whose computation it does, and for which.
    waits: Vec<(Arc<Flight>, Arc<Flight>)>,
}

/// One computation of a call.
pub(crate) struct Flight {
    name: Name,
    /// The flight in whose computation this one began.
    parent: Option<Arc<Flight>>,
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Default)]
struct State {
    outcome: Option<Outcome>,
    /// Of the tasks that wait; threads wait for `landed`.
    wakers: Vec<Waker>,
    /// Somebody wakes the tasks when their patience ends.
    #[cfg(feature = "async")]
    is_watched: bool,
}

/// How a flight ended, for those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The result is in the store.
    Stored,
    /// There is none to read: it was not stored, or the computation panicked.
    Unstored,
    /// The future that computed was dropped: somebody else has to.
    Abandoned,
    /// It goes on, and has done so for too long.
    Overdue,
}

/// What a caller that missed has to do.
pub(crate) enum Joined {
    /// Compute. With `true` somebody stored a result since the caller looked.
    First(Lead, bool),
    /// Wait, then look again.
    Later(Wait),
    /// Compute without waiting: the other waits for this caller.
    Alone,
}

/// Returns how many results were stored; to be asked before looking up.
pub(crate) fn landings() -> u64 {
    LANDINGS.load(SeqCst)
}

/// Joins the flight of a call, or begins one. `seen` is the count of landings before the look-up.
pub(crate) fn join(name: Name, seen: u64) -> Joined {
    let current = current();
    let mut table = lock(&TABLE);
    if let Some(flight) = table.flights.get(&name) {
        let flight = Arc::clone(flight);
        let Some(current) = current else {
            return Joined::Later(Wait::new(flight, None));
        };
        if table.waits_for(&flight, &current) {
            return Joined::Alone;
        }
        table.waits.push((Arc::clone(&current), Arc::clone(&flight)));
        return Joined::Later(Wait::new(flight, Some(current)));
    }
    let flight =
        Arc::new(Flight { name, parent: current, state: Mutex::default(), landed: Condvar::new() });
    table.flights.insert(name, Arc::clone(&flight));
    Joined::First(Lead(flight), landings() != seen)
}

impl Table {
    /// Tells whether a flight, or what it waits for, waits for one that a caller computes.
    fn waits_for(&self, flight: &Arc<Flight>, caller: &Arc<Flight>) -> bool {
        let mut seen: Vec<&Arc<Flight>> = vec![flight];
        let mut next = 0;
        while let Some(flight) = seen.get(next).copied() {
            if caller.is_within(flight) {
                return true;
            }
            for (waiting, target) in &self.waits {
                if waiting.is_within(flight) && !seen.iter().any(|it| Arc::ptr_eq(it, target)) {
                    seen.push(target);
                }
            }
            next += 1;
        }
        false
    }
}

impl Flight {
    /// Tells whether this flight is the other, or began in its computation.
    fn is_within(&self, other: &Self) -> bool {
        let mut flight = Some(self);
        while let Some(it) = flight {
            if std::ptr::eq(it, other) {
                return true;
            }
            flight = it.parent.as_deref();
        }
        false
    }
}

/// The duty to compute. Dropped without an end, it frees those who wait.
pub(crate) struct Lead(Arc<Flight>);

impl Lead {
    /// Runs a part of the computation.
    pub(crate) fn within<R>(&self, work: impl FnOnce() -> R) -> R {
        let _ended = Entered::new(Some(Arc::clone(&self.0)));
        work()
    }

    /// Ends the flight.
    pub(crate) fn land(self, outcome: Outcome) {
        self.end(outcome);
    }

    fn end(&self, outcome: Outcome) {
        let mut table = lock(&TABLE);
        let is_listed = table.flights.get(&self.0.name).is_some_and(|it| Arc::ptr_eq(it, &self.0));
        if !is_listed {
            return;
        }
        table.flights.remove(&self.0.name);
        LANDINGS.fetch_add(u64::from(outcome == Outcome::Stored), SeqCst);
        drop(table);
        let mut state = lock(&self.0.state);
        state.outcome = Some(outcome);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        self.0.landed.notify_all();
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        let is_panic = std::thread::panicking();
        self.end(if is_panic { Outcome::Unstored } else { Outcome::Abandoned });
    }
}

/// Makes a flight the current one of the thread until it is dropped.
struct Entered(Option<Arc<Flight>>);

impl Entered {
    fn new(flight: Option<Arc<Flight>>) -> Self {
        // In destructors of the thread's values there is no current flight.
        Self(CURRENT.try_with(|it| it.replace(flight)).ok().flatten())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|it| it.replace(self.0.take()));
    }
}

fn current() -> Option<Arc<Flight>> {
    CURRENT.try_with(|it| it.borrow().clone()).ok().flatten()
}

/// A place among those who wait for a flight.
pub(crate) struct Wait {
    flight: Arc<Flight>,
    /// The flight in whose computation this waits.
    within: Option<Arc<Flight>>,
    deadline: Option<Instant>,
}

impl Wait {
    fn new(flight: Arc<Flight>, within: Option<Arc<Flight>>) -> Self {
        Self { flight, within, deadline: Instant::now().checked_add(patience()) }
    }

    /// Waits on this thread.
    pub(crate) fn block(self) -> Outcome {
        let mut state = lock(&self.flight.state);
        loop {
            if let Some(outcome) = state.outcome {
                return outcome;
            }
            let Some(left) = self.left() else { return Outcome::Overdue };
            // Not for ever at once, which some systems can't.
            let left = left.min(Duration::from_hours(1));
            let waited = self.flight.landed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How much patience is left; `None` where there is no more.
    fn left(&self) -> Option<Duration> {
        let Some(deadline) = self.deadline else { return Some(Duration::MAX) };
        deadline.checked_duration_since(Instant::now()).filter(|it| !it.is_zero())
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let Some(within) = &self.within else { return };
        let mut table = lock(&TABLE);
        let is_this = |(waiting, target): &(Arc<Flight>, Arc<Flight>)| {
            Arc::ptr_eq(waiting, within) && Arc::ptr_eq(target, &self.flight)
        };
        if let Some(place) = table.waits.iter().position(is_this) {
            table.waits.swap_remove(place);
        }
    }
}

/// A poisoned lock is as good: what it guards is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
