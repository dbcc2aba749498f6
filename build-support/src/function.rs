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
    environment::{self, Access, StateRead},
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
    path_text,
    program::{Item, ItemId, KrateId, Program, Syntax},
    reached::Reached,
    resolve::Resolver,
    source_signature::Signer,
    succession::succession,
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
    /// The state that is in the keys of its calls without being listed; empty unless it is memoized.
    pub(crate) reads: Vec<StateRead>,
    /// It has a `#[memo]` of its own.
    pub(crate) has_memo: bool,
    /// Another macro may write it anew before its `#[memo]` sees it.
    pub(crate) is_rewritten: bool,
    /// Its results are kept in a store that only it can tell.
    pub(crate) has_store: bool,
    /// How long its results are reused, as written.
    pub(crate) expires: Option<String>,
    /// How much of the code is in the key, as the index has it; `None` where several `#[memo]`s differ.
    pub(crate) scope: Option<String>,
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
    /// Tells whether its `#[memo]` says that a finding does not matter, or it is in the key.
    pub(crate) fn settles(&self, finding: &Finding) -> bool {
        self.allowed.contains(&finding.kind) || self.has_in_key(finding)
    }

    /// Tells whether the value of what was found is in the keys of its calls.
    pub(crate) fn has_in_key(&self, finding: &Finding) -> bool {
        let name = finding.variable();
        let name = name.as_ref().unwrap_or(&finding.what);
        let is_state = matches!(finding.kind, Kind::MutableStatic | Kind::Environment);
        let is_read = |it: &StateRead| it.name == *name && !matches!(it.access, Access::None(_));
        self.is_listed(finding) || is_state && self.reads.iter().any(is_read)
    }

    /// Tells whether `env(…)` names a static: the finding of one is its path.
    fn is_listed(&self, finding: &Finding) -> bool {
        finding.kind == Kind::MutableStatic
            && self.environment.contains(path_text::last(&finding.what))
            && !self.has_namesake(finding)
    }

    /// Tells whether it reads another static whose path, which is what its finding says, ends alike: a name in a list
    /// does not say which is meant.
    fn has_namesake(&self, finding: &Finding) -> bool {
        let name = path_text::last(&finding.what);
        let is_other = |it: &Finding| it.what != finding.what && path_text::last(&it.what) == name;
        self.findings.iter().any(|(_, it)| it.kind == Kind::MutableStatic && is_other(it))
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

/// A function that is followed.
struct Start {
    id: ItemId,
    krate: KrateId,
    target: usize,
    memos: Vec<syn::Attribute>,
    /// Another macro may write it anew before `#[memo]` sees it.
    is_rewritten: bool,
    /// It or a closure in it is.
    is_memoized: bool,
    /// It is memoized or its key is asked for.
    is_needed: bool,
    is_repeated: bool,
}

/// Follows every function of the targets, as far as someone asks for it.
pub(crate) fn functions(ground: &Ground<'_, '_>, repeated: Repeated) -> Functions {
    let program = ground.resolver.program;
    let mut closures = Closures::new(ground.network);
    let mut maker = Maker::new(ground);
    let starts = starts(ground, repeated);
    let held = (MAX_HELD / program.items.len().max(1)).max(1);
    for starts in starts.chunk_by(|a, b| a.krate == b.krate).flat_map(|it| it.chunks(held)) {
        let reached: Vec<_> = starts.iter().map(|it| closures.items(it.id)).collect();
        let mut made: Vec<_> = starts.iter().map(|_| None).collect();
        for number in succession(&reached) {
            let start = &starts[number];
            let steps = if start.is_needed { closures.steps(start.id) } else { Reached::default() };
            made[number] = Some(maker.function(start, &reached[number], steps));
        }
        maker.functions.all.extend(made.into_iter().flatten());
    }
    let mut functions = maker.functions;
    functions.findings.extend(maker.inventory.findings(&maker.found));
    functions
}

/// How many bits there may be in the sets of items that are put in order together.
const MAX_HELD: usize = 1 << 30;

fn starts(ground: &Ground<'_, '_>, repeated: Repeated) -> Vec<Start> {
    let program = ground.resolver.program;
    let keys = ground.facts.iter().flat_map(|it| &it.keys);
    let asked: BTreeSet<ItemId> = keys.flat_map(|it| &it.targets).copied().collect();
    let mut plain = HashSet::default();
    let mut starts = Vec::new();
    for id in program.item_ids() {
        let item = program.item(id);
        let krate = program.krate_of_item(id);
        let Some(target) = ground.targets.iter().position(|it| it.krate == krate) else { continue };
        let Some((_, _, attributes)) = item.function() else { continue };
        let memos = attribute::memos(attributes, &|it| ground.resolver.is_memo(item.module, it));
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
        let is_memoized = !memos.is_empty() || !ground.facts[id.index()].closures.is_empty();
        let is_needed = is_memoized || asked.contains(&id);
        if !is_repeated || repeated == Repeated::All || is_needed {
            let is_memo = |it: &syn::Attribute| ground.resolver.is_memo(item.module, it.path());
            let around = item.parent.map(|it| program.item(it).attributes()).unwrap_or_default();
            let above = attributes.iter().take_while(|it| !is_memo(it));
            let is_rewritten = around.iter().chain(above).any(|it| {
                let added = crate::cfg_attr::flattened(it);
                added.iter().any(|it| !attribute::is_built_in(it) && !is_memo(it))
            });
            starts.push(Start {
                id,
                krate,
                target,
                memos,
                is_rewritten,
                is_memoized,
                is_needed,
                is_repeated,
            });
        }
    }
    starts
}

/// Makes one function after another.
struct Maker<'a, 'p> {
    ground: &'a Ground<'a, 'p>,
    open_traits: OpenTraits<'a, 'p>,
    signer: Signer<'a>,
    inventory: Inventory<'a>,
    /// Items whose findings go into the ledger.
    found: FixedBitSet,
    functions: Functions,
}

impl<'a, 'p> Maker<'a, 'p> {
    fn new(ground: &'a Ground<'a, 'p>) -> Self {
        let program = ground.resolver.program;
        Self {
            ground,
            open_traits: OpenTraits::new(ground.resolver),
            signer: Signer::new(program, ground.facts, ground.digests, ground.hidden),
            inventory: Inventory::new(ground),
            found: FixedBitSet::with_capacity(program.items.len()),
            functions: Functions::default(),
        }
    }

    /// Makes a function of what it reaches; the steps there go into it as they are.
    fn function(&mut self, start: &Start, reached: &FixedBitSet, steps: Reached) -> Function {
        let (ground, inventory, id) = (self.ground, &self.inventory, start.id);
        let program = ground.resolver.program;
        let item = program.item(id);
        let memo = start.memos.first();
        let krates = inventory.krates(start.krate, reached);
        let units = inventory.units(start.krate, reached, &krates);
        let (variables, unknown) = inventory.variables(start.krate, reached);
        // Nothing is built on top of other targets than libraries.
        let is_library = ground.targets[start.target].target.kind == TargetKind::Lib;
        let open = is_library.then(|| self.open_traits.among_arguments(id)).flatten();
        let place = item.place();
        let open = open.map(|what| (id, Finding { kind: Kind::OpenTrait, what, place }));
        let is_open = open.is_some();
        let patched = units.iter().filter(|it| program.patched.contains(*it)).cloned();
        let patched: Vec<_> = patched.collect();
        let mut own: Vec<_> = unknown.into_iter().chain(open).collect();
        let is_generic = ground.network.node(id).is_generic;
        let has_loose_ends = is_generic
            || own.iter().any(|(_, it)| it.kind.needs_executable())
            || !reached.is_disjoint(&inventory.without_end);
        let kind = Kind::PatchedDependency;
        let is_async = item.function().is_some_and(|(it, _, _)| it.asyncness.is_some());
        if start.is_memoized {
            own.extend(inventory.thread_locals(is_async, reached));
            if is_library && (is_generic || is_open) && is_public(program, id) {
                let kind = Kind::OpenState;
                own.push((id, Finding { kind, what: item.path.clone(), place }));
            }
        }
        own.extend(patched.iter().map(|it| (id, Finding { kind, what: it.clone(), place })));
        if start.is_memoized || !start.is_repeated {
            self.found.union_with(reached);
            self.functions.findings.extend(own.iter().cloned());
        }
        let scope = attribute::scope(&start.memos);
        let marks = memo.map(attribute::marks).unwrap_or_default();
        let mut function = Function {
            item: id,
            target: start.target,
            signature: self.signer.sign(id, reached, &krates),
            findings: if start.is_memoized {
                // What widens no key is no finding.
                let is_deep = scope.as_deref().is_none_or(|it| it == "deep");
                let found = inventory.findings(reached).chain(own);
                found.filter(|(_, it)| is_deep || !it.kind.needs_executable()).collect()
            } else {
                BTreeSet::new()
            },
            has_loose_ends,
            patched,
            variables,
            mentions_cfg: !reached.is_disjoint(&inventory.mentioning_cfg),
            is_generic,
            is_memoized: start.is_memoized,
            allowed: attribute::allowed(&start.memos),
            environment: attribute::environment(&start.memos),
            has_environment: start.memos.iter().any(attribute::has_environment),
            has_memo: memo.is_some(),
            is_rewritten: start.is_rewritten,
            has_store: start.memos.iter().any(attribute::has_store),
            expires: memo.and_then(attribute::expires),
            scope,
            is_ambiguous: start.memos.len() > 1,
            krates,
            units,
            parameters: parameters(item, &marks),
            reached: steps,
            is_repeated: start.is_repeated,
            reads: Vec::new(),
        };
        let unlisted = function.findings.iter().filter(|(_, it)| !function.settles(it));
        function.reads = environment::reads(ground, item.module, unlisted);
        function
    }
}

/// Tells whether other packages can call a function, as far as its own visibility tells.
fn is_public(program: &Program, id: ItemId) -> bool {
    let item = program.item(id);
    let is_of_trait = item.parent.is_some_and(|it| match &program.item(it).syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Impl(it) => it.trait_.is_some(),
            syn::Item::Trait(it) => matches!(it.vis, syn::Visibility::Public(_)),
            _ => false,
        },
        _ => false,
    });
    let visibility = match &item.syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Fn(it) => Some(&it.vis),
            _ => None,
        },
        Syntax::ImplMember(it) => match &**it {
            syn::ImplItem::Fn(it) => Some(&it.vis),
            _ => None,
        },
        _ => None,
    };
    is_of_trait || visibility.is_some_and(|it| matches!(it, syn::Visibility::Public(_)))
}

fn parameters(function: &Item, marks: &[(String, char)]) -> Vec<String> {
    let mut names = Vec::new();
    let Some((signature, _, _)) = function.function() else { return names };
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
