//! Stage 1: from a package's folder to its targets and dependencies, as `Cargo.toml` and cargo's
//! rules of discovery have them. Reads manifests only; never asks cargo.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use crate::error::Error;

/// A package as its manifest describes it.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) folder: PathBuf,
    pub(crate) manifest: Table,
    pub(crate) name: String,
    /// As written, or as the workspace has it.
    pub(crate) version: String,
    pub(crate) targets: Vec<Target>,
    /// By the name under which the code knows them (underscores, renames applied).
    pub(crate) dependencies: BTreeMap<String, Dependency>,
    /// The year of the edition; 2015 where the manifest names none.
    pub(crate) edition: u16,
    pub(crate) has_build_script: bool,
}

/// One crate root of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) kind: TargetKind,
    /// The crate's name, with underscores.
    pub(crate) name: String,
    pub(crate) root: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TargetKind {
    Lib,
    ProcMacro,
    Bin,
    Example,
    Test,
    Bench,
}

impl TargetKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Lib => "lib",
            Self::ProcMacro => "proc-macro",
            Self::Bin => "bin",
            Self::Example => "example",
            Self::Test => "test",
            Self::Bench => "bench",
        }
    }
}

/// A dependency as written; `path` is its folder where it is a path dependency.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) package: String,
    pub(crate) path: Option<PathBuf>,
    /// Which versions the manifest's sections accept, in words.
    pub(crate) requirements: BTreeSet<String>,
    /// The features that they ask for; `default` unless they do without.
    pub(crate) features: BTreeSet<String>,
    /// `name = { package = "other" }`
    pub(crate) is_renamed: bool,
    /// Another section gives the name to something else.
    pub(crate) is_ambiguous: bool,
}

impl Package {
    /// Reads the manifest of the package in `folder`.
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("Cargo.toml");
        let manifest = read_manifest(&path)?;
        let package = manifest
            .get("package")
            .and_then(Value::as_table)
            .ok_or_else(|| Error::manifest(&path, no_package(&manifest)))?;
        let name = package
            .get("name")
            .and_then(Value::as_str)
            .ok_or_else(|| Error::manifest(&path, "the package has no name"))?
            .to_owned();
        // `edition.workspace = true`
        let mut inherited = None;
        let mut text = |key: &str| -> Result<Option<String>, Error> {
            Ok(match package.get(key) {
                Some(Value::String(text)) => Some(text.clone()),
                Some(_) => {
                    if inherited.is_none() {
                        inherited = Some(workspace_package(folder)?.unwrap_or_default());
                    }
                    let table = inherited.as_ref();
                    table.and_then(|it| Some(it.get(key)?.as_str()?.to_owned()))
                }
                None => None,
            })
        };
        let edition = text("edition")?.and_then(|it| it.parse().ok());
        let version = text("version")?.unwrap_or_else(|| "0.0.0".to_owned());
        let has_build_script = match package.get("build") {
            Some(Value::Boolean(has)) => *has,
            Some(_) => true,
            None => folder.join("build.rs").is_file(),
        };
        Ok(Self {
            edition: edition.unwrap_or(2015),
            has_build_script,
            targets: targets(folder, &manifest, package, &name),
            dependencies: dependencies(folder, &manifest)?,
            folder: folder.to_owned(),
            name,
            version,
            manifest,
        })
    }

    /// Returns the library, if the package has one.
    pub(crate) fn library(&self) -> Option<&Target> {
        self.targets.iter().find(|it| matches!(it.kind, TargetKind::Lib | TargetKind::ProcMacro))
    }

    /// Returns the names under which this package knows the crate `perennial`.
    pub(crate) fn names_of_perennial(&self) -> Vec<&str> {
        self.dependencies
            .iter()
            .filter(|(_, dependency)| dependency.package == "perennial")
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

fn no_package(manifest: &Table) -> &'static str {
    if manifest.contains_key("workspace") {
        "there is no [package]: this is a workspace; name the Cargo.toml of one of its members"
    } else {
        "there is no [package]"
    }
}

impl Dependency {
    fn is_same(&self, other: &Self) -> bool {
        (&self.package, &self.path, self.is_renamed)
            == (&other.package, &other.path, other.is_renamed)
    }
}

pub(crate) fn read_manifest(path: &Path) -> Result<Table, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    text.parse().map_err(|error| Error::manifest(path, format!("{error}")))
}

fn targets(folder: &Path, manifest: &Table, package: &Table, name: &str) -> Vec<Target> {
    let mut targets = Vec::new();
    let auto = |key: &str| package.get(key).and_then(Value::as_bool).unwrap_or(true);
    let library = manifest.get("lib").and_then(Value::as_table);
    let text = |table: &Table, key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let root = library
        .and_then(|it| text(it, "path"))
        .map_or_else(|| folder.join("src/lib.rs"), |it| folder.join(it));
    if (library.is_some() || auto("autolib")) && root.is_file() {
        let flag = |key: &str| library.and_then(|it| it.get(key)).and_then(Value::as_bool);
        let is_proc_macro = flag("proc-macro").or_else(|| flag("proc_macro")).unwrap_or(false);
        targets.push(Target {
            kind: if is_proc_macro { TargetKind::ProcMacro } else { TargetKind::Lib },
            name: crate_name(&library.and_then(|it| text(it, "name")).unwrap_or(name.to_owned())),
            root,
        });
    }
    for (kind, section, auto_key, at) in [
        (TargetKind::Bin, "bin", "autobins", "src/bin"),
        (TargetKind::Example, "example", "autoexamples", "examples"),
        (TargetKind::Test, "test", "autotests", "tests"),
        (TargetKind::Bench, "bench", "autobenches", "benches"),
    ] {
        let (mut found, mut named) = (BTreeMap::new(), BTreeMap::new());
        if auto(auto_key) {
            if kind == TargetKind::Bin && folder.join("src/main.rs").is_file() {
                found.insert(name.to_owned(), folder.join("src/main.rs"));
            }
            found.extend(discovered(&folder.join(at)));
        }
        for table in manifest.get(section).and_then(Value::as_array).into_iter().flatten() {
            let Some(table) = table.as_table() else { continue };
            let Some(target) = text(table, "name") else { continue };
            let root = text(table, "path").map(|it| folder.join(it)).or_else(|| {
                let mut places = vec![
                    folder.join(at).join(format!("{target}.rs")),
                    folder.join(at).join(&target).join("main.rs"),
                ];
                if kind == TargetKind::Bin && target == name {
                    places.insert(0, folder.join("src/main.rs"));
                }
                places.into_iter().find(|it| it.is_file())
            });
            if let Some(root) = root.filter(|it| it.is_file()) {
                // A section that names a discovered root renames that target; several may name one.
                found.retain(|_, it| *it != root);
                named.insert(target, root);
            }
        }
        found.extend(named);
        targets.extend(found.into_iter().map(|(name, root)| Target {
            kind,
            name: crate_name(&name),
            root,
        }));
    }
    targets
}

/// Finds `x.rs` and `x/main.rs` in a folder of targets.
fn discovered(folder: &Path) -> Vec<(String, PathBuf)> {
    walkdir::WalkDir::new(folder)
        .min_depth(1)
        .max_depth(2)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let path = entry.path();
            let name = if entry.depth() == 1 {
                (path.extension()? == "rs").then(|| path.file_stem())??
            } else {
                (path.file_name()? == "main.rs").then(|| path.parent()?.file_name())??
            };
            Some((name.to_str()?.to_owned(), path.to_owned()))
        })
        .collect()
}

fn dependencies(folder: &Path, manifest: &Table) -> Result<BTreeMap<String, Dependency>, Error> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    let sections = ["dependencies", "dev-dependencies", "dev_dependencies"];
    let mut found: BTreeMap<String, Dependency> = BTreeMap::new();
    // Looked for only when a dependency says `workspace = true`.
    let mut workspace = None;
    for section in tables.iter().flat_map(|table| sections.iter().filter_map(|it| table.get(*it))) {
        for (key, value) in section.as_table().into_iter().flatten() {
            let mut base = folder.to_owned();
            let mut value = value.clone();
            // Of a dependency that the workspace describes.
            let mut added = BTreeSet::new();
            if value.get("workspace").and_then(Value::as_bool) == Some(true) {
                if workspace.is_none() {
                    workspace = Some(workspace_of(folder)?);
                }
                if let Some(Some((root, table))) = &workspace {
                    base.clone_from(root);
                    let own = features_asked(&value);
                    value = table.get(key).cloned().unwrap_or(value);
                    added.extend(own.into_iter().filter(|it| it != "default"));
                }
            }
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            let mut dependency = Dependency {
                package: text("package").unwrap_or(key).to_owned(),
                path: text("path").map(|it| base.join(it)),
                requirements: [requirement(&value)].into(),
                features: &features_asked(&value) | &added,
                is_renamed: text("package").is_some(),
                is_ambiguous: false,
            };
            if let Some(other) = found.remove(&crate_name(key)) {
                dependency.is_ambiguous = other.is_ambiguous || !dependency.is_same(&other);
                dependency.requirements.extend(other.requirements);
                dependency.features.extend(other.features);
            }
            found.insert(crate_name(key), dependency);
        }
    }
    Ok(found)
}

/// Returns the features that a dependency is asked for.
fn features_asked(value: &Value) -> BTreeSet<String> {
    let listed = value.get("features").and_then(Value::as_array).into_iter().flatten();
    let mut features: BTreeSet<_> = listed.filter_map(Value::as_str).map(str::to_owned).collect();
    let default = value.get("default-features").or_else(|| value.get("default_features"));
    if default.and_then(Value::as_bool).unwrap_or(true) {
        features.insert("default".to_owned());
    }
    features
}

/// Says which versions a dependency accepts, and where from.
fn requirement(value: &Value) -> String {
    if let Some(version) = value.as_str() {
        return version.to_owned();
    }
    let keys = ["version", "registry", "git", "branch", "tag", "rev"];
    let parts = keys.iter().filter_map(|it| Some((it, value.get(*it)?.as_str()?)));
    let parts = parts.map(|(key, text)| match *key {
        "version" => text.to_owned(),
        _ => format!("{key} {text}"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Finds the `[workspace.package]` that a package inherits from.
pub(crate) fn workspace_package(folder: &Path) -> Result<Option<Table>, Error> {
    let workspace = workspace_table(folder)?;
    Ok(workspace.and_then(|(_, it)| it.get("package").and_then(Value::as_table).cloned()))
}

/// Finds the workspace's folder and its `[workspace.dependencies]`.
fn workspace_of(folder: &Path) -> Result<Option<(PathBuf, Table)>, Error> {
    let workspace = workspace_table(folder)?;
    Ok(workspace.map(|(folder, it)| {
        let table = it.get("dependencies").and_then(Value::as_table).cloned();
        (folder, table.unwrap_or_default())
    }))
}

/// Finds the workspace's folder and its `[workspace]`.
pub(crate) fn workspace_table(folder: &Path) -> Result<Option<(PathBuf, Table)>, Error> {
    // `package.workspace` names it.
    let own = folder.join("Cargo.toml");
    let named = if own.is_file() {
        let manifest = read_manifest(&own)?;
        let package = manifest.get("package").and_then(Value::as_table);
        package.and_then(|it| it.get("workspace")?.as_str().map(|it| folder.join(it)))
    } else {
        None
    };
    for folder in named.as_deref().into_iter().chain(folder.ancestors()) {
        let path = folder.join("Cargo.toml");
        if !path.is_file() {
            continue;
        }
        let manifest = read_manifest(&path)?;
        if let Some(workspace) = manifest.get("workspace").and_then(Value::as_table) {
            return Ok(Some((folder.to_owned(), workspace.clone())));
        }
    }
    Ok(None)
}

fn crate_name(name: &str) -> String {
    name.replace('-', "_")
}
