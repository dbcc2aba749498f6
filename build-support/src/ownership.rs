//! Whether a function can come to own a value of a type parameter: its signature and the definitions of
//! types go in. What it is lent behind `&` it can neither drop nor move, whatever it calls (parametricity).
//! Must not guess: what can't be told owns.

use std::{collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashMap as HashMap;
use syn::{
    FnArg, GenericArgument, GenericParam, Generics, PathArguments, ReceiverKind, ReturnType, Type,
    TypeParamBound, WherePredicate, visit::Visit,
};

use crate::{
    attribute,
    extract::plain_name,
    head_type::segments,
    members::Members,
    path_text, prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
};

/// Types of std that hold what they are made of behind `&` or not at all.
const LENT: &[&str] =
    &["Chunks", "ChunksExact", "Iter", "Keys", "PhantomData", "RChunks", "Values", "Windows"];

/// Types of std that give what they hold to whoever has a `&` to them.
const CELLS: &[&str] = &[
    "AtomicPtr",
    "Cell",
    "LazyCell",
    "LazyLock",
    "Mutex",
    "OnceCell",
    "OnceLock",
    "RefCell",
    "RwLock",
    "SyncUnsafeCell",
    "UnsafeCell",
    "Weak",
];

/// Traits of std that a type made of others has only if these have it, or that only closures have: what
/// closures hold is their maker's.
const SHARED: &[&str] = &[
    "BuildHasher",
    "Display",
    "Eq",
    "Error",
    "Fn",
    "FnMut",
    "FnOnce",
    "Hash",
    "Hasher",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "RangeBounds",
];

/// How a type is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mode {
    /// By value, or behind `&mut`: what is behind can be replaced.
    Owned,
    /// Behind `&`: only cells can be changed.
    Lent,
}

/// Asks for one function after another.
pub(crate) struct Ownership<'a, 'p> {
    resolver: &'a Resolver<'p>,
    members: &'a Members,
    /// Macros that nobody expanded, and derives of others, may implement any trait.
    is_open: bool,
    /// By type or alias: the places of the parameters that it holds, as far as is known.
    held: HashMap<Holder, BTreeSet<usize>>,
    /// Those of which more may be found.
    unsettled: Vec<Holder>,
    /// `Self` and `&Self`, as receivers without a type.
    receivers: Rc<[Type; 2]>,
}

type Holder = (ItemId, Mode);

/// What names mean where a type is written.
struct Place<'s> {
    module: ModuleId,
    parameters: BTreeSet<String>,
    self_type: Option<&'s Type>,
}

impl<'a, 'p> Ownership<'a, 'p> {
    pub(crate) fn new(resolver: &'a Resolver<'p>, members: &'a Members) -> Self {
        let is_open = members.derives.keys().any(|it| !attribute::is_standard(it))
            || !members.calls.is_empty();
        Self {
            resolver,
            members,
            is_open,
            held: HashMap::default(),
            unsettled: Vec::new(),
            receivers: Rc::new([syn::parse_quote!(Self), syn::parse_quote!(&Self)]),
        }
    }

    /// Tells whether a function's arguments let it own a value of one of its type parameters, or of
    /// those of what it is a member of.
    pub(crate) fn by_arguments(&mut self, function: ItemId) -> bool {
        let program = self.resolver.program;
        let item = program.item(function);
        let Some((signature, _, _)) = item.function() else { return true };
        let mut place =
            Place { module: item.module, parameters: names(&signature.generics), self_type: None };
        if let Some(Syntax::Item(parent)) = item.parent.map(|it| &program.item(it).syntax) {
            match &**parent {
                syn::Item::Impl(it) => {
                    place.parameters.extend(names(&it.generics));
                    place.self_type = Some(&it.self_ty);
                }
                syn::Item::Trait(it) => {
                    place.parameters.extend(names(&it.generics));
                    place.parameters.insert("Self".to_owned());
                }
                _ => return true,
            }
        }
        let receivers = Rc::clone(&self.receivers);
        let [itself, lent] = &*receivers;
        let mut generics = vec![&signature.generics];
        if let Some(Syntax::Item(parent)) = item.parent.map(|it| &program.item(it).syntax)
            && let syn::Item::Impl(it) = &**parent
        {
            generics.push(&it.generics);
        }
        let bounds: Vec<_> = generics.into_iter().flat_map(bounds_of).collect();
        for (name, bounds) in &bounds {
            if bounds.iter().any(|it| self.is_closed(it, item.module)) {
                place.parameters.remove(name);
            }
        }
        let results: Vec<&Type> =
            bounds.iter().flat_map(|(_, it)| it).filter_map(|it| results_of(it)).collect();
        let types = || {
            let inputs = signature.inputs.iter().map(|it| match it {
                FnArg::Receiver(it) => match &it.kind {
                    ReceiverKind::Typed(_, it) => &**it,
                    ReceiverKind::Reference(_, _, None) => lent,
                    _ => itself,
                },
                FnArg::Typed(it) => &*it.ty,
            });
            inputs.chain(results.iter().copied())
        };
        loop {
            let owns = types().any(|it| self.holds(it, &place, Mode::Owned));
            if owns || self.unsettled.is_empty() {
                return owns;
            }
            self.settle();
        }
    }

    /// Tells whether no type of the program has a trait, and none made of such types has.
    fn is_closed(&self, bound: &TypeParamBound, module: ModuleId) -> bool {
        let TypeParamBound::Trait(bound) = bound else { return false };
        let leading_colon = bound.path.leading_colon.is_some();
        let path = segments(&bound.path);
        let meanings = self.resolver.path(module, leading_colon, &path, Namespace::Type);
        let [(Definition::External(of), rest)] = &meanings[..] else { return false };
        let name = path_text::last(of);
        let is_shared = rest.is_empty() && prelude::is_std(of) && SHARED.contains(&name);
        is_shared
            && !self.is_open
            && !self.members.impls_of_foreign.contains_key(name)
            && !self.members.derives.contains_key(name)
    }

    /// Finds all that types hold: the least sets that agree, since types may hold one another.
    fn settle(&mut self) {
        let mut is_changed = true;
        while std::mem::take(&mut is_changed) {
            let mut next = 0;
            while let Some(holder) = self.unsettled.get(next).copied() {
                let held = self.look_into(holder);
                is_changed |= self.held.insert(holder, held.clone()) != Some(held);
                next += 1;
            }
        }
        self.unsettled.clear();
    }

    fn holds(&mut self, ty: &Type, place: &Place<'_>, mode: Mode) -> bool {
        match ty {
            Type::Reference(it) if it.mutability.is_none() => {
                self.holds(&it.elem, place, Mode::Lent)
            }
            Type::Reference(it) => self.holds(&it.elem, place, mode),
            Type::Paren(it) => self.holds(&it.elem, place, mode),
            Type::Group(it) => self.holds(&it.elem, place, mode),
            Type::Slice(it) => self.holds(&it.elem, place, mode),
            Type::Array(it) => self.holds(&it.elem, place, mode),
            Type::Tuple(it) => it.elems.iter().any(|it| self.holds(it, place, mode)),
            // Behind a pointer that is itself lent, what changes is in a cell.
            Type::Ptr(it) => self.holds(&it.elem, place, mode),
            Type::Never(_) => false,
            Type::ImplTrait(it) if it.bounds.iter().any(|it| self.is_closed(it, place.module)) => {
                let results: Vec<_> = it.bounds.iter().filter_map(results_of).collect();
                results.into_iter().any(|it| self.holds(it, place, Mode::Owned))
            }
            Type::ImplTrait(_) => mode == Mode::Owned || mentions(ty, place),
            Type::Path(it) if it.qself.is_none() => self.path_holds(&it.path, ty, place, mode),
            // An object or a function can hand out whatever its type names.
            _ => mentions(ty, place),
        }
    }

    fn path_holds(&mut self, path: &syn::Path, ty: &Type, place: &Place<'_>, mode: Mode) -> bool {
        let names = segments(path);
        if let Some(first) = names.first().filter(|_| path.leading_colon.is_none()) {
            if place.parameters.contains(first) {
                return mode == Mode::Owned;
            }
            if first == "Self"
                && let Some(self_type) = place.self_type
            {
                // What it names itself by in turn is an error.
                let place =
                    &Place { self_type: None, parameters: place.parameters.clone(), ..*place };
                return match names.len() {
                    1 => self.holds(self_type, place, mode),
                    _ => mentions(self_type, place) && mode == Mode::Owned,
                };
            }
        }
        if !mentions(ty, place) {
            return false;
        }
        let leading_colon = path.leading_colon.is_some();
        let meanings = self.resolver.path(place.module, leading_colon, &names, Namespace::Type);
        let arguments = arguments(path);
        match &meanings[..] {
            [(Definition::Item(id), rest)]
                if rest.is_empty()
                    && matches!(
                        self.resolver.program.item(*id).kind,
                        ItemKind::Type | ItemKind::Alias
                    ) =>
            {
                let held = self.held_by(*id, mode);
                arguments.iter().enumerate().any(|(index, it)| {
                    // What is held of it is held as the parameter is: by value.
                    held.contains(&index) && self.holds(it, place, Mode::Owned)
                        || self.has_cells(it, place)
                })
            }
            [(Definition::External(of), rest)] if rest.is_empty() => {
                let name = path_text::last(of);
                let is_std = prelude::is_std(of) && !of.contains("::mpsc::");
                if is_std && LENT.contains(&name) {
                    return arguments.iter().any(|it| self.holds(it, place, Mode::Lent));
                }
                // Of other crates' types nobody knows what a `&` to them is good for.
                let mode = if is_std && !CELLS.contains(&name) { mode } else { Mode::Owned };
                arguments.iter().any(|it| self.holds(it, place, mode))
            }
            _ => true,
        }
    }

    /// Tells whether a type that stands for a parameter gives what it holds to whoever has a `&` to it.
    fn has_cells(&mut self, ty: &Type, place: &Place<'_>) -> bool {
        self.holds(ty, place, Mode::Lent)
    }

    /// Returns the places of the parameters that a type or an alias holds, as far as is known.
    fn held_by(&mut self, of: ItemId, mode: Mode) -> BTreeSet<usize> {
        let unsettled = &mut self.unsettled;
        let known = self.held.entry((of, mode)).or_insert_with(|| {
            unsettled.push((of, mode));
            BTreeSet::new()
        });
        known.clone()
    }

    fn look_into(&mut self, (of, mode): Holder) -> BTreeSet<usize> {
        let item = self.resolver.program.item(of);
        let Syntax::Item(syntax) = &item.syntax else { return BTreeSet::new() };
        let (generics, fields): (_, Vec<&Type>) = match &**syntax {
            syn::Item::Struct(it) => (&it.generics, it.fields.iter().map(|it| &it.ty).collect()),
            syn::Item::Enum(it) => {
                let fields = it.variants.iter().flat_map(|it| &it.fields);
                (&it.generics, fields.map(|it| &it.ty).collect())
            }
            syn::Item::Union(it) => {
                (&it.generics, it.fields.named.iter().map(|it| &it.ty).collect())
            }
            syn::Item::Type(it) => (&it.generics, vec![&*it.ty]),
            _ => return BTreeSet::new(),
        };
        let types = generics.params.iter().filter_map(|it| match it {
            GenericParam::Type(it) => Some(Some(plain_name(&it.ident.to_string()))),
            GenericParam::Const(_) => Some(None),
            GenericParam::Lifetime(_) => None,
        });
        let mut held = BTreeSet::new();
        for (index, name) in types.enumerate() {
            let parameters = BTreeSet::from_iter(name);
            let place = Place { module: item.module, parameters, self_type: None };
            if fields.iter().any(|it| self.holds(it, &place, mode)) {
                held.insert(index);
            }
        }
        held
    }
}

/// Returns the arguments of the last segment that are types or constants, in order.
fn arguments(path: &syn::Path) -> Vec<Type> {
    match path.segments.last().map(|it| &it.arguments) {
        Some(PathArguments::AngleBracketed(list)) => list
            .args
            .iter()
            .filter_map(|it| match it {
                GenericArgument::Type(it) => Some(it.clone()),
                GenericArgument::Const(_) => Some(syn::parse_quote!(!)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the bounds of type parameters by their names.
fn bounds_of(generics: &Generics) -> Vec<(String, Vec<&TypeParamBound>)> {
    let inline = generics
        .type_params()
        .map(|it| (plain_name(&it.ident.to_string()), it.bounds.iter().collect()));
    let clauses = generics.where_clause.iter().flat_map(|it| &it.predicates);
    let clauses = clauses.filter_map(|it| match it {
        WherePredicate::Type(it) => match &it.bounded_ty {
            Type::Path(ty) if ty.qself.is_none() => {
                let name = plain_name(&ty.path.get_ident()?.to_string());
                Some((name, it.bounds.iter().collect()))
            }
            _ => None,
        },
        _ => None,
    });
    inline.chain(clauses).collect()
}

/// Returns the result in a bound like `Fn(A) -> B`.
fn results_of(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    match &bound.path.segments.last()?.arguments {
        PathArguments::Parenthesized(it) => match &it.output {
            ReturnType::Type(_, ty) => Some(ty),
            ReturnType::Default => None,
        },
        _ => None,
    }
}

fn names(generics: &Generics) -> BTreeSet<String> {
    generics.type_params().map(|it| plain_name(&it.ident.to_string())).collect()
}

/// Tells whether a type names a parameter, or `Self`.
fn mentions(ty: &Type, place: &Place<'_>) -> bool {
    let mut search = Mentions { place, found: false };
    search.visit_type(ty);
    search.found
}

struct Mentions<'p, 's> {
    place: &'p Place<'s>,
    found: bool,
}

impl Visit<'_> for Mentions<'_, '_> {
    fn visit_ident(&mut self, it: &proc_macro2::Ident) {
        if self.found {
            return;
        }
        let name = plain_name(&it.to_string());
        self.found |= name == "Self" || self.place.parameters.contains(&name);
    }

    fn visit_macro(&mut self, _: &syn::Macro) {
        self.found = true;
    }
}
