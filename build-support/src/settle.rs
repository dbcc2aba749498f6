//! Stage 3, its end: calls of macros by example whose names only paths and imports tell are
//! expanded once all modules are there. What they expand to may bring more such calls, so that this
//! is repeated until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use syn::{
    Macro,
    spanned::Spanned,
    visit::{self, Visit},
    visit_mut::VisitMut,
};

use crate::{
    attribute,
    expansion::{self, Expander},
    expansion_budget::{Spender, price},
    extract::{Call, Extractor, plain_name},
    extract_macros::rules_of,
    foreign_call::{self, ForeignCall},
    head_type::segments,
    macro_scope::{MacroRules, MacroScopeId},
    module_file::ModuleFolder,
    normalise,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Program, Syntax},
    resolve::Resolver,
};

/// Each round goes one call deeper.
const MAX_ROUNDS: usize = 32;

/// Expands what paths and imports tell of.
pub(crate) fn settle(program: &mut Program) {
    let mut memory = Memory::default();
    for _ in 0..MAX_ROUNDS {
        let mut found = calls(program, &mut memory, false);
        if found.is_empty() && program.krates.iter().any(|it| !it.macro_use.is_empty()) {
            found = calls(program, &mut memory, true);
        }
        if found.is_empty() {
            return;
        }
        for (id, calls) in found.within {
            expand_within(program, id, calls);
        }
        for (id, items, makers) in found.at_item_level {
            replace(program, id, items, makers);
        }
        for (spender, left) in found.left {
            program.expansion_budget.leave(spender, left);
        }
    }
}

#[derive(Default)]
struct Calls {
    /// For each item.
    within: BTreeMap<ItemId, CallsWithin>,
    /// With the crates of macros that aren't the program's own.
    at_item_level: Vec<(ItemId, Vec<syn::Item>, BTreeSet<String>)>,
    /// What they leave of the budgets.
    left: BTreeMap<Spender, usize>,
}

/// Calls of an item.
#[derive(Default)]
struct CallsWithin {
    /// By the place of the call in memory; of calls among the arguments of a macro of std by its place and
    /// their paths.
    definitions: HashMap<CallKey, Vec<MacroRules>>,
    /// By the place of the call, as far as they are kept.
    expansions: HashMap<usize, Vec<TokenStream>>,
}

/// How many tokens of expansions are kept in one round until they are put in place; others are made again.
const MAX_KEPT: usize = 1 << 19;

impl Calls {
    fn is_empty(&self) -> bool {
        self.within.is_empty() && self.at_item_level.is_empty()
    }
}

/// Finds a call again where it stands.
type CallKey = (usize, Vec<String>);

/// What later rounds need not find again.
#[derive(Default)]
struct Memory {
    definitions: HashMap<ItemId, Option<MacroRules>>,
    /// Items that call no macro.
    idle: HashSet<ItemId>,
}

/// Finds the calls that resolve to definitions which can be read.
fn calls(program: &Program, memory: &mut Memory, takes_prelude: bool) -> Calls {
    let mut found = Calls::default();
    if !program.items.iter().any(|it| it.kind == ItemKind::MacroRules)
        && !foreign_call::may_be_in(program)
    {
        return found;
    }
    let resolver = Resolver::new(program);
    let mut room = MAX_KEPT;
    for id in program.item_ids() {
        if memory.idle.contains(&id) {
            continue;
        }
        let item = program.item(id);
        let mut finder = CallFinder {
            resolver: &resolver,
            module: item.module,
            scope: item.macro_scope,
            takes_prelude,
            known: &mut memory.definitions,
            around: None,
            has_calls: false,
            room: &mut room,
            found: CallsWithin::default(),
        };
        match (&item.syntax, item.kind) {
            (Syntax::Item(it), ItemKind::MacroCall) => {
                if let syn::Item::Macro(call) = &**it {
                    let left = found.left.entry(item.spender);
                    let left = left.or_insert_with_key(|it| program.expansion_budget.left(*it));
                    let meanings = if *left == 0 { Vec::new() } else { finder.meanings(&call.mac) };
                    let expanded = expansion::expansions(&meanings, &call.mac.tokens);
                    if let Some(expanded) = expanded {
                        let tokens = expanded.iter().map(price).sum();
                        let room = left.checked_sub(tokens);
                        *left = room.unwrap_or_default();
                        let items = room.and_then(|_| items(expanded));
                        let makers = makers(&meanings).cloned().collect();
                        found.at_item_level.extend(items.map(|it| (id, it, makers)));
                    }
                }
                continue;
            }
            (_, ItemKind::MacroRules | ItemKind::Expanded) => continue,
            _ if program.expansion_budget.left(item.spender) == 0 => continue,
            (Syntax::Item(it), _) => finder.visit_item(it),
            (Syntax::ImplMember(it), _) => finder.visit_impl_item(it),
            (Syntax::TraitMember(it), _) => finder.visit_trait_item(it),
            (Syntax::Foreign(_) | Syntax::Bytes(_), _) => {}
        }
        let CallFinder { found: calls, has_calls, .. } = finder;
        if !has_calls {
            memory.idle.insert(id);
        }
        if !calls.definitions.is_empty() {
            found.within.insert(id, calls);
        }
    }
    found
}

struct CallFinder<'a, 'p> {
    resolver: &'a Resolver<'p>,
    module: ModuleId,
    /// The textual scope around the item.
    scope: Option<MacroScopeId>,
    /// No other calls are left that could define macros.
    takes_prelude: bool,
    known: &'a mut HashMap<ItemId, Option<MacroRules>>,
    /// The macro of std among whose arguments the visit is.
    around: Option<usize>,
    has_calls: bool,
    /// How many tokens can still be kept.
    room: &'a mut usize,
    found: CallsWithin,
}

impl CallFinder<'_, '_> {
    fn meanings(&mut self, call: &Macro) -> Vec<MacroRules> {
        let program = self.resolver.program;
        let leading_colon = call.path.leading_colon.is_some();
        let names = segments(&call.path);
        // A definition before the item comes first; one behind it is none for its calls.
        if let ([name], false) = (&names[..], leading_colon) {
            let textual = program.macro_scopes.find(self.scope, name);
            if !textual.is_empty() {
                return textual;
            }
        }
        self.resolver.take_cfgs();
        let meanings = self.resolver.path(self.module, leading_colon, &names, Namespace::Macro);
        let is_certain = self.resolver.take_cfgs().is_empty();
        let imported =
            || foreign_call::imported(self.resolver.program, self.module, &names, &meanings);
        if let Some(name) = foreign_call::of(&names, &meanings).or_else(imported) {
            let is_prelude = matches!(name, ForeignCall::Prelude(_));
            if is_prelude && !self.takes_prelude {
                return Vec::new();
            }
            return self.foreign(call, &name).filter(|_| is_certain).into_iter().collect();
        }
        let mut all = Vec::new();
        for (definition, rest) in &*meanings {
            match definition {
                // In a block it depends on what stands before the call, as the expander knows.
                Definition::Item(id)
                    if rest.is_empty()
                        && program.item(*id).kind == ItemKind::MacroRules
                        && !program.module(program.item(*id).module).is_block =>
                {
                    let rules = self.known.entry(*id).or_insert_with(|| rules_of(program, *id));
                    all.extend(rules.clone().filter(|it| it.definition.is_some()));
                }
                // Something else may be meant, so that all is left as it is.
                _ => return Vec::new(),
            }
        }
        all
    }
}

impl CallFinder<'_, '_> {
    /// What a call means that leads out of the program, unless textual scope comes before.
    fn foreign(&self, call: &Macro, called: &ForeignCall) -> Option<MacroRules> {
        let program = self.resolver.program;
        let krate = program.module(self.module).krate;
        if let Some(name) = call.path.get_ident() {
            let name = plain_name(&name.to_string());
            let block = program.module(self.module).macro_scope;
            let scopes = [self.scope, block];
            if scopes.iter().any(|it| !program.macro_scopes.find(*it, &name).is_empty()) {
                return None;
            }
        }
        match called {
            ForeignCall::Path { krate: of, name } => {
                program.foreign_macros.exported(program, krate, of, name)
            }
            // Whoever defines one of that name may be before it.
            ForeignCall::Prelude(name) => {
                let others = self.resolver.macros_named(name, self.module);
                let found = || program.foreign_macros.of_prelude(program, krate, name);
                others.is_empty().then(found).flatten()
            }
        }
    }
}

impl Visit<'_> for CallFinder<'_, '_> {
    // Members that a macro makes are expanded where they are extracted.
    fn visit_impl_item_macro(&mut self, _: &syn::ImplItemMacro) {
        self.has_calls = true;
    }

    fn visit_trait_item_macro(&mut self, _: &syn::TraitItemMacro) {
        self.has_calls = true;
    }

    fn visit_block(&mut self, it: &syn::Block) {
        let inner = self.resolver.program.blocks.get(&crate::block::address(it)).copied();
        let outer = self.module;
        self.module = inner.unwrap_or(outer);
        visit::visit_block(self, it);
        self.module = outer;
    }

    fn visit_stmt(&mut self, it: &syn::Stmt) {
        if !matches!(it, syn::Stmt::Item(_)) {
            visit::visit_stmt(self, it);
        }
    }

    fn visit_macro(&mut self, it: &Macro) {
        self.has_calls = true;
        let meanings = self.meanings(it);
        // A definition that does not fit is no reason to come back in every round.
        if let Some(expanded) = expansion::expansions(&meanings, &it.tokens) {
            self.found.definitions.insert(key_of(it, self.around), meanings);
            if self.around.is_none()
                && let Some(room) = self.room.checked_sub(expanded.iter().map(price).sum())
            {
                *self.room = room;
                self.found.expansions.insert(std::ptr::from_ref(it) as usize, expanded);
            }
        } else if let Some(arguments) = expansion::arguments(it) {
            let outer = self.around;
            self.around = outer.or(Some(std::ptr::from_ref(it) as usize));
            arguments.iter().for_each(|it| self.visit_expr(it));
            self.around = outer;
        }
    }
}

/// Arguments of macros are parsed where they are looked at, and lie elsewhere each time. They open no
/// scope, so that one path means the same in all of them.
fn key_of(call: &Macro, around: Option<usize>) -> CallKey {
    let colons = call.path.leading_colon.map(|_| String::new());
    let path = || colons.into_iter().chain(segments(&call.path)).collect();
    around.map_or_else(|| (std::ptr::from_ref(call) as usize, Vec::new()), |it| (it, path()))
}

fn expand_within(program: &mut Program, id: ItemId, calls: CallsWithin) {
    let CallsWithin { definitions, expansions } = calls;
    let makers: BTreeSet<_> = definitions.values().flat_map(|it| makers(it)).cloned().collect();
    program.items[id.index()].makers.extend(makers);
    // Put aside; what is inside stays where it lies.
    let nothing = Syntax::Bytes(program.item(id).file);
    let mut syntax = std::mem::replace(&mut program.items[id.index()].syntax, nothing);
    let (krate, spender) = (program.krate_of_item(id), program.item(id).spender);
    let all = &*program;
    let of = &all.krates[krate.index()];
    let meaning = |call: &Macro, around: Option<usize>| {
        // Only calls that an expansion holds are not among those found.
        let found = definitions.get(&key_of(call, around)).cloned();
        found.unwrap_or_else(|| {
            all.foreign_macros.of_dollar_crate(all, krate, &call.path).into_iter().collect()
        })
    };
    let dollar_crate = format!("{}{}", crate::program::DOLLAR_CRATE, of.name);
    let left = all.expansion_budget.left(spender);
    let mut expander = Expander::new(&meaning, &of.configuration, dollar_crate, of.edition, left);
    expander.known = expansions;
    match &mut syntax {
        Syntax::Item(it) => expander.visit_item_mut(it),
        Syntax::ImplMember(it) => expander.visit_impl_item_mut(it),
        Syntax::TraitMember(it) => expander.visit_trait_item_mut(it),
        Syntax::Foreign(_) | Syntax::Bytes(_) => {}
    }
    let left = expander.tokens_left;
    program.items[id.index()].syntax = syntax;
    program.expansion_budget.leave(spender, left);
    let makers = program.item(id).makers.clone();
    let mut extractor = Extractor::new(program, krate);
    extractor.makers = makers;
    extractor.blocks(id);
}

/// The crates that definitions are taken from, as far as they aren't the program's own.
fn makers(meanings: &[MacroRules]) -> impl Iterator<Item = &String> {
    meanings.iter().filter_map(|it| it.foreign.as_ref())
}

/// The items that a call's expansions consist of; `None` where they are not understood.
fn items(expansions: Vec<TokenStream>) -> Option<Vec<syn::Item>> {
    let mut items = Vec::new();
    for tokens in expansions {
        items.extend(expansion::items(tokens)?);
    }
    Some(items)
}

fn replace(program: &mut Program, id: ItemId, items: Vec<syn::Item>, mut makers: BTreeSet<String>) {
    let item = program.item(id);
    let Syntax::Item(syntax) = &item.syntax else { return };
    let syn::Item::Macro(call) = &**syntax else { return };
    let cfgs = call.attrs.iter().filter(|it| attribute::is_cfg(it)).cloned().collect::<Vec<_>>();
    let start = call.span().start();
    let here = Call {
        file: item.file,
        line: if item.is_expanded { item.line } else { start.line },
        column: if item.is_expanded { item.column } else { start.column },
        cfgs: normalise::attributes(&cfgs),
    };
    makers.extend(item.makers.iter().cloned());
    let (module, scope, spender) = (item.module, item.macro_scope, item.spender);
    let around = program.module(module);
    let folder = match &around.folder {
        Some(folder) if around.file == item.file => folder.clone(),
        // An included file.
        _ => ModuleFolder::beside(&program.sources.get(item.file).path),
    };
    program.items[id.index()].kind = ItemKind::Expanded;
    program.modules[module.index()].macro_calls.retain(|it| *it != id);
    let krate = program.krate_of_item(id);
    let mut extractor = Extractor::new(program, krate);
    extractor.macro_scope = scope;
    extractor.spender = spender;
    extractor.makers = makers;
    extractor.expanded_items(module, items, here, &folder);
}
