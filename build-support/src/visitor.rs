//! The walk over an item's syntax: each node goes to the collector, in the order of occurrence, with
//! scopes opened and closed around it. Must not resolve a name or judge a type itself.

use std::rc::Rc;

use syn::{
    Attribute, Expr, Pat, Type,
    visit::{self, Visit},
};

use crate::{
    block,
    collector::Collector,
    declared, expansion,
    facts::{FindingKind, Use},
    merkle::is_declaration,
    program::Namespace,
    std_methods,
    ty::{Bound, Ty},
};

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
        let Some(bound) = self.scope().bound(&it.path) else { return };
        for bound in declared::elaborated(self.lookup.resolver, &[bound]) {
            match bound {
                Bound::Local(id) => drop(self.facts.uses.insert(Use::Bound(id))),
                Bound::Foreign(_) => {}
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
            && self.is_constant(&self.lookup.resolver.written_name(name))
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
        self.visit_generics(&it.generics);
        if let Some((path, _)) = &it.trait_ {
            self.path(None, path, Namespace::Type);
        }
        self.visit_type(&it.self_ty);
        it.items.iter().for_each(|it| self.visit_impl_item(it));
    }

    fn visit_item_trait(&mut self, it: &'ast syn::ItemTrait) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        self.visit_generics(&it.generics);
        it.supertraits.iter().for_each(|it| self.visit_type_param_bound(it));
        let members = it.items.iter().filter(|it| !self.has_declarations || !is_declaration(it));
        let members: Vec<_> = members.collect();
        members.into_iter().for_each(|it| self.visit_trait_item(it));
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

    fn visit_expr_field(&mut self, it: &'ast syn::ExprField) {
        visit::visit_expr_field(self, it);
        match &it.member {
            syn::Member::Named(name) => {
                let written = self.lookup.resolver.written_name(name);
                self.names(&written.text);
            }
            syn::Member::Unnamed(it) => self.names(&it.index.to_string()),
        }
    }

    fn visit_expr_call(&mut self, it: &'ast syn::ExprCall) {
        it.attrs.iter().for_each(|it| self.visit_attribute(it));
        let found = self.facts.findings.len();
        self.visit_expr(&it.func);
        if let Some(argument) = it.args.first() {
            self.named_variable(found, argument);
        }
        it.args.iter().for_each(|it| self.visit_expr(it));
    }

    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        self.visit_expr(&it.receiver);
        let name = Rc::clone(&self.lookup.resolver.written_name(&it.method).text);
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
        self.method_result = match (&it.turbofish, &*name) {
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
