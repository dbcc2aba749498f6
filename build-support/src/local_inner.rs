//! `#[macro_export(local_inner_macros)]`: lone names of macros in the body of a definition mean macros of
//! its crate. Tokens of a definition go in, the same with `$crate::` before such names come out; `None`
//! where a name may become that of a macro only later.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// Writes the crate before names of macros. `is_macro` tells whether the crate has a macro of a name.
pub(crate) fn rewritten(
    definition: TokenStream,
    is_macro: &dyn Fn(&str) -> bool,
) -> Option<TokenStream> {
    let mut written = TokenStream::new();
    let mut is_body = false;
    for token in definition {
        match token {
            TokenTree::Group(it) if is_body => {
                is_body = false;
                written.extend([TokenTree::Group(within(&it, body(it.stream(), is_macro)?))]);
            }
            it => {
                is_body |= matches!(&it, TokenTree::Punct(it) if it.as_char() == '>');
                written.extend([it]);
            }
        }
    }
    Some(written)
}

fn body(tokens: TokenStream, is_macro: &dyn Fn(&str) -> bool) -> Option<TokenStream> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut written = TokenStream::new();
    let mut arguments = None;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(it) if arguments == Some(at) => {
                // What another macro makes of such a name is decided there.
                if may_name_macro(it.stream(), is_macro) {
                    return None;
                }
                written.extend([token.clone()]);
            }
            TokenTree::Group(it) => {
                written.extend([TokenTree::Group(within(it, body(it.stream(), is_macro)?))]);
            }
            TokenTree::Ident(it) if it == "macro_rules" => return None,
            TokenTree::Ident(_) if is_called(&tokens, at) => {
                arguments = Some(at + 2);
                let is_lone =
                    at == 0 || !is_punct(&tokens[at - 1], '$') && !is_punct(&tokens[at - 1], ':');
                written.extend(is_lone.then(|| quote!($crate::)));
                written.extend([token.clone()]);
            }
            it => written.extend([it.clone()]),
        }
    }
    Some(written)
}

/// Tells whether some name among tokens may be that of a macro of the crate.
fn may_name_macro(tokens: TokenStream, is_macro: &dyn Fn(&str) -> bool) -> bool {
    let tokens: Vec<_> = tokens.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(it) => may_name_macro(it.stream(), is_macro),
        TokenTree::Ident(it) => {
            let is_variable = at > 0 && is_punct(&tokens[at - 1], '$');
            !is_variable
                && (it == "macro_rules" || is_called(&tokens, at) || is_macro(&it.to_string()))
        }
        _ => false,
    })
}

/// Tells whether a name is followed by `!` and arguments.
fn is_called(tokens: &[TokenTree], at: usize) -> bool {
    let TokenTree::Ident(name) = &tokens[at] else { return false };
    // Behind a keyword `!` negates.
    matches!(&tokens[at + 1..], [bang, TokenTree::Group(it), ..] if is_punct(bang, '!') && it.delimiter() != Delimiter::None)
        && syn::parse_str::<syn::Ident>(&name.to_string()).is_ok()
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == character)
}

fn within(outer: &Group, tokens: TokenStream) -> Group {
    let mut group = Group::new(outer.delimiter(), tokens);
    group.set_span(outer.span());
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(definition: &str, expected: Option<&str>) {
        let rewritten = rewritten(definition.parse().unwrap(), &|it| it == "own");
        let expected = expected.map(|it| it.parse::<TokenStream>().unwrap().to_string());
        assert_eq!(rewritten.map(|it| it.to_string()), expected, "{definition}");
    }

    #[test]
    fn lone_names_of_macros_are_of_the_crate() {
        check("(own!(a)) => { own!(b) }", Some("(own!(a)) => { $crate::own!(b) }"));
        check(
            "() => { fn f() { $(g![$x];)* } };",
            Some("() => { fn f() { $($crate::g![$x];)* } };"),
        );
        check(
            "() => { std::g!(); $crate::g!(); $m!(); }",
            Some("() => { std::g!(); $crate::g!(); $m!(); }"),
        );
        check("() => { if !(a) { b != (c) } }", Some("() => { if !(a) { b != (c) } }"));
        check("() => { own }", Some("() => { own }"));
    }

    #[test]
    fn names_that_another_macro_may_call_are_left_alone() {
        check("() => { f!(own) }", None);
        check("() => { f!([g!()]) }", None);
        check("() => { macro_rules! f { () => { g!() } } }", None);
        check("() => { f!($own) }", Some("() => { $crate::f!($own) }"));
    }
}
