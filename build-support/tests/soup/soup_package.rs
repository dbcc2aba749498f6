//! A package of soup on disk, and what must hold of its analysis: it ends, and says the same twice.

use std::{fs, path::Path};

use perennial_build::{Row, Table};
use tempfile::TempDir;

use super::{Choices, Freedom, Source};

const MANIFEST: &str = "[package]\nname = \"demo\"\nedition = \"2024\"\n[features]\nx = []\ny = []\n\
                        [dependencies]\nserde = \"1\"\ndep = { path = \"dep\" }\n";
const DEPENDENCY: &str = "[package]\nname = \"dep\"\nedition = \"2021\"\n";
const PATHS: [&str; 4] = ["src/lib.rs", "src/a.rs", "src/main.rs", "dep/src/lib.rs"];

/// A folder that one package after another is written to.
pub(crate) struct SoupPackage {
    folder: TempDir,
}

impl SoupPackage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for path in ["src", "dep/src"] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(folder.path().join("dep/Cargo.toml"), DEPENDENCY).unwrap();
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes the sources that choices say, by their paths.
    pub(crate) fn sources(choices: &mut Choices<'_>, freedom: Freedom) -> [Source; 4] {
        [12, 4, 3, 5].map(|count| Source::of(choices, freedom, count))
    }

    /// Analyses sources twice, and checks that nothing differs.
    #[track_caller]
    pub(crate) fn check(&self, texts: &[impl AsRef<[u8]>]) -> Table {
        self.write(texts);
        let [first, second] = [(); 2].map(|()| Table::of_package_and_tests(self.folder()).unwrap());
        assert_eq!(first.rows, second.rows);
        assert_eq!(first.test_rows, second.test_rows);
        assert_eq!(first.items, second.items);
        assert_eq!(first.ledger, second.ledger);
        assert_eq!(first.problems, second.problems);
        first
    }

    /// Checks that sources which differ between their tokens and by the order of their items have the
    /// same signatures.
    #[track_caller]
    pub(crate) fn check_edits(&self, sources: &[Source], choices: &mut Choices<'_>) {
        let before: Vec<_> = sources.iter().map(Source::to_string).collect();
        let after: Vec<_> = sources.iter().map(|it| it.edited(choices)).collect();
        self.write(&before);
        let table = Table::of_package_and_tests(self.folder()).unwrap();
        // What can't be parsed is signed by its bytes.
        if !table.problems.is_empty() {
            return;
        }
        self.write(&after);
        let edited = Table::of_package_and_tests(self.folder()).unwrap();
        assert_eq!(edited.problems, [""; 0]);
        let of_all = |it: &Table| [signatures(&it.rows), signatures(&it.test_rows)];
        assert_eq!(
            of_all(&table),
            of_all(&edited),
            "\n{}\n=>\n{}",
            before.join("\n"),
            after.join("\n")
        );
    }

    fn write(&self, texts: &[impl AsRef<[u8]>]) {
        for (index, path) in PATHS.iter().enumerate() {
            let text = texts.get(index).map_or(&[][..], AsRef::as_ref);
            fs::write(self.folder.path().join(path), text).unwrap();
        }
    }
}

fn signatures(rows: &[Row]) -> Vec<(String, String, bool)> {
    let row = |it: &Row| (it.path.clone(), it.signature.to_string(), it.needs_executable);
    let mut signatures: Vec<_> = rows.iter().map(row).collect();
    signatures.sort();
    signatures
}
