//! What the options of a function say of its results.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Which results are stored, for how long, and how many are verified.
#[derive(Clone, Copy)]
pub struct Rules<R> {
    /// How long a result may be reused.
    pub expires: Option<Duration>,
    /// Tells whether a result is stored.
    pub keeps: Option<fn(&R) -> bool>,
    /// Errors are stored too.
    pub errors: bool,
    /// The share of hits that are computed again and compared.
    pub verify: f64,
}

impl<R> Rules<R> {
    pub(crate) fn keeps(&self, returned: &R) -> bool {
        self.keeps.is_none_or(|keeps| keeps(returned))
    }

    pub(crate) fn has_expired(&self, created: u64) -> bool {
        has_expired(self.expires, created)
    }

    /// Decides by chance whether a hit is verified.
    pub(crate) fn is_sample(&self) -> bool {
        if self.verify <= 0.0 {
            return false;
        }
        // Each of these begins with keys of its own.
        let chance = RandomState::new().build_hasher().finish() >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
        let chance = chance as f64 / (1u64 << 53) as f64;
        chance < self.verify
    }
}

/// Tells whether a result that was stored at that second is too old. One from the future is, but for a
/// minute by which clocks differ.
pub(crate) fn has_expired(expires: Option<Duration>, created: u64) -> bool {
    let Some(expires) = expires else { return false };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if created > now { created - now > 60 } else { now - created >= expires.as_secs() }
}

/// Gives the function of `if = …` the type of what it decides on.
pub const fn keeps<R>(keeps: fn(&R) -> bool) -> Option<fn(&R) -> bool> {
    Some(keeps)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules<u32> = Rules { expires: None, keeps: None, errors: false, verify: 0.0 };

    fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    }

    #[test]
    fn results_expire_by_age_and_where_they_come_from_the_future() {
        let rules = Rules { expires: Some(Duration::from_secs(100)), ..RULES };
        assert!(!rules.has_expired(now()) && !rules.has_expired(now() - 90));
        assert!(rules.has_expired(now() - 100) && rules.has_expired(0));
        assert!(!rules.has_expired(now() + 30) && rules.has_expired(now() + 3600));
        assert!(!RULES.has_expired(0) && !RULES.has_expired(u64::MAX));
    }

    #[test]
    fn none_all_and_some_are_sampled() {
        let sampled = |verify| {
            let rules = Rules { verify, ..RULES };
            (0..4000).filter(|_| rules.is_sample()).count()
        };
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 4000));
        let some = sampled(0.5);
        assert!((1500..2500).contains(&some), "{some}");
    }
}
