//! Stage 7: what a function reaches: a worklist over facts, with types in play deciding which impls
//! are alive (rapid type analysis; `docs/signature.md` has the rules and why each is sound). Every
//! item that is reached keeps the reason.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::{
    cause::{Cause, Reason},
    entry_point,
    facts::{Endpoint, Facts, Use},
    members::{ImplTrait, Members},
    program::{ItemId, ItemKind, KrateId, Program, Syntax},
    resolve::Resolver,
    token_scan::Scan,
    trigger,
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
    /// Items that an attribute macro enters in what it names.
    extensions: HashMap<ItemId, Vec<ItemId>>,
    /// There is an impl with which what is known of std's entry points does not hold.
    has_unstable_impls: bool,
}

struct MacroCall {
    item: ItemId,
    types: BTreeSet<ItemId>,
    mentions_trait: bool,
}

/// What a start reaches, itself included, each with why.
pub(crate) type Reached = BTreeMap<ItemId, Cause>;

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
                let named = resolver.mentioned_items(item);
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
        let mut extensions: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        for id in program.item_ids() {
            for extended in &facts[id.index()].extends {
                extensions.entry(*extended).or_default().push(id);
            }
        }
        let has_unstable_impls = program.has_other_std || members.impls.iter().any(|it| {
            matches!(&it.of_trait, Some(ImplTrait::Foreign { name, .. }) if entry_point::is_unstable(name))
        });
        Self { program, facts, members, by_name, calls, opaque, extensions, has_unstable_impls }
    }

    /// Returns every item that a start reaches, itself included.
    pub(crate) fn reached_from(&self, start: ItemId) -> Reached {
        let visible = self.program.visible_from(self.program.krate_of_item(start));
        let mut walk = Walk {
            graph: self,
            visible,
            reached: vec![None; self.program.items.len()],
            queue: Vec::new(),
            names: Names::default(),
            bounds: BTreeSet::new(),
            uses: HashSet::new(),
            triggers: BTreeSet::new(),
            runs_foreign_code: false,
            live: vec![false; self.members.impls.len()],
            opened: BTreeSet::new(),
        };
        walk.run(start);
        let reached = walk.reached.into_iter().enumerate();
        reached.filter_map(|(index, cause)| Some((ItemId::new(index), cause?))).collect()
    }
}

/// Names of members that something reached uses, by whose members they may be.
#[derive(Default)]
struct Names<'g> {
    /// Of anything.
    all: HashMap<&'g str, Cause>,
    /// Of types in play themselves.
    inherent: HashMap<&'g str, Cause>,
    /// Of types that have no name.
    open_inherent: HashMap<&'g str, Cause>,
    /// Of local traits.
    of_trait: HashMap<(ItemId, &'g str), Cause>,
    /// Of local traits on types of other crates.
    of_foreign_self: HashMap<(ItemId, &'g str), Cause>,
    /// Of traits of other crates.
    of_foreign_trait: HashMap<&'g str, Cause>,
}

struct Walk<'g, 'a, 'p> {
    graph: &'g Graph<'a, 'p>,
    visible: BTreeSet<KrateId>,
    reached: Vec<Option<Cause>>,
    queue: Vec<ItemId>,
    names: Names<'g>,
    /// Local traits that a bound names.
    bounds: BTreeSet<ItemId>,
    uses: HashSet<&'g Use>,
    /// Traits of std whose impls something calls.
    triggers: BTreeSet<&'static str>,
    runs_foreign_code: bool,
    live: Vec<bool>,
    /// Items whose type parameters have been followed.
    opened: BTreeSet<ItemId>,
}

impl<'g> Walk<'g, '_, '_> {
    fn run(&mut self, start: ItemId) {
        let begun = Cause { from: start, reason: Reason::Start };
        self.reach(start, begun);
        for id in &self.graph.opaque {
            self.reach(*id, Cause { from: start, reason: Reason::Opaque });
        }
        for call in &self.graph.calls {
            // An impl needs a local type or a local trait; with neither named, it is reached by name.
            if call.mentions_trait {
                self.reach(call.item, Cause { from: start, reason: Reason::Opaque });
            }
        }
        for index in 0..self.graph.members.impls.len() {
            if self.graph.members.impls[index].required.is_empty() {
                self.enliven(index, begun);
            }
        }
        if self.graph.has_unstable_impls {
            self.dispatch(&Use::ForeignCode, start);
        }
        self.bounds_of(start);
        while let Some(id) = self.queue.pop() {
            self.follow(id);
        }
    }

    fn reach(&mut self, id: ItemId, cause: Cause) {
        if self.reached[id.index()].is_none()
            && self.visible.contains(&self.graph.program.krate_of_item(id))
        {
            self.reached[id.index()] = Some(cause);
            self.queue.push(id);
        }
    }

    fn is_reached(&self, id: ItemId) -> bool {
        self.reached[id.index()].is_some()
    }

    fn follow(&mut self, id: ItemId) {
        let facts = &self.graph.facts[id.index()];
        for target in facts.edges.iter().flat_map(|it| &it.targets) {
            if let Endpoint::Item(target) = target {
                self.reach(*target, Cause { from: id, reason: Reason::Reference });
            }
        }
        for target in &facts.traits_in_scope.0 {
            self.reach(*target, Cause { from: id, reason: Reason::TraitInScope });
        }
        for it in &facts.uses {
            if self.uses.insert(it) {
                self.dispatch(it, id);
            }
        }
        for it in self.graph.extensions.get(&id).into_iter().flatten() {
            self.reach(*it, Cause { from: id, reason: Reason::Reference });
        }
        match self.graph.program.item(id).kind {
            ItemKind::Type => self.bring_into_play(id),
            ItemKind::Trait => self.headers_of(id),
            _ => {}
        }
    }

    fn dispatch(&mut self, it: &'g Use, from: ItemId) {
        let by_name = Cause { from, reason: Reason::Member };
        match it {
            Use::Member(name) => self.any_member(name, by_name),
            Use::Inherent(name) => {
                self.names.inherent.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
                for of_trait in self.bounds.clone() {
                    self.trait_member(of_trait, name, by_name);
                }
            }
            Use::OpenInherent(name) => {
                self.names.open_inherent.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::Trait(id, name) => self.trait_member(*id, name, by_name),
            Use::ForeignSelf(id, name) => {
                self.names.of_foreign_self.entry((*id, name)).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::ForeignTrait(name) => {
                self.names.of_foreign_trait.entry(name).or_insert(by_name);
                self.members_called(name, by_name);
            }
            Use::Bound(id) => {
                if self.bounds.insert(*id) {
                    let names: Vec<_> =
                        self.names.inherent.iter().map(|(name, cause)| (*name, *cause)).collect();
                    for (name, cause) in names {
                        self.trait_member(*id, name, cause);
                    }
                }
            }
            Use::Any(name) => {
                self.any_member(name, by_name);
                for id in self.graph.by_name.get(name.as_str()).into_iter().flatten() {
                    self.reach(*id, by_name);
                }
            }
            Use::Object(id) => {
                let object = Cause { from, reason: Reason::Object };
                self.implementors(object, |it| *it == ImplTrait::Local(*id));
                self.derivers(object, None);
            }
            Use::ForeignObject(of) => {
                let object = Cause { from, reason: Reason::Object };
                self.implementors(
                    object,
                    |it| matches!(it, ImplTrait::Foreign { name, .. } if name == of),
                );
                self.derivers(object, Some(of));
                if let Some(name) = trigger::gated(of) {
                    self.pull(name, object);
                }
            }
            Use::Trigger(name) => self.pull(name, Cause { from, reason: Reason::Trigger(name) }),
            Use::ForeignCode => {
                let cause = Cause { from, reason: Reason::ForeignCode };
                if !std::mem::replace(&mut self.runs_foreign_code, true) {
                    self.impls_of_gated(cause, |_| true);
                }
            }
        }
    }

    fn any_member(&mut self, name: &'g str, cause: Cause) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.names.all.entry(name) {
            entry.insert(cause);
            self.members_called(name, cause);
        }
    }

    fn trait_member(&mut self, of: ItemId, name: &'g str, cause: Cause) {
        if let std::collections::hash_map::Entry::Vacant(entry) =
            self.names.of_trait.entry((of, name))
        {
            entry.insert(cause);
            self.members_called(name, cause);
        }
    }

    /// Reaches the members of that name that are wanted by now.
    fn members_called(&mut self, name: &str, cause: Cause) {
        for id in self.graph.members.by_name.get(name).into_iter().flatten() {
            if !self.is_reached(*id) && self.wants(*id, name).is_some() {
                self.reach(*id, cause);
                let parent = self.graph.program.item(*id).parent;
                parent.iter().for_each(|it| self.reach(*it, cause));
            }
        }
    }

    /// Tells whether some use wants a member of a living impl or of a trait.
    fn wants(&self, member: ItemId, name: &str) -> Option<Cause> {
        let names = &self.names;
        let all = names.all.get(name);
        let parent = self.graph.program.item(member).parent?;
        let Some(index) = self.graph.members.impl_of_item.get(&parent) else {
            // A default: whoever does not override it has it.
            let of = names.of_trait.get(&(parent, name));
            let of = of.or_else(|| names.of_foreign_self.get(&(parent, name)));
            return all.or(of).copied();
        };
        if !self.live[*index] {
            return None;
        }
        let header = &self.graph.members.impls[*index];
        let found = match &header.of_trait {
            None if header.self_type.is_none() => {
                names.inherent.get(name).or_else(|| names.open_inherent.get(name))
            }
            None => names.inherent.get(name),
            Some(ImplTrait::Local(of)) => {
                let on_any = names.of_trait.get(&(*of, name));
                let on_foreign = names.of_foreign_self.get(&(*of, name));
                on_any.or_else(|| on_foreign.filter(|_| header.self_type.is_none()))
            }
            Some(ImplTrait::Foreign { .. }) => names.of_foreign_trait.get(name),
        };
        all.or(found).copied()
    }

    fn bring_into_play(&mut self, ty: ItemId) {
        let cause = Cause { from: ty, reason: Reason::InPlay };
        for index in self.graph.members.impls_of_type.get(&ty).into_iter().flatten() {
            let header = &self.graph.members.impls[*index];
            if header.required.iter().all(|it| self.is_reached(*it)) {
                self.enliven(*index, cause);
            }
        }
        for call in &self.graph.calls {
            if call.types.contains(&ty) {
                self.reach(call.item, cause);
            }
        }
    }

    /// An impl is alive when every local type of its header is in play.
    fn enliven(&mut self, index: usize, cause: Cause) {
        if std::mem::replace(&mut self.live[index], true) {
            return;
        }
        let header = &self.graph.members.impls[index];
        let Some(item) = header.item else { return };
        if !self.visible.contains(&self.graph.program.krate_of_item(item)) {
            return;
        }
        let runs_whole = match &header.of_trait {
            Some(ImplTrait::Local(id)) => {
                if self.is_reached(*id) {
                    self.reach(item, cause);
                }
                false
            }
            // Code of other crates calls the methods of their traits unseen.
            Some(of @ ImplTrait::Foreign { .. }) => self.is_called_unseen(of),
            None => false,
        };
        if header.has_macros {
            self.reach(item, cause);
        }
        if runs_whole {
            self.run_whole(item, cause);
            return;
        }
        for member in &self.graph.program.item(item).members {
            let name = self.graph.program.item(*member).name.as_str();
            if let Some(cause) = self.wants(*member, name) {
                self.reach(item, cause);
                self.reach(*member, cause);
            }
        }
    }

    fn is_called_unseen(&self, of: &ImplTrait) -> bool {
        match of {
            ImplTrait::Foreign { name, is_std: true } => match trigger::gated(name) {
                Some(name) => self.runs_foreign_code || self.triggers.contains(name),
                None => true,
            },
            ImplTrait::Foreign { .. } => true,
            ImplTrait::Local(_) => false,
        }
    }

    fn run_whole(&mut self, item: ItemId, cause: Cause) {
        self.reach(item, cause);
        for member in &self.graph.program.item(item).members {
            self.reach(*member, cause);
        }
    }

    /// From now on impls of a gated trait are called.
    fn pull(&mut self, name: &'static str, cause: Cause) {
        if self.triggers.insert(name) {
            self.impls_of_gated(cause, |it| it == name);
        }
    }

    fn impls_of_gated(&mut self, cause: Cause, is_meant: impl Fn(&str) -> bool) {
        for (index, header) in self.graph.members.impls.iter().enumerate() {
            if let (true, Some(item), Some(ImplTrait::Foreign { name, is_std: true })) =
                (self.live[index], header.item, &header.of_trait)
                && is_meant(name)
                && self.visible.contains(&self.graph.program.krate_of_item(item))
            {
                self.run_whole(item, cause);
            }
        }
    }

    /// A trait that is named brings the headers of its living impls: their associated types count.
    fn headers_of(&mut self, id: ItemId) {
        let cause = Cause { from: id, reason: Reason::InPlay };
        for index in self.graph.members.impls_of_trait.get(&id).into_iter().flatten() {
            if self.live[*index] {
                self.graph.members.impls[*index].item.iter().for_each(|it| self.reach(*it, cause));
            }
        }
    }

    /// Every implementor of a trait may stand behind a trait object or a type parameter, with every
    /// implementor of the bounds on its own parameters inside.
    fn implementors(&mut self, cause: Cause, is_meant: impl Fn(&ImplTrait) -> bool) {
        let mut headers = Vec::new();
        for header in &self.graph.members.impls {
            if header.of_trait.as_ref().is_some_and(&is_meant) {
                header.types.iter().for_each(|it| self.reach(*it, cause));
                headers.extend(header.item);
            }
        }
        for header in headers {
            self.reach(header, cause);
            if is_generic(self.graph.program, header) {
                self.arguments_of(header, cause);
            }
        }
    }

    /// Type parameters that an item declares may be any implementor of their bounds.
    fn arguments_of(&mut self, item: ItemId, cause: Cause) {
        if !self.opened.insert(item) {
            return;
        }
        for target in self.graph.facts[item.index()].edges.iter().flat_map(|it| &it.targets) {
            match target {
                Endpoint::Item(id) if self.graph.program.item(*id).kind == ItemKind::Trait => {
                    self.implementors(cause, |it| *it == ImplTrait::Local(*id));
                    self.derivers(cause, None);
                }
                Endpoint::Path(path) => {
                    let last = path.rsplit("::").next().unwrap_or_default();
                    for name in implied(last) {
                        self.derivers(cause, Some(name));
                        self.implementors(
                            cause,
                            |it| matches!(it, ImplTrait::Foreign { name: it, .. } if it == name),
                        );
                    }
                }
                Endpoint::Item(_) => {}
            }
        }
    }

    /// Types that derive a trait implement it, and a derive of another crate may implement any.
    fn derivers(&mut self, cause: Cause, name: Option<&str>) {
        for (derive, types) in &self.graph.members.derives {
            let is_standard = crate::attribute::is_standard(derive);
            if name == Some(derive) || !is_standard {
                types.iter().for_each(|it| self.reach(*it, cause));
            }
        }
        for call in &self.graph.calls {
            self.reach(call.item, cause);
        }
    }

    /// The type parameters of a start may be any implementor of their bounds, and own any `Drop`.
    fn bounds_of(&mut self, start: ItemId) {
        let item = self.graph.program.item(start);
        let cause = Cause { from: start, reason: Reason::Parameter };
        let is_default =
            item.parent.is_some_and(|it| self.graph.program.item(it).kind == ItemKind::Trait);
        if let Some(id) = item.parent.filter(|_| is_default) {
            self.implementors(cause, |it| *it == ImplTrait::Local(id));
        }
        if !is_default && !is_generic(self.graph.program, start) {
            return;
        }
        self.implementors(
            cause,
            |it| matches!(it, ImplTrait::Foreign { name, .. } if name == "Drop"),
        );
        for item in [Some(start), item.parent].into_iter().flatten() {
            self.arguments_of(item, cause);
        }
    }
}

/// A trait, and those whose implementors std makes implementors of it.
fn implied(name: &str) -> Vec<&str> {
    let others: &[&str] = match name {
        "IntoIterator" => &["Iterator"],
        "Into" => &["From"],
        "TryFrom" => &["From", "Into"],
        "TryInto" => &["TryFrom", "From", "Into"],
        "ToString" => &["Display"],
        "ToOwned" => &["Clone"],
        "IntoFuture" => &["Future"],
        "Pattern" => &["FnMut", "Fn"],
        _ => &[],
    };
    std::iter::once(name).chain(others.iter().copied()).collect()
}

/// Tells whether an item has type parameters: a function's own or those of its impl, those of an
/// impl.
pub(crate) fn is_generic(program: &Program, id: ItemId) -> bool {
    let item = program.item(id);
    let has_types = |generics: &syn::Generics| {
        generics.type_params().next().is_some() || generics.const_params().next().is_some()
    };
    let own = item.function().is_some_and(|(signature, _, _)| {
        has_types(&signature.generics)
            || signature.inputs.iter().any(|it| {
                let scan = Scan::of(quote::ToTokens::to_token_stream(it));
                scan.identifiers.contains("impl")
            })
    });
    let of_impl = |id: ItemId| match &program.item(id).syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Impl(it) => has_types(&it.generics),
            syn::Item::Trait(_) => true,
            _ => false,
        },
        _ => false,
    };
    own || item.parent.is_some_and(of_impl) || item.kind == ItemKind::Impl && of_impl(id)
}
