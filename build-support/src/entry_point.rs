//! What code of std may call: the impls of gated traits that a name of std, or a bound on a trait of
//! std, can run for a type of others. Goes in: a name; comes out: the traits, or that nobody knows.
//! Must not guess: a name that the table lacks may run any of them.
//!
//! The table holds for reached code as a whole. It leaves to the caller what has no name of std:
//!
//! - Operators, `?`, `for`, `..`, the end of a scope, macros that format or compare, and coercion to
//!   `dyn`: `run_by_bound` of the trait behind them.
//! - Each name of a function, method, constant or *type* of std in reached code counts, by what it
//!   was called before it was imported. A type's name answers for impls that the type needs:
//!   `HashMap` alone runs `Hash`, so that indexing one need not.
//! - A type that comes in inside of a `dyn` was named by nobody: `run_by_any_type` of the trait. One
//!   behind a type parameter was named where the parameter got it.
//! - Whoever implements a trait of `is_unstable` gets no gates.
//! - Another release than `release` may run more under the same name.

use crate::std_entry_points::{
    BOUNDS, ENTRY_POINTS, GATED, OTHER_NAMES, RUST, TRAIT_MEMBERS, TYPES, UNSTABLE_TRAITS,
};

/// What may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Triggers {
    Known(Gated),
    /// The name is not in the table: any gated trait.
    Unknown,
}

/// A set of gated traits, as an iterator over their names in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gated(u64);

impl Iterator for Gated {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let bit = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        GATED.get(bit as usize).copied()
    }
}

/// Returns what a name of std may run, whichever item has it.
pub(crate) fn run_by(name: &str) -> Triggers {
    let rows = rows(name);
    if rows.is_empty() && OTHER_NAMES.binary_search(&name).is_err() {
        return Triggers::Unknown;
    }
    Triggers::Known(Gated(rows.iter().fold(0, |mask, (_, _, it)| mask | it)))
}

/// Returns what a path `Owner::name` may run, where the owner is certainly a type of std: its own
/// functions of that name, and those of any trait. It is no answer for a method call, which can find
/// the method by `Deref`. Primitive types are `slice`, `str`, `array` and so on.
pub(crate) fn run_by_path(owner: &str, name: &str) -> Triggers {
    if TYPES.binary_search(&owner).is_err() {
        return run_by(name);
    }
    match run_by(name) {
        Triggers::Known(_) => {
            let rows = rows(name).iter().filter(|it| it.1 == owner || it.1.starts_with("trait "));
            Triggers::Known(Gated(rows.fold(0, |mask, (_, _, it)| mask | it)))
        }
        Triggers::Unknown => Triggers::Unknown,
    }
}

/// Returns what a method call may run. What `fmt::Arguments` shows runs where the macro that makes
/// them stands, whose formats count there.
pub(crate) fn run_by_method(name: &str) -> Triggers {
    match run_by(name) {
        Triggers::Known(_) => {
            let rows = rows(name).iter().filter(|it| it.1 != "Arguments");
            Triggers::Known(Gated(rows.fold(0, |mask, (_, _, it)| mask | it)))
        }
        Triggers::Unknown => Triggers::Unknown,
    }
}

/// Returns what a path `module::name` may run, where the last of it is a function or a type of std.
pub(crate) fn run_by_function(name: &str) -> Triggers {
    match run_by(name) {
        Triggers::Known(_) => {
            let rows = rows(name).iter().filter(|it| matches!(it.1, "fn" | "type"));
            Triggers::Known(Gated(rows.fold(0, |mask, (_, _, it)| mask | it)))
        }
        Triggers::Unknown => Triggers::Unknown,
    }
}

/// Returns what runs where syntax or a bound calls a trait of std, on types that code names.
pub(crate) fn run_by_bound(name: &str) -> Triggers {
    bound(name).map_or(Triggers::Unknown, |(_, named, _)| Triggers::Known(Gated(*named)))
}

/// Returns what runs where a trait of std is called on a type that nobody named.
pub(crate) fn run_by_any_type(name: &str) -> Triggers {
    bound(name).map_or(Triggers::Unknown, |(_, _, any)| Triggers::Known(Gated(*any)))
}

/// Tells whether a name is that of a trait of std.
pub(crate) fn is_trait(name: &str) -> bool {
    bound(name).is_some()
}

/// Tells whether the table holds only as long as no one else implements the trait.
pub(crate) fn is_unstable(name: &str) -> bool {
    UNSTABLE_TRAITS.binary_search(&name).is_ok()
}

/// Returns the functions and constants of a trait of std, with its name: of whichever trait, where several have one
/// name, and none for what is no trait. `None` where the name is not known, so that it may be any trait.
pub(crate) fn members(of_trait: &str) -> Option<&'static [(&'static str, &'static str)]> {
    if bound(of_trait).is_some() {
        let start = TRAIT_MEMBERS.partition_point(|it| it.0 < of_trait);
        let count = TRAIT_MEMBERS[start..].partition_point(|it| it.0 == of_trait);
        return Some(&TRAIT_MEMBERS[start..start + count]);
    }
    let is_known = !rows(of_trait).is_empty() || OTHER_NAMES.binary_search(&of_trait).is_ok();
    is_known.then_some(&[])
}

/// Tells whether any trait of std may have a member of a name without showing it.
pub(crate) fn may_be_hidden(name: &str) -> bool {
    HIDDEN_MEMBERS.contains(&name) || name.starts_with("__")
}

/// Returns the name of a type of std, where it is one, as it stands in the table.
pub(crate) fn type_named(name: &str) -> Option<&'static str> {
    TYPES.binary_search(&name).ok().map(|index| TYPES[index])
}

/// Names of members of std's traits that the documentation does not show: what `rustdoc --document-hidden-items` adds.
const HIDDEN_MEMBERS: &[&str] = &[
    "assert_fields_are_eq",
    "assert_receiver_is_total_eq",
    "extend_one_unchecked",
    "to_int_unchecked",
    "type_id",
];

/// Returns the release of Rust that the table is for.
pub(crate) const fn release() -> &'static str {
    RUST
}

fn rows(name: &str) -> &'static [(&'static str, &'static str, u64)] {
    let start = ENTRY_POINTS.partition_point(|it| it.0 < name);
    let end = ENTRY_POINTS.partition_point(|it| it.0 <= name);
    &ENTRY_POINTS[start..end]
}

fn bound(name: &str) -> Option<&'static (&'static str, u64, u64)> {
    BOUNDS.binary_search_by_key(&name, |it| it.0).ok().map(|index| &BOUNDS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(triggers: Triggers) -> Vec<&'static str> {
        match triggers {
            Triggers::Known(gated) => gated.collect(),
            Triggers::Unknown => panic!("the name is not in the table"),
        }
    }

    #[track_caller]
    fn runs(name: &str, traits: &[&str]) {
        let all = names(run_by(name));
        for it in traits {
            assert!(all.contains(it), "`{name}` runs {all:?}");
        }
    }

    #[test]
    fn the_table_is_for_the_oldest_release_that_is_supported() {
        assert_eq!(release(), env!("CARGO_PKG_RUST_VERSION"));
    }

    #[test]
    fn lists_are_sorted_without_repetition() {
        assert!(GATED.is_sorted_by(|a, b| a < b) && GATED.len() <= 64);
        assert!(OTHER_NAMES.is_sorted_by(|a, b| a < b));
        assert!(TYPES.is_sorted_by(|a, b| a < b));
        assert!(UNSTABLE_TRAITS.is_sorted_by(|a, b| a < b));
        assert!(ENTRY_POINTS.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
        assert!(BOUNDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(TRAIT_MEMBERS.is_sorted_by(|a, b| a < b));
        assert!(TRAIT_MEMBERS.iter().all(|it| bound(it.0).is_some()));
        assert!(ENTRY_POINTS.iter().all(|it| OTHER_NAMES.binary_search(&it.0).is_err()));
        assert!(ENTRY_POINTS.iter().all(|it| it.2 >> GATED.len() == 0));
    }

    #[test]
    fn members_of_traits_are_known_by_trait_and_name() {
        let declares = |of: &str, name| members(of).map(|it| it.iter().any(|it| it.1 == name));
        assert_eq!(declares("Write", "write_fmt"), Some(true));
        assert_eq!(declares("Write", "read"), Some(false));
        assert_eq!(declares("Deref", "deref"), Some(true));
        // No trait.
        assert_eq!(declares("Formatter", "write_fmt"), Some(false));
        assert_eq!(declares("Unheard", "write_fmt"), None);
        assert!(may_be_hidden("__iterator_get_unchecked") && !may_be_hidden("next"));
    }

    #[test]
    fn own_methods_run_their_trait() {
        for (method, of_trait) in [
            ("build_hasher", "BuildHasher"),
            ("clamp", "Ord"),
            ("clone", "Clone"),
            ("clone_from", "Clone"),
            ("clone_into", "ToOwned"),
            ("cmp", "Ord"),
            ("default", "Default"),
            ("eq", "PartialEq"),
            ("extend", "Extend"),
            ("extend_one", "Extend"),
            ("finish", "Hasher"),
            ("fmt", "Pointer"),
            ("from", "From"),
            ("from_iter", "FromIterator"),
            ("from_str", "FromStr"),
            ("hash", "Hash"),
            ("hash_slice", "Hash"),
            ("into", "Into"),
            ("into_iter", "IntoIterator"),
            ("len", "ExactSizeIterator"),
            ("lt", "PartialOrd"),
            ("max", "Ord"),
            ("ne", "PartialEq"),
            ("partial_cmp", "PartialOrd"),
            ("next", "Iterator"),
            ("next_back", "DoubleEndedIterator"),
            ("product", "Product"),
            ("source", "Error"),
            ("sum", "Sum"),
            ("to_owned", "ToOwned"),
            ("to_string", "ToString"),
            ("try_from", "TryFrom"),
            ("try_into", "TryInto"),
            ("write_u8", "Hasher"),
        ] {
            runs(method, &[of_trait]);
        }
    }

    #[test]
    fn functions_run_what_their_bounds_name() {
        runs("to_string", &["Display"]);
        for name in ["unwrap", "expect", "unwrap_err", "expect_err", "field", "entry", "entries"] {
            runs(name, &["Debug"]);
        }
        runs("parse", &["FromStr"]);
        runs("collect", &["FromIterator"]);
        for name in ["unwrap_or_default", "take", "or_default"] {
            runs(name, &["Default"]);
        }
        for name in ["cloned", "to_vec", "make_mut", "resize", "extend_from_slice", "repeat"] {
            runs(name, &["Clone"]);
        }
        for name in ["sort", "sort_unstable", "binary_search", "max", "peek_mut", "push"] {
            runs(name, &["Ord", "PartialOrd", "Eq", "PartialEq"]);
        }
        for name in ["insert", "get", "entry", "contains_key", "remove"] {
            runs(name, &["Hash", "Eq", "PartialEq", "BuildHasher", "Hasher"]);
        }
        for name in ["contains", "starts_with", "dedup", "strip_prefix"] {
            runs(name, &["PartialEq"]);
        }
        runs("sort_by_key", &["Ord"]);
        // Of a `Range`.
        runs("is_empty", &["PartialOrd"]);
        runs("hash_one", &["Hash", "Hasher"]);
        runs("hash", &["Hasher"]);
        runs("unzip", &["Default", "Extend"]);
        for name in ["map", "filter", "fold", "zip", "collect", "extend", "splice", "flatten"] {
            runs(name, &["Iterator"]);
        }
        for name in ["zip", "extend", "chain", "flat_map", "from_iter", "splice", "unzip"] {
            runs(name, &["Iterator"]);
        }
        for name in ["rev", "rposition", "rfold", "nth_back"] {
            runs(name, &["DoubleEndedIterator", "Iterator"]);
        }
        // From the back they ask for the length.
        for name in ["enumerate", "skip", "step_by", "take", "zip", "rposition"] {
            runs(name, &["ExactSizeIterator"]);
        }
        runs("write_fmt", &["Debug", "Display", "LowerHex", "Pointer"]);
    }

    #[test]
    fn impls_of_std_pass_on_what_they_ask_for() {
        runs("into", &["From"]);
        runs("try_into", &["TryFrom", "From"]);
        // `Box<dyn Error>` from an error, `Rc<[T]>` from a slice.
        runs("from", &["Error", "Display", "Debug", "Clone"]);
        assert_eq!(names(run_by_path("Rc", "from")), names(run_by("from")));
        assert!(names(run_by_bound("FromResidual")).contains(&"From"));
        assert!(names(run_by_bound("ToString")).contains(&"Display"));
        assert!(names(run_by_bound("Copy")).contains(&"Clone"));
    }

    #[test]
    fn names_of_types_answer_for_what_their_impls_ask_for() {
        runs("HashMap", &["Hash", "Eq", "BuildHasher"]);
        runs("BTreeMap", &["Ord"]);
        runs("PeekMut", &["Ord"]);
        runs("Cloned", &["Clone"]);
        assert_eq!(names(run_by_bound("Iterator")), ["Iterator"]);
        assert_eq!(names(run_by_bound("Drop")), [""; 0]);
        let any = names(run_by_any_type("Iterator"));
        assert!(any.contains(&"Clone") && any.contains(&"Ord") && any.contains(&"Hash"));
    }

    #[test]
    fn what_asks_for_nothing_runs_nothing() {
        for name in ["is_some", "as_slice", "swap", "push_str", "Vec", "Some", "as_bytes"] {
            assert_eq!(names(run_by(name)), [""; 0], "{name}");
        }
    }

    #[test]
    fn a_certain_type_runs_only_its_own() {
        assert!(!names(run_by("new")).is_empty());
        assert_eq!(names(run_by_path("Vec", "new")), [""; 0]);
        assert_eq!(names(run_by_path("Vec", "insert")), [""; 0]);
        assert!(names(run_by_path("BTreeMap", "insert")).contains(&"Ord"));
        assert_eq!(names(run_by_path("Vec", "clone")), ["Clone"]);
        assert_eq!(names(run_by_path("Mine", "new")), names(run_by("new")));
        // An alias has the functions of what it stands for.
        assert_eq!(names(run_by_path("NonZeroU8", "max")), names(run_by("max")));
    }

    #[test]
    fn a_name_of_a_newer_std_may_run_anything() {
        assert_eq!(run_by("no_such_name"), Triggers::Unknown);
        assert_eq!(run_by_path("Vec", "no_such_name"), Triggers::Unknown);
        assert_eq!(run_by_bound("NoSuchTrait"), Triggers::Unknown);
        assert!(is_unstable("Step") && is_unstable("Allocator") && !is_unstable("Iterator"));
    }
}
