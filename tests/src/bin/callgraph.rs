//! `callgraph`: measures `perennial-build` against the compiler's call graph, on published crates.
//! Reads arguments, prints; `perennial_tests::callgraph` does the rest.

use std::{
    env,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use perennial_tests::callgraph::{Corpus, Error, Registry, Report, Workshop, measure};

const USAGE: &str = "\
usage: callgraph [CRATE …] [--corpus] [--sample] [--fetch [NAME@VERSION …]] [--mutations N]
                 [--format text|json] [--list-missed] [--list-needless FN]

  CRATE            a folder with a Cargo.toml, or NAME, NAME-VERSION, NAME@VERSION in cargo's sources
  --corpus         all crates of tests/callgraph/corpus.toml
  --sample         the three small crates of it
  --fetch          let cargo fetch the crates given as NAME@VERSION and what their tests depend on
  --mutations N    edit N functions of each crate, one at a time (default 8)
  --list-missed    list the pairs that the closure misses
  --list-needless  list what starts whose name contains FN reach needlessly

Ends with 0 if nothing is missed, 1 if something is or a crate could not be measured, 2 on wrong usage.
";

#[derive(Default)]
struct Options {
    crates: Vec<String>,
    may_fetch: bool,
    mutations: usize,
    is_json: bool,
    lists_missed: bool,
    needless: Option<String>,
}

fn main() -> ExitCode {
    let options = match options(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            let _ = writeln!(io::stderr(), "{message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(is_clean) => ExitCode::from(u8::from(!is_clean)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { mutations: 8, ..Options::default() };
    let corpus = || Corpus::of_repository().map_err(|error| error.to_string());
    while let Some(argument) = arguments.next() {
        let mut value = |of: &str| arguments.next().ok_or(format!("{of} needs a value"));
        match argument.as_str() {
            "--corpus" => options.crates.extend(corpus()?.all()),
            "--sample" => options.crates.extend(corpus()?.sample()),
            "--fetch" => options.may_fetch = true,
            "--mutations" => {
                let count = value("--mutations")?;
                options.mutations = count.parse().map_err(|_| format!("`{count}` is no number"))?;
            }
            "--format" => match value("--format")?.as_str() {
                "json" => options.is_json = true,
                "text" => options.is_json = false,
                other => return Err(format!("there is no format `{other}`")),
            },
            "--list-missed" => options.lists_missed = true,
            "--list-needless" => options.needless = Some(value("--list-needless")?),
            other if other.starts_with('-') => return Err(format!("there is no option `{other}`")),
            _ => options.crates.push(argument),
        }
    }
    if options.crates.is_empty() { Err("no crate is given".to_owned()) } else { Ok(options) }
}

fn run(options: &Options) -> Result<bool, Error> {
    let workshop = Workshop::open(&workshop_folder())?;
    if options.may_fetch {
        let published: Vec<String> =
            options.crates.iter().filter(|it| it.contains('@')).cloned().collect();
        Registry::fetch(&published, workshop.folder())?;
    }
    let registry = Registry::of_cargo()?;
    let mut report = Report::default();
    for krate in &options.crates {
        let _ = writeln!(io::stderr(), "{krate} …");
        let measured = registry
            .find(krate)
            .and_then(|it| workshop.copy(&it, options.may_fetch))
            .and_then(|it| measure(&workshop, &it, options.mutations));
        match measured {
            Ok(it) => report.crates.push(it),
            Err(error) => report.failures.push(format!("{krate}: {error}")),
        }
    }
    let mut text = if options.is_json { report.to_json() + "\n" } else { report.to_string() };
    if options.lists_missed {
        text += &report.missed();
    }
    if let Some(start) = &options.needless {
        text += &report.needless(start);
    }
    let _ = io::stdout().write_all(text.as_bytes());
    let all = report.total().all();
    Ok(report.failures.is_empty() && all.found == all.real)
}

/// The folder beside the executable's profile, so that nothing leaves the target folder.
fn workshop_folder() -> PathBuf {
    let executable = env::current_exe().unwrap_or_default();
    let target = executable.ancestors().nth(2).map(PathBuf::from);
    target.unwrap_or_else(env::temp_dir).join("callgraph")
}
