//! Paths that lead out of the program, where they would grow without end: imports and globs may go in
//! circles. A path goes in, one with a star for what is left out comes out. Must not give infinitely many
//! paths for the names of a program.

/// Paths of up to so many names are followed as they are where they may go in a circle.
const LONG: usize = 3;

/// A path with names behind it, where what it is found through may lead back to itself.
pub(crate) fn grown(path: &str, rest: &str) -> String {
    let is_repeated = path.strip_suffix(rest).is_some_and(|it| it.ends_with("::"));
    let whole = format!("{path}::{rest}");
    if is_repeated || path.split("::").count() > LONG { shortened(&whole) } else { whole }
}

/// Leaves out all between the first name and the last.
pub(crate) fn shortened(path: &str) -> String {
    match (path.split_once("::"), path.rsplit_once("::")) {
        (Some((first, _)), Some((_, last))) => format!("{first}::*::{last}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_grow_without_end_becomes_short() {
        assert_eq!(grown("std::fs", "read"), "std::fs::read");
        assert_eq!(grown("std::collections::hash_map", "Entry"), "std::collections::hash_map::Entry");
        assert_eq!(grown("a::b", "b"), "a::*::b");
        assert_eq!(grown("b", "b"), "b::b");
        assert_eq!(grown("a::b::c::d", "e::f"), "a::*::f");
        assert_eq!(grown("a::*::d", "e"), "a::*::d::e");
        assert_eq!(shortened("a::*::b"), "a::*::b");
        assert_eq!(shortened("a"), "a");
    }
}
