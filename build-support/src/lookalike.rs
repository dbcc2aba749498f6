//! Different items of one digest, which a set of digests does not tell apart: where a program may, the
//! graph by paths has to.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use crate::{
    blind::BlindHasher,
    item_sets::shared,
    program::{ItemId, ItemKind, KrateId, Program},
    ranking::Ranking,
};

/// Lookalikes among what one crate sees.
pub(crate) struct Lookalikes {
    pub(crate) krate: KrateId,
    /// Types, traits, statics and macro calls that look like another one.
    twins: FixedBitSet,
    /// Items of any kind that look like another one.
    doubles: FixedBitSet,
}

impl Lookalikes {
    pub(crate) fn new(program: &Program, ranking: &Ranking, krate: KrateId) -> Self {
        let visible = program.visible_from(krate);
        let is_visible = |it: &ItemId| visible.contains(&program.krate_of_item(*it));
        let all: Vec<_> = program.item_ids().filter(is_visible).collect();
        let is_told_apart = |it: &ItemId| {
            matches!(
                program.item(*it).kind,
                ItemKind::Type | ItemKind::Trait | ItemKind::Static | ItemKind::MacroCall
            )
        };
        let told_apart: Vec<_> = all.iter().copied().filter(is_told_apart).collect();
        let twins = ranking.doubles(told_apart.iter().copied());
        Self { krate, twins, doubles: ranking.doubles(all.iter().copied()) }
    }

    /// Tells whether a set, the last that was hashed, has two that a program may tell apart: types,
    /// traits or statics, or an item that may name what it can't see and something else.
    pub(crate) fn are_among(
        &self,
        reached: &FixedBitSet,
        ranking: &Ranking,
        blind: &BlindHasher<'_>,
    ) -> bool {
        let mut seen = BTreeSet::new();
        if shared(reached, &self.twins).any(|it| !seen.insert(ranking.rank(it))) {
            return true;
        }
        let mut doubles: Vec<_> =
            shared(reached, &self.doubles).map(|it| (ranking.rank(it), it)).collect();
        doubles.sort_unstable();
        let is_blind = |it: &(usize, usize)| blind.is_blind(ItemId::new(it.1));
        doubles.chunk_by(|a, b| a.0 == b.0).any(|it| it.len() > 1 && it.iter().any(is_blind))
    }
}
