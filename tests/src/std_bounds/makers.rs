//! Who can make a value of a type of std: the names that must be written somewhere before the type
//! occurs in code of others.
//!
//! A type that code of others deals in was named there, or a signature of std that was used
//! mentions it, or it follows from such a type: by an associated type, a public field, an argument of
//! a trait. Inside of std, an impl for it is used only where its bounds are known to hold, so that
//! they are bounds of the function that was called.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    documentation::{Documentation, Function, ItemKey, Parent, TypeFacts},
    graph::Mask,
};

/// Types that syntax or a macro makes without any name: no list of makers is complete for them.
const BY_SYNTAX: &[&str] = &[
    "Arguments",
    "Box",
    "Context",
    "ControlFlow",
    "LocalKey",
    "Location",
    "Option",
    "Pin",
    "Poll",
    "Range",
    "RangeFrom",
    "RangeFull",
    "RangeInclusive",
    "RangeTo",
    "RangeToInclusive",
    "Result",
    "String",
    "Vec",
];

/// Makers of each type.
pub(crate) struct Makers<'d> {
    functions: BTreeMap<&'d ItemKey, Vec<&'d Function>>,
    /// Types from which a type follows; `None` is any type.
    parents: BTreeMap<&'d ItemKey, BTreeSet<Option<&'d ItemKey>>>,
    types: &'d BTreeMap<ItemKey, TypeFacts>,
}

impl<'d> Makers<'d> {
    pub(crate) fn of(documentation: &'d Documentation) -> Self {
        let mut functions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for function in &documentation.functions {
            for made in &function.asks.types {
                // Its own type has to be there before.
                if !matches!(&function.of, Parent::Inherent { types, .. } if types.contains(made)) {
                    functions.entry(made).or_default().push(function);
                }
            }
        }
        let mut parents: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut alike: BTreeMap<_, usize> = BTreeMap::new();
        for it in documentation.impls.iter().filter(|it| it.is_generic) {
            *alike.entry((&it.of_trait, it.self_types.first())).or_default() += 1;
        }
        for it in &documentation.impls {
            // Where several impls fit, none of them says what the argument is.
            let parent = it.self_types.first();
            let fitting = alike.get(&(&it.of_trait, parent)).copied().unwrap_or_default();
            let arguments = it.arguments.iter().filter(|_| fitting <= 1);
            for made in it.leads_to.iter().chain(arguments) {
                if !it.self_types.contains(made) {
                    parents.entry(made).or_default().insert(parent);
                }
            }
        }
        for (parent, facts) in &documentation.types {
            for made in facts.leads_to.iter().filter(|made| *made != parent) {
                parents.entry(made).or_default().insert(Some(parent));
            }
        }
        Self { functions, parents, types: &documentation.types }
    }

    /// Returns the names that can bring the type about without running what is in `mask`; nothing if
    /// they cannot be told. The name of the type itself is always among them.
    pub(crate) fn lacking(
        &self,
        of: &ItemKey,
        mask: Mask,
        mask_of: impl Fn(&Function) -> Mask,
    ) -> Option<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open = vec![of];
        while let Some(it) = open.pop() {
            if !seen.insert(it) {
                continue;
            }
            if BY_SYNTAX.contains(&it.name.as_str()) {
                return None;
            }
            names.insert(it.name.clone());
            names.extend(self.types.get(it).into_iter().flat_map(|it| it.variants.clone()));
            let makers = self.functions.get(it).into_iter().flatten();
            names.extend(makers.filter(|it| mask_of(it) & mask != mask).map(|it| it.name.clone()));
            for parent in self.parents.get(it).into_iter().flatten() {
                open.push((*parent)?);
            }
        }
        Some(names)
    }
}
