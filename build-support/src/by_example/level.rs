//! The input of the matcher between two delimiters, and how fragments are taken from it: whole trees where
//! they certainly are one, else what a parser reads. Decides nothing between rules.

use std::{borrow::Cow, rc::Rc};

use proc_macro2::TokenStream;
use syn::parse::ParseStream;

use super::{
    capture,
    fragment::{Fragment, Kind},
    matching::Stop,
    render,
    tree::{AtomKind, Tree},
};

/// The input between two delimiters: trees, and how far matching has come.
pub(super) struct Level<'a> {
    pub(super) trees: Cow<'a, [Tree]>,
    /// The numbers of tokens that trees are written with, from the first on that a parser had to read.
    widths: Vec<usize>,
    pub(super) index: usize,
}

impl<'a> Level<'a> {
    pub(super) fn new(trees: &'a [Tree]) -> Self {
        Self { trees: Cow::Borrowed(trees), widths: Vec::new(), index: 0 }
    }

    /// Writes out what is left, for a parser that stays with the level from here on.
    pub(super) fn written(&mut self) -> TokenStream {
        let (tokens, widths) = render::measured(&self.trees[self.index..]);
        self.widths = vec![0; self.index];
        self.widths.extend(widths);
        tokens
    }

    /// Moves past whole trees; so does the parser, if there is one.
    pub(super) fn pass(&mut self, count: usize, input: Option<ParseStream>) -> Result<(), Stop> {
        let range = self.index..self.index + count;
        if let Some(input) = input {
            let tokens: usize = self.widths.get(range).ok_or(Stop::Unsupported)?.iter().sum();
            let skipped = input.step(|cursor| {
                let mut rest = *cursor;
                for _ in 0..tokens {
                    rest = rest.token_tree().ok_or_else(|| cursor.error("too few tokens"))?.1;
                }
                Ok(((), rest))
            });
            skipped.map_err(|_| Stop::Unsupported)?;
        }
        self.index += count;
        Ok(())
    }

    /// Tells how many trees, counted without a parser, are a fragment, which the next token can begin;
    /// `None` where a parser has to.
    pub(super) fn whole(&self, kind: Kind) -> Option<Result<usize, Stop>> {
        Some(Ok(match (kind, &self.trees[self.index..]) {
            (Kind::Tt, _)
            | (Kind::Ident | Kind::Lifetime, [Tree::Atom(_), ..])
            | (Kind::Block, [Tree::Group(_), ..])
            | (Kind::Literal, [Tree::Sealed(_), ..]) => 1,
            (Kind::Block | Kind::Item | Kind::Meta | Kind::Vis, [Tree::Sealed(it), ..])
                if it.kind == kind =>
            {
                1
            }
            (Kind::Literal, [Tree::Atom(minus), Tree::Atom(literal), ..])
                if minus.is_punct("-") && literal.kind == AtomKind::Literal =>
            {
                2
            }
            (Kind::Literal, [Tree::Atom(it), ..]) if !it.is_punct("-") => 1,
            (Kind::Block | Kind::Literal | Kind::Ident | Kind::Lifetime, _) => {
                return Some(Err(Stop::Unsupported));
            }
            _ => return self.evident(kind).map(Ok),
        }))
    }

    /// The same for fragments that parsers read, where these certainly end after a token or two.
    fn evident(&self, kind: Kind) -> Option<usize> {
        let rest = &self.trees[self.index..];
        let is_over = |count| match rest.get(count) {
            None => true,
            Some(Tree::Atom(it)) => it.is_one_of_puncts(&[",", ";"]),
            Some(_) => false,
        };
        match (kind, rest) {
            (Kind::Vis, [Tree::Atom(it), ..]) if !it.is_ident("pub") => Some(0),
            (Kind::Vis, [Tree::Group(_), ..]) => Some(0),
            (Kind::Meta, [Tree::Atom(it), Tree::Group(_), ..]) if it.is_plain_ident() => Some(2),
            (Kind::Meta, [Tree::Atom(it), Tree::Atom(equals), Tree::Atom(value), ..])
                if it.is_plain_ident()
                    && equals.is_punct("=")
                    && value.kind == AtomKind::Literal
                    && is_over(3) =>
            {
                Some(3)
            }
            (
                Kind::Expr
                | Kind::Expr2021
                | Kind::Meta
                | Kind::Pat
                | Kind::PatParam
                | Kind::Path
                | Kind::Ty,
                [Tree::Atom(it), ..],
            ) if it.is_plain_ident() && is_over(1) => Some(1),
            (Kind::Expr | Kind::Expr2021 | Kind::Pat | Kind::PatParam, [Tree::Atom(it), ..])
                if it.kind == AtomKind::Literal && is_over(1) =>
            {
                Some(1)
            }
            _ => None,
        }
    }

    /// Takes a fragment, which the next token can begin.
    pub(super) fn take(
        &mut self,
        kind: Kind,
        input: Option<ParseStream>,
        edition: Option<u16>,
    ) -> Result<Rc<Fragment>, Stop> {
        if let Some(count) = self.whole(kind) {
            let range = self.index..self.index + count?;
            let trees = self.trees.get(range).ok_or(Stop::Unsupported)?.to_vec();
            self.pass(trees.len(), input)?;
            return Ok(Fragment::new(kind, trees));
        }
        let input = input.ok_or(Stop::Unsupported)?;
        let start = input.cursor();
        let shape = capture::take(kind, input, edition).map_err(|_| Stop::Unsupported)?;
        let mut count = 0;
        let mut cursor = start;
        while cursor != input.cursor() {
            cursor = cursor.token_tree().ok_or(Stop::Unsupported)?.1;
            count += 1;
        }
        let (trees, is_split) = self.consumed(count)?;
        // How a seal is written depends on what follows it.
        let is_bare = !is_split && !trees.iter().any(|it| matches!(it, Tree::Sealed(_)));
        Ok(match shape.filter(|_| is_bare) {
            Some(shape) => Fragment::shaped(kind, trees, shape),
            None => Fragment::new(kind, trees),
        })
    }

    /// Moves past the trees of `count` tokens; tells whether they end within an operator.
    fn consumed(&mut self, mut count: usize) -> Result<(Vec<Tree>, bool), Stop> {
        let mut taken = Vec::new();
        let mut is_split = false;
        while count > 0 {
            let width = *self.widths.get(self.index).ok_or(Stop::Unsupported)?;
            let tree = self.trees[self.index].clone();
            if width <= count {
                taken.push(tree);
                count -= width;
                self.index += 1;
                continue;
            }
            let Tree::Atom(atom) = tree else { return Err(Stop::Unsupported) };
            let (first, second) = atom.split(count).ok_or(Stop::Unsupported)?;
            taken.push(Tree::Atom(Rc::new(first)));
            self.trees.to_mut()[self.index] = Tree::Atom(Rc::new(second));
            self.widths[self.index] = width - count;
            is_split = true;
            count = 0;
        }
        Ok((taken, is_split))
    }
}
