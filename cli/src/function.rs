//! From what people write for a function or an item to the one that is meant, or to an error that
//! names those that may have been.

use std::fmt::Write as _;

use perennial_build::{Item, Row, Table};

use crate::{error::Error, path, table::target};

/// At most so many are listed in an error.
const LISTED: usize = 20;

/// Something with a path and a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named<'a> {
    pub(crate) path: &'a str,
    pub(crate) file: &'a str,
    pub(crate) line: usize,
}

/// Finds the function that is meant. One that stands in several targets is taken from the library.
pub(crate) fn find<'a>(table: &'a Table, asked: &str) -> Result<&'a Row, Error> {
    let all = table.rows.iter().map(|it| (named(it), it)).collect();
    let found = matching(all, asked);
    let Some(first) = found.first() else {
        let names = table.rows.iter().map(named).collect();
        return Err(unknown("function", asked, names));
    };
    if found.iter().any(|it| it.0 != first.0) {
        return Err(ambiguous("function", asked, found.iter().map(|it| it.0).collect()));
    }
    let library = found.iter().find(|it| target(it.1) == "lib");
    Ok(library.unwrap_or(first).1)
}

/// Finds the item that is meant among some; several of one path, which `cfg`s tell apart, are all
/// meant.
pub(crate) fn find_items(
    table: &Table,
    among: impl IntoIterator<Item = usize>,
    asked: &str,
) -> Result<Vec<usize>, Error> {
    let all = among.into_iter().map(|index| (named_item(&table.items[index]), index)).collect();
    let found = matching(all, asked);
    if found.iter().any(|it| it.0.path != found[0].0.path) {
        return Err(ambiguous("item", asked, found.iter().map(|it| it.0).collect()));
    }
    Ok(found.into_iter().map(|it| it.1).collect())
}

/// The error for an item that is nowhere in the package.
pub(crate) fn unknown_item(table: &Table, asked: &str) -> Error {
    unknown("item", asked, table.items.iter().map(named_item).collect())
}

fn named_item(item: &Item) -> Named<'_> {
    Named { path: &item.path, file: &item.file, line: item.line }
}

fn named(row: &Row) -> Named<'_> {
    Named { path: &row.path, file: &row.file, line: row.line }
}

/// Those whose whole path was given, else those at the place, else those whose path ends so.
fn matching<'a, T>(mut all: Vec<(Named<'a>, T)>, asked: &str) -> Vec<(Named<'a>, T)> {
    let place = asked.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?)));
    if all.iter().any(|it| it.0.path == asked) {
        all.retain(|it| it.0.path == asked);
    } else if let Some(place) = place {
        all.retain(|it| (it.0.file, it.0.line) == place);
    } else {
        all.retain(|it| path::ends_with(it.0.path, asked));
    }
    all
}

fn ambiguous(what: &str, asked: &str, mut candidates: Vec<Named<'_>>) -> Error {
    candidates.sort();
    candidates.dedup();
    let more = candidates.len().saturating_sub(LISTED);
    candidates.truncate(LISTED);
    let mut message =
        format!("`{asked}` may be more than one {what}; write more of its path, or FILE:LINE:");
    list(&mut message, &candidates);
    if more > 0 {
        let _ = write!(message, "\n  and {more} more");
    }
    Error::usage(message)
}

fn unknown(what: &str, asked: &str, all: Vec<Named<'_>>) -> Error {
    let wanted = path::tail(asked, 1);
    let distance = |it: &Named<'_>| strsim::damerau_levenshtein(&path::tail(it.path, 1), &wanted);
    let mut near: Vec<_> = all
        .into_iter()
        .map(|it| (distance(&it), it))
        .filter(|(distance, _)| *distance <= 1 + wanted.chars().count() / 3)
        .collect();
    near.sort();
    near.dedup();
    let near: Vec<_> = near.into_iter().map(|it| it.1).take(5).collect();
    let mut message = format!("no {what} `{asked}` is in the package");
    if near.is_empty() {
        message += "; `cargo perennial table` lists its functions";
    } else {
        message += "; did you mean:";
        list(&mut message, &near);
    }
    Error::usage(message)
}

fn list(message: &mut String, names: &[Named<'_>]) {
    let width = names.iter().map(|it| it.path.chars().count()).max().unwrap_or_default();
    for it in names {
        let _ = write!(message, "\n  {:width$}  {}:{}", it.path, it.file, it.line);
    }
}
