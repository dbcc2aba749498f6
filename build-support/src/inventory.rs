//! What the items that a function reaches contain, besides code: findings, `cfg`s, crates, variables.
//! A set of items goes in, the union of what they have comes out.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use crate::{
    facts::{Endpoint, Facts, Finding},
    function::Ground,
    item_sets::shared,
    kind::Kind,
    loader::AnalysedTarget,
    program::{Extern, ItemId, KrateId, Program},
};

/// Which items have what.
pub(crate) struct Inventory<'a> {
    program: &'a Program,
    facts: &'a [Facts],
    targets: &'a [AnalysedTarget],
    of_krate: Vec<FixedBitSet>,
    visible: &'a [BTreeSet<KrateId>],
    pub(crate) with_findings: FixedBitSet,
    /// With a finding for which the executable's digest has to stand.
    pub(crate) without_end: FixedBitSet,
    pub(crate) mentioning_cfg: FixedBitSet,
    /// Starting other threads.
    spawning: FixedBitSet,
    thread_local: FixedBitSet,
    with_units: FixedBitSet,
    with_variables: FixedBitSet,
}

impl<'a> Inventory<'a> {
    pub(crate) fn new(ground: &Ground<'a, '_>) -> Self {
        let (program, facts) = (ground.resolver.program, ground.facts);
        let with = |has: &dyn Fn(&Facts) -> bool| -> FixedBitSet {
            facts.iter().enumerate().filter(|(_, it)| has(it)).map(|(index, _)| index).collect()
        };
        let mut of_krate = vec![FixedBitSet::new(); program.krates.len()];
        for id in program.item_ids() {
            of_krate[program.krate_of_item(id).index()].grow_and_insert(id.index());
        }
        Self {
            program,
            facts,
            targets: ground.targets,
            of_krate,
            visible: &ground.network.visible,
            with_findings: with(&|it| !it.findings.is_empty()),
            without_end: with(&|it| it.findings.iter().any(|it| it.kind.needs_executable())),
            mentioning_cfg: with(&|it| it.mentions_cfg),
            spawning: with(&spawns),
            thread_local: program
                .item_ids()
                .filter(|it| program.item(*it).is_thread_local)
                .map(ItemId::index)
                .collect(),
            with_units: with(&|it| !it.units.is_empty()),
            with_variables: with(&|it| !it.variables.is_empty()),
        }
    }

    /// Returns the crates that hold any of the items, as far as one of them sees them.
    pub(crate) fn krates(&self, from: KrateId, items: &FixedBitSet) -> BTreeSet<KrateId> {
        let visible = self.visible[from.index()].iter().copied();
        visible.filter(|it| !items.is_disjoint(&self.of_krate[it.index()])).collect()
    }

    pub(crate) fn findings(&self, items: &FixedBitSet) -> impl Iterator<Item = (ItemId, Finding)> {
        let found: Vec<_> = shared(items, &self.with_findings).map(ItemId::new).collect();
        found.into_iter().flat_map(|id| {
            self.facts[id.index()].findings.iter().map(move |finding| (id, finding.clone()))
        })
    }

    /// Returns findings for the thread-locals among the items, where they may be read on several threads.
    pub(crate) fn thread_locals(
        &self,
        is_async: bool,
        items: &FixedBitSet,
    ) -> impl Iterator<Item = (ItemId, Finding)> {
        let may_move = is_async || !items.is_disjoint(&self.spawning);
        let thread_locals = items.intersection(&self.thread_local).collect();
        let found: Vec<_> = self.findings(&thread_locals).collect();
        let state =
            found.into_iter().filter(move |(_, it)| may_move && it.kind == Kind::MutableStatic);
        state.map(|(id, it)| (id, Finding { kind: Kind::ThreadLocal, ..it }))
    }

    /// Returns the crates, by the names that the start's crate has for them, whose build units decide
    /// what the reached code does.
    pub(crate) fn units(
        &self,
        krate: KrateId,
        items: &FixedBitSet,
        krates: &BTreeSet<KrateId>,
    ) -> BTreeSet<String> {
        let own = |it: &usize| self.of_krate[krate.index()].contains(*it);
        let with_units = shared(items, &self.with_units).filter(own);
        let mut units: BTreeSet<&str> = BTreeSet::new();
        for item in with_units {
            units.extend(self.facts[item].units.iter().map(String::as_str));
        }
        for (name, it) in &self.program.krates[krate.index()].externs {
            if let Extern::Local(id) = it
                && self.visible[id.index()].iter().any(|it| *it != krate && krates.contains(it))
            {
                units.insert(name);
            }
        }
        units.into_iter().map(str::to_owned).collect()
    }

    /// Returns the variables that the items read at compile time: those whose values the start's own
    /// compilation has, and findings for the others.
    pub(crate) fn variables(
        &self,
        krate: KrateId,
        items: &FixedBitSet,
    ) -> (BTreeSet<String>, Vec<(ItemId, Finding)>) {
        let (mut known, mut unknown) = (BTreeSet::new(), Vec::new());
        for id in shared(items, &self.with_variables).map(ItemId::new) {
            let of = self.program.krate_of_item(id);
            let is_of_package = self.targets.iter().any(|it| it.krate == of);
            for (name, place) in &self.facts[id.index()].variables {
                if of == krate || is_of_package && !differs_by_target(name) {
                    known.insert(name.clone());
                } else {
                    let what = format!("env!({name:?})");
                    let kind = Kind::ForeignVariable;
                    unknown.push((id, Finding { kind, what, place: *place }));
                }
            }
        }
        (known, unknown)
    }
}

/// Crates that run what they are given on other threads.
const CRATES_OF_THREADS: &[&str] = &[
    "async_std",
    "blocking",
    "crossbeam",
    "crossbeam_utils",
    "futures",
    "rayon",
    "smol",
    "threadpool",
    "tokio",
];

/// Tells whether an item may start other threads.
fn spawns(facts: &Facts) -> bool {
    let is_spawning = |it: &Endpoint| match it {
        Endpoint::Path(path) => {
            let is_std = ["std::thread::spawn", "std::thread::scope", "std::thread::Builder"];
            is_std.iter().any(|it| path.starts_with(it))
        }
        Endpoint::Item(_) => false,
    };
    facts.units.iter().any(|it| CRATES_OF_THREADS.contains(&it.as_str()))
        || facts.edges.iter().flat_map(|it| &it.targets).any(is_spawning)
}

/// Tells whether cargo gives the targets of one package different values.
fn differs_by_target(variable: &str) -> bool {
    matches!(variable, "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_TARGET_TMPDIR")
        || variable.starts_with("CARGO_BIN_EXE_")
}
