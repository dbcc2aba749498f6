//! Stage 8: from the analysis to the signature table as a value, for programs that read it and for
//! the files that `emit` writes.

use std::path::Path;

use crate::{analysis, digest::Digest, error::Error};

/// The signature table of a package: every function of its targets with its source signature.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), perennial_build::Error> {
/// let table = perennial_build::Table::of_package(env!("CARGO_MANIFEST_DIR"))?;
/// let row = table.rows.iter().find(|it| it.path == "perennial_build::table::Table::of_package");
/// assert!(row.is_none(), "methods are named after their impl");
/// let row = table.rows.iter().find(|it| it.path == "perennial_build::table::<Table>::of_package");
/// assert_eq!(row.unwrap().file, "src/table.rs");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// One row a function, by target, file and line.
    pub rows: Vec<Row>,
    /// What the analysis could not follow.
    pub ledger: Vec<LedgerLine>,
    /// Sources that could not be read, as `path:line:column: message`.
    pub problems: Vec<String>,
}

/// A function of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `crate_name::module::name`; methods as `crate_name::module::<Type as Trait>::name`.
    pub path: String,
    /// The kind and name of its target, such as `lib my_crate`.
    pub target: String,
    /// The file, relative to the package.
    pub file: String,
    /// The line of its `fn`, one-based.
    pub line: usize,
    /// SHA-256 over its own digest and those of everything that it reaches.
    pub signature: Digest,
    /// It has `#[memo]`.
    pub is_memoized: bool,
    /// What it reaches can't be followed by syntax alone, so that calls are also keyed by the
    /// digest of the running executable.
    pub needs_executable: bool,
    /// Paths of the items that it reaches, sorted.
    pub reaches: Vec<String>,
}

/// Something in the code that the analysis could not follow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerLine {
    /// What kind of thing it is, in words.
    pub kind: &'static str,
    /// The name or the code in question.
    pub what: String,
    /// The file, relative to the package.
    pub file: String,
    /// The line, one-based.
    pub line: usize,
    /// The item in which it stands.
    pub item: String,
    /// The digest of the executable enters the keys of what reaches it.
    pub needs_executable: bool,
    /// A memoized function reaches it.
    pub is_reached_by_memo: bool,
}

impl Table {
    /// Analyses the package in a folder, with or without a build script.
    ///
    /// # Errors
    ///
    /// Where a `Cargo.toml` can't be read. Sources that can't be are [`Table::problems`].
    pub fn of_package(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let folder = folder.canonicalize().map_err(|error| Error::io("find", folder, error))?;
        let analysis = analysis::analyse(&folder, None, &|name| std::env::var(name).ok())?;
        Ok(Self::of(&analysis))
    }

    pub(crate) fn of(analysis: &analysis::Analysis) -> Self {
        let program = &analysis.program;
        let mut rows: Vec<_> = analysis
            .functions
            .iter()
            .map(|function| {
                let item = program.item(function.item);
                let target = &analysis.targets[function.target].target;
                let mut reaches: Vec<_> =
                    function.reached.keys().map(|it| program.item(*it).path.clone()).collect();
                reaches.sort();
                Row {
                    path: item.path.clone(),
                    target: format!("{} {}", target.kind.name(), target.name),
                    file: program.sources.get(item.file).label.clone(),
                    line: item.line,
                    signature: function.signature,
                    is_memoized: function.is_memoized,
                    needs_executable: function.needs_executable(),
                    reaches,
                }
            })
            .collect();
        rows.sort_by(|a, b| {
            (&a.target, &a.file, a.line, &a.path).cmp(&(&b.target, &b.file, b.line, &b.path))
        });
        Self { rows, ledger: ledger(analysis), problems: program.problems.clone() }
    }
}

fn ledger(analysis: &analysis::Analysis) -> Vec<LedgerLine> {
    let program = &analysis.program;
    let mut lines = std::collections::BTreeMap::new();
    for function in &analysis.functions {
        for (id, finding) in &function.findings {
            let item = program.item(*id);
            let line = lines.entry((*id, finding)).or_insert_with(|| LedgerLine {
                kind: finding.kind.describe(),
                what: finding.what.clone(),
                file: program.sources.get(item.file).label.clone(),
                line: finding.line,
                item: item.path.clone(),
                needs_executable: finding.kind.needs_executable(),
                is_reached_by_memo: false,
            });
            line.is_reached_by_memo |= function.is_memoized;
        }
    }
    let mut lines: Vec<_> = lines.into_values().collect();
    lines.sort();
    lines.dedup();
    lines
}
