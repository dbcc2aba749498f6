//! Stage 3, its end: calls of macros by example whose names only paths and imports tell are
//! expanded once all modules are there. What they expand to may bring more such calls, so that this
//! is repeated until nothing changes.

use std::collections::BTreeMap;

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
    extract::{Call, Extractor},
    extract_macros::rules_of,
    head_type::segments,
    macro_scope::MacroRules,
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
        let found = calls(program, &mut memory);
        if found.is_empty() {
            return;
        }
        for (id, calls) in found.within {
            expand_within(program, id, calls);
        }
        for (id, items) in found.at_item_level {
            replace(program, id, items);
        }
        for (spender, left) in found.left {
            program.expansion_budget.leave(spender, left);
        }
    }
}

#[derive(Default)]
struct Calls {
    /// By the place of the call in memory, for each item.
    within: BTreeMap<ItemId, CallsWithin>,
    at_item_level: Vec<(ItemId, Vec<syn::Item>)>,
    /// What they leave of the budgets.
    left: BTreeMap<Spender, usize>,
}

/// Definitions by the place of the call in memory, and expansions as far as they are kept.
#[derive(Default)]
struct CallsWithin {
    definitions: HashMap<usize, Vec<MacroRules>>,
    expansions: HashMap<usize, Vec<TokenStream>>,
}

/// How many tokens of expansions are kept in one round until they are put in place; others are made again.
const MAX_KEPT: usize = 1 << 19;

impl Calls {
    fn is_empty(&self) -> bool {
        self.within.is_empty() && self.at_item_level.is_empty()
    }
}

/// What later rounds need not find again.
#[derive(Default)]
struct Memory {
    definitions: HashMap<ItemId, Option<MacroRules>>,
    /// Items that call no macro.
    idle: HashSet<ItemId>,
}

/// Finds the calls that resolve to local definitions.
fn calls(program: &Program, memory: &mut Memory) -> Calls {
    let mut found = Calls::default();
    if !program.items.iter().any(|it| it.kind == ItemKind::MacroRules) {
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
            known: &mut memory.definitions,
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
                        found.at_item_level.extend(items.map(|it| (id, it)));
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
    known: &'a mut HashMap<ItemId, Option<MacroRules>>,
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
        let meanings = self.resolver.path(self.module, leading_colon, &names, Namespace::Macro);
        let mut all = Vec::new();
        for (definition, rest) in meanings {
            match definition {
                Definition::Item(id)
                    if rest.is_empty() && program.item(id).kind == ItemKind::MacroRules =>
                {
                    let rules = self.known.entry(id).or_insert_with(|| rules_of(program, id));
                    all.extend(rules.clone().filter(|it| it.definition.is_some()));
                }
                // Something else may be meant, so that all is left as it is.
                _ => return Vec::new(),
            }
        }
        all
    }
}

impl Visit<'_> for CallFinder<'_, '_> {
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
            let place = std::ptr::from_ref(it) as usize;
            self.found.definitions.insert(place, meanings);
            if let Some(room) = self.room.checked_sub(expanded.iter().map(price).sum()) {
                *self.room = room;
                self.found.expansions.insert(place, expanded);
            }
        }
    }
}

fn expand_within(program: &mut Program, id: ItemId, calls: CallsWithin) {
    let krate = program.krate_of_item(id);
    let configuration = program.krates[krate.index()].configuration.clone();
    let (name, edition) =
        (program.krates[krate.index()].name.clone(), program.krates[krate.index()].edition);
    let CallsWithin { definitions, expansions } = calls;
    let place = |call: &Macro| std::ptr::from_ref(call) as usize;
    let meaning = |call: &Macro| definitions.get(&place(call)).cloned().unwrap_or_default();
    let dollar_crate = format!("{}{name}", crate::program::DOLLAR_CRATE);
    let spender = program.item(id).spender;
    let left = program.expansion_budget.left(spender);
    let mut expander = Expander::new(&meaning, &configuration, dollar_crate, edition, left);
    expander.known = expansions;
    match &mut program.items[id.index()].syntax {
        Syntax::Item(it) => expander.visit_item_mut(it),
        Syntax::ImplMember(it) => expander.visit_impl_item_mut(it),
        Syntax::TraitMember(it) => expander.visit_trait_item_mut(it),
        Syntax::Foreign(_) | Syntax::Bytes(_) => {}
    }
    program.expansion_budget.leave(spender, expander.tokens_left);
    Extractor::new(program, krate).blocks(id);
}

/// The items that a call's expansions consist of; `None` where they are not understood.
fn items(expansions: Vec<TokenStream>) -> Option<Vec<syn::Item>> {
    let mut items = Vec::new();
    for tokens in expansions {
        items.extend(expansion::items(tokens)?);
    }
    Some(items)
}

fn replace(program: &mut Program, id: ItemId, items: Vec<syn::Item>) {
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
    let (module, scope, spender) = (item.module, item.macro_scope, item.spender);
    let folder = ModuleFolder::beside(&program.sources.get(item.file).path.clone());
    program.items[id.index()].kind = ItemKind::Expanded;
    program.modules[module.index()].macro_calls.retain(|it| *it != id);
    let krate = program.krate_of_item(id);
    let mut extractor = Extractor::new(program, krate);
    extractor.macro_scope = scope;
    extractor.spender = spender;
    extractor.expanded_items(module, items, here, &folder);
}
