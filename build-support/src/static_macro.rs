//! The few item-position macros of the standard library, read without expansion.

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
    fn file_names_are_evaluated() {
        let tokens = quote::quote!(concat!(env!("OUT_DIR"), "/generated.rs"));
        let name = file_name(&tokens, Some(Path::new("/out")));
        assert_eq!(name.unwrap(), Path::new("/out/generated.rs"));
        assert!(file_name(&quote::quote!(env!("ELSEWHERE")), None).is_none());
    }
}
