//! Room for the recursion that sources decide the depth of.

use std::{io, panic, thread};

/// Bytes of stack: what a nesting that the compiler accepts at its default limits needs, many times
/// over. It is address space; only touched pages take memory.
const SIZE: usize = 256 << 20;

/// Calls a function on a thread whose stack takes deeply nested sources; a panic goes on here.
///
/// # Errors
///
/// Where the system has no such thread to give.
pub(crate) fn on_deep_stack<T: Send>(call: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(SIZE).spawn_scoped(scope, call)?;
        Ok(worker.join().unwrap_or_else(|payload| panic::resume_unwind(payload)))
    })
}
