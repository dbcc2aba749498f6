//! Analyses every package that cargo keeps the source of, twice, each time in a process of its own: none
//! may panic, take longer than the limit, or have another table the second time.
//!
//! ```text
//! cargo run --release -p perennial-tests --bin registry -- [--limit SECONDS] [PART OF A NAME]
//! ```

// A program that reports.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{
    collections::BTreeSet,
    env,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use perennial_build::{Build, Table, cargo_home};
use perennial_tests::callgraph::Registry;

/// What takes longer than this is told of, even if it ends.
const SLOW: Duration = Duration::from_mins(1);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--digest", folder] => digest(Path::new(folder)),
        ["--limit", seconds, ref part @ ..] if part.len() < 2 => match seconds.parse() {
            Ok(seconds) => all(Duration::from_secs(seconds), part.first().unwrap_or(&"")),
            Err(_) => usage(),
        },
        [] => all(SLOW * 4, ""),
        [part] if !part.starts_with('-') => all(SLOW * 4, part),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: registry [--limit SECONDS] [PART OF A NAME]");
    ExitCode::from(2)
}

/// Prints what stands for a package's table.
fn digest(folder: &Path) -> ExitCode {
    let build = cargo_home().map_or_else(Build::new, |it| Build::new().cargo_home(it));
    match Table::of_build(folder, &build.every_target(true)) {
        Ok(table) => {
            let text = format!("{table:?}");
            println!("{} {} {}", table.rows.len(), text.len(), fingerprint(text.as_bytes()));
            ExitCode::SUCCESS
        }
        // A manifest that can't be read is no failure of the analysis.
        Err(error) => {
            println!("{error}");
            ExitCode::SUCCESS
        }
    }
}

/// FNV-1a, in 64 bits.
fn fingerprint(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn all(limit: Duration, part: &str) -> ExitCode {
    let registry = match Registry::of_cargo() {
        Ok(registry) => registry,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let packages: BTreeSet<PathBuf> = registry
        .packages()
        .into_iter()
        .filter(|it| it.file_name().is_some_and(|name| name.to_string_lossy().contains(part)))
        .collect();
    let mut failures = 0;
    for package in &packages {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        let start = Instant::now();
        let first = in_a_process(package, limit);
        let took = start.elapsed();
        let failure = match &first {
            Err(message) => Some(message.clone()),
            Ok(first) => match in_a_process(package, limit) {
                Ok(second) if second == *first => None,
                Ok(second) => Some(format!("differs: {first} and {second}")),
                Err(message) => Some(format!("the second time: {message}")),
            },
        };
        if let Some(message) = &failure {
            failures += 1;
            println!("{name}: FAILS: {message}");
        }
        if took > SLOW {
            println!("{name}: takes {took:.0?}");
        }
    }
    println!("{} packages, {failures} failures", packages.len());
    ExitCode::from(u8::from(failures > 0))
}

fn in_a_process(package: &Path, limit: Duration) -> Result<String, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(program)
        .arg("--digest")
        .arg(package)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > limit => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("takes more than {limit:?}"));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let mut text = String::new();
    // A line, which a pipe holds until it is read.
    if let Some(mut output) = child.stdout.take() {
        output.read_to_string(&mut text).map_err(|error| error.to_string())?;
    }
    if status.success() { Ok(text.trim().to_owned()) } else { Err(status.to_string()) }
}
