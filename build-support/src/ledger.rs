//! The ledger: what the analysis could not follow and what state functions read, from the analysis to
//! lines with the chain of calls that leads to each. Decides nothing about a build.

use std::collections::BTreeMap;

use crate::{
    analysis::{Analysis, Function},
    facts::Finding,
    kind::Kind,
    program::ItemId,
};

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
    /// A memoized function reaches it.
    pub is_reached_by_memo: bool,
    /// The memoized functions that reach it and don't settle it, by their paths, sorted.
    pub memoized: Vec<String>,
    /// The memoized functions that reach it and settle it: by `allow(…)`, or, where it is a static, by
    /// listing it in `env(…)`.
    pub settled_by: Vec<String>,
    /// The items on the way from the first of these functions to the item in which it stands, both
    /// included; empty where no memoized function reaches it.
    pub chain: Vec<String>,
}

/// Lists all findings, each once, by kind and place.
pub(crate) fn ledger(analysis: &Analysis) -> Vec<LedgerLine> {
    let mut found: BTreeMap<(ItemId, &Finding), Vec<&Function>> = BTreeMap::new();
    for function in &analysis.functions {
        for (id, finding) in &function.findings {
            let memoized = found.entry((*id, finding)).or_default();
            memoized.extend(function.is_memoized.then_some(function));
        }
    }
    let mut lines: Vec<_> =
        found.into_iter().map(|((id, finding), by)| line(analysis, id, finding, by)).collect();
    lines.sort();
    lines.dedup();
    lines
}

fn line(analysis: &Analysis, id: ItemId, finding: &Finding, mut by: Vec<&Function>) -> LedgerLine {
    let program = &analysis.program;
    by.sort_by_key(|it| (it.settles(finding), &program.item(it.item).path));
    let paths = |is_settled: bool| {
        let these = by.iter().filter(|it| it.settles(finding) == is_settled);
        let mut paths: Vec<_> = these.map(|it| program.item(it.item).path.clone()).collect();
        paths.dedup();
        paths
    };
    let item = program.item(id);
    LedgerLine {
        kind: finding.kind,
        what: finding.what.clone(),
        file: program.sources.get(item.file).label.clone(),
        line: finding.place.line,
        column: finding.place.column + 1,
        item: item.path.clone(),
        needs_executable: finding.kind.needs_executable(),
        is_reached_by_memo: !by.is_empty(),
        memoized: paths(false),
        settled_by: paths(true),
        chain: by.first().map(|it| chain(analysis, it, id)).unwrap_or_default(),
    }
}

/// Returns the paths of the items that lead from a function to one that it reaches.
fn chain(analysis: &Analysis, start: &Function, end: ItemId) -> Vec<String> {
    let mut paths = Vec::new();
    let mut next = end;
    while let Some(cause) = start.reached.get(&next) {
        paths.push(analysis.program.item(next).path.clone());
        if cause.from == next {
            break;
        }
        next = cause.from;
    }
    paths.reverse();
    paths
}
