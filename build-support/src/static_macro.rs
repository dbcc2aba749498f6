//! The few item-position macros of the standard library, and `lazy_static!`, read without expansion.

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Expr, Item, ItemStatic, Lit, Token,
    parse::{ParseStream, Parser},
};

/// Reads the statics inside `thread_local! { … }`; `None` where they are not what is expected.
pub(crate) fn thread_locals(tokens: &TokenStream) -> Option<Vec<Item>> {
    let mut with_semicolon = tokens.clone();
    let ends_open = tokens
        .clone()
        .into_iter()
        .last()
        .is_some_and(|it| !matches!(it, TokenTree::Punct(it) if it.as_char() == ';'));
    if ends_open {
        with_semicolon.extend(quote::quote!(;));
    }
    let parser = |input: ParseStream| {
        let mut statics = Vec::new();
        while !input.is_empty() {
            statics.push(Item::Static(input.parse::<ItemStatic>()?));
        }
        Ok(statics)
    };
    parser.parse2(with_semicolon).ok()
}

/// The crate of `lazy_static!`. Which definition of it counts, a feature decides, so that it isn't expanded.
pub(crate) const LAZY_STATIC: &str = "lazy_static";

/// Reads the statics inside `lazy_static! { … }` as those of std that do the same; `None` where they are not what is
/// expected.
pub(crate) fn lazy_statics(tokens: &TokenStream) -> Option<Vec<Item>> {
    let parser = |input: ParseStream| {
        let mut statics = Vec::new();
        while !input.is_empty() {
            let attributes = input.call(syn::Attribute::parse_outer)?;
            let visibility: syn::Visibility = input.parse()?;
            input.parse::<Token![static]>()?;
            input.parse::<Token![ref]>()?;
            let name: syn::Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let ty: syn::Type = input.parse()?;
            input.parse::<Token![=]>()?;
            let initialiser: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            statics.push(syn::parse_quote_spanned! {name.span()=>
                #(#attributes)*
                #visibility static #name: ::std::sync::LazyLock<#ty> = ::std::sync::LazyLock::new(|| #initialiser);
            });
        }
        Ok(statics)
    };
    parser.parse2(tokens.clone()).ok()
}

/// Reads the file name given to `include!` and its kin: a literal, or a `concat!` of literals and
/// `env!("OUT_DIR")`.
pub(crate) fn file_name(tokens: &TokenStream, out_dir: Option<&Path>) -> Option<PathBuf> {
    let parser = |input: ParseStream| {
        let expression = input.parse::<Expr>()?;
        input.parse::<Option<Token![,]>>()?;
        Ok(expression)
    };
    text(&parser.parse2(tokens.clone()).ok()?, out_dir).map(PathBuf::from)
}

fn text(expression: &Expr, out_dir: Option<&Path>) -> Option<String> {
    match expression {
        Expr::Lit(it) => match &it.lit {
            Lit::Str(text) => Some(text.value()),
            Lit::Char(it) => Some(it.value().to_string()),
            _ => None,
        },
        Expr::Group(it) => text(&it.expr, out_dir),
        Expr::Macro(it) if it.mac.path.is_ident("concat") => {
            let list = syn::punctuated::Punctuated::<Expr, Token![,]>::parse_terminated;
            let parts = it.mac.parse_body_with(list).ok()?;
            parts.iter().map(|it| text(it, out_dir)).collect()
        }
        Expr::Macro(it) if it.mac.path.is_ident("env") => {
            match text(&it.mac.parse_body().ok()?, None)?.as_str() {
                "OUT_DIR" => Some(out_dir?.to_str()?.to_owned()),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_locals_are_read_with_and_without_a_last_semicolon() {
        let tokens = quote::quote!(
            static A: Cell<u8> = const { Cell::new(1) };
            pub static B: Cell<u8> = Cell::new(2)
        );
        assert_eq!(thread_locals(&tokens).unwrap().len(), 2);
    }

    #[test]
    fn lazy_statics_are_read_as_those_of_std() {
        let tokens = quote::quote!(
            /// Text.
            pub(crate) static ref A: Vec<u8> = vec![1];
            static ref B: u8 = { 1 };
        );
        let items = lazy_statics(&tokens).unwrap();
        let [Item::Static(a), Item::Static(b)] = &items[..] else { panic!("{items:?}") };
        assert_eq!((a.ident.to_string(), b.ident.to_string()), ("A".to_owned(), "B".to_owned()));
        assert!(matches!(a.vis, syn::Visibility::Restricted(_)));
        assert!(
            lazy_statics(&quote::quote!(
                static A: u8 = 1;
            ))
            .is_none()
        );
    }

    #[test]
    fn file_names_are_evaluated() {
        let tokens = quote::quote!(concat!(env!("OUT_DIR"), "/generated.rs"));
        let name = file_name(&tokens, Some(Path::new("/out")));
        assert_eq!(name.unwrap(), Path::new("/out/generated.rs"));
        assert!(file_name(&quote::quote!(env!("ELSEWHERE")), None).is_none());
    }
}
