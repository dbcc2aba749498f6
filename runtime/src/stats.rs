//! What memoization did in this process, in numbers.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Counts of memoized calls since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls whose result was read from the store.
    pub hits: u64,
    /// Calls whose result had to be computed.
    pub misses: u64,
    /// Results written to the store.
    pub stored: u64,
    /// Results of hits that were computed again and compared.
    pub verified: u64,
    /// Calls that had no key, and ran as if they were not memoized.
    pub unmemoized: u64,
    /// Failures of stores and codecs.
    pub failures: u64,
    /// Time spent in functions that missed.
    pub computed: Duration,
    /// Time that the results of hits took when they were computed.
    pub computed_before: Duration,
    /// Time spent in keys, look-ups and decoding of hits.
    pub loading: Duration,
}

impl Stats {
    /// Returns how much time hits saved: what computing took, less what loading did.
    #[must_use]
    pub fn saved(&self) -> Duration {
        self.computed_before.saturating_sub(self.loading)
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hits, {} misses, {} stored", self.hits, self.misses, self.stored)?;
        if self.verified > 0 {
            write!(f, ", {} verified", self.verified)?;
        }
        write!(f, ", computed in {:.2?}, saved {:.2?}", self.computed, self.saved())
    }
}

/// Returns what memoization did in this process so far.
#[must_use]
pub fn stats() -> Stats {
    let count = |it: &Counter| it.0.load(Relaxed);
    let time = |it: &Counter| Duration::from_nanos(it.0.load(Relaxed));
    Stats {
        hits: count(&HITS),
        misses: count(&MISSES),
        stored: count(&STORED),
        verified: count(&VERIFIED),
        unmemoized: count(&UNMEMOIZED),
        failures: count(&FAILURES),
        computed: time(&COMPUTED),
        computed_before: time(&COMPUTED_BEFORE),
        loading: time(&LOADING),
    }
}

/// A number that only grows.
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn add(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
}

macro_rules! counters {
    ($($name:ident)*) => { $(pub(crate) static $name: Counter = Counter(AtomicU64::new(0));)* };
}

counters! { HITS MISSES STORED VERIFIED UNMEMOIZED FAILURES COMPUTED COMPUTED_BEFORE LOADING }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_all_that_matters() {
        let stats = Stats {
            hits: 3,
            misses: 2,
            stored: 1,
            computed: Duration::from_millis(1500),
            computed_before: Duration::from_millis(900),
            loading: Duration::from_millis(100),
            ..Stats::default()
        };
        assert_eq!(
            stats.to_string(),
            "3 hits, 2 misses, 1 stored, computed in 1.50s, saved 800.00ms"
        );
    }
}
