//! Paths that lead out of the program, where they would grow without end: imports and globs may go in
//! circles. A path goes in, one with a star for what is left out comes out. Must not give infinitely many
//! paths for the names of a program.

/// Paths of up to so many names are followed as they are where they may go in a circle.
const LONG: usize = 2;

/// How many names at the end of a path tell what it means, to those who know where it leads.
const TOLD: usize = 2;

/// A path with names behind it, where what it is found through may lead back to itself.
pub(crate) fn grown(path: &str, rest: &str) -> String {
    let whole = format!("{path}::{rest}");
    let is_long = path.contains('*') || path.split("::").count() > LONG;
    if is_long { shortened(&whole) } else { whole }
}

/// Leaves out what lies between the first name and the last ones.
fn shortened(path: &str) -> String {
    let Some((first, others)) = path.split_once("::") else { return path.to_owned() };
    let names: Vec<_> = others.split("::").filter(|it| *it != "*").collect();
    let told = &names[names.len().saturating_sub(TOLD)..];
    format!("{first}::*::{}", told.join("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_grow_without_end_becomes_short() {
        assert_eq!(grown("std::fs", "read"), "std::fs::read");
        assert_eq!(grown("std::os::unix::fs", "symlink"), "std::*::fs::symlink");
        assert_eq!(grown("a::b::c::d", "e"), "a::*::d::e");
        assert_eq!(grown("a::b::c::d", "e::f"), "a::*::e::f");
        assert_eq!(grown("a::*::d", "e"), "a::*::d::e");
        assert_eq!(grown("a::*::d::e", "f"), "a::*::e::f");
        assert_eq!(grown("b", "b"), "b::b");
        assert_eq!(grown("a::*::b::b", "b"), "a::*::b::b");
    }
}
