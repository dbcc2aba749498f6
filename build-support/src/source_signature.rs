//! The source signature of a function: what it reaches goes in, one digest comes out. Must not depend
//! on where the package lies; what is hashed, and in which order, is the recipe that has a version.

use std::{cell::OnceCell, collections::BTreeSet, fmt::Write as _};

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    digest::{Digest, Fields},
    facts::{Endpoint, Facts},
    hidden::{Blind, Hidden},
    merkle::{Digests, RECIPE_VERSION},
    program::{ItemId, ItemKind, KrateId, Program},
    ranking::Ranking,
};

/// Signs the functions of a program, one after another.
pub(crate) struct Signer<'a> {
    program: &'a Program,
    facts: &'a [Facts],
    digests: &'a Digests,
    hidden: &'a Hidden,
    /// By Merkle digests.
    ranking: Ranking,
    /// Items that look like another one of which a program may tell it apart.
    twins: FixedBitSet,
    /// Items of any kind that look like another one.
    doubles: FixedBitSet,
    showing_paths: FixedBitSet,
    /// By lines of the graph by paths, once they are asked for.
    lines: OnceCell<Ranking>,
    /// By paths, likewise.
    paths: OnceCell<Ranking>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(
        program: &'a Program,
        facts: &'a [Facts],
        digests: &'a Digests,
        hidden: &'a Hidden,
    ) -> Self {
        let ranking = Ranking::new(&digests.merkle);
        let is_told_apart = |it: &ItemId| {
            matches!(
                program.item(*it).kind,
                ItemKind::Type | ItemKind::Trait | ItemKind::Static | ItemKind::MacroCall
            )
        };
        let told_apart: Vec<_> = program.item_ids().filter(is_told_apart).collect();
        let all: Vec<_> = program.item_ids().collect();
        let shows_paths = |it: &ItemId| facts[it.index()].shows_paths;
        Self {
            twins: ranking.doubles(told_apart.iter().copied()),
            doubles: ranking.doubles(all.iter().copied()),
            showing_paths: program.item_ids().filter(shows_paths).map(ItemId::index).collect(),
            program,
            facts,
            digests,
            hidden,
            ranking,
            lines: OnceCell::new(),
            paths: OnceCell::new(),
        }
    }

    /// Signs a function by what it reaches, itself included. Hashed in this order:
    ///
    /// 1. the recipe's name and version; 2. the start's Merkle digest; 3. the sorted Merkle digests of
    ///    everything that it reaches; 4. the attributes of the crates that it reaches, sorted; 5. who
    ///    names members that it can't see, and which; 6. where
    ///    two types, traits or statics that it reaches look the same, the graph by paths, since then
    ///    digests alone don't tell which is meant.
    pub(crate) fn sign(
        &self,
        start: ItemId,
        reached: &FixedBitSet,
        krates: &BTreeSet<KrateId>,
    ) -> Digest {
        let mut fields = Fields::new(&format!("perennial source {RECIPE_VERSION}"));
        fields.digest(self.digests.merkle[start.index()]);
        self.ranking.feed(reached, &mut fields);
        let attributes: BTreeSet<_> =
            krates.iter().map(|it| &self.program.krates[it.index()].attributes).collect();
        fields.count(attributes.len());
        attributes.into_iter().for_each(|it| fields.text(it));
        let blind = self.hidden.among(self.program, reached);
        blind.feed(&self.ranking, &mut fields);
        let shows_paths = !reached.is_disjoint(&self.showing_paths);
        if shows_paths || self.has_twins(reached) || self.has_doubles(reached, &blind) {
            self.lines.get_or_init(|| self.lines()).feed(reached, &mut fields);
            blind.feed(self.paths.get_or_init(|| self.paths()), &mut fields);
        }
        fields.finish()
    }

    /// Tells whether two different types, traits or statics among those reached have one digest.
    fn has_twins(&self, reached: &FixedBitSet) -> bool {
        let mut seen = BTreeSet::new();
        reached.intersection(&self.twins).any(|it| !seen.insert(self.ranking.of(ItemId::new(it))))
    }

    /// Tells whether an item that does not see what it names looks like something else.
    fn has_doubles(&self, reached: &FixedBitSet, blind: &Blind<'_>) -> bool {
        let rank = |id: ItemId| self.ranking.of(id);
        let blind: HashMap<u32, ItemId> = blind.items().map(|it| (rank(it), it)).collect();
        let is_other = |id: ItemId| blind.get(&rank(id)).is_some_and(|other| *other != id);
        !blind.is_empty() && reached.intersection(&self.doubles).map(ItemId::new).any(is_other)
    }

    fn paths(&self) -> Ranking {
        let path = |id| Digest::of_bytes(self.program.item(id).path.as_bytes());
        Ranking::new(&self.program.item_ids().map(path).collect::<Vec<_>>())
    }

    fn lines(&self) -> Ranking {
        let line = |id: ItemId| {
            let text = path_line(self.program, &self.facts[id.index()], self.digests, id);
            Digest::of_bytes(text.as_bytes())
        };
        Ranking::new(&self.program.item_ids().map(line).collect::<Vec<_>>())
    }
}

/// Writes an item with the paths of all that it evidently refers to.
fn path_line(program: &Program, facts: &Facts, digests: &Digests, id: ItemId) -> String {
    let mut line = format!("{} {}", program.item(id).path, digests.own[id.index()]);
    for edge in &facts.edges {
        let targets: BTreeSet<_> = edge
            .targets
            .iter()
            .map(|it| match it {
                Endpoint::Item(id) => program.item(*id).path.as_str(),
                Endpoint::Path(path) => path,
            })
            .collect();
        let _ = write!(line, "\n{} -> {}", edge.label, Vec::from_iter(targets).join(" "));
    }
    for id in &facts.traits_in_scope.0 {
        let _ = write!(line, "\ntrait {}", program.item(*id).path);
    }
    line
}
