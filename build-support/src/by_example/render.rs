//! Writes trees as tokens: plainly, or with fragments sealed inside the arguments of macro calls.

use proc_macro2::{Delimiter, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

use super::{
    fragment::{Fragment, Next, SEAL_PREFIX},
    tree::{self, AtomKind, Tree},
};

/// Keywords before which `!` cannot be a macro's, but negates.
const KEYWORDS: &[&str] = &[
    "as", "await", "box", "break", "const", "else", "if", "in", "let", "loop", "match", "move",
    "mut", "ref", "return", "static", "unsafe", "where", "while", "yield",
];

/// Writes every fragment out.
pub(super) fn plain(trees: &[Tree]) -> TokenStream {
    written(trees, Seals::Never).tokens.into_iter().collect()
}

/// Writes every fragment out, and tells of how many tokens each tree has become.
pub(super) fn measured(trees: &[Tree]) -> (TokenStream, Vec<usize>) {
    let mut written = Written::with_capacity(trees.len());
    let mut widths = Vec::with_capacity(trees.len());
    for index in 0..trees.len() {
        let before = written.tokens.len();
        write(trees, index, Seals::Never, &mut written);
        widths.push(written.tokens.len() - before);
    }
    (written.tokens.into_iter().collect(), widths)
}

/// Writes fragments out, but for those that are passed on to another macro. Counts the tokens, those in
/// groups too.
pub(super) fn sealed(trees: &[Tree]) -> (TokenStream, usize) {
    let written = written(trees, Seals::InCalls);
    let count = written.count();
    (written.tokens.into_iter().collect(), count)
}

struct Written {
    tokens: Vec<TokenTree>,
    /// How many more are in groups.
    nested: usize,
}

impl Written {
    fn with_capacity(capacity: usize) -> Self {
        Self { tokens: Vec::with_capacity(capacity), nested: 0 }
    }

    fn count(&self) -> usize {
        self.tokens.len() + self.nested
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seals {
    Never,
    InCalls,
    Always,
}

fn written(trees: &[Tree], seals: Seals) -> Written {
    let mut written = Written::with_capacity(trees.len());
    (0..trees.len()).for_each(|it| write(trees, it, seals, &mut written));
    written
}

/// Writes one of several trees.
fn write(trees: &[Tree], index: usize, seals: Seals, into: &mut Written) {
    match &trees[index] {
        Tree::Atom(it) => into.tokens.extend_from_slice(it.tokens()),
        Tree::Sealed(it) if seals == Seals::Always => seal(it, into),
        Tree::Sealed(it) => {
            let tokens = written(&it.trees, seals).tokens;
            let dressed = it.shape().dress(tokens, first(&trees[index + 1..]));
            into.nested += dressed.iter().map(count_in).sum::<usize>();
            into.tokens.extend(dressed);
        }
        Tree::Group(it) => {
            let within = match seals {
                Seals::InCalls if is_call(&trees[..index]) => Seals::Always,
                it => it,
            };
            let inner = written(&it.trees, within);
            into.nested += inner.count();
            let tokens = inner.tokens.into_iter().collect();
            into.tokens.push(tree::group(it.delimiter, tokens, it.span));
        }
    }
}

/// Counts the tokens in a group, at any depth.
fn count_in(token: &TokenTree) -> usize {
    match token {
        TokenTree::Group(it) => it.stream().into_iter().map(|it| 1 + count_in(&it)).sum(),
        _ => 0,
    }
}

/// Returns the first token that trees are written with.
fn first(trees: &[Tree]) -> Option<Next<'_>> {
    trees.iter().find_map(|tree| match tree {
        Tree::Atom(it) => Some(Next::Atom(it)),
        Tree::Group(it) => Some(Next::Open(it.delimiter)),
        Tree::Sealed(it) => first(&it.trees),
    })
}

/// Tells whether a group behind these trees holds the arguments of a macro: `name!`, or
/// `macro_rules! name`.
fn is_call(before: &[Tree]) -> bool {
    match before {
        [.., Tree::Atom(name), Tree::Atom(bang), Tree::Atom(defined)]
            if defined.kind == AtomKind::Ident =>
        {
            name.is_ident("macro_rules") && bang.is_punct("!")
        }
        [.., Tree::Atom(name), Tree::Atom(bang)] => {
            bang.is_punct("!") && name.kind == AtomKind::Ident && !name.is_one_of_idents(KEYWORDS)
        }
        [.., Tree::Sealed(_), Tree::Atom(bang)] => bang.is_punct("!"),
        _ => false,
    }
}

fn seal(fragment: &Fragment, into: &mut Written) {
    let inner = written(&fragment.trees, Seals::Always);
    into.nested += inner.count();
    let tokens = inner.tokens;
    let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
    let name = format!("{SEAL_PREFIX}{}", fragment.kind.name());
    let mut bang = Punct::new('!', Spacing::Alone);
    bang.set_span(span);
    into.tokens.extend([
        TokenTree::Ident(Ident::new(&name, span)),
        TokenTree::Punct(bang),
        tree::group(Delimiter::Brace, tokens.into_iter().collect(), span),
    ]);
}
