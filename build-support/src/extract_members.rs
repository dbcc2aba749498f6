//! Impls and traits: headers and those members that are items of their own.

use proc_macro2::Span;
use quote::ToTokens;

use crate::{
    extract::{Extractor, plain_name},
    program::{Definition, ItemId, ItemKind, ModuleId, Syntax},
};

impl Extractor<'_> {
    pub(crate) fn implementation(&mut self, module: ModuleId, item: syn::Item) {
        let syn::Item::Impl(mut header) = item else { return };
        let members = std::mem::take(&mut header.items);
        let span = header.impl_token.span;
        let self_type = tokens(&header.self_ty);
        let name = match &header.trait_ {
            Some((path, _)) => format!("<{self_type} as {}>", tokens(path)),
            None => format!("<{self_type}>"),
        };
        let mut kept = Vec::new();
        let mut own = Vec::new();
        for member in members {
            match &member {
                syn::ImplItem::Fn(it) => {
                    own.push((
                        ItemKind::Function,
                        it.sig.ident.clone(),
                        it.sig.fn_token.span,
                        member,
                    ));
                }
                syn::ImplItem::Const(it) => {
                    own.push((ItemKind::Constant, it.ident.clone(), it.const_token.span, member));
                }
                // Types, and macros that may define anything, count with the header.
                _ => kept.push(member),
            }
        }
        header.items = kept;
        let syntax = Syntax::Item(Box::new(syn::Item::Impl(header)));
        let parent = self.add(module, ItemKind::Impl, None, name, span, syntax);
        for (kind, ident, span, member) in own {
            let name = plain_name(&ident.to_string());
            let syntax = Syntax::ImplMember(Box::new(member));
            self.member(parent, kind, name, span, syntax);
        }
    }

    fn member(&mut self, parent: ItemId, kind: ItemKind, name: String, span: Span, syntax: Syntax) {
        let module = self.program.item(parent).module;
        let id = self.add(module, kind, Some(parent), name, span, syntax);
        self.program.items[parent.index()].members.push(id);
        self.blocks(id);
    }

    pub(crate) fn trait_(&mut self, module: ModuleId, item: syn::Item) {
        let syn::Item::Trait(mut header) = item else { return };
        let mut own = Vec::new();
        for member in &mut header.items {
            if let syn::TraitItem::Fn(it) = member
                && it.default.is_some()
            {
                own.push((it.sig.ident.clone(), it.sig.fn_token.span, it.clone()));
                // That there is a default stays part of the trait.
                it.default = Some(syn::parse_quote!({}));
            }
        }
        let name = plain_name(&header.ident.to_string());
        let span = header.trait_token.span;
        let syntax = Syntax::Item(Box::new(syn::Item::Trait(header)));
        let parent = self.add(module, ItemKind::Trait, None, name.clone(), span, syntax);
        self.define(module, name, Definition::Item(parent));
        for (ident, span, member) in own {
            let syntax = Syntax::TraitMember(Box::new(syn::TraitItem::Fn(member)));
            self.member(parent, ItemKind::Function, plain_name(&ident.to_string()), span, syntax);
        }
    }
}

/// Writes a type or a path for people.
fn tokens(syntax: &impl ToTokens) -> String {
    let text = syntax.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), ("< ", "<"), (" <", "<")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
