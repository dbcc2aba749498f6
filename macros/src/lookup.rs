//! From a span to what the table has there, after checking that the table is of this source.

use std::{
    collections::HashMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use proc_macro2::Span;
use sha2::{Digest, Sha256};

use crate::{
    compilation::Compilation,
    hex,
    index::{Index, Place, TargetRecord},
    position, warning,
};

/// What stands behind a place in the source.
pub(crate) enum Found {
    /// The table of this package, and the place in it.
    Place(Arc<Index>, Place),
    /// The table is there, but this code has no place in it: it was made by a macro, or stands in a
    /// target that the table doesn't have. The target is told where it is known.
    Nowhere(Arc<Index>, Option<usize>),
    /// A source changed since the table was made.
    Changed(Change),
    /// There is no table; the message says how to get one.
    NoTable(String),
    /// No compiler is running; an editor wants an expansion.
    Editor,
}

/// Why code can't be memoized as it is.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) reason: String,
    /// A warning would not be an error.
    pub(crate) can_warn: bool,
}

impl Change {
    fn of(file: &str, can_warn: bool) -> Self {
        let reason = if file.starts_with("$OUT_DIR/") {
            format!(
                "{file} was written after its signature was made; call generate() last in build.rs"
            )
        } else {
            format!("{file} changed while the build was running; build again")
        };
        Self { reason, can_warn }
    }

    /// The code of a shared library that is known only by what it is part of.
    pub(crate) fn homeless() -> Self {
        let compilation = Compilation::current();
        let reason =
            "its code can't be followed by syntax, and on this system a shared library can't tell \
                      what it runs in"
                .to_owned();
        let sources = compilation.root.as_deref();
        Self { reason, can_warn: warning::is_possible(compilation, sources.into_iter()) }
    }
}

/// Looks up the place of a token.
pub(crate) fn find(span: Span) -> Found {
    let compilation = Compilation::current();
    if !compilation.is_real() {
        return Found::Editor;
    }
    let folder = |name: &str| env::var_os(name).map(PathBuf::from)?.canonicalize().ok();
    let (Some(package), Some(out_dir)) = (folder("CARGO_MANIFEST_DIR"), folder("OUT_DIR")) else {
        return Found::NoTable(missing());
    };
    let Some(index) = Index::read(&out_dir) else { return Found::NoTable(missing()) };
    if index.version != env!("CARGO_PKG_VERSION") {
        return Found::NoTable(format!(
            "the signature table is of perennial-build {}, but perennial is {}: give both the same version",
            index.version,
            env!("CARGO_PKG_VERSION")
        ));
    }
    let Some(target) = target(&index, compilation, &package, &out_dir) else {
        return Found::Nowhere(index, None);
    };
    if let Some(change) = changed(&index, target, &package, &out_dir) {
        return Found::Changed(change);
    }
    match position::of(span, &package, &out_dir) {
        Some((file, line, column)) => Found::Place(index, (target, file, line, column)),
        None => Found::Nowhere(index, Some(target)),
    }
}

fn missing() -> String {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    if manifest.is_some_and(|it| it.join("build.rs").is_file()) && env::var_os("OUT_DIR").is_none()
    {
        return "perennial finds no signature table for this package: there is a build.rs, but it did not run. Does \
                Cargo.toml say `build = false`, as published packages do?"
            .to_owned();
    }
    format!(
        "perennial finds no signature table for this package. Add to Cargo.toml:\n\n    \
         [build-dependencies]\n    perennial-build = \"={}\"\n\nand to build.rs:\n\n    \
         fn main() {{\n        perennial_build::generate();\n    }}\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Finds the target that is being compiled by its root and its name: roots can be shared.
fn target(
    index: &Index,
    compilation: &Compilation,
    package: &Path,
    out_dir: &Path,
) -> Option<usize> {
    let root = compilation.root.as_ref()?.canonicalize().ok()?;
    let root = position::relative(&root, package, out_dir)?;
    let name = compilation.crate_name.as_deref().unwrap_or_default();
    let mut of_root = index.targets.iter().enumerate().filter(|(_, it)| it.root == root);
    let is_meant = |it: &TargetRecord| {
        it.name == name && it.is_for_test.is_none_or(|it| it == compilation.is_test)
    };
    of_root.find(|(_, it)| is_meant(it)).map(|(index, _)| index)
}

/// Returns the first file whose content is not what the table was made from. Looked at once for
/// each target and compilation: what the compiler has read it doesn't read again.
fn changed(index: &Index, target: usize, package: &Path, out_dir: &Path) -> Option<Change> {
    type Checked = Mutex<HashMap<(PathBuf, usize), Option<Change>>>;
    static CHECKED: OnceLock<Checked> = OnceLock::new();
    let mut checked =
        CHECKED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = checked.entry((out_dir.to_owned(), target)).or_insert_with(|| {
        let sources = &index.targets[target].sources;
        let path_of = |label: &str| match label.strip_prefix("$OUT_DIR/") {
            Some(rest) => out_dir.join(rest),
            None => package.join(label),
        };
        let differs = |digest: &str, path: &str| {
            let now = fs::read(path_of(path)).ok().map(|bytes| hex::hex(&Sha256::digest(bytes)));
            now.as_deref().unwrap_or("-") != digest
        };
        let (_, changed) = sources.iter().find(|(digest, path)| differs(digest, path))?;
        let paths: Vec<_> = sources.iter().map(|(_, path)| path_of(path)).collect();
        let paths = paths.iter().map(PathBuf::as_path);
        Some(Change::of(changed, warning::is_possible(Compilation::current(), paths)))
    });
    outcome.clone()
}
