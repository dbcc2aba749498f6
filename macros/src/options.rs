//! The options of `#[memo(…)]`. What is unknown or said twice is an error at its place.

use quote::ToTokens;
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
    /// Where the runtime is, if it is no dependency of the crate's own.
    pub(crate) krate: Option<Path>,
}

const KNOWN: &[&str] = &["store", "codec", "skip", "env", "allow", "crate"];

/// What `allow(…)` takes (`Kind::allowed_as` in `perennial-build`).
const STATE: &[&str] = &["clock", "random", "files", "network", "env", "statics", "process"];

/// Options that are designed and not built.
const PLANNED: &[&str] =
    &["key", "unordered", "version", "code", "expires", "if", "verify", "cache_err"];

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
                    options.codec = Some(codec(&input.parse()?)?);
                }
                "skip" => {
                    let list;
                    parenthesized!(list in input);
                    let names = list.call(Punctuated::<Name, Token![,]>::parse_terminated)?;
                    let names = names.into_iter().map(|Name(it)| it);
                    options.skip = names.collect();
                }
                "env" => {
                    let list;
                    parenthesized!(list in input);
                    let values = list.call(Punctuated::<Expr, Token![,]>::parse_terminated)?;
                    options.env = values.into_iter().collect();
                    distinct(&options.env)?;
                }
                "allow" => {
                    let list;
                    parenthesized!(list in input);
                    // The build step reads them where the attribute stands.
                    let kinds = list.call(Punctuated::<Ident, Token![,]>::parse_terminated)?;
                    known_state(&kinds.into_iter().collect::<Vec<_>>())?;
                }
                "crate" => {
                    input.parse::<Token![=]>()?;
                    options.krate = Some(input.call(Path::parse_mod_style)?);
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

/// A name as it may stand in `skip(…)`: an identifier, also a raw one, or `self`.
struct Name(Ident);

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        input.call(syn::ext::IdentExt::parse_any).map(Self)
    }
}

fn codec(value: &Expr) -> Result<Path> {
    match value {
        Expr::Path(it) if it.qself.is_none() => Ok(it.path.clone()),
        Expr::Group(it) => codec(&it.expr),
        other => Err(Error::new_spanned(
            other,
            "`codec` takes the path of a unit value, such as `codec = MyCodec`",
        )),
    }
}

/// Each value of the environment is named by its tokens.
fn distinct(values: &[Expr]) -> Result<()> {
    let mut seen = Vec::new();
    for value in values {
        let label = value.to_token_stream().to_string();
        if seen.contains(&label) {
            return Err(Error::new_spanned(value, format!("`{label}` is given twice")));
        }
        seen.push(label);
    }
    Ok(())
}

/// Each kind of state is known and said once.
fn known_state(kinds: &[Ident]) -> Result<()> {
    for (index, kind) in kinds.iter().enumerate() {
        let name = kind.to_string();
        if !STATE.contains(&name.as_str()) {
            let message = match nearest(STATE, &name) {
                Some(known) => format!("there is no state `{name}`; did you mean `{known}`?"),
                None => format!("there is no state `{name}`; there are {}", STATE.join(", ")),
            };
            return Err(Error::new(kind.span(), message));
        }
        if kinds[..index].contains(kind) {
            return Err(Error::new(kind.span(), format!("`{name}` is given twice")));
        }
    }
    Ok(())
}

fn refusal(name: &str) -> String {
    if PLANNED.contains(&name) {
        return format!("`{name}` is not available yet; there are {}", KNOWN.join(", "));
    }
    match nearest(KNOWN, name) {
        Some(known) => format!("there is no option `{name}`; did you mean `{known}`?"),
        None => format!("there is no option `{name}`; there are {}", KNOWN.join(", ")),
    }
}

/// The name that may have been meant, if any comes near.
fn nearest(names: &[&'static str], name: &str) -> Option<&'static str> {
    let shared = |known: &str| known.chars().filter(|it| name.contains(*it)).count();
    let start: String = name.chars().take(2).collect();
    names
        .iter()
        .copied()
        .filter(|known| known.starts_with(&start) || 2 * shared(known) > known.len())
        .max_by_key(|known| (known.starts_with(&start), shared(known)))
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
        let options: Options =
            syn::parse2(quote!(crate = a::perennial, skip(self, r#type))).unwrap();
        assert!(
            options.krate.is_some() && options.skip[0] == "self" && options.skip[1] == "r#type"
        );
    }

    #[test]
    fn what_is_unknown_gets_the_nearest_name() {
        assert_eq!(error(quote!(sotre = X)), "there is no option `sotre`; did you mean `store`?");
        assert_eq!(error(quote!(skp(x))), "there is no option `skp`; did you mean `skip`?");
        assert_eq!(error(quote!(env(A), env(B))), "`env` is given twice");
        assert_eq!(error(quote!(env(X, y, X))), "`X` is given twice");
        let message = "there is no state `clocks`; did you mean `clock`?";
        assert_eq!(error(quote!(allow(env, clocks))), message);
        assert_eq!(
            error(quote!(allow(netwrok))),
            "there is no state `netwrok`; did you mean `network`?"
        );
        assert!(
            error(quote!(allow(zzz)))
                .ends_with("there are clock, random, files, network, env, statics, process")
        );
        assert_eq!(error(quote!(allow(env, env))), "`env` is given twice");
        assert!(error(quote!(codec = Cbor::new())).contains("path of a unit value"));
        assert!(error(quote!(expires = "7d")).contains("not available yet"));
    }
}
