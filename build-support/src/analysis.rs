//! The stages in order: from a package's folder to what is known of each of its functions.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;

use crate::{
    attribute,
    cfg::Configuration,
    closure::{self, Graph, Reached},
    digest::{Digest, Fields},
    entry_point,
    error::Error,
    extract::{self, Origin},
    facts::{Facts, Finding},
    kind::Kind,
    lock,
    members::Members,
    merkle::{self, Digests, RECIPE_VERSION},
    open_trait,
    package::{Dependency, Package, Target, TargetKind},
    program::{Extern, ItemId, ItemKind, KrateId, Program},
    reference::{self, Lookup},
    resolve::Resolver,
    settle,
    source::{FileId, Sources, plain},
    static_macro,
    token_scan::Scan,
};

/// What is known of a package after the analysis.
pub(crate) struct Analysis {
    pub(crate) program: Program,
    pub(crate) targets: Vec<AnalysedTarget>,
    pub(crate) functions: Vec<Function>,
    pub(crate) keys: Vec<Key>,
    pub(crate) digests: Digests,
    /// Normalised sources, by item.
    pub(crate) normalised: Vec<String>,
    /// Folders whose files decide what the sources are.
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) manifests: BTreeSet<PathBuf>,
}

pub(crate) struct AnalysedTarget {
    pub(crate) target: Target,
    pub(crate) krate: KrateId,
    pub(crate) build: Build,
    /// Every file that the target's signatures depend on.
    pub(crate) files: BTreeSet<FileId>,
}

/// Which compilations of a target an analysis is of: code can depend on `cfg(test)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// With and without `--test`, which makes no difference.
    Any,
    Plain,
    Test,
}

impl Build {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Plain => "plain",
            Self::Test => "test",
        }
    }
}

/// What of a package is analysed.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) is_wanted: IsWanted,
    pub(crate) repeated: Repeated,
}

/// Which functions of test builds are followed that plain builds have too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeated {
    /// Those that keys are asked for.
    Needed,
    All,
}

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
        self.is_generic || self.findings.iter().any(|(_, it)| it.kind.needs_executable())
    }
}

/// A `memo_key!` of one of the package's targets.
pub(crate) struct Key {
    pub(crate) target: usize,
    pub(crate) file: FileId,
    pub(crate) site: crate::facts::KeySite,
}

/// Analyses the wanted targets of the package in a folder.
pub(crate) fn analyse(
    folder: &Path,
    out_dir: Option<&Path>,
    configuration: Configuration,
    scope: Scope,
) -> Result<Analysis, Error> {
    let package = Package::read(folder)?;
    let release = configuration.release.as_deref();
    let program = Program {
        sources: Sources::new(folder, out_dir),
        has_other_std: release.is_some_and(|it| it != entry_point::release()),
        ..Program::default()
    };
    let mut loader = Loader {
        configuration,
        program,
        libraries: BTreeMap::new(),
        folders: BTreeSet::new(),
        manifests: BTreeSet::new(),
    };
    let targets = loader.targets(&package, scope.is_wanted)?;
    let Loader { mut program, folders, mut manifests, .. } = loader;
    // A lock that can't be read is cargo's to complain about.
    if let Ok((folder, lock)) = lock::root(&package) {
        let is_patched = |it: &Dependency| lock.is_patched(&it.package, it.path.is_some());
        let patched = package.dependencies.iter().filter(|(_, it)| is_patched(it));
        program.patched = patched.map(|(name, _)| name.clone()).collect();
        let files = ["Cargo.lock", "Cargo.toml"].map(|it| folder.join(it));
        manifests.extend(files.into_iter().filter(|it| it.is_file()));
    }
    settle::settle(&mut program);
    let included = included_files(&mut program);
    let (facts, digests, normalised, functions) = {
        let resolver = Resolver::new(&program);
        let members = Members::new(&resolver);
        let lookup = Lookup {
            resolver: &resolver,
            members: &members,
            included: &included,
            sources: &program.sources,
        };
        let facts: Vec<Facts> =
            program.item_ids().map(|id| reference::facts(&lookup, id)).collect();
        let normalised = merkle::sources(&program);
        let digests = Digests::new(&program, &facts, &normalised);
        let graph = Graph::new(&resolver, &facts, &members);
        let functions = functions(&resolver, &graph, &digests, &targets, scope.repeated);
        (facts, digests, normalised, functions)
    };
    let mut keys = Vec::new();
    for id in program.item_ids() {
        let krate = program.krate_of_item(id);
        for (target, _) in targets.iter().enumerate().filter(|(_, it)| it.krate == krate) {
            for site in &facts[id.index()].keys {
                keys.push(Key { target, file: program.item(id).file, site: site.clone() });
            }
        }
    }
    let targets = targets
        .into_iter()
        .map(|mut it| {
            for krate in program.visible_from(it.krate) {
                it.files.extend(program.krates[krate.index()].files.iter().copied());
            }
            it.files.extend(included.values().copied());
            it
        })
        .collect();
    Ok(Analysis { program, targets, functions, keys, digests, normalised, folders, manifests })
}

struct Loader {
    /// Of the package itself.
    configuration: Configuration,
    program: Program,
    /// Libraries of path dependencies by their package's folder.
    libraries: BTreeMap<PathBuf, Option<KrateId>>,
    folders: BTreeSet<PathBuf>,
    manifests: BTreeSet<PathBuf>,
}

impl Loader {
    fn targets(
        &mut self,
        package: &Package,
        is_wanted: IsWanted,
    ) -> Result<Vec<AnalysedTarget>, Error> {
        let externs = self.externs(package)?;
        self.manifests.insert(package.folder.join("Cargo.toml"));
        let mut targets = Vec::new();
        let mut library = None;
        for target in &package.targets {
            if !is_wanted(package, target) {
                continue;
            }
            let mut externs = externs.clone();
            let is_library = matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro);
            if let Some((name, library)) = library.clone().filter(|_| !is_library) {
                externs.insert(name, Extern::Local(library));
            }
            // Integration tests are compiled with `--test` only.
            let is_always_test = target.kind == TargetKind::Test;
            let (krate, configuration) = self.target(package, target, &externs, is_always_test);
            if is_library {
                library = Some((target.name.clone(), krate));
            }
            if is_library || target.kind == TargetKind::Bin {
                self.folders.extend(target.root.parent().map(Path::to_owned));
            }
            let mut add = |krate, build| {
                let target = target.clone();
                targets.push(AnalysedTarget { target, krate, build, files: BTreeSet::new() });
            };
            if is_always_test {
                add(krate, Build::Test);
            } else if configuration.asks_for_test() || self.mentions_test(krate) {
                add(krate, Build::Plain);
                let (krate, _) = self.target(package, target, &externs, true);
                add(krate, Build::Test);
            } else {
                add(krate, Build::Any);
            }
        }
        Ok(targets)
    }

    fn target(
        &mut self,
        package: &Package,
        target: &Target,
        externs: &BTreeMap<String, Extern>,
        is_test: bool,
    ) -> (KrateId, Configuration) {
        let configuration = self.configuration.for_test(is_test);
        let origin = Origin {
            edition: package.edition,
            configuration: configuration.clone(),
            is_own: true,
            has_build_script: package.has_build_script,
        };
        let krate = extract::krate(&mut self.program, target, origin);
        self.connect(krate, externs.clone(), package);
        (krate, configuration)
    }

    /// Tells whether a crate's sources speak of `cfg(test)` where nothing evaluates it yet, such as
    /// in the body of a macro.
    fn mentions_test(&self, krate: KrateId) -> bool {
        self.program.krates[krate.index()].files.iter().any(|it| {
            let text = self.program.sources.get(*it).text().unwrap_or_default();
            text.contains("cfg") && text.contains("test")
        })
    }

    fn externs(&mut self, package: &Package) -> Result<BTreeMap<String, Extern>, Error> {
        let mut externs = BTreeMap::new();
        for (name, dependency) in &package.dependencies {
            // Perennial itself computes no results; its build unit stands for it.
            let ours = ["perennial", "perennial-build", "perennial-macros"];
            let is_ours = ours.contains(&dependency.package.as_str());
            let local = match &dependency.path {
                Some(path) if !is_ours => self.library(&plain(path))?,
                _ => None,
            };
            // Two of one name for different targets: what it is can't be told, so that its names
            // are not resolved.
            if dependency.is_ambiguous {
                continue;
            }
            // Where nothing renames it, a crate is known by the name of its library.
            let known = match local {
                Some(id) if !dependency.is_renamed => self.program.krates[id.index()].name.clone(),
                _ => name.clone(),
            };
            externs.insert(known, local.map_or(Extern::Foreign, Extern::Local));
        }
        Ok(externs)
    }

    /// Tells a crate what it can name.
    fn connect(&mut self, krate: KrateId, externs: BTreeMap<String, Extern>, package: &Package) {
        let krate = &mut self.program.krates[krate.index()];
        krate.externs = externs;
        let renamed = package.dependencies.iter().filter(|(_, it)| it.is_renamed);
        krate.renamed =
            renamed.map(|(name, it)| (name.clone(), it.package.replace('-', "_"))).collect();
        krate.perennial = package.names_of_perennial().into_iter().map(str::to_owned).collect();
    }

    /// Loads the library of a path dependency once.
    fn library(&mut self, folder: &Path) -> Result<Option<KrateId>, Error> {
        if let Some(known) = self.libraries.get(folder) {
            return Ok(*known);
        }
        // A cycle through dev-dependencies ends here.
        self.libraries.insert(folder.to_owned(), None);
        if !folder.join("Cargo.toml").is_file() {
            return Ok(None);
        }
        let package = Package::read(folder)?;
        let Some(target) = package.library().cloned() else { return Ok(None) };
        self.manifests.insert(folder.join("Cargo.toml"));
        self.folders.extend(target.root.parent().map(Path::to_owned));
        let origin = Origin {
            edition: package.edition,
            configuration: self.configuration.of_dependency(),
            is_own: false,
            has_build_script: package.has_build_script,
        };
        let krate = extract::krate(&mut self.program, &target, origin);
        self.libraries.insert(folder.to_owned(), Some(krate));
        let externs = self.externs(&package)?;
        self.connect(krate, externs, &package);
        Ok(Some(krate))
    }
}

/// Which targets are analysed.
pub(crate) type IsWanted = fn(&Package, &Target) -> bool;

/// Tests, examples and benches count only where one beside them speaks of perennial: each file
/// that the build watches is one whose change rebuilds the library.
pub(crate) fn may_memoize(package: &Package, target: &Target) -> bool {
    if matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro | TargetKind::Bin) {
        return true;
    }
    let names = package.names_of_perennial();
    let folder = target.root.parent().unwrap_or(&package.folder);
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|it| it.path().extension().is_some_and(|it| it == "rs"))
        .filter_map(|it| std::fs::read_to_string(it.path()).ok())
        .any(|text| names.iter().any(|name| text.contains(name)))
}

/// Reads the files that `include!`, `include_str!` and `include_bytes!` name, wherever in the tokens
/// of an item, and those that these include in turn.
fn included_files(program: &mut Program) -> BTreeMap<PathBuf, FileId> {
    let mut queue = Vec::new();
    for item in &program.items {
        let file = program.sources.get(item.file);
        if !item.is_expanded && !file.text().is_some_and(|it| it.contains("include")) {
            continue;
        }
        let out_dir = program.sources.out_dir().filter(|_| program.krate_of(item.module).is_own);
        let base = file.path.parent().unwrap_or(Path::new(""));
        let named = files_named_in(item.tokens(), out_dir);
        queue.extend(named.map(|it| plain(&base.join(it))));
    }
    let mut found = BTreeMap::new();
    while let Some(path) = queue.pop() {
        if found.contains_key(&path) {
            continue;
        }
        let id = program.sources.read(&path);
        let text = program.sources.get(id).text().filter(|it| it.contains("include"));
        if let Some(tokens) = text.and_then(|it| it.parse().ok()) {
            let base = path.parent().unwrap_or(Path::new(""));
            let named = files_named_in(tokens, program.sources.out_dir());
            queue.extend(named.map(|it| plain(&base.join(it))));
        }
        found.insert(path, id);
    }
    found
}

fn files_named_in(tokens: TokenStream, out_dir: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    let calls = Scan::of(tokens).files.into_iter();
    let named: Vec<_> = calls
        .filter(|(name, _)| name.starts_with("include"))
        .filter_map(|(_, tokens)| static_macro::file_name(&tokens, out_dir))
        .collect();
    named.into_iter()
}

fn functions(
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
            signature: source_signature(graph, digests, id, &reached),
            findings: findings.chain(unknown).chain(open).chain(patched).collect(),
            variables,
            mentions_cfg: reached.keys().any(|it| graph.facts[it.index()].mentions_cfg),
            is_generic: closure::is_generic(program, id),
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

/// The source signature of a function. Hashed in this order:
///
/// 1. the recipe's name and version; 2. the start's Merkle digest; 3. the sorted Merkle digests of
///    everything that it reaches; 4. the attributes of the crates that it reaches, sorted; 5. where
///    two types, traits or statics that it reaches look the same, the graph by paths, since then
///    digests alone don't tell which is meant.
fn source_signature(
    graph: &Graph<'_, '_>,
    digests: &Digests,
    start: ItemId,
    reached: &Reached,
) -> Digest {
    let mut fields = Fields::new(&format!("perennial source {RECIPE_VERSION}"));
    fields.digest(digests.merkle[start.index()]);
    let mut all: Vec<_> = reached.keys().map(|it| digests.merkle[it.index()]).collect();
    all.sort_unstable();
    all.dedup();
    fields.count(all.len());
    all.iter().for_each(|it| fields.digest(*it));
    let krates: BTreeSet<_> = reached.keys().map(|it| graph.program.krate_of_item(*it)).collect();
    let attributes: BTreeSet<_> =
        krates.iter().map(|it| &graph.program.krates[it.index()].attributes).collect();
    fields.count(attributes.len());
    attributes.into_iter().for_each(|it| fields.text(it));
    let shows_paths = reached.keys().any(|it| graph.facts[it.index()].shows_paths);
    if shows_paths || has_twins(graph, digests, reached) {
        let place = |id: &ItemId| {
            let line = || Digest::of_bytes(path_line(graph, digests, *id).as_bytes());
            *digests.placed[id.index()].get_or_init(line)
        };
        let mut lines: Vec<_> = reached.keys().map(place).collect();
        lines.sort_unstable();
        fields.count(lines.len());
        lines.iter().for_each(|it| fields.digest(*it));
    }
    fields.finish()
}

/// Tells whether two different types, traits or statics among those reached have one digest.
fn has_twins(graph: &Graph<'_, '_>, digests: &Digests, reached: &Reached) -> bool {
    let mut seen = BTreeSet::new();
    reached
        .keys()
        .filter(|it| {
            let kind = graph.program.item(**it).kind;
            matches!(
                kind,
                ItemKind::Type | ItemKind::Trait | ItemKind::Static | ItemKind::MacroCall
            )
        })
        .any(|it| !seen.insert(digests.merkle[it.index()]))
}

/// Writes an item with the paths of all that it evidently refers to.
fn path_line(graph: &Graph<'_, '_>, digests: &Digests, id: ItemId) -> String {
    use crate::facts::Endpoint;
    let facts = &graph.facts[id.index()];
    let mut line = format!("{} {}", graph.program.item(id).path, digests.own[id.index()]);
    for edge in &facts.edges {
        let targets: BTreeSet<_> = edge
            .targets
            .iter()
            .map(|it| match it {
                Endpoint::Item(id) => graph.program.item(*id).path.clone(),
                Endpoint::Path(path) => path.clone(),
            })
            .collect();
        let _ = write!(line, "\n{} -> {}", edge.label, Vec::from_iter(targets).join(" "));
    }
    for id in &facts.traits_in_scope.0 {
        let _ = write!(line, "\ntrait {}", graph.program.item(*id).path);
    }
    line
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
