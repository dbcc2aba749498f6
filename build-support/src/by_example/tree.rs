//! Tokens as the compiler's macro matcher sees them: operators of several characters are one token,
//! lifetimes too, invisible groups are open and sealed fragments are closed. Reads token streams
//! into trees; it interprets nothing else.

use std::rc::Rc;

use proc_macro2::{Delimiter, Group as TokenGroup, Punct, Spacing, Span, TokenStream, TokenTree};

use super::fragment::{Fragment, Kind, SEAL_PREFIX};

/// Nesting beyond this is not read; the parsers behind are recursive.
const DEPTH_LIMIT: usize = 96;

/// Every operator of more than one character; each of their beginnings is one too.
const GLUED: &[&str] = &[
    "!=", "%=", "&&", "&=", "*=", "+=", "-=", "->", "..", "...", "..=", "/=", "::", "<-", "<<",
    "<<=", "<=", "==", "=>", ">=", ">>", ">>=", "^=", "|=", "||",
];

/// A token, a delimited group, or a fragment that an earlier macro matched.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Atom(Atom),
    Group(Group),
    Sealed(Rc<Fragment>),
}

/// One token of the compiler.
#[derive(Clone, Debug)]
pub(super) struct Atom {
    pub(super) kind: AtomKind,
    pub(super) text: String,
    /// Only a punctuation character before another of the same atom is joint.
    pub(super) tokens: Vec<TokenTree>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AtomKind {
    Ident,
    Lifetime,
    Literal,
    Punct,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) delimiter: Delimiter,
    pub(super) span: Span,
    pub(super) trees: Rc<[Tree]>,
}

impl Atom {
    /// Tells whether the compiler takes both for the same token.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text
    }

    pub(super) fn is_punct(&self, text: &str) -> bool {
        self.kind == AtomKind::Punct && self.text == text
    }

    pub(super) fn is_ident(&self, text: &str) -> bool {
        self.kind == AtomKind::Ident && self.text == text
    }

    /// Splits off the first `count` characters of an operator, as the compiler does to end generic
    /// arguments at `>>`.
    pub(super) fn split(&self, count: usize) -> Option<(Self, Self)> {
        if self.kind != AtomKind::Punct || count == 0 || count >= self.tokens.len() {
            return None;
        }
        let (first, second) = self.tokens.split_at(count);
        Some((operator(first.to_vec()), operator(second.to_vec())))
    }
}

impl Group {
    /// Tells whether the group and an atom before it are a documentation comment. A comment's tokens
    /// share one place; those of a written attribute do not.
    pub(super) fn is_comment_after(&self, hash: &Atom) -> bool {
        let place = self.span.byte_range();
        hash.is_punct("#")
            && !place.is_empty()
            && hash.tokens.iter().all(|it| it.span().byte_range() == place)
    }

    /// Tells whether the group is that of an attribute `doc` with a text.
    pub(super) fn is_documentation(&self) -> bool {
        matches!(&*self.trees, [Tree::Atom(name), Tree::Atom(equals), Tree::Atom(text)]
            if name.is_ident("doc") && equals.is_punct("=") && text.kind == AtomKind::Literal)
    }
}

/// Reads tokens; `None` where they are nested too deeply.
pub(super) fn read(tokens: TokenStream) -> Option<Vec<Tree>> {
    read_nested(tokens, 0)
}

fn read_nested(tokens: TokenStream, depth: usize) -> Option<Vec<Tree>> {
    if depth > DEPTH_LIMIT {
        return None;
    }
    let mut flat = Vec::new();
    open_invisible(tokens, depth, &mut flat)?;
    let mut trees = Vec::new();
    let mut rest = &flat[..];
    while let Some((first, after)) = rest.split_first() {
        let (tree, after) = match first {
            TokenTree::Ident(ident) => match sealed(rest) {
                Some((kind, group, after)) => {
                    let trees = read_nested(group.stream(), depth + 1)?;
                    (Tree::Sealed(Rc::new(Fragment::new(kind, trees))), after)
                }
                None => (Tree::Atom(atom(AtomKind::Ident, ident.to_string(), first)), after),
            },
            TokenTree::Literal(literal) => {
                (Tree::Atom(atom(AtomKind::Literal, literal.to_string(), first)), after)
            }
            TokenTree::Group(group) => (
                Tree::Group(Group {
                    delimiter: group.delimiter(),
                    span: group.span(),
                    trees: read_nested(group.stream(), depth + 1)?.into(),
                }),
                after,
            ),
            TokenTree::Punct(punct) => {
                let (atom, after) = punctuation(punct, rest);
                (Tree::Atom(atom), after)
            }
        };
        trees.push(tree);
        rest = after;
    }
    Some(trees)
}

/// Appends tokens, with invisible groups replaced by what is in them.
fn open_invisible(tokens: TokenStream, depth: usize, into: &mut Vec<TokenTree>) -> Option<()> {
    if depth > DEPTH_LIMIT {
        return None;
    }
    for token in tokens {
        match token {
            TokenTree::Group(it) if it.delimiter() == Delimiter::None => {
                open_invisible(it.stream(), depth + 1, into)?;
            }
            it => into.push(it),
        }
    }
    Some(())
}

/// Finds a sealed fragment: its kind, its group, and what follows.
fn sealed(tokens: &[TokenTree]) -> Option<(Kind, &TokenGroup, &[TokenTree])> {
    let [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(group), after @ ..] =
        tokens
    else {
        return None;
    };
    let kind = Kind::named(name.to_string().strip_prefix(SEAL_PREFIX)?)?;
    let is_seal = bang.as_char() == '!' && group.delimiter() == Delimiter::Brace;
    is_seal.then_some((kind, group, after))
}

fn punctuation<'a>(first: &Punct, tokens: &'a [TokenTree]) -> (Atom, &'a [TokenTree]) {
    if first.as_char() == '\''
        && let [quote, name @ TokenTree::Ident(ident), after @ ..] = tokens
    {
        let tokens = vec![quote.clone(), name.clone()];
        return (Atom { kind: AtomKind::Lifetime, text: format!("'{ident}"), tokens }, after);
    }
    let mut text = String::from(first.as_char());
    let mut count = 1;
    let mut is_joint = first.spacing() == Spacing::Joint;
    while let Some(TokenTree::Punct(next)) = tokens.get(count).filter(|_| is_joint) {
        text.push(next.as_char());
        if !GLUED.contains(&text.as_str()) {
            break;
        }
        count += 1;
        is_joint = next.spacing() == Spacing::Joint;
    }
    (operator(tokens[..count].to_vec()), &tokens[count..])
}

fn operator(mut tokens: Vec<TokenTree>) -> Atom {
    let last = tokens.len().saturating_sub(1);
    let mut text = String::new();
    for (index, token) in tokens.iter_mut().enumerate() {
        if let TokenTree::Punct(it) = token {
            text.push(it.as_char());
            let spacing = if index == last { Spacing::Alone } else { Spacing::Joint };
            let mut spaced = Punct::new(it.as_char(), spacing);
            spaced.set_span(it.span());
            *it = spaced;
        }
    }
    Atom { kind: AtomKind::Punct, text, tokens }
}

fn atom(kind: AtomKind, text: String, token: &TokenTree) -> Atom {
    Atom { kind, text, tokens: vec![token.clone()] }
}

/// Builds a group with a span.
pub(super) fn group(delimiter: Delimiter, tokens: TokenStream, span: Span) -> TokenTree {
    let mut group = TokenGroup::new(delimiter, tokens);
    group.set_span(span);
    TokenTree::Group(group)
}
