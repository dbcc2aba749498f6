//! Arrays of objects, one a line, so that `diff` and `grep` can read them too.

use serde::Serialize;

/// Writes an array.
pub(crate) fn array<T: Serialize>(entries: impl IntoIterator<Item = T>) -> String {
    let lines = entries.into_iter().map(|it| {
        serde_json::to_string(&it).expect("keys are texts, and values numbers, texts or lists")
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn arrays_have_an_entry_a_line() {
        assert_eq!(super::array::<u8>([]), "[]\n");
        assert_eq!(super::array([1, 2]), "[\n1,\n2\n]\n");
    }
}
