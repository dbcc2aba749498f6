//! The target that a package is read for: this command's own, or one that rustc is asked about.

use std::{env, process::Command};

use crate::error::Error;

/// What `build.rs` kept: the triple, then its options.
const HOST: &str = include_str!(concat!(env!("OUT_DIR"), "/host"));

/// A target's triple, and its options as rustc prints them.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) triple: String,
    pub(crate) cfg: String,
}

impl Target {
    /// Returns the target of that name, or this command's own.
    pub(crate) fn of(triple: Option<&str>) -> Result<Self, Error> {
        let (host, cfg) = HOST.split_once('\n').unwrap_or((HOST, ""));
        match triple {
            Some(triple) if triple != host => Self::ask(triple),
            _ => Ok(Self { triple: host.to_owned(), cfg: cfg.to_owned() }),
        }
    }

    fn ask(triple: &str) -> Result<Self, Error> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(&rustc).args(["--print", "cfg", "--target", triple]).output();
        let output = output.map_err(Error::rustc)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            let message = message.lines().next().unwrap_or_default();
            let message = message.strip_prefix("error: ").unwrap_or(message);
            return Err(Error::usage(format!(
                "rustc does not know the target {triple}: {message}"
            )));
        }
        let cfg = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Self { triple: triple.to_owned(), cfg })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_build_kept_of_the_host_is_what_rustc_says_of_it() {
        let kept = Target::of(None).unwrap();
        let asked = Target::ask(&kept.triple).unwrap();
        let lines = |it: &Target| {
            let is_of_interest = |it: &&str| {
                let name = it.split('=').next().unwrap_or_default();
                let others = ["target_feature", "target_has_atomic", "target_thread_local"];
                matches!(name, "unix" | "windows")
                    || name.starts_with("target_") && !others.contains(&name)
            };
            it.cfg.lines().filter(is_of_interest).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut expected = lines(&asked);
        expected.sort();
        assert_eq!(
            lines(&kept).into_iter().filter(|it| expected.contains(it)).count(),
            expected.len()
        );
    }

    #[test]
    fn a_target_that_rustc_does_not_know_is_an_error() {
        let error = Target::of(Some("moon-unknown-none")).unwrap_err();
        assert!(error.to_string().contains("moon-unknown-none"), "{error}");
    }
}
