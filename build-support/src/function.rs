//! What is known of one function: its signature, what it reaches and finds there, and what its
//! attribute says. Facts and digests go in; must not read sources again, or judge what is tolerated.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashSet as HashSet;

use crate::{
    analysis::Repeated,
    attribute,
    closure::Closures,
    digest::Digest,
    extract,
    facts::{Facts, Finding},
    hidden::Hidden,
    inventory::Inventory,
    kind::Kind,
    loader::{AnalysedTarget, Build},
    merkle::Digests,
    network::Network,
    open_trait::OpenTraits,
    package::TargetKind,
    program::{ItemId, KrateId},
    reached::Reached,
    resolve::Resolver,
    source_signature::Signer,
    type_parameter,
};

/// A function of one of the package's targets.
pub(crate) struct Function {
    pub(crate) item: ItemId,
    /// Index among the targets.
    pub(crate) target: usize,
    pub(crate) signature: Digest,
    /// Empty unless it is memoized or its key is asked for.
    pub(crate) reached: Reached,
    /// Empty unless it is memoized.
    pub(crate) findings: BTreeSet<(ItemId, Finding)>,
    /// There is something in its code that the analysis could not follow.
    has_loose_ends: bool,
    /// Dependencies that it reaches whose units don't tell of all sources behind them.
    patched: Vec<String>,
    pub(crate) mentions_cfg: bool,
    pub(crate) is_generic: bool,
    pub(crate) is_memoized: bool,
    /// Kinds of findings that its `#[memo]` settles.
    pub(crate) allowed: BTreeSet<Kind>,
    /// Names that `env(…)` lists.
    pub(crate) environment: BTreeSet<String>,
    pub(crate) has_environment: bool,
    /// Several `#[memo]`s stand behind conditions, so that its arguments are not known.
    pub(crate) is_ambiguous: bool,
    /// Crates that hold something that it reaches.
    pub(crate) krates: BTreeSet<KrateId>,
    /// Crates, by the names that its own has for them, whose build units decide what it does.
    pub(crate) units: BTreeSet<String>,
    pub(crate) parameters: Vec<String>,
    /// Variables that `env!` reads in what it reaches, as far as its own compilation has them.
    pub(crate) variables: BTreeSet<String>,
    /// It is of a test build, and the plain build has it too.
    pub(crate) is_repeated: bool,
}

impl Function {
    /// Tells whether its `#[memo]` says that a finding does not matter, or puts it into the key.
    pub(crate) fn settles(&self, finding: &Finding) -> bool {
        // The finding of a static is its path.
        let name = finding.what.rsplit("::").next().unwrap_or_default();
        self.allowed.contains(&finding.kind)
            || finding.kind == Kind::MutableStatic && self.environment.contains(name)
    }

    /// Tells whether the executable's digest has to stand for what the analysis could not follow.
    pub(crate) fn needs_executable(&self) -> bool {
        self.needs_executable_but_for(|_| false)
    }

    /// Tells the same where some dependencies don't count, so that none has to stand for their units.
    pub(crate) fn needs_executable_but_for(&self, is_relaxed: impl Fn(&str) -> bool) -> bool {
        self.has_loose_ends || self.patched.iter().any(|it| !is_relaxed(it))
    }
}

/// Everything that functions are made from.
pub(crate) struct Ground<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) facts: &'a [Facts],
    pub(crate) digests: &'a Digests,
    pub(crate) network: &'a Network,
    pub(crate) hidden: &'a Hidden,
    pub(crate) targets: &'a [AnalysedTarget],
}

/// The functions of a package, and what they and what they reach contain.
#[derive(Default)]
pub(crate) struct Functions {
    pub(crate) all: Vec<Function>,
    /// Of functions that are memoized, and of all of plain builds.
    pub(crate) findings: BTreeSet<(ItemId, Finding)>,
}

/// Follows every function of the targets, as far as someone asks for it.
pub(crate) fn functions(ground: &Ground<'_, '_>, repeated: Repeated) -> Functions {
    let program = ground.resolver.program;
    let keys = ground.facts.iter().flat_map(|it| &it.keys);
    let asked: BTreeSet<ItemId> = keys.flat_map(|it| &it.targets).copied().collect();
    let mut plain = HashSet::default();
    let mut functions = Functions::default();
    let mut open_traits = OpenTraits::new(ground.resolver);
    let mut closures = Closures::new(ground.network);
    let mut signer = Signer::new(program, ground.facts, ground.digests, ground.hidden);
    let inventory = Inventory::new(ground);
    // Items with findings that go into the ledger.
    let mut found = FixedBitSet::with_capacity(program.items.len());
    for id in program.item_ids() {
        let item = program.item(id);
        let krate = program.krate_of_item(id);
        let Some(target) = ground.targets.iter().position(|it| it.krate == krate) else { continue };
        let Some((signature, _, attributes)) = item.function() else { continue };
        let memos = attribute::memos(attributes, &|it| ground.resolver.is_memo(item.module, it));
        let memo = memos.first();
        // Plain builds come first.
        let place =
            (&ground.targets[target].target.root, &item.path, item.file, item.line, item.column);
        let is_repeated = match ground.targets[target].build {
            Build::Any | Build::Plain => {
                plain.insert(place);
                false
            }
            Build::Test => plain.contains(&place),
        };
        let is_needed = memo.is_some() || asked.contains(&id);
        if is_repeated && repeated == Repeated::Needed && !is_needed {
            continue;
        }
        let reached = &closures.items(id);
        let krates = inventory.krates(krate, reached);
        let units = inventory.units(krate, reached, &krates);
        let (variables, unknown) = inventory.variables(krate, reached);
        // Nothing is built on top of other targets than libraries.
        let is_library = ground.targets[target].target.kind == TargetKind::Lib;
        let open = is_library.then(|| open_traits.among_arguments(id)).flatten();
        let place = item.place();
        let open = open.map(|what| (id, Finding { kind: Kind::OpenTrait, what, place }));
        let patched = units.iter().filter(|it| program.patched.contains(*it)).cloned();
        let patched: Vec<_> = patched.collect();
        let mut own: Vec<_> = unknown.into_iter().chain(open).collect();
        let is_generic = type_parameter::is_generic(program, id);
        let has_loose_ends = is_generic
            || own.iter().any(|(_, it)| it.kind.needs_executable())
            || !reached.is_disjoint(&inventory.without_end);
        let kind = Kind::PatchedDependency;
        own.extend(patched.iter().map(|it| (id, Finding { kind, what: it.clone(), place })));
        if memo.is_some() || !is_repeated {
            found.extend(reached.intersection(&inventory.with_findings));
            functions.findings.extend(own.iter().cloned());
        }
        functions.all.push(Function {
            item: id,
            target,
            signature: signer.sign(id, reached, &krates),
            findings: match memo {
                Some(_) => inventory.findings(reached).chain(own).collect(),
                None => BTreeSet::new(),
            },
            has_loose_ends,
            patched,
            variables,
            mentions_cfg: !reached.is_disjoint(&inventory.mentioning_cfg),
            is_generic,
            is_memoized: memo.is_some(),
            allowed: attribute::allowed(&memos),
            environment: attribute::environment(&memos),
            has_environment: memos.iter().any(attribute::has_environment),
            is_ambiguous: memos.len() > 1,
            krates,
            units,
            parameters: parameters(signature, &memo.map(attribute::marks).unwrap_or_default()),
            reached: if is_needed { closures.steps(id) } else { Reached::default() },
            is_repeated,
        });
    }
    functions.findings.extend(inventory.findings(&found));
    functions
}

fn parameters(signature: &syn::Signature, marks: &[(String, char)]) -> Vec<String> {
    let mut names = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        let name = match input {
            syn::FnArg::Receiver(_) => "self".to_owned(),
            syn::FnArg::Typed(it) => match &*it.pat {
                syn::Pat::Ident(it) if it.subpat.is_none() && it.by_ref.is_none() => {
                    extract::plain_name(&it.ident.to_string())
                }
                _ => index.to_string(),
            },
        };
        let mark = marks.iter().find(|(it, _)| *it == name);
        names.push(mark.map_or_else(|| name.clone(), |(_, mark)| format!("{mark}{name}")));
    }
    names
}
