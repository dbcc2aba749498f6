//! `cargo perennial table`: every function of a package with its code signature.

use std::fmt::Write as _;

use perennial_build::{Row, Table};
use serde::Serialize;

use crate::{
    Answer,
    arguments::{self, ListFormat},
    error::Error,
    exit_code::ExitCode,
    json, package, style,
};

pub(crate) fn answer(arguments: &arguments::Table) -> Result<Answer, Error> {
    let (table, notes) = package::read(&arguments.package)?;
    let text = match arguments.format {
        ListFormat::Text => text(&table),
        ListFormat::Json => json(&table),
    };
    Ok(Answer { text, exit_code: ExitCode::Success, notes })
}

/// One object of the array.
#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    target: &'a str,
    file: &'a str,
    line: usize,
    signature: String,
}

fn json(table: &Table) -> String {
    json::array(table.rows.iter().map(|row| Entry {
        path: &row.path,
        target: target(row),
        file: &row.file,
        line: row.line,
        signature: row.code_signature().to_string(),
    }))
}

/// Names a row's target: a package has one library, whose name says nothing more.
pub(crate) fn target(row: &Row) -> &str {
    match row.target.split_once(' ') {
        Some(("lib" | "proc-macro", _)) => "lib",
        _ => &row.target,
    }
}

fn text(table: &Table) -> String {
    let mut text = String::new();
    let (heading, faint) = (style::HEADING, style::FAINT);
    let width = table.rows.iter().map(|it| it.path.chars().count()).max().unwrap_or_default();
    let mut last = None;
    for row in &table.rows {
        if last.replace(target(row)) != Some(target(row)) {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{heading}{}{heading:#}", target(row));
        }
        let signature = row.code_signature().to_string();
        let flags = match (row.is_memoized, row.needs_executable) {
            (true, true) => "  memoized, keyed by the executable",
            (true, false) => "  memoized",
            (false, _) => "",
        };
        let _ = writeln!(
            text,
            "  {}  {:width$}  {faint}{}:{}{flags}{faint:#}",
            &signature[..16],
            row.path,
            row.file,
            row.line
        );
    }
    let memoized = table.rows.iter().filter(|it| it.is_memoized).count();
    let gap = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{gap}{} functions, {memoized} memoized", table.rows.len());
    text
}
