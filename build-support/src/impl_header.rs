//! What the header of an impl says: its syntax goes in, the trait and the types that decide when it is
//! alive come out. Must not look at its members, but for macros among them.

use std::collections::BTreeSet;

use syn::{GenericArgument, PathArguments, Type};

use crate::{
    head_type::{HeadTypes, head_in, parameters, segments},
    path_text, prelude,
    program::{Definition, Item, ItemId, ItemKind, ModuleId, Namespace},
    resolve::Resolver,
};

/// What an impl's header says.
#[derive(Debug, Default)]
pub(crate) struct ImplHeader {
    pub(crate) item: Option<ItemId>,
    /// The local type that it is for; `None` for types of other crates and for type parameters.
    pub(crate) self_type: Option<ItemId>,
    /// It is for a certain type of another crate, so that no local type has its members.
    pub(crate) is_for_foreign: bool,
    /// Local types anywhere in the self type and the trait's arguments.
    pub(crate) types: BTreeSet<ItemId>,
    /// The local types that have to be in play for it to be alive.
    pub(crate) required: BTreeSet<ItemId>,
    pub(crate) of_trait: Option<ImplTrait>,
    /// It contains macro calls, which may define any member.
    pub(crate) has_macros: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ImplTrait {
    Local(ItemId),
    /// By its last name, and whether it certainly is std's.
    Foreign {
        name: String,
        is_std: bool,
    },
}

pub(crate) fn read_header(
    resolver: &Resolver<'_>,
    id: ItemId,
    item: &Item,
    header: &syn::ItemImpl,
) -> ImplHeader {
    let mut types = BTreeSet::new();
    let generics = parameters(&header.generics);
    let heads = HeadTypes { resolver, module: item.module, generics: &generics };
    heads.collect(&header.self_ty, &mut types);
    let in_self_type = types.clone();
    let of_trait = header.trait_.as_ref().map(|(path, _)| {
        for segment in &path.segments {
            heads.arguments(&segment.arguments, &mut types);
        }
        let segments = segments(path);
        let meanings =
            resolver.path(item.module, path.leading_colon.is_some(), &segments, Namespace::Type);
        let local = meanings.iter().find_map(|(it, rest)| match it {
            Definition::Item(id)
                if rest.is_empty() && resolver.program.item(*id).kind == ItemKind::Trait =>
            {
                Some(*id)
            }
            _ => None,
        });
        local.map_or_else(|| foreign_trait(resolver, item.module, path), ImplTrait::Local)
    });
    let self_type = head_in(resolver, item.module, &header.self_ty, &generics)
        .filter(|it| resolver.program.item(*it).kind == ItemKind::Type);
    let is_for_foreign = is_foreign(resolver, item.module, &header.self_ty, &generics);
    // Inference may choose the only impl for a type whose arguments nothing names.
    let has_others = is_for_foreign
        && if in_self_type.is_empty() {
            is_implemented_by_std(&header.self_ty, of_trait.as_ref())
        } else {
            is_implemented_for_boxes(resolver, item.module, header, of_trait.as_ref())
        };
    let required = match self_type {
        _ if has_others && !in_self_type.is_empty() => types.clone(),
        _ if has_others => chosen_by(&heads, header, of_trait.as_ref()).unwrap_or_default(),
        Some(id) => BTreeSet::from([id]),
        None => BTreeSet::new(),
    };
    ImplHeader {
        item: Some(id),
        self_type,
        is_for_foreign,
        required,
        types,
        of_trait,
        has_macros: header.items.iter().any(|it| matches!(it, syn::ImplItem::Macro(_))),
    }
}

/// Returns the local types without which nothing can choose an impl that is one of several, beside those of
/// std: those that are the trait's arguments. `None` where an argument only has one
/// inside: `From<?>` leaves the choice open, `From<&?>` and `From<Box<?>>` may not.
fn chosen_by(
    heads: &HeadTypes<'_, '_>,
    header: &syn::ItemImpl,
    of_trait: Option<&ImplTrait>,
) -> Option<BTreeSet<ItemId>> {
    let (path, _) = header.trait_.as_ref()?;
    let takes_references = matches!(of_trait, Some(ImplTrait::Foreign { name, .. })
        if OF_REFERENCES.contains(&name.as_str()));
    let mut chosen = BTreeSet::new();
    for segment in &path.segments {
        let PathArguments::AngleBracketed(list) = &segment.arguments else { continue };
        for argument in &list.args {
            let GenericArgument::Type(ty) = argument else { continue };
            let mut inside = BTreeSet::new();
            heads.collect(ty, &mut inside);
            if inside.is_empty() {
                continue;
            }
            let ty = match ty {
                Type::Reference(it) if takes_references && it.mutability.is_none() => &*it.elem,
                other => other,
            };
            let head = match ty {
                Type::Path(_) => head_in(heads.resolver, heads.module, ty, heads.generics),
                _ => None,
            };
            chosen.insert(head.filter(|it| inside.contains(it))?);
        }
    }
    Some(chosen)
}

/// Names a trait of another crate by where it comes from, not by what an import calls it.
fn foreign_trait(resolver: &Resolver<'_>, module: ModuleId, path: &syn::Path) -> ImplTrait {
    let segments = segments(path);
    let meanings = resolver.path(module, path.leading_colon.is_some(), &segments, Namespace::Type);
    let paths: Vec<Option<&str>> = meanings
        .iter()
        .map(|(it, _)| match it {
            Definition::External(path) => Some(&**path),
            _ => None,
        })
        .collect();
    let written = segments.last().map(String::as_str).unwrap_or_default();
    let name = paths.first().and_then(|it| last_of(*it)).unwrap_or(written);
    // Globs into std leave several paths to one trait.
    let is_std = !paths.is_empty()
        && paths.iter().all(|it| it.is_some_and(prelude::is_std) && last_of(*it) == Some(name));
    ImplTrait::Foreign { name: name.to_owned(), is_std }
}

fn last_of(path: Option<&str>) -> Option<&str> {
    path.map(path_text::last)
}

/// Tells whether a type is certainly of another crate, whatever stands in its arguments.
fn is_foreign(
    resolver: &Resolver<'_>,
    module: ModuleId,
    ty: &Type,
    generics: &BTreeSet<String>,
) -> bool {
    match ty {
        Type::Array(_) | Type::Slice(_) | Type::Tuple(_) | Type::FnPtr(_) | Type::Never(_) => true,
        Type::Paren(it) => is_foreign(resolver, module, &it.elem, generics),
        Type::Group(it) => is_foreign(resolver, module, &it.elem, generics),
        Type::Reference(it) => is_foreign(resolver, module, &it.elem, generics),
        Type::Path(it) if it.qself.is_none() => {
            let names = segments(&it.path);
            if names.len() == 1 && generics.contains(&names[0]) {
                return false;
            }
            let leading_colon = it.path.leading_colon.is_some();
            let meanings = resolver.path(module, leading_colon, &names, Namespace::Type);
            !meanings.is_empty()
                && meanings.iter().all(|(it, _)| matches!(it, Definition::External(_)))
        }
        _ => false,
    }
}

/// Types of std and traits that std itself implements for each of them: with one more impl there
/// are several, among which inference can't choose by itself.
const IMPLEMENTED: &[(&[&str], &[&str])] = &[
    (
        &[
            "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32", "u64",
            "u8", "usize",
        ],
        &[
            "Add",
            "AddAssign",
            "Div",
            "DivAssign",
            "From",
            "Mul",
            "MulAssign",
            "PartialEq",
            "PartialOrd",
            "Product",
            "Rem",
            "RemAssign",
            "Sub",
            "SubAssign",
            "Sum",
            "TryFrom",
        ],
    ),
    (&["bool", "char", "str", "OsStr", "Path"], &["From", "PartialEq", "PartialOrd", "TryFrom"]),
    (&["Option"], &["From", "FromIterator", "PartialEq", "TryFrom"]),
    (
        &[
            "HashMap", "HashSet", "BTreeMap", "BTreeSet", "OsString", "PathBuf", "String", "Vec",
            "VecDeque",
        ],
        &["Extend", "From", "FromIterator", "PartialEq", "TryFrom"],
    ),
];

/// Traits that std implements for every `Box` of a type that implements them, or of which it has
/// several impls for boxes.
const IMPLEMENTED_FOR_BOXES: &[&str] = &[
    "BufRead",
    "Clone",
    "Debug",
    "Default",
    "Display",
    "DoubleEndedIterator",
    "Eq",
    "Error",
    "ExactSizeIterator",
    "FusedIterator",
    "Future",
    "Hash",
    "Hasher",
    "IntoIterator",
    "Iterator",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Pointer",
    "Read",
    "Seek",
    "Write",
];

/// Those of them that std implements for numbers with references too.
const OF_REFERENCES: &[&str] = &[
    "Add",
    "AddAssign",
    "Div",
    "DivAssign",
    "Mul",
    "MulAssign",
    "Product",
    "Rem",
    "RemAssign",
    "Sub",
    "SubAssign",
    "Sum",
];

/// Tells whether an impl for `Box<Local>` has one of std's beside it, as long as no type of its header is
/// known.
fn is_implemented_for_boxes(
    resolver: &Resolver<'_>,
    module: ModuleId,
    header: &syn::ItemImpl,
    of_trait: Option<&ImplTrait>,
) -> bool {
    let Some(ImplTrait::Foreign { name, is_std: true }) = of_trait else { return false };
    let (Type::Path(ty), Some((path, _))) = (&*header.self_ty, &header.trait_) else {
        return false;
    };
    let is_among = match path.segments.last().map(|it| &it.arguments) {
        Some(PathArguments::None) => IMPLEMENTED_FOR_BOXES.contains(&name.as_str()),
        // What is known of the argument could make the choice, but not that it is a reference: std has
        // impls for those to `str` and to slices. If one type is behind both, each tells of the other.
        Some(PathArguments::AngleBracketed(list)) => {
            let inside = |it: &PathArguments| match it {
                PathArguments::AngleBracketed(list) => list.args.first().cloned(),
                _ => None,
            };
            let boxed = ty.path.segments.last().and_then(|it| inside(&it.arguments));
            let argument = list.args.first().and_then(|it| match it {
                GenericArgument::Type(Type::Reference(it)) if it.mutability.is_none() => {
                    Some(GenericArgument::Type((*it.elem).clone()))
                }
                _ => None,
            });
            name == "From" && boxed.is_some() && boxed == argument
        }
        _ => false,
    };
    let is_box = |it: &Definition| match it {
        Definition::External(path) => prelude::is_std(path) && last_of(Some(path)) == Some("Box"),
        _ => false,
    };
    let leading_colon = ty.path.leading_colon.is_some();
    is_among
        && resolver
            .path(module, leading_colon, &segments(&ty.path), Namespace::Type)
            .iter()
            .all(|(it, rest)| rest.is_empty() && is_box(it))
}

fn is_implemented_by_std(ty: &Type, of_trait: Option<&ImplTrait>) -> bool {
    let mut ty = ty;
    while let Type::Reference(it) = ty {
        ty = &it.elem;
    }
    let Some(ImplTrait::Foreign { name, is_std: true }) = of_trait else { return false };
    // These every type has for itself (`impl<T> From<T> for T`).
    if matches!(name.as_str(), "Borrow" | "BorrowMut" | "From" | "TryFrom") {
        return matches!(ty, Type::Path(_) | Type::Tuple(_) | Type::Array(_));
    }
    let path = match ty {
        Type::Path(path) => path,
        Type::Tuple(it) => {
            let traits = ["Extend", "FromIterator", "PartialEq", "PartialOrd"];
            return it.elems.len() == 2 && traits.contains(&name.as_str());
        }
        Type::Array(_) | Type::Slice(_) => return name == "PartialEq",
        _ => return false,
    };
    let head = path.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
    IMPLEMENTED
        .iter()
        .any(|(types, traits)| types.contains(&head.as_str()) && traits.contains(&name.as_str()))
}
