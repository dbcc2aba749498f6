//! What memoized calls do with the store: `PERENNIAL_MODE`, or what the program sets.

use std::{
    env,
    str::FromStr,
    sync::{
        Once,
        atomic::{AtomicU8, Ordering::Relaxed},
    },
};

use crate::error::Error;

/// What memoized calls do with the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Mode {
    /// Read and write: the default.
    #[default]
    On,
    /// Neither: calls compute, as they would without `#[memo]`.
    Off,
    /// Read what is there; compute the rest and store none of it.
    ReadOnly,
    /// Compute all, and store it in place of what is there.
    Refresh,
    /// Read, compute all the same, and compare: a function whose stored result differs is reported, its
    /// entry is set aside, and it is not memoized any more in this process.
    Verify,
}

const MODES: [(&str, Mode); 5] = [
    ("on", Mode::On),
    ("off", Mode::Off),
    ("readonly", Mode::ReadOnly),
    ("refresh", Mode::Refresh),
    ("verify", Mode::Verify),
];

/// Place in `MODES`; beyond all until it is known.
static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);
const UNKNOWN: u8 = u8::MAX;

/// Returns the mode of the process: what [`set_mode`] set, else what the environment variable
/// `PERENNIAL_MODE` says, else [`Mode::On`].
///
/// A value that is no mode turns memoization off, since nobody can tell what was meant, and is
/// reported once.
pub fn mode() -> Mode {
    let mode = MODE.load(Relaxed);
    if let Some((_, mode)) = MODES.get(usize::from(mode)) {
        return *mode;
    }
    let mode = of_environment();
    // Another thread may have set one meanwhile.
    let _ = MODE.compare_exchange(UNKNOWN, number(mode), Relaxed, Relaxed);
    mode
}

/// Sets the mode of the whole process.
///
/// # Examples
///
/// ```
/// use perennial::Mode;
///
/// perennial::set_mode(Mode::ReadOnly);
/// assert_eq!(perennial::mode(), Mode::ReadOnly);
/// ```
pub fn set_mode(mode: Mode) {
    MODE.store(number(mode), Relaxed);
}

fn number(mode: Mode) -> u8 {
    let place = MODES.iter().position(|(_, it)| *it == mode);
    place.and_then(|it| u8::try_from(it).ok()).unwrap_or(UNKNOWN)
}

fn of_environment() -> Mode {
    let Some(text) = env::var_os("PERENNIAL_MODE").filter(|it| !it.is_empty()) else {
        return Mode::On;
    };
    let text = text.to_string_lossy();
    text.parse().unwrap_or_else(|error| {
        static REPORTED: Once = Once::new();
        REPORTED.call_once(|| {
            crate::reporter::report("PERENNIAL_MODE", "memoization is off: cannot read", &error);
        });
        Mode::Off
    })
}

impl FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = MODES.iter().find(|(name, _)| *name == text);
        known.map(|(_, mode)| *mode).ok_or_else(|| {
            let names = MODES.map(|(name, _)| name).join(", ");
            Error::other(format!("{text:?} is no mode: there are {names}"))
        })
    }
}

impl Mode {
    /// What a call does that is to be computed anew: it stores its result where calls do.
    pub(crate) fn forced(self) -> Self {
        if self.writes() { Self::Refresh } else { Self::Off }
    }

    pub(crate) fn reads(self) -> bool {
        matches!(self, Self::On | Self::ReadOnly | Self::Verify)
    }

    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::On | Self::Refresh | Self::Verify)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        for (name, mode) in MODES {
            assert_eq!(name.parse::<Mode>().unwrap(), mode);
        }
        let error = "On".parse::<Mode>().unwrap_err().to_string();
        assert_eq!(error, "\"On\" is no mode: there are on, off, readonly, refresh, verify");
    }
}
