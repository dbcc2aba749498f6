//! The state that a memoized function reads and that its calls have in their keys: from its findings to how generated
//! code gets at each static and variable. Must not leave out what it can't get at: that is an error of the expansion.

use std::collections::BTreeSet;

use crate::{
    access, attribute,
    constancy::{self, Deferral},
    digest::Fields,
    facts::Finding,
    function::Ground,
    kind::Kind,
    program::{ItemId, ModuleId},
    resolve::Resolver,
};

/// Something that is read at each call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StateRead {
    /// Names it in the key. Moving a static changes no key, so that its digest stands for it.
    pub(crate) label: String,
    /// What people call it.
    pub(crate) name: String,
    pub(crate) access: Access,
    /// The static, or the item that reads the variable.
    pub(crate) item: ItemId,
}

/// How generated code gets at it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    /// By a path.
    Path(String),
    /// By a path to what dereferences to it.
    Dereferenced(String),
    /// By a path to what has it once it is set.
    Gotten(String),
    /// By the accessor that `#[perennial::env]` makes.
    Mark(String),
    /// As a variable of the process.
    Variable(String),
    /// Not at all: why, and what to do.
    None(&'static str),
}

/// Lists the state among the findings of a function that stands in a module.
pub(crate) fn reads<'f>(
    ground: &Ground<'_, '_>,
    module: ModuleId,
    findings: impl Iterator<Item = &'f (ItemId, Finding)>,
) -> Vec<StateRead> {
    let resolver = ground.resolver;
    let mut reads = BTreeSet::new();
    let mut variables = BTreeSet::new();
    for (id, finding) in findings {
        if finding.kind == Kind::MutableStatic {
            reads.insert(StateRead {
                label: ground.digests.merkle[id.index()].to_string(),
                name: finding.what.clone(),
                access: access(resolver, *id, module),
                item: *id,
            });
        } else if let Some(variable) = finding.variable().filter(|it| variables.insert(it.clone()))
        {
            reads.insert(StateRead {
                label: format!("env::var {variable}"),
                name: variable.clone(),
                access: Access::Variable(variable),
                item: *id,
            });
        }
    }
    // Statics of one text are told apart by where they stand.
    let mut reads: Vec<_> = reads.into_iter().collect();
    for twins in reads.chunk_by_mut(|a, b| a.label == b.label).filter(|it| it.len() > 1) {
        for (number, read) in twins.iter_mut().enumerate() {
            read.label = format!("{} {} {number}", read.label, read.name);
        }
    }
    reads
}

fn access(resolver: &Resolver<'_>, id: ItemId, module: ModuleId) -> Access {
    let program = resolver.program;
    let item = program.item(id);
    if let Some(mark) = mark(resolver, id) {
        return mark;
    }
    let Some(it) = constancy::syntax(item) else {
        return Access::None("it is made by a macro that is not expanded; write it out");
    };
    if matches!(it.mutability, syn::StaticMutability::Mut(_)) {
        return Access::None(
            "reading a `static mut` is sound only while nothing writes it; make it an atomic, put it in a `Mutex`, or \
             vouch for that: #[perennial::env(unsafe)] on the static",
        );
    }
    if item.name == "_"
        || !item.cfgs.is_empty()
        || program.module(item.module).conditional.contains_key(&item.name)
    {
        return Access::None(
            "a `cfg` that the build script can't decide may remove it; put the `cfg` on what it holds",
        );
    }
    match (access::path_to(resolver, id, module), constancy::deferral(resolver, id)) {
        (Some(path), None) => Access::Path(path),
        (Some(path), Some(Deferral::Dereferenced)) => Access::Dereferenced(path),
        (Some(path), Some(Deferral::Gotten)) => Access::Gotten(path),
        (None, _) if program.module(item.module).is_block => Access::None(
            "it stands in a block, where nothing else can name it; mark it: #[perennial::env] on the static",
        ),
        (None, _) if program.krate_of_item(id) != program.module(module).krate => Access::None(
            "it can't be named from this crate; make it `pub`, with the modules around it, or mark it: \
             #[perennial::env] on the static, whose package then has perennial among its `[dependencies]`",
        ),
        (None, _) => Access::None(
            "it can't be named from there; make it `pub(crate)`, with the modules around it, or mark it: \
             #[perennial::env] on the static",
        ),
    }
}

/// Tells how a static with `#[perennial::env]` is read.
fn mark(resolver: &Resolver<'_>, id: ItemId) -> Option<Access> {
    let program = resolver.program;
    let item = program.item(id);
    let it = constancy::syntax(item)?;
    it.attrs.iter().find(|it| resolver.is_environment(item.module, it.path()))?;
    let krate = program.krate_of(item.module);
    let place = it.ident.span().start();
    let root = &program.sources.get(program.module(krate.root).file).label;
    let file = &program.sources.get(item.file).label;
    let mut fields = Fields::new("perennial environment mark 1");
    fields.text(&krate.name);
    fields.text(root.rsplit('/').next().unwrap_or_default());
    fields.text(&from_root(root, file));
    fields.text(&place.line.to_string());
    fields.text(&place.column.to_string());
    Some(Access::Mark(fields.finish().to_string()))
}

/// Tells whether `#[perennial::env(skip)]` says that a static is no state.
pub(crate) fn is_skipped(resolver: &Resolver<'_>, id: ItemId) -> bool {
    let item = resolver.program.item(id);
    let attributes = constancy::syntax(item).into_iter().flat_map(|it| &it.attrs);
    let mut marks = attributes.filter(|it| resolver.is_environment(item.module, it.path()));
    marks.any(|it| attribute::arguments(it).to_string() == "skip")
}

/// Writes a file's label as seen from the folder of its crate's root; both are relative to the package.
fn from_root(root: &str, file: &str) -> String {
    if file.starts_with("$OUT_DIR/") {
        return file.to_owned();
    }
    let folder: Vec<&str> = root.split('/').collect();
    let folder = &folder[..folder.len() - 1];
    let file: Vec<&str> = file.split('/').collect();
    let common = folder.iter().zip(&file).take_while(|(a, b)| a == b).count();
    let ups = std::iter::repeat_n("..", folder.len() - common);
    ups.chain(file[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_folder_of_the_root() {
        assert_eq!(from_root("src/lib.rs", "src/a/b.rs"), "a/b.rs");
        assert_eq!(from_root("../dep/src/lib.rs", "../dep/src/lib.rs"), "lib.rs");
        assert_eq!(from_root("src/bin/x.rs", "src/state.rs"), "../state.rs");
        assert_eq!(from_root("src/lib.rs", "$OUT_DIR/made.rs"), "$OUT_DIR/made.rs");
    }
}
