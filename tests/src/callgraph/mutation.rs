//! Edits one body at a time and sees which signatures change: exactly those of the functions that
//! reach it must. An edit of comments and blank lines must change none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use perennial_build::Digest;
use serde::Serialize;

use super::{
    error::Error,
    reference::Reference,
    source::{FnId, Sources},
    subject::{Subject, write},
    table::Ours,
};

const STATEMENT: &str = " let _ = 0u8; ";

/// What edits of a crate showed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mutations {
    /// How many bodies were edited, one at a time.
    pub edits: usize,
    /// Pairs of the reference that these edits concern.
    pub real: usize,
    /// Pairs of the reference whose first function kept its signature when the second changed.
    pub missed: Vec<[String; 2]>,
    /// Pairs that the sets have, and whose first function kept its signature.
    pub unchanged: Vec<[String; 2]>,
    /// Pairs that the sets don't have, and whose first function got another signature.
    pub unexpected: Vec<[String; 2]>,
    /// How long the fastest analysis took.
    #[serde(skip)]
    pub fastest_analysis: Duration,
    /// Functions whose signature an edit of comments and blank lines changed.
    pub neutral: Vec<String>,
}

impl Mutations {
    /// Edits up to `count` functions of the package, chosen by the digests of their places.
    pub(crate) fn run(
        subject: &Subject,
        sources: &Sources,
        reference: &Reference,
        ours: &Ours,
        count: usize,
    ) -> Result<Self, Error> {
        let mut mutations = Self { fastest_analysis: ours.time, ..Self::default() };
        if count == 0 {
            return Ok(mutations);
        }
        let named = |from: FnId, to: FnId| [name(sources, ours, from), name(sources, ours, to)];
        for edited in sample(sources, reference, ours, count) {
            let function = &sources[edited];
            let path = subject.folder.join(&function.file);
            let text =
                fs::read_to_string(&path).map_err(|error| Error::at("read", &path, error))?;
            let (before, after) = text.split_at(function.body);
            write(&path, &format!("{before}{STATEMENT}{after}"))?;
            let edited_table = Ours::of_package(&subject.folder, sources);
            write(&path, &text)?;
            let edited_table = edited_table?;
            mutations.fastest_analysis = mutations.fastest_analysis.min(edited_table.time);
            let changed = changes(ours, &edited_table);
            mutations.edits += 1;
            for (from, row) in &ours.rows {
                let is_predicted = *from == edited || row.reaches.contains(&edited);
                match (is_predicted, changed.contains(from)) {
                    (true, false) => mutations.unchanged.push(named(*from, edited)),
                    (false, true) => mutations.unexpected.push(named(*from, edited)),
                    _ => {}
                }
                if reference.reaches.get(from).is_some_and(|it| it.surely.contains(&edited)) {
                    mutations.real += 1;
                    if !changed.contains(from) {
                        mutations.missed.push(named(*from, edited));
                    }
                }
            }
        }
        mutations.neutral = neutral(subject, sources, ours)?;
        Ok(mutations)
    }
}

/// Returns how a function is named in reports.
pub(crate) fn name(sources: &Sources, ours: &Ours, id: FnId) -> String {
    let function = &sources[id];
    let place = format!("{}:{}", function.file.display(), function.line);
    match ours.rows.get(&id) {
        Some(row) => format!("{} ({place})", row.path),
        None => format!("{} ({place}, not in the table)", function.name),
    }
}

/// Chooses functions that are in the reference and in the table.
fn sample(sources: &Sources, reference: &Reference, ours: &Ours, count: usize) -> Vec<FnId> {
    let order = |id: FnId| {
        let it = &sources[id];
        let place = format!("{}:{}:{}", it.file.display(), it.line, it.name);
        *Digest::of_bytes(place.as_bytes()).as_bytes()
    };
    let ids = reference.reaches.keys().copied().filter(|it| ours.rows.contains_key(it));
    let by_digest: BTreeMap<_, _> = ids.map(|it| (order(it), it)).collect();
    by_digest.into_values().take(count).collect()
}

fn changes(before: &Ours, after: &Ours) -> BTreeSet<FnId> {
    let is_changed =
        |id: &FnId, signature| after.rows.get(id).is_none_or(|it| it.signature != signature);
    before
        .rows
        .iter()
        .filter(|(id, row)| is_changed(id, row.signature))
        .map(|(id, _)| *id)
        .collect()
}

/// Adds comments and blank lines to all files and returns the functions whose signatures change.
fn neutral(subject: &Subject, sources: &Sources, ours: &Ours) -> Result<Vec<String>, Error> {
    let mut originals = Vec::new();
    for file in sources.files.keys() {
        let path = subject.folder.join(file);
        let text = fs::read_to_string(&path).map_err(|error| Error::at("read", &path, error))?;
        originals.push((path, text));
    }
    // A macro or a function of another file can make lines be seen.
    let sees_lines = originals.iter().any(|(_, text)| POSITIONS.iter().any(|it| text.contains(it)));
    for (path, text) in &originals {
        write(path, &with_comments(text, sees_lines))?;
    }
    let edited_sources = Sources::read(&subject.folder, &subject.root);
    let edited = edited_sources.and_then(|it| Ok((Ours::of_package(&subject.folder, &it)?, it)));
    for (path, text) in &originals {
        write(path, text)?;
    }
    let (edited, edited_sources) = edited?;
    // Lines move, the order of functions doesn't.
    if sources.functions.len() != edited_sources.functions.len() {
        return Err(Error::new(format!(
            "{}: an edit of comments changed the functions",
            subject.name
        )));
    }
    let changed = changes(ours, &edited);
    Ok(changed.into_iter().map(|it| name(sources, ours, it)).collect())
}

/// Names by which code can see its own position or text.
const POSITIONS: [&str; 9] = [
    "line!",
    "column!",
    "file!",
    "module_path!",
    "dbg!",
    "stringify!",
    "Location::caller",
    "#[track_caller]",
    "include!",
];

/// Puts comments and blank lines before each item that begins a line, and after the last one; only
/// after the last one where lines can be seen.
fn with_comments(text: &str, sees_lines: bool) -> String {
    const COMMENT: &str = "\n// Nothing.\n\n";
    let mut starts: BTreeSet<usize> = BTreeSet::new();
    if !sees_lines && let Ok(file) = syn::parse_file(text) {
        starts.extend(file.items.iter().map(|it| syn::spanned::Spanned::span(it).start().line));
    }
    let mut edited = String::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // What begins within a line has another item before it there.
        if starts.contains(&(index + 1)) && !line.starts_with([' ', '\t']) {
            edited += COMMENT;
        }
        edited += line;
    }
    edited + COMMENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_before_items_and_not_within_them() {
        let edited = with_comments("//! Docs.\nuse a::b;\n/// Doc.\nfn f() {\n    g()\n}\n", false);
        let comment = "\n// Nothing.\n\n";
        let expected = format!(
            "//! Docs.\n{comment}use a::b;\n{comment}/// Doc.\nfn f() {{\n    g()\n}}\n{comment}"
        );
        assert_eq!(edited, expected);
    }

    #[test]
    fn lines_stay_where_code_can_see_them() {
        let text = "fn a() {}\nfn f() -> u32 { line!() }\n";
        assert_eq!(with_comments(text, true), format!("{text}\n// Nothing.\n\n"));
    }
}
