//! Packages written to a temporary folder and analysed there.

use std::{collections::BTreeMap, fs, path::Path};

use perennial_build::{Build, Row, Table};

/// Files of a package, by path; a manifest is added where there is none.
pub(crate) fn table(files: &[(&str, &str)]) -> Table {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    Table::of_package(folder.path().join(package_of(files))).unwrap()
}

/// The code signatures in a build, by the last name of the function.
pub(crate) fn code_signatures(files: &[(&str, &str)], build: &Build) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let table = Table::of_build(folder.path().join(package_of(files)), build).unwrap();
    let last = |path: &str| path.rsplit("::").next().unwrap().to_owned();
    let signature = |row: &Row| (last(&row.path), row.code_signature().to_string());
    table.rows.iter().map(signature).collect()
}

/// The folder of the package among the files.
pub(crate) fn package_of(files: &[(&str, &str)]) -> &'static str {
    if files.iter().any(|(path, _)| path.starts_with("app/")) { "app" } else { "." }
}

pub(crate) fn write(folder: &Path, files: &[(&str, &str)]) {
    if !files.iter().any(|(path, _)| path.ends_with("Cargo.toml")) {
        fs::write(folder.join("Cargo.toml"), "[package]\nname = \"demo\"\nedition = \"2024\"\n")
            .unwrap();
    }
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Signatures by the last name of the function.
pub(crate) fn signatures(table: &Table) -> BTreeMap<String, String> {
    let last = |path: &str| path.rsplit("::").next().unwrap().to_owned();
    table.rows.iter().map(|row| (last(&row.path), row.signature.to_string())).collect()
}

/// Checks which functions of `before` get another signature in `after`.
#[track_caller]
pub(crate) fn check(before: &str, after: &str, must_miss: &[&str]) {
    check_files(&[("src/lib.rs", before)], &[("src/lib.rs", after)], must_miss);
}

#[track_caller]
pub(crate) fn check_files(before: &[(&str, &str)], after: &[(&str, &str)], must_miss: &[&str]) {
    let (before, after) = (table(before), table(after));
    assert!(before.problems.is_empty(), "{:?}", before.problems);
    assert!(after.problems.is_empty(), "{:?}", after.problems);
    assert!(before.ledger.is_empty(), "{:?}", before.ledger);
    let (old, new) = (signatures(&before), signatures(&after));
    let mut missed: Vec<_> =
        old.iter().filter(|(name, it)| new.get(*name).is_some_and(|new| new != *it)).collect();
    missed.sort();
    let missed: Vec<_> = missed.into_iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = must_miss.to_vec();
    expected.sort_unstable();
    assert_eq!(missed, expected);
}
