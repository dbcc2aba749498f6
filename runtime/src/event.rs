//! What happens to calls, as events of `tracing`, with its feature. Their target is `perennial`; a call is
//! named by the function's path and the call's signature.
#![cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "there are no events"))]

use std::time::Duration;

use crate::{error::Error, key::CallKey};

macro_rules! event {
    ($level:ident, $($rest:tt)*) => {
        #[cfg(feature = "tracing")]
        tracing::event!(target: "perennial", tracing::Level::$level, $($rest)*);
    };
}

/// A result was read.
pub(crate) fn hit(function: &str, key: &CallKey, loading: Duration) {
    event!(DEBUG, function, call = %key.call, ?loading, "hit");
}

/// A result was computed.
pub(crate) fn miss(function: &str, key: &CallKey, computed: Duration) {
    event!(DEBUG, function, call = %key.call, code = %key.code, ?computed, "miss");
}

/// A result was written.
pub(crate) fn stored(function: &str, key: &CallKey) {
    event!(DEBUG, function, call = %key.call, "stored");
}

/// A store, a codec or a key failed. Every time, not once for each cause as reports are.
pub(crate) fn failed(function: &str, doing: &str, error: &Error) {
    event!(WARN, function, doing, error = error.chain(), "failed");
}
