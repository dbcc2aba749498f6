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
        let members = self.with_expansions(std::mem::take(&mut header.items));
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

    /// Replaces macro calls among members by the members that they expand to.
    fn with_expansions(&mut self, members: Vec<syn::ImplItem>) -> Vec<syn::ImplItem> {
        let mut all = Vec::new();
        let mut queue: std::collections::VecDeque<_> = members.into();
        // A call may expand to calls; endless ones stop here and stay calls.
        let mut calls_left = 1000;
        while let Some(member) = queue.pop_front() {
            let expanded = match &member {
                syn::ImplItem::Macro(call) if calls_left > 0 => {
                    calls_left -= 1;
                    self.expanded_members(&call.mac, |_, tokens| {
                        let block = quote::quote!(impl Self_ { #tokens });
                        Some(syn::parse2::<syn::ItemImpl>(block).ok()?.items)
                    })
                }
                _ => None,
            };
            match expanded {
                Some(expanded) => {
                    for mut member in expanded.into_iter().rev() {
                        self.expand_in_member(&mut member);
                        queue.push_front(member);
                    }
                }
                None => all.push(member),
            }
        }
        all
    }

    fn expand_in_member(&mut self, member: &mut syn::ImplItem) {
        let mut block: syn::ItemImpl = syn::parse_quote!(impl Self_ {});
        block.items.push(member.clone());
        let mut item = syn::Item::Impl(block);
        self.configuration.prune(&mut item);
        self.expand_within(&mut item);
        if let syn::Item::Impl(mut block) = item
            && let Some(expanded) = block.items.pop()
        {
            *member = expanded;
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
        header.items = self.trait_items(std::mem::take(&mut header.items));
        let mut own = Vec::new();
        let mut declarations = Vec::new();
        for member in &mut header.items {
            match member {
                syn::TraitItem::Fn(it) if it.default.is_some() => {
                    let member = syn::TraitItem::Fn(it.clone());
                    let (name, span) = (it.sig.ident.clone(), it.sig.fn_token.span);
                    own.push((ItemKind::Function, name.clone(), span, member));
                    it.default = Some(syn::parse_quote!({}));
                    declarations.push((name, span, syn::TraitItem::Fn(it.clone())));
                }
                // That there is a default stays part of the trait.
                syn::TraitItem::Const(it) => {
                    let member = syn::TraitItem::Const(it.clone());
                    if let Some((_, default)) = &mut it.default {
                        own.push((
                            ItemKind::Constant,
                            it.ident.clone(),
                            it.const_token.span,
                            member,
                        ));
                        *default = syn::parse_quote!({});
                    }
                }
                _ => {}
            }
        }
        let name = plain_name(&header.ident.to_string());
        let span = header.trait_token.span;
        let syntax = Syntax::Item(Box::new(syn::Item::Trait(header)));
        let parent = self.add(module, ItemKind::Trait, None, name.clone(), span, syntax);
        self.define(module, name, Definition::Item(parent));
        if !self.program.may_be_read(parent) {
            for (ident, span, declaration) in declarations {
                let name = plain_name(&ident.to_string());
                let syntax = Syntax::TraitMember(Box::new(declaration));
                self.add(module, ItemKind::Declaration, Some(parent), name, span, syntax);
            }
        }
        for (kind, ident, span, member) in own {
            let syntax = Syntax::TraitMember(Box::new(member));
            self.member(parent, kind, plain_name(&ident.to_string()), span, syntax);
        }
    }

    /// Replaces macro calls among the members of a trait by the members that they expand to.
    fn trait_items(&mut self, members: Vec<syn::TraitItem>) -> Vec<syn::TraitItem> {
        let mut all = Vec::new();
        for member in members {
            let expanded = match &member {
                syn::TraitItem::Macro(call) => self.expanded_members(&call.mac, |this, tokens| {
                    let block = quote::quote!(trait Self_ { #tokens });
                    let mut item = syn::parse2::<syn::Item>(block).ok()?;
                    this.configuration.prune(&mut item);
                    this.expand_within(&mut item);
                    match item {
                        syn::Item::Trait(it) => Some(it.items),
                        _ => None,
                    }
                }),
                _ => None,
            };
            match expanded {
                Some(expanded) => all.extend(expanded),
                None => all.push(member),
            }
        }
        all
    }
}

/// Writes a type or a path for people.
fn tokens(syntax: &impl ToTokens) -> String {
    let text = syntax.to_token_stream().to_string();
    if !text.contains(' ') {
        return text;
    }
    [(" :: ", "::"), (" < ", "<"), (" >", ">"), (" ,", ","), ("& ", "&"), ("< ", "<"), (" <", "<")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}
