//! The local item at the head of a written type: a type goes in, the item that it names comes out,
//! through references and aliases. Must not choose where a name has several meanings.

use std::collections::BTreeSet;

use syn::{GenericArgument, PathArguments, Type};

use crate::{
    extract::plain_name,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
};

/// Returns the segments of a path without their arguments.
pub(crate) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|it| plain_name(&it.ident.to_string())).collect()
}

/// Returns the local item at the head of a type, behind references; aliases are followed. Type
/// parameters hide items.
pub(crate) fn head_in(
    resolver: &Resolver<'_>,
    module: ModuleId,
    ty: &Type,
    generics: &BTreeSet<String>,
) -> Option<ItemId> {
    head_within(resolver, module, ty, generics, 16)
}

fn head_within(
    resolver: &Resolver<'_>,
    module: ModuleId,
    ty: &Type,
    generics: &BTreeSet<String>,
    fuel: usize,
) -> Option<ItemId> {
    let fuel = fuel.checked_sub(1)?;
    match ty {
        Type::Path(it)
            if it.path.get_ident().is_some_and(|it| generics.contains(&it.to_string())) =>
        {
            None
        }
        Type::Path(it) if it.qself.is_none() => {
            let leading_colon = it.path.leading_colon.is_some();
            let written = resolver.written(&it.path);
            let meanings = resolver.meanings(module, leading_colon, &written, Namespace::Type);
            let mut heads = meanings.iter().filter(|(_, rest)| rest.is_empty());
            let (Definition::Item(id), None) = (&heads.next()?.0, heads.next()) else {
                return None;
            };
            aliased(resolver, *id, fuel)
        }
        Type::Reference(it) => head_within(resolver, module, &it.elem, generics, fuel),
        Type::Paren(it) => head_within(resolver, module, &it.elem, generics, fuel),
        Type::Group(it) => head_within(resolver, module, &it.elem, generics, fuel),
        _ => None,
    }
}

/// Follows an alias to the type at its head; other items are returned as they are.
pub(crate) fn aliased(resolver: &Resolver<'_>, id: ItemId, fuel: usize) -> Option<ItemId> {
    let item = resolver.program.item(id);
    match (&item.kind, &item.syntax) {
        (ItemKind::Alias, Syntax::Item(syntax)) => match &**syntax {
            syn::Item::Type(it) => {
                let generics = parameters(&it.generics);
                head_within(resolver, item.module, &it.ty, &generics, fuel)
            }
            _ => None,
        },
        _ => Some(id),
    }
}

/// Collects the local types that a type names anywhere.
pub(crate) struct HeadTypes<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) module: ModuleId,
    pub(crate) generics: &'a BTreeSet<String>,
}

impl HeadTypes<'_, '_> {
    pub(crate) fn collect(&self, ty: &Type, into: &mut BTreeSet<ItemId>) {
        match ty {
            Type::Path(it) => {
                let names = segments(&it.path);
                let is_parameter = names.len() == 1 && self.generics.contains(&names[0]);
                if !is_parameter {
                    into.extend(
                        head_in(self.resolver, self.module, ty, self.generics)
                            .filter(|id| self.resolver.program.item(*id).kind == ItemKind::Type),
                    );
                }
                for segment in &it.path.segments {
                    self.arguments(&segment.arguments, into);
                }
            }
            Type::Reference(it) => self.collect(&it.elem, into),
            Type::Ptr(it) => self.collect(&it.elem, into),
            Type::Slice(it) => self.collect(&it.elem, into),
            Type::Array(it) => self.collect(&it.elem, into),
            Type::Paren(it) => self.collect(&it.elem, into),
            Type::Group(it) => self.collect(&it.elem, into),
            Type::Tuple(it) => it.elems.iter().for_each(|it| self.collect(it, into)),
            // Function pointers, trait objects and macros: fewer types make an impl live sooner.
            _ => {}
        }
    }

    pub(crate) fn arguments(&self, arguments: &PathArguments, into: &mut BTreeSet<ItemId>) {
        if let PathArguments::AngleBracketed(list) = arguments {
            for argument in &list.args {
                match argument {
                    GenericArgument::Type(ty) => self.collect(ty, into),
                    GenericArgument::AssocType(it) => self.collect(&it.ty, into),
                    _ => {}
                }
            }
        }
    }
}

/// The type parameters that generics declare.
pub(crate) fn parameters(generics: &syn::Generics) -> BTreeSet<String> {
    generics.type_params().map(|it| it.ident.to_string()).collect()
}
