//! Whether an identifier stands anywhere in an item: in its code, in a macro's tokens, in an attribute.
//! Says nothing of what it means there.

use std::fmt::{self, Write as _};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::program::Syntax;

/// Tells whether some identifier in an item begins in a certain way.
pub(crate) fn is_in(syntax: &Syntax, beginning: &str) -> bool {
    let mut search = Search { beginning, found: false };
    match syntax {
        Syntax::Item(it) => search.visit_item(it),
        Syntax::ImplMember(it) => search.visit_impl_item(it),
        Syntax::TraitMember(it) => search.visit_trait_item(it),
        Syntax::Foreign(it) => search.visit_foreign_item(it),
        Syntax::Bytes(_) => {}
    }
    search.found
}

struct Search<'a> {
    beginning: &'a str,
    found: bool,
}

impl Visit<'_> for Search<'_> {
    fn visit_ident(&mut self, it: &Ident) {
        let mut rest = Rest(Some(self.beginning));
        // It fails where the identifier turns out to be another.
        let _ = write!(rest, "{it}");
        self.found |= rest.0 == Some("");
    }

    fn visit_token_stream(&mut self, it: &TokenStream) {
        for token in it.clone() {
            match token {
                TokenTree::Ident(it) => self.visit_ident(&it),
                TokenTree::Group(it) => self.visit_token_stream(&it.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn visit_expr(&mut self, it: &syn::Expr) {
        if !self.found {
            visit::visit_expr(self, it);
        }
    }
}

/// What of a beginning has still to come; nothing does once something else came. Takes identifiers as they are
/// shown, without making strings of them.
struct Rest<'a>(Option<&'a str>);

impl fmt::Write for Rest<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = self.0.ok_or(fmt::Error)?;
        let length = rest.len().min(text.len());
        let is_same = rest.as_bytes()[..length] == text.as_bytes()[..length];
        self.0 = rest.get(length..).filter(|_| is_same);
        self.0.map(|_| ()).ok_or(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_found_in_code_macros_attributes_and_what_syn_does_not_know() {
        let finds = |text: &str| {
            let mut search = Search { beginning: "cfg", found: false };
            search.visit_item(&syn::parse_str(text).unwrap());
            search.found
        };
        assert!(finds("fn f() { if cfg!(unix) { 1 } }"));
        assert!(finds("fn f() { m!(a, [#[cfg(unix)] b]) }"));
        assert!(finds("#[cfg_attr(unix, inline)] fn f() {}"));
        assert!(finds("#[outer(cfg)] mod m { }"));
        assert!(finds("fn f() { let x = cfg_of(y.z); }"));
        assert!(
            finds("const fn f() { builtin # cfg(a) }")
                || syn::parse_str::<syn::Item>("const fn f() { builtin # cfg(a) }").is_err()
        );
        assert!(!finds("fn cf(r#cfg: u8) { cgf(acfg) }"));
        assert!(!finds("/// cfg\nfn f() { g(\"cfg\") }"));
    }
}
