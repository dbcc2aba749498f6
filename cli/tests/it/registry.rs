//! Published packages that know nothing of perennial: dependencies of this command, where cargo
//! keeps their sources.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crate::package::{Output, command};

/// Finds the sources of packages that this command is built from, in the versions of the lock file.
fn sources() -> BTreeMap<&'static str, PathBuf> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    let lock = fs::read_to_string(lock).unwrap().replace("\r\n", "\n");
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(env::home_dir()?.join(".cargo"))).unwrap();
    let registries: Vec<_> =
        fs::read_dir(home.join("registry/src")).unwrap().map(|it| it.unwrap().path()).collect();
    let folder = |name: &'static str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap();
        let folder = format!("{name}-{}", rest.split('"').next().unwrap());
        let found = registries.iter().map(|it| it.join(&folder)).find(|it| it.is_dir());
        (name, found.unwrap_or_else(|| panic!("cargo has no {folder}")))
    };
    ["anstyle", "clap_lex", "strsim", "walkdir"].map(folder).into()
}

fn table(folder: &Path) -> String {
    let mut command = command(&["table", "--format", "json", "--manifest-path"]);
    Output::of(command.arg(folder.join("Cargo.toml"))).answer()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn published_packages_have_tables_that_do_not_depend_on_their_place() {
    for (name, folder) in sources() {
        let text = table(&folder);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let library = rows.iter().filter(|it| it["target"] == "lib").count();
        assert!(library > 10, "{name} has {library}");
        for row in &rows {
            let source = fs::read_to_string(folder.join(row["file"].as_str().unwrap())).unwrap();
            let line = usize::try_from(row["line"].as_u64().unwrap()).unwrap();
            let line = source.lines().nth(line - 1).unwrap();
            // What a macro made has the line of the call.
            assert!(line.contains("fn") || line.contains('!'), "{name}: {row}: {line}");
        }
        let elsewhere = tempfile::tempdir().unwrap();
        let folder_elsewhere = elsewhere.path().join("a/b");
        copy(&folder, &folder_elsewhere);
        assert_eq!(text, table(&folder_elsewhere), "{name}");
    }
}

#[test]
fn published_packages_have_graphs_and_audits() {
    let folder = sources().remove("strsim").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = command(arguments);
        Output::of(command.arg("--manifest-path").arg(folder.join("Cargo.toml"))).answer()
    };
    let text = run(&["graph", "strsim::jaro_winkler"]);
    assert!(text.contains("strsim::generic_jaro_winkler  function src/lib.rs:"), "{text}");
    assert!(run(&["audit", "--memoized"]).starts_with("nothing"));
}
