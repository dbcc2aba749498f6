//! From the text that the compiler prints of MIR to what each body names: constants, statics, and
//! the functions that are called. LLVM IR has values in place of constants; here their names remain.

use std::path::Path;

use super::source::Printed;

/// A function's or a constant's body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Body<'a> {
    /// The path, with `{closure#0}`, `promoted[0]` and their like.
    pub(crate) path: &'a str,
    pub(crate) is_function: bool,
    /// Paths of what may be constants; values such as `1_u8` are among them.
    pub(crate) constants: Vec<&'a str>,
    pub(crate) calls: Vec<&'a str>,
}

/// Reads all bodies.
pub(crate) fn bodies(text: &str) -> Vec<Body<'_>> {
    let mut bodies = Vec::new();
    for line in text.lines() {
        if let Some((path, is_function)) = head(line) {
            bodies.push(Body { path, is_function, ..Body::default() });
        }
        let Some(body) = bodies.last_mut() else { continue };
        if let Some((_, name)) = line.split_once(" (static: ") {
            body.constants.extend(name.split_once(", size: ").map(|it| it.0));
            continue;
        }
        // What begins the line is the head's keyword.
        let constants = line.match_indices("const ").filter(|(at, _)| *at > 0);
        body.constants.extend(constants.map(|(at, it)| path_at(&line[at + it.len()..])));
        if line.contains(" -> [return: ") || line.contains(" -> unwind ") {
            body.calls.extend(line.split_once(" = ").map(|it| path_at(it.1)));
        }
    }
    bodies
}

/// Reads a path as printed: type arguments left out, an impl's place kept.
pub(crate) fn printed(path: &str) -> Option<Printed<'_>> {
    let mut implementation = None;
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(place) = rest.strip_prefix("<impl at ") {
            let (file, after) = place.split_once(".rs:")?;
            let line = after.split_once(':')?.0.parse().ok()?;
            implementation = Some((Path::new(&place[..file.len() + ".rs".len()]), line));
            segments.clear();
        } else if rest.starts_with('<') {
            let inner = &rest[1..closing(rest)?];
            // `<Type as Trait>::name`; after a name, type arguments.
            if segments.is_empty() {
                segments = printed(inner.split(" as ").next()?)?.segments;
            }
        } else {
            let end =
                rest.find("::").unwrap_or(rest.len()).min(rest.find('<').unwrap_or(rest.len()));
            segments.push(rest[..end].trim_start_matches("r#"));
        }
        let end = if rest.starts_with('<') {
            closing(rest)? + 1
        } else {
            rest.find("::").unwrap_or(rest.len()).min(rest.find('<').unwrap_or(rest.len()))
        };
        rest = rest[end..].trim_start_matches("::");
    }
    (!segments.is_empty()).then_some(Printed { implementation, segments })
}

/// Returns the path of the item that a body belongs to, and whether it is no closure.
pub(crate) fn item_of(path: &str) -> (&str, bool) {
    let mut item = path;
    let mut is_evaluated = false;
    while let Some((outer, last)) = item.rsplit_once("::")
        && (last.starts_with('{') || last.starts_with("promoted[") || last == "closure")
    {
        is_evaluated |= last.starts_with("{constant#") || last.starts_with("promoted[");
        item = outer;
    }
    (item, is_evaluated)
}

/// Reads a line that begins a body.
fn head(line: &str) -> Option<(&str, bool)> {
    const KEYWORDS: [(&str, bool); 5] = [
        ("fn ", true),
        ("const fn ", true),
        ("const ", false),
        ("static mut ", false),
        ("static ", false),
    ];
    let found = KEYWORDS.into_iter().find_map(|(keyword, is_function)| {
        Some((path_at(line.strip_prefix(keyword)?), is_function))
    });
    // Lengths of arrays in the types of statics have none.
    let is_bare = || !line.starts_with(' ') && path_at(line).contains("::{constant#");
    found.or_else(|| is_bare().then(|| (path_at(line), false)))
}

/// Returns the path at the beginning of a text.
fn path_at(text: &str) -> &str {
    let (mut depth, mut before) = (0_usize, ' ');
    let end = text.char_indices().find(|(at, it)| {
        let last = std::mem::replace(&mut before, *it);
        match it {
            '<' | '[' | '{' => depth += 1,
            '>' if last == '-' => {}
            '>' | ']' | '}' if depth > 0 => depth -= 1,
            ':' if depth == 0 => return !text[*at..].starts_with("::") && last != ':',
            '(' | ')' | ']' | '}' | ',' | ';' | ' ' => return depth == 0,
            _ => {}
        }
        false
    });
    &text[..end.map_or(text.len(), |it| it.0)]
}

/// Returns where the bracket closes that opens a text.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (0_usize, ' ');
    text.char_indices().find_map(|(at, it)| {
        let last = std::mem::replace(&mut before, it);
        match it {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
fn simd::<impl at src/simd.rs:14:1: 14:19>::sum(_1: &[u8; const simd::N]) -> usize {
    let mut _0: usize;
    bb0: {
        _2 = const {alloc3: &[bool; 256]};
        _3 = Add(copy _2, const simd::Block::<u8>::WIDTH);
        _4 = <[u8] as Index<usize>>::index(copy _1, const 1_usize) -> [return: bb1, unwind continue];
    }
}

alloc3 (static: MAP, size: 256, align: 1) {
    00
}

MAP::{constant#0}: usize = {
    bb0: {
        _0 = const simd::N;
    }
}

const WIDE: Option<usize> = {
    bb0: {
        _0 = simd::block::<4>(const <simd::A as simd::T>::N) -> [return: bb1, unwind continue];
    }
}
";

    #[test]
    fn bodies_name_constants_statics_and_calls() {
        let bodies = bodies(TEXT);
        assert_eq!(bodies.len(), 3);
        assert_eq!(bodies[0].path, "simd::<impl at src/simd.rs:14:1: 14:19>::sum");
        let constants =
            ["simd::N", "{alloc3: &[bool; 256]}", "simd::Block::<u8>::WIDTH", "1_usize", "MAP"];
        assert_eq!(bodies[0].constants, constants);
        assert_eq!(bodies[0].calls, ["<[u8] as Index<usize>>::index"]);
        assert_eq!(
            (bodies[1].path, &bodies[1].constants[..]),
            ("MAP::{constant#0}", &["simd::N"][..])
        );
        assert_eq!((bodies[2].path, bodies[2].is_function), ("WIDE", false));
        assert_eq!(bodies[2].constants, ["<simd::A as simd::T>::N"]);
        assert_eq!(bodies[2].calls, ["simd::block::<4>"]);
    }

    #[test]
    fn paths_lose_their_type_arguments_and_keep_their_impl() {
        let read = |it| printed(it).unwrap();
        assert_eq!(read("simd::Block::<u8>::WIDTH").segments, ["simd", "Block", "WIDTH"]);
        assert_eq!(read("<simd::A<u8> as simd::T>::N").segments, ["simd", "A", "N"]);
        let of_impl = read("simd::<impl at src/simd.rs:14:1: 14:19>::sum");
        assert_eq!(of_impl.implementation, Some((Path::new("src/simd.rs"), 14)));
        assert_eq!(of_impl.segments, ["sum"]);
    }

    #[test]
    fn closures_and_promoted_values_belong_to_their_item() {
        assert_eq!(item_of("a::f::{closure#0}::promoted[1]"), ("a::f", true));
        assert_eq!(item_of("a::f::{closure#0}"), ("a::f", false));
        assert_eq!(item_of("a::f"), ("a::f", false));
    }
}
