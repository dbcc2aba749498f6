//! Plausible Rust, and edits that change nothing.
#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::fuzz_target;
use soup::{Choices, Freedom, SoupPackage};

#[path = "../../build-support/tests/soup/mod.rs"]
mod soup;

thread_local!(static PACKAGE: OnceCell<SoupPackage> = const { OnceCell::new() });

fuzz_target!(|bytes: &[u8]| {
    let (edit, source) = bytes.split_at(bytes.len() / 3);
    let sources = SoupPackage::sources(&mut Choices::new(source), Freedom::Neutral);
    PACKAGE.with(|it| {
        it.get_or_init(SoupPackage::new).check_edits(&sources, &mut Choices::new(edit));
    });
});
