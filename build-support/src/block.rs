//! Blocks that hold items: each is a module of its own, whose names are looked up outwards.

use syn::visit::{self, Visit};

use crate::{
    expansion,
    extract::{Extractor, module},
    module_file::ModuleFolder,
    program::{ItemId, ModuleId, Syntax},
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
        for Found { address, around, items } in finder.found {
            if let Some(known) = self.program.blocks.get(&address) {
                modules.push(*known);
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
            let path = self.program.sources.get(file).path.clone();
            let scope = around
                .and_then(|it| self.program.module(modules[it]).macro_scope)
                .or(self.program.item(item).macro_scope);
            let before = std::mem::replace(&mut self.macro_scope, scope);
            self.items(id, items, &ModuleFolder::beside(&path));
            self.program.modules[id.index()].macro_scope = self.macro_scope;
            self.macro_scope = before;
        }
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
    items: Vec<syn::Item>,
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

/// The items of a block, with those that its statements expand to.
fn items_of(block: &syn::Block) -> Vec<syn::Item> {
    let mut items = Vec::new();
    for statement in &block.stmts {
        match statement {
            syn::Stmt::Item(item) => items.push(item.clone()),
            syn::Stmt::Expr(syn::Expr::Block(it), _) if expansion::is_expansion(&it.attrs) => {
                items.extend(items_of(&it.block));
            }
            _ => {}
        }
    }
    items
}
