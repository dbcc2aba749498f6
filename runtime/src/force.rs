//! The request that one call be computed anew. A handle makes it, the first call of the function in that
//! thread or task takes it: what the function calls in turn is memoized as ever, itself included.

use std::cell::Cell;

use crate::function::Function;

thread_local! {
    /// What is requested here and not yet taken.
    static REQUESTED: Cell<Option<&'static Function>> = const { Cell::new(None) };
}

/// Asks that the next call of a function be computed anew.
#[derive(Clone, Copy)]
pub struct Request(pub(crate) &'static Function);

impl Request {
    /// Calls the function.
    pub fn within<R>(self, call: impl FnOnce() -> R) -> Forced<R> {
        let entered = Entered::new(Some(self.0));
        let returned = call();
        Forced { returned, left: entered.leave() }
    }
}

/// What a call that was to be forced returned. An asynchronous one has done nothing yet: then the request is
/// left, and goes with the future.
pub struct Forced<R> {
    returned: R,
    left: Option<&'static Function>,
}

impl<F: Future> Forced<F> {
    /// Gives the future, wherever it is polled.
    pub async fn given(self) -> F::Output {
        let Self { returned, mut left } = self;
        let mut future = std::pin::pin!(returned);
        std::future::poll_fn(|task| {
            let entered = Entered::new(left);
            let polled = future.as_mut().poll(task);
            left = entered.leave();
            polled
        })
        .await
    }
}

/// Answers for what is no future: the method of a future's own comes before it.
pub trait Ended: Sized {
    /// What the function returned.
    type Returned;

    /// Gives it.
    fn given(self) -> Self::Returned;

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<R> Ended for Forced<R> {
    type Returned = R;

    fn given(self) -> R {
        self.returned
    }
}

/// Tells whether this call of a function is to be computed anew; the next one is not.
pub(crate) fn take(function: &Function) -> bool {
    let is_meant = |it: &Function| it.code == function.code && it.name == function.name;
    let is_requested = REQUESTED.get().is_some_and(is_meant);
    if is_requested {
        REQUESTED.set(None);
    }
    is_requested
}

/// Puts a request in force until it is dropped, also by a panic.
struct Entered {
    outer: Option<&'static Function>,
}

impl Entered {
    fn new(request: Option<&'static Function>) -> Self {
        Self { outer: REQUESTED.replace(request) }
    }

    /// Returns the request if nobody took it.
    fn leave(self) -> Option<&'static Function> {
        let left = REQUESTED.get();
        drop(self);
        left
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        REQUESTED.set(self.outer);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::Pin,
        task::{Context, Poll, Waker},
        thread,
    };

    use super::*;
    use crate::Signature;

    static FUNCTION: Function = Function {
        name: "tests::f",
        code: Signature::from_bytes([1; 32]),
        executable: false,
        instance: "",
        items: "",
        sources: "",
        context: "",
        state: None,
    };
    static OTHER: Function = Function { name: "tests::g", ..FUNCTION };

    #[test]
    fn the_first_call_of_the_function_takes_the_request() {
        let taken = Request(&FUNCTION).within(|| {
            let inner = Request(&OTHER).within(|| [take(&FUNCTION), take(&OTHER)]);
            (inner.given(), [take(&OTHER), take(&FUNCTION), take(&FUNCTION)])
        });
        assert_eq!(taken.given(), ([false, true], [false, true, false]));
    }

    #[test]
    fn a_panic_ends_a_request() {
        let caught = std::panic::catch_unwind(|| {
            Request(&FUNCTION).within(|| std::panic::resume_unwind(Box::new(())))
        });
        assert!(caught.is_err() && !take(&FUNCTION));
    }

    #[test]
    fn a_request_goes_with_a_future_from_thread_to_thread() {
        let mut taken = Vec::new();
        let future = Request(&FUNCTION).within(|| {
            poll_fn(move |_| {
                // Not in the first poll, in the second, and no more after that.
                taken.push(!taken.is_empty() && take(&FUNCTION));
                if taken.len() < 4 { Poll::Pending } else { Poll::Ready(taken.clone()) }
            })
        });
        let mut future: Pin<Box<dyn Future<Output = Vec<bool>> + Send>> = Box::pin(future.given());
        assert!(!take(&FUNCTION));
        let taken = loop {
            let polled = thread::spawn(move || {
                let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(!take(&FUNCTION));
                (future, polled)
            });
            let polled = polled.join().unwrap();
            future = polled.0;
            if let Poll::Ready(taken) = polled.1 {
                break taken;
            }
        };
        assert_eq!(taken, [false, true, false, false]);
    }
}
