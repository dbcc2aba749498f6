//! The conformance suite: every case of `tests/conformance` against the tables of the package
//! before and after its edit. What isn't met must be in `exceptions.toml`, and nothing else.

use std::{collections::BTreeMap, fs, sync::LazyLock};

use perennial_tests::{Case, Demand, Outcome, Project, Verdict, workspace};
use serde::Deserialize;

static CASES: LazyLock<Vec<Case>> =
    LazyLock::new(|| Case::all(&workspace().join("tests/conformance")));
static VERDICTS: LazyLock<Vec<Verdict>> =
    LazyLock::new(|| CASES.iter().flat_map(Case::judge).collect());

/// How many in a hundred of the functions that must hit have to.
const HITS_PERCENT: usize = 99;

/// The same for the cases that ask for nothing but hits, all of whose functions have to. 95 is what the suite
/// demands.
const NEUTRAL_PERCENT: usize = 98;

/// What is known not to be met.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    /// Stale results: bugs.
    #[serde(default)]
    stale: Vec<Exception>,
    /// Misses that the build context brings about, which is not in a table of sources.
    #[serde(default)]
    context: Vec<Exception>,
    /// Needless misses.
    #[serde(default)]
    needless: Vec<Exception>,
    /// Lines that the ledger lacks.
    #[serde(default)]
    unreported: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    case: String,
    function: String,
    reason: String,
}

fn exceptions() -> Exceptions {
    let text = fs::read_to_string(workspace().join("tests/conformance/exceptions.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// Compares what is not met with what is known not to be.
#[track_caller]
fn check(demand: Demand, known: &[&[Exception]]) {
    let known: BTreeMap<_, _> = known
        .iter()
        .flat_map(|it| it.iter())
        .map(|it| ((it.case.as_str(), it.function.as_str()), it.reason.as_str()))
        .collect();
    assert!(known.values().all(|it| !it.is_empty()), "an exception without a reason");
    let unmet: Vec<_> = VERDICTS.iter().filter(|it| it.demand == demand && !it.is_met()).collect();
    let mut sentences = Vec::new();
    for verdict in &unmet {
        if !known.contains_key(&(verdict.case.as_str(), verdict.function.as_str())) {
            let (case, function) = (&verdict.case, &verdict.function);
            sentences.push(format!("{case}: {function}: {:?}", verdict.outcome));
        }
    }
    for (case, function) in known.keys() {
        if !unmet.iter().any(|it| it.case == **case && it.function == **function) {
            sentences.push(format!("{case}: {function} is met now: no exception is needed"));
        }
    }
    assert!(sentences.is_empty(), "{demand:?}:\n{}", sentences.join("\n"));
}

#[test]
fn an_edit_that_changes_a_result_misses() {
    let exceptions = exceptions();
    check(Demand::Miss, &[&exceptions.stale, &exceptions.context]);
}

#[test]
fn an_edit_that_can_not_change_a_result_hits() {
    check(Demand::Hit, &[&exceptions().needless]);
    let hits: Vec<_> = VERDICTS.iter().filter(|it| it.demand == Demand::Hit).collect();
    let met = hits.iter().filter(|it| it.is_met()).count();
    assert!(met * 100 >= hits.len() * HITS_PERCENT, "{met} of {} functions hit", hits.len());

    let neutral: Vec<_> = CASES.iter().filter(|it| it.is_neutral()).collect();
    let is_met = |case: &&&Case| VERDICTS.iter().all(|it| it.case != case.name || it.is_met());
    let met = neutral.iter().filter(is_met).count();
    assert!(met * 100 >= neutral.len() * NEUTRAL_PERCENT, "{met} of {} cases hit", neutral.len());
}

#[test]
fn what_is_no_source_is_reported() {
    check(Demand::Report, &[&exceptions().unreported]);
}

#[test]
fn every_function_that_a_case_names_is_in_the_table() {
    let absent: Vec<_> = VERDICTS.iter().filter(|it| it.outcome == Outcome::Absent).collect();
    assert!(absent.is_empty(), "{absent:#?}");
}

#[test]
fn half_of_the_cases_that_must_hit_are_from_the_history_of_known_crates() {
    assert!(CASES.len() >= 140, "{} cases", CASES.len());
    let (history, other): (Vec<_>, Vec<_>) =
        CASES.iter().filter(|it| it.is_neutral()).partition(|it| it.theme() == "history");
    assert!(history.len() >= 30, "{} from history", history.len());
    assert!(history.len() >= other.len(), "{} from history, {} not", history.len(), other.len());
    assert!(history.iter().all(|it| it.source.is_some()));
}

#[test]
fn edition_features_and_variables_of_the_package_are_in_the_key() {
    let project = Project::new(
        "conformance-context",
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\
                 [features]\ndefault = []\nfast = []\n\
                 [dependencies]\nperennial = { path = \"{root}/runtime\" }\n\
                 [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n\
                 [workspace]\n",
            ),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            (
                "src/main.rs",
                "#[perennial::memo]\nfn f() -> String { println!(\"computing\"); format!(\"{} {}\", \
                 cfg!(feature = \"fast\"), env!(\"CARGO_PKG_VERSION\")) }\n\
                 fn main() { println!(\"{}\", f()); }\n",
            ),
        ],
    );
    let run = || project.run(&["run", "-q"]);
    assert_eq!(run(), "computing\nfalse 1.0.0\n");
    assert_eq!(run(), "false 1.0.0\n");
    project.edit("Cargo.toml", "default = []", "default = [\"fast\"]");
    assert_eq!(run(), "computing\ntrue 1.0.0\n");
    project.edit("Cargo.toml", "1.0.0", "1.1.0");
    assert_eq!(run(), "computing\ntrue 1.1.0\n");
    project.edit("Cargo.toml", "2021", "2024");
    assert_eq!(run(), "computing\ntrue 1.1.0\n");
}
