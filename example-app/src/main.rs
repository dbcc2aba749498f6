//! Finds near-duplicate source files: shingling, MinHash and locality-sensitive hashing (Leskovec,
//! Rajaraman and Ullman, *Mining of Massive Datasets*, chapter 3).
//!
//! The expensive stages are memoized with perennial: a file is sketched again only when its content
//! or the code that sketches it changes.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

mod cluster;
mod corpus;
mod lsh;
mod minhash;
mod options;
mod report;
mod shingle;
mod splitmix;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use minhash::Sketch;
use options::{Options, Request};

fn main() -> ExitCode {
    let options = match options::parse(std::env::args_os().skip(1)) {
        Ok(Request::Run(options)) => options,
        Ok(Request::Help) => {
            print!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("example-app: {message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-app: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options, output: &mut impl Write) -> io::Result<()> {
    let files = corpus::read(&options.folder, options.limit)?;

    let (sketches, sketching) = sketch_all(&files);
    let (pairs, pairing) = timed(|| lsh::similar_pairs(&sketches, options.threshold));
    let groups = cluster::groups(files.len(), &pairs);

    report::write(output, &files, &groups, &pairs)?;
    writeln!(output)?;
    writeln!(output, "sketching: {} files in {sketching:.2?}", files.len())?;
    writeln!(output, "pairing: {} similar pairs in {pairing:.2?}", pairs.len())?;
    writeln!(output, "memoized stages: {:.2?}", sketching + pairing)?;
    writeln!(output, "perennial: {}", perennial::stats())
}

fn sketch_all(files: &[corpus::SourceFile]) -> (Vec<Sketch>, Duration) {
    // Hidden by itself where standard error is not a terminal.
    let bar = ProgressBar::new(files.len() as u64).with_style(
        ProgressStyle::with_template("sketching {bar:40} {pos}/{len} files, {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let outcome =
        timed(|| bar.wrap_iter(files.iter()).map(|it| minhash::sketch(&it.text)).collect());
    bar.finish_and_clear();
    outcome
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let outcome = work();
    (outcome, start.elapsed())
}
