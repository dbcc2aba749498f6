//! From a text to its sketch: for each of many hash functions the least value over all shingles.
//! Two sketches agree in about as many places as their shingle sets are alike (Broder 1997).

use std::collections::BTreeSet;

use perennial::memo;
use serde::{Deserialize, Serialize};

use crate::{shingle::shingles, splitmix::mix};

/// How many hash functions there are. The error of an estimate is about 1 / sqrt of it: 3 %.
pub(crate) const FUNCTIONS: usize = 1024;

/// The least value of each hash function over a text's shingles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch {
    pub(crate) minima: Vec<u32>,
}

impl Sketch {
    /// Estimates the Jaccard similarity of the texts behind two sketches, from 0 to 1.
    pub(crate) fn similarity(&self, other: &Self) -> f64 {
        let equal = self.minima.iter().zip(&other.minima).filter(|(a, b)| a == b).count();
        #[expect(clippy::cast_precision_loss, reason = "there are 1024 at most")]
        let (equal, all) = (equal as f64, FUNCTIONS as f64);
        equal / all
    }
}

/// Sketches a text. The expensive stage: every shingle meets every hash function.
#[memo]
pub(crate) fn sketch(text: &str) -> Sketch {
    Sketch { minima: minima(&shingles(text)) }
}

fn minima(shingles: &BTreeSet<u64>) -> Vec<u32> {
    let mut minima = vec![u32::MAX; FUNCTIONS];
    let functions: Vec<(u64, u64)> = (0..FUNCTIONS as u64).map(function).collect();
    for shingle in shingles {
        for (least, (factor, offset)) in minima.iter_mut().zip(&functions) {
            *least = (*least).min(upper_half(shingle.wrapping_mul(*factor).wrapping_add(*offset)));
        }
    }
    minima
}

/// Returns the multiplier (odd) and the offset of a hash function.
fn function(number: u64) -> (u64, u64) {
    (mix(2 * number) | 1, mix(2 * number + 1))
}

fn upper_half(number: u64) -> u32 {
    u32::try_from(number >> 32).expect("32 bits are left")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch_of(numbers: impl Iterator<Item = u64>) -> Sketch {
        Sketch { minima: minima(&numbers.map(mix).collect()) }
    }

    #[test]
    fn the_estimate_is_near_the_true_similarity() {
        // 500 of 1,500 are shared: a third.
        let (a, b) = (sketch_of(0..1000), sketch_of(500..1500));
        assert!((a.similarity(&b) - 1.0 / 3.0).abs() < 0.06, "{}", a.similarity(&b));
        assert!((a.similarity(&a) - 1.0).abs() < f64::EPSILON);
        assert!(a.similarity(&sketch_of(5000..6000)) < 0.02);
    }
}
