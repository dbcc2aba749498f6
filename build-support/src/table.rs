//! Stage 8: from the analysis to the signature table as a value, for programs that read it and for
//! the files that `emit` writes.

use std::{path::Path, sync::Arc};

use crate::{
    analysis::{self, Folders, Repeated, Scope},
    build::Build,
    cause::Reason,
    closure::Closures,
    context::{Context, Contexts},
    deep_stack::on_deep_stack,
    digest::Digest,
    error::Error,
    function::Function,
    ledger::{self, LedgerLine},
    network::Network,
    package::Package,
    program::{ItemId, ItemKind},
    reached,
};

/// The signature table of a package: every function of its targets with its source signature.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), perennial_build::Error> {
/// let table = perennial_build::Table::of_package(env!("CARGO_MANIFEST_DIR"))?;
/// let row = table.rows.iter().find(|it| it.path == "perennial_build::table::Table::of_package");
/// assert!(row.is_none(), "methods are named after their impl");
/// let row = table.rows.iter().find(|it| it.path == "perennial_build::table::<Table>::of_package");
/// assert_eq!(row.unwrap().file, "src/table.rs");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// One row a function, by target, file and line: as plain builds have it, and as test builds do
    /// where plain ones don't.
    pub rows: Vec<Row>,
    /// The rows of functions that test builds have too, where code under `cfg(test)` may tell them
    /// apart; empty unless they were asked for.
    pub test_rows: Vec<Row>,
    /// Every item of the package and its path dependencies; rows name them by their index.
    pub items: Vec<Item>,
    /// What the analysis could not follow, and what state functions read.
    pub ledger: Vec<LedgerLine>,
    /// Sources that could not be read, as `path:line:column: message`.
    pub problems: Vec<String>,
    network: Arc<Network>,
}

/// A function of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `crate_name::module::name`; methods as `crate_name::module::<Type as Trait>::name`.
    pub path: String,
    /// The kind and name of its target, such as `lib my_crate`.
    pub target: String,
    /// The file, relative to the package.
    pub file: String,
    /// The line of its `fn`, one-based.
    pub line: usize,
    /// SHA-256 over its own digest and those of everything that it reaches.
    pub signature: Digest,
    /// It has `#[memo]`.
    pub is_memoized: bool,
    /// What it reaches can't be followed by syntax alone, so that calls are also keyed by the
    /// digest of the running executable.
    pub needs_executable: bool,
    /// Its own index in [`Table::items`].
    pub item: usize,
    /// What a build adds to the signature, as far as manifests and lock files tell.
    pub context: Context,
}

/// An item: a function, type, constant, impl, macro …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its path, which several items may have: `cfg` duplicates, members of similar impls.
    pub path: String,
    /// What it is, in a word.
    pub kind: &'static str,
    /// The file, relative to the package.
    pub file: String,
    /// The line of its keyword, one-based.
    pub line: usize,
}

/// An item that a function reaches, and the step that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Index of the item in [`Table::items`].
    pub item: usize,
    /// Index of the item that brought it in; for the function itself, its own.
    pub from: usize,
    /// How it was brought in.
    pub reason: Reason,
}

impl Row {
    /// Returns the code signature, as far as it can be told without compiling: the source signature
    /// in its context.
    #[must_use]
    pub fn code_signature(&self) -> Digest {
        self.context.code_signature(self.signature)
    }
}

impl Table {
    /// Analyses the package in a folder, with or without a build script, as a plain `cargo build`
    /// would build it.
    ///
    /// # Errors
    ///
    /// Where a `Cargo.toml` can't be read. Sources that can't be are [`Table::problems`].
    pub fn of_package(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::of_build(folder, &Build::new())
    }

    /// The same, with the rows of test builds.
    ///
    /// # Errors
    ///
    /// As [`Table::of_package`].
    pub fn of_package_and_tests(folder: impl AsRef<Path>) -> Result<Self, Error> {
        Self::read(folder.as_ref(), &Build::new(), Repeated::All)
    }

    /// Analyses the package in a folder as a given build would build it.
    ///
    /// # Errors
    ///
    /// Where a `Cargo.toml` or `Cargo.lock` can't be read, and where the build asks for a feature
    /// that the package doesn't have.
    pub fn of_build(folder: impl AsRef<Path>, build: &Build) -> Result<Self, Error> {
        Self::read(folder.as_ref(), build, Repeated::Needed)
    }

    /// The same, with the rows of test builds.
    ///
    /// # Errors
    ///
    /// As [`Table::of_build`].
    pub fn of_build_and_tests(folder: impl AsRef<Path>, build: &Build) -> Result<Self, Error> {
        Self::read(folder.as_ref(), build, Repeated::All)
    }

    fn read(folder: &Path, build: &Build, repeated: Repeated) -> Result<Self, Error> {
        let folder = folder.canonicalize().map_err(|error| Error::io("find", folder, error))?;
        on_deep_stack(|| Self::analyse(&folder, build, repeated))
            .map_err(|error| Error::io("start a thread to read", &folder, error))?
    }

    fn analyse(folder: &Path, build: &Build, repeated: Repeated) -> Result<Self, Error> {
        let package = Package::read(folder)?;
        let configuration = build.configuration(&package)?;
        let features = configuration.features.clone().unwrap_or_default();
        let scope = Scope { is_wanted: build.is_wanted(), repeated };
        let folders = Folders { out_dir: None, home: build.home() };
        let mut analysis = analysis::analyse(folder, folders, &configuration, scope)?;
        let lock = std::mem::replace(&mut analysis.lock, Ok(Default::default()))?;
        let contexts = Contexts::of(&package, build, features, lock)?;
        Ok(Self::of(&analysis, |it| contexts.context(&analysis, it)))
    }

    pub(crate) fn of(
        analysis: &analysis::Analysis,
        context: impl Fn(&Function) -> Context,
    ) -> Self {
        let program = &analysis.program;
        let (repeated, functions): (Vec<_>, Vec<_>) =
            analysis.functions.all.iter().partition(|it| it.is_repeated);
        let items = program.item_ids().map(|id| {
            let item = program.item(id);
            let file = program.sources.get(item.file).label.clone();
            Item { path: item.path.clone(), kind: item.kind.name(), file, line: item.line }
        });
        Self {
            rows: rows(analysis, functions, &context),
            test_rows: rows(analysis, repeated, &context),
            items: items.collect(),
            ledger: ledger::ledger(analysis),
            problems: program.problems.clone(),
            network: Arc::clone(&analysis.network),
        }
    }

    /// Returns the items that a function reaches, itself included, by their index.
    #[must_use]
    pub fn reached(&self, row: &Row) -> Vec<Reached> {
        // A declaration is shown as the trait that it belongs to, which is reached before it.
        let shown = |id: ItemId| match self.network.node(id) {
            node if node.kind == ItemKind::Declaration => node.parent.unwrap_or(id),
            _ => id,
        };
        let reached = self.walk(row);
        let plain = reached.iter().filter(|(id, _)| shown(*id) == *id);
        let step = plain.map(|(id, cause)| Reached {
            item: id.index(),
            from: shown(cause.from).index(),
            reason: cause.reason,
        });
        step.collect()
    }

    /// Returns the steps that lead from a function to an item, the item's own first; none where it is
    /// not reached.
    #[must_use]
    pub fn chain_to(&self, row: &Row, item: usize) -> Vec<Reached> {
        let reached = self.reached(row);
        let mut chain = Vec::new();
        let mut next = item;
        while let Ok(at) = reached.binary_search_by_key(&next, |it| it.item) {
            chain.push(reached[at]);
            if reached[at].from == next {
                break;
            }
            next = reached[at].from;
        }
        chain
    }

    /// Returns the paths of the items that a function reaches, sorted.
    #[must_use]
    pub fn paths_reached(&self, row: &Row) -> Vec<&str> {
        let reached = self.reached(row);
        let mut paths: Vec<_> =
            reached.iter().map(|it| self.items[it.item].path.as_str()).collect();
        paths.sort_unstable();
        paths
    }

    /// What a row reaches is found when it is asked for: all rows together reach the square of what
    /// there is.
    fn walk(&self, row: &Row) -> reached::Reached {
        if row.item >= self.network.nodes.len() {
            // A row of another table.
            return reached::Reached::default();
        }
        Closures::new(&self.network).steps(ItemId::new(row.item))
    }
}

fn rows(
    analysis: &analysis::Analysis,
    functions: Vec<&Function>,
    context: &dyn Fn(&Function) -> Context,
) -> Vec<Row> {
    let program = &analysis.program;
    let row = |function: &Function| {
        let item = program.item(function.item);
        let target = &analysis.targets[function.target].target;
        Row {
            path: item.path.clone(),
            target: format!("{} {}", target.kind.name(), target.name),
            file: program.sources.get(item.file).label.clone(),
            line: item.line,
            signature: function.signature,
            is_memoized: function.is_memoized,
            needs_executable: function.needs_executable(),
            item: function.item.index(),
            context: context(function),
        }
    };
    let mut rows: Vec<_> = functions.into_iter().map(row).collect();
    rows.sort_by(|a, b| {
        (&a.target, &a.file, a.line, &a.path).cmp(&(&b.target, &b.file, b.line, &b.path))
    });
    rows
}
