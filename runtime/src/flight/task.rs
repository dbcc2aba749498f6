//! Waiting and computing as tasks: without blocking a thread.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    mem,
    pin::pin,
    sync::{Arc, Mutex, Weak},
    task::Poll,
    thread,
    time::Instant,
};

use super::{Flight, Lead, Outcome, Wait, lock};

impl Lead {
    /// Runs a future as the computation: the flight is the current one whenever it is polled.
    pub(crate) async fn within_task<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| self.within(|| future.as_mut().poll(context))).await
    }
}

impl Wait {
    /// Waits as a task.
    pub(crate) async fn ended(self) -> Outcome {
        poll_fn(|context| {
            let mut state = lock(&self.flight.state);
            if let Some(outcome) = state.outcome {
                return Poll::Ready(outcome);
            }
            if self.left().is_none() {
                return Poll::Ready(Outcome::Overdue);
            }
            if !state.wakers.iter().any(|it| it.will_wake(context.waker())) {
                state.wakers.push(context.waker().clone());
            }
            let is_watched = mem::replace(&mut state.is_watched, true);
            drop(state);
            if let Some(deadline) = self.deadline.filter(|_| !is_watched) {
                watch(&self.flight, deadline);
            }
            Poll::Pending
        })
        .await
    }
}

/// Flights whose tasks are to be woken, by time: patience is the same for all, but for one that was
/// set meanwhile, which then lasts as long as those before it.
static WATCHED: Mutex<VecDeque<(Instant, Weak<Flight>)>> = Mutex::new(VecDeque::new());

/// Has the tasks that wait for a flight woken at a time, so that they see that it is late. There is no
/// timer that every executor has, so that a thread sleeps for all of them while there are any.
fn watch(flight: &Arc<Flight>, deadline: Instant) {
    let mut watched = lock(&WATCHED);
    watched.push_back((deadline, Arc::downgrade(flight)));
    if watched.len() == 1 {
        // Without a thread they wait for the flight alone.
        let _ = thread::Builder::new().name("perennial".to_owned()).spawn(wake_in_time);
    }
}

fn wake_in_time() {
    loop {
        let Some((deadline, flight)) = lock(&WATCHED).front().cloned() else { return };
        thread::sleep(deadline.saturating_duration_since(Instant::now()));
        if let Some(flight) = flight.upgrade() {
            let mut state = lock(&flight.state);
            state.is_watched = false;
            let wakers = mem::take(&mut state.wakers);
            drop(state);
            wakers.into_iter().for_each(std::task::Waker::wake);
        }
        // Taken out last: as long as there is one, there is this thread.
        let mut watched = lock(&WATCHED);
        watched.pop_front();
        if watched.is_empty() {
            return;
        }
    }
}
