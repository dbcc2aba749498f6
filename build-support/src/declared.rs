//! What declarations say of types: what functions return, what fields and constants hold, which
//! traits a trait brings along. Read as written; what is left to inference is unknown.

use std::collections::BTreeSet;

use syn::{ReturnType, Signature, Type};

use crate::{
    extract::plain_name,
    head_type::segments,
    program::{Definition, Item, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
    ty::{Bound, Ty, TypeScope, parameters_as},
};

/// Returns the type of what a function or method returns; its own type parameters are unknown,
/// those of its impl are taken from the receiver where the impl names them plainly.
pub(crate) fn returned(resolver: &Resolver<'_>, callee: ItemId, receiver: Option<&Ty>) -> Ty {
    let item = resolver.program.item(callee);
    match item.function() {
        Some((signature, _, _)) => returned_by(resolver, item, signature, receiver),
        None => Ty::Unknown,
    }
}

/// The same for a method that a trait declares.
pub(crate) fn returned_by_trait(
    resolver: &Resolver<'_>,
    of: ItemId,
    name: &str,
    receiver: &Ty,
) -> Ty {
    let item = resolver.program.item(of);
    let Some(declaration) = trait_item(item) else { return Ty::Unknown };
    let signature = declaration.items.iter().find_map(|it| match it {
        syn::TraitItem::Fn(it) if it.sig.ident == name => Some(&it.sig),
        _ => None,
    });
    let Some(signature) = signature else { return Ty::Unknown };
    let mut parameters = parameters_as(&declaration.generics, &[]);
    parameters.extend(parameters_as(&signature.generics, &[]));
    let scope =
        TypeScope { resolver, module: item.module, self_type: receiver, parameters: &parameters };
    output(&scope, signature)
}

fn returned_by(
    resolver: &Resolver<'_>,
    item: &Item,
    signature: &Signature,
    receiver: Option<&Ty>,
) -> Ty {
    let mut parameters = std::collections::BTreeMap::new();
    let mut self_type = receiver.cloned().unwrap_or(Ty::Unknown);
    if let Some(Syntax::Item(parent)) = item.parent.map(|it| &resolver.program.item(it).syntax) {
        match &**parent {
            syn::Item::Impl(header) => {
                parameters = parameters_as(&header.generics, &[]);
                bind_parameters(&header.self_ty, receiver, &mut parameters);
                if receiver.is_none() {
                    let scope = TypeScope {
                        resolver,
                        module: item.module,
                        self_type: &Ty::Unknown,
                        parameters: &parameters,
                    };
                    self_type = scope.lower(&header.self_ty);
                }
            }
            syn::Item::Trait(declaration) => {
                parameters = parameters_as(&declaration.generics, &[]);
            }
            _ => {}
        }
    }
    parameters.extend(parameters_as(&signature.generics, &[]));
    let (self_type, parameters) = (&self_type, &parameters);
    output(&TypeScope { resolver, module: item.module, self_type, parameters }, signature)
}

/// `impl<T> Grid<T>` with a `Grid<Cell>` for a receiver: `T` is `Cell`.
fn bind_parameters(
    self_type: &Type,
    receiver: Option<&Ty>,
    parameters: &mut std::collections::BTreeMap<String, Ty>,
) {
    let (Type::Path(path), Some(receiver @ Ty::Local(..))) = (self_type, receiver) else { return };
    let Some(syn::PathArguments::AngleBracketed(list)) =
        path.path.segments.last().map(|it| &it.arguments)
    else {
        return;
    };
    let types = list.args.iter().filter(|it| !matches!(it, syn::GenericArgument::Lifetime(_)));
    for (index, argument) in types.enumerate() {
        if let syn::GenericArgument::Type(Type::Path(it)) = argument
            && let Some(name) = it.path.get_ident()
            && let Some(known) = parameters.get_mut(&plain_name(&name.to_string()))
        {
            *known = receiver.argument(index);
        }
    }
}

fn output(scope: &TypeScope<'_, '_>, signature: &Signature) -> Ty {
    match (&signature.asyncness, &signature.output) {
        (Some(_), _) => Ty::Unknown,
        (None, ReturnType::Default) => Ty::closed(),
        (None, ReturnType::Type(_, ty)) => scope.lower(ty),
    }
}

/// Returns the type of a constant or static.
pub(crate) fn held(resolver: &Resolver<'_>, id: ItemId) -> Ty {
    let item = resolver.program.item(id);
    let scope = TypeScope {
        resolver,
        module: item.module,
        self_type: &Ty::Unknown,
        parameters: &std::collections::BTreeMap::default(),
    };
    match &item.syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Const(it) => scope.lower(&it.ty),
            // Where `thread_local!` wraps it in a key its type is not what is written.
            syn::Item::Static(it) if !item.is_thread_local => scope.lower(&it.ty),
            _ => Ty::Unknown,
        },
        _ => Ty::Unknown,
    }
}

/// Returns the fields of a struct, or of one variant of an enum, with the module they stand in.
pub(crate) fn fields<'p>(
    resolver: &Resolver<'p>,
    id: ItemId,
    variant: Option<&str>,
) -> Option<(&'p syn::Fields, &'p syn::Generics)> {
    let Syntax::Item(syntax) = &resolver.program.item(id).syntax else { return None };
    match (&**syntax, variant) {
        (syn::Item::Struct(it), _) => Some((&it.fields, &it.generics)),
        (syn::Item::Enum(it), Some(name)) => {
            let variant = it.variants.iter().find(|it| it.ident == name)?;
            Some((&variant.fields, &it.generics))
        }
        _ => None,
    }
}

/// Returns the type of a field, by its name or its position.
pub(crate) fn field(
    resolver: &Resolver<'_>,
    owner: (ItemId, Option<&str>),
    arguments: &[Ty],
    name: &str,
) -> Ty {
    let (id, variant) = owner;
    let Some((fields, generics)) = fields(resolver, id, variant) else { return Ty::Unknown };
    let found = fields.iter().enumerate().find(|(index, it)| match &it.ident {
        Some(ident) => plain_name(&ident.to_string()) == name,
        None => index.to_string() == name,
    });
    let Some((_, found)) = found else { return Ty::Unknown };
    let scope = TypeScope {
        resolver,
        module: resolver.program.item(id).module,
        self_type: &Ty::Local(id, arguments.to_vec()),
        parameters: &parameters_as(generics, arguments),
    };
    scope.lower(&found.ty)
}

/// Returns bounds with everything that they bring along by supertraits.
pub(crate) fn elaborated(resolver: &Resolver<'_>, bounds: &[Bound]) -> Vec<Bound> {
    let mut all: Vec<Bound> = Vec::new();
    let mut queue = bounds.to_vec();
    while let Some(bound) = queue.pop() {
        if all.contains(&bound) {
            continue;
        }
        if let Bound::Local(id) = &bound {
            queue.extend(supertraits(resolver, *id));
        }
        all.push(bound);
    }
    all
}

fn supertraits(resolver: &Resolver<'_>, id: ItemId) -> Vec<Bound> {
    let item = resolver.program.item(id);
    let Some(declaration) = trait_item(item) else { return Vec::new() };
    let of_self = declaration.generics.where_clause.iter().flat_map(|it| &it.predicates);
    let of_self = of_self.filter_map(|it| match it {
        syn::WherePredicate::Type(it) => match &it.bounded_ty {
            Type::Path(path) if path.path.is_ident("Self") => Some(&it.bounds),
            _ => None,
        },
        _ => None,
    });
    let bounds = declaration.supertraits.iter().chain(of_self.flatten());
    bounds
        .filter_map(|it| match it {
            syn::TypeParamBound::Trait(it) => Some(trait_named(resolver, item.module, &it.path)),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Every trait that a path may mean.
fn trait_named(resolver: &Resolver<'_>, module: ModuleId, path: &syn::Path) -> BTreeSet<Bound> {
    let names = segments(path);
    let meanings = resolver.path(module, path.leading_colon.is_some(), &names, Namespace::Type);
    meanings
        .iter()
        .filter_map(|(it, _)| match it {
            Definition::Item(id) if resolver.program.item(*id).kind == ItemKind::Trait => {
                Some(Bound::Local(*id))
            }
            Definition::External(_) => {
                Some(Bound::Foreign(names.last().cloned().unwrap_or_default()))
            }
            _ => None,
        })
        .collect()
}

fn trait_item(item: &Item) -> Option<&syn::ItemTrait> {
    match &item.syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Trait(it) => Some(it),
            _ => None,
        },
        _ => None,
    }
}
