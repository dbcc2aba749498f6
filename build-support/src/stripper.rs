//! Takes out of syntax what is no code: documentation, inert attributes, braces and commas that are
//! formatting. Syntax goes in and comes out changed. Must not touch what may change a result.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, Item, Macro, Meta, Token, TraitItem, Visibility, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

use crate::{
    attribute,
    normalise::{EXPRESSION_MACROS, Surroundings},
};

/// Rewrites syntax in place.
pub(crate) struct Stripper<'a>(pub(crate) Surroundings<'a>);

impl VisitMut for Stripper<'_> {
    /// A derive or an attribute macro sees the documentation of all that is inside, and visibilities.
    fn visit_item_mut(&mut self, item: &mut Item) {
        let outer = self.0.are_docs_read;
        self.0.are_docs_read |= attribute::may_read_docs(crate::cfg::attributes_of_item(item));
        visit_mut::visit_item_mut(self, item);
        self.0.are_docs_read = outer;
    }

    /// What a visibility decides is resolved: what imports bring, and which members are hidden from whom. One that
    /// names a path is not followed.
    fn visit_visibility_mut(&mut self, visibility: &mut Visibility) {
        let names_path = matches!(visibility, Visibility::Restricted(it) if it.in_token.is_some());
        if !self.0.are_docs_read && !names_path {
            *visibility = Visibility::Inherited;
        }
    }

    /// Members that a macro adds to a trait are not known by their names.
    fn visit_item_trait_mut(&mut self, item: &mut syn::ItemTrait) {
        let visibility = item.vis.clone();
        visit_mut::visit_item_trait_mut(self, item);
        if item.items.iter().any(|it| matches!(it, TraitItem::Macro(_) | TraitItem::Verbatim(_))) {
            item.vis = visibility;
        }
    }

    /// The printer drops the semicolon behind `if … {}` and its like. At the end of a block it
    /// decides when temporaries are dropped (edition 2021), so that the value is written out.
    fn visit_block_mut(&mut self, block: &mut syn::Block) {
        if let Some(syn::Stmt::Expr(last, Some(_))) = block.stmts.last()
            && !matches!(last, Expr::Tuple(it) if it.elems.is_empty())
            && is_block_like(last)
        {
            block.stmts.push(syn::Stmt::Expr(parse_quote!(()), None));
        }
        // The order of imports is formatting.
        for run in block.stmts.chunk_by_mut(|a, b| is_import(a) && is_import(b)) {
            run.sort_by_cached_key(|it| it.to_token_stream().to_string());
        }
        visit_mut::visit_block_mut(self, block);
    }

    /// Braces around the one expression of a closure are formatting.
    fn visit_expr_closure_mut(&mut self, closure: &mut syn::ExprClosure) {
        if matches!(closure.output, syn::ReturnType::Default)
            && let Some(body) = only_expression(&closure.body)
        {
            *closure.body = body;
        }
        visit_mut::visit_expr_closure_mut(self, closure);
    }

    /// So are those around the one expression of an arm: temporaries end with the arm either way
    /// (Rust Reference, "Temporary scopes").
    fn visit_arm_mut(&mut self, arm: &mut syn::Arm) {
        if let Some(body) = only_expression(&arm.body) {
            *arm.body = body;
        }
        visit_mut::visit_arm_mut(self, arm);
    }

    /// Lines of a literal are no lines of code: those over several lines are written on one.
    fn visit_lit_mut(&mut self, literal: &mut syn::Lit) {
        match literal {
            syn::Lit::Str(it) if spans_lines(&it.token().to_string()) => {
                *it = syn::LitStr::new(&it.value(), it.span());
            }
            syn::Lit::ByteStr(it) if spans_lines(&it.token().to_string()) => {
                *it = syn::LitByteStr::new(&it.value(), it.span());
            }
            syn::Lit::CStr(it) if spans_lines(&it.token().to_string()) => {
                *it = syn::LitCStr::new(&it.value(), it.span());
            }
            _ => {}
        }
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let keeps_docs = self.0.are_docs_read || attribute::may_read_docs(attributes);
        attributes
            .retain(|it| if attribute::is_doc(it) { keeps_docs } else { !attribute::is_inert(it) });
        attributes.retain(|it| keeps_docs || !attribute::adds_only_inert(it));
        for memo in attributes.iter_mut().filter(|it| attribute::is_memo(it)) {
            if let Meta::List(list) = &mut memo.meta {
                list.tokens = attribute::without_placement(list.tokens.clone());
                if list.tokens.is_empty() {
                    memo.meta = Meta::Path(list.path.clone());
                }
            }
        }
        for it in attributes.iter_mut() {
            // The mark of an expansion tells the line of the call, which is no part of the code.
            if crate::expansion::is_expansion(std::slice::from_ref(it)) {
                it.meta = Meta::Path(it.path().clone());
            }
            visit_mut::visit_attribute_mut(self, it);
        }
    }

    fn visit_macro_mut(&mut self, invocation: &mut Macro) {
        let tokens = crate::by_example::unsealed(std::mem::take(&mut invocation.tokens));
        invocation.tokens = on_one_line(tokens);
        let name = attribute::last_segment(&invocation.path);
        let is_shadowed = self.0.shadowed.is_some_and(|it| it.contains(&name));
        if EXPRESSION_MACROS.contains(&name.as_str()) && !is_shadowed {
            let list = Punctuated::<Expr, Token![,]>::parse_terminated;
            if let Ok(mut arguments) = invocation.parse_body_with(list) {
                arguments.iter_mut().for_each(|it| self.visit_expr_mut(it));
                let arguments = arguments.into_iter();
                invocation.tokens = quote::quote!(#(#arguments),*);
            }
        } else if is_shadowed {
            invocation.tokens = without_places(std::mem::take(&mut invocation.tokens));
        }
    }
}

fn is_import(statement: &syn::Stmt) -> bool {
    matches!(statement, syn::Stmt::Item(Item::Use(_)))
}

/// Returns the expression that a block consists of; of `{ return x; }` too.
fn only_expression(body: &Expr) -> Option<Expr> {
    let Expr::Block(block) = body else { return None };
    if !block.attrs.is_empty() || block.label.is_some() {
        return None;
    }
    match &block.block.stmts[..] {
        [syn::Stmt::Expr(it, None)] => Some(it.clone()),
        [syn::Stmt::Expr(it @ (Expr::Return(_) | Expr::Break(_) | Expr::Continue(_)), Some(_))] => {
            Some(it.clone())
        }
        _ => None,
    }
}

fn is_block_like(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::If(_)
            | Expr::Match(_)
            | Expr::ForLoop(_)
            | Expr::While(_)
            | Expr::Loop(_)
            | Expr::Block(_)
            | Expr::Unsafe(_)
            | Expr::TryBlock(_)
            | Expr::Const(_)
    )
}

/// Takes the lines of calls out of the marks of expansions among tokens.
fn without_places(tokens: TokenStream) -> TokenStream {
    let mut is_marked = false;
    let mut kept = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(it) => {
                let inside = without_places(it.stream());
                let mut group = proc_macro2::Group::new(it.delimiter(), inside);
                group.set_span(it.span());
                kept.push(TokenTree::Group(group));
            }
            TokenTree::Ident(it) if it == crate::expansion::MARK => {
                is_marked = true;
                kept.push(it.into());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) if is_marked => {}
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn spans_lines(literal: &str) -> bool {
    literal.contains(['\n', '\r'])
}

/// Writes the literals among tokens that span lines on one line each.
fn on_one_line(tokens: TokenStream) -> TokenStream {
    if !spans_lines(&tokens.to_string()) {
        return tokens;
    }
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Literal(it) if spans_lines(&it.to_string()) => {
                let mut literal = syn::Lit::new(it);
                Stripper(Surroundings::default()).visit_lit_mut(&mut literal);
                literal.into_token_stream().into_iter().next().expect("a literal is a token")
            }
            TokenTree::Group(it) => {
                let group = proc_macro2::Group::new(it.delimiter(), on_one_line(it.stream()));
                TokenTree::Group(group)
            }
            other => other,
        })
        .collect()
}
