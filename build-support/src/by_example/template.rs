//! The right side of a rule, and its transcription: variables are replaced, repetitions repeat. What
//! the compiler would reject there, and what is not stable, is not transcribed.

use std::rc::Rc;

use proc_macro2::{Delimiter, Ident, Span, TokenTree};

use super::{
    fragment::Fragment,
    matching::{Binding, Bindings},
    pattern::Repeat,
    tree::{Atom, AtomKind, Group, Tree},
};

/// A parsed right side.
#[derive(Debug)]
pub(super) struct Template {
    nodes: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Plain(Tree),
    Group {
        delimiter: Delimiter,
        span: Span,
        nodes: Vec<Node>,
    },
    Variable {
        dollar: Rc<Atom>,
        name: Rc<Atom>,
        text: String,
    },
    /// `$crate`, at the place.
    Crate(Span),
    Repetition {
        nodes: Vec<Node>,
        /// The variables within, at any depth.
        names: Vec<String>,
        separator: Option<Rc<Atom>>,
        how: Repeat,
    },
    /// Syntax that is not stable, or an error.
    Unknown,
}

impl Template {
    pub(super) fn parse(trees: &[Tree]) -> Self {
        Self { nodes: parse(trees, &mut Vec::new()) }
    }

    /// Writes the right side out; `None` where that is not possible.
    pub(super) fn transcribe(
        &self,
        bindings: &Bindings,
        dollar_crate: &Ident,
    ) -> Option<Vec<Tree>> {
        let mut transcriber = Transcriber { bindings, dollar_crate, turns: Vec::new() };
        let mut trees = Vec::new();
        transcriber.write(&self.nodes, &mut trees)?;
        Some(trees)
    }
}

fn parse(trees: &[Tree], names: &mut Vec<String>) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = trees;
    while let Some((first, mut after)) = rest.split_first() {
        let node = match (first, after) {
            (Tree::Atom(dollar), [next, tail @ ..]) if dollar.is_punct("$") => {
                let (node, tail) = variable(dollar, next, tail, names);
                after = tail;
                node
            }
            (Tree::Group(Group { delimiter, span, trees }), _) => {
                Node::Group { delimiter: *delimiter, span: *span, nodes: parse(trees, names) }
            }
            // A `$` alone at the end, too, stands for itself.
            (it, _) => Node::Plain(it.clone()),
        };
        nodes.push(node);
        rest = after;
    }
    nodes
}

/// Parses what follows a `$`.
fn variable<'a>(
    dollar: &Rc<Atom>,
    next: &Tree,
    tail: &'a [Tree],
    names: &mut Vec<String>,
) -> (Node, &'a [Tree]) {
    match next {
        Tree::Atom(name) if name.is_ident("crate") => {
            let span = name.tokens().first().map_or_else(Span::call_site, TokenTree::span);
            (Node::Crate(span), tail)
        }
        Tree::Atom(name) if name.kind == AtomKind::Ident => {
            let text = name.text();
            names.push(text.clone());
            (Node::Variable { dollar: Rc::clone(dollar), name: Rc::clone(name), text }, tail)
        }
        Tree::Group(group) if group.delimiter == Delimiter::Parenthesis => {
            let Some((separator, how, tail)) = Repeat::read(tail) else {
                return (Node::Unknown, tail);
            };
            let mut inner = Vec::new();
            let nodes = parse(&group.trees, &mut inner);
            names.extend(inner.iter().cloned());
            let separator = separator.cloned();
            (Node::Repetition { nodes, names: inner, separator, how }, tail)
        }
        _ => (Node::Unknown, tail),
    }
}

struct Transcriber<'a> {
    bindings: &'a Bindings,
    dollar_crate: &'a Ident,
    /// The turns of the repetitions around.
    turns: Vec<usize>,
}

impl Transcriber<'_> {
    fn write(&mut self, nodes: &[Node], into: &mut Vec<Tree>) -> Option<()> {
        for node in nodes {
            match node {
                Node::Plain(it) => into.push(it.clone()),
                Node::Group { delimiter, span, nodes } => {
                    let mut inner = Vec::new();
                    self.write(nodes, &mut inner)?;
                    let trees = inner.into();
                    into.push(Tree::Group(Group { delimiter: *delimiter, span: *span, trees }));
                }
                Node::Crate(span) => {
                    let mut ident = self.dollar_crate.clone();
                    ident.set_span(*span);
                    into.push(Tree::Atom(Rc::new(Atom::ident(ident))));
                }
                Node::Variable { dollar, name, text } => match self.lookup(text)? {
                    Some(Binding::One(it)) => substitute(it, into),
                    Some(Binding::Many(_)) => return None,
                    // For a definition within the output.
                    None => into.extend([dollar, name].map(|it| Tree::Atom(Rc::clone(it)))),
                },
                Node::Repetition { nodes, names, separator, how } => {
                    let count = self.count(names)?;
                    if count == 0 && *how == Repeat::AtLeastOnce {
                        return None;
                    }
                    for turn in 0..count {
                        if turn > 0 {
                            into.extend(separator.iter().map(|it| Tree::Atom(Rc::clone(it))));
                        }
                        self.turns.push(turn);
                        self.write(nodes, into)?;
                        self.turns.pop();
                    }
                }
                Node::Unknown => return None,
            }
        }
        Some(())
    }

    /// Finds what a variable is in the present turns: the outer `None` says that it has none there,
    /// the inner one that it is not bound at all.
    #[expect(clippy::option_option, reason = "not bound is no failure")]
    fn lookup(&self, name: &str) -> Option<Option<&Binding>> {
        let Some(mut binding) = self.bindings.get(name) else { return Some(None) };
        for turn in &self.turns {
            match binding {
                Binding::One(_) => break,
                Binding::Many(it) => binding = it.get(*turn)?,
            }
        }
        Some(Some(binding))
    }

    /// Counts the turns of a repetition: those of all its variables that repeat.
    fn count(&self, names: &[String]) -> Option<usize> {
        let mut count = None;
        for name in names {
            if let Some(Binding::Many(it)) = self.lookup(name)? {
                if count.is_some_and(|count| count != it.len()) {
                    return None;
                }
                count = Some(it.len());
            }
        }
        count
    }
}

fn substitute(fragment: &Rc<Fragment>, into: &mut Vec<Tree>) {
    if fragment.kind.is_open() {
        into.extend(fragment.trees.iter().cloned());
    } else {
        into.push(Tree::Sealed(Rc::clone(fragment)));
    }
}
