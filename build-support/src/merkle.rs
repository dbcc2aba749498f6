//! Stage 6: from facts to digests: each item's own digest, and a Merkle digest over it and its
//! evident references in order. Recursion is folded by strongly connected components.

use std::collections::BTreeSet;

use petgraph::{algo::tarjan_scc, graph::DiGraph};
use rustc_hash::FxHashMap as HashMap;

use crate::{
    digest::{Digest, Fields},
    facts::{Endpoint, Facts, Use},
    normalise::{self, Surroundings},
    program::{Item, ItemId, ItemKind, Program, Syntax},
};

/// The version of the recipe: of everything that is hashed into a source signature. Raised with
/// each change of what is hashed or how (`docs/signature.md`).
pub(crate) const RECIPE_VERSION: u32 = 4;

/// Digests of all items, by their index.
#[derive(Debug)]
pub(crate) struct Digests {
    /// Of the item alone.
    pub(crate) own: Vec<Digest>,
    /// Of the item and of all that it evidently refers to.
    pub(crate) merkle: Vec<Digest>,
}

/// Returns the normalised sources of all items.
pub(crate) fn sources(program: &Program) -> Vec<String> {
    let shadowed = program.shadowed_macros();
    let mut sources: Vec<String> = Vec::with_capacity(program.items.len());
    // Builds with and without tests have most items in common.
    let mut known: HashMap<_, (usize, bool)> = HashMap::default();
    for (index, item) in program.items.iter().enumerate() {
        let are_docs_read = program.may_be_read(ItemId::new(index));
        let place = (item.file, item.line, item.column, item.kind);
        let text = match known.get(&place) {
            Some((other, reads))
                if *reads == are_docs_read && program.items[*other].syntax == item.syntax =>
            {
                sources[*other].clone()
            }
            _ => source(program, item, Surroundings { shadowed: Some(&shadowed), are_docs_read }),
        };
        known.insert(place, (index, are_docs_read));
        sources.push(text);
    }
    sources
}

fn source(program: &Program, item: &Item, around: Surroundings<'_>) -> String {
    match &item.syntax {
        Syntax::Item(it) if item.kind == ItemKind::Trait && !around.are_docs_read => {
            normalise::item(without_declarations((**it).clone()), around)
        }
        Syntax::Item(it) => normalise::item((**it).clone(), around),
        Syntax::ImplMember(it) => normalise::impl_member((**it).clone(), around),
        Syntax::TraitMember(it) => normalise::trait_member((**it).clone(), around),
        Syntax::Foreign(it) => quote::ToTokens::to_token_stream(it).to_string(),
        Syntax::Bytes(file) => program.sources.get(*file).digest.to_string(),
    }
}

/// Takes out of a trait what is in declarations of its own.
pub(crate) fn without_declarations(mut item: syn::Item) -> syn::Item {
    if let syn::Item::Trait(it) = &mut item {
        it.items.retain(|it| !is_declaration(it));
    }
    item
}

/// Tells whether a member of a trait is a default method.
pub(crate) fn is_declaration(member: &syn::TraitItem) -> bool {
    matches!(member, syn::TraitItem::Fn(it) if it.default.is_some())
}

impl Digests {
    pub(crate) fn new(program: &Program, facts: &[Facts], sources: &[String]) -> Self {
        let shows = showing_position(program, facts);
        let own: Vec<_> = program
            .item_ids()
            .map(|id| {
                own(program, id, &facts[id.index()], &sources[id.index()], shows.contains(&id))
            })
            .collect();
        let merkle = fold(facts, &own);
        Self { own, merkle }
    }
}

/// What is hashed of one item, in this order:
///
/// 1. the recipe's name and version; 2. the item's kind; 3. its normalised source; 4. the `cfg`s of
///    the modules around it; 5. included contents, in order; 6. where its
///    position can show, file, line, column and literal source.
fn own(program: &Program, id: ItemId, facts: &Facts, source: &str, shows_position: bool) -> Digest {
    let item = program.item(id);
    let mut fields = Fields::new(&format!("perennial item {RECIPE_VERSION}"));
    fields.text(item.kind.name());
    fields.text(source);
    let cfgs = &program.module(item.module).cfgs;
    fields.count(cfgs.len());
    cfgs.iter().for_each(|it| fields.text(it));
    fields.text(&item.cfgs);
    fields.count(facts.inputs.len());
    for (name, value) in &facts.inputs {
        fields.text(name);
        fields.text(value);
    }
    fields.count(usize::from(shows_position));
    if shows_position {
        fields.text(&program.sources.get(item.file).label);
        fields.count(item.line);
        fields.count(item.column);
        fields.text(&program.module(item.module).path);
        fields.text(&literal_source(program, item));
    }
    fields.finish()
}

/// Returns the item's lines as they stand in the file.
fn literal_source(program: &Program, item: &Item) -> String {
    use syn::spanned::Spanned;
    let span = match &item.syntax {
        Syntax::Item(it) => it.span(),
        Syntax::ImplMember(it) => it.span(),
        Syntax::TraitMember(it) => it.span(),
        Syntax::Foreign(it) => it.span(),
        Syntax::Bytes(_) => return String::new(),
    };
    let lines = program.sources.get(item.file).text().unwrap_or_default().lines();
    let (first, last) = (span.start().line, span.end().line);
    lines.skip(first.saturating_sub(1)).take(last + 1 - first).collect::<Vec<_>>().join("\n")
}

/// Items whose position can show: they mention it, call a macro that does, or call a
/// `#[track_caller]` function.
fn showing_position(program: &Program, facts: &[Facts]) -> BTreeSet<ItemId> {
    let mut shows: BTreeSet<ItemId> =
        program.item_ids().filter(|id| facts[id.index()].shows_position).collect();
    let tracks = |id: ItemId| {
        program.item(id).function().is_some_and(|(_, _, attributes)| {
            attributes.iter().any(|it| it.path().is_ident("track_caller"))
        })
    };
    loop {
        // What is called by name only may be any of that name.
        let names: BTreeSet<&str> = shows
            .iter()
            .filter(|it| tracks(**it))
            .map(|it| program.item(*it).name.as_str())
            .collect();
        let more: Vec<_> = program
            .item_ids()
            .filter(|id| !shows.contains(id))
            .filter(|id| {
                let facts = &facts[id.index()];
                let by_name = facts.uses.iter().filter_map(Use::name).any(|it| names.contains(it));
                by_name
                    || facts.edges.iter().flat_map(|it| &it.targets).any(|it| match it {
                        Endpoint::Item(target) => {
                            shows.contains(target)
                                && (program.item(*target).kind == ItemKind::MacroRules
                                    || tracks(*target))
                        }
                        Endpoint::Path(_) => false,
                    })
            })
            .collect();
        if more.is_empty() {
            return shows;
        }
        shows.extend(more);
    }
}

/// Folds the graph of evident references into one digest an item.
fn fold(facts: &[Facts], own: &[Digest]) -> Vec<Digest> {
    let mut graph = DiGraph::<(), ()>::with_capacity(facts.len(), facts.len() * 4);
    let nodes: Vec<_> = facts.iter().map(|_| graph.add_node(())).collect();
    for (from, facts) in facts.iter().enumerate() {
        let evident = facts.edges.iter().flat_map(|it| &it.targets).filter_map(|it| match it {
            Endpoint::Item(id) => Some(*id),
            Endpoint::Path(_) => None,
        });
        for to in evident.chain(facts.traits_in_scope.0.iter().copied()) {
            graph.add_edge(nodes[from], nodes[to.index()], ());
        }
    }
    let mut digests = own.to_vec();
    // Components come with those first that others refer to.
    for component in tarjan_scc(&graph) {
        let mut members: Vec<usize> = component.iter().map(|it| it.index()).collect();
        members.sort_unstable();
        let [single] = members[..] else {
            refine(&members, facts, own, &mut digests);
            continue;
        };
        // Alone in its component: at most it refers to itself, under its own digest.
        digests[single] = combine(&facts[single], own[single], &digests);
    }
    digests
}

/// Gives the members of a component digests that tell them apart: repeated hashing with those of
/// the round before (colour refinement), until a round separates no more, then all colours together.
fn refine(members: &[usize], facts: &[Facts], own: &[Digest], digests: &mut [Digest]) {
    let distinct =
        |digests: &[Digest]| members.iter().map(|it| digests[*it]).collect::<BTreeSet<_>>().len();
    let mut colours = distinct(digests);
    loop {
        let next: Vec<_> =
            members.iter().map(|it| combine(&facts[*it], own[*it], digests)).collect();
        members.iter().zip(next).for_each(|(member, digest)| digests[*member] = digest);
        let separated = distinct(digests);
        if separated == colours {
            break;
        }
        colours = separated;
    }
    let mut all: Vec<_> = members.iter().map(|it| digests[*it]).collect();
    all.sort_unstable();
    for member in members {
        let mut fields = Fields::new(&format!("perennial component {RECIPE_VERSION}"));
        fields.digest(digests[*member]);
        fields.digests(all.iter());
        digests[*member] = fields.finish();
    }
}

fn combine(facts: &Facts, own: Digest, digests: &[Digest]) -> Digest {
    let mut fields = Fields::new(&format!("perennial merkle {RECIPE_VERSION}"));
    fields.digest(own);
    fields.count(facts.edges.len());
    let (mut items, mut paths) = (Vec::new(), Vec::new());
    for edge in &facts.edges {
        fields.text(&edge.label);
        items.clear();
        paths.clear();
        for target in &edge.targets {
            match target {
                Endpoint::Item(id) => items.push(digests[id.index()]),
                Endpoint::Path(path) => paths.push(path),
            }
        }
        items.sort_unstable();
        fields.digests(items.iter());
        paths.sort_unstable();
        fields.count(paths.len());
        paths.iter().for_each(|it| fields.text(it));
    }
    let (local, foreign) = &facts.traits_in_scope;
    let mut local: Vec<_> = local.iter().map(|it| digests[it.index()]).collect();
    local.sort_unstable();
    fields.digests(local.iter());
    fields.count(foreign.len());
    foreign.iter().for_each(|it| fields.text(it));
    fields.finish()
}
