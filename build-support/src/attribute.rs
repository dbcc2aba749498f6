//! What attributes mean for a signature: which cannot change behaviour, which name code, which of
//! the options of `#[memo]` only say where results are kept.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Meta, Path};

use crate::{cfg_attr, kind::Kind, token_scan::Scan};

/// Lints, hints and documentation: they change what the compiler says, not what the code does.
const INERT: &[&str] = &[
    "doc",
    "allow",
    "warn",
    "deny",
    "forbid",
    "expect",
    "inline",
    "cold",
    "must_use",
    "deprecated",
    "rustfmt",
    "clippy",
    "diagnostic",
    "automatically_derived",
];

/// Attributes of the language that name no code of the package.
const BUILT_IN: &[&str] = &[
    "cfg",
    "cfg_attr",
    "repr",
    "test",
    "ignore",
    "should_panic",
    "bench",
    "macro_use",
    "macro_export",
    "path",
    "non_exhaustive",
    "track_caller",
    "target_feature",
    "no_mangle",
    "export_name",
    "link",
    "link_name",
    "link_section",
    "used",
    "global_allocator",
    "panic_handler",
    "default",
    "unsafe",
    "no_std",
    "feature",
    "recursion_limit",
    "type_length_limit",
    "no_implicit_prelude",
    "derive",
    "debugger_visualizer",
    "proc_macro",
    "proc_macro_derive",
    "proc_macro_attribute",
];

/// Derives of the standard library, whose output is a function of the type's definition alone.
const STANDARD_DERIVES: &[&str] =
    &["Debug", "Clone", "Copy", "PartialEq", "Eq", "PartialOrd", "Ord", "Hash", "Default"];

/// Derives known not to read documentation.
const DOCLESS_DERIVES: &[&str] = &["Serialize", "Deserialize"];

/// Options of `#[memo]` that decide where results lie and how long, never what they are.
const PLACEMENT_OPTIONS: &[&str] = &["store", "expires", "verify"];

pub(crate) fn first_segment(path: &Path) -> String {
    path.segments.first().map(|it| it.ident.to_string()).unwrap_or_default()
}

pub(crate) fn last_segment(path: &Path) -> String {
    path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default()
}

/// Tells whether an attribute can't change behaviour.
pub(crate) fn is_inert(attribute: &Attribute) -> bool {
    let first = attribute.path().segments.first();
    first.is_some_and(|first| INERT.iter().any(|it| first.ident == *it))
}

/// Tells whether an attribute is one of the language's own.
pub(crate) fn is_built_in(attribute: &Attribute) -> bool {
    is_inert(attribute) || BUILT_IN.contains(&first_segment(attribute.path()).as_str())
}

/// Tells whether an attribute, or one that it may add, is not of the language's own.
pub(crate) fn names_code(attribute: &Attribute) -> bool {
    cfg_attr::flattened(attribute).iter().any(|it| !is_built_in(it))
}

/// Tells whether nothing that an attribute adds under a condition can change behaviour, for whom documentation can't.
pub(crate) fn adds_only_inert(attribute: &Attribute) -> bool {
    cfg_attr::parts(attribute).is_some() && cfg_attr::flattened(attribute).iter().all(is_inert)
}

pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

pub(crate) fn is_memo(attribute: &Attribute) -> bool {
    last_segment(attribute.path()) == "memo"
}

/// Tells whether an attribute is written as `perennial::env`.
pub(crate) fn is_environment(path: &Path) -> bool {
    path.segments.len() == 2 && first_segment(path) == "perennial" && last_segment(path) == "env"
}

pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// Returns the paths that `#[derive(…)]` names.
pub(crate) fn derives(attribute: &Attribute) -> Vec<Path> {
    if !attribute.path().is_ident("derive") {
        return Vec::new();
    }
    let list = syn::punctuated::Punctuated::<Path, syn::Token![,]>::parse_terminated;
    attribute.parse_args_with(list).into_iter().flatten().collect()
}

/// Tells whether a derive is named like one of std's.
pub(crate) fn is_standard_derive(path: &Path) -> bool {
    is_standard(&last_segment(path))
}

/// The same for its name.
pub(crate) fn is_standard(derive: &str) -> bool {
    STANDARD_DERIVES.contains(&derive)
}

/// Tells whether a macro unknown to us may read the documentation beside these attributes.
pub(crate) fn may_read_docs(attributes: &[Attribute]) -> bool {
    // Most of them are documentation themselves.
    let mut others = attributes.iter().filter(|it| !it.path().is_ident("doc"));
    others.any(|it| {
        cfg_attr::flattened(it).iter().any(|it| {
            may_be_macro(it)
                || derives(it).iter().any(|path| {
                    !is_standard_derive(path)
                        && !DOCLESS_DERIVES.contains(&last_segment(path).as_str())
                })
        })
    })
}

/// Tells whether an attribute may be a macro that makes another item of the one that it stands on.
pub(crate) fn may_be_macro(attribute: &Attribute) -> bool {
    !is_built_in(attribute)
        && !is_memo(attribute)
        && !is_environment(attribute.path())
        && !is_helper_of_serde(attribute)
}

fn is_helper_of_serde(attribute: &Attribute) -> bool {
    attribute.path().is_ident("serde")
}

/// Returns the tokens between the parentheses of an attribute, or the value after its `=`.
pub(crate) fn arguments(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => quote::ToTokens::to_token_stream(&pair.value),
    }
}

/// Removes from the options of `#[memo(…)]` those that only place results.
pub(crate) fn without_placement(tokens: TokenStream) -> TokenStream {
    without(tokens, &|it| PLACEMENT_OPTIONS.contains(&it))
}

fn without(tokens: TokenStream, is_dropped: &dyn Fn(&str) -> bool) -> TokenStream {
    split_at_commas(tokens)
        .into_iter()
        .filter(|option| match option.first() {
            Some(TokenTree::Ident(name)) => !is_dropped(&name.to_string()),
            _ => true,
        })
        .flat_map(|option| {
            option.into_iter().chain([TokenTree::Punct(proc_macro2::Punct::new(
                ',',
                proc_macro2::Spacing::Alone,
            ))])
        })
        .collect()
}

/// Returns the options of `#[memo(…)]` that hold code.
pub(crate) fn references(tokens: TokenStream) -> TokenStream {
    let words = ["allow", "version", "code", "cache_err"];
    without(tokens, &|it| words.contains(&it) || PLACEMENT_OPTIONS.contains(&it))
}

/// Returns the `#[memo]`s among attributes, those that a `cfg_attr` may set included.
pub(crate) fn memos(attributes: &[Attribute], is_memo: &dyn Fn(&Path) -> bool) -> Vec<Attribute> {
    let mut found = Vec::new();
    for attribute in attributes {
        let added = cfg_attr::flattened(attribute);
        found.extend(added.iter().filter(|it| is_memo(it.path())).cloned());
    }
    found
}

/// Returns the arguments that are not in the key as they are, each with the mark that the index has for
/// it: `-` for those in `skip(…)`, `~` for those in `unordered(…)`.
pub(crate) fn marks(attribute: &Attribute) -> Vec<(String, char)> {
    [("skip", '-'), ("unordered", '~')]
        .into_iter()
        .flat_map(|(name, mark)| {
            option(attribute, name).into_iter().flatten().filter_map(move |token| match token {
                TokenTree::Ident(name) => {
                    Some((crate::extract::plain_name(&name.to_string()), mark))
                }
                _ => None,
            })
        })
        .collect()
}

/// Tells whether `#[memo(…)]` has expressions whose values only the function can tell.
pub(crate) fn has_environment(attribute: &Attribute) -> bool {
    option(attribute, "env").is_some() || option(attribute, "key").is_some()
}

/// Tells whether `#[memo(…)]` names a store, which only the function can tell.
pub(crate) fn has_store(attribute: &Attribute) -> bool {
    value(attribute, "store").is_some()
}

/// Returns the text of `expires = "…"`.
pub(crate) fn expires(attribute: &Attribute) -> Option<String> {
    let text = value(attribute, "expires")?.into_iter().collect();
    syn::parse2::<syn::LitStr>(text).ok().map(|it| it.value())
}

/// Returns what `code = …` says, as the index has it; `None` where several say different things.
pub(crate) fn scope(memos: &[Attribute]) -> Option<String> {
    let of = |attribute: &Attribute| match value(attribute, "code").as_deref() {
        Some([TokenTree::Ident(it)]) if it == "own" => "own".to_owned(),
        Some([TokenTree::Ident(it), TokenTree::Group(group)]) if it == "pinned" => {
            let text = syn::parse2::<syn::LitStr>(group.stream());
            text.map_or_else(|_| "deep".to_owned(), |it| format!("pinned {}", it.value()))
        }
        _ => "deep".to_owned(),
    };
    let mut scopes = memos.iter().map(of);
    let first = scopes.next().unwrap_or_else(|| "deep".to_owned());
    scopes.all(|it| it == first).then_some(first)
}

/// Returns the kinds that `allow(…)` settles: where conditions decide among several `#[memo]`s, those that
/// all of them do.
pub(crate) fn allowed(memos: &[Attribute]) -> BTreeSet<Kind> {
    let is_allowed = |attribute: &Attribute, kind: Kind| {
        let names = option(attribute, "allow").into_iter().flatten();
        names
            .filter_map(|it| match it {
                TokenTree::Ident(name) => Some(name.to_string()),
                _ => None,
            })
            .any(|it| kind.allowed_as() == Some(&it))
    };
    let kinds = Kind::ALL.iter().copied();
    kinds.filter(|kind| !memos.is_empty() && memos.iter().all(|it| is_allowed(it, *kind))).collect()
}

/// Returns the identifiers in `env(…)`: a static among them is in the key.
pub(crate) fn environment(memos: &[Attribute]) -> BTreeSet<String> {
    let mut listed =
        memos.iter().map(|it| Scan::of(option(it, "env").unwrap_or_default()).identifiers);
    let first = listed.next().unwrap_or_default();
    listed.fold(first, |all, it| &all & &it)
}

fn option(attribute: &Attribute, name: &str) -> Option<TokenStream> {
    split_at_commas(arguments(attribute)).into_iter().find_map(|option| match &option[..] {
        [TokenTree::Ident(it), TokenTree::Group(group)]
            if it == name && group.delimiter() == Delimiter::Parenthesis =>
        {
            Some(group.stream())
        }
        _ => None,
    })
}

/// Returns what stands behind `name =`.
fn value(attribute: &Attribute, name: &str) -> Option<Vec<TokenTree>> {
    split_at_commas(arguments(attribute)).into_iter().find_map(|option| match &option[..] {
        [TokenTree::Ident(it), TokenTree::Punct(_), rest @ ..] if it == name => Some(rest.to_vec()),
        _ => None,
    })
}

/// Splits tokens at their outermost commas; empty parts are dropped.
pub(crate) fn split_at_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(it) if it.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut().expect("never empty").push(token),
        }
    }
    parts.retain(|it| !it.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn placement_options_are_removed_and_others_kept() {
        let tokens = quote::quote!(store = STORE.get(a, b), skip(x), codec = my::Codec);
        assert_eq!(without_placement(tokens).to_string(), "skip (x) , codec = my :: Codec ,");
    }

    #[test]
    fn skipped_names_and_environment_are_read() {
        let attribute: Attribute = parse_quote!(#[perennial::memo(skip(a, b), env(LIMIT))]);
        assert_eq!(marks(&attribute), [("a".to_owned(), '-'), ("b".to_owned(), '-')]);
        assert!(has_environment(&attribute));
    }

    #[test]
    fn where_and_how_long_results_are_kept_is_read() {
        let attribute: Attribute =
            parse_quote!(#[memo(skip(store), store = a.b(c, d), expires = "7d")]);
        assert!(has_store(&attribute));
        assert_eq!(expires(&attribute).as_deref(), Some("7d"));
        let attribute: Attribute = parse_quote!(#[memo(skip(store, expires))]);
        assert!(!has_store(&attribute) && expires(&attribute).is_none());
    }

    #[test]
    fn leave_is_given_where_every_condition_gives_it() {
        let attributes: [Attribute; 2] = [
            parse_quote!(#[memo(allow(clock, env), env(LIMIT.load(Relaxed)))]),
            parse_quote!(#[memo(skip(random), allow(random, env,))]),
        ];
        assert_eq!(allowed(&attributes[..1]), [Kind::Clock, Kind::Environment].into());
        assert_eq!(allowed(&attributes), [Kind::Environment].into());
        assert_eq!(allowed(&[]), BTreeSet::new());
        assert!(environment(&attributes[..1]).contains("LIMIT"));
        assert!(environment(&attributes).is_empty());
    }

    #[test]
    fn leave_names_no_code() {
        let tokens = quote::quote!(allow(clock), env(X), store = S);
        assert_eq!(references(tokens.clone()).to_string(), "env (X) ,");
        assert_eq!(without_placement(tokens).to_string(), "allow (clock) , env (X) ,");
    }

    #[test]
    fn what_a_condition_may_set_is_found() {
        let attributes: [Attribute; 3] = [
            parse_quote!(#[inline]),
            parse_quote!(#[cfg_attr(all(unix, x), cold, cfg_attr(y, memo(skip(self, r#type))))]),
            parse_quote!(#[memo]),
        ];
        let found = memos(&attributes, &|it| it.is_ident("memo"));
        assert_eq!(found.len(), 2);
        assert_eq!(marks(&found[0]), [("self".to_owned(), '-'), ("type".to_owned(), '-')]);
    }

    #[test]
    fn docs_are_kept_only_where_an_unknown_macro_may_read_them() {
        let plain: Attribute = parse_quote!(#[derive(Debug, serde::Serialize)]);
        let clap: Attribute = parse_quote!(#[derive(clap::Parser)]);
        assert!(!may_read_docs(&[plain]));
        assert!(may_read_docs(&[clap]));
    }
}
