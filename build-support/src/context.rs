//! What a build adds to a source signature, as far as manifests and the lock file tell: a value, and
//! the signature of code in it. The macros of perennial do the same with what the compiler's
//! arguments tell; the two never meet.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    rc::Rc,
};

use toml::Value;

use crate::{
    analysis::Analysis,
    build::Build,
    digest::{Digest, Fields},
    error::Error,
    features,
    function::Function,
    lock::Lock,
    package::{self, Package, TargetKind},
};

/// The version of what [`Context::code_signature`] hashes.
const CONTEXT_VERSION: u32 = 1;

/// What decides, besides its source, what a function computes in a build that is not run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The edition of each crate that it reaches.
    pub editions: BTreeSet<(String, u16)>,
    /// The target's triple; empty where it was not named.
    pub target: String,
    /// `debug_assert!` counts.
    pub has_debug_assertions: bool,
    /// Arithmetic panics where it overflows.
    pub has_overflow_checks: bool,
    /// The package's features, where what it reaches mentions a `cfg`.
    pub features: Option<BTreeSet<String>>,
    /// The packages behind the crates that it reaches, with the features that are asked for, and all
    /// below them: name, version and source as locked, or what the manifest accepts.
    pub packages: BTreeSet<String>,
    /// Variables that `env!` reads in what it reaches, with the values that the manifest gives them.
    pub variables: BTreeMap<String, Option<String>>,
}

impl Context {
    /// Signs code in this context. Hashed, each field with its length in 64 bits, little-endian,
    /// before it, and each list with its count:
    ///
    /// 1. the recipe's name and version; 2. the source signature; 3. editions, each a crate and a
    ///    year; 4. the target; 5. debug assertions and 6. overflow checks, `true` or `false`; 7. the
    ///    features, as a list of none or one list; 8. the packages; 9. variables, each a name and a
    ///    list of none or one value.
    #[must_use]
    pub fn code_signature(&self, source: Digest) -> Digest {
        let Self {
            editions,
            target,
            has_debug_assertions,
            has_overflow_checks,
            features,
            packages,
            variables,
        } = self;
        let mut fields = Fields::new(&format!("perennial uncompiled {CONTEXT_VERSION}"));
        fields.digest(source);
        fields.count(editions.len());
        for (krate, year) in editions {
            fields.text(krate);
            fields.text(&year.to_string());
        }
        fields.text(target);
        fields.text(&has_debug_assertions.to_string());
        fields.text(&has_overflow_checks.to_string());
        fields.count(usize::from(features.is_some()));
        if let Some(features) = features {
            fields.count(features.len());
            features.iter().for_each(|it| fields.text(it));
        }
        fields.count(packages.len());
        packages.iter().for_each(|it| fields.text(it));
        fields.count(variables.len());
        for (name, value) in variables {
            fields.text(name);
            fields.count(usize::from(value.is_some()));
            value.iter().for_each(|it| fields.text(it));
        }
        fields.finish()
    }
}

/// What the contexts of one package's functions have in common.
pub(crate) struct Contexts<'a> {
    package: &'a Package,
    features: BTreeSet<String>,
    /// Features of dependencies that the build asks for, among others.
    asked: Vec<String>,
    lock: Rc<Lock>,
    common: Context,
    variables: BTreeMap<String, String>,
    /// Of crates, as far as they were asked for: most functions have the same.
    packages: RefCell<BTreeMap<String, Rc<[String]>>>,
}

impl<'a> Contexts<'a> {
    /// Reads the profile of the package's workspace, whose lock file lies in a folder.
    pub(crate) fn of(
        package: &'a Package,
        build: &Build,
        features: BTreeSet<String>,
        (root, lock): (PathBuf, Rc<Lock>),
    ) -> Result<Self, Error> {
        let manifest = if root == package.folder {
            package.manifest.clone()
        } else {
            package::read_manifest(&root.join("Cargo.toml"))?
        };
        let profile = manifest.get("profile").and_then(|it| it.get(build.profile()));
        let is_on = |key: &str| {
            let set = profile.and_then(|it| it.get(key)?.as_bool());
            set.unwrap_or(build.profile() == "dev")
        };
        let common = Context {
            target: build.triple().unwrap_or_default().to_owned(),
            has_debug_assertions: is_on("debug-assertions"),
            has_overflow_checks: is_on("overflow-checks"),
            ..Context::default()
        };
        let asked = build.features_asked().to_vec();
        let (variables, packages) = (variables(package)?, RefCell::default());
        Ok(Self { package, features, asked, lock, common, variables, packages })
    }

    /// The context of a function.
    pub(crate) fn context(&self, analysis: &Analysis, function: &Function) -> Context {
        let program = &analysis.program;
        let editions = function.krates.iter().map(|it| {
            let krate = &program.krates[it.index()];
            (krate.name.clone(), krate.edition)
        });
        let target = &analysis.targets[function.target].target;
        let variables = function.variables.iter().map(|name| {
            let value = match name.as_str() {
                "CARGO_CRATE_NAME" => Some(&target.name),
                "CARGO_BIN_NAME" if target.kind == TargetKind::Bin => Some(&target.name),
                _ => self.variables.get(name),
            };
            (name.clone(), value.cloned())
        });
        Context {
            editions: editions.collect(),
            features: function.mentions_cfg.then(|| self.features.clone()),
            packages: function.units.iter().flat_map(|it| self.packages(it).to_vec()).collect(),
            variables: variables.collect(),
            ..self.common.clone()
        }
    }

    /// Names the packages behind a crate that the package's code can name.
    fn packages(&self, krate: &str) -> Rc<[String]> {
        if let Some(known) = self.packages.borrow().get(krate) {
            return Rc::clone(known);
        }
        let found: Rc<[String]> = self.find_packages(krate).into();
        self.packages.borrow_mut().insert(krate.to_owned(), Rc::clone(&found));
        found
    }

    fn find_packages(&self, krate: &str) -> Vec<String> {
        let dependencies = &self.package.dependencies;
        if let Some((name, dependency)) = dependencies.get_key_value(krate) {
            return self.packages_of(name, dependency);
        }
        // A library of another name than its package's: any of them may be meant.
        let all = dependencies.iter().flat_map(|(name, it)| self.packages_of(name, it));
        all.chain([krate.to_owned()]).collect()
    }

    fn packages_of(&self, name: &str, dependency: &package::Dependency) -> Vec<String> {
        let manifest = &self.package.manifest;
        let asked = features::of_dependency(manifest, &self.features, &self.asked, name);
        let asked = Vec::from_iter(&dependency.features | &asked).join(",");
        let locked = self.lock.below(&dependency.package);
        let mut packages: Vec<_> = if locked.is_empty() {
            let wanted = dependency.requirements.iter();
            wanted.map(|it| format!("{} {it}", dependency.package)).collect()
        } else {
            locked.into_iter().map(str::to_owned).collect()
        };
        packages.push(format!("{} with {asked}", dependency.package));
        packages
    }
}

/// Returns the variables whose values cargo takes from the manifest. `CARGO_MANIFEST_DIR` is not
/// among them: a table says the same wherever the package lies.
fn variables(package: &Package) -> Result<BTreeMap<String, String>, Error> {
    let own = package.manifest.get("package").and_then(Value::as_table);
    let inherits = own.is_some_and(|it| it.values().any(|it| it.get("workspace").is_some()));
    let inherited = if inherits { package::workspace_package(&package.folder)? } else { None };
    let value = |key: &str| {
        let value = own?.get(key)?;
        let is_inherited = value.get("workspace").is_some();
        if is_inherited { inherited.as_ref()?.get(key) } else { Some(value) }
    };
    let mut found = BTreeMap::new();
    for key in ["description", "homepage", "repository", "license", "license-file", "rust-version"]
    {
        let text = value(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        found.insert(format!("CARGO_PKG_{}", key.replace('-', "_").to_uppercase()), text);
    }
    let readme = match value("readme") {
        Some(Value::String(path)) => path.clone(),
        Some(Value::Boolean(false)) => String::new(),
        _ => ["README.md", "README.txt", "README"]
            .into_iter()
            .find(|it| package.folder.join(it).is_file())
            .unwrap_or_default()
            .to_owned(),
    };
    found.insert("CARGO_PKG_README".to_owned(), readme);
    let authors = value("authors").and_then(Value::as_array).into_iter().flatten();
    let authors: Vec<_> = authors.filter_map(Value::as_str).collect();
    found.insert("CARGO_PKG_AUTHORS".to_owned(), authors.join(":"));
    found.insert("CARGO_PKG_NAME".to_owned(), package.name.clone());
    let version = package.version.split('+').next().unwrap_or_default();
    let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
    let mut numbers = numbers.split('.');
    for part in ["MAJOR", "MINOR", "PATCH"] {
        let number = numbers.next().unwrap_or_default().to_owned();
        found.insert(format!("CARGO_PKG_VERSION_{part}"), number);
    }
    found.insert("CARGO_PKG_VERSION_PRE".to_owned(), pre.to_owned());
    found.insert("CARGO_PKG_VERSION".to_owned(), package.version.clone());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_context_counts() {
        let base = Context::default();
        let text = |it: &str| it.to_owned();
        let contexts = [
            base.clone(),
            Context { editions: [(text("a"), 2021)].into(), ..base.clone() },
            Context { target: text("a"), ..base.clone() },
            Context { has_debug_assertions: true, ..base.clone() },
            Context { has_overflow_checks: true, ..base.clone() },
            Context { features: Some(BTreeSet::new()), ..base.clone() },
            Context { features: Some([text("a")].into()), ..base.clone() },
            Context { packages: [text("a")].into(), ..base.clone() },
            Context { variables: [(text("a"), None)].into(), ..base.clone() },
            Context { variables: [(text("a"), Some(text("")))].into(), ..base.clone() },
        ];
        let source = Digest::of_bytes(b"");
        let signatures: BTreeSet<_> = contexts.iter().map(|it| it.code_signature(source)).collect();
        assert_eq!(signatures.len(), contexts.len());
        assert_ne!(base.code_signature(source), base.code_signature(Digest::of_bytes(b"a")));
    }

    #[test]
    fn the_bytes_that_are_hashed_are_pinned() {
        let text = |it: &str| it.to_owned();
        let context = Context {
            editions: [(text("demo"), 2024)].into(),
            target: text("a-b"),
            has_debug_assertions: true,
            has_overflow_checks: true,
            features: Some([text("std")].into()),
            packages: [text("rand 0.9.0")].into(),
            variables: [(text("CARGO_PKG_NAME"), Some(text("demo")))].into(),
        };
        let signature = context.code_signature(Digest::of_bytes(b"source"));
        assert_eq!(
            signature.to_string(),
            "670dc564681e71d2c7e5ce149abff907f8c3668ac9c76cbf551d6002747f6395"
        );
    }
}
