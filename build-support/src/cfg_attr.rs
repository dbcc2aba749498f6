//! `#[cfg_attr(predicate, attribute, …)]`: where the predicate is certain, what it adds takes its place; where it adds
//! nothing that matters, it goes. Attributes go in and come out changed. Must not drop what only may not be there.

use std::borrow::Cow;

use syn::{Attribute, Item, Meta, Token, punctuated::Punctuated, visit_mut::VisitMut};

use crate::{attribute, cfg::Configuration};

impl Configuration {
    /// Settles the attributes of an item and of all that is inside; of a module its own.
    pub(crate) fn settle_attributes(&self, item: &mut Item) {
        match item {
            Item::Mod(it) => self.settle(&mut it.attrs),
            other => Settler(self).visit_item_mut(other),
        }
    }

    /// The same for an expression.
    pub(crate) fn settle_attributes_within(&self, expression: &mut syn::Expr) {
        Settler(self).visit_expr_mut(expression);
    }

    /// Settles a list of attributes.
    pub(crate) fn settle(&self, attributes: &mut Vec<Attribute>) {
        if !attributes.iter().any(is_cfg_attr) {
            return;
        }
        let mut settled = Vec::new();
        for attribute in attributes.drain(..) {
            self.settle_one(attribute, &mut settled);
        }
        *attributes = settled;
    }

    fn settle_one(&self, attribute: Attribute, settled: &mut Vec<Attribute>) {
        let Some((predicate, metas)) = parts(&attribute) else { return settled.push(attribute) };
        let added = metas.into_iter().map(|meta| Attribute { meta, ..attribute.clone() });
        let added: Vec<_> = added.collect();
        // Whoever reads documentation reads it before and after.
        if added.iter().all(|it| attribute::is_inert(it) && !attribute::is_doc(it)) {
            return;
        }
        match self.holds(&predicate) {
            Some(true) => added.into_iter().for_each(|it| self.settle_one(it, settled)),
            Some(false) => {}
            None => settled.push(attribute),
        }
    }
}

struct Settler<'a>(&'a Configuration);

impl VisitMut for Settler<'_> {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        self.0.settle(attributes);
    }
}

/// Returns an attribute as it is, or what it adds if its predicates hold.
pub(crate) fn flattened(attribute: &Attribute) -> Cow<'_, [Attribute]> {
    match parts(attribute) {
        Some((_, metas)) => metas
            .into_iter()
            .flat_map(|meta| flattened(&Attribute { meta, ..attribute.clone() }).into_owned())
            .collect(),
        None => Cow::Borrowed(std::slice::from_ref(attribute)),
    }
}

fn is_cfg_attr(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg_attr")
}

/// Reads the predicate, and what it adds.
pub(crate) fn parts(attribute: &Attribute) -> Option<(Meta, Vec<Meta>)> {
    if !is_cfg_attr(attribute) {
        return None;
    }
    let list = Punctuated::<Meta, Token![,]>::parse_terminated;
    let mut parts = attribute.parse_args_with(list).ok()?.into_iter();
    Some((parts.next()?, parts.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    #[track_caller]
    fn settles(attribute: Attribute, expected: &[Attribute]) {
        let options = [("target_family", Some("unix")), ("unix", None)];
        let options = options.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let unix = Configuration::new(Some(options.into()), Some([].into()));
        let mut attributes = vec![attribute];
        unix.settle(&mut attributes);
        let text = |it: &Attribute| it.to_token_stream().to_string();
        let [found, expected] =
            [&attributes[..], expected].map(|it| it.iter().map(text).collect::<Vec<_>>());
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_certain_takes_the_place_of_the_condition() {
        settles(
            parse_quote!(#[cfg_attr(unix, repr(u8), cfg_attr(not(windows), derive(A), track_caller))]),
            &[parse_quote!(#[repr(u8)]), parse_quote!(#[derive(A)]), parse_quote!(#[track_caller])],
        );
        settles(parse_quote!(#[cfg_attr(feature = "x", repr(u8))]), &[]);
        settles(parse_quote!(#[cfg_attr(all(unix, windows), repr(u8))]), &[]);
        settles(parse_quote!(#[repr(u8)]), &[parse_quote!(#[repr(u8)])]);
    }

    #[test]
    fn what_is_not_certain_stays_unless_nothing_matters_that_it_adds() {
        for it in [
            parse_quote!(#[cfg_attr(loom, repr(u8))]),
            parse_quote!(#[cfg_attr(loom, inline, repr(u8))]),
            parse_quote!(#[cfg_attr(loom, doc = "x")]),
            parse_quote!(#[cfg_attr]),
        ] {
            let it: Attribute = it;
            settles(it.clone(), &[it]);
        }
        settles(parse_quote!(#[cfg_attr(loom, inline, must_use = "x", allow(a))]), &[]);
        settles(parse_quote!(#[cfg_attr(loom)]), &[]);
    }
}
