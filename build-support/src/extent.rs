//! How much a program holds of what names can mean. Modules, items and scopes are added and never changed, so
//! that of one program equal counts are equal contents.

use crate::program::{ItemKind, Program};

/// Counts of all that look-ups of macros read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    items: usize,
    /// Calls whose expansions took their place: they are no longer opaque.
    expanded: usize,
    modules: usize,
    blocks: usize,
    names: usize,
    imports: usize,
    conditions: usize,
    scopes: usize,
    used_crates: usize,
    files: usize,
}

impl Extent {
    pub(crate) fn of(program: &Program) -> Self {
        let (mut names, mut imports, mut conditions) = (0, 0, 0);
        for module in &program.modules {
            names += module.names.values().map(Vec::len).sum::<usize>();
            imports += module.imports.len() + module.globs.len();
            conditions +=
                module.conditional.values().map(std::collections::BTreeSet::len).sum::<usize>();
        }
        Self {
            items: program.items.len(),
            expanded: program.items.iter().filter(|it| it.kind == ItemKind::Expanded).count(),
            modules: program.modules.len(),
            blocks: program.blocks.len(),
            names,
            imports,
            conditions,
            scopes: program.macro_scopes.len(),
            used_crates: program.krates.iter().map(|it| it.macro_use.len()).sum(),
            files: program.krates.iter().map(|it| it.files.len()).sum(),
        }
    }
}
