//! The source signature of a function: what it reaches goes in, one digest comes out. Must not depend
//! on where the package lies; what is hashed, and in which order, is the recipe that has a version.

use std::{collections::BTreeSet, fmt::Write as _};

use fixedbitset::FixedBitSet;

use crate::{
    blind::BlindHasher,
    digest::{Digest, Fields},
    facts::{Endpoint, Facts},
    hidden::Hidden,
    lookalike::Lookalikes,
    merkle::{Digests, RECIPE_VERSION},
    program::{ItemId, KrateId, Program},
    ranking::Ranking,
    set_hasher::SetHasher,
};

/// Signs the functions of a program, one after another.
pub(crate) struct Signer<'a> {
    program: &'a Program,
    facts: &'a [Facts],
    digests: &'a Digests,
    hidden: &'a Hidden,
    /// By Merkle digests.
    sets: SetHasher,
    showing_paths: FixedBitSet,
    blind: BlindHasher<'a>,
    /// For the crate of the last function.
    lookalikes: Option<Lookalikes>,
    by_paths: Option<ByPaths<'a>>,
}

/// The graph by paths, made when it is first asked for.
struct ByPaths<'a> {
    lines: SetHasher,
    paths: Ranking,
    blind: BlindHasher<'a>,
}

impl<'a> Signer<'a> {
    pub(crate) fn new(
        program: &'a Program,
        facts: &'a [Facts],
        digests: &'a Digests,
        hidden: &'a Hidden,
    ) -> Self {
        let shows_paths = |it: &ItemId| facts[it.index()].shows_paths;
        Self {
            sets: SetHasher::new(Ranking::new(&digests.merkle)),
            showing_paths: program.item_ids().filter(shows_paths).map(ItemId::index).collect(),
            program,
            facts,
            digests,
            hidden,
            blind: BlindHasher::new(program, hidden),
            lookalikes: None,
            by_paths: None,
        }
    }

    /// Signs a function by what it reaches, itself included. Hashed in this order:
    ///
    /// 1. the recipe's name and version; 2. the start's Merkle digest; 3. the digest of the set of Merkle
    ///    digests of everything that it reaches; 4. the attributes of the crates that it reaches, sorted;
    ///    5. who names members that it can't see, and which; 6. where
    ///    two types, traits or statics that it reaches look the same, the graph by paths, since then
    ///    digests alone don't tell which is meant.
    pub(crate) fn sign(
        &mut self,
        start: ItemId,
        reached: &FixedBitSet,
        krates: &BTreeSet<KrateId>,
    ) -> Digest {
        let program = self.program;
        let mut fields = Fields::new(&format!("perennial source {RECIPE_VERSION}"));
        fields.digest(self.digests.merkle[start.index()]);
        fields.digest(self.sets.digest(reached));
        let attributes: BTreeSet<_> =
            krates.iter().map(|it| &program.krates[it.index()].attributes).collect();
        fields.count(attributes.len());
        attributes.into_iter().for_each(|it| fields.text(it));
        let (krate, ranking) = (program.krate_of_item(start), &self.sets.ranking);
        fields.digest(self.blind.digest(reached, ranking));
        let lookalikes = self.lookalikes.take().filter(|it| it.krate == krate);
        let lookalikes = lookalikes.unwrap_or_else(|| Lookalikes::new(program, ranking, krate));
        let is_ambiguous = lookalikes.are_among(reached, ranking, &self.blind);
        self.lookalikes = Some(lookalikes);
        if is_ambiguous || !reached.is_disjoint(&self.showing_paths) {
            let (facts, digests, hidden) = (self.facts, self.digests, self.hidden);
            let by_paths = self.by_paths.get_or_insert_with(|| ByPaths {
                lines: SetHasher::new(lines(program, facts, digests)),
                paths: paths(program),
                blind: BlindHasher::new(program, hidden),
            });
            fields.digest(by_paths.lines.digest(reached));
            fields.digest(by_paths.blind.digest(reached, &by_paths.paths));
        }
        fields.finish()
    }
}

fn paths(program: &Program) -> Ranking {
    let path = |id| Digest::of_bytes(program.item(id).path.as_bytes());
    Ranking::new(&program.item_ids().map(path).collect::<Vec<_>>())
}

fn lines(program: &Program, facts: &[Facts], digests: &Digests) -> Ranking {
    let line = |id: ItemId| {
        let text = path_line(program, &facts[id.index()], digests, id);
        Digest::of_bytes(text.as_bytes())
    };
    Ranking::new(&program.item_ids().map(line).collect::<Vec<_>>())
}

/// Writes an item with the paths of all that it evidently refers to.
fn path_line(program: &Program, facts: &Facts, digests: &Digests, id: ItemId) -> String {
    let mut line = format!("{} {}", program.item(id).path, digests.own[id.index()]);
    let mut targets: Vec<&str> = Vec::new();
    for edge in &facts.edges {
        targets.clear();
        targets.extend(edge.targets.iter().map(|it| match it {
            Endpoint::Item(id) => program.item(*id).path.as_str(),
            Endpoint::Path(path) => path,
        }));
        targets.sort_unstable();
        targets.dedup();
        line.extend(["\n", &edge.label, " -> "]);
        for (index, target) in targets.iter().enumerate() {
            line.extend([if index == 0 { "" } else { " " }, target]);
        }
    }
    for id in &facts.traits_in_scope.0 {
        let _ = write!(line, "\ntrait {}", program.item(*id).path);
    }
    line
}
