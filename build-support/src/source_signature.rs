//! The source signature of a function: what it reaches goes in, one digest comes out. Must not depend
//! on where the package lies; what is hashed, and in which order, is the recipe that has a version.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::{
    closure::{Graph, Reached},
    digest::{Digest, Fields},
    facts::Endpoint,
    merkle::{Digests, RECIPE_VERSION},
    program::{ItemId, ItemKind},
};

/// The source signature of a function. Hashed in this order:
///
/// 1. the recipe's name and version; 2. the start's Merkle digest; 3. the sorted Merkle digests of
///    everything that it reaches; 4. the attributes of the crates that it reaches, sorted; 5. pairs of
///    what names a member and a member of that name that it can't see, sorted; 6. where
///    two types, traits or statics that it reaches look the same, the graph by paths, since then
///    digests alone don't tell which is meant.
pub(crate) fn of(
    graph: &Graph<'_, '_>,
    digests: &Digests,
    start: ItemId,
    reached: &Reached,
) -> Digest {
    let mut fields = Fields::new(&format!("perennial source {RECIPE_VERSION}"));
    fields.digest(digests.merkle[start.index()]);
    let mut all: Vec<_> = reached.keys().map(|it| digests.merkle[it.index()]).collect();
    all.sort_unstable();
    all.dedup();
    fields.count(all.len());
    all.iter().for_each(|it| fields.digest(*it));
    let krates: BTreeSet<_> = reached.keys().map(|it| graph.program.krate_of_item(*it)).collect();
    let attributes: BTreeSet<_> =
        krates.iter().map(|it| &graph.program.krates[it.index()].attributes).collect();
    fields.count(attributes.len());
    attributes.into_iter().for_each(|it| fields.text(it));
    let hidden = graph.hidden.among(graph.program, reached);
    let merkle = |id: &ItemId| digests.merkle[id.index()];
    let mut pairs: Vec<_> =
        hidden.iter().map(|(who, what, name)| (merkle(who), merkle(what), *name)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    fields.count(pairs.len());
    for (who, what, name) in &pairs {
        fields.digest(*who);
        fields.digest(*what);
        fields.text(name);
    }
    let shows_paths = reached.keys().any(|it| graph.facts[it.index()].shows_paths);
    if shows_paths || has_twins(graph, digests, reached, &hidden) {
        let place = |id: &ItemId| {
            let line = || Digest::of_bytes(path_line(graph, digests, *id).as_bytes());
            *digests.placed[id.index()].get_or_init(line)
        };
        let mut lines: Vec<_> = reached.keys().map(place).collect();
        lines.sort_unstable();
        fields.count(lines.len());
        lines.iter().for_each(|it| fields.digest(*it));
        let path = |id: &ItemId| graph.program.item(*id).path.as_str();
        let paths: BTreeSet<_> =
            hidden.iter().map(|(who, what, name)| [path(who), path(what), name]).collect();
        fields.count(paths.len());
        paths.iter().flatten().for_each(|it| fields.text(it));
    }
    fields.finish()
}

/// Tells whether two different types, traits or statics among those reached have one digest, or
/// something else and an item that does not see what it names.
fn has_twins(
    graph: &Graph<'_, '_>,
    digests: &Digests,
    reached: &Reached,
    hidden: &[(ItemId, ItemId, &str)],
) -> bool {
    let blind: BTreeMap<Digest, ItemId> =
        hidden.iter().map(|(who, _, _)| (digests.merkle[who.index()], *who)).collect();
    let has_double =
        |id: &ItemId| blind.get(&digests.merkle[id.index()]).is_some_and(|other| other != id);
    if !blind.is_empty() && reached.keys().any(has_double) {
        return true;
    }
    let mut seen = BTreeSet::new();
    reached
        .keys()
        .filter(|it| {
            let kind = graph.program.item(**it).kind;
            matches!(
                kind,
                ItemKind::Type | ItemKind::Trait | ItemKind::Static | ItemKind::MacroCall
            )
        })
        .any(|it| !seen.insert(digests.merkle[it.index()]))
}

/// Writes an item with the paths of all that it evidently refers to.
fn path_line(graph: &Graph<'_, '_>, digests: &Digests, id: ItemId) -> String {
    let facts = &graph.facts[id.index()];
    let mut line = format!("{} {}", graph.program.item(id).path, digests.own[id.index()]);
    for edge in &facts.edges {
        let targets: BTreeSet<_> = edge
            .targets
            .iter()
            .map(|it| match it {
                Endpoint::Item(id) => graph.program.item(*id).path.clone(),
                Endpoint::Path(path) => path.clone(),
            })
            .collect();
        let _ = write!(line, "\n{} -> {}", edge.label, Vec::from_iter(targets).join(" "));
    }
    for id in &facts.traits_in_scope.0 {
        let _ = write!(line, "\ntrait {}", graph.program.item(*id).path);
    }
    line
}
