//! Programs that must not compile: `tests/refused/NAME.rs`, and what the compiler says of each in
//! `NAME.stderr`. One mistake is one error, and it says what to write instead.
//!
//! `PERENNIAL_BLESS=1` writes the `.stderr` files anew.

use std::{collections::BTreeMap, env, fs};

use perennial_tests::{Project, workspace};

#[test]
fn every_refused_program_gets_one_error_that_helps() {
    let folder = workspace().join("tests/refused");
    let project = Project::memoizing("refused", "fn main() {}\n");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "rs") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            project.write(&format!("src/bin/{name}.rs"), &fs::read_to_string(&path).unwrap());
            names.push(name);
        }
    }
    assert!(names.len() >= 40, "only {} programs", names.len());
    let output = project.cargo(&["check", "--bins", "--keep-going", "-q", "--message-format=json"]);
    let errors = errors(&output.stdout);
    let mut wrong = Vec::new();
    for name in names {
        let found = errors.get(&name).map(Vec::as_slice).unwrap_or_default();
        if found.len() != 1 {
            wrong.push(format!("{name} has {} errors:\n{}", found.len(), found.concat()));
            continue;
        }
        let path = folder.join(format!("{name}.stderr"));
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if found[0] == expected {
            continue;
        }
        if env::var_os("PERENNIAL_BLESS").is_some() {
            fs::write(&path, &found[0]).unwrap();
        } else {
            wrong.push(format!("{name} should say\n{expected}and says\n{}", found[0]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The errors of each program, as the compiler renders them, without what depends on the machine.
fn errors(messages: &str) -> BTreeMap<String, Vec<String>> {
    let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in messages.lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let (target, message) = (&message["target"]["name"], &message["message"]);
        let text = message["rendered"].as_str().unwrap_or_default();
        let is_sum = text.contains("aborting due to");
        if message["level"] == "error" && !is_sum {
            let target = target.as_str().unwrap_or_default().to_owned();
            errors.entry(target).or_default().push(told(text));
        }
    }
    errors
}

/// Keeps of our own errors all, and of the compiler's the message and the place: the rest differs by release
/// and by the versions of others.
fn told(text: &str) -> String {
    let count = if text.starts_with("error[") { 2 } else { usize::MAX };
    text.trim_end().lines().take(count).flat_map(|it| [it, "\n"]).collect()
}
