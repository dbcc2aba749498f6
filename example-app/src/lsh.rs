//! Which sketches are alike, without comparing all with all: locality-sensitive hashing by bands.

use std::collections::{BTreeMap, BTreeSet};

use perennial::memo;
use serde::{Deserialize, Serialize};

use crate::minhash::{FUNCTIONS, Sketch};

/// Rows in a band. With 64 bands of 16 rows, pairs that are 0.77 alike become candidates in half of
/// the cases, and nearly all above 0.85.
const ROWS: usize = 16;

/// Two similar files, by their numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair {
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// The estimated Jaccard similarity, from 0 to 1.
    pub(crate) similarity: f64,
}

/// Finds the pairs of sketches that are at least `threshold` alike.
#[memo]
pub(crate) fn similar_pairs(sketches: &[Sketch], threshold: f64) -> Vec<Pair> {
    candidates(sketches)
        .into_iter()
        .map(|(left, right)| Pair {
            left,
            right,
            similarity: sketches[left].similarity(&sketches[right]),
        })
        .filter(|pair| pair.similarity >= threshold)
        .collect()
}

/// Pairs that agree in all rows of at least one band.
fn candidates(sketches: &[Sketch]) -> BTreeSet<(usize, usize)> {
    let mut candidates = BTreeSet::new();
    for band in (0..FUNCTIONS).step_by(ROWS) {
        let mut buckets: BTreeMap<&[u32], Vec<usize>> = BTreeMap::new();
        for (number, sketch) in sketches.iter().enumerate() {
            buckets.entry(&sketch.minima[band..band + ROWS]).or_default().push(number);
        }
        for bucket in buckets.values() {
            for (place, left) in bucket.iter().enumerate() {
                candidates.extend(bucket[place + 1..].iter().map(|right| (*left, *right)));
            }
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(seed: u32, changed: usize) -> Sketch {
        let minima = (0..FUNCTIONS).map(|it| {
            let number = u32::try_from(it).unwrap();
            if it < changed { number ^ seed } else { number }
        });
        Sketch { minima: minima.collect() }
    }

    #[test]
    fn planted_duplicates_are_found_and_others_are_not() {
        let far = Sketch { minima: vec![7; FUNCTIONS] };
        let sketches = [sketch(0, 0), sketch(0xffff_0000, 100), far];
        let pairs = perennial::suspended(|| similar_pairs(&sketches, 0.8));
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].left, pairs[0].right), (0, 1));
        assert!((pairs[0].similarity - (1.0 - 100.0 / 1024.0)).abs() < 1e-12);
        assert!(perennial::suspended(|| similar_pairs(&sketches, 0.95)).is_empty());
    }
}
