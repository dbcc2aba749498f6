//! Items: each goes to the module that it stands in, with the name that it has there. Modules, uses,
//! impls and macros go to the extraction of their own. Must not read files.

use proc_macro2::Span;
use syn::spanned::Spanned;

use crate::{
    attribute, cfg,
    extract::{Extractor, plain_name},
    extract_imports::Use,
    module_file::ModuleFolder,
    program::{Definition, Import, ImportPath, Item, ItemId, ItemKind, MacroUse, ModuleId, Syntax},
    token_scan::Scan,
};

impl Extractor<'_> {
    pub(crate) fn item(&mut self, module: ModuleId, mut item: syn::Item, folder: &ModuleFolder) {
        use syn::Item as It;
        self.configuration.settle_attributes(&mut item);
        if !self.configuration.keeps(cfg::attributes_of_item(&item)) {
            return;
        }
        if self.expansion.is_none() {
            self.spender = self.program.expansion_budget.open();
        }
        let mut item = match item {
            It::Mod(it) => return self.module(module, it, folder),
            other => other,
        };
        if !matches!(item, It::Macro(_)) {
            self.configuration.prune_settled(&mut item);
            self.expand_within(&mut item);
        }
        let cfgs = self.cfgs_of(cfg::attributes_of_item(&item));
        let (kind, name, span) = match &item {
            It::Use(it) => {
                let leading_colon = it.leading_colon.is_some();
                let visibility = self.program.visibility(module, &it.vis);
                let mut import = Use { module, leading_colon, visibility, cfgs };
                return self.import(&mut import, &mut Vec::new(), &it.tree);
            }
            It::ExternCrate(it) => {
                if let Some(attribute) = it.attrs.iter().find(|it| it.path().is_ident("macro_use"))
                {
                    let list = match &attribute.meta {
                        syn::Meta::List(it) => Some(Scan::of(it.tokens.clone()).identifiers),
                        _ => None,
                    };
                    let krate = &mut self.program.krates[self.krate.index()];
                    krate.macro_use.push(MacroUse {
                        krate: it.ident.to_string(),
                        names: list.map(|it| it.into_iter().collect()),
                    });
                }
                let name = it.rename.as_ref().map_or(&it.ident, |(_, name)| name).to_string();
                let leading_colon = it.ident != "self";
                let first = if leading_colon { it.ident.to_string() } else { "crate".to_owned() };
                let path = ImportPath { leading_colon, segments: vec![plain_name(&first)] };
                let visibility = self.program.visibility(module, &it.vis);
                let import = Import { name, path, visibility };
                self.program.modules[module.index()].imports.push(import);
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
        self.condition(module, &name, &cfgs);
        let id = self.add(module, kind, None, name.clone(), span, Syntax::Item(Box::new(item)));
        if let Some(derive) = self.derive_defined_by(id) {
            self.define(module, derive, Definition::Item(id));
        }
        match kind {
            ItemKind::MacroCall => self.program.modules[module.index()].macro_calls.push(id),
            ItemKind::MacroRules => self.define_macro(module, id),
            _ => self.define(module, name, Definition::Item(id)),
        }
        self.blocks(id);
    }

    /// Notes that a name may be missing from a module.
    pub(crate) fn condition(&mut self, module: ModuleId, name: &str, cfgs: &str) {
        if !cfgs.is_empty() {
            let conditional = &mut self.program.modules[module.index()].conditional;
            conditional.entry(name.to_owned()).or_default().insert(cfgs.to_owned());
        }
    }

    /// The name of the derive that `#[proc_macro_derive(Name, …)]` makes of a function.
    fn derive_defined_by(&self, id: ItemId) -> Option<String> {
        let (_, _, attributes) = self.program.item(id).function()?;
        let derive = attributes.iter().find(|it| it.path().is_ident("proc_macro_derive"))?;
        match attribute::arguments(derive).into_iter().next()? {
            proc_macro2::TokenTree::Ident(name) => Some(name.to_string()),
            _ => None,
        }
    }

    pub(crate) fn define(&mut self, module: ModuleId, name: String, definition: Definition) {
        self.program.modules[module.index()].names.entry(name).or_default().push(definition);
    }

    pub(crate) fn push(&mut self, item: Item) -> ItemId {
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
        let file = self.expansion.as_ref().map_or(self.program.module(module).file, |it| it.file);
        let base = match parent {
            Some(parent) => self.program.item(parent).path.clone(),
            None => self.program.module(module).path.clone(),
        };
        let path = if name.is_empty() { base } else { format!("{base}::{name}") };
        let start = span.start();
        let (mut line, mut column, mut cfgs) = (start.line, start.column, String::new());
        if let Some(call) = &self.expansion {
            // Its tokens may come from the definition, in another file.
            (line, column, cfgs) = (call.line, call.column, call.cfgs.clone());
        }
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
            makers: self.makers.clone(),
            is_expanded: self.expansion.is_some(),
            cfgs,
            macro_scope: self.macro_scope,
            spender: self.spender,
        })
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
}
