//! What is known of a value's type, and how a written type is read. A type is known exactly or not
//! at all: a wrong one would hide what a method call reaches. References are transparent, since
//! method calls look through them.

use std::{borrow::Cow, collections::BTreeMap, rc::Rc};

use syn::{GenericArgument, PathArguments, Type, TypeParamBound, punctuated::Punctuated};

use crate::{
    entry_point,
    extract::plain_name,
    path_text, prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Unknown,
    /// Of an expression that does not return.
    Never,
    /// A type of the program with its type arguments.
    Local(ItemId, Vec<Ty>),
    /// A type of the standard library by its name, `[]` for arrays and slices, `fn` for functions;
    /// without a name, some type of it.
    Std(Cow<'static, str>, Vec<Ty>),
    /// A type of another crate, with no type of the program inside.
    Other,
    Tuple(Vec<Ty>),
    /// Any type with these bounds: a parameter, `impl Trait`, `dyn Trait`.
    Bounded(Rc<[Bound]>),
}

/// A trait that a type is known to implement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bound {
    Local(ItemId),
    /// By its last name.
    Foreign(String),
}

/// Types of std that dereference to their first argument.
const POINTERS: &[&str] = &[
    "AssertUnwindSafe",
    "Box",
    "Cow",
    "LazyCell",
    "LazyLock",
    "ManuallyDrop",
    "MappedMutexGuard",
    "MappedRwLockReadGuard",
    "MappedRwLockWriteGuard",
    "MutexGuard",
    "PeekMut",
    "Pin",
    "Rc",
    "Ref",
    "RefMut",
    "ReentrantLockGuard",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "ThinBox",
    "UniqueArc",
    "UniqueRc",
    "Arc",
];

/// Types of std without type parameters.
const PLAIN: &[&str] = &[
    "String",
    "str",
    "bool",
    "char",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "PathBuf",
    "Path",
    "OsString",
    "OsStr",
    "Duration",
    "Instant",
    "SystemTime",
    "File",
    "Ordering",
    "CString",
    "CStr",
    "Formatter",
];

impl Ty {
    pub(crate) fn std(name: impl Into<Cow<'static, str>>, arguments: Vec<Self>) -> Self {
        Self::Std(name.into(), arguments)
    }

    /// The same for a name that code has.
    pub(crate) fn std_named(name: &str, arguments: Vec<Self>) -> Self {
        let plain = || PLAIN.iter().copied().find(|it| *it == name);
        match entry_point::type_named(name).or_else(plain) {
            Some(known) => Self::std(known, arguments),
            None => Self::std(name.to_owned(), arguments),
        }
    }

    /// Some type of std with nothing of the program inside.
    pub(crate) fn closed() -> Self {
        Self::std("", Vec::new())
    }

    /// Tells whether no type of the program is or is inside the type.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Std(_, arguments) | Self::Tuple(arguments) => {
                arguments.iter().all(Self::is_closed)
            }
            Self::Other | Self::Never => true,
            Self::Unknown | Self::Local(..) | Self::Bounded(_) => false,
        }
    }

    pub(crate) fn is_pointer(name: &str) -> bool {
        POINTERS.contains(&name)
    }

    pub(crate) fn argument(&self, index: usize) -> Self {
        match self {
            Self::Std(_, arguments) | Self::Local(_, arguments) => {
                arguments.get(index).cloned().unwrap_or(Self::Unknown)
            }
            _ => Self::Unknown,
        }
    }

    /// The type of a value that is one of two: known where they agree.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, it) | (it, Self::Never) => it,
            (left, right) if left == right => left,
            (Self::Local(left, _), Self::Local(right, _)) if left == right => {
                Self::Local(left, Vec::new())
            }
            (left, right) if left.is_closed() && right.is_closed() => Self::closed(),
            _ => Self::Unknown,
        }
    }
}

/// Where a type is written: what its names mean there.
#[derive(Clone, Copy)]
pub(crate) struct TypeScope<'a, 'p> {
    pub(crate) resolver: &'a Resolver<'p>,
    pub(crate) module: ModuleId,
    pub(crate) self_type: &'a Ty,
    /// What type parameters stand for.
    pub(crate) parameters: &'a BTreeMap<String, Ty>,
}

/// Aliases that lead through more aliases than this are circular.
const MAX_ALIASES: usize = 16;

impl TypeScope<'_, '_> {
    pub(crate) fn lower(&self, ty: &Type) -> Ty {
        self.lower_within(ty, MAX_ALIASES)
    }

    fn lower_within(&self, ty: &Type, fuel: usize) -> Ty {
        match ty {
            Type::Path(it) if it.qself.is_none() => self.path_within(&it.path, false, fuel),
            Type::Reference(it) => self.lower_within(&it.elem, fuel),
            Type::Paren(it) => self.lower_within(&it.elem, fuel),
            Type::Group(it) => self.lower_within(&it.elem, fuel),
            Type::Ptr(it) => Ty::std("ptr", vec![self.lower_within(&it.elem, fuel)]),
            Type::Slice(it) => Ty::std("[]", vec![self.lower_within(&it.elem, fuel)]),
            Type::Array(it) => Ty::std("[]", vec![self.lower_within(&it.elem, fuel)]),
            Type::Tuple(it) => {
                Ty::Tuple(it.elems.iter().map(|it| self.lower_within(it, fuel)).collect())
            }
            Type::Never(_) => Ty::Never,
            Type::ImplTrait(it) => self.bounded(&it.bounds),
            Type::TraitObject(it) => self.bounded(&it.bounds),
            _ => Ty::Unknown,
        }
    }

    fn bounded(&self, bounds: &Punctuated<TypeParamBound, syn::Token![+]>) -> Ty {
        self.bounds(bounds).map_or(Ty::Unknown, |it| Ty::Bounded(it.into()))
    }

    /// Reads bounds; `None` where one has no single meaning.
    pub(crate) fn bounds<'b>(
        &self,
        bounds: impl IntoIterator<Item = &'b TypeParamBound>,
    ) -> Option<Vec<Bound>> {
        let mut found = Vec::new();
        for bound in bounds {
            let TypeParamBound::Trait(bound) = bound else { continue };
            found.push(self.bound(&bound.path)?);
        }
        Some(found)
    }

    /// Reads the path of a bound; `None` where it has no single meaning.
    pub(crate) fn bound(&self, path: &syn::Path) -> Option<Bound> {
        let written = self.resolver.written(path);
        let leading_colon = path.leading_colon.is_some();
        let meanings =
            self.resolver.meanings(self.module, leading_colon, &written, Namespace::Type);
        match &meanings[..] {
            [(Definition::Item(id), rest)]
                if rest.is_empty() && self.resolver.program.item(*id).kind == ItemKind::Trait =>
            {
                Some(Bound::Local(*id))
            }
            _ if !meanings.is_empty()
                && meanings.iter().all(|(it, _)| matches!(it, Definition::External(_))) =>
            {
                Some(Bound::Foreign(written.names.last().cloned().unwrap_or_default()))
            }
            _ => None,
        }
    }

    /// Reads a path to a type. In an expression its arguments may be left out, to be inferred.
    pub(crate) fn path(&self, path: &syn::Path, in_expression: bool) -> Ty {
        self.path_within(path, in_expression, MAX_ALIASES)
    }

    fn path_within(&self, path: &syn::Path, in_expression: bool, fuel: usize) -> Ty {
        let Some(fuel) = fuel.checked_sub(1) else { return Ty::Unknown };
        let written = self.resolver.written(path);
        if let ([name], None) = (&written.names[..], path.leading_colon) {
            if name == "Self" {
                return self.self_type.clone();
            }
            if let Some(ty) = self.parameters.get(name) {
                return ty.clone();
            }
        }
        let leading_colon = path.leading_colon.is_some();
        let meanings =
            self.resolver.meanings(self.module, leading_colon, &written, Namespace::Type);
        let arguments = || {
            let last = path.segments.last();
            let bracketed = last.and_then(|it| match &it.arguments {
                PathArguments::AngleBracketed(it) => Some(it),
                _ => None,
            });
            bracketed.map(|list| {
                list.args
                    .iter()
                    .filter_map(|it| match it {
                        GenericArgument::Type(ty) => Some(self.lower_within(ty, fuel)),
                        GenericArgument::Const(_) => Some(Ty::closed()),
                        GenericArgument::AssocType(_) => Some(Ty::Unknown),
                        _ => None,
                    })
                    .collect::<Vec<_>>()
            })
        };
        match &meanings[..] {
            [(Definition::Item(id), rest)] if rest.is_empty() => {
                let item = self.resolver.program.item(*id);
                match item.kind {
                    ItemKind::Type => Ty::Local(*id, arguments().unwrap_or_default()),
                    ItemKind::Trait => Ty::Bounded([Bound::Local(*id)].into()),
                    ItemKind::Alias => self.alias(*id, arguments().as_deref(), fuel),
                    _ => Ty::Unknown,
                }
            }
            [(Definition::External(first), _), others @ ..]
                if others.iter().all(|(it, _)| matches!(it, Definition::External(_))) =>
            {
                let last = path_text::last(first);
                let is_std = meanings
                    .iter()
                    .all(|(it, _)| matches!(it, Definition::External(it) if prelude::is_std(it)));
                let arguments = arguments();
                if is_std {
                    let is_plain = PLAIN.contains(&last);
                    let elided =
                        if in_expression && !is_plain { vec![Ty::Unknown] } else { Vec::new() };
                    Ty::std_named(last, arguments.unwrap_or(elided))
                } else if !in_expression
                    && meanings.len() == 1
                    && arguments.unwrap_or_default().iter().all(Ty::is_closed)
                {
                    Ty::Other
                } else {
                    Ty::Unknown
                }
            }
            _ => Ty::Unknown,
        }
    }

    /// Returns what an alias stands for, with arguments that are not written.
    pub(crate) fn of_alias(&self, id: ItemId) -> Ty {
        self.alias(id, None, MAX_ALIASES)
    }

    fn alias(&self, id: ItemId, arguments: Option<&[Ty]>, fuel: usize) -> Ty {
        let item = self.resolver.program.item(id);
        let Syntax::Item(syntax) = &item.syntax else { return Ty::Unknown };
        let syn::Item::Type(alias) = &**syntax else { return Ty::Unknown };
        let parameters = parameters_as(&alias.generics, arguments.unwrap_or_default());
        let scope = TypeScope {
            resolver: self.resolver,
            module: item.module,
            self_type: &Ty::Unknown,
            parameters: &parameters,
        };
        scope.lower_within(&alias.ty, fuel)
    }
}

/// Pairs type parameters with arguments; those without one are unknown.
pub(crate) fn parameters_as(generics: &syn::Generics, arguments: &[Ty]) -> BTreeMap<String, Ty> {
    let names = generics.params.iter().filter_map(|it| match it {
        syn::GenericParam::Type(it) => Some((plain_name(&it.ident.to_string()), Ty::Unknown)),
        syn::GenericParam::Const(it) => Some((plain_name(&it.ident.to_string()), Ty::closed())),
        syn::GenericParam::Lifetime(_) => None,
    });
    names
        .enumerate()
        .map(|(index, (name, otherwise))| {
            (name, arguments.get(index).cloned().unwrap_or(otherwise))
        })
        .collect()
}
