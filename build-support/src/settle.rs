//! Stage 3, its end: calls of macros by example whose names only paths and imports tell are
//! expanded once all modules are there. What they expand to may bring more such calls, so that this
//! is repeated until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use syn::{Macro, spanned::Spanned, visit::Visit, visit_mut::VisitMut};

use crate::{
    attribute,
    call_finder::{CallFinder, CallsWithin, key_of},
    expansion::{self, Expanded, Expander},
    expansion_budget::Spender,
    extent::Extent,
    extract::{Call, Extractor},
    foreign_call,
    macro_scope::MacroRules,
    module_file::ModuleFolder,
    normalise,
    program::{ItemId, ItemKind, Program, Syntax},
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
            memory.changed.insert(id);
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
    /// What there was to resolve in the last round, the prelude aside.
    extent: Option<Extent>,
    /// Items whose code was replaced since.
    changed: HashSet<ItemId>,
}

impl Memory {
    /// Tells what a round need not look into: where nothing came that a name could mean, the calls in items
    /// that are as they were mean what they meant in the round before, which left them.
    fn begin(&mut self, program: &Program, takes_prelude: bool) -> Option<HashSet<ItemId>> {
        if takes_prelude {
            return None;
        }
        let extent = Some(Extent::of(program));
        let changed = std::mem::take(&mut self.changed);
        let is_same = std::mem::replace(&mut self.extent, extent) == extent;
        is_same.then_some(changed)
    }
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
    let changed = memory.begin(program, takes_prelude);
    let mut meant = HashMap::default();
    for id in program.item_ids() {
        let item = program.item(id);
        let is_known = changed.as_ref().is_some_and(|it| !it.contains(&id));
        if memory.idle.contains(&id) || is_known && item.kind != ItemKind::MacroCall {
            continue;
        }
        let mut finder = CallFinder {
            resolver: &resolver,
            module: item.module,
            scope: item.macro_scope,
            takes_prelude,
            known: &mut memory.definitions,
            meant: &mut meant,
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
                        let tokens = expanded.iter().map(|it| it.price).sum();
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
fn items(expansions: Vec<Expanded>) -> Option<Vec<syn::Item>> {
    let mut items = Vec::new();
    for Expanded { tokens, .. } in expansions {
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
