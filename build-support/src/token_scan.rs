//! Reads token streams that nobody parses for us: the arguments and bodies of macros. Finds every
//! path, every method name and every identifier in them. Pure.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

use crate::extract::{name_of, plain_name};

/// Macros that bring in what stands outside the source.
const FILE_MACROS: &[&str] = &["include", "include_str", "include_bytes", "env", "option_env"];

/// What a token stream contains.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Paths of identifiers as written, in order; a lone identifier is a path of one segment.
    pub(crate) paths: Vec<Vec<String>>,
    /// Identifiers behind a dot.
    pub(crate) methods: BTreeSet<String>,
    /// Every identifier, also those within string literals that look like paths.
    pub(crate) identifiers: BTreeSet<String>,
    /// Contents of string literals.
    pub(crate) strings: Vec<String>,
    /// Arguments of `memo_key!(…)` and `memo_call!(…)`; one that stands in those of another is found there.
    pub(crate) keys: Vec<(Span, TokenStream)>,
    /// Arguments of `memo_fn!(…)`.
    pub(crate) closures: Vec<(Span, TokenStream)>,
    /// Calls of `include!` and its kin and of `env!`: the name and the arguments.
    pub(crate) files: Vec<(String, TokenStream)>,
    /// There is an operator or a call, which may run any impl.
    pub(crate) has_code: bool,
    /// `[<` glues identifiers together, as the crate `paste` does.
    pub(crate) concatenates: bool,
    /// There is a declaration of a static.
    pub(crate) has_static: bool,
    is_in_key: bool,
}

impl Scan {
    pub(crate) fn of(tokens: TokenStream) -> Self {
        let mut scan = Self::default();
        scan.stream(tokens);
        scan
    }

    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut index = 0;
        let mut key = None;
        while let Some(token) = tokens.get(index) {
            match token {
                TokenTree::Ident(ident) => {
                    let is_lifetime = index.checked_sub(1).is_some_and(
                        |it| matches!(&tokens[it], TokenTree::Punct(it) if it.as_char() == '\''),
                    );
                    self.has_static |= ident == "static"
                        && !is_lifetime
                        && matches!(tokens.get(index + 1), Some(TokenTree::Ident(_)));
                    let is_method = index > 0 && is_punct(&tokens[index - 1], '.');
                    let is_variable = index > 0 && is_punct(&tokens[index - 1], '$');
                    let mut path = vec![name_of(ident)];
                    while let Some([first, second, TokenTree::Ident(next)]) =
                        tokens.get(index + 1..index + 4)
                        && is_punct(first, ':')
                        && is_punct(second, ':')
                    {
                        path.push(name_of(next));
                        index += 3;
                    }
                    if let [last, TokenTree::Punct(bang), TokenTree::Group(group), ..] =
                        &tokens[index..]
                        && bang.as_char() == '!'
                    {
                        let name = path.last().expect("a path has a name").as_str();
                        if matches!(name, "memo_key" | "memo_call") && !self.is_in_key {
                            key = Some(index + 2);
                            self.keys.push((last.span(), group.stream()));
                        }
                        if name == "memo_fn" {
                            self.closures.push((last.span(), group.stream()));
                        }
                        if FILE_MACROS.contains(&name) {
                            self.files.push((name.to_owned(), group.stream()));
                        }
                    }
                    for name in &path {
                        note(&mut self.identifiers, name);
                    }
                    if is_method {
                        self.methods.insert(path[0].clone());
                    } else if !is_variable || path[0] == "crate" {
                        self.paths.push(path);
                    }
                }
                TokenTree::Group(group) => {
                    self.has_code = true;
                    self.concatenates |=
                        group.delimiter() == Delimiter::Bracket && is_angled(group.stream());
                    let outer = self.is_in_key;
                    self.is_in_key |= key == Some(index);
                    self.stream(group.stream());
                    self.is_in_key = outer;
                }
                TokenTree::Literal(literal) => {
                    if let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) {
                        self.strings.push(text.value());
                    }
                }
                // `seq!` glues identifiers by a tilde.
                TokenTree::Punct(it) if it.as_char() == '~' => self.concatenates = true,
                TokenTree::Punct(it) => self.has_code |= !matches!(it.as_char(), ',' | '=' | ':'),
            }
            index += 1;
        }
    }
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(it) if it.as_char() == character)
}

/// Tells whether tokens begin with `<` and end with `>`.
fn is_angled(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    tokens.next().is_some_and(|it| is_punct(&it, '<'))
        && tokens.last().is_some_and(|it| is_punct(&it, '>'))
}

fn note(names: &mut BTreeSet<String>, name: &str) {
    if !names.contains(name) {
        names.insert(name.to_owned());
    }
}

/// Returns every identifier among tokens, as [`Scan::identifiers`] does.
pub(crate) fn identifiers(tokens: TokenStream) -> BTreeSet<String> {
    fn collect(tokens: TokenStream, into: &mut BTreeSet<String>) {
        for token in tokens {
            match token {
                TokenTree::Ident(it) => note(into, &name_of(&it)),
                TokenTree::Group(it) => collect(it.stream(), into),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    let mut names = BTreeSet::new();
    collect(tokens, &mut names);
    names
}

/// Tells whether a macro with another name than the given ones is called among tokens.
pub(crate) fn calls_others(tokens: &TokenStream, names: &[&str]) -> bool {
    let mut last: [Option<TokenTree>; 2] = [None, None];
    for token in tokens.clone() {
        if let TokenTree::Group(group) = &token {
            let is_call = match &last {
                [Some(TokenTree::Ident(name)), Some(bang)] if is_punct(bang, '!') => {
                    !names.iter().any(|it| name == it)
                }
                _ => false,
            };
            if is_call || calls_others(&group.stream(), names) {
                return true;
            }
        }
        last = [last[1].take(), Some(token)];
    }
    false
}

/// Tells whether there is a macro call among tokens.
pub(crate) fn has_macro(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|it| match it {
        TokenTree::Group(it) => has_macro(&it.stream()),
        other => is_punct(&other, '!'),
    })
}

/// Returns the identifiers that a string literal may name as a path (`"module::function"`).
pub(crate) fn path_in(text: &str) -> Option<Vec<String>> {
    let segments: Vec<_> = text.split("::").map(|it| it.trim().to_owned()).collect();
    let is_identifier = |it: &String| {
        let mut characters = it.chars();
        characters.next().is_some_and(|it| it.is_alphabetic() || it == '_')
            && characters.all(|it| it.is_alphanumeric() || it == '_')
    };
    segments.iter().all(is_identifier).then_some(segments)
}

/// Returns the names that a format string captures: `{name}`, `{name:>width$}`.
pub(crate) fn captured_by(format: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = format;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(escaped) = rest.strip_prefix('{') {
            rest = escaped;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let (name, spec) = rest[..close].split_once(':').unwrap_or((&rest[..close], ""));
        let parameters = spec.split('$').rev().skip(1).map(|it| {
            let start = it.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            // The flag `0` stands before the width.
            it[start..].trim_start_matches(|c: char| c.is_ascii_digit())
        });
        let is_name = |it: &&str| it.starts_with(|c: char| c.is_alphabetic() || c == '_');
        names.extend(
            std::iter::once(name.trim()).chain(parameters).filter(is_name).map(str::to_owned),
        );
        rest = &rest[close + 1..];
    }
    names
}

/// Returns the identifiers that tokens may define when they are expanded: those behind a keyword
/// that introduces a name, and all of them where there is a `use`.
pub(crate) fn definable(tokens: &TokenStream) -> BTreeSet<String> {
    const KEYWORDS: &[&str] = &[
        "fn",
        "struct",
        "enum",
        "union",
        "const",
        "static",
        "mut",
        "type",
        "trait",
        "mod",
        "as",
        "macro_rules",
        "macro",
        "crate",
    ];
    fn collect(tokens: TokenStream, into: &mut BTreeSet<String>) -> bool {
        let mut imports = false;
        let mut introduces = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    let name = ident.to_string();
                    imports |= name == "use";
                    let is_keyword = KEYWORDS.contains(&name.as_str());
                    if introduces && !is_keyword {
                        into.insert(plain_name(&name));
                    }
                    introduces = is_keyword;
                }
                TokenTree::Group(group) => imports |= collect(group.stream(), into),
                // `macro_rules! name`
                TokenTree::Punct(it) => introduces &= it.as_char() == '!',
                TokenTree::Literal(_) => introduces = false,
            }
        }
        imports
    }
    let mut names = BTreeSet::new();
    if collect(tokens.clone(), &mut names) {
        names.extend(identifiers(tokens.clone()));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_other_macros_are_found_behind_negations_and_inside_of_those() {
        let finds = |text: &str| calls_others(&text.parse().unwrap(), &["vec", "format"]);
        assert!(finds("1, mine!(2)") && finds("!mine! [2]") && finds("a::mine!{}"));
        assert!(finds("vec![mine!()]") && finds("f(format!(\"\", { mine! [] }))"));
        assert!(!finds("!a, b != (c), vec![!(1)], std::format!(\"{}\", vec!(2))") && !finds(""));
    }
    use quote::quote;

    #[test]
    fn macros_are_known_by_any_path() {
        let tokens =
            quote::quote!(f(std::include_str!("x"), ::perennial::memo_fn!(|| -> u8 { 1 })));
        let scan = Scan::of(tokens);
        assert_eq!((scan.files.len(), scan.closures.len()), (1, 1));
        assert_eq!(scan.files[0].0, "include_str");
    }

    #[test]
    fn paths_methods_and_keys_are_found_at_any_depth() {
        let scan = Scan::of(quote!(a::b(c, [d.e()]); $crate::f; $x; memo_key!(g::h)));
        let paths: Vec<_> = scan.paths.iter().map(|it| it.join("::")).collect();
        assert_eq!(paths, ["a::b", "c", "d", "crate::f", "memo_key", "g::h"]);
        assert_eq!(scan.methods.into_iter().collect::<Vec<_>>(), ["e"]);
        assert_eq!(scan.keys.len(), 1);
        assert!(!scan.concatenates);
        assert!(Scan::of(quote!([<get_ $name>])).concatenates);
    }

    #[test]
    fn format_strings_capture_names_widths_and_precisions() {
        let mut names = captured_by("{a} {{b}} {0:>w$.p$} {c:?} {d:#0v$x}");
        names.sort();
        assert_eq!(names, ["a", "c", "d", "p", "v", "w"]);
    }

    #[test]
    fn strings_that_look_like_paths_are_paths() {
        assert_eq!(path_in("a::b").unwrap(), ["a", "b"]);
        assert!(path_in("a b").is_none() && path_in("").is_none() && path_in("1a").is_none());
    }
}
