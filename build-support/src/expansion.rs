//! Stage 3, within an item: calls of macros by example are replaced by what they expand to, so that
//! the later stages see the code that the compiler sees. What stands in the place of a call in an
//! expression or a statement is a block with a mark: it opens no scope, and names of locals do not
//! hide items inside it, for a macro's own names and the caller's are different names.
//!
//! Calls that can't be expanded stay, and count by the names in their tokens.

use proc_macro2::{Ident, LineColumn, Span, TokenStream};
use quote::ToTokens;
use rustc_hash::FxHashMap as HashMap;
use syn::{
    AttrStyle, Attribute, Block, Expr, ExprBlock, ExprLit, Item, Lit, LitStr, Macro, Meta,
    MetaNameValue, Pat, Stmt, Token, Type,
    parse::{ParseStream, Parser},
    parse_quote,
    punctuated::Punctuated,
    visit::Visit,
    visit_mut::{self, VisitMut},
};

use crate::{
    attribute,
    by_example::{Definition, Expansion, unsealed},
    cfg::Configuration,
    expansion_budget::price,
    extract::plain_name,
    macro_scope::MacroRules,
    normalise::EXPRESSION_MACROS,
    token_scan::calls_others,
};

/// Calls that lead to calls that … deeper than this are taken for endless.
const MAX_DEPTH: usize = 64;

/// The attribute of a block that stands in the place of a call.
pub(crate) const MARK: &str = "perennial_expansion";

/// What a macro's path means; several definitions where a `cfg` decides. Empty: no macro by
/// example, or not known yet. A call among the arguments of a macro of std comes with that one's place
/// in memory.
pub(crate) type Meaning<'a> = dyn Fn(&Macro, Option<usize>) -> Vec<MacroRules> + 'a;

/// What a call expands to by one definition.
#[derive(Clone, Debug)]
pub(crate) struct Expanded {
    pub(crate) tokens: TokenStream,
    /// What it takes of a budget.
    pub(crate) price: usize,
}

/// Replaces calls inside an item.
pub(crate) struct Expander<'a> {
    meaning: &'a Meaning<'a>,
    /// What calls expand to that were expanded before, by their places in memory, which only they have as long
    /// as the item is there: what is replaced keeps its place.
    pub(crate) known: HashMap<usize, Vec<Expanded>>,
    configuration: &'a Configuration,
    /// Definitions inside the blocks around, the innermost last.
    blocks: Vec<Vec<(String, MacroRules)>>,
    dollar_crate: String,
    edition: u16,
    depth: usize,
    /// The macro of std among whose arguments the visit is.
    around: Option<usize>,
    pub(crate) tokens_left: usize,
    /// Something was replaced.
    pub(crate) is_changed: bool,
}

impl<'a> Expander<'a> {
    pub(crate) fn new(
        meaning: &'a Meaning<'a>,
        configuration: &'a Configuration,
        dollar_crate: String,
        edition: u16,
        tokens_left: usize,
    ) -> Self {
        Self {
            meaning,
            known: HashMap::default(),
            configuration,
            blocks: Vec::new(),
            dollar_crate,
            edition,
            depth: 0,
            around: None,
            tokens_left,
            is_changed: false,
        }
    }

    /// Expands a call to the tokens that each meaning gives; `None` unless all are understood.
    fn expand(&mut self, call: &Macro) -> Option<Vec<Expanded>> {
        if self.depth >= MAX_DEPTH || self.tokens_left == 0 {
            return None;
        }
        let name = call.path.get_ident().map(|it| plain_name(&it.to_string()));
        let local = name.and_then(|name| {
            let mut all = self.blocks.iter().rev().flatten();
            all.find(|(it, _)| *it == name).map(|(_, rules)| rules.clone())
        });
        // The one before it may be meant.
        if local.as_ref().is_some_and(|it| it.is_conditional) {
            return None;
        }
        // What is parsed anew among arguments lies anywhere.
        let place = Some(std::ptr::from_ref(call) as usize).filter(|_| self.around.is_none());
        let known = place.and_then(|it| self.known.remove(&it));
        let expansions = match (local, known) {
            (None, Some(known)) => known,
            (Some(local), _) => expansions(&[local], &call.tokens)?,
            (None, None) => expansions(&(self.meaning)(call, self.around), &call.tokens)?,
        };
        for it in &expansions {
            let left = self.tokens_left.checked_sub(it.price);
            self.tokens_left = left.unwrap_or_default();
            left?;
        }
        self.is_changed = true;
        Some(expansions)
    }

    /// Expands a call that stands for statements or for an expression.
    fn block(&mut self, call: &Macro) -> Option<Expr> {
        let place = call.path.segments.first()?.ident.span().start();
        let expansions = self.expand(call)?;
        let mut block = ExprBlock {
            attrs: vec![mark(place)],
            label: None,
            block: Block { brace_token: syn::token::Brace::default(), stmts: Vec::new() },
        };
        for Expanded { tokens, .. } in expansions {
            // A semicolon at the end of an expansion in expression position is ignored by rustc.
            block.block.stmts.extend(Block::parse_within.parse2(tokens).ok()?);
        }
        let mut block = Expr::Block(block);
        self.configuration.prune_expression(&mut block);
        Some(block)
    }

    fn deeper(&mut self, inside: impl FnOnce(&mut Self)) {
        let around = self.around.take();
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.around = around;
    }
}

impl VisitMut for Expander<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.blocks.push(Vec::new());
        for statement in &mut block.stmts {
            self.visit_stmt_mut(statement);
            // Calls before a definition mean another.
            if let Stmt::Item(Item::Macro(it)) = statement
                && let Some(name) = &it.ident
            {
                let rules = MacroRules {
                    definition: Definition::parse(it.mac.tokens.clone())
                        .map(|it| it.in_edition(self.edition).into()),
                    dollar_crate: self.dollar_crate.clone(),
                    is_conditional: it.attrs.iter().any(attribute::is_cfg),
                    foreign: None,
                };
                let defined = self.blocks.last_mut().expect("a block is open");
                defined.insert(0, (plain_name(&name.to_string()), rules));
            }
        }
        self.blocks.pop();
    }

    fn visit_stmt_mut(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Macro(call) if self.configuration.keeps(&call.attrs) => {
                if let Some(mut block) = self.block(&call.mac) {
                    self.deeper(|this| this.visit_expr_mut(&mut block));
                    *statement = Stmt::Expr(block, call.semi_token);
                    return;
                }
            }
            // Items inside are extracted, and expanded, on their own.
            Stmt::Item(Item::Macro(it)) if it.ident.is_none() => {
                if let Some(mut block) = self.block(&it.mac) {
                    self.deeper(|this| this.visit_expr_mut(&mut block));
                    *statement = Stmt::Expr(block, Some(parse_quote!(;)));
                }
                return;
            }
            Stmt::Item(_) => return,
            _ => {}
        }
        visit_mut::visit_stmt_mut(self, statement);
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if let Expr::Macro(call) = expression
            && let Some(mut block) = self.block(&call.mac)
        {
            self.deeper(|this| this.visit_expr_mut(&mut block));
            *expression = block;
            return;
        }
        visit_mut::visit_expr_mut(self, expression);
    }

    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Macro(call) = pattern
            && let Some([Expanded { tokens, .. }]) = self.expand(&call.mac).as_deref()
            && let Ok(mut expanded) = Pat::parse_multi_with_leading_vert.parse2(tokens.clone())
        {
            self.deeper(|this| this.visit_pat_mut(&mut expanded));
            *pattern = expanded;
            return;
        }
        visit_mut::visit_pat_mut(self, pattern);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Macro(call) = ty
            && let Some([Expanded { tokens, .. }]) = self.expand(&call.mac).as_deref()
            && let Ok(mut expanded) = syn::parse2::<Type>(tokens.clone())
        {
            self.deeper(|this| this.visit_type_mut(&mut expanded));
            *ty = expanded;
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    /// Calls among the arguments of a macro of std.
    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let Some(mut arguments) = arguments(call) else { return };
        let was_changed = std::mem::replace(&mut self.is_changed, false);
        let outer = self.around;
        self.around = outer.or(Some(std::ptr::from_ref(call) as usize));
        arguments.iter_mut().for_each(|it| self.visit_expr_mut(it));
        self.around = outer;
        if self.is_changed {
            call.tokens = arguments.to_token_stream();
        }
        self.is_changed |= was_changed;
    }
}

/// Returns the arguments of a macro of std that calls are among, unless blocks with items are too, in
/// which a path may mean something else.
pub(crate) fn arguments(call: &Macro) -> Option<Punctuated<Expr, Token![,]>> {
    let name = attribute::last_segment(&call.path);
    let has_others = || calls_others(&call.tokens, EXPRESSION_MACROS);
    if !EXPRESSION_MACROS.contains(&name.as_str()) || !has_others() {
        return None;
    }
    let list = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments = list.parse2(unsealed(call.tokens.clone())).ok()?;
    let mut items = Items { are_there: false };
    arguments.iter().for_each(|it| items.visit_expr(it));
    (!items.are_there).then_some(arguments)
}

struct Items {
    are_there: bool,
}

impl Visit<'_> for Items {
    fn visit_item(&mut self, _: &Item) {
        self.are_there = true;
    }
}

/// Expands a call by each definition that it may mean; `None` unless all are understood. A `cfg`
/// may leave a definition that does not fit the call, but at least one has to.
pub(crate) fn expansions(meanings: &[MacroRules], input: &TokenStream) -> Option<Vec<Expanded>> {
    let mut all = Vec::new();
    for rules in meanings {
        let dollar_crate = Ident::new(&rules.dollar_crate, Span::call_site());
        match rules.definition.as_ref()?.expand(input.clone(), &dollar_crate) {
            Expansion::Tokens(tokens, count) => all.push(Expanded { tokens, price: price(count) }),
            Expansion::NoMatch if meanings.len() > 1 => {}
            Expansion::NoMatch | Expansion::Unsupported => return None,
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Parses the items that an expansion consists of.
pub(crate) fn items(tokens: TokenStream) -> Option<Vec<Item>> {
    let parser = |input: ParseStream| {
        let mut items = Vec::new();
        while !input.is_empty() {
            items.push(input.parse()?);
        }
        Ok(items)
    };
    parser.parse2(tokens).ok()
}

fn mark(place: LineColumn) -> Attribute {
    let place = LitStr::new(&format!("{}:{}", place.line, place.column), Span::call_site());
    Attribute {
        pound_token: <Token![#]>::default(),
        style: AttrStyle::Outer,
        bracket_token: syn::token::Bracket::default(),
        meta: Meta::NameValue(MetaNameValue {
            path: Ident::new(MARK, Span::call_site()).into(),
            eq_token: <Token![=]>::default(),
            value: Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(place) }),
        }),
    }
}

/// Returns the place of the call whose expansion a block is.
pub(crate) fn place_of(attributes: &[Attribute]) -> Option<LineColumn> {
    attributes.iter().find_map(|it| match &it.meta {
        Meta::NameValue(pair) if pair.path.is_ident(MARK) => match &pair.value {
            Expr::Lit(it) => match &it.lit {
                Lit::Str(place) => {
                    let place = place.value();
                    let (line, column) = place.split_once(':')?;
                    Some(LineColumn { line: line.parse().ok()?, column: column.parse().ok()? })
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })
}

/// Tells whether a block is an expansion.
pub(crate) fn is_expansion(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident(MARK))
}
