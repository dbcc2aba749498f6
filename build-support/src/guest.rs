//! Stage 7, of type arguments: what the type parameters of a start may stand for. Goes in: what a walk
//! reached without them; comes out: the members that it can call of types that nobody names, its
//! guests. Each is walked on its own, since code that knows a type only by its bounds does not bring the
//! type into play. Must not judge by types: whoever implements a bound is a guest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    attribute,
    cause::{Cause, Reason},
    closure::{Graph, Reached},
    facts::Endpoint,
    impl_header::ImplTrait,
    prelude,
    program::{ItemId, ItemKind, Syntax},
    walk::Walk,
};

/// What an item reaches by itself, and its guests.
pub(crate) struct World {
    pub(crate) reached: Vec<(ItemId, Cause)>,
    pub(crate) guests: BTreeSet<Guest>,
}

/// An item of an implementor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Guest {
    /// Its text counts: a header, a type with a derive.
    Shown(ItemId),
    /// Its code runs.
    Run(ItemId),
}

/// Traits whose implementors a type parameter may stand for.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    local: BTreeSet<ItemId>,
    of_std: BTreeSet<&'static str>,
    pub(crate) is_any: bool,
}

impl Graph<'_, '_> {
    /// Returns every item that a start reaches, itself included.
    pub(crate) fn reached_from(&self, start: ItemId) -> Reached {
        let mut reached = BTreeMap::new();
        let mut seen = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        while let Some(root) = queue.pop_front() {
            let world = self.world(root, start);
            for (id, cause) in &world.reached {
                reached.entry(*id).or_insert(*cause);
            }
            let cause = Cause { from: root, reason: Reason::Parameter };
            for guest in &world.guests {
                let (Guest::Shown(id) | Guest::Run(id)) = *guest;
                reached.entry(id).or_insert(cause);
                if matches!(guest, Guest::Run(_)) && seen.insert(id) {
                    queue.push_back(id);
                }
            }
        }
        reached
    }
}

impl Walk<'_, '_, '_> {
    /// The type parameters of a root may be any implementor of their bounds, and own any `Drop`.
    pub(crate) fn admit(&mut self, root: ItemId, is_start: bool) {
        let program = self.graph.program;
        let parent = program.item(root).parent;
        let is_default = parent.is_some_and(|it| program.item(it).kind == ItemKind::Trait);
        let is_open = |it: &ItemId| self.graph.is_generic[it.index()];
        // What a trait of std hands to parameters of its methods, the names that call them tell.
        let is_told = !is_start
            && parent.is_some_and(|it| {
                self.graph.members.impl_of_item.get(&it).is_some_and(|it| {
                    let header = &self.graph.members.impls[*it];
                    matches!(header.of_trait, Some(ImplTrait::Foreign { is_std: true, .. }))
                })
            });
        let own = Some(root).filter(|it| !is_told && is_open(it));
        let around = parent.filter(|it| is_default || is_open(it));
        if own.is_none() && around.is_none() {
            return;
        }
        self.admitted.is_any = true;
        self.admit_std("Drop");
        for item in own.into_iter().chain(around) {
            if is_default && Some(item) == around {
                self.admit_local(item);
            }
            self.admit_named(item);
        }
    }

    /// Every trait that an item names may be a bound.
    fn admit_named(&mut self, item: ItemId) {
        for target in self.graph.facts[item.index()].edges.iter().flat_map(|it| &it.targets) {
            match target {
                Endpoint::Item(id) if self.graph.program.item(*id).kind == ItemKind::Trait => {
                    self.admit_local(*id);
                }
                Endpoint::Path(path) => self.admit_foreign(path),
                Endpoint::Item(_) => {}
            }
        }
    }

    /// The bounds of a trait on itself and on its associated types are known of a parameter too.
    fn admit_local(&mut self, of: ItemId) {
        if !self.admitted.local.insert(of) {
            return;
        }
        self.admit_named(of);
        for member in &self.graph.program.item(of).members {
            if returns_opaque(&self.graph.program.item(*member).syntax) {
                self.admit_named(*member);
            }
        }
    }

    fn admit_foreign(&mut self, path: &str) {
        let name = path.rsplit("::").next().unwrap_or_default();
        if prelude::is_std(path) && implied(name).is_some() {
            self.admit_std(name);
        } else {
            // What such a trait brings along is not known: its implementors are in play.
            let cause = Cause { from: self.root, reason: Reason::Parameter };
            self.foreign_implementors(name, cause);
        }
    }

    fn admit_std(&mut self, name: &str) {
        let Some((name, others)) = implied(name) else { return };
        if self.admitted.of_std.insert(name) {
            others.iter().for_each(|it| self.admit_std(it));
        }
    }

    /// Returns what the walk, which has ended, can call of those that it admits.
    pub(crate) fn guests(&self) -> BTreeSet<Guest> {
        let mut guests = BTreeSet::new();
        if !self.admitted.is_any {
            return guests;
        }
        let members = self.graph.members;
        for of in &self.admitted.local {
            self.add_guests(members.impls_of_trait.get(of), &mut guests);
        }
        for of in &self.admitted.of_std {
            self.add_guests(members.impls_of_foreign.get(*of), &mut guests);
            let derived = members.derives.get(*of).into_iter().flatten();
            guests
                .extend(derived.filter(|it| self.view.contains(**it)).map(|it| Guest::Shown(*it)));
        }
        // A derive of another crate, or a macro, may implement any trait.
        let others = members.derives.iter().filter(|(it, _)| !attribute::is_standard(it));
        let types = others.flat_map(|it| it.1).copied();
        let any = types.chain(self.graph.calls.iter().map(|it| it.item));
        guests.extend(any.filter(|it| self.view.contains(*it)).map(Guest::Run));
        guests
    }

    fn add_guests(&self, impls: Option<&Vec<usize>>, guests: &mut BTreeSet<Guest>) {
        for index in impls.into_iter().flatten() {
            let header = &self.graph.members.impls[*index];
            let Some(item) = header.item.filter(|it| self.view.contains(*it)) else { continue };
            guests.insert(Guest::Shown(item));
            if header.has_macros {
                guests.insert(Guest::Run(item));
            }
            let is_whole = header.of_trait.as_ref().is_some_and(|it| self.is_called_unseen(it));
            for member in &self.graph.program.item(item).members {
                let name = self.graph.program.item(*member).name.as_str();
                if is_whole || self.wants_of(*index, name).is_some() {
                    guests.insert(Guest::Run(*member));
                }
            }
        }
    }
}

/// Tells whether a method of a trait returns a type that only its body names.
fn returns_opaque(syntax: &Syntax) -> bool {
    let Syntax::TraitMember(it) = syntax else { return false };
    let syn::TraitItem::Fn(it) = &**it else { return false };
    let output = crate::token_scan::Scan::of(quote::ToTokens::to_token_stream(&it.sig.output));
    it.sig.asyncness.is_some() || output.identifiers.contains("impl")
}

/// Returns a trait of std, by its name there, with those that its implementors or their associated
/// types implement as well, and those whose implementors std makes implementors of it. Of others than
/// these that is not known.
fn implied(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    IMPLIED.binary_search_by_key(&name, |it| it.0).ok().map(|index| IMPLIED[index])
}

const IMPLIED: &[(&str, &[&str])] = &[
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
    }
}
