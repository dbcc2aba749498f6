//! Which statics are set once, by code alone: what is in them says no more than their initialisers do. Facts and the
//! network go in, findings of such statics go out of the facts. Must not take a static for its code where what it was
//! set to depends on who came first, or when.

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, Lit,
    visit::{self, Visit},
};

use crate::{
    closure::Closures,
    constancy::{self, Constancy},
    facts::{Edge, Endpoint, Facts},
    head_type::segments,
    kind::Kind,
    network::Network,
    program::{Item, ItemId, Syntax},
    resolve::Resolver,
    token_scan,
};

/// Removes the findings of statics that are set by code alone.
pub(crate) fn settle(
    resolver: &Resolver<'_>,
    facts: &mut [Facts],
    network: &Network,
    has_library: bool,
) {
    let is_state = |it: &Facts| it.findings.iter().any(|it| it.kind == Kind::MutableStatic);
    let ids = resolver.program.item_ids();
    let statics: Vec<ItemId> = ids.filter(|it| is_state(&facts[it.index()])).collect();
    let mut state: BTreeSet<ItemId> = statics.iter().copied().collect();
    let mut closures = Closures::new(network);
    let mut set_by_code = Vec::new();
    for id in statics {
        let setters = match constancy::of_static(resolver, id) {
            Constancy::Lazy => Some(vec![id]),
            // Of a library others may set it.
            Constancy::Once if !(has_library && is_public(resolver, id)) => {
                setters(resolver, facts, id)
            }
            _ => None,
        };
        if let Some(setters) = setters {
            state.remove(&id);
            let reached = setters.into_iter().map(|it| closures.items(it));
            set_by_code.push((id, reached.collect::<Vec<_>>()));
        }
    }
    // What is computed from state is state, and so is what is computed from that. A variable may have had another
    // value then.
    let reads_variable =
        |it: &ItemId| facts[it.index()].findings.iter().any(|it| it.variable().is_some());
    state.extend(resolver.program.item_ids().filter(reads_variable));
    loop {
        let reads_state = |(_, reached): &(ItemId, Vec<FixedBitSet>)| {
            state.iter().any(|it| reached.iter().any(|reached| reached.contains(it.index())))
        };
        let more: Vec<_> = set_by_code.extract_if(.., |it| reads_state(it)).collect();
        if more.is_empty() {
            break;
        }
        state.extend(more.into_iter().map(|(id, _)| id));
    }
    for (id, _) in set_by_code {
        facts[id.index()].findings.retain(|it| it.kind != Kind::MutableStatic);
    }
}

fn is_public(resolver: &Resolver<'_>, id: ItemId) -> bool {
    let syntax = constancy::syntax(resolver.program.item(id));
    syntax.is_none_or(|it| matches!(it.vis, syn::Visibility::Public(_)))
}

/// Returns the item that sets a static, where all that anybody does with it is to set it in one place, by a closure
/// that captures nothing, if it is not set yet. Of several places it tells which came first.
fn setters(resolver: &Resolver<'_>, facts: &[Facts], id: ItemId) -> Option<Vec<ItemId>> {
    let program = resolver.program;
    let name = &program.item(id).name;
    let mut setters = Vec::new();
    for user in program.item_ids() {
        let edges = facts[user.index()].edges.iter();
        let uses = edges.filter(|it| it.targets.contains(&Endpoint::Item(id)));
        let uses: Vec<_> = uses.collect();
        if uses.is_empty() {
            continue;
        }
        let item = program.item(user);
        let mut bound = Bound::default();
        for it in [Some(item), item.parent.map(|it| program.item(it))].into_iter().flatten() {
            visit_item(&mut bound, it);
        }
        let mut settings = Settings { name, bound, paths: Vec::new() };
        visit_item(&mut settings, item);
        // Another static may have the name.
        let is_set_by = |it: &str| settings.paths.iter().filter(|path| *path == it).count() == 1;
        let is_setting = |it: &Edge| it.targets.len() == 1 && is_set_by(&it.label);
        if !uses.iter().all(|it| is_setting(it)) {
            return None;
        }
        setters.extend(uses.iter().map(|_| user));
    }
    (setters.len() <= 1).then_some(setters)
}

/// Finds the calls of `get_or_init` on statics of a name whose closures capture nothing.
struct Settings<'a> {
    name: &'a str,
    /// What may be captured.
    bound: Bound,
    /// By which paths they name them.
    paths: Vec<String>,
}

impl<'ast> Visit<'ast> for Settings<'_> {
    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        if let (Expr::Path(receiver), "get_or_init", [initialiser]) =
            (&*it.receiver, it.method.to_string().as_str(), &it.args.iter().collect::<Vec<_>>()[..])
            && receiver.path.segments.last().is_some_and(|it| it.ident == self.name)
            && self.bound.is_without(initialiser)
        {
            self.paths.push(segments(&receiver.path).join("::"));
        }
        visit::visit_expr_method_call(self, it);
    }
}

fn visit_item<'ast>(visitor: &mut impl Visit<'ast>, item: &'ast Item) {
    match &item.syntax {
        Syntax::Item(it) => visitor.visit_item(it),
        Syntax::ImplMember(it) => visitor.visit_impl_item(it),
        Syntax::TraitMember(it) => visitor.visit_trait_item(it),
        Syntax::Foreign(it) => visitor.visit_foreign_item(it),
        Syntax::Bytes(_) => {}
    }
}

/// How often names of locals, parameters and type parameters are bound.
#[derive(Default)]
struct Bound(BTreeMap<String, usize>);

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
        self.bind(&it.ident);
        visit::visit_pat_ident(self, it);
    }

    fn visit_type_param(&mut self, it: &'ast syn::TypeParam) {
        self.bind(&it.ident);
    }

    fn visit_const_param(&mut self, it: &'ast syn::ConstParam) {
        self.bind(&it.ident);
    }
}

impl Bound {
    fn bind(&mut self, name: &Ident) {
        *self.0.entry(name.to_string()).or_default() += 1;
    }

    /// Tells whether an expression uses nothing that is bound outside of it.
    fn is_without(&self, expression: &Expr) -> bool {
        let mut inside = Self::default();
        inside.visit_expr(expression);
        let is_outside = |name: &str| {
            matches!(name, "self" | "Self")
                || self.0.get(name).copied().unwrap_or(0) > inside.0.get(name).copied().unwrap_or(0)
        };
        names_none(expression.to_token_stream(), &is_outside)
    }
}

/// Tells whether tokens name none of those, nor may do so within a format string.
fn names_none(tokens: TokenStream, is_named: &dyn Fn(&str) -> bool) -> bool {
    tokens.into_iter().all(|token| match token {
        TokenTree::Ident(it) => !is_named(&it.to_string()),
        TokenTree::Literal(it) => match syn::parse_str(&it.to_string()) {
            Ok(Lit::Str(it)) => token_scan::captured_by(&it.value()).iter().all(|it| !is_named(it)),
            _ => true,
        },
        TokenTree::Group(it) => names_none(it.stream(), is_named),
        TokenTree::Punct(_) => true,
    })
}
