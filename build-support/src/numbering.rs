//! Stage 7, its preparation: facts, members and headers of impls go in, the network that walks go over
//! comes out. Must not drop what a walk may come by: only uses of names that nothing has are left out.

use std::{collections::BTreeSet, sync::OnceLock};

use rustc_hash::FxHashMap as HashMap;

use crate::{
    attribute, entry_point,
    facts::{Endpoint, Facts, Use},
    guest,
    head_type::segments,
    impl_header::{ImplHeader, ImplTrait},
    members::Members,
    network::{
        Bound, ForeignTrait, Gate, Impl, Membership, Name, Network, Node, Owner, Slot, Step, Unseen,
    },
    ownership::Ownership,
    path_text, prelude,
    program::{ItemId, ItemKind, KrateId, Program, Syntax},
    resolve::Resolver,
    trigger, type_parameter,
};

/// Numbers a program.
pub(crate) fn network(resolver: &Resolver<'_>, facts: &[Facts], members: &Members) -> Network {
    let program = resolver.program;
    let krates = (0..program.krates.len()).map(KrateId::new);
    let network = Network {
        visible: krates.map(|it| program.visible_from(it)).collect(),
        views: program.krates.iter().map(|_| OnceLock::new()).collect(),
        has_unstable_impls: program.has_other_std || members.impls.iter().any(is_unstable),
        ..Network::default()
    };
    let mut numbering = Numbering {
        program,
        facts,
        network,
        names: HashMap::default(),
        slots: HashMap::default(),
        foreign_traits: HashMap::default(),
        gates: HashMap::default(),
    };
    numbering.network.std_traits =
        guest::IMPLIED.iter().map(|(name, _)| numbering.foreign_trait(name)).collect();
    numbering.items();
    numbering.impls(members);
    numbering.memberships(members);
    numbering.calls(resolver, members);
    numbering.derivers(members);
    numbering.uses();
    numbering.bounds();
    numbering.ownership(resolver, members);
    numbering.network
}

fn is_unstable(header: &ImplHeader) -> bool {
    matches!(&header.of_trait, Some(ImplTrait::Foreign { name, .. }) if entry_point::is_unstable(name))
}

/// Those whose implementors std makes implementors of a trait.
fn implied(name: &str) -> &'static [&'static str] {
    match name {
        "IntoIterator" => &["Iterator"],
        "Into" => &["From"],
        "TryFrom" => &["From", "Into"],
        "TryInto" => &["TryFrom", "From", "Into"],
        "ToString" => &["Display"],
        "ToOwned" => &["Clone"],
        "IntoFuture" => &["Future"],
        "Pattern" => &["FnMut", "Fn"],
        _ => &[],
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 of them")
}

/// Returns the path of the trait that an impl is of, as it is written.
fn of_trait(syntax: &Syntax) -> Option<String> {
    let Syntax::Item(it) = syntax else { return None };
    let syn::Item::Impl(it) = &**it else { return None };
    it.trait_.as_ref().map(|(path, _)| segments(path).join("::"))
}

struct Numbering<'a> {
    program: &'a Program,
    facts: &'a [Facts],
    network: Network,
    names: HashMap<String, u32>,
    slots: HashMap<(ItemId, u32), Slot>,
    foreign_traits: HashMap<String, u32>,
    gates: HashMap<&'static str, u32>,
}

impl Numbering<'_> {
    fn items(&mut self) {
        for id in self.program.item_ids() {
            let item = self.program.item(id);
            let facts = &self.facts[id.index()];
            let mut seen = BTreeSet::new();
            let targets = facts.edges.iter().flat_map(|it| &it.targets);
            let references = targets.filter_map(|it| match it {
                Endpoint::Item(id) => seen.insert(*id).then_some(*id),
                Endpoint::Path(_) => None,
            });
            self.network.nodes.push(Node {
                kind: item.kind,
                krate: self.program.krate_of_item(id),
                parent: item.parent,
                references: references.collect(),
                traits_in_scope: facts.traits_in_scope.0.iter().copied().collect(),
                extensions: Vec::new(),
                steps: Vec::new(),
                members: item.members.clone(),
                membership: None,
                impls: Vec::new(),
                implementors: Vec::new(),
                calls: Vec::new(),
                slots: Vec::new(),
                is_generic: type_parameter::is_generic(self.program, id),
                owns: true,
                makes: item.kind == ItemKind::Trait && type_parameter::makes(&item.syntax),
                returns_opaque: type_parameter::returns_opaque(&item.syntax),
                bounds: Vec::new(),
            });
            match item.kind {
                ItemKind::MacroCall => {}
                ItemKind::Opaque => self.network.always.push(id),
                _ if item.parent.is_none() && !item.name.is_empty() => {
                    let variants = item.variants().map(|it| it.ident.to_string());
                    for name in std::iter::once(item.name.clone()).chain(variants) {
                        let name = self.name(name);
                        self.network.names[name as usize].items.push(id);
                    }
                }
                _ => {}
            }
        }
        for id in self.program.item_ids() {
            for extended in &self.facts[id.index()].extends {
                self.network.nodes[extended.index()].extensions.push(id);
            }
        }
    }

    fn impls(&mut self, members: &Members) {
        for (index, header) in members.impls.iter().enumerate() {
            let index = number(index);
            let (mut local_trait, mut unseen) = (None, Unseen::Never);
            let is_of_std =
                matches!(&header.of_trait, Some(ImplTrait::Foreign { is_std: true, .. }));
            match &header.of_trait {
                Some(ImplTrait::Local(id)) => local_trait = Some(*id),
                // Code of other crates calls the methods of their traits unseen.
                Some(ImplTrait::Foreign { name, is_std }) => {
                    let of = self.foreign_trait(name) as usize;
                    self.network.foreign_traits[of].impls.push(index);
                    unseen = match trigger::gated(name).filter(|_| *is_std) {
                        Some(name) => Unseen::Behind(self.gate(name)),
                        None => Unseen::Always,
                    };
                }
                None => {}
            }
            if let Unseen::Behind(gate) = unseen {
                self.network.gates[gate as usize].impls.push(index);
            }
            for it in &header.types {
                self.network.nodes[it.index()].impls.push(index);
            }
            if let Some(it) = local_trait {
                self.network.nodes[it.index()].implementors.push(index);
            }
            self.network.impls.push(Impl {
                item: header.item.expect("headers are read from items"),
                types: header.types.iter().copied().collect(),
                required: header.required.iter().copied().collect(),
                local_trait,
                is_of_std,
                unseen,
                has_macros: header.has_macros,
            });
        }
    }

    fn memberships(&mut self, members: &Members) {
        for id in self.program.item_ids() {
            let item = self.program.item(id);
            let Some(parent) = item.parent else { continue };
            if item.kind == ItemKind::Declaration {
                continue;
            }
            let name = self.name(item.name.clone());
            self.network.names[name as usize].members.push(id);
            let owner = match members.impl_of_item.get(&parent) {
                // A default: whoever does not override it has it.
                None => Owner::Trait { slot: self.slot(parent, name).number },
                Some(index) => {
                    let (of, header) = (number(*index), &members.impls[*index]);
                    let is_nameless = header.self_type.is_none();
                    match &header.of_trait {
                        None => Owner::Inherent { of, is_nameless },
                        Some(ImplTrait::Local(id)) => {
                            let slot = self.slot(*id, name).number;
                            Owner::LocalTrait { of, slot, is_nameless }
                        }
                        Some(ImplTrait::Foreign { .. }) => Owner::ForeignTrait { of },
                    }
                }
            };
            self.network.nodes[id.index()].membership = Some(Membership { name, owner });
        }
    }

    fn calls(&mut self, resolver: &Resolver<'_>, members: &Members) {
        for id in members.calls.iter().copied() {
            self.network.calls.push(id);
            let findings = &self.facts[id.index()].findings;
            let mut mentions_trait = findings.iter().any(|it| it.kind.needs_executable());
            for named in resolver.mentioned_items(id).iter().copied() {
                match self.program.item(named).kind {
                    ItemKind::Type => self.network.nodes[named.index()].calls.push(id),
                    ItemKind::Trait => mentions_trait = true,
                    _ => {}
                }
            }
            // An impl needs a local type or a local trait; a call that names neither is reached by name.
            if mentions_trait {
                self.network.always.push(id);
            }
        }
    }

    fn derivers(&mut self, members: &Members) {
        for (derive, types) in &members.derives {
            let of = self.foreign_trait(derive) as usize;
            self.network.foreign_traits[of].derivers.extend(types);
            if !attribute::is_standard(derive) {
                self.network.open_derivers.extend(types);
            }
        }
    }

    fn uses(&mut self) {
        let mut numbers: HashMap<&Use, Option<u32>> = HashMap::default();
        let facts = self.facts;
        for (node, facts) in facts.iter().enumerate() {
            for it in &facts.uses {
                let known = *numbers.entry(it).or_insert_with(|| {
                    self.step(it).map(|step| {
                        self.network.steps.push(step);
                        number(self.network.steps.len() - 1)
                    })
                });
                self.network.nodes[node].steps.extend(known);
            }
        }
    }

    /// A use by numbers; `None` where nothing has the name.
    fn step(&mut self, it: &Use) -> Option<Step> {
        let name = it.name().map(|it| self.names.get(it).copied());
        let name = || name.flatten();
        let slot = |id: &ItemId| self.slots.get(&(*id, name()?)).copied();
        Some(match it {
            Use::Member(_) => Step::Member(name()?),
            Use::Inherent(_) => Step::Inherent(name()?),
            Use::OpenInherent(_) => Step::OpenInherent(name()?),
            Use::Trait(id, _) => Step::Trait(slot(id)?),
            Use::ForeignSelf(id, _) => Step::ForeignSelf(slot(id)?),
            Use::ForeignTrait(_) => Step::ForeignTrait(name()?),
            Use::Bound(id) => Step::Bound(*id),
            Use::Any(_) => Step::Any(name()?),
            Use::Object(id) => Step::Object(*id),
            Use::ForeignObject(of) => Step::ForeignObject {
                of: self.foreign_trait(of),
                gate: trigger::gated(of).map(|it| self.gate(it)),
            },
            Use::Trigger(name) => Step::Trigger(self.gate(name)),
            Use::ForeignCode => Step::ForeignCode,
        })
    }

    fn ownership(&mut self, resolver: &Resolver<'_>, members: &Members) {
        let mut ownership = Ownership::new(resolver, members);
        for id in self.program.item_ids() {
            let node = self.network.node(id);
            if node.is_generic && node.kind == ItemKind::Function {
                self.network.nodes[id.index()].owns = ownership.by_arguments(id);
            }
        }
    }

    fn bounds(&mut self) {
        for id in self.program.item_ids() {
            let node = self.network.node(id);
            let is_around = matches!(node.kind, ItemKind::Impl | ItemKind::Trait);
            if !node.is_generic && !node.returns_opaque && !is_around {
                continue;
            }
            let mut bounds = Vec::new();
            let mut edges: Vec<_> = self.facts[id.index()].edges.iter().collect();
            // The trait that an impl is of is no bound.
            let of_trait = of_trait(&self.program.item(id).syntax);
            if let Some(index) = edges.iter().position(|it| Some(&*it.label) == of_trait.as_deref())
            {
                edges.remove(index);
            }
            for target in edges.into_iter().flat_map(|it| &it.targets) {
                match target {
                    Endpoint::Item(id) if self.program.item(*id).kind == ItemKind::Trait => {
                        bounds.push(Bound::Local(*id));
                    }
                    Endpoint::Path(path) => {
                        let last = path_text::last(path);
                        let of = self.foreign_trait(last);
                        let is_std = prelude::is_std(path);
                        let of_std = guest::implied(last).filter(|_| is_std);
                        let makes = !is_std || of_std.is_none() && entry_point::is_trait(last);
                        bounds.push(Bound::Foreign { of, of_std, makes });
                    }
                    Endpoint::Item(_) => {}
                }
            }
            self.network.nodes[id.index()].bounds = bounds;
        }
    }

    fn name(&mut self, name: String) -> u32 {
        let names = &mut self.network.names;
        *self.names.entry(name).or_insert_with(|| {
            names.push(Name::default());
            number(names.len() - 1)
        })
    }

    fn slot(&mut self, of: ItemId, name: u32) -> Slot {
        let network = &mut self.network;
        *self.slots.entry((of, name)).or_insert_with(|| {
            let slot = Slot { of, name, number: number(network.slot_count) };
            network.slot_count += 1;
            network.names[name as usize].slots.push(slot);
            network.nodes[of.index()].slots.push(slot);
            slot
        })
    }

    fn foreign_trait(&mut self, name: &str) -> u32 {
        let traits = &mut self.network.foreign_traits;
        if let Some(known) = self.foreign_traits.get(name) {
            return *known;
        }
        traits.push(ForeignTrait::default());
        let found = number(traits.len() - 1);
        self.foreign_traits.insert(name.to_owned(), found);
        let implied: Vec<_> = implied(name).iter().map(|it| self.foreign_trait(it)).collect();
        self.network.foreign_traits[found as usize].implied = implied;
        found
    }

    fn gate(&mut self, name: &'static str) -> u32 {
        let gates = &mut self.network.gates;
        *self.gates.entry(name).or_insert_with(|| {
            gates.push(Gate { name, impls: Vec::new() });
            number(gates.len() - 1)
        })
    }
}
