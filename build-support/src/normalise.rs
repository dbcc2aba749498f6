//! From an item's syntax to its normalised source: one text for all ways to format, comment and
//! document the same code. Pure.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Expr, File, ImplItem, Item, ItemImpl, ItemTrait, Macro, Meta, Token, TraitItem,
    parse_quote,
    punctuated::Punctuated,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

use crate::attribute;

/// Macros of the standard library whose arguments are a list of expressions, so that a trailing
/// comma is formatting.
pub(crate) const EXPRESSION_MACROS: &[&str] = &[
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "panic",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Prints an item without comments, documentation, inert attributes and blank lines.
pub(crate) fn item(mut item: Item) -> String {
    Stripper.visit_item_mut(&mut item);
    print(item)
}

/// Prints a member of an impl as [`item`] does; its header is not part of it.
pub(crate) fn impl_member(mut member: ImplItem) -> String {
    Stripper.visit_impl_item_mut(&mut member);
    let mut block: ItemImpl = parse_quote!(
        impl Self {}
    );
    block.items.push(member);
    print(Item::Impl(block))
}

/// Prints a member of a trait as [`item`] does.
pub(crate) fn trait_member(mut member: TraitItem) -> String {
    Stripper.visit_trait_item_mut(&mut member);
    let mut block: ItemTrait = parse_quote!(
        trait Self_ {}
    );
    block.items.push(member);
    print(Item::Trait(block))
}

/// Prints attributes that matter, such as those of a module around an item.
pub(crate) fn attributes(attributes: &[Attribute]) -> String {
    let mut kept = attributes.to_vec();
    Stripper.visit_attributes_mut(&mut kept);
    kept.iter().map(|it| it.to_token_stream().to_string()).collect::<Vec<_>>().join("\n")
}

fn print(item: Item) -> String {
    let text = if HasVerbatim::found(&item) {
        // The printer refuses syntax that it doesn't know; its tokens serve as well.
        item.to_token_stream().to_string()
    } else {
        prettyplease::unparse(&File {
            shebang: None,
            frontmatter: None,
            attrs: Vec::new(),
            items: vec![item],
        })
    };
    let lines = text.lines().map(str::trim_end).filter(|it| !it.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

struct Stripper;

impl VisitMut for Stripper {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let keeps_docs = attribute::may_read_docs(attributes);
        attributes
            .retain(|it| if attribute::is_doc(it) { keeps_docs } else { !attribute::is_inert(it) });
        for memo in attributes.iter_mut().filter(|it| attribute::is_memo(it)) {
            if let Meta::List(list) = &mut memo.meta {
                list.tokens = attribute::without_placement(list.tokens.clone());
                if list.tokens.is_empty() {
                    memo.meta = Meta::Path(list.path.clone());
                }
            }
        }
        attributes.iter_mut().for_each(|it| visit_mut::visit_attribute_mut(self, it));
    }

    fn visit_macro_mut(&mut self, invocation: &mut Macro) {
        let name = attribute::last_segment(&invocation.path);
        if EXPRESSION_MACROS.contains(&name.as_str()) {
            let list = Punctuated::<Expr, Token![,]>::parse_terminated;
            if let Ok(mut arguments) = invocation.parse_body_with(list) {
                arguments.iter_mut().for_each(|it| self.visit_expr_mut(it));
                let arguments = arguments.into_iter();
                invocation.tokens = quote::quote!(#(#arguments),*);
            }
        }
    }
}

/// Finds syntax that syn keeps as bare tokens.
struct HasVerbatim(bool);

impl HasVerbatim {
    fn found(item: &Item) -> bool {
        let mut finder = Self(false);
        finder.visit_item(item);
        finder.0
    }
}

impl Visit<'_> for HasVerbatim {
    fn visit_token_stream(&mut self, _: &TokenStream) {}

    fn visit_item(&mut self, it: &Item) {
        self.0 |= matches!(it, Item::Verbatim(_));
        visit::visit_item(self, it);
    }

    fn visit_impl_item(&mut self, it: &ImplItem) {
        self.0 |= matches!(it, ImplItem::Verbatim(_));
        visit::visit_impl_item(self, it);
    }

    fn visit_trait_item(&mut self, it: &TraitItem) {
        self.0 |= matches!(it, TraitItem::Verbatim(_));
        visit::visit_trait_item(self, it);
    }

    fn visit_foreign_item(&mut self, it: &syn::ForeignItem) {
        self.0 |= matches!(it, syn::ForeignItem::Verbatim(_));
        visit::visit_foreign_item(self, it);
    }

    fn visit_expr(&mut self, it: &Expr) {
        self.0 |= matches!(it, Expr::Verbatim(_));
        visit::visit_expr(self, it);
    }

    fn visit_pat(&mut self, it: &syn::Pat) {
        self.0 |= matches!(it, syn::Pat::Verbatim(_));
        visit::visit_pat(self, it);
    }

    fn visit_type(&mut self, it: &syn::Type) {
        self.0 |= matches!(it, syn::Type::Verbatim(_));
        visit::visit_type(self, it);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(left: &str, right: &str) {
        let [left, right] = [left, right].map(|it| item(syn::parse_str(it).unwrap()));
        assert_eq!(left, right);
    }

    #[track_caller]
    fn distinct(left: &str, right: &str) {
        let [left, right] = [left, right].map(|it| item(syn::parse_str(it).unwrap()));
        assert_ne!(left, right);
    }

    #[test]
    fn formatting_comments_docs_and_lints_vanish() {
        same(
            "fn f(x: u8) -> u8 { x + 1 }",
            "/// Adds.\n#[inline] #[allow(dead_code)]\nfn f(\n  x: u8,\n) -> u8 {\n\n  // one\n  x + 1 /* two */\n}",
        );
        same("fn f() { println!(\"{}\", 1) }", "fn f() { println!(\n\"{}\",\n 1,\n) }");
    }

    #[test]
    fn code_and_meaningful_attributes_stay() {
        distinct("fn f(x: u8) -> u8 { x + 1 }", "fn f(x: u8) -> u8 { x + 2 }");
        distinct("fn f() {}", "#[cfg(unix)] fn f() {}");
        distinct("#[repr(u8)] enum E { A }", "#[repr(u16)] enum E { A }");
        distinct("fn f() { g(\"a  b\") }", "fn f() { g(\"a b\") }");
    }

    #[test]
    fn only_the_placement_of_results_leaves_the_memo_attribute() {
        same("#[memo] fn f() {}", "#[memo(store = S)] fn f() {}");
        distinct("#[memo] fn f(x: u8) {}", "#[memo(skip(x))] fn f(x: u8) {}");
    }

    #[test]
    fn syntax_unknown_to_the_printer_is_kept_as_tokens() {
        let text = item(Item::Verbatim(quote::quote!(fn later() = 1;)));
        assert_eq!(text, "fn later () = 1 ;");
    }
}
