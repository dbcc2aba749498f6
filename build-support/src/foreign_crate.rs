//! A published crate, as far as its macros by example go: a name goes in, the definition that the
//! crate exports under it comes out. Reads its files when it is asked, and gives up where a feature or
//! anything else that can't be told decides.

use std::{
    cell::OnceCell,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Item, Meta};

use crate::{
    attribute,
    by_example::Definition,
    cfg::Configuration,
    cfg_attr, edition_2015,
    extract::{path_in, plain_name},
    local_inner,
    module_file::ModuleFolder,
    package::{Package, TargetKind},
};

#[derive(Debug)]
pub(crate) struct ForeignCrate {
    root: PathBuf,
    /// The name of the library.
    pub(crate) name: String,
    edition: u16,
    /// Files that may export a macro.
    exporting: OnceCell<Vec<(PathBuf, String)>>,
}

impl ForeignCrate {
    /// Finds the library of the package in a folder; procedural macros can't be read.
    pub(crate) fn open(folder: &Path) -> Option<Self> {
        let package = Package::read(folder).ok()?;
        let library = package.library().filter(|it| it.kind == TargetKind::Lib)?;
        Some(Self {
            root: library.root.clone(),
            name: library.name.clone(),
            edition: package.edition,
            exporting: OnceCell::new(),
        })
    }

    /// Returns the macro by example that a name means at the crate's root. `configuration` is that of
    /// a crate that uses it.
    pub(crate) fn exported(&self, name: &str, configuration: &Configuration) -> Option<Definition> {
        let files: Vec<_> = self.files().iter().filter(|(_, text)| text.contains(name)).collect();
        if files.is_empty() {
            return None;
        }
        let files = files.into_iter().map(|(path, _)| path.as_path()).collect();
        let configuration = configuration.of_dependency();
        let mut search = Search { name, configuration, files, found: Vec::new(), open: Vec::new() };
        search.file(&self.root, &ModuleFolder::beside(&self.root), true);
        // rustc takes no second one, so that what makes one unseen does no harm.
        let [Found { definition, is_certain: true }] = &search.found[..] else { return None };
        let mut tokens = definition.mac.tokens.clone();
        if definition.attrs.iter().any(has_local_inner_macros) {
            tokens = local_inner::rewritten(tokens, &|it| self.may_define(it))?;
        }
        if self.edition < 2018 && edition_2015::has_paths_of_its_own(tokens.clone()) {
            return None;
        }
        Some(Definition::parse(tokens)?.in_edition(self.edition))
    }

    /// Tells whether a macro of that name may read the environment of the compiler; one that is defined
    /// elsewhere may.
    pub(crate) fn may_read_environment(&self, name: &str) -> bool {
        !self.may_define(name) || self.files().iter().any(|(_, text)| text.contains("env!"))
    }

    fn files(&self) -> &[(PathBuf, String)] {
        self.exporting.get_or_init(|| exporting(&self.root))
    }

    /// Tells whether the crate may export a macro of a name.
    pub(crate) fn may_define(&self, name: &str) -> bool {
        self.files().iter().any(|(_, text)| {
            let mut definitions = text.split("macro_rules!").skip(1);
            definitions.any(|it| {
                it.trim_start()
                    .strip_prefix(name)
                    .is_some_and(|it| !it.starts_with(|it: char| it.is_alphanumeric() || it == '_'))
            })
        })
    }
}

/// Tells whether an attribute is `macro_export(local_inner_macros)`.
fn has_local_inner_macros(attribute: &Attribute) -> bool {
    attribute.path().is_ident("macro_export") && !matches!(attribute.meta, Meta::Path(_))
}

/// Reads the files beside a crate's root that may export macros.
fn exporting(root: &Path) -> Vec<(PathBuf, String)> {
    let folder = root.parent().unwrap_or(root);
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = files.filter(|it| it.path().extension().is_some_and(|it| it == "rs"));
    let texts =
        files.filter_map(|it| Some((it.path().to_owned(), fs::read_to_string(it.path()).ok()?)));
    texts.filter(|(_, it)| it.contains("macro_export") && it.contains("macro_rules")).collect()
}

/// The search for the definitions of a name.
struct Search<'a> {
    name: &'a str,
    configuration: Configuration,
    /// Those in which one may stand.
    files: Vec<&'a Path>,
    found: Vec<Found>,
    /// Files that are being read, each inside the one before.
    open: Vec<PathBuf>,
}

struct Found {
    definition: syn::ItemMacro,
    /// It is there in every build.
    is_certain: bool,
}

impl Search<'_> {
    fn file(&mut self, path: &Path, folder: &ModuleFolder, is_certain: bool) {
        let parsed = fs::read_to_string(path).ok().and_then(|it| syn::parse_file(&it).ok());
        let Some(parsed) = parsed.filter(|_| !self.open.iter().any(|it| it == path)) else {
            return;
        };
        let Some(is_here) = self.exists(&parsed.attrs) else { return };
        self.open.push(path.to_owned());
        self.items(parsed.items, folder, is_certain && is_here);
        self.open.pop();
    }

    fn items(&mut self, items: Vec<Item>, folder: &ModuleFolder, is_certain: bool) {
        for item in items {
            match item {
                Item::Macro(it) => self.definition(it, is_certain),
                Item::Mod(it) => self.module(it, folder, is_certain),
                _ => {}
            }
        }
    }

    fn definition(&mut self, mut definition: syn::ItemMacro, is_certain: bool) {
        if definition.ident.as_ref().is_none_or(|it| plain_name(&it.to_string()) != self.name) {
            return;
        }
        let Some(is_here) = self.exists(&definition.attrs) else { return };
        self.configuration.settle(&mut definition.attrs);
        let is_exported = definition.attrs.iter().any(|it| it.path().is_ident("macro_export"));
        if is_exported || !is_here {
            let is_certain = is_certain && is_here && is_exported;
            self.found.push(Found { definition, is_certain });
        }
    }

    fn module(&mut self, it: syn::ItemMod, folder: &ModuleFolder, is_certain: bool) {
        let Some(is_here) = self.exists(&it.attrs) else { return };
        let is_certain = is_certain && is_here;
        let name = plain_name(&it.ident.to_string());
        let mut attributes = it.attrs;
        self.configuration.settle(&mut attributes);
        let path = attributes.iter().find_map(|it| path_in(&it.meta));
        if let Some((_, items)) = it.content {
            return self.items(items, &folder.inline(&name, path.as_deref()), is_certain);
        }
        let (file, folder) = folder.find(&name, path.as_deref());
        let leads_to = |it: &&Path| **it == file || it.starts_with(&folder.of_children);
        if self.files.iter().any(leads_to) {
            self.file(&file, &folder, is_certain);
        }
    }

    /// Tells whether something with these attributes is there in every build; `None` where it never is.
    fn exists(&self, attributes: &[Attribute]) -> Option<bool> {
        let mut attributes = attributes.to_vec();
        self.configuration.settle(&mut attributes);
        if !self.configuration.keeps(&attributes) {
            return None;
        }
        let is_decided =
            |it: &Attribute| it.path().is_ident("cfg") && self.configuration.decides(it);
        Some(attributes.iter().all(|it| is_decided(it) || !decides(it)))
    }
}

/// Tells whether an attribute, or what it may add, decides if a definition is there: as a condition, by
/// exporting it or a file, or as another macro that may rewrite it.
fn decides(attribute: &Attribute) -> bool {
    let is_conditional = attribute.path().is_ident("cfg_attr");
    cfg_attr::flattened(attribute).iter().any(|it| {
        let is_own = ["macro_export", "path"].iter().any(|name| it.path().is_ident(name));
        attribute::is_cfg(it) || is_conditional && is_own || !attribute::is_built_in(it)
    })
}
