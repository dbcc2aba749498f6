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
    written(trees, Seals::Never).into_iter().collect()
}

/// Writes every fragment out, and tells of how many tokens each tree has become.
pub(super) fn measured(trees: &[Tree]) -> (TokenStream, Vec<usize>) {
    let mut tokens = Vec::with_capacity(trees.len());
    let mut widths = Vec::with_capacity(trees.len());
    for index in 0..trees.len() {
        let before = tokens.len();
        write(trees, index, Seals::Never, &mut tokens);
        widths.push(tokens.len() - before);
    }
    (tokens.into_iter().collect(), widths)
}

/// Writes fragments out, but for those that are passed on to another macro.
pub(super) fn sealed(trees: &[Tree]) -> TokenStream {
    written(trees, Seals::InCalls).into_iter().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seals {
    Never,
    InCalls,
    Always,
}

fn written(trees: &[Tree], seals: Seals) -> Vec<TokenTree> {
    let mut tokens = Vec::with_capacity(trees.len());
    (0..trees.len()).for_each(|it| write(trees, it, seals, &mut tokens));
    tokens
}

/// Writes one of several trees.
fn write(trees: &[Tree], index: usize, seals: Seals, into: &mut Vec<TokenTree>) {
    match &trees[index] {
        Tree::Atom(it) => into.extend_from_slice(it.tokens()),
        Tree::Sealed(it) if seals == Seals::Always => into.extend(seal(it)),
        Tree::Sealed(it) => {
            let tokens = written(&it.trees, seals);
            into.extend(it.shape().dress(tokens, first(&trees[index + 1..])));
        }
        Tree::Group(it) => {
            let within = match seals {
                Seals::InCalls if is_call(&trees[..index]) => Seals::Always,
                it => it,
            };
            let tokens = written(&it.trees, within);
            into.push(tree::group(it.delimiter, tokens.into_iter().collect(), it.span));
        }
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

fn seal(fragment: &Fragment) -> Vec<TokenTree> {
    let tokens = written(&fragment.trees, Seals::Always);
    let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
    let name = format!("{SEAL_PREFIX}{}", fragment.kind.name());
    let mut bang = Punct::new('!', Spacing::Alone);
    bang.set_span(span);
    vec![
        TokenTree::Ident(Ident::new(&name, span)),
        TokenTree::Punct(bang),
        tree::group(Delimiter::Brace, tokens.into_iter().collect(), span),
    ]
}
