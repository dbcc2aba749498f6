//! From similar pairs to groups: connected components by union-find.

use std::collections::BTreeMap;

use crate::lsh::Pair;

/// Returns the groups of two or more files, the largest first, each in ascending order.
pub(crate) fn groups(files: usize, pairs: &[Pair]) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..files).collect();
    for pair in pairs {
        let (left, right) = (root(&mut parents, pair.left), root(&mut parents, pair.right));
        parents[left.max(right)] = left.min(right);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for file in 0..files {
        groups.entry(root(&mut parents, file)).or_default().push(file);
    }
    let mut groups: Vec<_> = groups.into_values().filter(|it| it.len() > 1).collect();
    groups.sort_by_key(|it| std::cmp::Reverse(it.len()));
    groups
}

/// Finds the root of a file's group and shortens the way to it.
fn root(parents: &mut [usize], mut file: usize) -> usize {
    while parents[file] != file {
        parents[file] = parents[parents[file]];
        file = parents[file];
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_share_a_file_make_one_group() {
        let pair = |left, right| Pair { left, right, similarity: 1.0 };
        let groups = groups(7, &[pair(5, 6), pair(0, 2), pair(2, 4)]);
        assert_eq!(groups, [vec![0, 2, 4], vec![5, 6]]);
    }
}
