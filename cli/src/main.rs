//! `cargo perennial`: what perennial knows of a package's code, for people and for programs.
//!
//! Each verb is a function from a package's table to a text (`table`, `graph`, `audit`). Only `main`
//! prints, only `package` and `target` look at the machine. Nothing runs cargo or opens the network.

mod arguments;
mod audit;
mod dot;
mod error;
mod exit_code;
mod function;
mod graph;
mod json;
mod layout;
mod mermaid;
mod package;
mod path;
mod reason;
mod style;
mod svg;
mod table;
mod target;
mod tree;
mod why;

use std::{
    env,
    error::Error as _,
    ffi::OsString,
    io::{self, Write},
    process, thread,
};

use clap::Parser;

use crate::{
    arguments::{Cargo, Verb},
    error::Error,
    exit_code::ExitCode,
};

/// What a verb has to say.
struct Answer {
    /// For standard output, with styles.
    text: String,
    exit_code: ExitCode,
    /// For standard error.
    notes: Vec<String>,
}

fn main() -> process::ExitCode {
    let mut arguments: Vec<OsString> = env::args_os().collect();
    // Cargo passes its subcommand's name on; without cargo it isn't there.
    if arguments.get(1).is_none_or(|it| it != "perennial") {
        arguments.insert(1.min(arguments.len()), "perennial".into());
    }
    let Cargo::Perennial(arguments) = Cargo::parse_from(arguments);
    // Deeply nested sources take deep recursion.
    let worker = thread::Builder::new().stack_size(256 << 20).spawn(move || run(&arguments.verb));
    let answer = match worker.map(thread::JoinHandle::join) {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(Error::thread(error)),
    };
    match answer.and_then(|it| print(&it).map(|()| it.exit_code)) {
        Ok(exit_code) => exit_code.into(),
        Err(error) => {
            complain(&error);
            error.exit_code().into()
        }
    }
}

fn run(verb: &Verb) -> Result<Answer, Error> {
    match verb {
        Verb::Table(it) => table::answer(it),
        Verb::Graph(it) => graph::answer(it),
        Verb::Audit(it) => audit::answer(it),
    }
}

/// Writes an answer; styles are left out where the output is no terminal or `NO_COLOR` is set.
fn print(answer: &Answer) -> Result<(), Error> {
    let mut errors = anstream::AutoStream::auto(io::stderr().lock());
    let warning = style::WARNING;
    for note in &answer.notes {
        // Nobody listens: the answer matters more.
        let _ = writeln!(errors, "{warning}warning{warning:#}: {note}");
    }
    let mut output = anstream::AutoStream::auto(io::stdout().lock());
    match output.write_all(answer.text.as_bytes()).and_then(|()| output.flush()) {
        // The reader has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Error::output),
    }
}

fn complain(error: &Error) {
    let mut errors = anstream::AutoStream::auto(io::stderr().lock());
    let style = style::ERROR;
    let _ = writeln!(errors, "{style}error{style:#}: {error}");
    let mut cause = error.source();
    while let Some(it) = cause {
        let _ = writeln!(errors, "  caused by: {it}");
        cause = it.source();
    }
}
