//! The function that an attribute is on. Its body is kept as tokens: nothing here looks into it, so
//! it may nest as deeply, and use syntax as new, as the compiler takes.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Block, Error, Expr, FnModifiers, ItemFn, Signature, Stmt, Visibility, braced,
    parse::{Parse, ParseStream},
    token::Brace,
};

/// Reads a function or method with a body; the block is one verbatim expression.
///
/// # Errors
///
/// Where the tokens are something else.
pub(crate) fn parse(item: TokenStream) -> Result<ItemFn, Error> {
    syn::parse2(item).map(|Shallow(function)| function)
}

/// Makes a block of what stands between its braces.
pub(crate) fn verbatim(brace_token: Brace, tokens: TokenStream) -> Block {
    Block { brace_token, stmts: vec![Stmt::Expr(Expr::Verbatim(tokens), None)] }
}

struct Shallow(ItemFn);

impl Parse for Shallow {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mut attrs = Attribute::parse_outer(input)?;
        let vis: Visibility = input.parse()?;
        let sig: Signature = input.parse()?;
        let body;
        let brace_token = braced!(body in input);
        attrs.extend(Attribute::parse_inner(&body)?);
        let block = Box::new(verbatim(brace_token, body.parse()?));
        Ok(Self(ItemFn { attrs, vis, modifiers: FnModifiers::default(), sig, block }))
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let item = quote! {
            #[inline]
            pub(crate) async unsafe fn it<T: Copy>(&self, mut x: T) -> Vec<T> where T: Ord {
                #![allow(unused)]
                let y = x;
                vec![y; { 1 + 2 }]
            }
        };
        let expected: ItemFn = syn::parse2(item.clone()).unwrap();
        let found = parse(item).unwrap();
        assert_eq!(found.into_token_stream().to_string(), expected.into_token_stream().to_string());
    }

    #[test]
    fn a_body_needs_no_syntax_that_is_known_here() {
        assert!(parse(quote!(fn it() { do yeet $ 1 => })).is_ok());
    }

    #[test]
    fn other_items_are_refused() {
        assert!(
            parse(quote!(
                struct It {}
            ))
            .is_err()
        );
        assert!(
            parse(quote!(
                fn it();
            ))
            .is_err()
        );
        assert!(
            parse(quote!(
                fn it() {}
                fn other() {}
            ))
            .is_err()
        );
    }
}
