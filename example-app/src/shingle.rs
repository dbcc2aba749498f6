//! From a text to its shingles: the set of its runs of words, each run as a hash.

use std::collections::BTreeSet;

use crate::splitmix::mix;

/// How many words make a shingle.
const WORDS: usize = 5;

/// Returns the hashes of all runs of five words.
pub(crate) fn shingles(text: &str) -> BTreeSet<u64> {
    let words: Vec<u64> = words(text).map(hash_word).collect();
    words.windows(WORDS.min(words.len()).max(1)).map(hash_run).collect()
}

/// Splits a source text into words: identifiers, numbers, and each other sign by itself.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = if is_word(first) {
            rest.find(|it| !is_word(it)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, others) = rest.split_at(end);
        rest = others;
        Some(word)
    })
}

/// Hashes a word without regard to case (FNV-1a).
fn hash_word(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
    })
}

fn hash_run(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash, word| mix(hash ^ word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_identifiers_and_signs() {
        let words: Vec<_> = words("let x_1 = f(2);\n").collect();
        assert_eq!(words, ["let", "x_1", "=", "f", "(", "2", ")", ";"]);
    }

    #[test]
    fn space_and_case_do_not_matter_and_order_does() {
        assert_eq!(shingles("a b c d e f"), shingles("A  b c\nd e F"));
        assert_ne!(shingles("a b c d e f"), shingles("f e d c b a"));
    }

    #[test]
    fn a_text_of_n_words_has_n_minus_four_shingles() {
        assert_eq!(shingles("a b c d e f g").len(), 3);
        assert_eq!(shingles("a b").len(), 1);
        assert_eq!(shingles("").len(), 0);
    }
}
