//! docs/surface.md: every row names a test that there is.

use std::{collections::BTreeSet, fs};

use perennial_tests::workspace;

#[test]
fn every_row_is_shown_by_a_test() {
    let table = fs::read_to_string(workspace().join("docs/surface.md")).unwrap();
    let rows = table.lines().filter(|it| it.starts_with("| ") && !it.starts_with("| ---"));
    let mut missing = BTreeSet::new();
    let mut count = 0;
    for row in rows {
        let Some(test) = row.trim_end_matches(" |").rsplit("| ").next() else { continue };
        let Some((module, name)) = test.trim_matches('`').split_once("::") else { continue };
        let path = workspace().join(format!("tests/it/{module}.rs"));
        let source = fs::read_to_string(path).unwrap_or_default();
        count += 1;
        let is_test = |form: &str| source.contains(&format!("test]\n{form} {name}()"));
        if !is_test("fn") && !is_test("async fn") {
            missing.insert(test);
        }
    }
    assert!(missing.is_empty(), "there is no {missing:?}");
    assert!(count > 35, "only {count} rows are read");
}
