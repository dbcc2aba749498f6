//! Tokens as the compiler's macro matcher sees them: operators of several characters are one token,
//! lifetimes too, invisible groups are open and sealed fragments are closed. Reads token streams
//! into trees; it interprets nothing else.

use std::{rc::Rc, vec};

use proc_macro2::{
    Delimiter, Group as TokenGroup, Ident, Punct, Spacing, Span, TokenStream, TokenTree,
};

use super::fragment::{Fragment, Kind, SEAL_PREFIX};

/// Nesting beyond this is not read; the parsers behind are recursive.
pub(super) const DEPTH_LIMIT: usize = 96;

/// Every operator of more than one character; each of their beginnings is one too.
const GLUED: &[&str] = &[
    "!=", "%=", "&&", "&=", "*=", "+=", "-=", "->", "..", "...", "..=", "/=", "::", "<-", "<<",
    "<<=", "<=", "==", "=>", ">=", ">>", ">>=", "^=", "|=", "||",
];

/// What syn takes for no identifier.
const KEYWORDS: &[&str] = &[
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Characters of the longest operator.
const LONGEST: usize = 3;

/// A token, a delimited group, or a fragment that an earlier macro matched. Copies are many, and cheap.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Atom(Rc<Atom>),
    Group(Group),
    Sealed(Rc<Fragment>),
}

/// One token of the compiler. Its text is asked of the tokens: most are never compared with anything.
#[derive(Debug)]
pub(super) struct Atom {
    pub(super) kind: AtomKind,
    tokens: Tokens,
}

/// Most atoms are one token.
#[derive(Debug)]
enum Tokens {
    One([TokenTree; 1]),
    /// Only a punctuation character before another of the same atom is joint.
    Several(Vec<TokenTree>),
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
    /// An identifier.
    pub(super) fn ident(ident: Ident) -> Self {
        one(AtomKind::Ident, TokenTree::Ident(ident))
    }

    pub(super) fn tokens(&self) -> &[TokenTree] {
        match &self.tokens {
            Tokens::One(it) => it,
            Tokens::Several(it) => it,
        }
    }

    pub(super) fn text(&self) -> String {
        self.tokens().iter().map(TokenTree::to_string).collect()
    }

    /// Tells whether the compiler takes both for the same token.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let is_same = |pair: (&TokenTree, &TokenTree)| match pair {
            (TokenTree::Ident(it), TokenTree::Ident(other)) => it == other,
            (TokenTree::Punct(it), TokenTree::Punct(other)) => it.as_char() == other.as_char(),
            (TokenTree::Literal(it), TokenTree::Literal(other)) => {
                it.to_string() == other.to_string()
            }
            _ => false,
        };
        let (own, others) = (self.tokens(), other.tokens());
        self.kind == other.kind && own.len() == others.len() && own.iter().zip(others).all(is_same)
    }

    pub(super) fn is_punct(&self, text: &str) -> bool {
        let is_same = |(token, byte): (&TokenTree, u8)| matches!(token, TokenTree::Punct(it) if it.as_char() == char::from(byte));
        self.kind == AtomKind::Punct
            && self.tokens().len() == text.len()
            && self.tokens().iter().zip(text.bytes()).all(is_same)
    }

    pub(super) fn is_ident(&self, text: &str) -> bool {
        matches!(self.tokens(), [TokenTree::Ident(it)] if it == text)
    }

    pub(super) fn is_one_of_idents(&self, texts: &[&str]) -> bool {
        matches!(self.tokens(), [TokenTree::Ident(ident)] if texts.iter().any(|it| ident == it))
    }

    /// Tells whether it is an identifier that parsers take for nothing else.
    pub(super) fn is_plain_ident(&self) -> bool {
        self.kind == AtomKind::Ident && !self.is_one_of_idents(KEYWORDS)
    }

    pub(super) fn is_one_of_puncts(&self, texts: &[&str]) -> bool {
        texts.iter().any(|it| self.is_punct(it))
    }

    /// Splits off the first `count` characters of an operator, as the compiler does to end generic
    /// arguments at `>>`.
    pub(super) fn split(&self, count: usize) -> Option<(Self, Self)> {
        if self.kind != AtomKind::Punct || count == 0 || count >= self.tokens().len() {
            return None;
        }
        let (first, second) = self.tokens().split_at(count);
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
            && hash.tokens().iter().all(|it| it.span().byte_range() == place)
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
    let mut trees = Vec::with_capacity(flat.len());
    let mut rest = flat.into_iter();
    while let Some(first) = rest.next() {
        trees.push(match first {
            TokenTree::Ident(ident) => match sealed(&ident, rest.as_slice()) {
                Some((kind, tokens)) => {
                    let trees = read_nested(tokens, depth + 1)?;
                    // Behind the name and what makes a call of it.
                    rest.nth(1);
                    Tree::Sealed(Fragment::new(kind, trees))
                }
                None => Tree::Atom(Rc::new(Atom::ident(ident))),
            },
            TokenTree::Literal(_) => Tree::Atom(Rc::new(one(AtomKind::Literal, first))),
            TokenTree::Group(group) => Tree::Group(Group {
                delimiter: group.delimiter(),
                span: group.span(),
                trees: read_nested(group.stream(), depth + 1)?.into(),
            }),
            TokenTree::Punct(punct) => Tree::Atom(Rc::new(punctuation(punct, &mut rest))),
        });
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

/// Finds a sealed fragment by its name and what follows: its kind and its tokens.
pub(super) fn sealed(name: &Ident, after: &[TokenTree]) -> Option<(Kind, TokenStream)> {
    let [TokenTree::Punct(bang), TokenTree::Group(group), ..] = after else { return None };
    if bang.as_char() != '!' || group.delimiter() != Delimiter::Brace {
        return None;
    }
    let kind = Kind::named(name.to_string().strip_prefix(SEAL_PREFIX)?)?;
    Some((kind, group.stream()))
}

/// Reads an operator, or a lifetime, that begins with a character.
fn punctuation(first: Punct, rest: &mut vec::IntoIter<TokenTree>) -> Atom {
    if first.as_char() == '\''
        && let [TokenTree::Ident(_), ..] = rest.as_slice()
    {
        let tokens = std::iter::once(TokenTree::Punct(first)).chain(rest.next()).collect();
        return Atom { kind: AtomKind::Lifetime, tokens: Tokens::Several(tokens) };
    }
    let count = glued(&first, rest.as_slice());
    if count == 0 {
        return one(AtomKind::Punct, spaced(&first, Spacing::Alone));
    }
    let tokens = std::iter::once(TokenTree::Punct(first)).chain(rest.take(count)).collect();
    operator(tokens)
}

/// Counts the characters behind the first one of an operator.
pub(super) fn glued(first: &Punct, after: &[TokenTree]) -> usize {
    let mut characters = [first.as_char(); LONGEST + 1];
    let mut count = 0;
    let mut is_joint = first.spacing() == Spacing::Joint;
    while let Some(TokenTree::Punct(next)) = after.get(count).filter(|_| is_joint) {
        characters[count + 1] = next.as_char();
        if !is_glued(&characters[..count + 2]) {
            break;
        }
        count += 1;
        is_joint = next.spacing() == Spacing::Joint;
    }
    count
}

/// Tells whether characters are one operator. None is longer than [`LONGEST`].
fn is_glued(characters: &[char]) -> bool {
    GLUED.iter().any(|it| it.chars().eq(characters.iter().copied()))
}

fn operator(mut tokens: Vec<TokenTree>) -> Atom {
    let last = tokens.len().saturating_sub(1);
    for (index, token) in tokens.iter_mut().enumerate() {
        if let TokenTree::Punct(it) = token {
            let spacing = if index == last { Spacing::Alone } else { Spacing::Joint };
            *token = spaced(it, spacing);
        }
    }
    Atom { kind: AtomKind::Punct, tokens: Tokens::Several(tokens) }
}

pub(super) fn spaced(punct: &Punct, spacing: Spacing) -> TokenTree {
    let mut spaced = Punct::new(punct.as_char(), spacing);
    spaced.set_span(punct.span());
    TokenTree::Punct(spaced)
}

fn one(kind: AtomKind, token: TokenTree) -> Atom {
    Atom { kind, tokens: Tokens::One([token]) }
}

/// Builds a group with a span.
pub(super) fn group(delimiter: Delimiter, tokens: TokenStream, span: Span) -> TokenTree {
    let mut group = TokenGroup::new(delimiter, tokens);
    group.set_span(span);
    TokenTree::Group(group)
}
