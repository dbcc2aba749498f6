//! Whether the order in which a collection gives its elements means anything: told by its type's
//! name, since serde calls a hash map, a sorted map and a map that keeps insertions by one name.
//!
//! Plain values go in and come out. What isn't known counts as ordered: that can cost a needless
//! recomputation, and never a stale result.

use std::any::type_name;

/// The type of the value being encoded, and how strict the encoding is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    type_name: &'static str,
    /// Somebody said so.
    is_unordered: bool,
    pub(super) mode: Mode,
}

/// How strict an encoding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// For keys: order counts wherever it may mean something.
    Key,
    /// To compare a value with itself as read back: order counts in the sequences of the standard
    /// library only, since a hash map inside another type gives its elements in any order.
    Loose,
}

/// What a collection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Order {
    /// The elements are encoded in the order given.
    Given,
    /// The order comes from hashing or says nothing that the elements don't: they are sorted.
    None,
}

impl Place {
    #[inline]
    pub(super) fn of<T: ?Sized>(mode: Mode) -> Self {
        Self { type_name: type_name::<T>(), is_unordered: false, mode }
    }

    /// The place of a value whose order says nothing, whatever its type is.
    pub(super) fn unordered<T: ?Sized>(mode: Mode) -> Self {
        Self { is_unordered: true, ..Self::of::<T>(mode) }
    }

    /// Tells whether somebody said that the order says nothing.
    pub(super) fn is_unordered(self) -> bool {
        self.is_unordered
    }

    pub(super) fn of_map(self) -> Order {
        let known = ["std::collections::hash::map::HashMap<", "hashbrown::map::HashMap<"];
        let sorted = "alloc::collections::btree::map::BTreeMap<";
        let name = bare(self.type_name);
        let is_unordered = self.is_unordered
            || self.mode == Mode::Loose
            || name.starts_with(sorted)
            || known.iter().any(|it| name.starts_with(it));
        if is_unordered { Order::None } else { Order::Given }
    }

    pub(super) fn of_sequence(self) -> Order {
        let known = ["std::collections::hash::set::HashSet<", "hashbrown::set::HashSet<"];
        let name = bare(self.type_name);
        let is_std =
            || ["[", "(", "alloc::", "core::", "std::"].iter().any(|it| name.starts_with(it));
        let is_unordered = self.is_unordered
            || known.iter().any(|it| name.starts_with(it))
            || self.mode == Mode::Loose && !is_std();
        if is_unordered { Order::None } else { Order::Given }
    }
}

/// Strips what serde sees through: references, and the pointers that own one value.
fn bare(mut name: &str) -> &str {
    const POINTERS: [&str; 3] = ["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"];
    loop {
        if let Some(rest) = name.strip_prefix('&') {
            name = rest;
            if let Some((_, rest)) = name.split_once(' ').filter(|it| it.0.starts_with('\'')) {
                name = rest;
            }
            name = name.strip_prefix("mut ").unwrap_or(name);
        } else if let Some(rest) = POINTERS.iter().find_map(|it| name.strip_prefix(it)) {
            name = rest;
        } else {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet},
        rc::Rc,
        sync::Arc,
    };

    use super::*;

    fn map<T: ?Sized>() -> Order {
        Place::of::<T>(Mode::Key).of_map()
    }

    fn sequence<T: ?Sized>() -> Order {
        Place::of::<T>(Mode::Key).of_sequence()
    }

    #[test]
    fn the_maps_and_sets_of_std_have_no_order_of_their_own() {
        assert_eq!(map::<HashMap<u8, u8>>(), Order::None);
        assert_eq!(map::<BTreeMap<u8, u8>>(), Order::None);
        assert_eq!(map::<&&mut Box<Rc<Arc<HashMap<&str, Vec<u8>>>>>>(), Order::None);
        assert_eq!(sequence::<&HashSet<u8>>(), Order::None);
        assert_eq!(bare("&'_ mut &'a x::Y<Z>"), "x::Y<Z>");
    }

    #[test]
    fn all_else_counts_as_ordered() {
        struct HashMap<T>(T);
        assert_eq!(map::<HashMap<u8>>(), Order::Given);
        assert_eq!(map::<Vec<std::collections::HashMap<u8, u8>>>(), Order::Given);
        assert_eq!(sequence::<Vec<u8>>(), Order::Given);
        assert_eq!(sequence::<BinaryHeap<u8>>(), Order::Given);
        assert_eq!(sequence::<BTreeSet<u8>>(), Order::Given);
        assert_eq!(sequence::<[HashSet<u8>; 1]>(), Order::Given);
    }
}
