//! Names that every module has without importing them (Rust Reference, "Preludes").

use crate::path_text;

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

/// Where the names of the prelude are defined in std, and the edition since which every module has them (std,
/// `std::prelude`). core and alloc have them under the same paths, as far as they have them.
const HOMES: &[(&str, u16)] = &[
    ("borrow::ToOwned", 2015),
    ("boxed::Box", 2015),
    ("clone::Clone", 2015),
    ("cmp::Eq", 2015),
    ("cmp::Ord", 2015),
    ("cmp::PartialEq", 2015),
    ("cmp::PartialOrd", 2015),
    ("convert::AsMut", 2015),
    ("convert::AsRef", 2015),
    ("convert::From", 2015),
    ("convert::Into", 2015),
    ("convert::TryFrom", 2021),
    ("convert::TryInto", 2021),
    ("default::Default", 2015),
    ("future::Future", 2024),
    ("future::IntoFuture", 2024),
    ("iter::DoubleEndedIterator", 2015),
    ("iter::ExactSizeIterator", 2015),
    ("iter::Extend", 2015),
    ("iter::FromIterator", 2021),
    ("iter::IntoIterator", 2015),
    ("iter::Iterator", 2015),
    ("marker::Copy", 2015),
    ("marker::Send", 2015),
    ("marker::Sized", 2015),
    ("marker::Sync", 2015),
    ("marker::Unpin", 2015),
    ("mem::align_of", 2015),
    ("mem::align_of_val", 2015),
    ("mem::drop", 2015),
    ("mem::size_of", 2015),
    ("mem::size_of_val", 2015),
    ("ops::AsyncFn", 2015),
    ("ops::AsyncFnMut", 2015),
    ("ops::AsyncFnOnce", 2015),
    ("ops::Drop", 2015),
    ("ops::Fn", 2015),
    ("ops::FnMut", 2015),
    ("ops::FnOnce", 2015),
    ("option::Option", 2015),
    ("result::Result", 2015),
    ("string::String", 2015),
    ("string::ToString", 2015),
    ("vec::Vec", 2015),
];

/// Types that every module has, beside modules of std of the same name which hold the same constants.
const NUMBERS: &[&str] = &[
    "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64", "u8",
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

/// Writes a path into std as the prelude writes it, where both certainly mean one definition.
pub(crate) fn by_prelude(path: &str) -> String {
    let other = || path.to_owned();
    let Some((krate, inside)) = path.split_once("::") else { return other() };
    if let Some(variant) = inside.strip_prefix("prelude::") {
        let is_variant =
            matches!(variant, "Option::None" | "Option::Some" | "Result::Err" | "Result::Ok");
        return match variant.split_once("::") {
            Some((_, name)) if is_variant => format!("std::prelude::{name}"),
            _ => other(),
        };
    }
    if !matches!(krate, "alloc" | "core" | "std") {
        return other();
    }
    let mut segments = inside.splitn(3, "::");
    let (first, second, rest) = (segments.next(), segments.next(), segments.next());
    let first = first.unwrap_or_default();
    if NUMBERS.contains(&first) {
        // The module, in which a name is looked up first, has the constants of the type.
        return format!("std::prelude::{inside}");
    }
    let home = format!("{first}::{}", second.unwrap_or_default());
    if HOMES.binary_search_by_key(&home.as_str(), |it| it.0).is_err() {
        return other();
    }
    let short = format!("std::prelude::{}", second.unwrap_or_default());
    match rest {
        Some(rest) => by_prelude(&format!("{short}::{rest}")),
        None => short,
    }
}

/// Tells whether a path names what every module of a crate of an edition has anyway.
pub(crate) fn is_everywhere(path: &str, edition: u16) -> bool {
    path.strip_prefix("std::prelude::").is_some_and(|name| {
        let of_name = |it: &&(&str, u16)| path_text::last(it.0) == name;
        HOMES.iter().find(of_name).is_some_and(|it| it.1 <= edition)
    })
}

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
    SYSROOT.contains(&path_text::first(path))
}

/// Tells whether an imported path may be a trait. Names of std's traits are capitalised; nothing is
/// assumed of other crates.
pub(crate) fn may_be_trait(path: &str) -> bool {
    if !is_std(path) {
        return true;
    }
    let second = path.split("::").nth(1).unwrap_or_default();
    let last = path_text::last(path);
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
        assert!(HOMES.is_sorted() && NUMBERS.is_sorted());
        assert!(HOMES.iter().all(|it| has(it.0.rsplit("::").next().unwrap())));
        assert!(NUMBERS.iter().all(|it| has(it)));
        assert!(has("Vec") && has("u8") && !has("HashMap"));
    }

    #[test]
    fn what_an_import_names_as_the_prelude_does_has_one_path() {
        for (path, expected) in [
            ("core::option::Option", "std::prelude::Option"),
            ("core::option::Option::Some", "std::prelude::Some"),
            ("std::prelude::Option::Some", "std::prelude::Some"),
            ("std::prelude::Option::is_some", "std::prelude::Option::is_some"),
            ("alloc::vec::Vec::new", "std::prelude::Vec::new"),
            ("core::u8", "std::prelude::u8"),
            ("std::f64::MAX", "std::prelude::f64::MAX"),
            ("core::str", "core::str"),
            ("std::collections::HashMap", "std::collections::HashMap"),
            ("other::option::Option", "other::option::Option"),
            ("core", "core"),
        ] {
            assert_eq!(by_prelude(path), expected);
        }
        assert!(is_everywhere("std::prelude::Clone", 2015));
        assert!(!is_everywhere("std::prelude::TryFrom", 2018));
        assert!(!is_everywhere("std::fmt::Write", 2024));
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
