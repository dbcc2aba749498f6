//! The example program: a copy of it is edited, rebuilt and run.

use std::collections::BTreeSet;

use perennial_build::Table;
use perennial_tests::{Project, workspace};

/// Files that the example looks at in these tests.
const FILES: usize = 6;

struct Example(Project);

impl Example {
    fn new(name: &str) -> Self {
        let members = ["build-support", "macros", "runtime", "example-app"];
        Self(Project::copy_of_members(name, &members))
    }

    /// Runs the program and returns its hits and misses.
    fn run(&self) -> (usize, usize) {
        let folder = workspace().join("build-support").join("src");
        let folder = folder.to_str().unwrap();
        let limit = FILES.to_string();
        let output =
            self.0.run(&["run", "-q", "-p", "example-app", "--", folder, "--limit", &limit]);
        let line = output.lines().last().unwrap();
        let counts = line.strip_prefix("perennial: ").unwrap_or_else(|| panic!("{output}"));
        let mut numbers = counts.split(' ').filter_map(|it| it.parse().ok());
        (numbers.next().unwrap(), numbers.next().unwrap())
    }

    fn signatures(&self) -> BTreeSet<(String, String)> {
        let table = Table::of_package(self.0.folder().join("example-app")).unwrap();
        assert!(table.problems.is_empty(), "{:?}", table.problems);
        table.rows.into_iter().map(|it| (it.path, it.signature.to_string())).collect()
    }

    /// Edits a file, and returns the functions whose signature changed.
    fn edit(&self, path: &str, from: &str, to: &str) -> BTreeSet<String> {
        let before = self.signatures();
        self.0.edit(path, from, to);
        let after = self.signatures();
        after.difference(&before).map(|(path, _)| path.clone()).collect()
    }
}

const SHINGLE: &str = "example-app/src/shingle.rs";
const LSH: &str = "example-app/src/lsh.rs";

#[test]
fn exactly_the_functions_that_reach_an_edit_miss() {
    let example = Example::new("example-edits");
    let files = FILES;
    assert_eq!(example.run(), (0, files + 1));
    assert_eq!(example.run(), (files + 1, 0));

    // A statement in a helper two calls below `sketch`: `sketch` -> `shingles` -> `hash_word`.
    let from = "fn hash_word(word: &str) -> u64 {\n";
    let to = "fn hash_word(word: &str) -> u64 {\n    let _longer = word.len() + 1;\n";
    let changed = example.edit(SHINGLE, from, to);
    let reaches = [
        "example_app::main",
        "example_app::minhash::sketch",
        "example_app::run",
        "example_app::shingle::hash_word",
        "example_app::shingle::shingles",
        "example_app::shingle::tests::a_text_of_n_words_has_n_minus_four_shingles",
        "example_app::shingle::tests::space_and_case_do_not_matter_and_order_does",
        "example_app::sketch_all",
    ];
    assert_eq!(changed, reaches.map(str::to_owned).into());
    // The sketches come out as before, so that the pairs are still known by their arguments.
    assert_eq!(example.run(), (1, files));
    assert_eq!(example.run(), (files + 1, 0));

    // Back to the first version: its results are still there.
    example.0.edit(SHINGLE, to, from);
    assert_eq!(example.run(), (files + 1, 0));

    // A helper of the other memoized function.
    example.0.edit(
        LSH,
        "let mut candidates = BTreeSet::new();\n",
        "let mut candidates = BTreeSet::new();\n    let _bands = FUNCTIONS / ROWS;\n",
    );
    assert_eq!(example.run(), (files, 1));
}

#[test]
fn edits_that_change_no_code_that_is_reached_miss_nothing() {
    let example = Example::new("example-comments");
    let files = FILES;
    assert_eq!(example.run(), (0, files + 1));

    // Comments, documentation and blank lines.
    let none = BTreeSet::new();
    let changed = example.edit(
        SHINGLE,
        "/// Hashes a word without regard to case (FNV-1a).\n",
        "// Moved down.\n\n\n/// Hashes words; other documentation.\n/// And more of it.\n#[inline]\n",
    );
    assert_eq!(changed, none);
    // Formatting.
    let changed = example.edit(
        SHINGLE,
        "words.iter().fold(0, |hash, word| mix(hash ^ word))",
        "words\n        .iter()\n        .fold(\n            0, |hash, word|   mix( hash^word ),\n        )",
    );
    assert_eq!(changed, none);
    // The order of items.
    let text = example.0.read(SHINGLE);
    let start = text.find("fn hash_run").unwrap();
    let end = start + text[start..].find("\n}\n").unwrap() + 3;
    let function = &text[start..end];
    let moved = text
        .replace(function, "")
        .replace("/// How many words", &format!("{function}\n/// How many words"));
    let before = example.signatures();
    example.0.write(SHINGLE, &moved);
    assert_eq!(example.signatures(), before);
    // A function that nothing memoized reaches.
    let changed = example.edit(
        "example-app/src/report.rs",
        "const SHOWN: usize = 15;",
        "const SHOWN: usize = 14;",
    );
    assert!(!changed.iter().any(|it| it.contains("minhash") || it.contains("lsh")), "{changed:?}");

    assert_eq!(example.run(), (files + 1, 0));
}
