//! Expands calls of macros by example (`macro_rules!`) as the compiler does. A definition's tokens
//! and a call's tokens go in, the tokens that stand in the call's place come out. Pure: it resolves
//! no names and reads no files, and what it is not certain about it calls unsupported, for a wrong
//! rule would be a wrong key.
//!
//! The rules are the compiler's: all possibilities advance together over the input, fragments are
//! never taken back, and what cannot begin a fragment is decided by a fixed table of tokens.
//!
//! # Sealed fragments
//!
//! Once matched, a fragment such as an expression or a type is *one* thing to every further macro:
//! `ident` does not take it apart, and no literal token equals it. Where the output passes fragments
//! on to another macro they are therefore *sealed*, which is written as a call,
//! `perennial_sealed_ty! { Vec<u8> }`. Seals stand inside the arguments of macro calls and nowhere
//! else; they survive printing and parsing, and [`Definition`] understands them. Whoever reads the
//! arguments of a call otherwise takes them off first, by [`unsealed`].

mod begins;
mod capture;
mod fragment;
mod level;
mod matching;
mod pattern;
mod render;
mod shape;
mod template;
mod tidy;
mod tree;

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod cases;

use proc_macro2::{Ident, TokenStream};

use matching::Outcome;
use pattern::Pattern;
use template::Template;
use tidy::Tidy;
use tree::Tree;

/// A parsed `macro_rules!` definition.
#[derive(Debug)]
pub(crate) struct Definition {
    rules: Vec<Rule>,
    /// The year of the edition that the definition is written in, where it is known.
    edition: Option<u16>,
}

/// What became of a call.
#[derive(Debug)]
pub(crate) enum Expansion {
    /// The tokens that stand in the place of the call, and how many they are, those in groups too.
    Tokens(TokenStream, usize),
    /// No rule matches; the compiler rejects such a call.
    NoMatch,
    /// What the compiler would do is not certain.
    Unsupported,
}

#[derive(Debug)]
struct Rule {
    pattern: Pattern,
    template: Template,
}

impl Definition {
    /// Parses the tokens between the outer delimiters of `macro_rules! name { … }`; `None` where
    /// they are not understood.
    pub(crate) fn parse(tokens: TokenStream) -> Option<Self> {
        let trees = tree::read(tokens)?;
        let mut rules = Vec::new();
        let mut rest = &trees[..];
        while let [Tree::Group(matcher), Tree::Atom(arrow), Tree::Group(body), after @ ..] = rest {
            if !arrow.is_punct("=>") {
                return None;
            }
            rules.push(Rule {
                pattern: Pattern::parse(&matcher.trees)?,
                template: Template::parse(&body.trees),
            });
            rest = match after {
                [Tree::Atom(semicolon), after @ ..] if semicolon.is_punct(";") => after,
                [] => after,
                _ => return None,
            };
        }
        if rules.is_empty() || !rest.is_empty() {
            return None;
        }
        // From 2021 on, `|` may not follow a `pat`.
        let is_old = rules.iter().any(|it| it.pattern.has_alternatives_after_patterns);
        Some(Self { rules, edition: is_old.then_some(2018) })
    }

    /// Tells the year of the edition of the definition's crate: `pat` changed in 2021 and `expr` in
    /// 2024. Without it, calls that are matched differently are unsupported.
    #[must_use]
    pub(crate) fn in_edition(mut self, year: u16) -> Self {
        self.edition = Some(year);
        self
    }

    /// Expands a call by the first rule that matches. `dollar_crate` takes the place of `$crate`; it
    /// should be a name of its own, for to further macros `$crate` equals no other token, not even
    /// `crate`.
    pub(crate) fn expand(&self, input: TokenStream, dollar_crate: &Ident) -> Expansion {
        let Some(input) = tree::read(input) else { return Expansion::Unsupported };
        for rule in &self.rules {
            match matching::run(&rule.pattern, &input, self.edition) {
                Outcome::NoMatch => {}
                Outcome::Unsupported => return Expansion::Unsupported,
                Outcome::Match(bindings) => {
                    return match rule.template.transcribe(&bindings, dollar_crate) {
                        Some(trees) => {
                            let (tokens, count) = render::sealed(&trees);
                            Expansion::Tokens(tokens, count)
                        }
                        None => Expansion::Unsupported,
                    };
                }
            }
        }
        Expansion::NoMatch
    }
}

/// Takes the seals off: the same tokens with every forwarded fragment written out, in parentheses
/// where it would otherwise be read differently.
pub(crate) fn unsealed(tokens: TokenStream) -> TokenStream {
    match tidy::tidy(&tokens, 0) {
        Tidy::AsTheyAre => tokens,
        Tidy::Changed(it) => it,
        Tidy::Unread => match tree::read(tokens.clone()) {
            Some(trees) => render::plain(&trees),
            None => tokens,
        },
    }
}
