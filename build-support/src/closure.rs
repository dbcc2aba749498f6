//! Stage 7: what a function reaches: a worklist over facts, with types in play deciding which impls
//! are alive (rapid type analysis; `docs/signature.md` has the rules and why each is sound).

use std::collections::{BTreeSet, HashMap};

use crate::{
    facts::{Endpoint, Facts, Use},
    members::{ImplTrait, Members},
    program::{ItemId, ItemKind, KrateId, Program},
    resolve::Resolver,
};

/// The program as seen by closures.
pub(crate) struct Graph<'a, 'p> {
    pub(crate) program: &'p Program,
    pub(crate) facts: &'a [Facts],
    pub(crate) members: &'a Members,
    /// Free items by name.
    by_name: HashMap<String, Vec<ItemId>>,
    /// Item-position macro calls, with the local types and traits that they mention.
    calls: Vec<MacroCall>,
    opaque: Vec<ItemId>,
}

struct MacroCall {
    item: ItemId,
    types: BTreeSet<ItemId>,
    mentions_trait: bool,
}

impl<'a, 'p> Graph<'a, 'p> {
    pub(crate) fn new(resolver: &Resolver<'p>, facts: &'a [Facts], members: &'a Members) -> Self {
        let program = resolver.program;
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::new();
        let (mut calls, mut opaque) = (Vec::new(), Vec::new());
        for id in program.item_ids() {
            let item = program.item(id);
            match item.kind {
                ItemKind::MacroCall => calls.push(id),
                ItemKind::Opaque => opaque.push(id),
                _ if item.parent.is_none() && !item.name.is_empty() => {
                    by_name.entry(item.name.clone()).or_default().push(id);
                    for variant in item.variants() {
                        by_name.entry(variant.ident.to_string()).or_default().push(id);
                    }
                }
                _ => {}
            }
        }
        let calls = calls
            .into_iter()
            .map(|item| {
                let named = resolver.mentions(item).iter();
                let named: Vec<ItemId> =
                    named.filter_map(|it| by_name.get(it.as_str())).flatten().copied().collect();
                let of_kind =
                    |kind| named.iter().copied().filter(move |it| program.item(*it).kind == kind);
                MacroCall {
                    item,
                    types: of_kind(ItemKind::Type).collect(),
                    mentions_trait: of_kind(ItemKind::Trait).next().is_some()
                        || facts[item.index()].findings.iter().any(|it| it.kind.needs_executable()),
                }
            })
            .collect();
        Self { program, facts, members, by_name, calls, opaque }
    }

    /// Returns every item that a start reaches, itself included.
    pub(crate) fn reached_from(&self, start: ItemId) -> BTreeSet<ItemId> {
        let visible = self.program.visible_from(self.program.krate_of_item(start));
        let mut walk = Walk {
            graph: self,
            visible,
            reached: vec![false; self.program.items.len()],
            queue: Vec::new(),
            names: BTreeSet::new(),
            foreign_names: BTreeSet::new(),
            uses: BTreeSet::new(),
            live: vec![false; self.members.impls.len()],
        };
        walk.run(start);
        walk.reached
            .iter()
            .enumerate()
            .filter(|(_, reached)| **reached)
            .map(|(index, _)| ItemId::new(index))
            .collect()
    }
}

struct Walk<'g, 'a, 'p> {
    graph: &'g Graph<'a, 'p>,
    visible: BTreeSet<KrateId>,
    reached: Vec<bool>,
    queue: Vec<ItemId>,
    /// Names of members used on types that are not known.
    names: BTreeSet<&'g str>,
    /// Names of members used on types of other crates.
    foreign_names: BTreeSet<&'g str>,
    uses: BTreeSet<&'g Use>,
    live: Vec<bool>,
}

impl<'g> Walk<'g, '_, '_> {
    fn run(&mut self, start: ItemId) {
        self.reach(start);
        for id in &self.graph.opaque {
            self.reach(*id);
        }
        for call in &self.graph.calls {
            // An impl needs a local type or a local trait; with neither named, it is reached by name.
            if call.mentions_trait && call.types.is_empty() {
                self.reach(call.item);
            }
        }
        for index in 0..self.graph.members.impls.len() {
            if self.graph.members.impls[index].types.is_empty() {
                self.enliven(index);
            }
        }
        self.bounds_of(start);
        while let Some(id) = self.queue.pop() {
            self.follow(id);
        }
    }

    fn reach(&mut self, id: ItemId) {
        if !self.reached[id.index()] && self.visible.contains(&self.graph.program.krate_of_item(id))
        {
            self.reached[id.index()] = true;
            self.queue.push(id);
        }
    }

    fn follow(&mut self, id: ItemId) {
        let facts = &self.graph.facts[id.index()];
        for target in facts.edges.iter().flat_map(|it| &it.targets) {
            if let Endpoint::Item(id) = target {
                self.reach(*id);
            }
        }
        for id in &facts.traits_in_scope.0 {
            self.reach(*id);
        }
        for it in &facts.uses {
            if self.uses.insert(it) {
                self.dispatch(it);
            }
        }
        match self.graph.program.item(id).kind {
            ItemKind::Type => self.bring_into_play(id),
            ItemKind::Trait => self.headers_of(id),
            _ => {}
        }
    }

    fn dispatch(&mut self, it: &'g Use) {
        match it {
            Use::Member(name) => self.members_named(name),
            Use::ForeignMember(name) => {
                self.foreign_names.insert(name);
                for id in self.candidates(name) {
                    let is_for_foreign = match self.header_of(id) {
                        Some(header) => self.graph.members.impls[header].self_type.is_none(),
                        None => true,
                    };
                    if is_for_foreign && self.is_live(id) {
                        self.reach(id);
                    }
                }
            }
            Use::Any(name) => {
                self.members_named(name);
                for id in self.graph.by_name.get(name.as_str()).into_iter().flatten() {
                    self.reach(*id);
                }
            }
            Use::Object(id) => self.implementors(&ImplTrait::Local(*id)),
            Use::ForeignObject(name) => self.implementors(&ImplTrait::Foreign(name.clone())),
        }
    }

    fn members_named(&mut self, name: &'g str) {
        if self.names.insert(name) {
            for id in self.candidates(name) {
                if self.is_live(id) {
                    self.reach(id);
                }
            }
        }
    }

    fn candidates(&self, name: &str) -> Vec<ItemId> {
        self.graph.members.by_name.get(name).cloned().unwrap_or_default()
    }

    fn header_of(&self, member: ItemId) -> Option<usize> {
        let parent = self.graph.program.item(member).parent?;
        self.graph.members.impl_of_item.get(&parent).copied()
    }

    /// Defaults of traits always may be meant; members of an impl when it is alive.
    fn is_live(&self, member: ItemId) -> bool {
        self.header_of(member).is_none_or(|index| self.live[index])
    }

    fn bring_into_play(&mut self, ty: ItemId) {
        for index in self.graph.members.impls_of_type.get(&ty).into_iter().flatten() {
            let header = &self.graph.members.impls[*index];
            if header.types.iter().all(|it| self.reached[it.index()]) {
                self.enliven(*index);
            }
        }
        for call in &self.graph.calls {
            if call.types.contains(&ty) {
                self.reach(call.item);
            }
        }
    }

    /// An impl is alive when every local type of its header is in play.
    fn enliven(&mut self, index: usize) {
        if std::mem::replace(&mut self.live[index], true) {
            return;
        }
        let header = &self.graph.members.impls[index];
        let Some(item) = header.item else { return };
        if !self.visible.contains(&self.graph.program.krate_of_item(item)) {
            return;
        }
        let is_foreign = matches!(header.of_trait, Some(ImplTrait::Foreign(_)));
        let names_trait = match header.of_trait {
            Some(ImplTrait::Local(id)) => self.reached[id.index()],
            _ => is_foreign,
        };
        if names_trait || header.has_macros {
            self.reach(item);
        }
        for member in &self.graph.program.item(item).members {
            let name = self.graph.program.item(*member).name.as_str();
            // Code of other crates calls the methods of their traits unseen.
            if is_foreign
                || self.names.contains(name)
                || header.self_type.is_none() && self.foreign_names.contains(name)
            {
                self.reach(*member);
            }
        }
    }

    /// A trait that is named brings the headers of its living impls: their associated types count.
    fn headers_of(&mut self, id: ItemId) {
        for (index, header) in self.graph.members.impls.iter().enumerate() {
            if header.of_trait == Some(ImplTrait::Local(id)) && self.live[index] {
                header.item.iter().for_each(|it| self.reach(*it));
            }
        }
    }

    /// Every implementor of a trait may stand behind a trait object or a type parameter.
    fn implementors(&mut self, of: &ImplTrait) {
        for header in &self.graph.members.impls {
            if header.of_trait.as_ref() == Some(of) {
                header.types.iter().for_each(|it| self.reach(*it));
                header.item.iter().for_each(|it| self.reach(*it));
            }
        }
    }

    /// The type parameters of a start may be any implementor of their bounds, and own any `Drop`.
    fn bounds_of(&mut self, start: ItemId) {
        let item = self.graph.program.item(start);
        let is_default =
            item.parent.is_some_and(|it| self.graph.program.item(it).kind == ItemKind::Trait);
        if is_default && let Some(id) = item.parent {
            self.implementors(&ImplTrait::Local(id));
        }
        if is_default || is_generic(self.graph.program, start) {
            self.implementors(&ImplTrait::Foreign("Drop".to_owned()));
            for facts in [Some(start), item.parent].into_iter().flatten() {
                for target in
                    self.graph.facts[facts.index()].edges.iter().flat_map(|it| &it.targets)
                {
                    match target {
                        Endpoint::Item(id)
                            if self.graph.program.item(*id).kind == ItemKind::Trait =>
                        {
                            self.implementors(&ImplTrait::Local(*id));
                        }
                        Endpoint::Path(path) => {
                            let name = path.rsplit("::").next().unwrap_or_default();
                            self.implementors(&ImplTrait::Foreign(name.to_owned()));
                        }
                        Endpoint::Item(_) => {}
                    }
                }
            }
        }
    }
}

/// Tells whether a function has type parameters, its own or those of its impl.
pub(crate) fn is_generic(program: &Program, id: ItemId) -> bool {
    let item = program.item(id);
    let has_types = |generics: &syn::Generics| {
        generics.type_params().next().is_some() || generics.const_params().next().is_some()
    };
    let own = item.function().is_some_and(|(signature, _, _)| {
        has_types(&signature.generics)
            || signature.inputs.iter().any(|it| match it {
                syn::FnArg::Typed(it) => matches!(&*it.ty, syn::Type::ImplTrait(_)),
                syn::FnArg::Receiver(_) => false,
            })
    });
    let of_parent = item.parent.is_some_and(|it| match &program.item(it).syntax {
        crate::program::Syntax::Item(it) => match &**it {
            syn::Item::Impl(it) => has_types(&it.generics),
            syn::Item::Trait(_) => true,
            _ => false,
        },
        _ => false,
    });
    own || of_parent
}
