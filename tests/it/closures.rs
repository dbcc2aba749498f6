//! Closures: what they capture and what they reach is in the key.

use std::fmt::Display;

use perennial::memo_fn;
use perennial_tests::Project;
use serde::Serialize;

use crate::counted::{ran, runs};

/// The notebook's `make_f`.
fn make_f(y: i64, z: &i64) -> impl Fn(i64) -> i64 + '_ {
    memo_fn!([y, z] |x: i64| -> i64 {
        ran();
        x + y - *z
    })
}

#[test]
fn a_closure_can_be_returned_and_what_it_captures_is_in_the_key() {
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(make_f(10, &1)(5), 14);
            assert_eq!(make_f(20, &1)(5), 24);
            assert_eq!(make_f(10, &2)(5), 13);
            let f = make_f(10, &1);
            assert_eq!([f(5), f(6), f(5)], [14, 15, 14]);
        }
    });
    assert_eq!(count, 4);
}

fn both(x: u8) -> (u8, u8) {
    let first = memo_fn!(|x: u8| -> u8 {
        ran();
        x + 1
    });
    let second = {
        const STEP: u8 = 2;
        memo_fn!(|x: u8| -> u8 {
            ran();
            x + STEP
        })
    };
    (first(x), second(x))
}

#[test]
fn closures_of_one_function_are_told_apart() {
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(both(1), (2, 3)))), 2);
}

fn shown<T: Display + Serialize + Clone>(value: &T) -> String {
    let value = value.clone();
    let show = memo_fn!([value] |times: usize| -> String {
        ran();
        let owned: T = value;
        owned.to_string().repeat(times)
    });
    show(2)
}

#[deny(unused_braces)]
#[allow(unused_variables, reason = "one is shadowed")]
fn shadowed(x: i64, step: i64) -> (i64, i64) {
    // A parameter comes before what is captured under its name; one expression is no superfluous block.
    let f = memo_fn!([x, step] |x: i64| -> i64 { x + step });
    (x, f(7))
}

#[test]
fn parameters_shadow_what_is_captured_and_no_lint_is_broken() {
    runs(|| assert_eq!(shadowed(1, 2), (1, 9)));
}

struct Model(u32);

impl Model {
    fn scaled(&self, words: &[String]) -> Result<Vec<String>, String> {
        let scale = self.0;
        let scaled = memo_fn!([scale, &words] |(from, to): (usize, usize)| -> Result<Vec<String>, String> {
            ran();
            let words = words.get(from..to).ok_or("out of bounds")?;
            Ok(words.iter().map(|it| it.repeat(scale as usize)).collect())
        });
        scaled((0, 1))
    }
}

#[test]
fn closures_stand_in_generic_functions_and_in_methods() {
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(shown(&1u8), "11");
            assert_eq!(shown(&1u16), "11");
        }
    });
    assert_eq!(count, 2);
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(Model(2).scaled(&["ab".to_owned()]), Ok(vec!["abab".to_owned()]));
            assert!(Model(2).scaled(&[]).is_err());
        }
    });
    assert_eq!(count, 3);
}

#[test]
fn asynchronous_closures_are_memoized() {
    let count = runs(|| {
        let prefix = "re".to_owned();
        let ask = memo_fn!([prefix] async |word: String| -> Result<String, String> {
            ran();
            smol::future::yield_now().await;
            let first = word.chars().next().ok_or("empty")?;
            Ok(format!("{prefix}{word}{first}"))
        });
        for _ in 0..2 {
            let answers =
                smol::block_on(smol::future::zip(ask("do".to_owned()), ask(String::new())));
            assert_eq!(answers, (Ok("redod".to_owned()), Err("empty".to_owned())));
        }
        let task = smol::spawn(ask("do".to_owned()));
        assert_eq!(smol::block_on(task), Ok("redod".to_owned()));
    });
    assert_eq!(count, 3);
}

const MAIN: &str = "\
mod model;

fn make(y: u64) -> impl Fn(u64) -> u64 {
    perennial::memo_fn!([y] |x: u64| -> u64 { model::step(x) + y })
}

fn unrelated() -> u64 {
    7
}

fn main() {
    println!(\"{} {}\", make(1)(2), perennial::stats().hits);
    unrelated();
}
";

#[test]
fn an_edit_of_what_a_closure_reaches_misses_and_others_hit() {
    let project = Project::memoizing("closures", MAIN);
    project.write(
        "src/model.rs",
        "pub fn step(x: u64) -> u64 {\n    x * FACTOR\n}\n\nconst FACTOR: u64 = 10;\n",
    );
    let run = || project.run(&["run", "-q"]).trim().to_owned();
    assert_eq!(run(), "21 0");
    assert_eq!(run(), "21 1");
    project.edit("src/main.rs", "    7\n", "    8\n");
    project.edit("src/model.rs", "pub fn step", "// A comment.\npub fn step");
    assert_eq!(run(), "21 1");
    project.edit("src/model.rs", "FACTOR: u64 = 10", "FACTOR: u64 = 100");
    assert_eq!(run(), "201 0");
    project.edit("src/main.rs", "model::step(x) + y", "model::step(x) + 2 * y");
    assert_eq!(run(), "202 0");
    project.edit("src/main.rs", "model::step(x) + 2 * y", "model::step(x) + y");
    assert_eq!(run(), "201 1");
}
