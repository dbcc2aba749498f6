//! Attacks on the analysis: an edit goes in, with what it must do to a function's signature; what is not so comes out,
//! and must be what `tests/attacks/exceptions.txt` lists. Nothing is compiled here.
//!
//! `tests/attacks/GROUP.txt` holds cases, with an empty line between two:
//!
//! ```text
//! ==== GROUP: TITLE | miss FUNCTION EDITION | CALL
//! TEXT
//! ```
//!
//! - `miss`: the function gets another signature, or is keyed by the executable before and after. `same`: it keeps it.
//! - `CALL` may be left out. It is an expression whose value, once compiled, differs (`miss`) or does not (`same`): it
//!   shows a reader that the demand is right.
//! - `«A¦B»` in `TEXT` is `A` before the edit and `B` after it; `␍` is a carriage return, which git would not keep.
//! - `TEXT` is `src/lib.rs` up to a line `//// PATH`, with which another file begins. The package is `app` where a path
//!   begins with it. The line break before the empty line is not part of the text.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, panic,
    path::{Path, PathBuf},
    thread,
};

use perennial_build::Table;

use crate::package::{package_of, write};

#[test]
fn edits_that_matter_are_seen_and_others_are_not_but_for_the_exceptions() {
    let texts = texts();
    let cases: Vec<Vec<Case<'_>>> =
        texts.iter().map(|(group, text)| cases_of(group, text)).collect();
    let mut names = BTreeSet::new();
    for case in cases.iter().flatten() {
        assert!(names.insert(case.name), "two cases are called `{}`", case.name);
    }
    let exceptions = fs::read_to_string(folder().join(EXCEPTIONS)).unwrap();
    let exceptions = exceptions_of(&exceptions);
    for name in &exceptions {
        assert!(names.contains(name), "{EXCEPTIONS}: there is no case `{name}`");
    }

    let failures: Vec<String> = thread::scope(|scope| {
        let exceptions = &exceptions;
        let check = |group| scope.spawn(move || failures(group, exceptions));
        let threads: Vec<_> = cases.iter().map(Vec::as_slice).map(check).collect();
        threads.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_case_is_read_as_it_is_written() {
    let text = "==== g: a || b | miss m::start 2021 | f(1 | 2)\n1«¦\n»\n\n\
                ==== g: c | same start 2024\n«x¦y»␍\n//// src/d.txt\nd\n\n";
    let cases = cases_of("g", text);
    let [first, second] = &cases[..] else { panic!("{} cases", cases.len()) };
    assert_eq!((first.name, first.must_miss), ("g: a || b", true));
    assert_eq!((first.function, first.edition), ("m::start", "2021"));
    assert_eq!(sides(first.text), ["1", "1\n"]);
    assert!(!second.must_miss);
    let [_, after] = sides(second.text);
    let expected = [("src/lib.rs", "y\r\n"), ("src/d.txt", "d\n")];
    assert_eq!(files_of(&after), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
}

const EXCEPTIONS: &str = "exceptions.txt";

struct Case<'a> {
    name: &'a str,
    must_miss: bool,
    function: &'a str,
    edition: &'a str,
    text: &'a str,
}

/// One side of a case, as the analysis sees it.
struct Seen {
    signature: String,
    needs_executable: bool,
    reaches: Vec<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks")
}

/// The texts of the groups, by name.
fn texts() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path());
    let groups = entries.filter(|it| it.file_name().is_some_and(|name| name != EXCEPTIONS));
    let text = |path: PathBuf| {
        let group = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (group, fs::read_to_string(&path).unwrap())
    };
    groups.map(text).collect()
}

fn cases_of<'a>(group: &str, text: &'a str) -> Vec<Case<'a>> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_prefix("==== ").unwrap_or_else(|| panic!("{group}: no case at its head"));
    text.split("\n\n==== ").map(|it| case_of(group, it)).collect()
}

fn case_of<'a>(group: &str, case: &'a str) -> Case<'a> {
    let (header, text) = case.split_once('\n').unwrap_or((case, ""));
    let fields: Vec<_> = header.splitn(3, " | ").collect();
    let words: Vec<_> = fields.get(1).into_iter().flat_map(|it| it.split(' ')).collect();
    let (&[expectation @ ("miss" | "same"), function, edition], Some((prefix, _))) =
        (&words[..], fields[0].split_once(": "))
    else {
        panic!("{group}: not `GROUP: TITLE | miss FUNCTION EDITION`: {header}")
    };
    assert_eq!(prefix, group, "a case stands in the file of its group: {header}");
    assert!(!text.contains("\n==== "), "no empty line before the next case: {header}");
    Case { name: fields[0], must_miss: expectation == "miss", function, edition, text }
}

/// The names of the cases that are not met.
fn exceptions_of(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#'));
    let mut exceptions = BTreeSet::new();
    for line in lines {
        let Some((name, _)) = line.split_once(" | ") else {
            panic!("{EXCEPTIONS}: no reason: {line}")
        };
        assert!(exceptions.insert(name), "{EXCEPTIONS}: `{name}` is listed twice");
    }
    exceptions
}

/// What stands between the cases and what is demanded of them, a line each.
fn failures(cases: &[Case<'_>], exceptions: &BTreeSet<&str>) -> Vec<String> {
    let failure = |case: &Case<'_>| {
        let complaint = match (unmet(case), exceptions.contains(case.name)) {
            (Ok(None), true) => format!("is met; remove it from {EXCEPTIONS}"),
            (Ok(Some(unmet)), false) => unmet,
            (Err(error), _) => format!("not analysed: {error}"),
            _ => return None,
        };
        Some(format!("{}: {complaint}", case.name))
    };
    cases.iter().filter_map(failure).collect()
}

/// Says how the signatures contradict the case, if they do.
fn unmet(case: &Case<'_>) -> Result<Option<String>, String> {
    let texts = sides(case.text);
    if texts[0] == texts[1] {
        return Err("nothing is edited".to_owned());
    }
    let [before, after] = texts.map(|text| seen(&text, case));
    let (before, after) = (before?, after?);
    let changed = before.signature != after.signature;
    let keyed = before.needs_executable && after.needs_executable;
    Ok(match case.must_miss {
        true if !changed && !keyed => Some(format!("stale: reaches {:?}", before.reaches)),
        false if changed => Some("needless: another signature".to_owned()),
        _ => None,
    })
}

fn seen(text: &str, case: &Case<'_>) -> Result<Seen, String> {
    let mut files = files_of(text);
    if !files.iter().any(|(path, _)| path == "Cargo.toml" || path.starts_with("app/")) {
        let edition = case.edition;
        let manifest = format!(
            "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\
             [dependencies]\nserde = \"1\"\nforeign = \"1\"\n"
        );
        files.push(("Cargo.toml".to_owned(), manifest));
    }
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files);
    let package = folder.path().join(package_of(&files));
    let table = panic::catch_unwind(|| Table::of_package(package))
        .map_err(|_| "the analysis panics")?
        .map_err(|error| error.to_string())?;
    if !table.problems.is_empty() {
        return Err(table.problems.join("; "));
    }

    let inner = format!("::{}", case.function);
    let rows = table.rows.iter().filter(|it| it.path == case.function || it.path.ends_with(&inner));
    // A library and a binary may both have it; the case is about the library's.
    let row = rows.min_by_key(|it| !it.target.starts_with("lib"));
    let row = row.ok_or_else(|| format!("no function `{}`", case.function))?;
    Ok(Seen {
        signature: row.signature.to_string(),
        needs_executable: row.needs_executable,
        reaches: table.paths_reached(row).into_iter().map(str::to_owned).collect(),
    })
}

/// The text before the edit and after it.
fn sides(text: &str) -> [String; 2] {
    let mut sides = [String::new(), String::new()];
    let mut rest = text;
    while let Some((same, marked)) = rest.split_once('«') {
        let (edit, tail) = marked.split_once('»').expect("`«` is closed by `»`");
        let (before, after) = edit.split_once('¦').expect("`¦` between `«` and `»`");
        sides[0].extend([same, before]);
        sides[1].extend([same, after]);
        rest = tail;
    }
    sides.map(|it| (it + rest).replace('␍', "\r"))
}

/// The files of one side, by path.
fn files_of(text: &str) -> Vec<(String, String)> {
    let mut files = vec![("src/lib.rs".to_owned(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//// ") {
            Some(path) => files.push((path.trim_end().to_owned(), String::new())),
            None => files.last_mut().expect("never empty").1.push_str(line),
        }
    }
    if files.len() > 1 && files[0].1.is_empty() {
        files.remove(0);
    }
    files
}
