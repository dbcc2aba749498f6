//! The left side of a rule, flattened for the matcher: one place for each token, variable and end of
//! a repetition. Refuses what the compiler refuses where the matcher relies on it.

use std::{collections::BTreeSet, rc::Rc};

use proc_macro2::Delimiter;

use super::{
    fragment::Kind,
    tree::{Atom, AtomKind, Group, Tree},
};

/// A flattened matcher; the last place is [`Place::End`].
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) places: Vec<Place>,
    /// Whether a `pat` is followed by `|`, which editions since 2021 reject.
    pub(super) has_alternatives_after_patterns: bool,
}

#[derive(Debug)]
pub(super) enum Place {
    Token(Rc<Atom>),
    /// A fragment of an earlier macro, which equals nothing.
    Nothing,
    Open(Delimiter),
    Close(Delimiter),
    Variable {
        name: String,
        kind: Kind,
    },
    /// The beginning of a repetition that ends before `after` and binds `names`.
    Repeat {
        how: Repeat,
        after: usize,
        names: Vec<String>,
    },
    /// The end of a repetition's body without a separator.
    Again {
        how: Repeat,
        first: usize,
    },
    /// The end of a repetition's body before its separator, which [`Place::AfterSeparator`] follows.
    Separator(Rc<Atom>),
    AfterSeparator {
        first: usize,
    },
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Any,
    AtLeastOnce,
    AtMostOnce,
}

/// The separator of a repetition, its operator, and what follows.
type Repetition<'a> = (Option<&'a Rc<Atom>>, Repeat, &'a [Tree]);

impl Repeat {
    fn named(atom: &Atom) -> Option<Self> {
        let all = [("*", Self::Any), ("+", Self::AtLeastOnce), ("?", Self::AtMostOnce)];
        all.into_iter().find(|(text, _)| atom.is_punct(text)).map(|(_, it)| it)
    }

    /// Reads what follows the group of a repetition: an operator, maybe behind a separator.
    pub(super) fn read(trees: &[Tree]) -> Option<Repetition<'_>> {
        match trees {
            [Tree::Atom(it), after @ ..] if Self::named(it).is_some() => {
                Some((None, Self::named(it)?, after))
            }
            [Tree::Atom(separator), Tree::Atom(it), after @ ..] => match Self::named(it)? {
                Self::AtMostOnce => None,
                how => Some((Some(separator), how, after)),
            },
            _ => None,
        }
    }
}

impl Pattern {
    pub(super) fn parse(trees: &[Tree]) -> Option<Self> {
        let mut builder = Builder::default();
        builder.sequence(trees)?;
        builder.places.push(Place::End);
        Some(Self {
            places: builder.places,
            has_alternatives_after_patterns: builder.has_alternatives_after_patterns,
        })
    }
}

#[derive(Default)]
struct Builder {
    places: Vec<Place>,
    names: BTreeSet<String>,
    has_alternatives_after_patterns: bool,
}

impl Builder {
    /// Appends the places of a sequence; tells whether it can match nothing.
    fn sequence(&mut self, trees: &[Tree]) -> Option<bool> {
        let mut can_be_empty = true;
        let mut rest = trees;
        while let Some((first, mut after)) = rest.split_first() {
            match (first, after) {
                (Tree::Atom(dollar), [Tree::Group(group), tail @ ..])
                    if dollar.is_punct("$") && group.delimiter == Delimiter::Parenthesis =>
                {
                    let (separator, how, tail) = Repeat::read(tail)?;
                    can_be_empty &= self.repetition(group, separator, how)?;
                    after = tail;
                }
                (
                    Tree::Atom(dollar),
                    [Tree::Atom(name), Tree::Atom(colon), Tree::Atom(kind), tail @ ..],
                ) if dollar.is_punct("$") => {
                    if name.kind != AtomKind::Ident
                        || !colon.is_punct(":")
                        || name.is_ident("crate")
                        || !self.names.insert(name.text())
                    {
                        return None;
                    }
                    let kind = Kind::named(&kind.text())?;
                    can_be_empty &= kind == Kind::Vis;
                    if kind == Kind::Pat {
                        self.note_alternatives(tail.first());
                    }
                    self.places.push(Place::Variable { name: name.text(), kind });
                    after = tail;
                }
                // Alone at the end it stands for itself.
                (Tree::Atom(dollar), [_, ..]) if dollar.is_punct("$") => return None,
                // The compiler skips comments in matchers.
                (Tree::Atom(hash), [Tree::Group(comment), tail @ ..])
                    if comment.is_comment_after(hash) =>
                {
                    after = tail;
                }
                (Tree::Atom(hash), [Tree::Atom(bang), Tree::Group(comment), tail @ ..])
                    if bang.is_punct("!") && comment.is_comment_after(hash) =>
                {
                    after = tail;
                }
                // A comment that was printed looks like this, too.
                (Tree::Atom(hash), [Tree::Group(it), ..])
                    if hash.is_punct("#") && it.is_documentation() =>
                {
                    return None;
                }
                (Tree::Atom(it), _) => {
                    can_be_empty = false;
                    self.places.push(Place::Token(it.clone()));
                }
                (Tree::Group(group), _) => {
                    can_be_empty = false;
                    self.places.push(Place::Open(group.delimiter));
                    self.sequence(&group.trees)?;
                    self.places.push(Place::Close(group.delimiter));
                }
                (Tree::Sealed(_), _) => {
                    can_be_empty = false;
                    self.places.push(Place::Nothing);
                }
            }
            rest = after;
        }
        Some(can_be_empty)
    }

    fn repetition(
        &mut self,
        group: &Group,
        separator: Option<&Rc<Atom>>,
        how: Repeat,
    ) -> Option<bool> {
        let start = self.places.len();
        let known = self.names.clone();
        self.places.push(Place::End);
        let first = self.places.len();
        let can_be_empty = self.sequence(&group.trees)?;
        if can_be_empty && separator.is_none() {
            // It would repeat for ever; the compiler rejects it.
            return None;
        }
        if let [.., Tree::Atom(kind)] = &*group.trees
            && kind.is_ident("pat")
            && let Some(Place::Variable { kind: Kind::Pat, .. }) = self.places.last()
            && separator.is_some_and(|it| it.is_punct("|"))
        {
            self.has_alternatives_after_patterns = true;
        }
        match separator {
            None => self.places.push(Place::Again { how, first }),
            Some(it) => {
                self.places.push(Place::Separator(it.clone()));
                self.places.push(Place::AfterSeparator { first });
            }
        }
        let after = self.places.len();
        let names = self.names.difference(&known).cloned().collect();
        self.places[start] = Place::Repeat { how, after, names };
        Some(can_be_empty || how != Repeat::AtLeastOnce)
    }

    fn note_alternatives(&mut self, next: Option<&Tree>) {
        self.has_alternatives_after_patterns |=
            matches!(next, Some(Tree::Atom(it)) if it.is_punct("|"));
    }
}
