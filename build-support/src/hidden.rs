//! Members and fields that code names and can't see from where it stands: rustc passes them over when it looks a method
//! or a field up, and takes the next of that name. Facts go in, who names what is hidden comes out. Must not
//! leave out what unexpanded code may name.

use std::{collections::BTreeSet, rc::Rc};

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    attribute, cfg,
    extract::plain_name,
    facts::Facts,
    members::Members,
    program::{ItemId, ItemKind, ModuleId, Syntax},
    resolve::Resolver,
    visibility::Visibility,
};

/// What is not visible from everywhere, and who names it without seeing it.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    pub(crate) candidates: Vec<Candidate>,
    /// By item: the candidates of it.
    pub(crate) candidates_of: HashMap<ItemId, Vec<usize>>,
    /// Names that someone says who can't see all that they may mean.
    pub(crate) names: Vec<Rc<str>>,
    /// By item: those of these names that it says itself so.
    pub(crate) said_by: Vec<Vec<usize>>,
    /// Items of which code stands in a macro that nobody expanded, so that it may name any.
    pub(crate) naming_any: FixedBitSet,
    /// All items that decide who names what without seeing it.
    pub(crate) deciding: FixedBitSet,
}

/// A member, or a type or trait that has it.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) item: ItemId,
    pub(crate) name: Rc<str>,
    pub(crate) visibility: Visibility,
    /// The name's among those that someone says who can't see all that they may mean.
    pub(crate) number: Option<usize>,
}

impl Hidden {
    pub(crate) fn new(resolver: &Resolver<'_>, facts: &[Facts], members: &Members) -> Self {
        let program = resolver.program;
        let mut hidden = Self { candidates: candidates(resolver, members), ..Self::default() };
        let mut homes: HashMap<&str, BTreeSet<ModuleId>> = HashMap::default();
        for it in &hidden.candidates {
            if let Visibility::Within(home) = it.visibility {
                homes.entry(&it.name).or_default().insert(home);
            }
        }
        let mut numbers: HashMap<Rc<str>, usize> = HashMap::default();
        let mut known: HashMap<(ModuleId, &str), bool> = HashMap::default();
        for id in program.item_ids() {
            let module = program.item(id).module;
            let is_blind = |name: &&String| {
                let Some((name, homes)) = homes.get_key_value(name.as_str()) else { return false };
                *known.entry((module, *name)).or_insert_with(|| {
                    homes.iter().any(|it| !program.sees(Some(module), Visibility::Within(*it)))
                })
            };
            let names = facts[id.index()].named.iter().filter(is_blind);
            let names = names.map(|name| {
                let next = numbers.len();
                *numbers.entry(Rc::from(name.as_str())).or_insert_with_key(|name| {
                    hidden.names.push(Rc::clone(name));
                    next
                })
            });
            hidden.said_by.push(names.collect());
        }
        let is_deciding = |it: &(usize, &Vec<usize>)| !it.1.is_empty();
        let saying = hidden.said_by.iter().enumerate().filter(is_deciding);
        hidden.deciding = saying.map(|(index, _)| index).collect();
        let naming_any = facts.iter().enumerate().filter(|(_, it)| it.names_any);
        hidden.naming_any = naming_any.map(|(index, _)| index).collect();
        hidden.deciding.union_with(&hidden.naming_any);
        for (index, it) in hidden.candidates.iter_mut().enumerate() {
            it.number = numbers.get(&it.name).copied();
            hidden.candidates_of.entry(it.item).or_default().push(index);
            hidden.deciding.grow_and_insert(it.item.index());
        }
        hidden
    }
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
                found.push(Candidate { item: id, name: name.into(), visibility, number: None });
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
