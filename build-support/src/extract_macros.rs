//! Macros at the level of items: definitions come into scope, calls are replaced by the items that
//! they expand to. Calls that can't be expanded here become items of their own.

use std::path::Path;

use proc_macro2::TokenStream;
use syn::{Macro, spanned::Spanned, visit_mut::VisitMut};

use crate::{
    attribute,
    by_example::Definition as ByExample,
    expansion::{self, Expanded, Expander},
    extract::{Call, Extractor, plain_name},
    macro_scope::MacroRules,
    module_file::ModuleFolder,
    program::{DOLLAR_CRATE, Definition, ItemId, ItemKind, KrateId, ModuleId, Program, Syntax},
    static_macro,
};

/// Expansions of item-position calls that lead deeper than this are taken for endless.
const MAX_DEPTH: usize = 64;

impl Extractor<'_> {
    /// Brings a definition into scope: textually, at its place, and at the crate's root if it is
    /// exported.
    pub(crate) fn define_macro(&mut self, module: ModuleId, id: ItemId) {
        let Some(rules) = rules_of(self.program, id) else { return };
        let item = self.program.item(id);
        let name = item.name.clone();
        let Syntax::Item(syntax) = &item.syntax else { return };
        let syn::Item::Macro(definition) = &**syntax else { return };
        let is_exported = definition.attrs.iter().any(|it| it.path().is_ident("macro_export"));
        let root = self.program.krates[self.krate.index()].root;
        if is_exported && root != module {
            self.define(root, name.clone(), Definition::Item(id));
        }
        self.define(module, name.clone(), Definition::Item(id));
        self.macro_scope = Some(self.program.macro_scopes.push(self.macro_scope, name, rules));
    }

    /// Replaces the calls inside an item, as far as textual scope tells what they mean.
    pub(crate) fn expand_within(&mut self, item: &mut syn::Item) {
        let (program, scope) = (&*self.program, self.macro_scope);
        let krate = &program.krates[self.krate.index()];
        let left = program.expansion_budget.left(self.spender);
        let meaning = |call: &Macro, _: Option<usize>| textual(program, self.krate, scope, call);
        let dollar_crate = format!("{DOLLAR_CRATE}{}", krate.name);
        let mut expander =
            Expander::new(&meaning, &self.configuration, dollar_crate, krate.edition, left);
        expander.visit_item_mut(item);
        let left = expander.tokens_left;
        self.program.expansion_budget.leave(self.spender, left);
    }

    pub(crate) fn macro_call(&mut self, module: ModuleId, item: syn::Item, folder: &ModuleFolder) {
        let syn::Item::Macro(call) = &item else { return };
        if !self.configuration.keeps(&call.attrs) {
            return;
        }
        let name = attribute::last_segment(&call.mac.path);
        let meanings = textual(self.program, self.krate, self.macro_scope, &call.mac);
        if meanings.is_empty()
            && name == "thread_local"
            && let Some(statics) = static_macro::thread_locals(&call.mac.tokens)
        {
            let first = self.program.items.len();
            self.items(module, statics, folder);
            self.program.items[first..].iter_mut().for_each(|it| it.is_thread_local = true);
            return;
        }
        if meanings.is_empty()
            && name == static_macro::LAZY_STATIC
            && (call.mac.path.is_ident(&name)
                || attribute::first_segment(&call.mac.path) == static_macro::LAZY_STATIC)
            && let Some(statics) = static_macro::lazy_statics(&call.mac.tokens)
        {
            let maker = static_macro::LAZY_STATIC.to_owned();
            let is_new = self.makers.insert(maker.clone());
            self.items(module, statics, folder);
            if is_new {
                self.makers.remove(&maker);
            }
            return;
        }
        if meanings.is_empty()
            && name == "include"
            && let Some(path) = static_macro::file_name(&call.mac.tokens, self.out_dir())
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
        if let Some(items) = self.expanded(&meanings, &call.mac.tokens) {
            let cfgs = self.cfgs_of(&call.attrs);
            let start = call.span().start();
            let file = self.program.module(module).file;
            let here = Call { file, line: start.line, column: start.column, cfgs };
            self.expanded_items(module, items, here, folder);
            return;
        }
        let span = call.span();
        let syntax = Syntax::Item(Box::new(item));
        let id = self.add(module, ItemKind::MacroCall, None, String::new(), span, syntax);
        self.program.modules[module.index()].macro_calls.push(id);
    }

    /// The folder that `OUT_DIR` names, as far as it is known for this crate.
    fn out_dir(&self) -> Option<&Path> {
        let is_own = self.program.krates[self.krate.index()].is_own;
        self.program.sources.out_dir().filter(|_| is_own)
    }

    fn expanded(&mut self, meanings: &[MacroRules], input: &TokenStream) -> Option<Vec<syn::Item>> {
        if self.depth > MAX_DEPTH || self.program.expansion_budget.left(self.spender) == 0 {
            return None;
        }
        let mut items = Vec::new();
        for Expanded { tokens, price } in expansion::expansions(meanings, input)? {
            self.program.expansion_budget.spend(self.spender, price)?;
            items.extend(expansion::items(tokens)?);
        }
        Some(items)
    }

    /// Extracts the items of an expansion. Their places are that of the outermost call.
    pub(crate) fn expanded_items(
        &mut self,
        module: ModuleId,
        items: Vec<syn::Item>,
        call: Call,
        folder: &ModuleFolder,
    ) {
        let outer = self.expansion.clone();
        self.expansion.get_or_insert(call);
        self.depth += 1;
        self.items(module, items, folder);
        self.depth -= 1;
        self.expansion = outer;
    }

    /// Expands a call among the members of an impl or a trait; `parse` reads them.
    pub(crate) fn expanded_members<T>(
        &mut self,
        call: &Macro,
        parse: impl Fn(&mut Self, TokenStream) -> Option<Vec<T>>,
    ) -> Option<Vec<T>> {
        if self.program.expansion_budget.left(self.spender) == 0 {
            return None;
        }
        let meanings = textual(self.program, self.krate, self.macro_scope, call);
        let mut members = Vec::new();
        for Expanded { tokens, price } in expansion::expansions(&meanings, &call.tokens)? {
            self.program.expansion_budget.spend(self.spender, price)?;
            members.extend(parse(self, tokens)?);
        }
        Some(members)
    }
}

/// What a call means by textual scope, which only a lone name has, or by the `$crate` of another crate.
fn textual(
    program: &Program,
    krate: KrateId,
    scope: Option<crate::macro_scope::MacroScopeId>,
    call: &Macro,
) -> Vec<MacroRules> {
    if let Some(name) = call.path.get_ident() {
        return program.macro_scopes.find(scope, &plain_name(&name.to_string()));
    }
    program.foreign_macros.of_dollar_crate(program, krate, &call.path).into_iter().collect()
}

/// Reads a definition for its callers.
pub(crate) fn rules_of(program: &Program, id: ItemId) -> Option<MacroRules> {
    let item = program.item(id);
    let Syntax::Item(syntax) = &item.syntax else { return None };
    let syn::Item::Macro(it) = &**syntax else { return None };
    let krate = &program.krates[program.krate_of_item(id).index()];
    // `macro name(…) { … }` has rules of another form.
    let is_by_example = it.mac.path.is_ident("macro_rules");
    let definition = ByExample::parse(it.mac.tokens.clone()).filter(|_| is_by_example);
    Some(MacroRules {
        definition: definition.map(|it| it.in_edition(krate.edition).into()),
        dollar_crate: format!("{DOLLAR_CRATE}{}", krate.name),
        is_conditional: it.attrs.iter().any(attribute::is_cfg),
        foreign: None,
    })
}
