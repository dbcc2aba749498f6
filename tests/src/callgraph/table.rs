//! From the table of `perennial-build` to reach sets over the functions of the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use perennial_build::{Build, Digest, Table, cargo_home};

use super::{
    error::Error,
    source::{ConstId, FnId, Sources},
};

/// What the table says of the library's functions.
#[derive(Debug, Default)]
pub(crate) struct Ours {
    pub(crate) rows: BTreeMap<FnId, Function>,
    /// How long the analysis took.
    pub(crate) time: Duration,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) path: String,
    pub(crate) signature: Digest,
    pub(crate) needs_executable: bool,
    /// In the build that the reference is of, with the tests; itself left out.
    pub(crate) reaches: BTreeSet<FnId>,
    /// In the plain build, or in the test build where only that has it; itself left out.
    pub(crate) reaches_plainly: BTreeSet<FnId>,
    pub(crate) constants: BTreeSet<ConstId>,
}

impl Ours {
    /// Analyses the package in a folder.
    pub(crate) fn of_package(folder: &Path, sources: &Sources) -> Result<Self, Error> {
        let begin = Instant::now();
        let failed = |error| Error::new(format!("{error}"));
        let build = cargo_home().map_or_else(Build::new, |it| Build::new().cargo_home(it));
        Table::of_build(folder, &build).map_err(failed)?;
        let time = begin.elapsed();
        let table = Table::of_build_and_tests(folder, &build).map_err(failed)?;
        let function = |path: &str, file: &str, line: usize| {
            sources.with_fn_at(Path::new(file), line, name(path))
        };
        let items = &table.items;
        let functions: Vec<_> =
            items.iter().map(|it| function(&it.path, &it.file, it.line)).collect();
        let constants: Vec<_> = items
            .iter()
            .map(|it| sources.constant_at(Path::new(&it.file), it.line, name(&it.path)))
            .collect();
        let mut rows: BTreeMap<FnId, Function> = BTreeMap::new();
        // Those of test builds last: they are what the reference is of.
        for row in table.rows.iter().chain(&table.test_rows) {
            if !(row.target.starts_with("lib ") || row.target.starts_with("proc-macro ")) {
                continue;
            }
            let Some(id) = function(&row.path, &row.file, row.line) else { continue };
            let found = table.reached(row);
            let mut reaches: BTreeSet<FnId> =
                found.iter().filter_map(|it| functions[it.item]).collect();
            reaches.remove(&id);
            let plain = rows.remove(&id).map(|it| it.reaches_plainly);
            rows.insert(
                id,
                Function {
                    path: row.path.clone(),
                    signature: row.signature,
                    needs_executable: row.needs_executable,
                    reaches_plainly: plain.unwrap_or_else(|| reaches.clone()),
                    reaches,
                    constants: found.iter().filter_map(|it| constants[it.item]).collect(),
                },
            );
        }
        Ok(Self { rows, time })
    }
}

/// Returns the last segment of a path.
fn name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path).trim_start_matches("r#")
}
