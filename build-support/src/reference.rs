//! Stage 5: from one item to its facts: walks the syntax, keeps track of what locals hide, and has
//! each path resolved. What does not resolve becomes a finding; nothing is dropped.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proc_macro2::{LineColumn, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, GenericParam, Pat, Path, QSelf, Type, TypeParamBound,
    visit::{self, Visit},
};

use crate::{
    block, declared, expansion,
    extract::plain_name,
    facts::{Edge, Endpoint, Facts, Finding, FindingKind, Use},
    members::{Members, segments},
    prelude,
    program::{Definition, Item, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
    source::{FileId, Sources},
    std_methods,
    token_scan::Scan,
    ty::{Bound, Ty, TypeScope},
};

/// What collecting facts looks into.
pub(crate) struct Lookup<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) members: &'a Members,
    /// Files that items include, read beforehand.
    pub(crate) included: &'a BTreeMap<std::path::PathBuf, FileId>,
    pub(crate) sources: &'a Sources,
}

/// Collects the facts of an item.
pub(crate) fn facts(lookup: &Lookup<'_, '_>, id: ItemId) -> Facts {
    let program = lookup.resolver.program;
    let item = program.item(id);
    lookup.resolver.take_cfgs();
    let mut collector = Collector {
        lookup,
        module: item.module,
        file: item.file,
        self_type: Ty::Unknown,
        locals: vec![BTreeMap::new()],
        parameters: BTreeMap::new(),
        constants: BTreeSet::new(),
        methods: BTreeMap::new(),
        types: HashMap::new(),
        method_result: Ty::Unknown,
        vector: Ty::Unknown,
        closure_parameters: Vec::new(),
        expansion: None,
        ambiguous: BTreeSet::new(),
        has_unknown_macros: false,
        place: item.place(),
        home: item.is_expanded.then(|| item.place()),
        facts: Facts::default(),
    };
    collector.declare_self(id);
    let returns_error =
        |it: &syn::Attribute| it.path().segments.last().is_some_and(|it| it.ident == "test");
    if let Some((_, _, attributes)) = item.function()
        && (item.name == "main" || attributes.iter().any(returns_error))
    {
        // What it returns is shown where it is an error (`Termination`).
        collector.run_bound("Debug");
    }
    if let Some(parent) = item.parent {
        let edge = Edge { label: "impl".to_owned(), targets: vec![Endpoint::Item(parent)] };
        collector.facts.edges.push(edge);
    }
    collector.facts.mentions_cfg |= mentions_cfg(item);
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
            collector.place = item.place();
            collector.find(FindingKind::ForeignFunction, item.path.clone());
        }
        Syntax::Bytes(_) => collector.find(FindingKind::OpaqueSource, item.path.clone()),
    }
    collector.place = item.place();
    if item.kind == ItemKind::Static && item.is_mutable_static() {
        collector.find(FindingKind::MutableStatic, item.path.clone());
    }
    collector.facts.mentions_cfg |=
        !program.module(item.module).cfgs.is_empty() || !item.cfgs.is_empty();
    for (module, methods) in std::mem::take(&mut collector.methods) {
        let (local, foreign) = lookup.resolver.traits_in_scope(module, &methods);
        for path in &foreign {
            collector.unit_of(path);
        }
        collector.facts.traits_in_scope.0.extend(local);
        collector.facts.traits_in_scope.1.extend(foreign);
    }
    collector.surroundings(item.module);
    let krate = program.krate_of(item.module);
    if collector.facts.mentions_cfg && !krate.is_own && krate.has_build_script {
        // What that build script sets is told to its own compilation alone.
        collector.place = item.place();
        collector.find(FindingKind::ForeignCfg, item.path.clone());
    }
    collector.facts
}

/// Tells whether `cfg` stands anywhere in an item, in whatever macro or attribute.
fn mentions_cfg(item: &Item) -> bool {
    fn is_in(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Ident(it) => it.to_string().starts_with("cfg"),
            TokenTree::Group(it) => is_in(it.stream()),
            _ => false,
        })
    }
    is_in(item.tokens())
}

pub(crate) struct Collector<'a, 'p> {
    pub(crate) lookup: &'a Lookup<'a, 'p>,
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    /// What `Self` means.
    pub(crate) self_type: Ty,
    locals: Vec<BTreeMap<String, Ty>>,
    /// Type parameters with what is known of them.
    pub(crate) parameters: BTreeMap<String, Ty>,
    /// Those of them that are constants.
    pub(crate) constants: BTreeSet<String>,
    /// Names of members that are called, by the module whose imports give them their meaning.
    pub(crate) methods: BTreeMap<ModuleId, BTreeSet<String>>,
    /// Types of expressions, by where they lie.
    pub(crate) types: HashMap<usize, Ty>,
    /// The type of the method call that was visited last.
    pub(crate) method_result: Ty,
    /// The type of the `vec!` that was visited last.
    pub(crate) vector: Ty,
    /// What the method that is being called hands to a closure.
    closure_parameters: Vec<Ty>,
    /// Inside the expansion of a call: the call's place.
    pub(crate) expansion: Option<LineColumn>,
    /// Locals that an expansion binds: a macro's names are not the caller's, so that such a name
    /// outside may mean an item all the same.
    ambiguous: BTreeSet<String>,
    /// A macro that we do not expand may bind names.
    pub(crate) has_unknown_macros: bool,
    pub(crate) place: LineColumn,
    /// The place of an item that a macro made: those inside may be of another file.
    home: Option<LineColumn>,
    pub(crate) facts: Facts,
}

impl Collector<'_, '_> {
    pub(crate) fn find(&mut self, kind: FindingKind, what: String) {
        let place = self.found_at();
        self.facts.findings.push(Finding { kind, what, place });
    }

    /// The place of what is being visited, as far as it lies in the item's file.
    pub(crate) fn found_at(&self) -> LineColumn {
        // Places inside an expansion may be those of the definition.
        self.home.or(self.expansion).unwrap_or(self.place)
    }

    /// Notes what modules around an item, and imports that its names go through, add to it.
    fn surroundings(&mut self, module: ModuleId) {
        for attribute in &self.lookup.resolver.program.module(module).attributes {
            let text = quote::ToTokens::to_token_stream(attribute).to_string();
            self.facts.inputs.push(("attribute".to_owned(), text));
            self.attribute(attribute);
        }
        for cfgs in self.lookup.resolver.take_cfgs() {
            self.facts.mentions_cfg = true;
            self.facts.inputs.push(("cfg".to_owned(), cfgs));
        }
    }

    /// Notes that a member of that name is used here, so that imports can decide which.
    pub(crate) fn calls(&mut self, name: &str) {
        self.methods.entry(self.module).or_default().insert(name.to_owned());
    }

    pub(crate) fn edge(&mut self, label: impl Into<String>, mut targets: Vec<Endpoint>) {
        targets.sort();
        targets.dedup();
        for target in &targets {
            if let Endpoint::Path(path) = target {
                let path = path.clone();
                self.unit_of(&path);
                self.path_effect(&path, targets.len() == 1);
            }
        }
        self.facts.edges.push(Edge { label: label.into(), targets });
    }

    fn unit_of(&mut self, path: &str) {
        let krate = path.split("::").next().unwrap_or_default();
        if !prelude::SYSROOT.contains(&krate) && !krate.is_empty() {
            self.facts.units.insert(krate.to_owned());
            self.facts.uses.insert(Use::ForeignCode);
        }
    }

    pub(crate) fn bind(&mut self, name: &str, mut ty: Ty) {
        if self.expansion.is_some() {
            // A name of the caller's inside the expansion means the caller's binding.
            if self.is_local(name) {
                ty = Ty::Unknown;
            }
            self.ambiguous.insert(name.to_owned());
        }
        self.locals.last_mut().expect("a scope is open").insert(name.to_owned(), ty);
    }

    pub(crate) fn is_local(&self, name: &str) -> bool {
        self.locals.iter().any(|it| it.contains_key(name))
    }

    /// The items of a block come before the locals around it.
    fn reveal(&mut self, block: ModuleId) {
        let scope = self.lookup.resolver.program.module(block);
        self.ambiguous.extend(scope.names.keys().cloned());
        self.ambiguous.extend(scope.imports.iter().map(|it| it.name.clone()));
        if !scope.globs.is_empty() || !scope.macro_calls.is_empty() {
            self.ambiguous.extend(self.locals.iter().flat_map(|it| it.keys().cloned()));
        }
    }

    /// Tells whether a local of that name may be another than the one that the code means.
    pub(crate) fn is_ambiguous(&self, name: &str) -> bool {
        self.expansion.is_some() || self.ambiguous.contains(name)
    }

    pub(crate) fn local(&self, name: &str) -> Option<Ty> {
        self.locals.iter().rev().find_map(|it| it.get(name)).cloned()
    }

    pub(crate) fn in_scope(&mut self, inside: impl FnOnce(&mut Self)) {
        self.locals.push(BTreeMap::new());
        inside(self);
        self.locals.pop();
    }

    /// Where types are written in this item.
    pub(crate) fn scope(&self) -> TypeScope<'_, '_> {
        TypeScope {
            resolver: self.lookup.resolver,
            module: self.module,
            self_type: self.self_type.clone(),
            parameters: self.parameters.clone(),
        }
    }

    /// Declares `Self` and the type parameters of the impl or trait around an item.
    fn declare_self(&mut self, id: ItemId) {
        let item = self.lookup.resolver.program.item(id);
        let (owner, is_member) = (item.parent.unwrap_or(id), item.parent.is_some());
        let Syntax::Item(it) = &self.lookup.resolver.program.item(owner).syntax else { return };
        self.self_type = match &**it {
            syn::Item::Impl(it) => {
                self.declare(&it.generics);
                self.scope().lower(&it.self_ty)
            }
            syn::Item::Trait(it) => {
                if is_member {
                    self.declare(&it.generics);
                }
                Ty::Bounded(vec![Bound::Local(owner)])
            }
            syn::Item::Struct(_) | syn::Item::Enum(_) | syn::Item::Union(_) => {
                Ty::Local(owner, Vec::new())
            }
            _ => Ty::Unknown,
        };
    }

    fn declare(&mut self, generics: &syn::Generics) {
        let mut bounds: BTreeMap<String, Vec<&TypeParamBound>> = BTreeMap::new();
        for parameter in &generics.params {
            match parameter {
                GenericParam::Type(it) => {
                    let name = plain_name(&it.ident.to_string());
                    bounds.entry(name).or_default().extend(&it.bounds);
                }
                GenericParam::Const(it) => {
                    let name = plain_name(&it.ident.to_string());
                    self.parameters.insert(name.clone(), Ty::closed());
                    self.constants.insert(name);
                }
                GenericParam::Lifetime(_) => {}
            }
        }
        let predicates = generics.where_clause.iter().flat_map(|it| &it.predicates);
        for predicate in predicates {
            let syn::WherePredicate::Type(it) = predicate else { continue };
            let mut ty = &it.bounded_ty;
            while let Type::Reference(it) = ty {
                ty = &it.elem;
            }
            if let Type::Path(path) = ty
                && let Some(name) = path.path.get_ident()
                && let Some(known) = bounds.get_mut(&plain_name(&name.to_string()))
            {
                known.extend(&it.bounds);
            }
        }
        // Bounds may name other parameters, so that all are declared first.
        self.parameters.extend(bounds.keys().map(|it| (it.clone(), Ty::Unknown)));
        for (name, bounds) in bounds {
            if let Some(bounds) = self.scope().bounds(bounds) {
                self.parameters.insert(name, Ty::Bounded(bounds));
            }
        }
    }

    /// Notes what a path means, with the types in its arguments.
    pub(crate) fn path(&mut self, qself: Option<&QSelf>, path: &Path, namespace: Namespace) {
        self.place = path.segments.first().map_or(self.place, |it| it.ident.span().start());
        let names = segments(path);
        let label = names.join("::");
        if let Some(qself) = qself {
            self.qualified(qself, path, &label, &names);
        } else {
            self.named(&label, path.leading_colon.is_some(), &names, namespace);
        }
        for segment in &path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    fn object(&mut self, bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>) {
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else { continue };
            let names = segments(&bound.path);
            let leading_colon = bound.path.leading_colon.is_some();
            for (definition, _) in
                self.lookup.resolver.path(self.module, leading_colon, &names, Namespace::Type)
            {
                let object = match definition {
                    Definition::Item(id) => Use::Object(id),
                    Definition::External(path) => {
                        let last = path.rsplit("::").next().unwrap_or_default();
                        self.run_any_type(last);
                        Use::ForeignObject(last.to_owned())
                    }
                    _ => Use::ForeignObject(names.last().cloned().unwrap_or_default()),
                };
                self.facts.uses.insert(object);
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
        let bound = TypeParamBound::Trait(it.clone());
        let bounds = self.scope().bounds([&bound]).unwrap_or_default();
        for bound in declared::elaborated(self.lookup.resolver, &bounds) {
            match bound {
                Bound::Local(id) => drop(self.facts.uses.insert(Use::Bound(id))),
                Bound::Foreign(name) => self.run_any_type(&name),
            }
        }
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

    fn visit_impl_item(&mut self, it: &'ast syn::ImplItem) {
        let outer = self.parameters.clone();
        visit::visit_impl_item(self, it);
        self.parameters = outer;
    }

    fn visit_trait_item(&mut self, it: &'ast syn::TraitItem) {
        let outer = self.parameters.clone();
        visit::visit_trait_item(self, it);
        self.parameters = outer;
    }

    fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
        self.path(it.qself.as_ref(), &it.path, Namespace::Value);
    }

    fn visit_expr_struct(&mut self, it: &'ast syn::ExprStruct) {
        self.path(it.qself.as_ref(), &it.path, Namespace::Type);
        it.fields.iter().for_each(|it| self.visit_expr(&it.expr));
        it.rest.iter().for_each(|it| self.visit_expr(it));
    }

    fn visit_expr(&mut self, it: &'ast Expr) {
        visit::visit_expr(self, it);
        self.note_type(it);
    }

    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        self.visit_expr(&it.receiver);
        let name = plain_name(&it.method.to_string());
        let receiver = self.type_of(&it.receiver);
        it.turbofish.iter().for_each(|it| self.visit_angle_bracketed_generic_arguments(it));
        let mut arguments = Vec::new();
        for argument in &it.args {
            self.closure_parameters = match argument {
                Expr::Closure(_) => std_methods::closure_parameters(&receiver, &name, &arguments),
                _ => Vec::new(),
            };
            self.visit_expr(argument);
            arguments.push(self.type_of(argument));
        }
        self.place = it.method.span().start();
        self.method_effect(&receiver, &name);
        let returned = self.member(&receiver, &name, &arguments);
        self.method_result = match (&it.turbofish, name.as_str()) {
            // What the context chooses is written here.
            (Some(list), "collect" | "sum" | "product" | "into") => match list.args.first() {
                Some(syn::GenericArgument::Type(ty)) => self.scope().lower(ty),
                _ => Ty::Unknown,
            },
            _ => returned,
        };
    }

    fn visit_pat(&mut self, it: &'ast Pat) {
        self.pattern(it, &Ty::Unknown);
    }

    fn visit_pat_type(&mut self, it: &'ast syn::PatType) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        self.visit_type(&it.ty);
        let ty = self.scope().lower(&it.ty);
        self.pattern(&it.pat, &ty);
    }

    fn visit_receiver(&mut self, it: &'ast syn::Receiver) {
        visit::visit_receiver(self, it);
        let ty = match &it.kind {
            syn::ReceiverKind::Typed(_, ty) => self.scope().lower(ty),
            _ => self.self_type.clone(),
        };
        self.bind("self", ty);
    }

    fn visit_block(&mut self, it: &'ast syn::Block) {
        let outer = self.module;
        let inner = self.lookup.resolver.program.blocks.get(&block::address(it)).copied();
        self.module = inner.unwrap_or(outer);
        let ambiguous = self.ambiguous.clone();
        match inner {
            Some(inner) => self.reveal(inner),
            // Items inside the arguments of a macro are not extracted.
            None if it.stmts.iter().any(|it| matches!(it, syn::Stmt::Item(_))) => {
                self.find(FindingKind::OpaqueMacro, "items in arguments".to_owned());
            }
            None => {}
        }
        self.in_scope(|this| {
            for statement in &it.stmts {
                // Items of a block that is a module of its own have facts of their own.
                if inner.is_none() || !matches!(statement, syn::Stmt::Item(_)) {
                    this.visit_stmt(statement);
                }
            }
        });
        self.ambiguous = ambiguous;
        self.module = outer;
    }

    fn visit_expr_block(&mut self, it: &'ast syn::ExprBlock) {
        let Some(place) = expansion::place_of(&it.attrs) else {
            return visit::visit_expr_block(self, it);
        };
        // Of calls inside calls the outermost stands in the item.
        let outer = self.expansion;
        self.expansion = outer.or(Some(place));
        self.place = place;
        for statement in &it.block.stmts {
            // Its items belong to the block around.
            if !matches!(statement, syn::Stmt::Item(_)) {
                self.visit_stmt(statement);
            }
        }
        self.expansion = outer;
        self.place = place;
    }

    fn visit_local(&mut self, it: &'ast syn::Local) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        // The type and the value stand outside the binding's scope.
        let mut ty = Ty::Unknown;
        if let Some(init) = &it.init {
            self.visit_expr(&init.expr);
            init.diverge.iter().for_each(|(_, it)| self.visit_expr(it));
            // The type that is kept for a closure is that of what it gives, not its own.
            if !matches!(&*init.expr, Expr::Closure(_)) {
                ty = self.type_of(&init.expr);
            }
        }
        if it.attrs.iter().any(crate::attribute::is_cfg) {
            // It may not be there, so that it hides nothing.
            let outer = self.expansion.replace(self.place);
            self.pattern(&it.pat, &ty);
            self.expansion = outer;
        } else {
            self.pattern(&it.pat, &ty);
        }
    }

    fn visit_expr_closure(&mut self, it: &'ast syn::ExprClosure) {
        let parameters = std::mem::take(&mut self.closure_parameters);
        self.in_scope(|this| {
            it.attrs.iter().for_each(|it| this.visit_attribute(it));
            for (index, pattern) in it.inputs.iter().enumerate() {
                let ty = parameters.get(index).cloned().unwrap_or(Ty::Unknown);
                this.pattern(pattern, &ty);
            }
            this.visit_return_type(&it.output);
            this.visit_expr(&it.body);
        });
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
        let iterated = self.type_of(&it.expr);
        if !iterated.is_closed() {
            self.run_bound("IntoIterator");
            self.run_bound("Iterator");
        }
        let element = std_methods::element(&iterated);
        self.in_scope(|this| {
            this.pattern(&it.pat, &element);
            this.visit_block(&it.body);
        });
    }

    fn visit_expr_let(&mut self, it: &'ast syn::ExprLet) {
        self.visit_expr(&it.expr);
        let ty = self.type_of(&it.expr);
        self.pattern(&it.pat, &ty);
    }

    fn visit_expr_match(&mut self, it: &'ast syn::ExprMatch) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        self.visit_expr(&it.expr);
        let ty = self.type_of(&it.expr);
        for arm in &it.arms {
            self.in_scope(|this| {
                arm.attrs.iter().for_each(|it| this.visit_attribute(it));
                this.pattern(&arm.pat, &ty);
                this.visit_expr(&arm.body);
            });
        }
    }

    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        self.invocation(it);
    }
}
