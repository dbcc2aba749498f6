//! Paths that mean something else in edition 2015, where they begin at the root of the crate in which
//! they stand. Tokens of a macro's definition go in; it is told whether there may be such paths.

use proc_macro2::{Spacing, TokenStream, TokenTree};

use crate::{prelude, program::DOLLAR_CRATE};

/// Words behind which a path begins.
const KEYWORDS: &[&str] = &[
    "as", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move",
    "mut", "ref", "return", "unsafe", "use", "where", "while",
];

/// Tells whether tokens hold a `use`, or a path that begins with `::`, other than into std.
pub(crate) fn has_paths_of_its_own(tokens: TokenStream) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let word = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(it)) => it.to_string(),
        _ => String::new(),
    };
    let is_punct = |at: usize, character: char| matches!(tokens.get(at), Some(TokenTree::Punct(it)) if it.as_char() == character);
    let is_toolchain = |at: usize| prelude::SYSROOT.contains(&word(at).as_str());
    let ends_path = |at: usize| match &tokens[at] {
        TokenTree::Ident(it) => !KEYWORDS.contains(&it.to_string().as_str()),
        // That of an arrow begins something else.
        TokenTree::Punct(it) => {
            let is_arrow = at > 0 && (is_punct(at - 1, '-') || is_punct(at - 1, '='));
            it.as_char() == '>' && !is_arrow
        }
        _ => false,
    };
    (0..tokens.len()).any(|at| match &tokens[at] {
        TokenTree::Group(it) => has_paths_of_its_own(it.stream()),
        TokenTree::Ident(it) if it == "use" => {
            let next = word(at + 1);
            let is_anchored = is_punct(at + 1, '$')
                || ["self", "super", "crate"].contains(&next.as_str())
                || next.starts_with(DOLLAR_CRATE);
            !is_anchored && !is_toolchain(at + 1)
        }
        TokenTree::Punct(it) if it.as_char() == ':' && it.spacing() == Spacing::Joint => {
            is_punct(at + 1, ':') && !(at > 0 && ends_path(at - 1)) && !is_toolchain(at + 2)
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_from_the_root_are_found_and_those_of_std_are_none() {
        let has = |text: &str| has_paths_of_its_own(text.parse().unwrap());
        assert!(has("() => { ::other::f() }") && has("() => { use other::f; }"));
        assert!(has("($t:ty) => { <$t>::f(::a) }"));
        assert!(has("() => { let x: ::a::T; }") && has("() => { fn f() -> ::a::T {} }"));
        assert!(!has("() => { ::std::mem::drop(Vec::<u8>::new()); use std::fmt; use $crate::a; }"));
        assert!(!has("($t:ty) => { <$t as ::core::fmt::Debug>::fmt; super::f; $x:ident }"));
    }
}
