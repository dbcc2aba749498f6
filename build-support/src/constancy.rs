//! Whether a static can change while the program runs, told by its type. A static goes in, what can become of it
//! comes out. Must not call constant what may change: a type that isn't known may.

use std::collections::{BTreeMap, BTreeSet};

use syn::{GenericArgument, PathArguments, Type};

use crate::{
    extract::plain_name,
    known_type, path_text, prelude,
    program::{
        Definition, FOREIGN_DOLLAR_CRATE, Item, ItemId, ItemKind, ModuleId, Namespace, Syntax,
    },
    resolve::{Meaning, Resolver},
    static_macro,
};

/// What can become of a value while the program runs, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Constancy {
    /// Nothing.
    Constant,
    /// It is computed when it is first asked for, by its initialiser.
    Lazy,
    /// It is set once, by whoever comes first.
    Once,
    /// Its type tells nothing.
    Unknown,
    /// Anything.
    Changing,
}

/// Judges a static.
pub(crate) fn of_static(resolver: &Resolver<'_>, id: ItemId) -> Constancy {
    let item = resolver.program.item(id);
    let Some(it) = syntax(item) else { return Constancy::Constant };
    if matches!(it.mutability, syn::StaticMutability::Mut(_)) {
        return Constancy::Changing;
    }
    let mut judge = Judge { resolver, under_way: BTreeSet::new() };
    let nothing = BTreeMap::new();
    let scope = Scope { module: item.module, parameters: &nothing };
    let found = match judge.held_once(scope, &it.ty) {
        Some(inner) => inner.max(Constancy::Once),
        None => judge.of(scope, &it.ty),
    };
    // Each thread has one of its own, made when it first asks.
    if item.is_thread_local { found.max(Constancy::Lazy) } else { found }
}

/// How a static of another crate's type gives out what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deferral {
    Dereferenced,
    Gotten,
}

/// Tells of the types of `once_cell` and of `lazy_static` how a static gives out what it holds.
pub(crate) fn deferral(resolver: &Resolver<'_>, id: ItemId) -> Option<Deferral> {
    let item = resolver.program.item(id);
    if item.makers.contains(static_macro::LAZY_STATIC) && !item.is_expanded {
        return Some(Deferral::Dereferenced);
    }
    let Type::Path(ty) = &*syntax(item)?.ty else { return None };
    let judge = Judge { resolver, under_way: BTreeSet::new() };
    let meanings = judge.meanings(item.module, &ty.path);
    meanings.iter().find_map(|(it, _)| {
        let Definition::External(path) = it else { return None };
        match (judge.krate(item.module, path), path_text::last(path)) {
            ("once_cell", "Lazy") => Some(Deferral::Dereferenced),
            ("once_cell", "OnceCell") => Some(Deferral::Gotten),
            _ => None,
        }
    })
}

/// The syntax of a static.
pub(crate) fn syntax(item: &Item) -> Option<&syn::ItemStatic> {
    match (&item.syntax, item.kind) {
        (Syntax::Item(it), ItemKind::Static) => match &**it {
            syn::Item::Static(it) => Some(it),
            _ => None,
        },
        _ => None,
    }
}

/// Tells whether a static of a type that a macro's own crate has is that crate's own business, as all state in
/// there is.
pub(crate) fn is_of_maker(resolver: &Resolver<'_>, id: ItemId) -> bool {
    let item = resolver.program.item(id);
    let Some(syn::ItemStatic { ty, .. }) = syntax(item) else { return false };
    let Type::Path(ty) = &**ty else { return false };
    let meanings = resolver.meanings(
        item.module,
        ty.path.leading_colon.is_some(),
        &resolver.written(&ty.path),
        Namespace::Type,
    );
    let is_made = |path: &str| item.makers.contains(path_text::first(path));
    let is_type = |it: &GenericArgument| !matches!(it, GenericArgument::Lifetime(_));
    let has_types = ty.path.segments.iter().any(|it| match &it.arguments {
        PathArguments::None => false,
        PathArguments::AngleBracketed(it) => it.args.iter().any(is_type),
        PathArguments::Parenthesized(_) => true,
    });
    // In a block nothing else tells that a macro made it.
    let is_of_macro =
        |it: &syn::PathSegment| it.ident.to_string().starts_with(FOREIGN_DOLLAR_CRATE);
    (item.is_expanded || ty.path.segments.first().is_some_and(is_of_macro))
        && !has_types
        && !meanings.is_empty()
        && meanings.iter().all(|(it, _)| matches!(it, Definition::External(it) if is_made(it)))
}

struct Judge<'a, 'p> {
    resolver: &'a Resolver<'p>,
    /// Types that hold themselves add nothing.
    under_way: BTreeSet<(ItemId, Vec<Constancy>)>,
}

/// Where a type is written, and what its parameters are.
#[derive(Clone, Copy)]
struct Scope<'s> {
    module: ModuleId,
    parameters: &'s BTreeMap<String, Constancy>,
}

impl Judge<'_, '_> {
    fn of(&mut self, scope: Scope<'_>, ty: &Type) -> Constancy {
        match ty {
            Type::Array(it) => self.of(scope, &it.elem),
            Type::Slice(it) => self.of(scope, &it.elem),
            Type::Group(it) => self.of(scope, &it.elem),
            Type::Paren(it) => self.of(scope, &it.elem),
            Type::Reference(it) if it.mutability.is_none() => self.of(scope, &it.elem),
            Type::Tuple(it) => self.worst(it.elems.iter().map(|it| (scope, it))),
            Type::Path(it) if it.qself.is_none() => self.of_path(scope, &it.path),
            Type::Never(_) | Type::FnPtr(_) => Constancy::Constant,
            _ => Constancy::Unknown,
        }
    }

    fn worst<'t>(&mut self, types: impl Iterator<Item = (Scope<'t>, &'t Type)>) -> Constancy {
        types.map(|(scope, ty)| self.of(scope, ty)).max().unwrap_or(Constancy::Constant)
    }

    /// What is in a type that is set once, by whoever comes first.
    fn held_once(&mut self, scope: Scope<'_>, ty: &Type) -> Option<Constancy> {
        let Type::Path(ty) = ty else { return None };
        let is_once = |(it, _): &(Definition, Vec<String>)| match it {
            Definition::External(path) => {
                let last = path_text::last(path);
                let is_std = prelude::is_std(path) && matches!(last, "OnceLock" | "OnceCell");
                is_std || self.krate(scope.module, path) == "once_cell" && last == "OnceCell"
            }
            _ => false,
        };
        let meanings = self.meanings(scope.module, &ty.path);
        if meanings.is_empty() || !meanings.iter().all(is_once) {
            return None;
        }
        self.arguments(scope, &ty.path).into_iter().max()
    }

    /// What a path may mean, without what a glob of another crate may bring in the place of a name that every module
    /// has: no known crate has a type that changes by the name of a crate's or of one of the prelude's.
    fn meanings(&self, module: ModuleId, path: &syn::Path) -> Vec<Meaning> {
        let written = self.resolver.written(path);
        let leading_colon = path.leading_colon.is_some();
        let all = self.resolver.meanings(module, leading_colon, &written, Namespace::Type);
        let is_possible =
            |(it, _): &&Meaning| matches!(it, Definition::External(it) if it.contains("::*"));
        let certain: Vec<_> = all.iter().filter(|it| !is_possible(it)).cloned().collect();
        let is_primitive =
            path.get_ident().is_some_and(|it| known_type::is_primitive(&it.to_string()));
        if certain.is_empty() && !is_primitive { all.to_vec() } else { certain }
    }

    fn arguments(&mut self, scope: Scope<'_>, path: &syn::Path) -> Vec<Constancy> {
        let lists = path.segments.iter().filter_map(|it| match &it.arguments {
            PathArguments::AngleBracketed(it) => Some(&it.args),
            _ => None,
        });
        let mut found = Vec::new();
        for argument in lists.flatten() {
            match argument {
                GenericArgument::Type(ty) => found.push(self.of(scope, ty)),
                GenericArgument::Lifetime(_) | GenericArgument::Const(_) => {}
                _ => found.push(Constancy::Unknown),
            }
        }
        found
    }

    fn of_path(&mut self, scope: Scope<'_>, path: &syn::Path) -> Constancy {
        if let Some(name) = path.get_ident() {
            if let Some(known) = scope.parameters.get(&plain_name(&name.to_string())) {
                return *known;
            }
            if name == "Self" {
                return Constancy::Unknown;
            }
        }
        let arguments = self.arguments(scope, path);
        let meanings = self.meanings(scope.module, path);
        if meanings.is_empty()
            && path.get_ident().is_some_and(|it| known_type::is_primitive(&it.to_string()))
        {
            return Constancy::Constant;
        }
        let judged = meanings.iter().map(|(definition, rest)| match definition {
            _ if !rest.is_empty() => Constancy::Unknown,
            Definition::Item(id) => self.of_item(*id, &arguments),
            Definition::External(path) => {
                let krate = self.krate(scope.module, path);
                known_type::of_type(krate, path_text::last(path), &arguments)
            }
            _ => Constancy::Unknown,
        });
        judged.max().unwrap_or(Constancy::Unknown)
    }

    fn of_item(&mut self, id: ItemId, arguments: &[Constancy]) -> Constancy {
        let item = self.resolver.program.item(id);
        let Syntax::Item(syntax) = &item.syntax else { return Constancy::Unknown };
        let (generics, types): (_, Vec<&Type>) = match &**syntax {
            syn::Item::Struct(it) => (&it.generics, it.fields.iter().map(|it| &it.ty).collect()),
            syn::Item::Enum(it) => {
                let fields = it.variants.iter().flat_map(|it| &it.fields);
                (&it.generics, fields.map(|it| &it.ty).collect())
            }
            syn::Item::Type(it) => (&it.generics, vec![&*it.ty]),
            _ => return Constancy::Unknown,
        };
        if !self.under_way.insert((id, arguments.to_vec())) {
            return Constancy::Constant;
        }
        // A parameter that is not written has a default, or is to be inferred.
        let parameters = generics.type_params().enumerate().map(|(place, it)| {
            let known = arguments.get(place).copied().unwrap_or(Constancy::Unknown);
            (plain_name(&it.ident.to_string()), known)
        });
        let parameters = parameters.collect();
        let scope = Scope { module: item.module, parameters: &parameters };
        let worst = self.worst(types.into_iter().map(|it| (scope, it)));
        self.under_way.remove(&(id, arguments.to_vec()));
        worst
    }

    /// The crate in which a path begins, all of the toolchain's as one.
    fn krate<'t>(&'t self, module: ModuleId, path: &'t str) -> &'t str {
        if prelude::is_std(path) {
            return "std";
        }
        let first = path_text::first(path);
        let renamed = &self.resolver.program.krate_of(module).renamed;
        renamed.get(first).map_or(first, String::as_str)
    }
}
