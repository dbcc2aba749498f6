//! The stages in order: from a package's folder to what is known of each of its functions.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use crate::{
    cargo_home::CargoHome,
    cfg::Configuration,
    collector::Lookup,
    entry_point,
    error::Error,
    facts::{ClosureStart, Facts},
    function::{self, Functions, Ground},
    hidden::Hidden,
    included_file, initialiser,
    loader::{self, AnalysedTarget, Build, IsWanted, Loader},
    lock::{self, Lock},
    members::Members,
    merkle::{self, Digests},
    network::Network,
    numbering,
    package::{Dependency, Package, TargetKind},
    program::{ItemId, Program},
    published::Published,
    reference,
    resolve::Resolver,
    settle,
    source::{FileId, Sources},
};

/// What is known of a package after the analysis.
pub(crate) struct Analysis {
    pub(crate) program: Program,
    pub(crate) targets: Vec<AnalysedTarget>,
    pub(crate) functions: Functions,
    pub(crate) network: Arc<Network>,
    pub(crate) keys: Vec<Key>,
    pub(crate) closures: Vec<ClosureSite>,
    pub(crate) digests: Digests,
    /// Normalised sources, by item.
    pub(crate) normalised: Vec<String>,
    /// Folders whose files decide what the sources are.
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) manifests: BTreeSet<PathBuf>,
    /// The lock file, with the folder where it lies.
    pub(crate) lock: Result<(PathBuf, Rc<Lock>), Error>,
}

/// Folders that cargo knows, as far as they are told.
#[derive(Clone, Copy, Default)]
pub(crate) struct Folders<'a> {
    pub(crate) out_dir: Option<&'a Path>,
    /// `CARGO_HOME`.
    pub(crate) home: Option<&'a Path>,
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

/// A `memo_key!` or `memo_call!` of one of the package's targets.
pub(crate) struct Key {
    pub(crate) target: usize,
    pub(crate) file: FileId,
    pub(crate) site: crate::facts::KeySite,
}

/// A `memo_fn!` in a function of one of the package's targets.
pub(crate) struct ClosureSite {
    pub(crate) target: usize,
    /// The function that it stands in.
    pub(crate) function: ItemId,
    /// Which of those in the function it is.
    pub(crate) number: usize,
    pub(crate) start: ClosureStart,
}

/// Analyses the wanted targets of the package in a folder.
pub(crate) fn analyse(
    folder: &Path,
    cargo: Folders<'_>,
    configuration: &Configuration,
    scope: Scope,
) -> Result<Analysis, Error> {
    let package = Package::read(folder)?;
    let lock = lock::root(&package).map(|(root, lock)| (root, Rc::new(lock)));
    // One that can't be read is cargo's to complain about.
    let (root, locked) = match &lock {
        Ok((root, lock)) => (root.clone(), Rc::clone(lock)),
        Err(_) => (package.folder.clone(), Rc::default()),
    };
    let is_patched = |it: &Dependency| locked.is_patched(&it.package, it.path.is_some());
    let dependencies = package.dependencies.iter().filter(|(_, it)| is_patched(it));
    let patched = dependencies.map(|(name, _)| name.clone()).collect();
    let home = cargo.home.map(CargoHome::of);
    let published = Published::of(home, &root, Rc::clone(&locked), &package, cargo.out_dir);
    let mut of_lock = ["Cargo.lock", "Cargo.toml"].map(|it| root.join(it)).to_vec();
    of_lock.extend(published.configurations().iter().cloned());
    let read = |tells_tests_apart| {
        let release = configuration.release.as_deref();
        let program = Program {
            sources: Sources::new(folder, cargo.out_dir),
            has_other_std: release.is_some_and(|it| it != entry_point::release()),
            ..Program::default()
        };
        let mut loader = Loader::new(configuration.clone(), &published, program, tells_tests_apart);
        let targets = loader.targets(&package, scope.is_wanted)?;
        settle::settle(&mut loader.program);
        Ok((loader, targets))
    };
    let (mut loader, mut targets) = read(false)?;
    // An expansion may tell test builds from others where the sources don't.
    let is_told_apart = |it: &AnalysedTarget| {
        it.build == Build::Any && loader::depends_on_test(&loader.program, it.krate)
    };
    if targets.iter().any(is_told_apart) {
        (loader, targets) = read(true)?;
    }
    let Loader { mut program, folders, mut manifests, .. } = loader;
    program.patched = patched;
    program.is_lock_certain = published.is_certain;
    manifests.extend(of_lock.into_iter().filter(|it| it.is_file()));
    let included = included_file::read(&mut program);
    let (facts, digests, normalised, functions, network) = {
        let resolver = Resolver::new(&program);
        let members = Members::new(&resolver);
        let lookup = Lookup {
            resolver: &resolver,
            members: &members,
            included: &included,
            sources: &program.sources,
        };
        let mut facts: Vec<Facts> =
            program.item_ids().map(|id| reference::facts(&lookup, id)).collect();
        let normalised = merkle::sources(&program);
        let digests = Digests::new(&program, &facts, &normalised);
        let network = numbering::network(&resolver, &facts, &members);
        let has_library = targets.iter().any(|it| it.target.kind == TargetKind::Lib);
        initialiser::settle(&resolver, &mut facts, &network, has_library);
        let ground = Ground {
            resolver: &resolver,
            facts: &facts,
            digests: &digests,
            network: &network,
            hidden: &Hidden::new(&resolver, &facts, &members),
            targets: &targets,
        };
        let functions = function::functions(&ground, scope.repeated);
        (facts, digests, normalised, functions, network)
    };
    let (mut keys, mut closures) = (Vec::new(), Vec::new());
    for id in program.item_ids() {
        let krate = program.krate_of_item(id);
        for (target, _) in targets.iter().enumerate().filter(|(_, it)| it.krate == krate) {
            for site in &facts[id.index()].keys {
                keys.push(Key { target, file: program.item(id).file, site: site.clone() });
            }
            for (number, start) in facts[id.index()].closures.iter().copied().enumerate() {
                closures.push(ClosureSite { target, function: id, number, start });
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
    Ok(Analysis {
        program,
        targets,
        functions,
        network: Arc::new(network),
        keys,
        closures,
        digests,
        normalised,
        folders,
        manifests,
        lock,
    })
}
