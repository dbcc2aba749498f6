//! The slow proof that the cases mean what they say: compiles a package before and after the edit,
//! runs the expressions that show its functions' results, and compares. Knows nothing of perennial.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    case::{self, Case, Compile},
    project::workspace,
};

/// Compiles and runs a case in a folder, and returns what contradicts it, as sentences.
///
/// # Panics
///
/// Where files can't be written or a compiler can't be started.
#[must_use]
pub fn contradictions(case: &Case, folder: &Path) -> Vec<String> {
    if matches!(case.compile, Compile::No(_)) {
        return Vec::new();
    }
    let sides = [("before", &case.before), ("after", &case.after)]
        .map(|(side, files)| run(case, &folder.join(&case.name).join(side), files));
    let [before, after] = match sides {
        [Ok(before), Ok(after)] => [before, after],
        [Err(error), _] => return vec![format!("{} before: {error}", case.name)],
        [_, Err(error)] => return vec![format!("{} after: {error}", case.name)],
    };
    let mut sentences = Vec::new();
    for function in case.must_miss.keys() {
        if before[function] == after[function] {
            sentences.push(format!(
                "{}: {function} must miss, and gives {} before and after",
                case.name, before[function]
            ));
        }
    }
    for function in case.must_hit.keys() {
        if before[function] != after[function] {
            sentences.push(format!(
                "{}: {function} must hit, and gives {} before and {} after",
                case.name, before[function], after[function]
            ));
        }
    }
    sentences
}

/// Returns each function's result as text, or what the compiler said.
fn run(
    case: &Case,
    folder: &Path,
    files: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("the earlier folder is removed");
    }
    case::write(folder, files);
    fs::create_dir_all(folder.join("examples")).expect("a folder");
    fs::write(folder.join("examples/observer.rs"), observer(case)).expect("a file is written");
    let printed = if case.compile == Compile::Cargo {
        if !files.contains_key("Cargo.lock") {
            fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock"))
                .expect("the lock file is copied");
        }
        let target = folder.ancestors().nth(3).expect("the folder of the cases").join("target");
        let mut cargo = tool("CARGO", "cargo");
        cargo.args(["run", "-q", "--example", "observer"]).env("CARGO_NET_OFFLINE", "true");
        output(cargo.env("CARGO_TARGET_DIR", target).current_dir(folder))?
    } else {
        let rustc = |arguments: &[&str]| {
            let mut rustc = tool("RUSTC", "rustc");
            rustc.args(["--edition", "2024", "--cap-lints", "allow"]).args(arguments);
            output(rustc.env("CARGO_MANIFEST_DIR", folder).current_dir(folder))
        };
        rustc(&["--crate-name", "case", "--crate-type", "lib", "src/lib.rs"])?;
        rustc(&["--extern", "case=libcase.rlib", "examples/observer.rs"])?;
        output(&mut Command::new(folder.join("observer")))?
    };
    let lines = printed.lines().filter_map(|line| line.split_once(" gives "));
    Ok(lines.map(|(function, result)| (function.to_owned(), result.to_owned())).collect())
}

/// A program that prints the result of each function that the case observes.
fn observer(case: &Case) -> String {
    let mut text = String::from(
        "#![allow(warnings)]\nuse case::*;\nfn show(name: &str, f: impl FnOnce() -> String) {\n    \
         let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));\n    \
         println!(\"{name} gives {}\", result.unwrap_or_else(|_| \"a panic\".into()));\n}\n\
         fn main() {\n    std::panic::set_hook(Box::new(|_| {}));\n",
    );
    for (function, expression) in case.must_miss.iter().chain(&case.must_hit) {
        writeln!(text, "    show({function:?}, || format!(\"{{:?}}\", {expression}));")
            .expect("a string can be written to");
    }
    text + "}\n"
}

fn tool(variable: &str, name: &str) -> Command {
    Command::new(env::var_os(variable).map_or_else(|| PathBuf::from(name), PathBuf::from))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("a tool is started");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
