//! Plausible Rust, in four files of two packages.
#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::fuzz_target;
use soup::{Choices, Freedom, SoupPackage};

#[path = "../../build-support/tests/soup/mod.rs"]
mod soup;

thread_local!(static PACKAGE: OnceCell<SoupPackage> = const { OnceCell::new() });

fuzz_target!(|bytes: &[u8]| {
    let sources = SoupPackage::sources(&mut Choices::new(bytes), Freedom::Any);
    let texts = sources.map(|it| it.to_string());
    PACKAGE.with(|it| it.get_or_init(SoupPackage::new).check(&texts));
});
