//! The kinds of fragments, fragments that were taken, and how the matcher sees the next token.

use std::{cell::OnceCell, rc::Rc};

use proc_macro2::Delimiter;

use super::{
    shape::Shape,
    tree::{Atom, Tree},
};

/// How the name of a sealed fragment's call begins; its kind follows.
pub(super) const SEAL_PREFIX: &str = "perennial_sealed_";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Block,
    Expr,
    Expr2021,
    Ident,
    Item,
    Lifetime,
    Literal,
    Meta,
    Pat,
    PatParam,
    Path,
    Stmt,
    Tt,
    Ty,
    Vis,
}

/// What a matcher's variable took.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) kind: Kind,
    pub(super) trees: Vec<Tree>,
    /// Asked for only where it is written out.
    shape: OnceCell<Shape>,
}

/// The next token of the input.
#[derive(Clone, Copy, Debug)]
pub(super) enum Next<'a> {
    Atom(&'a Atom),
    Open(Delimiter),
    Close(Delimiter),
    Sealed(&'a Fragment),
    End,
}

const KINDS: &[(&str, Kind)] = &[
    ("block", Kind::Block),
    ("expr", Kind::Expr),
    ("expr_2021", Kind::Expr2021),
    ("ident", Kind::Ident),
    ("item", Kind::Item),
    ("lifetime", Kind::Lifetime),
    ("literal", Kind::Literal),
    ("meta", Kind::Meta),
    ("pat", Kind::Pat),
    ("pat_param", Kind::PatParam),
    ("path", Kind::Path),
    ("stmt", Kind::Stmt),
    ("tt", Kind::Tt),
    ("ty", Kind::Ty),
    ("vis", Kind::Vis),
];

impl Kind {
    pub(super) fn named(name: &str) -> Option<Self> {
        KINDS.iter().find(|(it, _)| *it == name).map(|(_, kind)| *kind)
    }

    pub(super) fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// Tells whether later macros see the tokens of such a fragment.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Ident | Self::Lifetime | Self::Tt)
    }

    pub(super) fn is_expr(self) -> bool {
        matches!(self, Self::Expr | Self::Expr2021)
    }
}

impl Fragment {
    pub(super) fn new(kind: Kind, mut trees: Vec<Tree>) -> Rc<Self> {
        // The outer seal hides the inner one.
        while let [Tree::Sealed(inner)] = &trees[..]
            && !kind.is_open()
        {
            if inner.kind == kind {
                return Rc::clone(inner);
            }
            let inner = Rc::clone(inner);
            trees.clone_from(&inner.trees);
        }
        Rc::new(Self { kind, trees, shape: OnceCell::new() })
    }

    /// The same, of a shape that is known.
    pub(super) fn shaped(kind: Kind, trees: Vec<Tree>, shape: Shape) -> Rc<Self> {
        Rc::new(Self { kind, trees, shape: shape.into() })
    }

    pub(super) fn shape(&self) -> Shape {
        *self.shape.get_or_init(|| Shape::of(self.kind, &self.trees))
    }
}
