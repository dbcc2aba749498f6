//! Blocks that hold items: each is a module of its own, whose names are looked up outwards.

use syn::visit::{self, Visit};

use crate::{
    attribute, expansion,
    extract::{Extractor, module},
    module_file::ModuleFolder,
    program::{ItemId, ModuleId, Syntax},
    static_macro,
};

impl Extractor<'_> {
    /// Turns the blocks inside an item that hold items into modules, as far as they are none yet.
    pub(crate) fn blocks(&mut self, item: ItemId) {
        let mut finder = BlockFinder::default();
        match &self.program.item(item).syntax {
            Syntax::Item(it) => finder.visit_item(it),
            Syntax::ImplMember(it) => finder.visit_impl_item(it),
            Syntax::TraitMember(it) => finder.visit_trait_item(it),
            Syntax::Foreign(_) | Syntax::Bytes(_) => {}
        }
        let mut modules: Vec<ModuleId> = Vec::new();
        for Found { address, around, mut items } in finder.found {
            // An expansion may have added items to a block that is known.
            items.retain(|(address, _)| self.program.extracted.insert(*address));
            let items = items.into_iter().map(|(_, item)| item).collect();
            if let Some(known) = self.program.blocks.get(&address).copied() {
                modules.push(known);
                self.items_of_block(known, items);
                continue;
            }
            let outer = self.program.item(item);
            let (path, file) = (outer.path.clone(), outer.file);
            let parent = around.map_or(outer.module, |it| modules[it]);
            let mut block = module(self.krate, Some(parent), path, file);
            block.is_block = true;
            block.cfgs.clone_from(&self.program.module(parent).cfgs);
            let id = ModuleId::new(self.program.modules.len());
            self.program.modules.push(block);
            self.program.blocks.insert(address, id);
            modules.push(id);
            let around = around.and_then(|it| self.program.module(modules[it]).macro_scope);
            self.program.modules[id.index()].macro_scope =
                around.or(self.program.item(item).macro_scope);
            self.items_of_block(id, items);
        }
    }

    fn items_of_block(&mut self, block: ModuleId, items: Vec<syn::Item>) {
        let scope = self.program.module(block).macro_scope;
        let path = self.program.sources.get(self.program.module(block).file).path.clone();
        let before = std::mem::replace(&mut self.macro_scope, scope);
        self.items(block, items, &ModuleFolder::beside(&path));
        self.program.modules[block.index()].macro_scope = self.macro_scope;
        self.macro_scope = before;
    }
}

/// Names a block by where it lies.
pub(crate) fn address(block: &syn::Block) -> usize {
    std::ptr::from_ref(block) as usize
}

struct Found {
    address: usize,
    /// The innermost of those found that is around it.
    around: Option<usize>,
    /// With where each lies.
    items: Vec<(usize, syn::Item)>,
}

#[derive(Default)]
struct BlockFinder {
    found: Vec<Found>,
    around: Option<usize>,
}

impl Visit<'_> for BlockFinder {
    fn visit_block(&mut self, block: &syn::Block) {
        let items = items_of(block);
        let outer = self.around;
        if !items.is_empty() {
            let index = self.found.len();
            self.found.push(Found { address: address(block), around: outer, items });
            self.around = Some(index);
        }
        visit::visit_block(self, block);
        self.around = outer;
    }

    fn visit_expr_block(&mut self, it: &syn::ExprBlock) {
        if expansion::is_expansion(&it.attrs) {
            // Its items are the surrounding block's, except where it stands within an expression.
            return visit::visit_block(self, &it.block);
        }
        visit::visit_expr_block(self, it);
    }

    /// Items inside the block are looked into when they are extracted themselves.
    fn visit_stmt(&mut self, statement: &syn::Stmt) {
        if !matches!(statement, syn::Stmt::Item(_)) {
            visit::visit_stmt(self, statement);
        }
    }
}

/// Tells whether a path may name `thread_local!`.
fn is_thread_local(path: &syn::Path) -> bool {
    attribute::last_segment(path) == "thread_local"
}

/// The items of a block, with those that its statements expand to.
fn items_of(block: &syn::Block) -> Vec<(usize, syn::Item)> {
    let mut items = Vec::new();
    for statement in &block.stmts {
        match statement {
            syn::Stmt::Item(item) => {
                items.push((std::ptr::from_ref(item) as usize, item.clone()));
            }
            syn::Stmt::Macro(it)
                if is_thread_local(&it.mac.path)
                    || attribute::last_segment(&it.mac.path) == static_macro::LAZY_STATIC
                        && static_macro::lazy_statics(&it.mac.tokens).is_some() =>
            {
                let call = syn::ItemMacro {
                    attrs: it.attrs.clone(),
                    ident: None,
                    mac: it.mac.clone(),
                    semi_token: it.semi_token,
                };
                let address = std::ptr::from_ref(it) as usize;
                items.push((address, syn::Item::Macro(call)));
            }
            syn::Stmt::Expr(syn::Expr::Block(it), _) if expansion::is_expansion(&it.attrs) => {
                items.extend(items_of(&it.block));
            }
            _ => {}
        }
    }
    items
}
