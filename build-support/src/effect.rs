//! Which functions read what is no argument and no code: from the path of a function of another crate,
//! or from a method's name and its receiver's type, to the kind of state. Pure; knows std and the entry
//! points of well-known crates, and looks into none of them.

use std::{collections::BTreeSet, sync::LazyLock};

use rustc_hash::FxHashMap as HashMap;

use crate::{kind::Kind, path_text};

/// By crate: ends of paths. `::name` stands at the crate's root, `module::*` for every function below
/// the module, `*` for every function of the crate.
type Functions = (&'static str, Kind, &'static [&'static str]);

const STD: &[Functions] = &[
    (
        "std",
        Kind::Clock,
        &["Instant::now", "Instant::elapsed", "SystemTime::now", "SystemTime::elapsed"],
    ),
    ("std", Kind::Random, &["RandomState::new", "RandomState::default", "random::random"]),
    (
        "std",
        Kind::Files,
        &[
            "fs::canonicalize",
            "fs::chown",
            "fs::chroot",
            "fs::copy",
            "fs::create_dir",
            "fs::create_dir_all",
            "fs::exists",
            "fs::fchown",
            "fs::hard_link",
            "fs::lchown",
            "fs::metadata",
            "fs::mkfifo",
            "fs::read",
            "fs::read_dir",
            "fs::read_link",
            "fs::read_to_string",
            "fs::remove_dir",
            "fs::remove_dir_all",
            "fs::remove_file",
            "fs::rename",
            "fs::set_permissions",
            "fs::soft_link",
            "fs::symlink",
            "fs::symlink_dir",
            "fs::symlink_file",
            "fs::symlink_metadata",
            "fs::write",
            "DirBuilder::new",
            "File::create",
            "File::create_buffered",
            "File::create_new",
            "File::open",
            "File::open_buffered",
            "File::options",
            "OpenOptions::new",
            "Path::canonicalize",
            "Path::exists",
            "Path::is_dir",
            "Path::is_file",
            "Path::is_symlink",
            "Path::metadata",
            "Path::read_dir",
            "Path::read_link",
            "Path::symlink_metadata",
            "Path::try_exists",
            "PathBuf::exists",
            "PathBuf::is_dir",
            "PathBuf::is_file",
            "io::read_to_string",
            "io::stdin",
            "path::absolute",
        ],
    ),
    (
        "std",
        Kind::Network,
        &[
            "net::TcpListener::*",
            "net::TcpStream::*",
            "net::UdpSocket::*",
            "net::UnixDatagram::*",
            "net::UnixListener::*",
            "net::UnixStream::*",
            "ToSocketAddrs::to_socket_addrs",
        ],
    ),
    (
        "std",
        Kind::Environment,
        &[
            "Backtrace::capture",
            "Backtrace::force_capture",
            "env::args",
            "env::args_os",
            "env::current_dir",
            "env::current_exe",
            "env::home_dir",
            "env::remove_var",
            "env::set_current_dir",
            "env::set_var",
            "env::temp_dir",
            "env::var",
            "env::var_os",
            "env::vars",
            "env::vars_os",
        ],
    ),
    (
        "std",
        Kind::Process,
        &[
            "Command::new",
            "process::id",
            "process::parent_id",
            "thread::available_parallelism",
            "thread::current",
        ],
    ),
];

const CRATES: &[Functions] = &[
    ("chrono", Kind::Clock, &["Local::now", "Local::today", "Utc::now", "Utc::today"]),
    ("coarsetime", Kind::Clock, &["Clock::*", "Instant::now", "Instant::recent"]),
    ("instant", Kind::Clock, &["::now", "Instant::now", "SystemTime::now"]),
    ("jiff", Kind::Clock, &["Timestamp::now", "Zoned::now"]),
    ("minstant", Kind::Clock, &["Instant::now"]),
    ("quanta", Kind::Clock, &["Clock::new", "Instant::now", "Instant::recent"]),
    (
        "time",
        Kind::Clock,
        &[
            "Instant::now",
            "OffsetDateTime::now_local",
            "OffsetDateTime::now_utc",
            "UtcDateTime::now",
        ],
    ),
    ("tokio", Kind::Clock, &["time::Instant::now"]),
    ("uuid", Kind::Clock, &["Uuid::now_v1", "Uuid::now_v6", "Uuid::now_v7"]),
    ("web_time", Kind::Clock, &["Instant::now", "SystemTime::now"]),
    ("ahash", Kind::Random, &["RandomState::default", "RandomState::new"]),
    ("fastrand", Kind::Random, &["*"]),
    ("getrandom", Kind::Random, &["*"]),
    ("nanoid", Kind::Random, &["*"]),
    ("nanorand", Kind::Random, &["::tls_rng", "ChaCha8::new", "Pcg64::new", "WyRand::new"]),
    (
        "rand",
        Kind::Random,
        &[
            "::fill",
            "::make_rng",
            "::random",
            "::random_bool",
            "::random_iter",
            "::random_range",
            "::random_ratio",
            "::rng",
            "::thread_rng",
            "prelude::random",
            "prelude::rng",
            "prelude::thread_rng",
        ],
    ),
    ("ulid", Kind::Random, &["Generator::new", "Ulid::generate", "Ulid::new"]),
    ("uuid", Kind::Random, &["Uuid::new_v1", "Uuid::new_v4", "Uuid::new_v6", "Uuid::new_v7"]),
    ("async_fs", Kind::Files, &["*"]),
    ("async_std", Kind::Files, &["fs::*", "io::stdin"]),
    ("cap_std", Kind::Files, &["fs::*"]),
    ("fs_err", Kind::Files, &["*"]),
    ("glob", Kind::Files, &["::glob", "::glob_with"]),
    ("globwalk", Kind::Files, &["*"]),
    ("ignore", Kind::Files, &["Walk::new", "WalkBuilder::new"]),
    ("jwalk", Kind::Files, &["WalkDir::new"]),
    ("memmap2", Kind::Files, &["Mmap::map", "MmapMut::map_mut", "MmapOptions::new"]),
    ("smol", Kind::Files, &["fs::*"]),
    ("tempfile", Kind::Files, &["*"]),
    ("tokio", Kind::Files, &["fs::*", "io::stdin"]),
    ("walkdir", Kind::Files, &["WalkDir::new"]),
    ("async_net", Kind::Network, &["*"]),
    ("attohttpc", Kind::Network, &["*"]),
    ("curl", Kind::Network, &["Easy::*", "Easy2::*", "Multi::*"]),
    ("hyper", Kind::Network, &["client::*", "Client::*"]),
    ("isahc", Kind::Network, &["*"]),
    ("minreq", Kind::Network, &["*"]),
    ("redis", Kind::Network, &["Client::open"]),
    ("reqwest", Kind::Network, &["::get", "blocking::get", "Client::*", "ClientBuilder::*"]),
    ("socket2", Kind::Network, &["Socket::*"]),
    ("surf", Kind::Network, &["*"]),
    (
        "tokio",
        Kind::Network,
        &["lookup_host", "TcpListener::*", "TcpStream::*", "UdpSocket::*", "UnixStream::*"],
    ),
    ("ureq", Kind::Network, &["*"]),
    ("directories", Kind::Environment, &["*"]),
    ("dirs", Kind::Environment, &["*"]),
    ("gethostname", Kind::Environment, &["*"]),
    ("home", Kind::Environment, &["*"]),
    ("hostname", Kind::Environment, &["*"]),
    ("jiff", Kind::Environment, &["TimeZone::system", "TimeZone::try_system"]),
    ("time", Kind::Environment, &["UtcOffset::current_local_offset", "UtcOffset::local_offset_at"]),
    ("whoami", Kind::Environment, &["*"]),
    ("duct", Kind::Process, &["*"]),
    ("num_cpus", Kind::Process, &["*"]),
    ("rayon", Kind::Process, &["current_num_threads", "current_thread_index"]),
    ("sysinfo", Kind::Process, &["*"]),
    ("tokio", Kind::Process, &["process::Command::new"]),
];

/// Functions of crates above that read no state.
const PURE: &[&str] = &["fastrand::Rng::with_seed", "ureq::AgentBuilder::new"];

/// Types of the family of `rand` whose every value is random.
const SOURCES_OF_RANDOMNESS: &[&str] = &["OsRng", "SysRng", "ThreadRng"];

/// What functions of any crate do that is not std, by their last names.
const BY_NAME: &[(&str, Kind)] = &[
    ("connect", Kind::Network),
    ("from_entropy", Kind::Random),
    ("from_os_rng", Kind::Random),
    ("from_path", Kind::Files),
    ("open", Kind::Files),
    ("try_from_os_rng", Kind::Random),
];

/// The ends of paths by crate and last name, each with its place in the lists.
type Listed = HashMap<(&'static str, &'static str), Vec<(usize, Kind, &'static str)>>;

static LISTED: LazyLock<Listed> = LazyLock::new(|| {
    let mut listed = Listed::default();
    for (place, (krate, kind, ends)) in STD.iter().chain(CRATES).enumerate() {
        for end in *ends {
            let last = end.rsplit("::").next().unwrap_or_default();
            listed.entry((*krate, last)).or_default().push((place, *kind, end));
        }
    }
    listed
});

/// By crate: the first names of modules below which every function is listed, `*` for all.
static STARS: LazyLock<HashMap<&'static str, BTreeSet<&'static str>>> = LazyLock::new(|| {
    let mut stars: HashMap<_, BTreeSet<_>> = HashMap::default();
    for (krate, _, ends) in STD.iter().chain(CRATES) {
        let starred = ends.iter().filter(|it| it.ends_with('*'));
        stars.entry(*krate).or_default().extend(starred.map(|it| path_text::first(it)));
    }
    stars
});

/// Methods of std that read state: on what, by which name.
const METHODS: &[(&[&str], &str, Kind)] = &[
    (&["Path", "PathBuf"], "canonicalize", Kind::Files),
    (&["Instant", "SystemTime"], "elapsed", Kind::Clock),
    (&["Path", "PathBuf"], "exists", Kind::Files),
    (&["Path", "PathBuf"], "is_dir", Kind::Files),
    (&["Path", "PathBuf"], "is_file", Kind::Files),
    (&["Path", "PathBuf"], "is_symlink", Kind::Files),
    (&["File", "Path", "PathBuf"], "metadata", Kind::Files),
    (&["Path", "PathBuf"], "read_dir", Kind::Files),
    (&["Path", "PathBuf"], "read_link", Kind::Files),
    (&["Path", "PathBuf"], "symlink_metadata", Kind::Files),
    (&["String", "str"], "to_socket_addrs", Kind::Network),
    (&["Path", "PathBuf"], "try_exists", Kind::Files),
];

/// Returns what a path into another crate reads, where it names a function. `*` stands where a glob may
/// have brought the rest: then only functions that are listed by name are meant.
pub(crate) fn of_path(path: &str) -> Option<Kind> {
    let is_globbed = path.contains('*');
    if !is_globbed && !may_read(path) {
        return None;
    }
    let globbed = path.rsplit_once("::*::").map(|(_, rest)| rest.split("::").count());
    let mut segments = path.split("::").filter(|it| *it != "*");
    let krate = segments.next()?;
    let segments: Vec<_> = segments.collect();
    let last = *segments.last()?;
    if krate.starts_with("rand") && segments.iter().any(|it| SOURCES_OF_RANDOMNESS.contains(it)) {
        return Some(Kind::Random);
    }
    if !is_function(last) || PURE.contains(&path) {
        return None;
    }
    let is_listed = |end: &str| globbed.is_none_or(|it| !end.ends_with('*') && it <= length(end));
    let is_meant = |end: &str| is_listed(end) && is_end(&segments, end);
    let of_crate = |last| LISTED.get(&(krate, last)).into_iter().flatten();
    let listed = of_crate(last).chain(of_crate("*"));
    // What comes first in the lists.
    let first = listed.filter(|(_, _, end)| is_meant(end)).min_by_key(|(place, _, _)| *place);
    if let Some((_, kind, _)) = first {
        return Some(*kind);
    }
    let is_looked_into = globbed.is_none() && !crate::prelude::SYSROOT.contains(&krate);
    let named = BY_NAME.iter().filter(|(name, _)| is_looked_into && *name == last);
    named.map(|(_, kind)| *kind).next()
}

/// Tells whether a path without stars may name a function that reads something, by its ends alone.
fn may_read(path: &str) -> bool {
    let (krate, last) = (path_text::first(path), path_text::last(path));
    let below = || STARS.get(krate).into_iter().flatten();
    krate.starts_with("rand")
        || LISTED.contains_key(&(krate, last))
        || below().any(|it| *it == "*" || path.split(':').any(|segment| segment == *it))
        || BY_NAME.iter().any(|(name, _)| *name == last)
}

/// Returns what a method of std reads, by its receiver's type.
pub(crate) fn of_method(receiver: &str, name: &str) -> Option<Kind> {
    let named = METHODS.iter().filter(|(_, it, _)| *it == name);
    named.filter(|(heads, _, _)| heads.contains(&receiver)).map(|(_, _, kind)| *kind).next()
}

/// Returns what a method of that name reads if it is one of std's.
pub(crate) fn of_method_named(name: &str) -> Option<Kind> {
    METHODS.iter().find(|(_, it, _)| *it == name).map(|(_, _, kind)| *kind)
}

fn is_function(name: &str) -> bool {
    name.starts_with(|it: char| it.is_lowercase() || it == '_')
}

fn length(end: &str) -> usize {
    end.trim_start_matches("::").split("::").count()
}

fn is_end(segments: &[&str], end: &str) -> bool {
    if let Some(name) = end.strip_prefix("::") {
        return *segments == [name];
    }
    if end == "*" {
        return true;
    }
    if let Some(module) = end.strip_suffix("::*") {
        let module: Vec<_> = module.split("::").collect();
        let below = &segments[..segments.len() - 1];
        return below.windows(module.len()).any(|it| it == module);
    }
    // From behind, where most differ.
    let mut left = segments.iter().rev();
    end.rsplit("::").all(|it| left.next() == Some(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_std_are_known_by_where_they_come_from() {
        let all = [
            ("std::time::SystemTime::now", Kind::Clock),
            ("std::time::Instant::elapsed", Kind::Clock),
            ("std::collections::hash_map::RandomState::new", Kind::Random),
            ("std::fs::read", Kind::Files),
            ("std::fs::*::read", Kind::Files),
            ("std::fs::File::open", Kind::Files),
            ("std::os::unix::fs::symlink", Kind::Files),
            ("std::path::PathBuf::exists", Kind::Files),
            ("std::io::stdin", Kind::Files),
            ("std::net::TcpStream::connect", Kind::Network),
            ("std::os::unix::net::UnixStream::pair", Kind::Network),
            ("std::env::var", Kind::Environment),
            ("std::process::Command::new", Kind::Process),
            ("std::thread::current", Kind::Process),
        ];
        for (path, kind) in all {
            assert_eq!(of_path(path), Some(kind), "{path}");
        }
    }

    #[test]
    fn types_constructors_and_pure_functions_read_nothing() {
        let all = [
            "std",
            "std::fs",
            "std::fs::File",
            "std::time::SystemTime",
            "std::time::SystemTime::UNIX_EPOCH",
            "std::time::Duration::from_secs",
            "std::net::Ipv4Addr::new",
            "std::env",
            "std::env::consts::OS",
            "std::env::split_paths",
            "std::process::exit",
            "std::thread::spawn",
            "std::prelude::drop",
            "std::io::Read::read",
            "fastrand::*::helper",
            "some_crate::*::open",
            "std::fs::*::std::time::SystemTime::now",
            "rand::rngs::StdRng::seed_from_u64",
            "rand::Rng::fill",
            "fastrand::Rng::with_seed",
            "uuid::Uuid::nil",
            "reqwest::StatusCode::from_u16",
            "reqwest::Client",
        ];
        for path in all {
            assert_eq!(of_path(path), None, "{path}");
        }
    }

    #[test]
    fn entry_points_of_known_crates_are_known() {
        let all = [
            ("rand::random", Kind::Random),
            ("rand::prelude::*::thread_rng", Kind::Random),
            ("rand::rngs::OsRng", Kind::Random),
            ("rand_chacha::ChaCha8Rng::from_entropy", Kind::Random),
            ("fastrand::u32", Kind::Random),
            ("getrandom::fill", Kind::Random),
            ("uuid::Uuid::new_v4", Kind::Random),
            ("chrono::prelude::Local::now", Kind::Clock),
            ("chrono::Utc::now", Kind::Clock),
            ("tokio::fs::read", Kind::Files),
            ("tokio::fs::File::open", Kind::Files),
            ("tokio::net::TcpStream::connect", Kind::Network),
            ("csv::Reader::from_path", Kind::Files),
            ("reqwest::blocking::get", Kind::Network),
            ("ureq::get", Kind::Network),
        ];
        for (path, kind) in all {
            assert_eq!(of_path(path), Some(kind), "{path}");
        }
    }

    #[test]
    fn methods_are_known_by_the_type_that_they_are_called_on() {
        assert_eq!(of_method("PathBuf", "exists"), Some(Kind::Files));
        assert_eq!(of_method("SystemTime", "elapsed"), Some(Kind::Clock));
        assert_eq!(of_method("String", "exists"), None);
        assert_eq!(of_method_named("read_dir"), Some(Kind::Files));
        assert_eq!(of_method_named("len"), None);
    }
}
