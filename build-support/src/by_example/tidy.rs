//! Tokens as they are written once they have been read, without reading them: most hold nothing that
//! reading them is for.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::tree::{DEPTH_LIMIT, glued, group, sealed, spaced};

/// Whether tokens are written as they are once they have been read.
#[derive(Debug)]
pub(super) enum Tidy {
    AsTheyAre,
    /// They differ in the spacing of punctuation.
    Changed(TokenStream),
    /// They have to be read: there is a seal or an invisible group, or they are nested too deeply.
    Unread,
}

/// Writes tokens as what [`read`](super::tree::read) makes of them is written, without reading them.
pub(super) fn tidy(tokens: &TokenStream, depth: usize) -> Tidy {
    if depth > DEPTH_LIMIT {
        return Tidy::Unread;
    }
    let mut flat: Vec<_> = tokens.clone().into_iter().collect();
    let mut is_changed = false;
    let mut index = 0;
    while let Some((first, after)) = flat[index..].split_first() {
        match first {
            TokenTree::Ident(it) if sealed(it, after).is_some() => return Tidy::Unread,
            TokenTree::Group(it) if it.delimiter() == Delimiter::None => return Tidy::Unread,
            TokenTree::Group(it) => match tidy(&it.stream(), depth + 1) {
                Tidy::AsTheyAre => {}
                Tidy::Changed(tokens) => {
                    is_changed = true;
                    flat[index] = group(it.delimiter(), tokens, it.span());
                }
                Tidy::Unread => return Tidy::Unread,
            },
            TokenTree::Punct(it) if it.as_char() == '\'' && is_ident(after.first()) => index += 1,
            TokenTree::Punct(it) => {
                index += glued(it, after);
                if let TokenTree::Punct(last) = &flat[index]
                    && last.spacing() == Spacing::Joint
                {
                    is_changed = true;
                    flat[index] = spaced(last, Spacing::Alone);
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        index += 1;
    }
    if is_changed { Tidy::Changed(flat.into_iter().collect()) } else { Tidy::AsTheyAre }
}

fn is_ident(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Ident(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::by_example::{render, tree};

    #[test]
    fn tokens_are_written_as_if_they_had_been_read() {
        for text in [
            "a::b(&*c, [&&d, 'e, '\\''], f >>= g.. ..=h)",
            "|x| -> &'static str { -1 - -x => _ }",
            "fn f<'a>() -> Vec<Vec<u8>>{} $($x:tt)=>* ##!#",
            "",
        ] {
            let tokens: TokenStream = text.parse().unwrap();
            let read = render::plain(&tree::read(tokens.clone()).unwrap());
            let written = match tidy(&tokens, 0) {
                Tidy::AsTheyAre => tokens,
                Tidy::Changed(it) => it,
                Tidy::Unread => panic!("{text}"),
            };
            assert_eq!(format!("{written:?}"), format!("{read:?}"));
        }
        let tokens = "f(perennial_sealed_ty! { u8 })".parse().unwrap();
        assert!(matches!(tidy(&tokens, 0), Tidy::Unread));
    }
}
