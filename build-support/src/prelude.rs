//! Names that every module has without importing them (Rust Reference, "Preludes").

/// Types, traits, functions and variants of the standard prelude of edition 2024, and the
/// primitive types.
const NAMES: &[&str] = &[
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Hash",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    "align_of",
    "align_of_val",
    "bool",
    "char",
    "drop",
    "f128",
    "f16",
    "f32",
    "f64",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "isize",
    "never",
    "size_of",
    "size_of_val",
    "slice",
    "str",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "usize",
];

/// Crates of the toolchain, which the compiler's identity covers.
pub(crate) const SYSROOT: &[&str] = &["alloc", "core", "proc_macro", "std", "test"];

/// Modules of std that hold types and functions but no trait, so that importing from them cannot
/// change what a method call means.
const TRAITLESS_MODULES: &[&str] = &[
    "cell",
    "collections",
    "env",
    "fs",
    "mem",
    "path",
    "process",
    "ptr",
    "rc",
    "sync",
    "thread",
    "time",
];

/// Macros of the standard library that are not lists of expressions.
pub(crate) const OTHER_MACROS: &[&str] = &[
    "addr_of",
    "addr_of_mut",
    "assert_matches",
    "cfg",
    "cfg_select",
    "column",
    "compile_error",
    "concat",
    "dbg",
    "env",
    "file",
    "include",
    "include_bytes",
    "include_str",
    "is_aarch64_feature_detected",
    "is_x86_feature_detected",
    "line",
    "matches",
    "module_path",
    "offset_of",
    "option_env",
    "pin",
    "ready",
    "stringify",
    "thread_local",
    "try",
];

pub(crate) fn has(name: &str) -> bool {
    NAMES.binary_search(&name).is_ok()
}

/// Tells whether std has a macro of that name that needs no import.
pub(crate) fn is_macro(name: &str) -> bool {
    OTHER_MACROS.binary_search(&name).is_ok()
        || crate::normalise::EXPRESSION_MACROS.binary_search(&name).is_ok()
}

/// Tells whether a path leads into the toolchain's own crates.
pub(crate) fn is_std(path: &str) -> bool {
    SYSROOT.contains(&path.split("::").next().unwrap_or_default())
}

/// Tells whether an imported path may be a trait. Names of std's traits are capitalised; nothing is
/// assumed of other crates.
pub(crate) fn may_be_trait(path: &str) -> bool {
    let mut segments = path.split("::");
    let first = segments.next().unwrap_or_default();
    if !SYSROOT.contains(&first) {
        return true;
    }
    let second = segments.next().unwrap_or_default();
    let last = path.rsplit("::").next().unwrap_or_default();
    !TRAITLESS_MODULES.contains(&second)
        && last.chars().next().is_some_and(|it| it.is_uppercase() || it == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted() {
        assert!(NAMES.is_sorted());
        assert!(OTHER_MACROS.is_sorted());
        assert!(has("Vec") && has("u8") && !has("HashMap"));
    }

    #[test]
    fn only_what_cannot_be_a_trait_is_left_out() {
        assert!(may_be_trait("std::fmt::Write"));
        assert!(may_be_trait("std::io::prelude::*"));
        assert!(may_be_trait("rayon::prelude::*"));
        assert!(may_be_trait("dep::lower_case"));
        assert!(!may_be_trait("std::collections::HashMap"));
        assert!(!may_be_trait("std::fmt"));
    }
}
