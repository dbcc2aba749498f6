//! Functions that count their runs, each thread for itself.

use std::cell::Cell;

use perennial::MemoryStore;

thread_local! {
    #[perennial::env(skip)]
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

/// Counts a run.
pub(crate) fn ran() {
    RUNS.set(RUNS.get() + 1);
}

/// Returns how many runs there were since `runs` began.
pub(crate) fn count() -> u32 {
    RUNS.get()
}

/// Returns how many runs there are in some work, with a store of its own.
pub(crate) fn runs(work: impl FnOnce()) -> u32 {
    let _here = perennial::storing_to(MemoryStore::new());
    RUNS.set(0);
    work();
    RUNS.get()
}
