//! What becomes of a case's functions under perennial: from two tables, before and after the edit,
//! to one verdict a function.

use std::collections::{BTreeMap, BTreeSet};

use perennial_build::{Row, Table};

use crate::case::{self, Case};

/// What a case asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// The results stored before must not be used.
    Miss,
    /// They must be used.
    Hit,
    /// The ledger has a line, or the executable's digest is in the key.
    Report,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The key stays.
    Hit,
    /// The key changes with the source.
    Miss,
    /// The key changes with every executable.
    MissByExecutable,
    /// It is reported.
    Reported,
    /// It is not reported.
    Unreported,
    /// The table does not have the function, before or after.
    Absent,
}

/// What happens to one function of a case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// The case's name.
    pub case: String,
    /// The function's path in its crate.
    pub function: String,
    /// What was asked for.
    pub demand: Demand,
    /// What happened.
    pub outcome: Outcome,
}

impl Verdict {
    /// Tells whether what was asked for happened.
    #[must_use]
    pub fn is_met(&self) -> bool {
        match self.demand {
            Demand::Miss => matches!(self.outcome, Outcome::Miss | Outcome::MissByExecutable),
            Demand::Hit => self.outcome == Outcome::Hit,
            Demand::Report => self.outcome == Outcome::Reported,
        }
    }

    /// Tells whether a stored result would be served that the code would not compute any more.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.demand == Demand::Miss && !self.is_met()
    }
}

impl Case {
    /// Reads the package before and after the edit and judges each function that the case names.
    ///
    /// # Panics
    ///
    /// Where files can't be written or a table can't be made.
    #[must_use]
    pub fn judge(&self) -> Vec<Verdict> {
        let [before, after] = [&self.before, &self.after].map(|files| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            case::write(folder.path(), files);
            Table::of_package(folder.path()).unwrap_or_else(|it| panic!("{}: {it}", self.name))
        });
        let demands = [
            (Demand::Miss, &self.must_miss),
            (Demand::Hit, &self.must_hit),
            (Demand::Report, &self.must_be_reported),
        ];
        let named = |(demand, functions): (Demand, &BTreeMap<String, String>)| {
            functions.keys().map(|it| (demand, it.clone())).collect::<Vec<_>>()
        };
        let functions = demands.into_iter().flat_map(named);
        let verdicts = functions.map(|(demand, function)| {
            let outcome = match (find(&before, &function), find(&after, &function)) {
                (Some(_), Some(new)) if demand == Demand::Report => {
                    if is_reported(&after, new) {
                        Outcome::Reported
                    } else {
                        Outcome::Unreported
                    }
                }
                (Some(old), Some(new)) if old.signature != new.signature => Outcome::Miss,
                (Some(old), Some(new)) if old.needs_executable || new.needs_executable => {
                    Outcome::MissByExecutable
                }
                (Some(_), Some(_)) => Outcome::Hit,
                _ => Outcome::Absent,
            };
            Verdict { case: self.name.clone(), function, demand, outcome }
        });
        verdicts.collect()
    }
}

fn find<'a>(table: &'a Table, function: &str) -> Option<&'a Row> {
    let path = format!("case::{function}");
    table.rows.iter().find(|it| it.path == path && it.target.starts_with("lib "))
}

/// Tells whether something that the function reaches is in the ledger.
fn is_reported(table: &Table, row: &Row) -> bool {
    let reached: BTreeSet<_> =
        table.reached(row).iter().map(|it| table.items[it.item].path.as_str()).collect();
    row.needs_executable || table.ledger.iter().any(|it| reached.contains(it.item.as_str()))
}
