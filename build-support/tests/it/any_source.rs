//! Plausible Rust from seeds: the analysis ends, says the same twice, and sees no edit between tokens.
//! The fuzz targets in `fuzz` do the same with what a fuzzer finds.
//!
//! `PERENNIAL_SOUP=FIRST..END` runs other seeds.

use std::{env, sync::mpsc, thread, time::Duration};

use crate::soup::{Choices, Freedom, SoupPackage, choices::of_seed};

/// Analysing two thousand tokens takes milliseconds; what takes this long never ends.
const LIMIT: Duration = Duration::from_mins(1);

#[test]
fn any_source_is_analysed_and_twice_the_same() {
    for_seeds(0..60, |package, bytes| {
        let sources = SoupPackage::sources(&mut Choices::new(bytes), Freedom::Any);
        package.check(&sources.map(|it| it.to_string()));
    });
}

#[test]
fn edits_between_tokens_and_of_the_order_of_items_change_nothing() {
    for_seeds(0..60, |package, bytes| {
        let (edit, source) = bytes.split_at(bytes.len() / 3);
        let sources = SoupPackage::sources(&mut Choices::new(source), Freedom::Neutral);
        package.check_edits(&sources, &mut Choices::new(edit));
    });
}

#[test]
fn most_sources_can_be_parsed() {
    let mut parsed = 0;
    let package = SoupPackage::new();
    for seed in 0..60 {
        let bytes = of_seed(seed, 600);
        let sources = SoupPackage::sources(&mut Choices::new(&bytes), Freedom::Neutral);
        let table = package.check(&sources.map(|it| it.to_string()));
        parsed += usize::from(table.problems.is_empty());
    }
    assert!(parsed >= 30, "{parsed} of 60");
}

/// Runs a check for each seed on a thread of its own, so that one that hangs is told.
fn for_seeds(seeds: std::ops::Range<u64>, check: fn(&SoupPackage, &[u8])) {
    let given = env::var("PERENNIAL_SOUP").ok().and_then(|it| {
        let (first, end) = it.split_once("..")?;
        Some(first.parse().ok()?..end.parse().ok()?)
    });
    let (sender, done) = mpsc::channel();
    let seeds = given.unwrap_or(seeds);
    let worker = thread::spawn({
        let seeds = seeds.clone();
        move || {
            let package = SoupPackage::new();
            for seed in seeds {
                let len = [80, 300, 900, 2_500][usize::try_from(seed % 4).unwrap()];
                check(&package, &of_seed(seed, len));
                sender.send(seed).unwrap();
            }
        }
    });
    for seed in seeds {
        match done.recv_timeout(LIMIT) {
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("seed {seed} takes more than {LIMIT:?}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let _ = worker.join();
                panic!("seed {seed} fails");
            }
        }
    }
}
