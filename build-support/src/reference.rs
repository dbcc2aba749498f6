//! Stage 5: from one item to its facts: walks the syntax, keeps track of what locals hide, and has
//! each path resolved. What does not resolve becomes a finding; nothing is dropped.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    Attribute, Expr, GenericParam, Pat, Path, QSelf, Type, TypeParamBound,
    visit::{self, Visit},
};

use crate::{
    extract::plain_name,
    facts::{Edge, Endpoint, Facts, Finding, FindingKind, Use},
    members::{Members, segments},
    prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
    source::{FileId, Sources},
    token_scan::Scan,
};

/// Values of environment variables at build time.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What collecting facts looks into.
pub(crate) struct Lookup<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) members: &'a Members,
    pub(crate) variables: Variables<'a>,
    /// Files that items include, read beforehand.
    pub(crate) included: &'a BTreeMap<std::path::PathBuf, FileId>,
    pub(crate) sources: &'a Sources,
}

/// Collects the facts of an item.
pub(crate) fn facts(lookup: &Lookup<'_, '_>, id: ItemId) -> Facts {
    let program = lookup.resolver.program;
    let item = program.item(id);
    let mut collector = Collector {
        lookup,
        module: item.module,
        file: item.file,
        // The type that `Self` means; `None` in traits.
        self_type: self_type(lookup, id),
        locals: vec![BTreeSet::new()],
        generics: BTreeSet::new(),
        methods: BTreeSet::new(),
        has_unknown_macros: false,
        line: item.line,
        facts: Facts::default(),
    };
    if let Some(parent) = item.parent {
        collector.generics_of(parent);
        let edge = Edge { label: "impl".to_owned(), targets: vec![Endpoint::Item(parent)] };
        collector.facts.edges.push(edge);
    }
    match &item.syntax {
        Syntax::Item(it) => match &**it {
            // The body of a macro means what its names mean where it is defined.
            syn::Item::Macro(it) if it.ident.is_some() => {
                collector.scan(&Scan::of(it.mac.tokens.clone()));
            }
            it => collector.visit_item(it),
        },
        Syntax::ImplMember(it) => collector.visit_impl_item(it),
        Syntax::TraitMember(it) => collector.visit_trait_item(it),
        Syntax::Foreign(it) => {
            collector.visit_foreign_item(it);
            collector.find(FindingKind::ForeignFunction, item.path.clone());
        }
        Syntax::Bytes(_) => collector.find(FindingKind::OpaqueSource, item.path.clone()),
    }
    if item.kind == ItemKind::Static && item.is_mutable_static() {
        collector.find(FindingKind::MutableStatic, item.path.clone());
    }
    collector.facts.mentions_cfg |= !program.module(item.module).cfgs.is_empty();
    if !collector.methods.is_empty() {
        let traits = lookup.resolver.traits_in_scope(item.module, &collector.methods);
        for path in &traits.1 {
            collector.unit_of(path);
        }
        collector.facts.traits_in_scope = traits;
    }
    collector.facts
}

fn self_type(lookup: &Lookup<'_, '_>, id: ItemId) -> Option<ItemId> {
    let item = lookup.resolver.program.item(id);
    match (item.kind, item.parent) {
        (_, Some(parent)) => {
            lookup.members.impls.get(*lookup.members.impl_of_item.get(&parent)?)?.self_type
        }
        (ItemKind::Type, _) => Some(id),
        (ItemKind::Impl, _) => {
            lookup.members.impls.get(*lookup.members.impl_of_item.get(&id)?)?.self_type
        }
        _ => None,
    }
}

pub(crate) struct Collector<'a, 'p> {
    pub(crate) lookup: &'a Lookup<'a, 'p>,
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    pub(crate) self_type: Option<ItemId>,
    locals: Vec<BTreeSet<String>>,
    pub(crate) generics: BTreeSet<String>,
    pub(crate) methods: BTreeSet<String>,
    /// A macro that we do not expand may bind names.
    pub(crate) has_unknown_macros: bool,
    pub(crate) line: usize,
    pub(crate) facts: Facts,
}

impl Collector<'_, '_> {
    pub(crate) fn find(&mut self, kind: FindingKind, what: String) {
        let line = self.line;
        self.facts.findings.push(Finding { kind, what, line });
    }

    pub(crate) fn edge(&mut self, label: impl Into<String>, mut targets: Vec<Endpoint>) {
        targets.sort();
        targets.dedup();
        for target in &targets {
            if let Endpoint::Path(path) = target {
                let path = path.clone();
                self.unit_of(&path);
            }
        }
        self.facts.edges.push(Edge { label: label.into(), targets });
    }

    fn unit_of(&mut self, path: &str) {
        let krate = path.split("::").next().unwrap_or_default();
        if !prelude::SYSROOT.contains(&krate) && !krate.is_empty() {
            self.facts.units.insert(krate.to_owned());
        }
    }

    pub(crate) fn method(&mut self, name: &str) {
        self.methods.insert(name.to_owned());
        self.facts.uses.insert(Use::Member(name.to_owned()));
    }

    fn bind(&mut self, name: &syn::Ident) {
        self.locals.last_mut().expect("a scope is open").insert(plain_name(&name.to_string()));
    }

    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|it| it.contains(name))
    }

    pub(crate) fn in_scope(&mut self, inside: impl FnOnce(&mut Self)) {
        self.locals.push(BTreeSet::new());
        inside(self);
        self.locals.pop();
    }

    fn generics_of(&mut self, parent: ItemId) {
        if let Syntax::Item(it) = &self.lookup.resolver.program.item(parent).syntax {
            match &**it {
                syn::Item::Impl(it) => self.declare(&it.generics),
                syn::Item::Trait(it) => self.declare(&it.generics),
                _ => {}
            }
        }
    }

    fn declare(&mut self, generics: &syn::Generics) {
        for parameter in &generics.params {
            match parameter {
                GenericParam::Type(it) => self.generics.insert(plain_name(&it.ident.to_string())),
                GenericParam::Const(it) => self.generics.insert(plain_name(&it.ident.to_string())),
                GenericParam::Lifetime(_) => false,
            };
        }
    }

    /// Notes what a path means, with the types in its arguments.
    fn path(&mut self, qself: Option<&QSelf>, path: &Path, namespace: Namespace) {
        self.line = path.segments.first().map_or(self.line, |it| it.ident.span().start().line);
        let names = segments(path);
        let label = names.join("::");
        if let Some(qself) = qself {
            self.visit_type(&qself.ty);
            if qself.position > 0 {
                self.named(
                    &label,
                    path.leading_colon.is_some(),
                    &names[..qself.position],
                    Namespace::Type,
                );
            }
            for name in &names[qself.position..] {
                self.facts.uses.insert(Use::Member(name.clone()));
            }
        } else {
            self.named(&label, path.leading_colon.is_some(), &names, namespace);
        }
        for segment in &path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    /// Tells whether an identifier in a pattern is a constant or a variant rather than a binding.
    fn is_constant(&self, name: &str) -> bool {
        let names = [name.to_owned()];
        self.lookup.resolver.path(self.module, false, &names, Namespace::Value).iter().any(
            |(definition, _)| match definition {
                Definition::Item(id) => {
                    let kind = self.lookup.resolver.program.item(*id).kind;
                    !matches!(kind, ItemKind::Function | ItemKind::MacroCall | ItemKind::Opaque)
                }
                Definition::Variant(_) => true,
                // Bindings are written in lower case; constants of other crates are not.
                Definition::External(_) => name.starts_with(char::is_uppercase),
                Definition::Module(_) => false,
            },
        )
    }

    fn object(&mut self, bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>) {
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else { continue };
            let names = segments(&bound.path);
            let leading_colon = bound.path.leading_colon.is_some();
            for (definition, _) in
                self.lookup.resolver.path(self.module, leading_colon, &names, Namespace::Type)
            {
                self.facts.uses.insert(match definition {
                    Definition::Item(id) => Use::Object(id),
                    _ => Use::ForeignObject(names.last().cloned().unwrap_or_default()),
                });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_, '_> {
    fn visit_attribute(&mut self, it: &'ast Attribute) {
        self.attribute(it);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_generics(&mut self, it: &'ast syn::Generics) {
        self.declare(it);
        visit::visit_generics(self, it);
    }

    fn visit_trait_bound(&mut self, it: &'ast syn::TraitBound) {
        self.path(None, &it.path, Namespace::Type);
    }

    fn visit_type_trait_object(&mut self, it: &'ast syn::TypeTraitObject) {
        self.object(&it.bounds);
        visit::visit_type_trait_object(self, it);
    }

    fn visit_type_path(&mut self, it: &'ast syn::TypePath) {
        self.path(it.qself.as_ref(), &it.path, Namespace::Type);
    }

    fn visit_generic_argument(&mut self, it: &'ast syn::GenericArgument) {
        // A lone name may be a type or a constant.
        if let syn::GenericArgument::Type(Type::Path(path)) = it
            && path.qself.is_none()
            && let Some(name) = path.path.get_ident()
            && self.is_constant(&plain_name(&name.to_string()))
            && self
                .lookup
                .resolver
                .path(self.module, false, &[name.to_string()], Namespace::Type)
                .is_empty()
        {
            return self.path(None, &path.path, Namespace::Value);
        }
        visit::visit_generic_argument(self, it);
    }

    fn visit_item_impl(&mut self, it: &'ast syn::ItemImpl) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        self.declare(&it.generics);
        self.visit_generics(&it.generics);
        if let Some((path, _)) = &it.trait_ {
            self.path(None, path, Namespace::Type);
        }
        self.visit_type(&it.self_ty);
        it.items.iter().for_each(|it| self.visit_impl_item(it));
    }

    fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
        self.path(it.qself.as_ref(), &it.path, Namespace::Value);
    }

    fn visit_expr_struct(&mut self, it: &'ast syn::ExprStruct) {
        self.path(it.qself.as_ref(), &it.path, Namespace::Type);
        it.fields.iter().for_each(|it| self.visit_expr(&it.expr));
        it.rest.iter().for_each(|it| self.visit_expr(it));
    }

    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        self.visit_expr(&it.receiver);
        let name = plain_name(&it.method.to_string());
        self.line = it.method.span().start().line;
        let members = self.lookup.members;
        let evident = self.self_type.filter(|ty| {
            matches!(&*it.receiver, Expr::Path(path) if path.path.is_ident("self"))
                && !members.dereferences(*ty)
                && !members.is_open(*ty)
        });
        let found = evident.map(|ty| members.of_type(self.lookup.resolver, ty, &name));
        match found.filter(|it| !it.is_empty()) {
            Some(found) => {
                self.methods.insert(name.clone());
                self.edge(format!(".{name}"), found.into_iter().map(Endpoint::Item).collect());
            }
            None => self.method(&name),
        }
        it.turbofish.iter().for_each(|it| self.visit_angle_bracketed_generic_arguments(it));
        it.args.iter().for_each(|it| self.visit_expr(it));
    }

    fn visit_pat(&mut self, it: &'ast Pat) {
        match it {
            Pat::Ident(it) => {
                let name = plain_name(&it.ident.to_string());
                let is_plain =
                    it.by_ref.is_none() && it.mutability.is_none() && it.subpat.is_none();
                if is_plain && self.is_constant(&name) {
                    self.line = it.ident.span().start().line;
                    self.named(&name, false, std::slice::from_ref(&name), Namespace::Value);
                } else {
                    self.bind(&it.ident);
                }
                if let Some((_, pattern)) = &it.subpat {
                    self.visit_pat(pattern);
                }
            }
            Pat::TupleStruct(it) => {
                self.path(it.qself.as_ref(), &it.path, Namespace::Value);
                it.elems.iter().for_each(|it| self.visit_pat(it));
            }
            Pat::Struct(it) => {
                self.path(it.qself.as_ref(), &it.path, Namespace::Type);
                it.fields.iter().for_each(|it| self.visit_pat(&it.pat));
            }
            _ => visit::visit_pat(self, it),
        }
    }

    fn visit_block(&mut self, it: &'ast syn::Block) {
        let start = it.brace_token.span.open().start();
        let place = (self.file, start.line, start.column);
        let outer = self.module;
        let inner = self.lookup.resolver.program.blocks.get(&place).copied();
        self.module = inner.unwrap_or(outer);
        self.in_scope(|this| {
            for statement in &it.stmts {
                // Items of a block that is a module of its own have facts of their own.
                if inner.is_none() || !matches!(statement, syn::Stmt::Item(_)) {
                    this.visit_stmt(statement);
                }
            }
        });
        self.module = outer;
    }

    fn visit_local(&mut self, it: &'ast syn::Local) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        // The type and the value stand outside the binding's scope.
        if let Some(init) = &it.init {
            self.visit_expr(&init.expr);
            init.diverge.iter().for_each(|(_, it)| self.visit_expr(it));
        }
        self.visit_pat(&it.pat);
    }

    fn visit_expr_closure(&mut self, it: &'ast syn::ExprClosure) {
        self.in_scope(|this| visit::visit_expr_closure(this, it));
    }

    fn visit_expr_if(&mut self, it: &'ast syn::ExprIf) {
        self.in_scope(|this| {
            this.visit_expr(&it.cond);
            this.visit_block(&it.then_branch);
        });
        it.else_branch.iter().for_each(|(_, it)| self.visit_expr(it));
    }

    fn visit_expr_while(&mut self, it: &'ast syn::ExprWhile) {
        self.in_scope(|this| visit::visit_expr_while(this, it));
    }

    fn visit_expr_for_loop(&mut self, it: &'ast syn::ExprForLoop) {
        self.visit_expr(&it.expr);
        self.in_scope(|this| {
            this.visit_pat(&it.pat);
            this.visit_block(&it.body);
        });
    }

    fn visit_expr_let(&mut self, it: &'ast syn::ExprLet) {
        self.visit_expr(&it.expr);
        self.visit_pat(&it.pat);
    }

    fn visit_arm(&mut self, it: &'ast syn::Arm) {
        self.in_scope(|this| visit::visit_arm(this, it));
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        self.invocation(it);
    }
}
