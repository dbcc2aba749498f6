//! The options of `#[memo(…)]`. What is unknown, said twice or contradictory is an error at its place.

use std::time::Duration;

use quote::ToTokens;
use syn::{
    Error, Expr, Ident, Path, Result, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::option_value::{self, CodeScope};

/// What stands between the parentheses of `#[memo(…)]`.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) store: Option<Expr>,
    pub(crate) codec: Option<Path>,
    pub(crate) skip: Vec<Ident>,
    /// What stands in the key for arguments.
    pub(crate) key: Vec<(Ident, Expr)>,
    /// Arguments whose elements' order says nothing.
    pub(crate) unordered: Vec<Ident>,
    pub(crate) env: Vec<Expr>,
    pub(crate) code: CodeScope,
    /// How long a result is reused.
    pub(crate) expires: Option<Duration>,
    /// Decides whether a result is stored.
    pub(crate) keep_if: Option<Expr>,
    /// The share of hits that are computed again.
    pub(crate) verify: Option<f64>,
    /// Errors are stored too: where the option stands.
    pub(crate) cache_err: Option<Ident>,
    /// Where the runtime is, if it is no dependency of the crate's own.
    pub(crate) krate: Option<Path>,
}

const KNOWN: &[&str] = &[
    "store",
    "codec",
    "skip",
    "key",
    "unordered",
    "env",
    "version",
    "code",
    "expires",
    "if",
    "verify",
    "cache_err",
    "allow",
    "crate",
];

/// What `allow(…)` takes (`Kind::allowed_as` in `perennial-build`).
const STATE: &[&str] = &["clock", "random", "files", "network", "env", "statics", "process"];

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let name: Ident = input.call(Ident::parse_any)?;
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
                    options.codec = Some(option_value::codec(&input.parse()?)?);
                }
                "skip" => options.skip = names(input)?,
                "unordered" => options.unordered = names(input)?,
                "key" => {
                    let list;
                    parenthesized!(list in input);
                    let pairs = list.call(Punctuated::<Keyed, Token![,]>::parse_terminated)?;
                    options.key =
                        pairs.into_iter().map(|Keyed(name, value)| (name, value)).collect();
                }
                // It is part of the code: the build step has it from the attribute.
                "version" => {
                    input.parse::<Token![=]>()?;
                    option_value::version(&input.parse()?)?;
                }
                "code" => {
                    input.parse::<Token![=]>()?;
                    options.code = input.parse()?;
                }
                "expires" => {
                    input.parse::<Token![=]>()?;
                    options.expires = Some(option_value::expires(&input.parse()?)?);
                }
                "if" => {
                    input.parse::<Token![=]>()?;
                    options.keep_if = Some(input.parse()?);
                }
                "verify" => {
                    input.parse::<Token![=]>()?;
                    options.verify = Some(option_value::share(&input.parse()?)?);
                }
                "cache_err" => options.cache_err = Some(name),
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
        options.without_contradictions()
    }
}

impl Options {
    /// Each argument has one role.
    fn without_contradictions(self) -> Result<Self> {
        let roles = self.skip.iter().map(|it| ("skip", it));
        let roles = roles.chain(self.key.iter().map(|(it, _)| ("key", it)));
        let roles = roles.chain(self.unordered.iter().map(|it| ("unordered", it)));
        let mut seen: Vec<(&str, &Ident)> = Vec::new();
        for (role, name) in roles {
            let plain = name.unraw();
            if let Some((earlier, _)) = seen.iter().find(|(_, it)| it.unraw() == plain) {
                let message = if *earlier == role {
                    format!("`{plain}` is given twice")
                } else {
                    format!(
                        "`{plain}` stands in `{earlier}(…)` and in `{role}(…)`; one of them is meant"
                    )
                };
                return Err(Error::new(name.span(), message));
            }
            seen.push((role, name));
        }
        Ok(self)
    }
}

fn names(input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let list;
    parenthesized!(list in input);
    let names = list.call(Punctuated::<Name, Token![,]>::parse_terminated)?;
    Ok(names.into_iter().map(|Name(it)| it).collect())
}

/// `argument = expression`.
struct Keyed(Ident, Expr);

impl Parse for Keyed {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let Name(name) = input.parse()?;
        if !input.peek(Token![=]) {
            let message = format!(
                "`key` takes what stands for an argument, such as `key({name} = {name}.id)`"
            );
            return Err(Error::new(name.span(), message));
        }
        input.parse::<Token![=]>()?;
        Ok(Self(name, input.parse()?))
    }
}

/// A name as it may stand in `skip(…)`: an identifier, also a raw one, or `self`.
struct Name(Ident);

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        input.call(Ident::parse_any).map(Self)
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
    match nearest(KNOWN, name) {
        Some(known) => format!("there is no option `{name}`; did you mean `{known}`?"),
        None => format!("there is no option `{name}`; there are {}", KNOWN.join(", ")),
    }
}

/// The name that may have been meant, if any comes near.
fn nearest(names: &[&'static str], name: &str) -> Option<&'static str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(known, name);
    let best = names.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.filter(|it| likeness(it) > 0.4)
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
    }
    #[test]
    fn values_are_checked() {
        let options: Options = syn::parse2(quote!(
            version = 2,
            code = pinned("v1"),
            expires = "1h 30min",
            if = |it| it.is_some(),
            verify = 0.01,
            cache_err,
            key(path = path.len()),
            unordered(tags),
        ))
        .unwrap();
        assert!(matches!(&options.code, CodeScope::Pinned(it) if it.value() == "v1"));
        assert_eq!(options.expires, Some(Duration::from_mins(90)));
        assert_eq!(options.verify, Some(0.01));
        assert!(options.keep_if.is_some() && options.cache_err.is_some());
        assert_eq!((options.key[0].0.to_string(), options.unordered.len()), ("path".to_owned(), 1));
        for (tokens, part) in [
            (quote!(version = 1.5), "takes a number"),
            (quote!(code = shallow), "is `deep`"),
            (quote!(code = pinned), "takes the text"),
            (quote!(code = pinned("a", "b")), "one text"),
            (quote!(expires = "soon"), "\"7d\""),
            (quote!(expires = "5ms"), "a second at least"),
            (quote!(verify = 2), "share of hits"),
            (quote!(verify = "all"), "share of hits"),
        ] {
            let message = error(tokens);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        assert_eq!(error(quote!(skip(a, a))), "`a` is given twice");
        assert_eq!(
            error(quote!(skip(a), key(r#a = 1))),
            "`a` stands in `skip(…)` and in `key(…)`; one of them is meant"
        );
        assert_eq!(
            error(quote!(unordered(a), skip(a))),
            "`a` stands in `skip(…)` and in `unordered(…)`; one of them is meant"
        );
    }
}
