//! What the build says of the ledger: from its lines and the levels to warnings and failures, as
//! texts. Prints nothing.

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    config::{Config, Level},
    kind::Kind,
    ledger::LedgerLine,
};

/// The outcome of looking at the ledger.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    /// One line a kind.
    pub(crate) warnings: Vec<String>,
    /// One text a finding; where there is any, the build fails.
    pub(crate) failures: Vec<String>,
}

/// How many characters of the code in question a line shows.
const SHOWN: usize = 60;

/// Tells of what memoized functions reach and don't settle.
pub(crate) fn report(config: &Config, ledger: &[LedgerLine]) -> Report {
    let mut report = Report::default();
    let mut kinds: BTreeMap<Kind, Vec<&LedgerLine>> = BTreeMap::new();
    for line in ledger.iter().filter(|it| !it.memoized.is_empty()) {
        match config.level_for(line.kind) {
            Level::Trust => {}
            // The compiler refuses the function.
            Level::Warn if line.kind == Kind::MutableStatic => {}
            Level::Warn => kinds.entry(line.kind).or_default().push(line),
            Level::Strict => report.failures.push(failure(line)),
        }
    }
    report.warnings = kinds.into_iter().map(|(kind, lines)| warning(kind, &lines)).collect();
    report
}

fn warning(kind: Kind, lines: &[&LedgerLine]) -> String {
    let first = lines[0];
    let count = match lines.len() {
        1 => "1 place".to_owned(),
        more => format!("{more} places, the first"),
    };
    let (what, place) = (shown(&first.what), place(first));
    let effect = kind.effect();
    format!("{kind}: {count}: {what} at {place}; {effect}; to list all: cargo perennial audit")
}

fn failure(line: &LedgerLine) -> String {
    let kind = line.kind;
    let mut text = format!("{}: {kind}: {}", place(line), shown(&line.what));
    let _ = write!(text, "\n    reached by {}", line.chain.join("\n      -> "));
    if let others @ 1.. = line.memoized.len().saturating_sub(1) {
        let _ = write!(text, "\n    and by {others} more memoized functions");
    }
    let _ = write!(text, "\n    {}; {}", kind.effect(), kind.remedy());
    let _ = match kind.allowed_as() {
        Some(name) => write!(text, "; or settle it for the function: #[memo(allow({name}))]"),
        None => write!(text, "; or accept it: Config::level_of(Kind::{kind:?}, Level::Warn)"),
    };
    text
}

fn place(line: &LedgerLine) -> String {
    format!("{}:{}:{}", line.file, line.line, line.column)
}

/// The code in question, on one line and not too long.
fn shown(what: &str) -> String {
    let mut words = what.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(SHOWN) {
        words.truncate(end);
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind, line: usize, memoized: &[&str]) -> LedgerLine {
        let memoized: Vec<_> = memoized.iter().map(|it| (*it).to_owned()).collect();
        LedgerLine {
            kind,
            what: "std::time::SystemTime::now".to_owned(),
            file: "src/lib.rs".to_owned(),
            line,
            column: 5,
            item: "demo::stamp".to_owned(),
            needs_executable: kind.needs_executable(),
            is_in_key: false,
            is_reached_by_memo: true,
            chain: memoized.first().cloned().into_iter().chain(["demo::stamp".into()]).collect(),
            memoized,
            settled_by: vec!["demo::settled".to_owned()],
        }
    }

    #[test]
    fn warnings_are_folded_by_kind() {
        let lines = [
            line(Kind::UnresolvedName, 1, &["demo::f"]),
            line(Kind::Clock, 3, &["demo::f"]),
            line(Kind::Clock, 9, &["demo::g"]),
            line(Kind::Random, 4, &[]),
        ];
        let report = report(&Config::new(), &lines);
        assert_eq!(
            report.warnings,
            [
                "name not resolved: 1 place: std::time::SystemTime::now at src/lib.rs:1:5; memoized \
                 functions that reach it are also keyed by the executable; to list all: cargo \
                 perennial audit",
                "read of the clock: 2 places, the first: std::time::SystemTime::now at \
                 src/lib.rs:3:5; it is not in the key: a stored result is used even after it has \
                 changed; to list all: cargo perennial audit",
            ]
        );
        assert!(report.failures.is_empty());
    }

    #[test]
    fn levels_are_those_of_the_kind() {
        let lines =
            [line(Kind::Clock, 3, &["demo::f", "demo::g"]), line(Kind::Random, 4, &["demo::f"])];
        let config = Config::new().level_of(Kind::Clock, Level::Strict).level(Level::Trust);
        let report = report(&config, &lines);
        assert!(report.warnings.is_empty());
        let [failure] = &report.failures[..] else { panic!("{report:?}") };
        let expected = "src/lib.rs:3:5: read of the clock: std::time::SystemTime::now\n    \
             reached by demo::f\n      -> demo::stamp\n    and by 1 more memoized functions\n    it is not in \
             the key: a stored result is used even after it has changed; pass the time as an argument; or \
             settle it for the function: #[memo(allow(clock))]";
        assert_eq!(failure, expected);
    }

    #[test]
    fn code_is_shown_on_one_line() {
        assert_eq!(shown("a\n   b"), "a b");
        assert_eq!(shown(&"x".repeat(99)).chars().count(), SHOWN + 1);
    }
}
