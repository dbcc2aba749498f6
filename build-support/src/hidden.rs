//! Members and fields that code names and can't see from where it stands: rustc passes them over when it looks a method
//! or a field up, and takes the next of that name. Facts go in, who names what is hidden comes out. Must not
//! leave out what unexpanded code may name.

use std::{collections::BTreeMap, rc::Rc};

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    attribute, cfg,
    digest::{Digest, Fields},
    extract::plain_name,
    facts::Facts,
    members::Members,
    merkle::RECIPE_VERSION,
    program::{ItemId, ItemKind, ModuleId, Program, Syntax},
    ranking::Ranking,
    resolve::Resolver,
    visibility::Visibility,
};

/// What is not visible from everywhere, and who names it without seeing it.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    candidates: Vec<Candidate>,
    /// By item: those of a name that it names.
    named_by: Vec<Vec<usize>>,
    /// Items that name any of them.
    naming: FixedBitSet,
    /// Items of which code stands in a macro that nobody expanded, so that it may name any.
    naming_any: FixedBitSet,
}

/// A member, or a type or trait that has it.
#[derive(Debug)]
pub(crate) struct Candidate {
    item: ItemId,
    name: Rc<str>,
    visibility: Visibility,
}

impl Hidden {
    pub(crate) fn new(resolver: &Resolver<'_>, facts: &[Facts], members: &Members) -> Self {
        let program = resolver.program;
        let candidates = candidates(resolver, members);
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::default();
        for (index, it) in candidates.iter().enumerate() {
            by_name.entry(&it.name).or_default().push(index);
        }
        let named_by = program.item_ids().map(|id| {
            let names = facts[id.index()].named.iter();
            let all = names.flat_map(|it| by_name.get(it.as_str()).into_iter().flatten());
            all.copied().filter(|it| is_hidden(program, id, &candidates[*it])).collect()
        });
        let named_by: Vec<Vec<usize>> = named_by.collect();
        let naming = named_by.iter().enumerate().filter(|(_, it)| !it.is_empty());
        let naming = naming.map(|(index, _)| index).collect();
        let naming_any = facts.iter().enumerate().filter(|(_, it)| it.names_any);
        let naming_any = naming_any.map(|(index, _)| index).collect();
        Self { candidates, named_by, naming, naming_any }
    }

    /// Returns what reached items may name and can't see.
    pub(crate) fn among(&self, program: &Program, reached: &FixedBitSet) -> Blind<'_> {
        let mut blind = Blind::default();
        let is_reached = |it: &&Candidate| reached.contains(it.item.index());
        for id in reached.intersection(&self.naming).map(ItemId::new) {
            let named = self.named_by[id.index()].iter().map(|it| &self.candidates[*it]);
            blind.named.extend(named.filter(is_reached).map(|it| (id, it)));
        }
        if reached.is_disjoint(&self.naming_any) {
            return blind;
        }
        for candidate in self.candidates.iter().filter(is_reached) {
            if let Visibility::Within(home) = candidate.visibility {
                blind.homes.entry(home).or_default().push(candidate);
            }
        }
        for id in reached.intersection(&self.naming_any).map(ItemId::new) {
            let module = program.item(id).module;
            let homes = blind.hidden_from.entry(module).or_insert_with(|| {
                let homes = blind.homes.keys().copied();
                homes.filter(|it| !program.sees(Some(module), Visibility::Within(*it))).collect()
            });
            if !homes.is_empty() {
                blind.any.push((id, module));
            }
        }
        blind
    }
}

/// Items among those reached that name what they can't see.
#[derive(Default)]
pub(crate) struct Blind<'h> {
    /// Who, and what.
    named: Vec<(ItemId, &'h Candidate)>,
    /// Who may name any, and from where.
    any: Vec<(ItemId, ModuleId)>,
    /// What can only be seen from within a module.
    homes: BTreeMap<ModuleId, Vec<&'h Candidate>>,
    /// Modules into which another doesn't see.
    hidden_from: BTreeMap<ModuleId, Vec<ModuleId>>,
}

impl Blind<'_> {
    pub(crate) fn items(&self) -> impl Iterator<Item = ItemId> {
        self.named.iter().map(|it| it.0).chain(self.any.iter().map(|it| it.0))
    }

    /// Feeds who names what, in the order of their digests, with these in the place of items:
    ///
    /// 1. how many name what they can't see; 2. for each, who names it, what can't be seen, the name; 3.
    ///    how many may name any; 4. for each, who may, and a digest of what can't be seen from there: of the
    ///    sorted digests of lists, one a module, of what can only be seen from within.
    pub(crate) fn feed(&self, ranking: &Ranking, fields: &mut Fields) {
        let named = self.named.iter();
        let mut named: Vec<_> = named
            .map(|(who, what)| (ranking.of(*who), ranking.of(what.item), &*what.name))
            .collect();
        named.sort_unstable();
        named.dedup();
        fields.count(named.len());
        for (who, what, name) in named {
            fields.digest(ranking.digest(who));
            fields.digest(ranking.digest(what));
            fields.text(name);
        }
        let views = self.views(ranking);
        let any = self.any.iter();
        let mut any: Vec<_> = any.map(|(who, module)| (ranking.of(*who), views[module])).collect();
        any.sort_unstable();
        any.dedup();
        fields.count(any.len());
        for (who, view) in any {
            fields.digest(ranking.digest(who));
            fields.digest(view);
        }
    }

    /// What can't be seen from where something may name any.
    fn views(&self, ranking: &Ranking) -> BTreeMap<ModuleId, Digest> {
        let start = || Fields::new(&format!("perennial hidden {RECIPE_VERSION}"));
        let list = |candidates: &Vec<&Candidate>| {
            let members = candidates.iter();
            let mut members: Vec<_> = members.map(|it| (ranking.of(it.item), &*it.name)).collect();
            members.sort_unstable();
            members.dedup();
            let mut fields = start();
            for (member, name) in members {
                fields.digest(ranking.digest(member));
                fields.text(name);
            }
            fields.finish()
        };
        let homes: BTreeMap<_, _> = self.homes.iter().map(|(home, it)| (*home, list(it))).collect();
        let view = |hidden: &Vec<ModuleId>| {
            let mut lists: Vec<_> = hidden.iter().map(|it| homes[it]).collect();
            lists.sort_unstable();
            lists.dedup();
            let mut fields = start();
            fields.digests(lists.iter());
            fields.finish()
        };
        self.hidden_from.iter().map(|(module, it)| (*module, view(it))).collect()
    }
}

fn is_hidden(program: &Program, from: ItemId, candidate: &Candidate) -> bool {
    !program.sees(Some(program.item(from).module), candidate.visibility)
}

/// Inherent members, the members of traits, and fields of types that dereference, where another of the name may follow.
fn candidates(resolver: &Resolver<'_>, members: &Members) -> Vec<Candidate> {
    let program = resolver.program;
    let mut found = Vec::new();
    for id in program.item_ids() {
        let item = program.item(id);
        let mut add = |name: &str, written: &syn::Visibility| {
            let visibility = program.visibility(item.module, written);
            if visibility != Visibility::Public {
                found.push(Candidate { item: id, name: name.into(), visibility });
            }
        };
        match &item.syntax {
            Syntax::ImplMember(it) => {
                let header = item.parent.and_then(|it| members.impl_of_item.get(&it));
                let is_inherent = header.is_some_and(|it| members.impls[*it].of_trait.is_none());
                if let (true, Some(written)) = (is_inherent, member_visibility(it)) {
                    add(&item.name, written);
                }
            }
            Syntax::Item(syntax) => match &**syntax {
                syn::Item::Trait(it) => {
                    // Where a macro may declare any, the visibility is part of the source.
                    let names = resolver.declared[&id].iter().flatten();
                    names.for_each(|name| add(name, &it.vis));
                }
                _ if item.kind == ItemKind::Type
                    && may_dereference(resolver, members, id, syntax) =>
                {
                    for (index, field) in fields(syntax).enumerate() {
                        let name = field.ident.as_ref().map(|it| plain_name(&it.to_string()));
                        add(&name.unwrap_or_else(|| index.to_string()), &field.vis);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    found
}

/// Without a further type behind it, a field that can't be seen is an error.
fn may_dereference(
    resolver: &Resolver<'_>,
    members: &Members,
    id: ItemId,
    syntax: &syn::Item,
) -> bool {
    let program = resolver.program;
    members.dereferences(id)
        || members.is_open(program, program.item(id).module, id)
        || attribute::may_read_docs(cfg::attributes_of_item(syntax))
}

fn member_visibility(member: &syn::ImplItem) -> Option<&syn::Visibility> {
    match member {
        syn::ImplItem::Fn(it) => Some(&it.vis),
        syn::ImplItem::Const(it) => Some(&it.vis),
        _ => None,
    }
}

fn fields(item: &syn::Item) -> impl Iterator<Item = &syn::Field> {
    let (structure, union) = match item {
        syn::Item::Struct(it) => (Some(it.fields.iter()), None),
        syn::Item::Union(it) => (None, Some(it.fields.named.iter())),
        _ => (None, None),
    };
    structure.into_iter().flatten().chain(union.into_iter().flatten())
}
