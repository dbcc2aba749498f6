//! Whether a static can change while the program runs, told by its type. A static goes in, what can become of it
//! comes out. Must not call constant what may change: a type that isn't known may.

use std::collections::{BTreeMap, BTreeSet};

use syn::{GenericArgument, PathArguments, Type};

use crate::{
    extract::plain_name,
    path_text, prelude,
    program::{
        Definition, FOREIGN_DOLLAR_CRATE, Item, ItemId, ItemKind, ModuleId, Namespace, Syntax,
    },
    resolve::Resolver,
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

/// Types of std that hold what their arguments are, and nothing that changes besides.
const CONSTANT: &[&str] = &[
    "AddrParseError",
    "Arc",
    "AssertUnwindSafe",
    "BTreeMap",
    "BTreeSet",
    "BinaryHeap",
    "Bound",
    "Box",
    "BuildHasherDefault",
    "CStr",
    "CString",
    "ControlFlow",
    "Cow",
    "DefaultHasher",
    "Discriminant",
    "Duration",
    "HashMap",
    "HashSet",
    "Infallible",
    "Instant",
    "IpAddr",
    "Ipv4Addr",
    "Ipv6Addr",
    "Layout",
    "LinkedList",
    "Location",
    "ManuallyDrop",
    "NonZero",
    "Option",
    "Ordering",
    "OsStr",
    "OsString",
    "Path",
    "PathBuf",
    "PhantomData",
    "Pin",
    "Range",
    "RangeFrom",
    "RangeFull",
    "RangeInclusive",
    "RangeTo",
    "RangeToInclusive",
    "RandomState",
    "Rc",
    "Result",
    "Reverse",
    "Saturating",
    "SocketAddr",
    "SocketAddrV4",
    "SocketAddrV6",
    "String",
    "SystemTime",
    "ThreadId",
    "TypeId",
    "Vec",
    "VecDeque",
    "Wrapping",
];

/// Types of std that change behind a shared reference.
const CHANGING: &[&str] = &[
    "Barrier",
    "Cell",
    "Condvar",
    "Exclusive",
    "Mutex",
    "Once",
    "OnceCell",
    "OnceLock",
    "Receiver",
    "ReentrantLock",
    "RefCell",
    "RwLock",
    "Sender",
    "SyncSender",
    "SyncUnsafeCell",
    "UnsafeCell",
];

/// Crates whose types are values: they hold what their arguments are, and change only as a whole.
const CRATES_OF_VALUES: &[&str] = &[
    "ahash",
    "aho_corasick",
    "arrayvec",
    "bigdecimal",
    "bitflags",
    "bytes",
    "chrono",
    "compact_str",
    "either",
    "fixedbitset",
    "fnv",
    "fxhash",
    "glam",
    "globset",
    "half",
    "hashbrown",
    "http",
    "indexmap",
    "ipnet",
    "jiff",
    "memchr",
    "mime",
    "nalgebra",
    "ndarray",
    "num_bigint",
    "num_complex",
    "num_rational",
    "ordered_float",
    "petgraph",
    "phf",
    "regex",
    "regex_lite",
    "rust_decimal",
    "rustc_hash",
    "semver",
    "serde_json",
    "smallvec",
    "smol_str",
    "time",
    "tinyvec",
    "toml",
    "unicase",
    "url",
    "uuid",
];

/// Crates whose types of that name compute what they hold when it is first asked for.
const LAZY: &[(&str, &str)] =
    &[("std", "LazyLock"), ("std", "LazyCell"), ("once_cell", "Lazy"), ("lazy_static", "Lazy")];

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
    if let Some(ty) = of_lazy_static(resolver, id) {
        return judge.of(scope, ty).max(Constancy::Lazy);
    }
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

/// Tells of the types of `once_cell` how a static gives out what it holds.
pub(crate) fn deferral(resolver: &Resolver<'_>, id: ItemId) -> Option<Deferral> {
    let item = resolver.program.item(id);
    if of_lazy_static(resolver, id).is_some() {
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

/// The type that a `static ref` of `lazy_static!` dereferences to: the static is of a type of its name, beside which
/// stands what the type implements.
fn of_lazy_static<'p>(resolver: &Resolver<'p>, id: ItemId) -> Option<&'p Type> {
    let program = resolver.program;
    let item = program.item(id);
    let is_made = |it: &Item| it.is_expanded && it.makers.contains("lazy_static");
    let is_own = |ty: &Type| matches!(ty, Type::Path(it) if it.path.is_ident(&item.name));
    if !is_made(item) || !is_own(&syntax(item)?.ty) {
        return None;
    }
    let beside = program.items.iter().filter(|it| it.module == item.module && is_made(it));
    let members = beside.filter_map(|it| match &it.syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Impl(it) if is_own(&it.self_ty) => Some(&it.items),
            _ => None,
        },
        _ => None,
    });
    members.flatten().find_map(|it| match it {
        syn::ImplItem::Type(it) if it.ident == "Target" => Some(&it.ty),
        _ => None,
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

    fn meanings(&self, module: ModuleId, path: &syn::Path) -> crate::resolve::Meanings {
        let written = self.resolver.written(path);
        let leading_colon = path.leading_colon.is_some();
        let meanings = self.resolver.meanings(module, leading_colon, &written, Namespace::Type);
        // What a glob of another crate may bring gives way to what is there by its name; that it hides a type of the
        // prelude's name is no reason to expect it.
        let is_by_glob = |(it, _): &(Definition, Vec<String>)| matches!(it, Definition::External(path) if path.contains("::*"));
        if path.get_ident().is_some_and(|it| is_primitive(&it.to_string()))
            || !meanings.iter().all(is_by_glob)
        {
            return meanings.iter().filter(|it| !is_by_glob(it)).cloned().collect();
        }
        meanings
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
        if meanings.is_empty() && path.get_ident().is_some_and(|it| is_primitive(&it.to_string())) {
            return Constancy::Constant;
        }
        let judged = meanings.iter().map(|(definition, rest)| match definition {
            _ if !rest.is_empty() => Constancy::Unknown,
            Definition::Item(id) => self.of_item(*id, &arguments),
            Definition::External(path) => self.of_external(scope.module, path, &arguments),
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

    fn of_external(&self, module: ModuleId, path: &str, arguments: &[Constancy]) -> Constancy {
        let inside = || arguments.iter().copied().max().unwrap_or(Constancy::Constant);
        let krate = self.krate(module, path);
        let last = path_text::last(path);
        if LAZY.contains(&(krate, last)) {
            // The second argument makes the first.
            return arguments.first().copied().unwrap_or(Constancy::Unknown).max(Constancy::Lazy);
        }
        match krate {
            "std" if CHANGING.contains(&last) || last.starts_with("Atomic") => Constancy::Changing,
            "std" if CONSTANT.contains(&last) || last.starts_with("NonZero") => inside(),
            "std" if is_primitive(last) => Constancy::Constant,
            krate if CRATES_OF_VALUES.contains(&krate) => inside(),
            _ => Constancy::Unknown,
        }
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

fn is_primitive(name: &str) -> bool {
    const OTHERS: &[&str] = &["bool", "char", "str", "usize", "isize"];
    let is_sized = |it: char| matches!(it, 'u' | 'i' | 'f');
    OTHERS.contains(&name) || name.strip_prefix(is_sized).is_some_and(|it| it.parse::<u8>().is_ok())
}
