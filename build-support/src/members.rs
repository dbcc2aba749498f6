//! Which methods and constants a type has: indexes over impls and traits, made once.

use std::collections::{BTreeSet, HashMap};

use syn::{GenericArgument, PathArguments, Type};

use crate::{
    attribute, cfg,
    extract::plain_name,
    prelude,
    program::{Definition, Item, ItemId, ItemKind, ModuleId, Namespace, Syntax},
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

fn is_implemented_by_std(ty: &Type, of_trait: Option<&ImplTrait>) -> bool {
    let mut ty = ty;
    while let Type::Reference(it) = ty {
        ty = &it.elem;
    }
    let Some(ImplTrait::Foreign { name, is_std: true }) = of_trait else { return false };
    let path = match ty {
        Type::Path(path) => path,
        Type::Tuple(it) => {
            let traits = ["Extend", "FromIterator", "PartialEq", "PartialOrd"];
            return it.elems.len() == 2 && traits.contains(&name.as_str());
        }
        Type::Array(_) | Type::Slice(_) => return name == "PartialEq",
        _ => return false,
    };
    // These every type has for itself (`impl<T> From<T> for T`).
    if matches!(name.as_str(), "Borrow" | "BorrowMut" | "From" | "TryFrom") {
        return true;
    }
    let head = path.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default();
    IMPLEMENTED
        .iter()
        .any(|(types, traits)| types.contains(&head.as_str()) && traits.contains(&name.as_str()))
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

#[derive(Debug, Default)]
pub(crate) struct Members {
    pub(crate) impls: Vec<ImplHeader>,
    /// Impls whose header names a type.
    pub(crate) impls_of_type: HashMap<ItemId, Vec<usize>>,
    pub(crate) impl_of_item: HashMap<ItemId, usize>,
    /// Members of impls and defaults of traits, by name.
    pub(crate) by_name: HashMap<String, Vec<ItemId>>,
    /// Impls of local traits.
    pub(crate) impls_of_trait: HashMap<ItemId, Vec<usize>>,
    /// Types by the names of the traits that they derive.
    pub(crate) derives: HashMap<String, Vec<ItemId>>,
    /// Types that a macro which nobody expanded names, and so may add members to.
    open: BTreeSet<ItemId>,
}

impl Members {
    pub(crate) fn new(resolver: &Resolver<'_>) -> Self {
        let mut members = Self::default();
        let program = resolver.program;
        for id in program.item_ids() {
            let item = program.item(id);
            if let (ItemKind::Impl, Syntax::Item(syntax)) = (item.kind, &item.syntax)
                && let syn::Item::Impl(header) = &**syntax
            {
                let index = members.impls.len();
                let header = read_header(resolver, id, item, header);
                for ty in &header.types {
                    members.impls_of_type.entry(*ty).or_default().push(index);
                }
                if let Some(ImplTrait::Local(id)) = header.of_trait {
                    members.impls_of_trait.entry(id).or_default().push(index);
                }
                members.impl_of_item.insert(id, index);
                members.impls.push(header);
            }
            for name in derived(item) {
                members.derives.entry(name).or_default().push(id);
            }
            if item.kind == ItemKind::MacroCall {
                let named = resolver.mentioned_items(id);
                members.open.extend(
                    named.into_iter().filter(|it| program.item(*it).kind == ItemKind::Type),
                );
            }
            if item.parent.is_some() {
                members.by_name.entry(item.name.clone()).or_default().push(id);
            }
        }
        members
    }

    /// Returns the members called `name` that a local type may have: inherent ones, those of its
    /// traits, of blanket impls, and defaults of the traits that it may implement.
    pub(crate) fn of_type(
        &self,
        resolver: &Resolver<'_>,
        ty: ItemId,
        name: &str,
    ) -> BTreeSet<ItemId> {
        let candidates = self.by_name.get(name).into_iter().flatten().copied();
        let may_be_for = |index: &usize| {
            let header = &self.impls[*index];
            !header.is_for_foreign && header.self_type.is_none_or(|it| it == ty)
        };
        candidates
            .filter(|id| {
                let Some(parent) = resolver.program.item(*id).parent else { return false };
                match self.impl_of_item.get(&parent) {
                    Some(index) => may_be_for(index),
                    None => self.impls_of_trait.get(&parent).into_iter().flatten().any(may_be_for),
                }
            })
            .collect()
    }

    /// Tells whether a type dereferences to something, whose methods then count as its own.
    pub(crate) fn dereferences(&self, ty: ItemId) -> bool {
        self.impls_of_type.get(&ty).into_iter().flatten().any(|index| {
            matches!(&self.impls[*index].of_trait, Some(ImplTrait::Foreign { name, .. }) if name == "Deref")
        })
    }

    /// Tells whether any impl of a type contains macro calls, so that its members aren't all known.
    pub(crate) fn is_open(&self, ty: ItemId) -> bool {
        self.open.contains(&ty)
            || self
                .impls_of_type
                .get(&ty)
                .into_iter()
                .flatten()
                .any(|index| self.impls[*index].has_macros)
    }
}

fn read_header(
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
        let local = meanings.into_iter().find_map(|(it, rest)| match it {
            Definition::Item(id)
                if rest.is_empty() && resolver.program.item(id).kind == ItemKind::Trait =>
            {
                Some(id)
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
        && in_self_type.is_empty()
        && is_implemented_by_std(&header.self_ty, of_trait.as_ref());
    let required = match self_type {
        _ if has_others => types.clone(),
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

fn parameters(generics: &syn::Generics) -> BTreeSet<String> {
    generics.type_params().map(|it| it.ident.to_string()).collect()
}

/// The last names of the traits that a type derives.
fn derived(item: &Item) -> Vec<String> {
    match (&item.kind, &item.syntax) {
        (ItemKind::Type, Syntax::Item(it)) => cfg::attributes_of_item(it)
            .iter()
            .flat_map(attribute::derives)
            .map(|it| attribute::last_segment(&it))
            .collect(),
        _ => Vec::new(),
    }
}

/// Names a trait of another crate by where it comes from, not by what an import calls it.
fn foreign_trait(resolver: &Resolver<'_>, module: ModuleId, path: &syn::Path) -> ImplTrait {
    let segments = segments(path);
    let meanings = resolver.path(module, path.leading_colon.is_some(), &segments, Namespace::Type);
    let paths: Vec<Option<&str>> = meanings
        .iter()
        .map(|(it, _)| match it {
            Definition::External(path) => Some(path.as_str()),
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
    path?.rsplit("::").next()
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

/// Returns the segments of a path without their arguments.
pub(crate) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|it| plain_name(&it.ident.to_string())).collect()
}

/// Returns the local item at the head of a type, behind references; aliases are followed. Type
/// parameters hide items.
fn head_in(
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
            let meanings =
                resolver.path(module, leading_colon, &segments(&it.path), Namespace::Type);
            let mut heads = meanings.into_iter().filter(|(_, rest)| rest.is_empty());
            let (Definition::Item(id), None) = (heads.next()?.0, heads.next()) else { return None };
            aliased(resolver, id, fuel)
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
struct HeadTypes<'a, 'p> {
    resolver: &'a Resolver<'p>,
    module: ModuleId,
    generics: &'a BTreeSet<String>,
}

impl HeadTypes<'_, '_> {
    fn collect(&self, ty: &Type, into: &mut BTreeSet<ItemId>) {
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

    fn arguments(&self, arguments: &PathArguments, into: &mut BTreeSet<ItemId>) {
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
