//! `cargo perennial audit`: what the analysis can't follow, what that does to keys, and which memoized
//! functions are concerned.

use std::fmt::Write as _;

use perennial_build::{LedgerLine, Row, Table};
use serde::Serialize;

use crate::{
    Answer,
    arguments::{self, ListFormat},
    error::Error,
    exit_code::ExitCode,
    json, package, style,
};

pub(crate) fn answer(arguments: &arguments::Audit) -> Result<Answer, Error> {
    let (table, notes) = package::read(&arguments.package)?;
    let entries: Vec<_> = table
        .ledger
        .iter()
        .filter(|it| it.is_reached_by_memo || !arguments.memoized)
        .map(|it| Entry::of(&table, it))
        .collect();
    let is_denied = arguments.deny && !entries.iter().all(Entry::is_settled);
    let exit_code = if is_denied { ExitCode::Findings } else { ExitCode::Success };
    let text = match arguments.format {
        ListFormat::Text => text(&entries),
        ListFormat::Json => json::array(&entries),
    };
    Ok(Answer { text, exit_code, notes })
}

/// A line of the ledger, and one object of the array.
#[derive(Serialize)]
struct Entry<'a> {
    kind: String,
    what: &'a str,
    file: &'a str,
    line: usize,
    /// One-based, in characters.
    column: usize,
    /// The item in which it stands.
    item: &'a str,
    effect: &'static str,
    /// The memoized functions that reach it and don't settle it.
    reached_by: Vec<Concern<'a>>,
    /// Those that settle it, by `allow(…)` or `env(…)`.
    settled_by: &'a [String],
}

#[derive(Serialize)]
struct Concern<'a> {
    function: &'a str,
    /// From the function to the item, both included.
    chain: Vec<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(table: &'a Table, line: &'a LedgerLine) -> Self {
        let reached_by = line.memoized.iter().map(|function| {
            // Some findings are there in test builds only.
            let mut rows = table.rows.iter().chain(&table.test_rows);
            let chain = rows
                .find_map(|it| (it.path == *function).then(|| chain(table, it, line)).flatten());
            Concern { function, chain: chain.unwrap_or_else(|| vec![function, &line.item]) }
        });
        Self {
            kind: line.kind.to_string(),
            what: &line.what,
            file: &line.file,
            line: line.line,
            column: line.column,
            item: &line.item,
            effect: line.effect(),
            reached_by: reached_by.collect(),
            settled_by: &line.settled_by,
        }
    }

    /// Memoized functions reach it, and each of them says that it knows.
    fn is_settled(&self) -> bool {
        self.reached_by.is_empty() && !self.settled_by.is_empty()
    }
}

/// Returns the steps from a function to the item of a line, where it is reached.
fn chain<'a>(table: &'a Table, row: &Row, line: &LedgerLine) -> Option<Vec<&'a str>> {
    let is_item = |index: usize| {
        let item = &table.items[index];
        item.path == line.item && item.file == line.file
    };
    let item = table.reached(row).into_iter().map(|it| it.item).find(|it| is_item(*it))?;
    let steps = table.chain_to(row, item).into_iter().rev();
    Some(steps.map(|it| table.items[it.item].path.as_str()).collect())
}

fn text(entries: &[Entry<'_>]) -> String {
    let (heading, faint, name) = (style::HEADING, style::FAINT, style::NAME);
    let mut text = String::new();
    for it in entries {
        let _ = writeln!(
            text,
            "{heading}{}{heading:#}: {name}{}{name:#}\n  at {}:{}:{} in {}\n  {}",
            it.kind, it.what, it.file, it.line, it.column, it.item, it.effect
        );
        for concern in &it.reached_by {
            let _ = writeln!(
                text,
                "  memoized {}{faint}{}{faint:#}",
                concern.function,
                steps(&concern.chain)
            );
        }
        for function in it.settled_by {
            let _ = writeln!(text, "  {faint}settled by {function}{faint:#}");
        }
        text.push('\n');
    }
    let memoized = entries.iter().filter(|it| !it.reached_by.is_empty()).count();
    let _ = match entries.len() {
        0 => writeln!(text, "nothing that can't be followed"),
        1 => writeln!(text, "1 finding, {memoized} reached by memoized functions"),
        count => writeln!(text, "{count} findings, {memoized} reached by memoized functions"),
    };
    text
}

/// Writes the steps after the function itself.
fn steps(chain: &[&str]) -> String {
    chain.iter().skip(1).flat_map(|it| [" → ", it]).collect()
}
