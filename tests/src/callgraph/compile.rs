//! From a package to the LLVM IR of its library's unit tests: before any pass, so that every call
//! is still there, and with dead code, so that every function that is not generic is there too.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{error::Error, ir::Ir};

const FLAGS: [&str; 6] = [
    "-Csymbol-mangling-version=v0",
    "-Cdebuginfo=2",
    "-Copt-level=0",
    "-Ccodegen-units=1",
    "-Clink-dead-code",
    "-Cno-prepopulate-passes",
];

/// What the compiler made of a package's unit tests.
pub(crate) struct Compiled {
    pub(crate) ir: Ir,
    /// As text: before constants were evaluated.
    pub(crate) mir: String,
}

/// Compiles the unit tests of the package in a folder, with the sources that are there.
pub(crate) fn unit_tests(package: &Path, target: &Path) -> Result<Compiled, Error> {
    let [ir, mir] = ["module.ll", "module.mir"].map(|it| target.join(it));
    for output in [&ir, &mir] {
        if output.exists() {
            fs::remove_file(output).map_err(|error| Error::at("remove", output, error))?;
        }
    }
    let emit = format!("--emit=llvm-ir={},mir={}", ir.display(), mir.display());
    let command = ["rustc", "--lib", "--profile", "test", "--offline", "--", &emit];
    let built = cargo(package, target, &[&command[..], &FLAGS].concat());
    // Dead code may name symbols that nothing defines: then linking fails, after all was written.
    if let (Err(error), false) = (built, ir.exists()) {
        return Err(error);
    }
    let read = |path| fs::read_to_string(path).map_err(|error| Error::at("read", path, error));
    Ok(Compiled { ir: Ir::parse(&read(&ir)?), mir: read(&mir)? })
}

/// Runs cargo in a folder, away from the settings of a build that may be under way.
pub(crate) fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Result<(), Error> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_MANIFEST_DIR")
        .env_remove("OUT_DIR")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::at("run cargo in", folder, error))?;
    if output.status.success() {
        return Ok(());
    }
    let messages = String::from_utf8_lossy(&output.stderr);
    let first = messages.lines().filter(|it| it.starts_with("error")).take(5).collect::<Vec<_>>();
    Err(Error::new(format!(
        "cargo {} fails in {}: {}",
        arguments[0],
        folder.display(),
        if first.is_empty() { messages.into_owned() } else { first.join("\n  ") }
    )))
}
