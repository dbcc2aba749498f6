//! What collecting the facts of an item keeps track of: the facts so far, what locals hide, what
//! `Self` and type parameters mean. A name or a path goes in, edges and findings come out. Must not
//! choose what is walked: that is for `visitor`.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use proc_macro2::LineColumn;
use rustc_hash::FxHashMap as HashMap;
use syn::{GenericParam, Path, QSelf, Type, TypeParamBound, visit::Visit};

use crate::{
    extract::plain_name,
    facts::{Edge, Endpoint, Facts, Finding, FindingKind, Use},
    head_type::segments,
    members::Members,
    path_text, prelude,
    program::{Definition, Item, ItemId, ModuleId, Namespace, Syntax},
    resolve::Resolver,
    source::{FileId, Sources},
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

pub(crate) struct Collector<'a, 'p> {
    pub(crate) lookup: &'a Lookup<'a, 'p>,
    pub(crate) module: ModuleId,
    pub(crate) file: FileId,
    /// Default methods of this trait have declarations of their own.
    pub(crate) has_declarations: bool,
    /// The files whose content is being looked at, each included by the one before.
    pub(crate) included: Vec<FileId>,
    /// The definitions whose bodies are being looked at, or were inside the one that is.
    pub(crate) scanned: BTreeSet<ItemId>,
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
    pub(crate) closure_parameters: Vec<Ty>,
    /// Inside the expansion of a call: the call's place.
    pub(crate) expansion: Option<LineColumn>,
    /// Locals that an expansion binds: a macro's names are not the caller's, so that such a name
    /// outside may mean an item all the same.
    pub(crate) ambiguous: BTreeSet<String>,
    /// Where macros stand that we do not expand: they may bind names and call methods.
    pub(crate) unknown_macros: BTreeSet<ModuleId>,
    pub(crate) place: LineColumn,
    /// The place of an item that a macro made: those inside may be of another file.
    home: Option<LineColumn>,
    pub(crate) facts: Facts,
}

impl<'a, 'p> Collector<'a, 'p> {
    pub(crate) fn new(lookup: &'a Lookup<'a, 'p>, item: &Item) -> Self {
        Self {
            lookup,
            module: item.module,
            file: item.file,
            has_declarations: false,
            included: Vec::new(),
            scanned: BTreeSet::new(),
            self_type: Ty::Unknown,
            locals: vec![BTreeMap::new()],
            parameters: BTreeMap::new(),
            constants: BTreeSet::new(),
            methods: BTreeMap::new(),
            types: HashMap::default(),
            method_result: Ty::Unknown,
            vector: Ty::Unknown,
            closure_parameters: Vec::new(),
            expansion: None,
            ambiguous: BTreeSet::new(),
            unknown_macros: BTreeSet::new(),
            place: item.place(),
            home: item.is_expanded.then(|| item.place()),
            facts: Facts::default(),
        }
    }
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
    pub(crate) fn surroundings(&mut self, module: ModuleId) {
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

    /// Notes that a member or a field of that name is used.
    pub(crate) fn names(&mut self, name: &str) {
        if !self.facts.named.contains(name) {
            self.facts.named.insert(name.to_owned());
        }
    }

    /// Notes that a member of that name is used here, so that imports can decide which.
    pub(crate) fn calls(&mut self, name: &str) {
        self.names(name);
        let methods = self.methods.entry(self.module).or_default();
        if !methods.contains(name) {
            methods.insert(name.to_owned());
        }
    }

    pub(crate) fn edge(&mut self, label: impl Into<Rc<str>>, mut targets: Vec<Endpoint>) {
        targets.sort();
        targets.dedup();
        for target in &targets {
            if let Endpoint::Path(path) = target {
                let path = Rc::clone(path);
                self.unit_of(&path);
                self.path_effect(&path, targets.len() == 1);
            }
        }
        self.facts.edges.push(Edge { label: label.into(), targets });
    }

    pub(crate) fn unit_of(&mut self, path: &str) {
        let krate = path_text::first(path);
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
    pub(crate) fn reveal(&mut self, block: ModuleId) {
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
            self_type: &self.self_type,
            parameters: &self.parameters,
        }
    }

    /// Declares `Self` and the type parameters of the impl or trait around an item.
    pub(crate) fn declare_self(&mut self, id: ItemId) {
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
                Ty::Bounded([Bound::Local(owner)].into())
            }
            syn::Item::Struct(_) | syn::Item::Enum(_) | syn::Item::Union(_) => {
                Ty::Local(owner, Vec::new())
            }
            _ => Ty::Unknown,
        };
    }

    pub(crate) fn declare(&mut self, generics: &syn::Generics) {
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
                self.parameters.insert(name, Ty::Bounded(bounds.into()));
            }
        }
    }

    /// Notes what a path means, with the types in its arguments.
    pub(crate) fn path(&mut self, qself: Option<&QSelf>, path: &Path, namespace: Namespace) {
        self.place = path.segments.first().map_or(self.place, |it| it.ident.span().start());
        let written = self.lookup.resolver.written(path);
        let label = &written.text;
        if let Some(qself) = qself {
            self.qualified(qself, path, label, &written.names);
        } else {
            self.named(label, path.leading_colon.is_some(), &written, namespace);
        }
        for index in 0..path.segments.len() {
            self.visit_path_arguments(&path.segments[index].arguments);
        }
    }

    pub(crate) fn object(
        &mut self,
        bounds: &syn::punctuated::Punctuated<TypeParamBound, syn::Token![+]>,
    ) {
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else { continue };
            let names = segments(&bound.path);
            let leading_colon = bound.path.leading_colon.is_some();
            let resolver = self.lookup.resolver;
            for (definition, _) in
                &*resolver.path(self.module, leading_colon, &names, Namespace::Type)
            {
                let object = match definition {
                    Definition::Item(id) => Use::Object(*id),
                    Definition::External(path) => {
                        let last = path_text::last(path);
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
