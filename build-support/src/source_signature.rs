//! The source signature of a function: what it reaches goes in, one digest comes out. Must not depend
//! on where the package lies; what is hashed, and in which order, is the recipe that has a version.

use std::{collections::BTreeSet, fmt::Write as _};

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    digest::{Digest, Fields},
    facts::{Endpoint, Facts},
    hidden::{Blind, Hidden},
    merkle::{Digests, RECIPE_VERSION},
    program::{ItemId, ItemKind, KrateId, Program},
};

/// Signs the functions of a program, one after another.
pub(crate) struct Signer<'a> {
    program: &'a Program,
    facts: &'a [Facts],
    digests: &'a Digests,
    hidden: &'a Hidden,
    /// The Merkle digests of all items, sorted, each once.
    sorted: Vec<Digest>,
    /// By item: the place of its Merkle digest among those.
    ranks: Vec<u32>,
    /// Items that look like another one of which a program may tell it apart.
    twins: FixedBitSet,
    /// Items of any kind that look like another one.
    doubles: FixedBitSet,
    showing_paths: FixedBitSet,
    /// Digests of lines of the graph by paths, as far as they were asked for.
    lines: HashMap<ItemId, Digest>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(
        program: &'a Program,
        facts: &'a [Facts],
        digests: &'a Digests,
        hidden: &'a Hidden,
    ) -> Self {
        let mut sorted = digests.merkle.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let rank = |it: &Digest| {
            let found = sorted.binary_search(it).expect("all are among them");
            u32::try_from(found).expect("fewer than 2^32 items")
        };
        let ranks: Vec<_> = digests.merkle.iter().map(rank).collect();
        let is_told_apart = |it: &ItemId| {
            matches!(
                program.item(*it).kind,
                ItemKind::Type | ItemKind::Trait | ItemKind::Static | ItemKind::MacroCall
            )
        };
        let mut counts = vec![0_u32; sorted.len()];
        for id in program.item_ids().filter(is_told_apart) {
            counts[ranks[id.index()] as usize] += 1;
        }
        let is_twin = |it: &ItemId| is_told_apart(it) && counts[ranks[it.index()] as usize] > 1;
        let mut all = vec![0_u32; sorted.len()];
        ranks.iter().for_each(|it| all[*it as usize] += 1);
        let is_double = |it: &ItemId| all[ranks[it.index()] as usize] > 1;
        let shows_paths = |it: &ItemId| facts[it.index()].shows_paths;
        Self {
            twins: program.item_ids().filter(is_twin).map(ItemId::index).collect(),
            doubles: program.item_ids().filter(is_double).map(ItemId::index).collect(),
            showing_paths: program.item_ids().filter(shows_paths).map(ItemId::index).collect(),
            program,
            facts,
            digests,
            hidden,
            sorted,
            ranks,
            lines: HashMap::default(),
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
        &mut self,
        start: ItemId,
        reached: &FixedBitSet,
        krates: &BTreeSet<KrateId>,
    ) -> Digest {
        let mut fields = Fields::new(&format!("perennial source {RECIPE_VERSION}"));
        fields.digest(self.digests.merkle[start.index()]);
        let mut set = FixedBitSet::with_capacity(self.sorted.len());
        reached.ones().for_each(|it| set.insert(self.ranks[it] as usize));
        let all: Vec<_> = set.ones().map(|it| &self.sorted[it]).collect();
        fields.digests(all.into_iter());
        let attributes: BTreeSet<_> =
            krates.iter().map(|it| &self.program.krates[it.index()].attributes).collect();
        fields.count(attributes.len());
        attributes.into_iter().for_each(|it| fields.text(it));
        let blind = self.hidden.among(self.program, reached);
        fields.digests(blind.digests(|it| self.digests.merkle[it.index()]).iter());
        let shows_paths = !reached.is_disjoint(&self.showing_paths);
        if shows_paths || self.has_twins(reached) || self.has_doubles(reached, &blind) {
            let mut lines: Vec<_> = reached.ones().map(|it| self.line(ItemId::new(it))).collect();
            lines.sort_unstable();
            fields.digests(lines.iter());
            let path = |id: ItemId| Digest::of_bytes(self.program.item(id).path.as_bytes());
            fields.digests(blind.digests(path).iter());
        }
        fields.finish()
    }

    /// Tells whether two different types, traits or statics among those reached have one digest.
    fn has_twins(&self, reached: &FixedBitSet) -> bool {
        let mut seen = BTreeSet::new();
        reached.intersection(&self.twins).any(|it| !seen.insert(self.ranks[it]))
    }

    /// Tells whether an item that does not see what it names looks like something else.
    fn has_doubles(&self, reached: &FixedBitSet, blind: &Blind<'_>) -> bool {
        let rank = |id: ItemId| self.ranks[id.index()];
        let blind: HashMap<u32, ItemId> = blind.items().map(|it| (rank(it), it)).collect();
        let is_other = |id: ItemId| blind.get(&rank(id)).is_some_and(|other| *other != id);
        !blind.is_empty() && reached.intersection(&self.doubles).map(ItemId::new).any(is_other)
    }

    fn line(&mut self, id: ItemId) -> Digest {
        let (program, facts, digests) = (self.program, self.facts, self.digests);
        *self.lines.entry(id).or_insert_with(|| {
            Digest::of_bytes(path_line(program, &facts[id.index()], digests, id).as_bytes())
        })
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
