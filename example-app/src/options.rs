//! The command line: arguments in, options out.

use std::{env, ffi::OsString, path::PathBuf};

pub(crate) const USAGE: &str = "\
Finds near-duplicate source files.

Usage: example-app [FOLDER] [--limit FILES] [--threshold SIMILARITY]

  FOLDER       where to look; default: the sources that cargo has downloaded
  --limit      how many files to look at, the largest first; default: 1000
  --threshold  how similar two files must be, from 0 to 1; default: 0.8
";

/// What the program is asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Request {
    Run(Options),
    Help,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) folder: PathBuf,
    pub(crate) limit: usize,
    pub(crate) threshold: f64,
}

/// Reads the arguments; an error says what is wrong with them.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Request, String> {
    let (mut folder, mut limit, mut threshold) = (None, 1000, 0.8);
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let mut value = || {
            let value = arguments.next().and_then(|it| it.into_string().ok());
            value.ok_or_else(|| format!("{} needs a value", argument.display()))
        };
        match argument.to_str() {
            Some("--help" | "-h") => return Ok(Request::Help),
            Some("--limit") => {
                let value = value()?;
                limit = value.parse().map_err(|_| format!("{value} is not a number of files"))?;
            }
            Some("--threshold") => {
                let value = value()?;
                let number = value.parse().ok().filter(|it| (0.0..=1.0).contains(it));
                threshold = number.ok_or_else(|| format!("{value} is not a number from 0 to 1"))?;
            }
            Some(option) if option.starts_with('-') => {
                return Err(format!("unknown option {option}"));
            }
            _ if folder.is_some() => return Err("more than one folder is given".to_owned()),
            _ => folder = Some(PathBuf::from(argument)),
        }
    }
    let folder = match folder {
        Some(folder) => folder,
        None => downloaded_sources().ok_or("cargo's folder is not found; name a folder")?,
    };
    Ok(Request::Run(Options { folder, limit, threshold }))
}

/// Returns where cargo keeps the sources of dependencies.
fn downloaded_sources() -> Option<PathBuf> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo")))?;
    Some(cargo.join("registry").join("src"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_all(arguments: &[&str]) -> Result<Request, String> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn options_are_read() {
        let folder = PathBuf::from("here");
        assert_eq!(
            parse_all(&["here", "--limit", "3", "--threshold", "0.5"]),
            Ok(Request::Run(Options { folder, limit: 3, threshold: 0.5 }))
        );
        assert_eq!(parse_all(&["--help"]), Ok(Request::Help));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(parse_all(&["--limit"]), Err("--limit needs a value".to_owned()));
        assert_eq!(
            parse_all(&["--threshold", "2"]),
            Err("2 is not a number from 0 to 1".to_owned())
        );
        assert_eq!(parse_all(&["a", "b"]), Err("more than one folder is given".to_owned()));
        assert_eq!(parse_all(&["--fast"]), Err("unknown option --fast".to_owned()));
    }
}
