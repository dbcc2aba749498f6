//! Stage 3, its end: which calls within an item can be expanded once all modules are there. An item goes in,
//! the definitions that its calls mean come out. Changes nothing.

use rustc_hash::FxHashMap as HashMap;
use syn::{
    Macro,
    visit::{self, Visit},
};

use crate::{
    expansion::{self, Expanded},
    extract::plain_name,
    extract_macros::rules_of,
    foreign_call::{self, ForeignCall},
    head_type::segments,
    macro_scope::{MacroRules, MacroScopeId},
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace},
    resolve::Resolver,
};

/// Calls of an item.
#[derive(Default)]
pub(crate) struct CallsWithin {
    /// By the place of the call in memory; of calls among the arguments of a macro of std by its place and
    /// their paths.
    pub(crate) definitions: HashMap<CallKey, Vec<MacroRules>>,
    /// By the place of the call, as far as they are kept.
    pub(crate) expansions: HashMap<usize, Vec<Expanded>>,
}

/// Finds a call again where it stands.
pub(crate) type CallKey = (usize, Vec<String>);

/// Visits the code of one item.
pub(crate) struct CallFinder<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) module: ModuleId,
    /// The textual scope around the item.
    pub(crate) scope: Option<MacroScopeId>,
    /// No other calls are left that could define macros.
    pub(crate) takes_prelude: bool,
    pub(crate) known: &'a mut HashMap<ItemId, Option<MacroRules>>,
    /// What was looked up in this round.
    pub(crate) meant: &'a mut HashMap<LookUp, Vec<MacroRules>>,
    /// The macro of std among whose arguments the visit is.
    pub(crate) around: Option<usize>,
    pub(crate) has_calls: bool,
    /// How many tokens can still be kept.
    pub(crate) room: &'a mut usize,
    pub(crate) found: CallsWithin,
}

/// A macro's path, whether it begins with a colon, and from where it is looked up.
pub(crate) type LookUp = (ModuleId, Option<MacroScopeId>, bool, Vec<String>);

impl CallFinder<'_, '_> {
    pub(crate) fn meanings(&mut self, call: &Macro) -> Vec<MacroRules> {
        let colon = call.path.leading_colon.is_some();
        let key = (self.module, self.scope, colon, segments(&call.path));
        if let Some(known) = self.meant.get(&key) {
            return known.clone();
        }
        let meanings = self.looked_up(call, &key.3);
        self.meant.insert(key, meanings.clone());
        meanings
    }

    fn looked_up(&mut self, call: &Macro, names: &[String]) -> Vec<MacroRules> {
        let program = self.resolver.program;
        let leading_colon = call.path.leading_colon.is_some();
        // A definition before the item comes first; one behind it is none for its calls.
        if let ([name], false) = (names, leading_colon) {
            let textual = program.macro_scopes.find(self.scope, name);
            if !textual.is_empty() {
                return textual;
            }
        }
        self.resolver.take_cfgs();
        let meanings = self.resolver.path(self.module, leading_colon, names, Namespace::Macro);
        let is_certain = self.resolver.take_cfgs().is_empty();
        let imported =
            || foreign_call::imported(self.resolver.program, self.module, names, &meanings);
        if let Some(name) = foreign_call::of(names, &meanings).or_else(imported) {
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
                && let Some(room) = self.room.checked_sub(expanded.iter().map(|it| it.price).sum())
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
pub(crate) fn key_of(call: &Macro, around: Option<usize>) -> CallKey {
    let colons = call.path.leading_colon.map(|_| String::new());
    let path = || colons.into_iter().chain(segments(&call.path)).collect();
    around.map_or_else(|| (std::ptr::from_ref(call) as usize, Vec::new()), |it| (it, path()))
}
