//! From choices to sources, by the rules of `rust.grammar`. Must not know what the analysis does.

use std::{collections::BTreeMap, sync::LazyLock};

use super::choices::Choices;

/// Rules by name, each with its alternatives.
type Grammar = BTreeMap<&'static str, Vec<Alternative>>;

struct Alternative {
    /// It may show its place or its text, so that no edit is neutral.
    is_free: bool,
    pieces: Vec<&'static str>,
}

/// What sources may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freedom {
    /// Only what an edit between tokens can't change the meaning of.
    Neutral,
    Any,
}

/// A source as items, each a list of tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) items: Vec<Vec<&'static str>>,
}

/// How deep rules may be in one another; beyond, the first alternative is taken.
const DEPTH: usize = 14;
/// How many tokens one source has, about.
const LEN: usize = 2_000;

static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| read(include_str!("rust.grammar")));

fn read(text: &'static str) -> Grammar {
    let mut grammar = Grammar::new();
    let mut rule = "";
    for line in text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(alternative) => {
                let (is_free, pieces) = match alternative.strip_prefix("~ ") {
                    Some(pieces) => (true, pieces),
                    None => (false, alternative),
                };
                let pieces = pieces.split_whitespace().filter(|it| *it != "ε").collect();
                grammar.entry(rule).or_default().push(Alternative { is_free, pieces });
            }
            None => rule = line,
        }
    }
    grammar
}

impl Source {
    /// Makes a source of up to `count` items.
    pub(crate) fn of(choices: &mut Choices<'_>, freedom: Freedom, count: usize) -> Self {
        let mut source = Self::default();
        let mut len = 0;
        while source.items.len() < count && len < LEN && !choices.is_exhausted() {
            let mut item = Vec::new();
            expand("item", choices, freedom, DEPTH, &mut item);
            len += item.len();
            source.items.push(item);
        }
        source
    }

    /// Writes the tokens with what the choices say between them, in the order that they say.
    pub(crate) fn edited(&self, choices: &mut Choices<'_>) -> String {
        let mut items: Vec<_> = self.items.iter().collect();
        if self.may_be_reordered() {
            for index in 0..items.len() {
                let other = index + choices.below(items.len() - index);
                items.swap(index, other);
            }
        }
        let between = [" ", "\n", " /* one */ ", " // two\n", "\n\n", "\t", " /* /* in */ */\r\n"];
        let pieces = items.into_iter().flatten();
        pieces.flat_map(|it| [*it, between[choices.below(between.len())]]).collect()
    }

    /// Definitions of macros count by their order, and what a macro makes may be one.
    fn may_be_reordered(&self) -> bool {
        let mut pieces = self.items.iter().flatten();
        !pieces.any(|it| it.contains('!') || it.contains("macro"))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.items.iter().try_for_each(|it| writeln!(formatter, "{}", it.join(" ")))
    }
}

fn expand(
    rule: &str,
    choices: &mut Choices<'_>,
    freedom: Freedom,
    depth: usize,
    pieces: &mut Vec<&'static str>,
) {
    let Some(alternatives) = GRAMMAR.get(rule) else { panic!("the grammar has no rule `{rule}`") };
    let possible = alternatives.iter().filter(|it| freedom == Freedom::Any || !it.is_free);
    let possible: Vec<_> = possible.collect();
    let is_over = depth == 0 || pieces.len() > LEN;
    let chosen = possible[if is_over { 0 } else { choices.below(possible.len()) }];
    for piece in &chosen.pieces {
        match piece.strip_prefix('%') {
            Some(rule) if !rule.is_empty() => {
                expand(rule, choices, freedom, depth.saturating_sub(1), pieces);
            }
            _ => pieces.push(piece),
        }
    }
}
