//! Stage 3: from crate roots to the program: follows `mod` declarations and takes the items out.
//! Resolves nothing.

use std::{collections::BTreeMap, path::Path};

use proc_macro2::Span;
use syn::{Attribute, Expr, Lit, Meta, UseTree, spanned::Spanned};

use crate::{
    attribute,
    module_file::ModuleFolder,
    normalise,
    package::Target,
    program::{
        Definition, Import, ImportPath, Item, ItemId, ItemKind, Krate, KrateId, Module, ModuleId,
        Program, Syntax,
    },
    source::FileId,
    static_macro,
};

/// Reads the crate whose root a target names, with all its modules, into the program.
pub(crate) fn krate(program: &mut Program, target: &Target) -> KrateId {
    let id = KrateId::new(program.krates.len());
    let root = ModuleId::new(program.modules.len());
    let file = program.sources.read(&target.root);
    program.krates.push(Krate {
        name: target.name.clone(),
        root,
        externs: BTreeMap::new(),
        perennial: Vec::new(),
        attributes: String::new(),
        files: Vec::new(),
        is_proc_macro: target.kind == crate::package::TargetKind::ProcMacro,
    });
    program.modules.push(module(id, None, target.name.clone(), file));
    let attributes = Extractor { program, krate: id, depth: 0 }.file(
        root,
        file,
        &ModuleFolder::beside(&target.root),
        false,
    );
    program.krates[id.index()].attributes = normalise::attributes(&attributes);
    id
}

pub(crate) fn module(
    krate: KrateId,
    parent: Option<ModuleId>,
    path: String,
    file: FileId,
) -> Module {
    Module {
        krate,
        parent,
        is_block: false,
        path,
        file,
        names: BTreeMap::new(),
        imports: Vec::new(),
        globs: Vec::new(),
        macro_calls: Vec::new(),
        opaque: None,
        cfgs: Vec::new(),
    }
}

/// Modules nested deeper than this are a cycle of `#[path]`s.
const MAX_DEPTH: usize = 128;

pub(crate) struct Extractor<'a> {
    pub(crate) program: &'a mut Program,
    pub(crate) krate: KrateId,
    depth: usize,
}

impl Extractor<'_> {
    /// Reads one file into a module; returns the file's inner attributes. A file behind a `cfg` may
    /// be missing in this build.
    fn file(
        &mut self,
        module: ModuleId,
        file: FileId,
        folder: &ModuleFolder,
        is_conditional: bool,
    ) -> Vec<Attribute> {
        self.program.krates[self.krate.index()].files.push(file);
        let source = self.program.sources.get(file);
        let label = source.label.clone();
        let parsed = match source.text() {
            None => Err(None),
            Some(text) => syn::parse_file(text).map_err(Some),
        };
        match parsed {
            Ok(_) if self.depth > MAX_DEPTH => {
                self.opaque(module, file, &format!("{label}: modules are nested too deeply"));
                Vec::new()
            }
            Ok(parsed) => {
                self.depth += 1;
                self.items(module, parsed.items, folder);
                self.depth -= 1;
                parsed.attrs
            }
            Err(error) => {
                let message = match error {
                    Some(error) => {
                        let at = error.span().start();
                        format!("{label}:{}:{}: {error}", at.line, at.column + 1)
                    }
                    None => format!("{label}: cannot be read"),
                };
                if !is_conditional || self.program.sources.get(file).bytes.is_some() {
                    self.opaque(module, file, &message);
                }
                Vec::new()
            }
        }
    }

    /// Lets the bytes of a file stand for whatever it defines.
    fn opaque(&mut self, module: ModuleId, file: FileId, message: &str) {
        self.program.problems.push(message.to_owned());
        let path = self.program.module(module).path.clone();
        let id = self.push(Item {
            kind: ItemKind::Opaque,
            module,
            parent: None,
            name: String::new(),
            path,
            file,
            line: 1,
            column: 0,
            syntax: Syntax::Bytes(file),
            members: Vec::new(),
            is_thread_local: false,
        });
        self.program.modules[module.index()].opaque = Some(id);
    }

    pub(crate) fn items(&mut self, module: ModuleId, items: Vec<syn::Item>, folder: &ModuleFolder) {
        for item in items {
            self.item(module, item, folder);
        }
    }

    fn item(&mut self, module: ModuleId, item: syn::Item, folder: &ModuleFolder) {
        use syn::Item as It;
        let (kind, name, span) = match &item {
            It::Mod(it) => return self.module(module, it.clone(), folder),
            It::Use(it) => {
                let leading_colon = it.leading_colon.is_some();
                return self.import(module, leading_colon, &mut Vec::new(), &it.tree);
            }
            It::ExternCrate(it) => {
                let name = it.rename.as_ref().map_or(&it.ident, |(_, name)| name).to_string();
                let leading_colon = it.ident != "self";
                let first = if leading_colon { it.ident.to_string() } else { "crate".to_owned() };
                let path = ImportPath { leading_colon, segments: vec![plain_name(&first)] };
                self.program.modules[module.index()].imports.push(Import { name, path });
                return;
            }
            It::Impl(_) => return self.implementation(module, item),
            It::Trait(_) => return self.trait_(module, item),
            It::ForeignMod(it) => return self.foreign(module, it),
            It::Macro(it) if it.ident.is_none() => return self.macro_call(module, item, folder),
            It::Macro(it) => (ItemKind::MacroRules, it.ident.as_ref(), it.span()),
            It::Fn(it) => (ItemKind::Function, Some(&it.sig.ident), it.sig.fn_token.span),
            It::Const(it) => (ItemKind::Constant, Some(&it.ident), it.const_token.span),
            It::Static(it) => (ItemKind::Static, Some(&it.ident), it.static_token.span),
            It::Enum(it) => (ItemKind::Type, Some(&it.ident), it.enum_token.span),
            It::Struct(it) => (ItemKind::Type, Some(&it.ident), it.struct_token.span),
            It::Union(it) => (ItemKind::Type, Some(&it.ident), it.union_token.span),
            It::Type(it) => (ItemKind::Alias, Some(&it.ident), it.type_token.span),
            It::TraitAlias(it) => (ItemKind::Trait, Some(&it.ident), it.trait_token.span),
            _ => (ItemKind::MacroCall, None, item.span()),
        };
        let name = name.map(|it| plain_name(&it.to_string())).unwrap_or_default();
        let id = self.add(module, kind, None, name.clone(), span, Syntax::Item(Box::new(item)));
        if kind == ItemKind::MacroCall {
            self.program.modules[module.index()].macro_calls.push(id);
        } else {
            self.define(module, name, Definition::Item(id));
        }
        self.blocks(id);
    }

    pub(crate) fn define(&mut self, module: ModuleId, name: String, definition: Definition) {
        self.program.modules[module.index()].names.entry(name).or_default().push(definition);
    }

    fn push(&mut self, item: Item) -> ItemId {
        let id = ItemId::new(self.program.items.len());
        self.program.items.push(item);
        id
    }

    pub(crate) fn add(
        &mut self,
        module: ModuleId,
        kind: ItemKind,
        parent: Option<ItemId>,
        name: String,
        span: Span,
        syntax: Syntax,
    ) -> ItemId {
        let file = self.program.module(module).file;
        let base = match parent {
            Some(parent) => self.program.item(parent).path.clone(),
            None => self.program.module(module).path.clone(),
        };
        let path = if name.is_empty() { base } else { format!("{base}::{name}") };
        let start = span.start();
        let (line, column) = (start.line, start.column);
        self.push(Item {
            kind,
            module,
            parent,
            name,
            path,
            file,
            line,
            column,
            syntax,
            members: Vec::new(),
            is_thread_local: false,
        })
    }

    fn module(&mut self, parent: ModuleId, it: syn::ItemMod, folder: &ModuleFolder) {
        let name = plain_name(&it.ident.to_string());
        let path_attribute = path_attribute(&it.attrs);
        let cfgs: Vec<_> = it.attrs.iter().filter(|it| attribute::is_cfg(it)).cloned().collect();
        let outer = self.program.module(parent);
        let mut inner =
            module(self.krate, Some(parent), format!("{}::{name}", outer.path), outer.file);
        inner.cfgs.clone_from(&outer.cfgs);
        if !cfgs.is_empty() {
            inner.cfgs.push(normalise::attributes(&cfgs));
        }
        let id = ModuleId::new(self.program.modules.len());
        self.program.modules.push(inner);
        self.define(parent, name.clone(), Definition::Module(id));
        if let Some((_, items)) = it.content {
            self.items(id, items, &folder.inline(&name, path_attribute.as_deref()));
        } else {
            let (path, folder) = folder.find(&name, path_attribute.as_deref());
            let file = self.program.sources.read(&path);
            self.program.modules[id.index()].file = file;
            self.file(id, file, &folder, !cfgs.is_empty());
        }
    }

    fn import(
        &mut self,
        module: ModuleId,
        leading_colon: bool,
        prefix: &mut Vec<String>,
        tree: &UseTree,
    ) {
        let (last, name) = match tree {
            UseTree::Path(it) => {
                prefix.push(plain_name(&it.ident.to_string()));
                self.import(module, leading_colon, prefix, &it.tree);
                prefix.pop();
                return;
            }
            UseTree::Group(it) => {
                for tree in &it.items {
                    self.import(module, leading_colon, prefix, tree);
                }
                return;
            }
            UseTree::Glob(_) => {
                let path = ImportPath { leading_colon, segments: prefix.clone() };
                self.program.modules[module.index()].globs.push(path);
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
        let path = ImportPath { leading_colon, segments };
        self.program.modules[module.index()].imports.push(Import { name, path });
    }

    fn foreign(&mut self, module: ModuleId, block: &syn::ItemForeignMod) {
        for item in &block.items {
            let name = match item {
                syn::ForeignItem::Fn(it) => it.sig.ident.to_string(),
                syn::ForeignItem::Static(it) => it.ident.to_string(),
                syn::ForeignItem::Type(it) => it.ident.to_string(),
                _ => continue,
            };
            let syntax = Syntax::Foreign(Box::new(item.clone()));
            let span = item.span();
            let id = self.add(module, ItemKind::Foreign, None, name.clone(), span, syntax);
            self.define(module, name, Definition::Item(id));
        }
    }

    fn macro_call(&mut self, module: ModuleId, item: syn::Item, folder: &ModuleFolder) {
        let syn::Item::Macro(call) = &item else { return };
        let name = attribute::last_segment(&call.mac.path);
        if name == "thread_local"
            && let Some(statics) = static_macro::thread_locals(&call.mac.tokens)
        {
            let first = self.program.items.len();
            self.items(module, statics, folder);
            self.program.items[first..].iter_mut().for_each(|it| it.is_thread_local = true);
            return;
        }
        if name == "include"
            && let Some(path) =
                static_macro::file_name(&call.mac.tokens, self.program.sources.out_dir())
        {
            let base = self.program.sources.get(self.program.module(module).file);
            let path = base.path.parent().unwrap_or(Path::new("")).join(path);
            let file = self.program.sources.read(&path);
            // The included items live in this module but in another file.
            let outer = std::mem::replace(&mut self.program.modules[module.index()].file, file);
            self.file(module, file, &ModuleFolder::beside(&path), false);
            self.program.modules[module.index()].file = outer;
            return;
        }
        let span = call.span();
        let syntax = Syntax::Item(Box::new(item));
        let id = self.add(module, ItemKind::MacroCall, None, String::new(), span, syntax);
        self.program.modules[module.index()].macro_calls.push(id);
    }
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|it| match &it.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(it) => match &it.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Removes the `r#` of a raw identifier.
pub(crate) fn plain_name(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}
