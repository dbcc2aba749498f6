//! Where failures go that never make a call fail: one line a cause, to standard error unless the
//! program says otherwise.

use std::{
    collections::BTreeSet,
    fmt,
    io::Write as _,
    sync::{Mutex, PoisonError, RwLock},
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

type Reporter = Box<dyn Fn(&Report<'_>) + Send + Sync>;

static REPORTER: RwLock<Option<Reporter>> = RwLock::new(None);

/// Sends reports to a function of yours instead of standard error.
///
/// It is called once for each cause: a store that can't be written is one, whichever entry it
/// would be.
///
/// # Examples
///
/// ```
/// perennial::set_reporter(|report| eprintln!("cache trouble: {report}"));
/// ```
pub fn set_reporter(reporter: impl Fn(&Report<'_>) + Send + Sync + 'static) {
    *REPORTER.write().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(reporter));
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
    match &*REPORTER.read().unwrap_or_else(PoisonError::into_inner) {
        Some(reporter) => reporter(&report),
        // Where standard error is closed there is nobody to tell.
        None => drop(writeln!(std::io::stderr(), "perennial: warning: {report}")),
    }
}
