//! The ledger: what the analysis could not follow and what state functions read, from the analysis to
//! lines with the chain of calls that leads to each. Decides nothing about a build.

use std::collections::BTreeMap;

use crate::{analysis::Analysis, facts::Finding, function::Function, kind::Kind, program::ItemId};

/// Something in the code that the analysis could not follow, or state that code reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct LedgerLine {
    /// What kind of thing it is.
    pub kind: Kind,
    /// The name or the code in question.
    pub what: String,
    /// The file, relative to the package.
    pub file: String,
    /// The line, one-based.
    pub line: usize,
    /// The column, one-based, in characters.
    pub column: usize,
    /// The item in which it stands.
    pub item: String,
    /// The digest of the executable enters the keys of what reaches it.
    pub needs_executable: bool,
    /// Every memoized function that reaches it has its value in its keys.
    pub is_in_key: bool,
    /// A memoized function reaches it.
    pub is_reached_by_memo: bool,
    /// The memoized functions that reach it and don't settle it, by their paths, sorted.
    pub memoized: Vec<String>,
    /// The memoized functions that reach it and settle it: by `allow(…)`, or with its value in their keys.
    pub settled_by: Vec<String>,
    /// The items on the way from the first of these functions to the item in which it stands, both
    /// included; empty where no memoized function reaches it.
    pub chain: Vec<String>,
}

impl LedgerLine {
    /// Says in words what it does to the keys of the memoized functions that reach it.
    #[must_use]
    pub const fn effect(&self) -> &'static str {
        if self.needs_executable {
            "keyed by the executable"
        } else if self.is_in_key {
            "in the key"
        } else {
            "not in the key"
        }
    }
}

/// Lists all findings, each place once, by kind.
pub(crate) fn ledger(analysis: &Analysis) -> Vec<LedgerLine> {
    let program = &analysis.program;
    let mut found: BTreeMap<_, Vec<Reader<'_>>> = BTreeMap::new();
    // Builds with and without tests have items of their own at one place.
    let place = |id: ItemId| {
        let item = program.item(id);
        (program.sources.get(item.file).label.as_str(), item.path.as_str())
    };
    for (id, finding) in &analysis.functions.findings {
        found.entry((finding, place(*id))).or_default();
    }
    for function in analysis.functions.all.iter().filter(|it| it.is_memoized) {
        for (id, finding) in &function.findings {
            found.entry((finding, place(*id))).or_default().push((function, *id));
        }
    }
    let lines = found.into_iter().map(|((finding, (file, item)), readers)| {
        let place = (file.to_owned(), item.to_owned());
        line(analysis, finding, place, readers)
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}

/// A memoized function that reaches a finding, and the item in which that stands.
type Reader<'a> = (&'a Function, ItemId);

fn line(
    analysis: &Analysis,
    finding: &Finding,
    (file, item): (String, String),
    mut readers: Vec<Reader<'_>>,
) -> LedgerLine {
    let path = |function: &Function| analysis.program.item(function.item).path.clone();
    readers.sort_by_key(|(it, _)| (it.settles(finding), path(it)));
    let paths = |is_settled: bool| {
        let these = readers.iter().filter(|(it, _)| it.settles(finding) == is_settled);
        let mut paths: Vec<_> = these.map(|(it, _)| path(it)).collect();
        paths.dedup();
        paths
    };
    LedgerLine {
        kind: finding.kind,
        what: finding.what.clone(),
        file,
        line: finding.place.line,
        column: finding.place.column + 1,
        item,
        needs_executable: finding.kind.needs_executable(),
        is_in_key: !readers.is_empty() && readers.iter().all(|(it, _)| it.has_in_key(finding)),
        is_reached_by_memo: !readers.is_empty(),
        memoized: paths(false),
        settled_by: paths(true),
        chain: readers.first().map(|(it, id)| chain(analysis, it, *id)).unwrap_or_default(),
    }
}

/// Returns the paths of the items that lead from a function to one that it reaches.
pub(crate) fn chain(analysis: &Analysis, start: &Function, end: ItemId) -> Vec<String> {
    let steps = start.reached.chain_to(end).into_iter().rev();
    steps.map(|(id, _)| analysis.program.item(id).path.clone()).collect()
}
