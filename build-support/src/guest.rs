//! Stage 7, of type arguments: what the type parameters of a start may stand for. Goes in: what a walk
//! reached without them; comes out: the members that it can call of types that nobody names, its
//! guests. Each is walked on its own, since code that knows a type only by its bounds does not bring the
//! type into play. Must not judge by types: whoever implements a bound is a guest.

use fixedbitset::FixedBitSet;

use crate::{
    cause::{Cause, Reason},
    network::{Bound, Network, Owner},
    program::{ItemId, ItemKind},
    walk::Walk,
};

/// Items of implementors, by their numbers.
#[derive(Debug)]
pub(crate) struct Guests {
    /// Their text counts: headers, types with a derive.
    pub(crate) shown: FixedBitSet,
    /// Their code runs.
    pub(crate) run: FixedBitSet,
}

/// Traits whose implementors a type parameter may stand for.
#[derive(Debug)]
pub(crate) struct Admitted {
    local: FixedBitSet,
    /// By the place in [`IMPLIED`].
    of_std: FixedBitSet,
    /// Some that are neither the program's nor known.
    is_foreign: bool,
    is_any: bool,
}

impl Admitted {
    pub(crate) fn new(network: &Network) -> Self {
        Self {
            local: FixedBitSet::with_capacity(network.nodes.len()),
            of_std: FixedBitSet::with_capacity(IMPLIED.len()),
            is_foreign: false,
            is_any: false,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.local.clear();
        self.of_std.clear();
        (self.is_foreign, self.is_any) = (false, false);
    }
}

impl Walk<'_> {
    /// The type parameters of a root may be any implementor of their bounds, and own any `Drop`.
    pub(crate) fn admit(&mut self, root: ItemId, is_start: bool) {
        let network = self.network;
        let node = network.node(root);
        let is_default = node.parent.is_some_and(|it| network.node(it).kind == ItemKind::Trait);
        // What a trait of std hands to parameters of its methods, the names that call them tell.
        let is_told = !is_start
            && node.membership.is_some_and(|it| match it.owner {
                Owner::ForeignTrait { of } => network.impls[of as usize].is_of_std,
                _ => false,
            });
        let own = Some(root).filter(|_| !is_told && node.is_generic);
        let around = node.parent.filter(|it| is_default || network.node(*it).is_generic);
        if own.is_none() && around.is_none() {
            return;
        }
        self.admitted.is_any = true;
        for item in own.into_iter().chain(around) {
            if is_default && Some(item) == around {
                self.admit_local(item, root);
            }
            self.admit_named(item, root);
        }
        if node.owns || self.may_make_values() {
            self.admit_std(DROP);
        }
    }

    /// Tells whether a bound may give code that knows no more of a type a value of it, or of a type that
    /// it brings along: code that is only lent values can't drop any.
    fn may_make_values(&self) -> bool {
        let network = self.network;
        self.admitted.is_foreign
            || self.admitted.local.ones().any(|it| network.nodes[it].makes)
            || self.admitted.of_std.ones().any(|place| match IMPLIED[place].0 {
                // Of the hasher that it makes only what the program's own hold can be dropped.
                "BuildHasher" => {
                    let hasher = implied("Hasher").map(|it| network.std_traits[it] as usize);
                    hasher.is_none_or(|it| !network.foreign_traits[it].impls.is_empty())
                }
                name => !LENDING.contains(&name),
            })
    }

    /// Every trait that an item names may be a bound.
    fn admit_named(&mut self, item: ItemId, root: ItemId) {
        for bound in &self.network.node(item).bounds {
            match bound {
                Bound::Local(id) => self.admit_local(*id, root),
                Bound::Foreign { of_std: Some(place), .. } => self.admit_std(*place),
                // What such a trait brings along is not known: its implementors are in play.
                Bound::Foreign { of, of_std: None, makes } => {
                    let cause = Cause { from: root, reason: Reason::Parameter };
                    self.foreign_implementors(*of, cause);
                    self.admitted.is_foreign |= makes;
                }
            }
        }
    }

    /// The bounds of a trait on itself and on its associated types are known of a parameter too.
    fn admit_local(&mut self, of: ItemId, root: ItemId) {
        if self.admitted.local.put(of.index()) {
            return;
        }
        self.admit_named(of, root);
        for member in &self.network.node(of).members {
            if self.network.node(*member).returns_opaque {
                self.admit_named(*member, root);
            }
        }
    }

    fn admit_std(&mut self, place: usize) {
        if !self.admitted.of_std.put(place) {
            IMPLIED[place].1.iter().filter_map(|it| implied(it)).for_each(|it| self.admit_std(it));
        }
    }

    /// The same; none where it admits nothing.
    pub(crate) fn guests_if_any(&self) -> Option<Guests> {
        self.admitted.is_any.then(|| self.guests())
    }

    /// Returns what the walk, which has ended, can call of those that it admits.
    pub(crate) fn guests(&self) -> Guests {
        let network = self.network;
        let items = || FixedBitSet::with_capacity(network.nodes.len());
        let mut guests = Guests { shown: items(), run: items() };
        if !self.admitted.is_any {
            return guests;
        }
        let is_seen = |it: &&ItemId| self.view.contains(**it);
        for of in self.admitted.local.ones() {
            self.add_guests(&network.nodes[of].implementors, &mut guests);
        }
        for place in self.admitted.of_std.ones() {
            let of = &network.foreign_traits[network.std_traits[place] as usize];
            self.add_guests(&of.impls, &mut guests);
            guests.shown.extend(of.derivers.iter().filter(is_seen).map(|it| it.index()));
        }
        // A derive of another crate, or a macro, may implement any trait.
        let any = network.open_derivers.iter().chain(&network.calls);
        guests.run.extend(any.filter(is_seen).map(|it| it.index()));
        guests
    }

    fn add_guests(&self, impls: &[u32], guests: &mut Guests) {
        for index in impls {
            let header = &self.network.impls[*index as usize];
            if !self.view.contains(header.item) {
                continue;
            }
            guests.shown.insert(header.item.index());
            if header.has_macros {
                guests.run.insert(header.item.index());
            }
            let is_whole = self.is_called_unseen(header);
            for member in &self.network.node(header.item).members {
                if is_whole || self.would_want(*member).is_some() {
                    guests.run.insert(member.index());
                }
            }
        }
    }
}

/// Traits of std whose functions give no value of the type that implements them, but for those that
/// they are given. What closures give, `ownership` knows.
const LENDING: &[&str] = &[
    "AsMut",
    "AsRef",
    "Binary",
    "Borrow",
    "BorrowMut",
    "Debug",
    "Deref",
    "DerefMut",
    "Display",
    "Eq",
    "Error",
    "Fn",
    "FnMut",
    "FnOnce",
    "Hash",
    "Hasher",
    "Index",
    "IndexMut",
    "LowerExp",
    "LowerHex",
    "Octal",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Pointer",
    "RangeBounds",
    "Send",
    "Sized",
    "Sync",
    "ToString",
    "Unpin",
    "UpperExp",
    "UpperHex",
];

/// Returns the place of a trait of std in [`IMPLIED`].
pub(crate) fn implied(name: &str) -> Option<usize> {
    IMPLIED.binary_search_by_key(&name, |it| it.0).ok()
}

/// The place of `Drop`.
const DROP: usize = 25;

/// Traits of std, by their names there, each with those that its implementors or their associated types
/// implement as well, and those whose implementors std makes implementors of it. Of others than these
/// that is not known.
pub(crate) const IMPLIED: &[(&str, &[&str])] = &[
    ("Add", &[]),
    ("AddAssign", &[]),
    ("AsMut", &[]),
    ("AsRef", &[]),
    ("Binary", &[]),
    ("BitAnd", &[]),
    ("BitAndAssign", &[]),
    ("BitOr", &[]),
    ("BitOrAssign", &[]),
    ("BitXor", &[]),
    ("BitXorAssign", &[]),
    ("Borrow", &[]),
    ("BorrowMut", &["Borrow"]),
    ("BufRead", &["Read"]),
    ("BuildHasher", &["Hasher"]),
    ("Clone", &[]),
    ("Copy", &["Clone"]),
    ("Debug", &[]),
    ("Default", &[]),
    ("Deref", &[]),
    ("DerefMut", &["Deref"]),
    ("Display", &[]),
    ("Div", &[]),
    ("DivAssign", &[]),
    ("DoubleEndedIterator", &["Iterator"]),
    ("Drop", &[]),
    ("Eq", &["PartialEq"]),
    ("Error", &["Debug", "Display"]),
    ("ExactSizeIterator", &["Iterator"]),
    ("Extend", &[]),
    ("Fn", &["FnMut"]),
    ("FnMut", &["FnOnce"]),
    ("FnOnce", &[]),
    ("From", &[]),
    ("FromIterator", &[]),
    ("FromStr", &[]),
    ("FusedIterator", &["Iterator"]),
    ("Future", &[]),
    ("Hash", &[]),
    ("Hasher", &[]),
    ("Index", &[]),
    ("IndexMut", &["Index"]),
    ("Into", &["From"]),
    ("IntoFuture", &["Future"]),
    ("IntoIterator", &["DoubleEndedIterator", "ExactSizeIterator", "Iterator"]),
    ("Iterator", &[]),
    ("LowerExp", &[]),
    ("LowerHex", &[]),
    ("Mul", &[]),
    ("MulAssign", &[]),
    ("Neg", &[]),
    ("Not", &[]),
    ("Octal", &[]),
    ("Ord", &["Eq", "PartialOrd", "PartialEq"]),
    ("PartialEq", &[]),
    ("PartialOrd", &["PartialEq"]),
    ("Pointer", &[]),
    ("Product", &[]),
    ("RangeBounds", &[]),
    ("Read", &[]),
    ("Rem", &[]),
    ("RemAssign", &[]),
    ("Seek", &[]),
    ("Send", &[]),
    ("Shl", &[]),
    ("ShlAssign", &[]),
    ("Shr", &[]),
    ("ShrAssign", &[]),
    ("Sized", &[]),
    ("Sub", &[]),
    ("SubAssign", &[]),
    ("Sum", &[]),
    ("Sync", &[]),
    ("ToOwned", &["Borrow", "Clone"]),
    ("ToString", &["Display"]),
    ("TryFrom", &["From", "Into"]),
    ("TryInto", &["From", "Into", "TryFrom"]),
    ("Unpin", &[]),
    ("UpperExp", &[]),
    ("UpperHex", &[]),
    ("Write", &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_traits_imply_is_sorted_and_known_itself() {
        assert!(IMPLIED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(IMPLIED.iter().flat_map(|it| it.1).all(|it| implied(it).is_some()));
        assert_eq!(IMPLIED[DROP].0, "Drop");
    }
}
