//! Members and fields that code names and can't see from where it stands: rustc passes them over when it looks a method
//! or a field up, and takes the next of that name. Facts go in, pairs of who names and what is hidden come out. Must not
//! leave out what unexpanded code may name.

use std::{collections::HashMap, rc::Rc};

use crate::{
    attribute, cfg,
    closure::Reached,
    extract::plain_name,
    facts::Facts,
    members::Members,
    program::{ItemId, ItemKind, Program, Syntax},
    resolve::Resolver,
    visibility::Visibility,
};

/// What is not visible from everywhere, and who names it without seeing it.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    candidates: Vec<Candidate>,
    /// By item: those of a name that it names.
    named_by: Vec<Vec<usize>>,
    /// Items of which code stands in a macro that nobody expanded, so that it may name any.
    names_any: Vec<bool>,
}

/// A member, or a type or trait that has it.
#[derive(Debug)]
struct Candidate {
    item: ItemId,
    name: Rc<str>,
    visibility: Visibility,
}

impl Hidden {
    pub(crate) fn new(resolver: &Resolver<'_>, facts: &[Facts], members: &Members) -> Self {
        let program = resolver.program;
        let candidates = candidates(resolver, members);
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, it) in candidates.iter().enumerate() {
            by_name.entry(&it.name).or_default().push(index);
        }
        let named_by = program.item_ids().map(|id| {
            let names = facts[id.index()].named.iter();
            let all = names.flat_map(|it| by_name.get(it.as_str()).into_iter().flatten());
            all.copied().filter(|it| is_hidden(program, id, &candidates[*it])).collect()
        });
        let named_by = named_by.collect();
        let names_any = facts.iter().map(|it| it.names_any).collect();
        Self { candidates, named_by, names_any }
    }

    /// Returns what reached items may name and can't see: who, what, and by which name.
    pub(crate) fn among(
        &self,
        program: &Program,
        reached: &Reached,
    ) -> Vec<(ItemId, ItemId, &str)> {
        let mut within: Vec<usize> = Vec::new();
        if reached.keys().any(|it| self.names_any[it.index()]) {
            let is_reached = |it: &usize| reached.contains_key(&self.candidates[*it].item);
            within.extend((0..self.candidates.len()).filter(is_reached));
        }
        let mut found = Vec::new();
        for id in reached.keys().copied() {
            let mut add = |index: usize| {
                let candidate = &self.candidates[index];
                found.push((id, candidate.item, &*candidate.name));
            };
            if self.names_any[id.index()] {
                let hidden =
                    within.iter().filter(|it| is_hidden(program, id, &self.candidates[**it]));
                hidden.for_each(|it| add(*it));
            } else {
                let named = self.named_by[id.index()].iter();
                let named = named.filter(|it| reached.contains_key(&self.candidates[**it].item));
                named.for_each(|it| add(*it));
            }
        }
        found
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
                _ if item.kind == ItemKind::Type && may_dereference(members, id, syntax) => {
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
fn may_dereference(members: &Members, id: ItemId, syntax: &syn::Item) -> bool {
    members.dereferences(id)
        || members.is_open(id)
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
