//! The conformance suite by hand: prints every verdict, or proves the cases with the compiler.
//!
//! ```text
//! cargo run -p perennial-tests --bin conformance -- verdicts [NAME]
//! cargo run -p perennial-tests --bin conformance -- observe [NAME]
//! ```

// A program that reports.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::{env, process::ExitCode};

use perennial_tests::{Case, contradictions, workspace};

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let verb = arguments.next().unwrap_or_default();
    let part = arguments.next().unwrap_or_default();
    let mut cases = Case::all(&workspace().join("tests/conformance"));
    cases.retain(|it| it.name.contains(&part));
    match verb.as_str() {
        "verdicts" => {
            for verdict in cases.iter().flat_map(Case::judge) {
                println!(
                    "{}\t{}\t{:?}\t{:?}\t{}",
                    verdict.case,
                    verdict.function,
                    verdict.demand,
                    verdict.outcome,
                    if verdict.is_met() { "ok" } else { "FAIL" }
                );
            }
            ExitCode::SUCCESS
        }
        "observe" => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let mut count = 0;
            for case in &cases {
                for sentence in contradictions(case, folder.path()) {
                    println!("{sentence}");
                    count += 1;
                }
            }
            println!("{} cases, {count} contradictions", cases.len());
            if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        _ => {
            eprintln!("usage: conformance (verdicts | observe) [PART OF A NAME]");
            ExitCode::from(2)
        }
    }
}
