//! Paths as text: segments with `::` between them. Slices only, since many paths are looked at.

/// Returns the first segment.
pub(crate) fn first(path: &str) -> &str {
    path.find(':').map_or(path, |end| &path[..end])
}

/// Returns the last segment.
pub(crate) fn last(path: &str) -> &str {
    path.rfind(':').map_or(path, |end| &path[end + 1..])
}

/// Takes the last segment off; of a single one nothing is left.
pub(crate) fn split_last(path: &str) -> (&str, &str) {
    let last = last(path);
    (path.strip_suffix(last).and_then(|it| it.strip_suffix("::")).unwrap_or_default(), last)
}

/// Tells whether there are several segments.
pub(crate) fn has_several(path: &str) -> bool {
    path.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_stand_between_colons() {
        for path in ["a", "", "a::b", "a::*::b::c", "::krate::module"] {
            assert_eq!(Some(first(path)), path.split("::").next(), "{path}");
            assert_eq!(Some(last(path)), path.rsplit("::").next(), "{path}");
            assert_eq!(split_last(path), path.rsplit_once("::").unwrap_or(("", path)), "{path}");
            assert_eq!(has_several(path), path.contains("::"), "{path}");
        }
    }
}
