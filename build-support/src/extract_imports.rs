//! `use` declarations: trees of paths become one import a name.

use syn::UseTree;

use crate::{
    extract::{Extractor, plain_name},
    program::{Glob, Import, ImportPath, ModuleId},
    visibility::Visibility,
};

/// A declaration of imports.
pub(crate) struct Use {
    pub(crate) module: ModuleId,
    pub(crate) leading_colon: bool,
    pub(crate) visibility: Visibility,
    /// The `cfg`s on it that can't be told from here.
    pub(crate) cfgs: String,
}

impl Extractor<'_> {
    pub(crate) fn import(&mut self, import: &mut Use, prefix: &mut Vec<String>, tree: &UseTree) {
        let (last, name) = match tree {
            UseTree::Path(it) => {
                prefix.push(plain_name(&it.ident.to_string()));
                self.import(import, prefix, &it.tree);
                prefix.pop();
                return;
            }
            UseTree::Group(it) => {
                for tree in &it.items {
                    self.import(import, prefix, tree);
                }
                return;
            }
            UseTree::Glob(_) => {
                let path =
                    ImportPath { leading_colon: import.leading_colon, segments: prefix.clone() };
                let (visibility, cfgs) = (import.visibility, import.cfgs.clone());
                let glob = Glob { path, visibility, cfgs };
                self.program.modules[import.module.index()].globs.push(glob);
                return;
            }
            UseTree::Name(it) => (it.ident.to_string(), it.ident.to_string()),
            UseTree::Rename(it) => (it.ident.to_string(), it.rename.to_string()),
        };
        let mut segments = prefix.clone();
        let mut name = plain_name(&name);
        if last == "self" {
            if name == "self" {
                name = segments.last().cloned().unwrap_or_default();
            }
        } else {
            segments.push(plain_name(&last));
        }
        let module = import.module;
        self.condition(module, &name, &import.cfgs);
        let path = ImportPath { leading_colon: import.leading_colon, segments };
        let import = Import { name, path, visibility: import.visibility };
        self.program.modules[module.index()].imports.push(import);
    }
}
