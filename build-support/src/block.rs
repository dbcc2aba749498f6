//! Blocks that hold items: each is a module of its own, whose names are looked up outwards.

use proc_macro2::Span;
use syn::visit::{self, Visit};

use crate::{
    extract::{Extractor, module},
    module_file::ModuleFolder,
    program::{ItemId, ModuleId, Program, Syntax},
    source::FileId,
};

impl Extractor<'_> {
    /// Turns the blocks inside an item that hold items into modules.
    pub(crate) fn blocks(&mut self, item: ItemId) {
        let mut finder = BlockFinder::default();
        match &self.program.item(item).syntax {
            Syntax::Item(it) => finder.visit_item(it),
            Syntax::ImplMember(it) => finder.visit_impl_item(it),
            Syntax::TraitMember(it) => finder.visit_trait_item(it),
            Syntax::Foreign(_) | Syntax::Bytes(_) => {}
        }
        for (span, items) in finder.found {
            let outer = self.program.item(item);
            let (parent, path, file) = (outer.module, outer.path.clone(), outer.file);
            let start = span.start();
            // A block inside a block looks outwards to it.
            let parent = block_around(self.program, file, &finder.spans, span).unwrap_or(parent);
            let mut block = module(self.krate, Some(parent), path, file);
            block.is_block = true;
            block.cfgs.clone_from(&self.program.module(parent).cfgs);
            let id = ModuleId::new(self.program.modules.len());
            self.program.modules.push(block);
            self.program.blocks.insert((file, start.line, start.column), id);
            finder.spans.push(span);
            let path = self.program.sources.get(file).path.clone();
            self.items(id, items, &ModuleFolder::beside(&path));
        }
    }
}

/// Finds the innermost block, already a module, around a block.
fn block_around(program: &Program, file: FileId, spans: &[Span], inner: Span) -> Option<ModuleId> {
    let place = |at: proc_macro2::LineColumn| (at.line, at.column);
    let around = spans.iter().rev().find(|outer| {
        place(outer.start()) < place(inner.start()) && place(inner.end()) < place(outer.end())
    })?;
    let start = around.start();
    program.blocks.get(&(file, start.line, start.column)).copied()
}

#[derive(Default)]
struct BlockFinder {
    found: Vec<(Span, Vec<syn::Item>)>,
    spans: Vec<Span>,
}

impl Visit<'_> for BlockFinder {
    fn visit_block(&mut self, block: &syn::Block) {
        let items: Vec<_> = block
            .stmts
            .iter()
            .filter_map(|it| match it {
                syn::Stmt::Item(item) => Some(item.clone()),
                _ => None,
            })
            .collect();
        if !items.is_empty() {
            self.found.push((block.brace_token.span.join(), items));
        }
        visit::visit_block(self, block);
    }

    /// Items inside the block are looked into when they are extracted themselves.
    fn visit_stmt(&mut self, statement: &syn::Stmt) {
        if !matches!(statement, syn::Stmt::Item(_)) {
            visit::visit_stmt(self, statement);
        }
    }
}
