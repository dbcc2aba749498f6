//! In which order sets are looked at one after another, so that each differs little from the one before:
//! what is known of one set can then be changed into what is known of the next. Must not decide anything
//! but how much work that is.

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeMap,
};

use fixedbitset::FixedBitSet;

/// Returns the numbers of sets in such an order, equal ones beside each other.
pub(crate) fn succession(sets: &[FixedBitSet]) -> Vec<usize> {
    let mut equal: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (number, set) in sets.iter().enumerate() {
        equal.entry(set.as_slice()).or_default().push(number);
    }
    let mut equal: Vec<_> = equal.into_iter().collect();
    let common_first = common_first(equal.iter().map(|(words, _)| *words));
    // Sorted as words of a language are whose letters are ordered by how common they are, sets stand beside
    // those with which they share what is common.
    let word = |set: &[usize], place: usize| set.get(place).copied().unwrap_or(0);
    equal.sort_unstable_by(|(a, _), (b, _)| {
        let differing = common_first.iter().find(|it| word(a, **it) != word(b, **it));
        differing.map_or(Ordering::Equal, |it| word(b, *it).cmp(&word(a, *it)))
    });
    equal.into_iter().flat_map(|(_, numbers)| numbers).collect()
}

/// The places of words in sets, those with the most members in all first.
fn common_first<'a>(sets: impl Iterator<Item = &'a [usize]>) -> Vec<usize> {
    let mut counts: Vec<u64> = Vec::new();
    for set in sets {
        counts.resize(counts.len().max(set.len()), 0);
        for (count, word) in counts.iter_mut().zip(set) {
            *count += u64::from(word.count_ones());
        }
    }
    let mut places: Vec<_> = (0..counts.len()).collect();
    places.sort_by_key(|it| Reverse(counts[*it]));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(members: &[usize]) -> FixedBitSet {
        let mut set = FixedBitSet::with_capacity(100);
        members.iter().for_each(|it| set.insert(*it));
        set
    }

    #[test]
    fn each_set_comes_once_and_equal_ones_beside_each_other() {
        let sets =
            [&[1, 70][..], &[99], &[], &[1, 70], &[1, 70, 99], &[99], &[2]].map(set).to_vec();
        let order = succession(&sets);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..sets.len()).collect::<Vec<_>>());
        let changes = order.windows(2).filter(|it| sets[it[0]] != sets[it[1]]);
        assert_eq!(changes.count(), 4);
    }

    #[test]
    fn sets_that_share_much_stand_together() {
        let sets: Vec<_> = (0..40)
            .map(|it| set(&[it, 40 + it % 2, 50 + it % 2, 60 + it % 2, 70 + it % 2]))
            .collect();
        let order = succession(&sets);
        let differs = |it: &[usize]| sets[it[0]].symmetric_difference(&sets[it[1]]).count();
        assert_eq!(order.windows(2).map(differs).sum::<usize>(), 38 * 2 + 10);
    }
}
