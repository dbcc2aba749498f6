//! Two sets of items beside each other, a word of bits at a time: sets are large, and what is asked of two
//! of them is mostly little.

use fixedbitset::FixedBitSet;

const BITS: usize = usize::BITS as usize;

/// Returns what is in both.
pub(crate) fn shared<'a>(
    one: &'a FixedBitSet,
    other: &'a FixedBitSet,
) -> impl Iterator<Item = usize> + 'a {
    let words = one.as_slice().iter().zip(other.as_slice()).map(|(a, b)| a & b);
    words.enumerate().flat_map(|(index, word)| bits(index, word))
}

/// Returns what is in one of them only.
pub(crate) fn different<'a>(
    one: &'a FixedBitSet,
    other: &'a FixedBitSet,
) -> impl Iterator<Item = usize> + 'a {
    let (one, other) = (one.as_slice(), other.as_slice());
    let word = |words: &[usize], index| words.get(index).copied().unwrap_or(0);
    let count = one.len().max(other.len());
    (0..count).flat_map(move |index| bits(index, word(one, index) ^ word(other, index)))
}

fn bits(index: usize, word: usize) -> impl Iterator<Item = usize> {
    let rest = |it: &usize| Some(it & it.wrapping_sub(1));
    let left = std::iter::successors(Some(word), rest).take_while(|it| *it != 0);
    left.map(move |it| index * BITS + it.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(capacity: usize, members: &[usize]) -> FixedBitSet {
        let mut set = FixedBitSet::with_capacity(capacity);
        members.iter().for_each(|it| set.insert(*it));
        set
    }

    #[test]
    fn sets_of_different_sizes_are_compared() {
        let (small, large) = (set(70, &[0, 5, 63, 64]), set(300, &[5, 64, 69, 128, 299]));
        for (one, other) in [(&small, &large), (&large, &small)] {
            assert_eq!(shared(one, other).collect::<Vec<_>>(), [5, 64]);
            assert_eq!(different(one, other).collect::<Vec<_>>(), [0, 63, 69, 128, 299]);
            assert_eq!(different(one, one).count(), 0);
        }
        assert_eq!(shared(&small, &FixedBitSet::new()).count(), 0);
    }
}
