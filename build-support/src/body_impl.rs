//! Macro calls in the bodies of items that nobody expanded and that may implement something: an impl holds
//! wherever it stands. An item goes in; whether its code may hold one comes out.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Macro, Stmt,
    visit::{self, Visit},
};

use crate::{
    attribute::last_segment,
    prelude,
    program::{Item, ItemKind, Syntax},
};

/// Tells whether macros in an item's code are given an `impl`, or stand where one usually does: in the
/// block of a constant without a name.
pub(crate) fn may_be_in(item: &Item) -> bool {
    if matches!(item.kind, ItemKind::MacroRules | ItemKind::MacroCall | ItemKind::Expanded) {
        return false;
    }
    let is_nameless = item.kind == ItemKind::Constant && item.name == "_";
    let mut search = Search { is_nameless, found: false };
    match &item.syntax {
        Syntax::Item(it) => search.visit_item(it),
        Syntax::ImplMember(it) => search.visit_impl_item(it),
        Syntax::TraitMember(it) => search.visit_trait_item(it),
        Syntax::Foreign(_) | Syntax::Bytes(_) => {}
    }
    search.found
}

struct Search {
    is_nameless: bool,
    found: bool,
}

impl Visit<'_> for Search {
    fn visit_macro(&mut self, it: &Macro) {
        self.found |= has_impl(&it.tokens);
    }

    fn visit_stmt(&mut self, it: &Stmt) {
        match it {
            Stmt::Macro(it) if self.is_nameless => {
                self.found |= !prelude::is_macro(&last_segment(&it.mac.path));
            }
            // What a definition holds counts where it is called.
            Stmt::Item(syn::Item::Macro(it)) if it.ident.is_some() => return,
            _ => {}
        }
        visit::visit_stmt(self, it);
    }
}

fn has_impl(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|it| match it {
        TokenTree::Group(it) => has_impl(&it.stream()),
        TokenTree::Ident(it) => it == "impl",
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impls_are_found_at_any_depth_and_not_in_definitions() {
        let finds = |text: &str, is_nameless| {
            let mut search = Search { is_nameless, found: false };
            search.visit_item(&syn::parse_str(text).unwrap());
            search.found
        };
        assert!(finds("fn f() { m! { impl T {} } }", false));
        assert!(finds("fn f() { g(vec![{ m!(impl T {}) }]) }", false));
        assert!(
            finds("const _: () = { m!(T); };", true) && finds("const _: () = { m! { T } };", true)
        );
        assert!(!finds("fn f() { macro_rules! m { () => { impl T {} } } }", false));
        assert!(!finds("fn f() { m!(T); impl T {} }", false));
        assert!(!finds("const _: () = { assert!(true); };", true));
    }
}
