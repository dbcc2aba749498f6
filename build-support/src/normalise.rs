//! From an item's syntax to its normalised source: one text for all ways to format, comment and
//! document the same code. Pure.

use std::{collections::BTreeSet, panic};

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, File, ImplItem, Item, ItemImpl, ItemTrait, TraitItem, parse_quote,
    visit::{self, Visit},
    visit_mut::VisitMut,
};

use crate::stripper::Stripper;

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

thread_local! {
    // The printer prints items, not members.
    static IMPL: ItemImpl = parse_quote!(impl Self {});
    static TRAIT: ItemTrait = parse_quote!(trait Self_ {});
}

/// What normalisation has to know of the code around an item.
#[derive(Clone, Copy, Default)]
pub(crate) struct Surroundings<'a> {
    /// Names of std's macros that mean something else somewhere in the program.
    pub(crate) shadowed: Option<&'a BTreeSet<String>>,
    /// A macro that we don't know may read the documentation of everything inside.
    pub(crate) are_docs_read: bool,
}

/// Prints an item without comments, documentation, inert attributes and blank lines.
pub(crate) fn item(mut item: Item, around: Surroundings<'_>) -> String {
    Stripper(around).visit_item_mut(&mut item);
    print(item)
}

/// Prints a member of an impl as [`item`] does; its header is not part of it.
pub(crate) fn impl_member(mut member: ImplItem, around: Surroundings<'_>) -> String {
    Stripper(around).visit_impl_item_mut(&mut member);
    let mut block = IMPL.with(ItemImpl::clone);
    block.items.push(member);
    print(Item::Impl(block))
}

/// Prints a member of a trait as [`item`] does.
pub(crate) fn trait_member(mut member: TraitItem, around: Surroundings<'_>) -> String {
    Stripper(around).visit_trait_item_mut(&mut member);
    let mut block = TRAIT.with(ItemTrait::clone);
    block.items.push(member);
    print(Item::Trait(block))
}

/// Prints attributes that matter, such as those of a module around an item.
pub(crate) fn attributes(attributes: &[Attribute]) -> String {
    let mut kept = attributes.to_vec();
    Stripper(Surroundings::default()).visit_attributes_mut(&mut kept);
    kept.iter().map(|it| it.to_token_stream().to_string()).collect::<Vec<_>>().join("\n")
}

fn print(item: Item) -> String {
    // The printer refuses syntax that it doesn't know; its tokens serve as well.
    let tokens = |item: &Item| item.to_token_stream().to_string();
    let text = if HasVerbatim::found(&item) {
        tokens(&item)
    } else {
        let file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
        // What it parses by itself, the arguments of std's macros, may hold such syntax too.
        let printed = panic::catch_unwind(|| prettyplease::unparse(&file));
        printed.unwrap_or_else(|_| file.items.iter().map(tokens).collect())
    };
    let lines = text.lines().map(str::trim_end).filter(|it| !it.is_empty());
    lines.collect::<Vec<_>>().join("\n")
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

    fn visit_macro(&mut self, it: &syn::Macro) {
        self.0 |= !are_definitions_whole(it.tokens.clone());
    }

    fn visit_item(&mut self, it: &Item) {
        self.0 |= matches!(it, Item::Verbatim(_));
        // The printer stops at a definition that no compiler takes.
        if let Item::Macro(it) = it
            && it.ident.is_some()
            && it.mac.path.is_ident("macro_rules")
        {
            self.0 |= !has_rules(it.mac.tokens.clone());
        }
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

    fn visit_type_param_bound(&mut self, it: &syn::TypeParamBound) {
        self.0 |= matches!(it, syn::TypeParamBound::Verbatim(_));
        visit::visit_type_param_bound(self, it);
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

/// Tells whether what begins like a definition of a macro among tokens is one.
fn are_definitions_whole(tokens: TokenStream) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_definition = |it: &[TokenTree]| match it {
        [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Ident(_), ..] => {
            name == "macro_rules" && bang.as_char() == '!'
        }
        _ => false,
    };
    (0..tokens.len()).all(|index| match &tokens[index] {
        TokenTree::Group(it) if index >= 3 && is_definition(&tokens[index - 3..index]) => {
            has_rules(it.stream())
        }
        TokenTree::Group(it) => are_definitions_whole(it.stream()),
        _ => true,
    })
}

/// Tells whether tokens are rules of a macro by example: `(…) => {…}`, divided by semicolons.
fn has_rules(tokens: TokenStream) -> bool {
    let is = |token: Option<TokenTree>, char, spacing| match token {
        Some(TokenTree::Punct(it)) => it.as_char() == char && it.spacing() == spacing,
        _ => false,
    };
    let is_group = |token: Option<TokenTree>| matches!(token, Some(TokenTree::Group(_)));
    let mut tokens = tokens.into_iter().peekable();
    while tokens.peek().is_some() {
        let is_rule = is_group(tokens.next())
            && is(tokens.next(), '=', Spacing::Joint)
            && is(tokens.next(), '>', Spacing::Alone)
            && is_group(tokens.next());
        if !is_rule || tokens.peek().is_some() && !is(tokens.next(), ';', Spacing::Alone) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        item(syn::parse_str(text).unwrap(), Surroundings::default())
    }

    #[track_caller]
    fn same(left: &str, right: &str) {
        let [left, right] = [left, right].map(normal);
        assert_eq!(left, right);
    }

    #[track_caller]
    fn distinct(left: &str, right: &str) {
        let [left, right] = [left, right].map(normal);
        assert_ne!(left, right);
    }

    #[test]
    fn formatting_comments_docs_and_lints_vanish() {
        same(
            "fn f(x: u8) -> u8 { x + 1 }",
            "/// Adds.\n#[inline] #[allow(dead_code)]\nfn f(\n  x: u8,\n) -> u8 {\n\n  // one\n  x + 1 /* two */\n}",
        );
        same("fn f() { g(|x| x + 1) }", "fn f() { g(|x| { x + 1 }) }");
        same("fn f() { match x { _ => 1, } }", "fn f() { match x { _ => { 1 } } }");
        same("fn f() { match x { _ => return 1, } }", "fn f() { match x { _ => { return 1; } } }");
        same("fn f() { use a; use b; }", "fn f() { use b; use a; }");
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
    fn blank_lines_and_blanks_inside_literals_are_code() {
        distinct("fn f() { g(\"a\n\nb\") }", "fn f() { g(\"a\nb\") }");
        distinct("fn f() { g(\"a \nb\") }", "fn f() { g(\"a\nb\") }");
        distinct("fn f() { g(br\"a\n\nb\") }", "fn f() { g(br\"a\nb\") }");
        distinct("fn f() { g!(h r#\"a\n\nb\"#) }", "fn f() { g!(h r#\"a\nb\"#) }");
        same("fn f() { g(\"a\nb\") }", "fn f() { g(\"a\\nb\") }");
    }

    #[test]
    fn a_last_semicolon_that_decides_when_temporaries_are_dropped_stays() {
        distinct("fn f() { if let Some(_) = g() {} }", "fn f() { if let Some(_) = g() {}; }");
    }

    #[test]
    fn documentation_inside_a_type_with_an_unknown_derive_stays() {
        distinct(
            "#[derive(Display)] enum E { /** one */ X }",
            "#[derive(Display)] enum E { /** two */ X }",
        );
        same(
            "#[derive(Debug)] enum E { /** one */ X }",
            "#[derive(Debug)] enum E { /** two */ X }",
        );
    }

    #[test]
    fn syntax_unknown_to_the_printer_is_kept_as_tokens() {
        let text = item(Item::Verbatim(quote::quote!(fn later() = 1;)), Surroundings::default());
        assert_eq!(text, "fn later () = 1 ;");
        normal("fn f() { vec![{ macro_rules! m { => } }] }");
        for broken in ["=> {}", "() {}", "() =", "() => {} ()", "() => {} ;;", "x"] {
            normal(&format!("macro_rules! m {{ {broken} }}"));
        }
        assert_eq!(normal("fn f<T: [const] Go>() {}"), "fn f < T : [const] Go > () { }");
    }
}
