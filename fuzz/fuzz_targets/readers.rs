//! What the macros read: an index, and the compiler's arguments, divided by a line of its own.
#![no_main]
#![allow(dead_code, reason = "modules of the macros, of which the readers are a part")]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;

#[path = "../../macros/src/compilation.rs"]
mod compilation;
#[path = "../../macros/src/context.rs"]
mod context;
#[path = "../../macros/src/index.rs"]
mod index;

fuzz_target!(|text: &str| {
    let (index, arguments) = text.split_once("\n--\n").unwrap_or((text, ""));
    let index = index::Index::parse(index);
    // A response file could be any file of this machine.
    let arguments = arguments.lines().filter(|it| !it.starts_with('@')).map(OsString::from);
    let compilation = compilation::Compilation::parse(arguments);
    let _ = (compilation.runtime(), compilation.is_shared_library(), compilation.is_real());
    let _ = context::has_executable(&index, &compilation);
    for function in index.functions.iter().map(Some).chain([None]) {
        let source = function.and_then(index::FunctionRecord::source).unwrap_or_default();
        let of = || context::code(&source, &index, function, &compilation, &|_| None).signature;
        assert_eq!(of(), of());
    }
});
