//! Stage 3: from crate roots to the program: follows `mod` declarations and takes the items out.
//! Resolves nothing.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Expr, Lit, Meta};

use crate::{
    attribute,
    cfg::Configuration,
    cfg_attr,
    expansion_budget::Spender,
    macro_scope::MacroScopeId,
    module_file::ModuleFolder,
    normalise,
    package::Target,
    program::{Definition, Item, ItemKind, Krate, KrateId, Module, ModuleId, Program, Syntax},
    source::FileId,
    token_scan::Scan,
    visibility::Visibility,
};

/// What is known of a crate before it is read.
pub(crate) struct Origin {
    /// The year.
    pub(crate) edition: u16,
    pub(crate) configuration: Configuration,
    /// It is a target of the package itself.
    pub(crate) is_own: bool,
    pub(crate) has_build_script: bool,
    /// It may be read again, as another build has it.
    pub(crate) is_read_again: bool,
}

/// Reads the crate whose root a target names, with all its modules, into the program.
pub(crate) fn krate(program: &mut Program, target: &Target, origin: Origin) -> KrateId {
    let id = KrateId::new(program.krates.len());
    let root = ModuleId::new(program.modules.len());
    let file = program.sources.read(&target.root);
    let Origin { edition, configuration, is_own, has_build_script, is_read_again } = origin;
    program.krates.push(Krate {
        name: target.name.clone(),
        root,
        externs: BTreeMap::new(),
        published: BTreeMap::new(),
        perennial: Vec::new(),
        renamed: BTreeMap::new(),
        attributes: String::new(),
        files: Vec::new(),
        is_proc_macro: target.kind == crate::package::TargetKind::ProcMacro,
        edition,
        configuration,
        macro_use: Vec::new(),
        has_no_prelude: false,
        is_own,
        has_build_script,
    });
    let folder = ModuleFolder::beside(&target.root);
    let root_module = module(id, None, target.name.clone(), file);
    program.modules.push(Module { folder: Some(folder.clone()), ..root_module });
    let mut extractor = Extractor::new(program, id);
    extractor.keeps_parsed = is_read_again;
    let attributes = extractor.file(root, file, &folder, false);
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
        visibility: Visibility::Public,
        is_block: false,
        path,
        file,
        folder: None,
        names: BTreeMap::new(),
        imports: Vec::new(),
        globs: Vec::new(),
        macro_calls: Vec::new(),
        opaque: None,
        cfgs: Vec::new(),
        macro_scope: None,
        conditional: BTreeMap::new(),
        attributes: Vec::new(),
    }
}

const NO_PRELUDE: &str = "no_implicit_prelude";

/// Files and expansions inside one another; deeper is taken for endless.
const MAX_DEPTH: usize = 128;

pub(crate) struct Extractor<'a> {
    pub(crate) program: &'a mut Program,
    pub(crate) krate: KrateId,
    pub(crate) depth: usize,
    pub(crate) configuration: Configuration,
    /// The macros by example that are in textual scope here.
    pub(crate) macro_scope: Option<MacroScopeId>,
    /// Inside the expansion of a call: where the call is, and the cfgs on it.
    pub(crate) expansion: Option<Call>,
    /// Another crate will read the same files.
    pub(crate) keeps_parsed: bool,
    /// The files that are being read, each inside the one before.
    open: Vec<FileId>,
    /// Whose calls are expanded.
    pub(crate) spender: Spender,
    /// Inside the expansions of calls: the crates of the macros that aren't the program's own.
    pub(crate) makers: BTreeSet<String>,
}

/// Where a call stands whose expansion is extracted.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) file: FileId,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) cfgs: String,
}

impl<'a> Extractor<'a> {
    pub(crate) fn new(program: &'a mut Program, krate: KrateId) -> Self {
        let configuration = program.krates[krate.index()].configuration.clone();
        let spender = Spender::default();
        Self {
            program,
            krate,
            depth: 0,
            configuration,
            macro_scope: None,
            expansion: None,
            keeps_parsed: false,
            spender,
            makers: BTreeSet::new(),
            open: Vec::new(),
        }
    }

    /// Reads one file into a module; returns the file's inner attributes. A file behind a `cfg` may
    /// be missing in this build.
    pub(crate) fn file(
        &mut self,
        module: ModuleId,
        file: FileId,
        folder: &ModuleFolder,
        is_conditional: bool,
    ) -> Vec<Attribute> {
        self.program.krates[self.krate.index()].files.push(file);
        let source = self.program.sources.get(file);
        let label = source.label.clone();
        let mut parsed = match (self.program.parsed.remove(&file), source.text()) {
            (Some(parsed), _) => Ok(parsed),
            (None, None) => Err(None),
            (None, Some(text)) => syn::parse_file(text).map_err(Some),
        };
        if let (true, Ok(parsed)) = (self.keeps_parsed, &parsed) {
            self.program.parsed.insert(file, parsed.clone());
        }
        if let Ok(parsed) = &mut parsed {
            self.configuration.settle(&mut parsed.attrs);
        }
        match parsed {
            Ok(_) if self.depth > MAX_DEPTH => {
                self.opaque(module, file, &format!("{label}: modules are nested too deeply"));
                Vec::new()
            }
            // No compiler takes that. Two such modules in one file would be read for ever.
            Ok(_) if self.open.contains(&file) => {
                self.opaque(module, file, &format!("{label}: the file is a module of itself"));
                Vec::new()
            }
            Ok(parsed) if !self.configuration.keeps(&parsed.attrs) => Vec::new(),
            Ok(parsed) => {
                self.surround(module, &parsed.attrs);
                self.depth += 1;
                self.open.push(file);
                self.items(module, parsed.items, folder);
                self.open.pop();
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
                if !is_conditional || self.program.sources.get(file).is_readable {
                    self.opaque(module, file, &message);
                }
                Vec::new()
            }
        }
    }

    /// Notes the attributes of a module that decide whether, and as what, its items exist.
    fn surround(&mut self, module: ModuleId, attributes: &[Attribute]) {
        self.note_prelude(attributes);
        let is_root = self.program.module(module).parent.is_none();
        let cfgs: Vec<_> = attributes.iter().filter(|it| attribute::is_cfg(it)).cloned().collect();
        let module = &mut self.program.modules[module.index()];
        if !cfgs.is_empty() && !is_root {
            module.cfgs.push(normalise::attributes(&cfgs));
        }
        module
            .attributes
            .extend(attributes.iter().filter(|it| !is_root && attribute::names_code(it)).cloned());
    }

    fn note_prelude(&mut self, attributes: &[Attribute]) {
        let is_named = |it: &Attribute| {
            let tokens = attribute::arguments(it);
            it.path().is_ident(NO_PRELUDE)
                || it.path().is_ident("cfg_attr")
                    && Scan::of(tokens).identifiers.contains(NO_PRELUDE)
        };
        let krate = &mut self.program.krates[self.krate.index()];
        krate.has_no_prelude |= attributes.iter().any(is_named);
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
            makers: BTreeSet::new(),
            is_expanded: false,
            cfgs: String::new(),
            macro_scope: self.macro_scope,
            spender: self.spender,
        });
        self.program.modules[module.index()].opaque = Some(id);
    }

    pub(crate) fn items(&mut self, module: ModuleId, items: Vec<syn::Item>, folder: &ModuleFolder) {
        for item in items {
            self.item(module, item, folder);
        }
    }

    /// The `cfg`s on an item, or on the call that makes it, that can't be told from here.
    pub(crate) fn cfgs_of(&self, attributes: &[Attribute]) -> String {
        let cfgs: Vec<_> = attributes
            .iter()
            .filter(|it| {
                if it.path().is_ident("cfg") {
                    return !self.configuration.decides(it);
                }
                it.path().is_ident("cfg_attr")
                    && cfg_attr::flattened(it).iter().any(|it| it.path().is_ident("cfg"))
            })
            .cloned()
            .collect();
        let mut text = normalise::attributes(&cfgs);
        if let Some(call) = &self.expansion {
            text += &call.cfgs;
        }
        text
    }

    pub(crate) fn module(&mut self, parent: ModuleId, it: syn::ItemMod, folder: &ModuleFolder) {
        let name = plain_name(&it.ident.to_string());
        self.note_prelude(&it.attrs);
        let path_attribute = self.path_attribute(&it.attrs);
        let cfgs: Vec<_> = it.attrs.iter().filter(|it| attribute::is_cfg(it)).cloned().collect();
        let conditions = self.cfgs_of(&it.attrs);
        self.condition(parent, &name, &conditions);
        let outer = self.program.module(parent);
        let mut inner =
            module(self.krate, Some(parent), format!("{}::{name}", outer.path), outer.file);
        inner.visibility = self.program.visibility(parent, &it.vis);
        inner.cfgs.clone_from(&outer.cfgs);
        inner.attributes.clone_from(&outer.attributes);
        inner.attributes.extend(it.attrs.iter().filter(|it| attribute::names_code(it)).cloned());
        if !cfgs.is_empty() {
            inner.cfgs.push(normalise::attributes(&cfgs));
        }
        let id = ModuleId::new(self.program.modules.len());
        self.program.modules.push(inner);
        self.define(parent, name.clone(), Definition::Module(id));
        let outer_scope = self.macro_scope;
        if let Some((_, items)) = it.content {
            let path = path_attribute.as_ref().ok().and_then(|it| it.as_deref());
            let folder = folder.inline(&name, path);
            self.program.modules[id.index()].folder = Some(folder.clone());
            self.items(id, items, &folder);
        } else {
            let known = path_attribute.as_ref().ok().and_then(|it| it.as_deref());
            let (path, folder) = folder.find(&name, known);
            let file = self.program.sources.read(&path);
            if path_attribute.is_err() {
                let label = self.program.sources.get(file).label.clone();
                self.opaque(id, file, &format!("{label}: a cfg decides which file it is"));
            }
            self.program.modules[id.index()].file = file;
            self.program.modules[id.index()].folder = Some(folder.clone());
            // What a file declares has its places in that file, whoever declared the module.
            let expansion = self.expansion.take();
            let makers = std::mem::take(&mut self.makers);
            self.file(id, file, &folder, !cfgs.is_empty());
            self.makers = makers;
            self.expansion = expansion;
        }
        if !it.attrs.iter().any(|it| it.path().is_ident("macro_use")) {
            self.macro_scope = outer_scope;
        }
    }

    /// The file that `#[path]` names; an error where a `cfg_attr` may name one.
    fn path_attribute(&self, attributes: &[Attribute]) -> Result<Option<String>, Undecided> {
        for attribute in attributes {
            if let Some(path) = path_in(&attribute.meta) {
                return Ok(Some(path));
            }
            if attribute.path().is_ident("cfg_attr")
                && let Some((is_set, inner)) = self.configuration.conditional(attribute)
                && let Some(path) = inner.iter().find_map(path_in)
            {
                match is_set {
                    Some(true) => return Ok(Some(path)),
                    Some(false) => {}
                    None => return Err(Undecided),
                }
            }
        }
        Ok(None)
    }
}
/// It can't be told from here.
struct Undecided;

/// Returns what a `path = "…"` says.
pub(crate) fn path_in(meta: &Meta) -> Option<String> {
    match meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(it) => match &it.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Removes the `r#` of a raw identifier.
pub(crate) fn plain_name(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_owned()
}

/// Returns an identifier without `r#`.
pub(crate) fn name_of(ident: &proc_macro2::Ident) -> String {
    let mut name = ident.to_string();
    if name.starts_with("r#") {
        name.drain(..2);
    }
    name
}
