//! `std_bounds`: writes the table of what std may run, from the documentation of the toolchain.
//! Reads arguments, prints; `perennial_tests::std_bounds` does the rest.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use perennial_tests::{
    std_bounds::{Documentation, GATED, Table, installed, release},
    workspace,
};

const USAGE: &str = "\
usage: std_bounds [FOLDER] [--check] [--explain]

  FOLDER     rustdoc's folder with core, alloc and std (default: that of the toolchain)
  --check    write nothing; end with 1 if the table is another
  --explain  say which names run each trait, and why
";

fn main() -> ExitCode {
    let mut folder = None;
    let (mut checks, mut explains) = (false, false);
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--check" => checks = true,
            "--explain" => explains = true,
            other if other.starts_with('-') || folder.is_some() => {
                let _ = writeln!(io::stderr(), "there is no `{other}`\n\n{USAGE}");
                return ExitCode::from(2);
            }
            other => folder = Some(PathBuf::from(other)),
        }
    }
    let Some(folder) = folder.or_else(installed) else {
        let _ = writeln!(io::stderr(), "error: add the component `rust-docs`, or name a folder");
        return ExitCode::from(2);
    };
    match run(&folder, checks, explains) {
        Ok(is_same) => ExitCode::from(u8::from(checks && !is_same)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, checks: bool, explains: bool) -> Result<bool, Box<dyn std::error::Error>> {
    let table = Table::of(&Documentation::read(folder)?, GATED)?;
    if explains {
        io::stdout().write_all(table.explain().as_bytes())?;
    }
    let source = table.to_source(&release(folder)?);
    let path = workspace().join("build-support/src/std_entry_points.rs");
    let is_same = fs::read_to_string(&path).is_ok_and(|it| it == source);
    if !checks && !is_same {
        fs::write(&path, source)?;
    }
    Ok(is_same)
}
