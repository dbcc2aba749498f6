//! Bytes as the root of a library.
#![no_main]

use std::cell::OnceCell;

use libfuzzer_sys::fuzz_target;

#[path = "../../build-support/tests/soup/mod.rs"]
mod soup;

thread_local!(static PACKAGE: OnceCell<soup::SoupPackage> = const { OnceCell::new() });

fuzz_target!(|bytes: &[u8]| {
    PACKAGE.with(|it| it.get_or_init(soup::SoupPackage::new).check(&[bytes]));
});
