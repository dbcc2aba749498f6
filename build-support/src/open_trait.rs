//! Trait objects that a function is given from outside: in a library, their types may be of a crate
//! that is not there yet, so that no analysis of the library sees the code behind them.

use std::collections::BTreeSet;

use syn::{FnArg, Type, visit::Visit};

use crate::{
    declared,
    program::{ItemId, ItemKind, Program, Syntax},
    resolve::Resolver,
    ty::{Bound, Ty, TypeScope, parameters_as},
};

/// Finds open traits among the arguments of one function after another.
pub(crate) struct OpenTraits<'a, 'p> {
    resolver: &'a Resolver<'p>,
    /// Types that hold no such object, nor does anything that they hold.
    closed: BTreeSet<ItemId>,
}

impl<'a, 'p> OpenTraits<'a, 'p> {
    pub(crate) fn new(resolver: &'a Resolver<'p>) -> Self {
        Self { resolver, closed: BTreeSet::new() }
    }

    /// Returns the trait of an object that may come in by the arguments of a function, themselves or
    /// inside of what they hold, if other crates can implement it.
    pub(crate) fn among_arguments(&mut self, function: ItemId) -> Option<String> {
        let (resolver, closed) = (self.resolver, &self.closed);
        let mut search = Search { resolver, closed, seen: BTreeSet::new(), found: None };
        search.arguments(function);
        let Search { seen, found, .. } = search;
        if found.is_none() {
            self.closed.extend(seen);
        }
        found
    }
}

struct Search<'a, 'p> {
    resolver: &'a Resolver<'p>,
    closed: &'a BTreeSet<ItemId>,
    seen: BTreeSet<ItemId>,
    found: Option<String>,
}

impl Search<'_, '_> {
    fn arguments(&mut self, function: ItemId) {
        let item = self.resolver.program.item(function);
        let Some((signature, _, _)) = item.function() else { return };
        let (resolver, module) = (self.resolver, item.module);
        let parameters = &parameters_as(&signature.generics, &[]);
        let outer = item.parent.map(|it| &self.resolver.program.item(it).syntax);
        let self_type = match outer {
            Some(Syntax::Item(it)) => match &**it {
                syn::Item::Impl(it) => {
                    TypeScope { resolver, module, self_type: &Ty::Unknown, parameters }
                        .lower(&it.self_ty)
                }
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        };
        let scope = TypeScope { resolver, module, self_type: &self_type, parameters };
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(_) => self.look_into(&self_type),
                FnArg::Typed(it) => self.written(&scope, &it.ty),
            }
        }
    }

    fn written(&mut self, scope: &TypeScope<'_, '_>, ty: &Type) {
        if self.found.is_some() {
            return;
        }
        let mut objects = Objects::default();
        objects.visit_type(ty);
        for bounds in objects.0 {
            for bound in scope.bounds(bounds).unwrap_or_default() {
                if self.is_open(&bound) {
                    self.found = Some(self.name(&bound));
                    return;
                }
            }
        }
        self.look_into(&scope.lower(ty));
    }

    fn look_into(&mut self, ty: &Ty) {
        match ty {
            Ty::Local(id, arguments) => {
                arguments.iter().for_each(|it| self.look_into(it));
                if !self.closed.contains(id) && self.seen.insert(*id) {
                    self.fields(*id);
                }
            }
            Ty::Std(_, arguments) | Ty::Tuple(arguments) => {
                arguments.iter().for_each(|it| self.look_into(it));
            }
            Ty::Unknown | Ty::Never | Ty::Other | Ty::Bounded(_) => {}
        }
    }

    fn fields(&mut self, id: ItemId) {
        let item = self.resolver.program.item(id);
        let variants: Vec<Option<String>> =
            item.variants().map(|it| Some(it.ident.to_string())).chain([None]).collect();
        for variant in variants {
            let Some((fields, generics)) = declared::fields(self.resolver, id, variant.as_deref())
            else {
                continue;
            };
            let scope = TypeScope {
                resolver: self.resolver,
                module: item.module,
                self_type: &Ty::Local(id, Vec::new()),
                parameters: &parameters_as(generics, &[]),
            };
            fields.iter().for_each(|it| self.written(&scope, &it.ty));
        }
    }

    /// A private trait has no implementors elsewhere.
    fn is_open(&self, bound: &Bound) -> bool {
        match bound {
            Bound::Local(id) => is_public(self.resolver.program, *id),
            Bound::Foreign(name) => !matches!(name.as_str(), "Send" | "Sync" | "Unpin" | "Sized"),
        }
    }

    fn name(&self, bound: &Bound) -> String {
        match bound {
            Bound::Local(id) => format!("dyn {}", self.resolver.program.item(*id).name),
            Bound::Foreign(name) => format!("dyn {name}"),
        }
    }
}

fn is_public(program: &Program, id: ItemId) -> bool {
    let item = program.item(id);
    debug_assert_eq!(item.kind, ItemKind::Trait);
    match &item.syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Trait(it) => matches!(it.vis, syn::Visibility::Public(_)),
            _ => true,
        },
        _ => true,
    }
}

type Bounds = syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>;

/// Finds the trait objects that a type names.
#[derive(Default)]
struct Objects<'a>(Vec<&'a Bounds>);

impl<'a> Visit<'a> for Objects<'a> {
    fn visit_type_trait_object(&mut self, it: &'a syn::TypeTraitObject) {
        self.0.push(&it.bounds);
        syn::visit::visit_type_trait_object(self, it);
    }
}
