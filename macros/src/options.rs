//! The options of `#[memo(…)]`. What is unknown or said twice is an error at its place.

use syn::{
    Error, Expr, Ident, Path, Result, Token, parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

/// What stands between the parentheses of `#[memo(…)]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) store: Option<Expr>,
    pub(crate) codec: Option<Path>,
    pub(crate) skip: Vec<Ident>,
    pub(crate) env: Vec<Expr>,
}

const KNOWN: &[&str] = &["store", "codec", "skip", "env"];

/// Options that are designed and not built.
const PLANNED: &[&str] =
    &["key", "unordered", "version", "code", "expires", "if", "verify", "cache_err", "allow"];

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let name: Ident = input.call(syn::ext::IdentExt::parse_any)?;
            let text = name.to_string();
            if seen.contains(&text) {
                return Err(Error::new(name.span(), format!("`{text}` is given twice")));
            }
            match text.as_str() {
                "store" => {
                    input.parse::<Token![=]>()?;
                    options.store = Some(input.parse()?);
                }
                "codec" => {
                    input.parse::<Token![=]>()?;
                    options.codec = Some(input.parse()?);
                }
                "skip" => {
                    let list;
                    parenthesized!(list in input);
                    let names = list.call(Punctuated::<Ident, Token![,]>::parse_terminated)?;
                    options.skip = names.into_iter().collect();
                }
                "env" => {
                    let list;
                    parenthesized!(list in input);
                    let values = list.call(Punctuated::<Expr, Token![,]>::parse_terminated)?;
                    options.env = values.into_iter().collect();
                }
                _ => return Err(Error::new(name.span(), refusal(&text))),
            }
            seen.push(text);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

fn refusal(name: &str) -> String {
    if PLANNED.contains(&name) {
        return format!("`{name}` is not available yet; there are {}", KNOWN.join(", "));
    }
    let shared = |known: &str| known.chars().filter(|it| name.contains(*it)).count();
    let nearest = KNOWN
        .iter()
        .filter(|known| {
            known.starts_with(&name[..name.len().min(2)]) || 2 * shared(known) > known.len()
        })
        .max_by_key(|known| (known.starts_with(&name[..name.len().min(2)]), shared(known)));
    match nearest {
        Some(known) => format!("there is no option `{name}`; did you mean `{known}`?"),
        None => format!("there is no option `{name}`; there are {}", KNOWN.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[track_caller]
    fn error(tokens: proc_macro2::TokenStream) -> String {
        syn::parse2::<Options>(tokens).err().expect("it is refused").to_string()
    }

    #[test]
    fn options_are_read_in_any_order() {
        let options: Options =
            syn::parse2(quote!(env(A, b.c), store = &*STORE, skip(x, y), codec = my::Codec,))
                .unwrap();
        assert_eq!((options.env.len(), options.skip.len()), (2, 2));
        assert!(options.store.is_some() && options.codec.is_some());
        assert!(syn::parse2::<Options>(quote!()).unwrap().store.is_none());
    }

    #[test]
    fn what_is_unknown_gets_the_nearest_name() {
        assert_eq!(error(quote!(sotre = X)), "there is no option `sotre`; did you mean `store`?");
        assert_eq!(error(quote!(skp(x))), "there is no option `skp`; did you mean `skip`?");
        assert_eq!(error(quote!(env(A), env(B))), "`env` is given twice");
        assert!(error(quote!(expires = "7d")).contains("not available yet"));
    }
}
