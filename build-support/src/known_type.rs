//! Which types of std and of well-known crates can change behind a shared reference: a crate and a name go in, with what is
//! known of the type's arguments. What isn't listed may change.

use crate::constancy::Constancy;

/// Judges a type of another crate by its name; all of the toolchain's crates are `std`.
pub(crate) fn of_type(krate: &str, name: &str, arguments: &[Constancy]) -> Constancy {
    let inside = || arguments.iter().copied().max().unwrap_or(Constancy::Constant);
    if LAZY.contains(&(krate, name)) {
        // The second argument makes the first.
        return arguments.first().copied().unwrap_or(Constancy::Unknown).max(Constancy::Lazy);
    }
    match krate {
        "std" if CHANGING.contains(&name) || name.starts_with("Atomic") => Constancy::Changing,
        "std" if CONSTANT.contains(&name) || name.starts_with("NonZero") => inside(),
        "std" if is_primitive(name) => Constancy::Constant,
        krate if CRATES_OF_VALUES.contains(&krate) || VALUES.contains(&(krate, name)) => inside(),
        _ => Constancy::Unknown,
    }
}

pub(crate) fn is_primitive(name: &str) -> bool {
    const OTHERS: &[&str] = &["bool", "char", "str", "usize", "isize"];
    let is_sized = |it: char| matches!(it, 'u' | 'i' | 'f');
    OTHERS.contains(&name) || name.strip_prefix(is_sized).is_some_and(|it| it.parse::<u8>().is_ok())
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
];

/// Types that are values, of crates that have others.
const VALUES: &[(&str, &str)] = &[
    ("http", "HeaderMap"),
    ("http", "HeaderName"),
    ("http", "HeaderValue"),
    ("http", "Method"),
    ("http", "StatusCode"),
    ("http", "Uri"),
    ("uuid", "Uuid"),
];

/// Crates whose types of that name compute what they hold when it is first asked for.
const LAZY: &[(&str, &str)] =
    &[("std", "LazyLock"), ("std", "LazyCell"), ("once_cell", "Lazy"), ("lazy_static", "Lazy")];
