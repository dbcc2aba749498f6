//! The thinnest layer: reads cargo's environment once, writes files where their bytes change, and
//! prints directives. No other module of this crate does any of these.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "directives are printed to cargo")]

use std::{
    collections::BTreeSet,
    env,
    error::Error as _,
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
};

use crate::{
    analysis::{self, Analysis, Folders, Repeated, Scope},
    cfg::Configuration,
    config::Config,
    context::Context,
    deep_stack::on_deep_stack,
    emit,
    error::Error,
    loader,
    package::Package,
    report,
    table::Table,
};

/// Runs the build step; on failure prints one framed message and ends the process with status 1.
pub(crate) fn run(config: &Config) {
    if let Err(error) = generate(config) {
        eprintln!("\nperennial-build: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            eprintln!("  caused by: {error}");
            cause = error.source();
        }
        eprintln!();
        process::exit(1);
    }
}

pub(crate) fn generate(config: &Config) -> Result<(), Error> {
    let cargo = Cargo::read()?;
    on_deep_stack(|| emit_table(config, &cargo))
        .map_err(|error| Error::io("start a thread to read", &cargo.package, error))?
}

fn emit_table(config: &Config, cargo: &Cargo) -> Result<(), Error> {
    config.relaxation().check(&Package::read(&cargo.package)?)?;
    let analysis = analysis::analyse(
        &cargo.package,
        Folders { out_dir: Some(&cargo.out_dir), home: cargo.home.as_deref() },
        &configuration(&cargo.compiler.version),
        Scope { is_wanted: loader::may_memoize, repeated: Repeated::Needed },
    )?;
    // The macros read the context where it is known: in the compiler's arguments.
    let table = Table::of(&analysis, |_| Context::default());
    // Printed before anything can fail, so that a repaired source is looked at again.
    watch(cargo, &analysis);
    for problem in &table.problems {
        println!("cargo::warning=perennial: {problem}; its bytes stand for what it defines");
    }
    let report = report::report(config, &table.ledger);
    for warning in &report.warnings {
        println!("cargo::warning=perennial: {warning}");
    }
    if !report.failures.is_empty() {
        return Err(Error::strict(report.failures));
    }
    let files = emit::files(&analysis, &table, &cargo.compiler, config.relaxation());
    write(&cargo.out_dir.join("perennial"), &files)
}

/// What cargo tells a build script.
struct Cargo {
    package: PathBuf,
    out_dir: PathBuf,
    home: Option<PathBuf>,
    compiler: emit::Compiler,
}

impl Cargo {
    fn read() -> Result<Self, Error> {
        let folder = |name: &'static str| {
            let path = env::var_os(name).map(PathBuf::from).ok_or(Error::environment(name))?;
            path.canonicalize().map_err(|error| Error::io("find", &path, error))
        };
        let rustc = env::var_os("RUSTC").ok_or(Error::environment("RUSTC"))?;
        let output = Command::new(&rustc)
            .arg("-vV")
            .output()
            .map_err(|error| Error::io("run", Path::new(&rustc), error))?;
        Ok(Self {
            package: folder("CARGO_MANIFEST_DIR")?,
            out_dir: folder("OUT_DIR")?,
            home: cargo_home(),
            compiler: emit::Compiler {
                version: String::from_utf8_lossy(&output.stdout).trim().to_owned(),
                native: native_features(),
            },
        })
    }
}

/// Finds cargo's own folder, where it keeps the sources of published packages: `CARGO_HOME`, or `.cargo`
/// in the user's home.
#[must_use]
pub fn cargo_home() -> Option<PathBuf> {
    let named = env::var_os("CARGO_HOME").filter(|it| !it.is_empty()).map(PathBuf::from);
    named.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// Returns the features that `-C target-cpu=native` stands for, where the build is asked for that.
fn native_features() -> Option<String> {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").ok()?;
    let is_native = flags.split('\x1f').any(|it| it.ends_with("target-cpu=native"));
    is_native.then(|| env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default())
}

/// Reads what cargo tells of the target and of the package's features.
fn configuration(compiler: &str) -> Configuration {
    let mut target = BTreeSet::new();
    for (name, value) in env::vars_os() {
        let Some(name) = name.to_str().and_then(|it| it.strip_prefix("CARGO_CFG_")) else {
            continue;
        };
        let (name, value) = (name.to_lowercase(), value.to_string_lossy().into_owned());
        match name.as_str() {
            "unix" | "windows" => drop(target.insert((name, None))),
            _ => target.extend(value.split(',').map(|it| (name.clone(), Some(it.to_owned())))),
        }
    }
    let features = env::var("CARGO_CFG_FEATURE").ok();
    // `rustc 1.95.0 (…)`: patches change no signature of std.
    let version = compiler.split(' ').nth(1).unwrap_or_default();
    let release: Vec<_> = version.split('.').take(2).collect();
    let mut configuration = Configuration::new(
        (!target.is_empty()).then_some(target),
        features.map(|it| it.split(',').map(str::to_owned).collect()),
    );
    configuration.release = Some(release.join("."));
    configuration
}

/// Names everything whose change makes the table stale. A path that doesn't exist is never named:
/// cargo would run the script at every build.
fn watch(cargo: &Cargo, analysis: &Analysis) {
    let mut paths = analysis.manifests.clone();
    // A package whose crate root lies beside its manifest also holds its target folder.
    let is_watchable = |it: &&PathBuf| !it.join("Cargo.toml").is_file();
    paths.extend(analysis.folders.iter().filter(is_watchable).cloned());
    for target in &analysis.targets {
        for file in &target.files {
            let file = analysis.program.sources.get(*file);
            let is_below = paths.iter().any(|it| file.path.starts_with(it));
            if !is_below && !file.path.starts_with(&cargo.out_dir) {
                paths.insert(file.path.clone());
            }
        }
    }
    if let Some(build_script) = Some(cargo.package.join("build.rs")).filter(|it| it.is_file()) {
        paths.insert(build_script);
    }
    for path in paths.iter().filter(|it| it.exists()) {
        // Relative to the package, as cargo reads it.
        println!("cargo::rerun-if-changed={}", analysis.program.sources.label(path));
    }
}

/// Writes files whose bytes differ and removes those that are no longer made. A file that stays the
/// same keeps its time of change, so that nothing is recompiled for it.
fn write(folder: &Path, files: &emit::Files) -> Result<(), Error> {
    for (name, text) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Error::io("create", parent, error))?;
        if fs::read(&path).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        fs::write(&path, text).map_err(|error| Error::io("write", &path, error))?;
    }
    for entry in walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let name = name.to_string_lossy().replace('\\', "/");
        if entry.file_type().is_file() && !files.contains_key(&name) {
            // A left-over does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}
