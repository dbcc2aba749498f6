//! Which crates an analysis is of: a package goes in, the crates of its wanted targets and of its
//! path dependencies come out, each told what it can name. Must not look into the items.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    cfg::Configuration,
    error::Error,
    extract::{self, Origin},
    package::{Package, Target, TargetKind},
    program::{Extern, KrateId, Program},
    published::Published,
    source::{FileId, plain},
};

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

/// Tells whether a crate depends on `cfg(test)`, as far as its code was expanded by now.
pub(crate) fn depends_on_test(program: &Program, krate: KrateId) -> bool {
    program.krates[krate.index()].configuration.asks_for_test() || mentions_test(program, krate)
}

/// Tells whether a crate's sources speak of `cfg(test)` where nothing evaluates it yet, such as in the
/// body of a macro.
fn mentions_test(program: &Program, krate: KrateId) -> bool {
    program.krates[krate.index()].files.iter().any(|it| {
        let text = program.sources.get(*it).text().unwrap_or_default();
        text.contains("cfg") && text.contains("test")
    })
}

/// From manifests to crates: the targets of a package, and the libraries that they depend on.
pub(crate) struct Loader<'a> {
    /// Of the package itself.
    configuration: Configuration,
    published: &'a Published,
    /// Every target has a crate for test builds, whether it seems to need one or not.
    tells_tests_apart: bool,
    pub(crate) program: Program,
    /// Libraries of path dependencies by their package's folder.
    libraries: BTreeMap<PathBuf, Option<KrateId>>,
    pub(crate) folders: BTreeSet<PathBuf>,
    pub(crate) manifests: BTreeSet<PathBuf>,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(
        configuration: Configuration,
        published: &'a Published,
        program: Program,
        tells_tests_apart: bool,
    ) -> Self {
        Self {
            configuration,
            published,
            tells_tests_apart,
            program,
            libraries: BTreeMap::new(),
            folders: BTreeSet::new(),
            manifests: BTreeSet::new(),
        }
    }

    pub(crate) fn targets(
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
            let krate = self.target(package, target, &externs, is_always_test);
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
            } else if self.tells_tests_apart || depends_on_test(&self.program, krate) {
                add(krate, Build::Plain);
                let krate = self.target(package, target, &externs, true);
                add(krate, Build::Test);
            } else {
                add(krate, Build::Any);
            }
            self.program.parsed.clear();
        }
        Ok(targets)
    }

    fn target(
        &mut self,
        package: &Package,
        target: &Target,
        externs: &BTreeMap<String, Extern>,
        is_test: bool,
    ) -> KrateId {
        let configuration = self.configuration.for_test(is_test);
        let origin = Origin {
            edition: package.edition,
            configuration,
            is_own: true,
            has_build_script: package.has_build_script,
            is_read_again: !is_test,
        };
        let krate = extract::krate(&mut self.program, target, origin);
        self.connect(krate, externs.clone(), package);
        krate
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
        krate.published = self.published.dependencies(package);
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
            is_read_again: false,
        };
        let krate = extract::krate(&mut self.program, &target, origin);
        self.libraries.insert(folder.to_owned(), Some(krate));
        let externs = self.externs(&package)?;
        self.connect(krate, externs, &package);
        Ok(Some(krate))
    }
}
