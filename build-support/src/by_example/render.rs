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
    let mut tokens = Vec::new();
    write(trees, Seals::Never, &mut |_, it| tokens.extend(it));
    tokens.into_iter().collect()
}

/// Writes every fragment out, and tells of how many tokens each tree has become.
pub(super) fn measured(trees: &[Tree]) -> (TokenStream, Vec<usize>) {
    let mut tokens = Vec::new();
    let mut widths = vec![0; trees.len()];
    write(trees, Seals::Never, &mut |index, it| {
        widths[index] = it.len();
        tokens.extend(it);
    });
    (tokens.into_iter().collect(), widths)
}

/// Writes fragments out, but for those that are passed on to another macro.
pub(super) fn sealed(trees: &[Tree]) -> TokenStream {
    let mut tokens = Vec::new();
    write(trees, Seals::InCalls, &mut |_, it| tokens.extend(it));
    tokens.into_iter().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seals {
    Never,
    InCalls,
    Always,
}

fn write(trees: &[Tree], seals: Seals, sink: &mut dyn FnMut(usize, Vec<TokenTree>)) {
    for (index, tree) in trees.iter().enumerate() {
        let written = match tree {
            Tree::Atom(it) => it.tokens.clone(),
            Tree::Sealed(it) if seals == Seals::Always => seal(it),
            Tree::Sealed(it) => {
                let mut tokens = Vec::new();
                write(&it.trees, seals, &mut |_, it| tokens.extend(it));
                it.shape.dress(tokens, first(&trees[index + 1..]))
            }
            Tree::Group(it) => {
                let within = match seals {
                    Seals::InCalls if is_call(&trees[..index]) => Seals::Always,
                    it => it,
                };
                let mut tokens = Vec::new();
                write(&it.trees, within, &mut |_, it| tokens.extend(it));
                vec![tree::group(it.delimiter, tokens.into_iter().collect(), it.span)]
            }
        };
        sink(index, written);
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
            bang.is_punct("!")
                && name.kind == AtomKind::Ident
                && !KEYWORDS.contains(&name.text.as_str())
        }
        [.., Tree::Sealed(_), Tree::Atom(bang)] => bang.is_punct("!"),
        _ => false,
    }
}

fn seal(fragment: &Fragment) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    write(&fragment.trees, Seals::Always, &mut |_, it| tokens.extend(it));
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
