//! Paths of items, such as `crate::module::<Type as Trait>::name`, cut into segments and compared
//! with what people write for them.

/// Cuts a path at the `::` that are outside of angle brackets.
pub(crate) fn segments(path: &str) -> Vec<&str> {
    let bytes = path.as_bytes();
    let (mut segments, mut depth, mut begin, mut at) = (Vec::new(), 0_usize, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            // The head of an arrow is no bracket.
            b'>' if at == 0 || !matches!(bytes[at - 1], b'-' | b'=') => {
                depth = depth.saturating_sub(1);
            }
            b':' if depth == 0 && bytes.get(at + 1) == Some(&b':') => {
                segments.push(&path[begin..at]);
                at += 1;
                begin = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    segments.push(&path[begin..]);
    segments
}

/// Returns the last segments of a path.
pub(crate) fn tail(path: &str, count: usize) -> String {
    let segments = segments(path);
    segments[segments.len().saturating_sub(count)..].join("::")
}

/// Tells whether a path ends with what was asked for. `<Type as Trait>` may be asked for as
/// `Type`, `<Type>` or `Trait`.
pub(crate) fn ends_with(path: &str, asked: &str) -> bool {
    let (path, asked) = (segments(path), segments(asked));
    path.len() >= asked.len()
        && asked.iter().rev().zip(path.iter().rev()).all(|(asked, it)| is_meant(it, asked))
}

fn is_meant(segment: &str, asked: &str) -> bool {
    let plain = |it: &str| it.trim_start_matches("r#").replace(' ', "");
    let asked = plain(asked);
    if plain(segment) == asked {
        return true;
    }
    let Some(inner) = segment.strip_prefix('<').and_then(|it| it.strip_suffix('>')) else {
        return false;
    };
    let asked = asked.strip_prefix('<').and_then(|it| it.strip_suffix('>')).unwrap_or(&asked);
    let parts = inner.split(" as ").collect::<Vec<_>>();
    parts.iter().any(|it| plain(it) == asked || plain(base(it)) == asked)
}

/// Returns a type's or trait's last name, without references and arguments.
fn base(ty: &str) -> &str {
    let mut ty = ty.trim();
    while let Some(rest) = ty.strip_prefix('&') {
        ty = rest.trim_start();
        if ty.starts_with('\'') {
            ty = ty.split_once(' ').map_or(ty, |(_, rest)| rest);
        }
        ty = ty.strip_prefix("mut ").unwrap_or(ty);
    }
    let ty = ty.split('<').next().unwrap_or(ty).trim();
    ty.rsplit("::").next().unwrap_or(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cut_outside_of_brackets() {
        assert_eq!(segments("a::<b::C as d::E>::f"), ["a", "<b::C as d::E>", "f"]);
        assert_eq!(
            segments("a::<F<fn() -> u8> as T>::f::g"),
            ["a", "<F<fn() -> u8> as T>", "f", "g"]
        );
        assert_eq!(tail("a::<b::C as d::E>::f", 2), "<b::C as d::E>::f");
        assert_eq!(tail("main", 2), "main");
    }

    #[track_caller]
    fn check(path: &str, asked: &str, expected: bool) {
        assert_eq!(ends_with(path, asked), expected, "{asked} for {path}");
    }

    #[test]
    fn functions_are_found_by_the_end_of_their_path() {
        check("demo::a::simulate", "simulate", true);
        check("demo::a::simulate", "a::simulate", true);
        check("demo::a::simulate", "late", false);
        check("demo::a::simulate", "b::simulate", false);
        check("demo::r#match", "match", true);
        check("simulate", "demo::simulate", false);
    }

    #[test]
    fn methods_are_found_by_their_type_or_trait() {
        let path = "demo::<&'a mut Grid<T> as fmt::Display>::fmt";
        for asked in ["Grid::fmt", "<Grid>::fmt", "Display::fmt", "fmt", path] {
            check(path, asked, true);
        }
        check(path, "Field::fmt", false);
        check("demo::<Grid>::new", "<Grid>::new", true);
    }
}
