//! What is known of one function: its signature, what it reaches and finds there, and what its
//! attribute says. Facts and digests go in; must not read sources again, or judge what is tolerated.

use std::collections::BTreeSet;

use crate::{
    analysis::Repeated,
    attribute,
    closure::{Graph, Reached},
    digest::Digest,
    extract,
    facts::Finding,
    kind::Kind,
    loader::{AnalysedTarget, Build},
    merkle::Digests,
    open_trait,
    package::TargetKind,
    program::{Extern, ItemId, KrateId},
    resolve::Resolver,
    source_signature, type_parameter,
};

/// A function of one of the package's targets.
pub(crate) struct Function {
    pub(crate) item: ItemId,
    /// Index among the targets.
    pub(crate) target: usize,
    pub(crate) signature: Digest,
    pub(crate) reached: Reached,
    pub(crate) findings: BTreeSet<(ItemId, Finding)>,
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
        let needs = |it: &Finding| {
            let is_relaxed = it.kind == Kind::PatchedDependency && is_relaxed(&it.what);
            it.kind.needs_executable() && !is_relaxed
        };
        self.is_generic || self.findings.iter().any(|(_, it)| needs(it))
    }
}

/// Follows every function of the targets, as far as someone asks for it.
pub(crate) fn functions(
    resolver: &Resolver<'_>,
    graph: &Graph<'_, '_>,
    digests: &Digests,
    targets: &[AnalysedTarget],
    repeated: Repeated,
) -> Vec<Function> {
    let program = graph.program;
    let asked: BTreeSet<ItemId> =
        graph.facts.iter().flat_map(|it| &it.keys).flat_map(|it| &it.targets).copied().collect();
    let mut plain = BTreeSet::new();
    let mut functions = Vec::new();
    for id in program.item_ids() {
        let item = program.item(id);
        let krate = program.krate_of_item(id);
        let Some(target) = targets.iter().position(|it| it.krate == krate) else { continue };
        let Some((signature, _, attributes)) = item.function() else { continue };
        let memos = attribute::memos(attributes, &|it| resolver.is_memo(item.module, it));
        let memo = memos.first();
        // Plain builds come first.
        let place = (&targets[target].target.root, &item.path, item.file, item.line, item.column);
        let is_repeated = match targets[target].build {
            Build::Any | Build::Plain => {
                plain.insert(place);
                false
            }
            Build::Test => plain.contains(&place),
        };
        if is_repeated && repeated == Repeated::Needed && memo.is_none() && !asked.contains(&id) {
            continue;
        }
        let reached = graph.reached_from(id);
        let findings = reached.keys().flat_map(|it| {
            graph.facts[it.index()].findings.iter().map(|finding| (*it, finding.clone()))
        });
        let (variables, unknown) = variables(graph, targets, krate, &reached);
        // Nothing is built on top of other targets than libraries.
        let units = units(graph, krate, &reached);
        let patched = units.iter().filter(|it| program.patched.contains(*it)).map(|what| {
            let (what, place) = (what.clone(), item.place());
            (id, Finding { kind: Kind::PatchedDependency, what, place })
        });
        let patched: Vec<_> = patched.collect();
        let is_library = targets[target].target.kind == TargetKind::Lib;
        let open = is_library.then(|| open_trait::among_arguments(resolver, id)).flatten();
        let open =
            open.map(|what| (id, Finding { kind: Kind::OpenTrait, what, place: item.place() }));
        functions.push(Function {
            item: id,
            target,
            signature: source_signature::of(graph, digests, id, &reached),
            findings: findings.chain(unknown).chain(open).chain(patched).collect(),
            variables,
            mentions_cfg: reached.keys().any(|it| graph.facts[it.index()].mentions_cfg),
            is_generic: type_parameter::is_generic(program, id),
            is_memoized: memo.is_some(),
            allowed: attribute::allowed(&memos),
            environment: attribute::environment(&memos),
            has_environment: memos.iter().any(attribute::has_environment),
            is_ambiguous: memos.len() > 1,
            units,
            parameters: parameters(signature, &memo.map(attribute::skipped).unwrap_or_default()),
            reached,
            is_repeated,
        });
    }
    functions
}

/// Returns the crates, by the names that the start's crate has for them, whose build units decide
/// what the reached code does.
fn units(graph: &Graph<'_, '_>, krate: KrateId, reached: &Reached) -> BTreeSet<String> {
    let program = graph.program;
    let mut units = BTreeSet::new();
    let mut others = BTreeSet::new();
    for id in reached.keys() {
        let of = program.krate_of_item(*id);
        if of == krate {
            units.extend(graph.facts[id.index()].units.iter().cloned());
        } else {
            others.insert(of);
        }
    }
    for (name, it) in &program.krates[krate.index()].externs {
        if let Extern::Local(id) = it
            && !program.visible_from(*id).is_disjoint(&others)
        {
            units.insert(name.clone());
        }
    }
    units
}

/// Returns the variables that the code reached reads at compile time: those whose values the start's
/// own compilation has, and findings for the others.
fn variables(
    graph: &Graph<'_, '_>,
    targets: &[AnalysedTarget],
    krate: KrateId,
    reached: &Reached,
) -> (BTreeSet<String>, Vec<(ItemId, Finding)>) {
    let (mut known, mut unknown) = (BTreeSet::new(), Vec::new());
    for id in reached.keys() {
        let of = graph.program.krate_of_item(*id);
        let is_of_package = targets.iter().any(|it| it.krate == of);
        for (name, place) in &graph.facts[id.index()].variables {
            if of == krate || is_of_package && !differs_by_target(name) {
                known.insert(name.clone());
            } else {
                let what = format!("env!({name:?})");
                let kind = Kind::ForeignVariable;
                unknown.push((*id, Finding { kind, what, place: *place }));
            }
        }
    }
    (known, unknown)
}

/// Tells whether cargo gives the targets of one package different values.
fn differs_by_target(variable: &str) -> bool {
    matches!(variable, "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_TARGET_TMPDIR")
        || variable.starts_with("CARGO_BIN_EXE_")
}

fn parameters(signature: &syn::Signature, skipped: &[String]) -> Vec<String> {
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
        let is_skipped = skipped.contains(&name);
        names.push(if is_skipped { format!("-{name}") } else { name });
    }
    names
}
