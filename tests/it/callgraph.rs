//! The measurement of the closure, on a crate that has every way to reach a function.

use std::collections::BTreeMap;

use perennial_tests::{
    callgraph::{Measure, Workshop, measure},
    workspace,
};

fn measured() -> Measure {
    let executable = std::env::current_exe().expect("the test's own path");
    let target = executable.ancestors().nth(3).expect("target/profile/deps/test");
    let workshop = Workshop::open(&target.join("callgraph-fixture")).unwrap();
    let subject = workshop.copy(&workspace().join("tests/callgraph/fixture"), false).unwrap();
    measure(&workshop, &subject, 100).unwrap()
}

/// Leaves the crate's name and the places out.
fn short(name: &str) -> &str {
    name.split(" (").next().unwrap_or(name).trim_start_matches("fixture::")
}

#[test]
fn the_reference_has_calls_dispatch_drops_pointers_and_closures_and_the_closure_finds_them() {
    let measure = measured();
    let real: BTreeMap<&str, Vec<&str>> = measure
        .real
        .iter()
        .map(|(from, to)| (short(from), to.iter().map(|it| short(it)).collect()))
        .collect();
    let areas = ["<Square as Shape>::area", "<Disc as Shape>::area"];
    let expected: [(&str, &[&str]); 13] = [
        ("<Square as Shape>::area", &["squared"]),
        // By slots of vtables only: the areas, and `double`, which nothing calls here.
        ("scene", &["total"]),
        ("total", &[]),
        ("largest", &["Shape::double", areas[0], "squared"]),
        ("guarded", &["<Guard as Drop>::drop", "release"]),
        ("hooked", &["hook"]),
        ("mapped", &["step"]),
        // What callers pass is theirs.
        ("apply", &[]),
        ("applied", &["hook", "step", "apply"]),
        // A function that a macro made is passed through.
        ("calls_made", &["step"]),
        // Only constants have what these computed.
        ("looks_up", &["size", "table"]),
        ("inlines", &["step", "inlined"]),
        ("tests::squares_are_measured", &["Shape::double", areas[0], "squared", "largest"]),
    ];
    for (from, to) in expected {
        assert_eq!(real.get(from).map(Vec::as_slice), Some(to), "{from} in {real:#?}");
    }
    assert_eq!(measure.missed, Vec::<[String; 2]>::new());
    assert_eq!(measure.without_row, Vec::<String>::new());
    let double = measure.missed_slots.iter().map(|[from, to]| [short(from), short(to)]);
    assert_eq!(double.collect::<Vec<_>>(), [["scene", "Shape::double"]]);
    assert_eq!(measure.missed_constants, Vec::<[String; 2]>::new());
    let all = measure.figures.all();
    // `HOOK` of `hooked`, `TABLE` and `SIZE` of `looks_up`, `SIZE` of `table`.
    assert_eq!((all.constants, all.found_constants), (4, 4));
    assert_eq!((all.by_slots, all.found_by_slots), (4, 3));
    assert_eq!(all.found, all.real);
    assert_eq!(all.real, real.values().map(Vec::len).sum::<usize>());
    assert_eq!(measure.figures.test.starts, 1);

    let mutations = measure.mutations;
    assert_eq!(mutations.edits, measure.functions);
    assert_eq!(mutations.real, all.real);
    for pairs in [mutations.missed, mutations.unchanged, mutations.unexpected] {
        assert_eq!(pairs, Vec::<[String; 2]>::new());
    }
    assert_eq!(mutations.neutral, Vec::<String>::new());
}
