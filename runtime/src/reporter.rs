//! Where failures go that never make a call fail: one line a cause, to standard error unless the
//! program says otherwise.

use std::{
    collections::BTreeSet,
    fmt,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use crate::error::Error;

/// Something that went wrong beside a call, which returned its result all the same.
#[derive(Debug)]
pub struct Report<'a> {
    /// The function whose call it was.
    pub function: &'a str,
    /// What could not be done.
    pub doing: &'static str,
    /// Why.
    pub error: &'a Error,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.doing, self.function, self.error.chain())
    }
}

type Reporter = Arc<dyn Fn(&Report<'_>) + Send + Sync>;

static REPORTER: RwLock<Option<Reporter>> = RwLock::new(None);

/// Sends reports to a function of yours instead of standard error.
///
/// It is called once for each cause: a store that can't be written is one, whichever entry it
/// would be. It may call memoized functions and set another reporter; if it panics, the call returns
/// its result all the same.
///
/// # Examples
///
/// ```
/// perennial::set_reporter(|report| eprintln!("cache trouble: {report}"));
/// ```
pub fn set_reporter(reporter: impl Fn(&Report<'_>) + Send + Sync + 'static) {
    // Dropped after the lock is released: what the closure holds may report when it goes.
    let _before =
        REPORTER.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::new(reporter));
}

/// Reports a failure, unless its cause was reported before.
pub(crate) fn report(function: &str, doing: &'static str, error: &Error) {
    static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let cause = match error.place() {
        Some(place) => place.display().to_string(),
        None => format!("{function} {doing}"),
    };
    if !REPORTED.lock().unwrap_or_else(PoisonError::into_inner).insert(cause) {
        return;
    }
    let report = Report { function, doing, error };
    // Called without the lock, so that it can set another one.
    let reporter = REPORTER.read().unwrap_or_else(PoisonError::into_inner).clone();
    match reporter {
        // Its panic message went where panics go.
        Some(reporter) => {
            catch_unwind(AssertUnwindSafe(|| reporter(&report))).unwrap_or_else(std::mem::forget);
        }
        // Where standard error is closed there is nobody to tell.
        None => drop(writeln!(std::io::stderr(), "perennial: warning: {report}")),
    }
}

/// Held by tests that set the reporter, which is the process's.
#[cfg(test)]
pub(crate) static IN_TEST: Mutex<()> = Mutex::new(());

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use super::*;

    #[test]
    fn a_reporter_may_report_set_another_one_and_panic() {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let _turn = IN_TEST.lock().unwrap_or_else(PoisonError::into_inner);
        let error = Error::other("no");
        set_reporter(|it| {
            if it.function != "reporter" {
                return;
            }
            CALLS.fetch_add(1, SeqCst);
            report("reporter", "again", it.error);
            set_reporter(|_| ());
            std::panic::resume_unwind(Box::new(()));
        });
        report("reporter", "first", &error);
        report("reporter", "first", &error);
        assert_eq!(CALLS.load(SeqCst), 2);
        report("reporter", "later", &error);
        assert_eq!(CALLS.load(SeqCst), 2);
    }
}
