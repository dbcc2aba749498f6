//! The kinds of lines in the ledger. What goes in is a kind, what comes out are its words: what it is
//! called, what it does to keys, and what to write instead. Finds nothing.

use std::fmt;

/// What kind of thing the ledger tells of.
///
/// # Examples
///
/// ```
/// use perennial_build::Kind;
///
/// assert_eq!(Kind::Clock.to_string(), "read of the clock");
/// assert_eq!(Kind::Clock.allowed_as(), Some("clock"));
/// assert!(!Kind::Clock.needs_executable() && Kind::ForeignFunction.needs_executable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A name that does not resolve.
    UnresolvedName,
    /// A function or static whose source is not Rust.
    ForeignFunction,
    /// A source or an included file that can't be read or parsed.
    OpaqueSource,
    /// A macro that composes names.
    OpaqueMacro,
    /// A procedural macro of a path dependency.
    LocalProcMacro,
    /// A variable that `env!` reads in another package.
    ForeignVariable,
    /// A `cfg` in a path dependency whose build script may set it.
    ForeignCfg,
    /// An argument that may hold an object of a trait that other crates can implement.
    OpenTrait,
    /// A dependency that uses a package by path, as `[patch]` makes it.
    PatchedDependency,
    /// A static that can change while the program runs.
    MutableStatic,
    /// A thread-local of a function that may run on several threads.
    ThreadLocal,
    /// A function of a library that is given code of other packages, which may read state of theirs.
    OpenState,
    /// The time.
    Clock,
    /// Random numbers.
    Random,
    /// Files, folders and the standard input.
    Files,
    /// Connections and names of hosts.
    Network,
    /// Variables, arguments and folders of the process.
    Environment,
    /// Other processes, and what the process and its threads are.
    Process,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::UnresolvedName,
        Self::ForeignFunction,
        Self::OpaqueSource,
        Self::OpaqueMacro,
        Self::LocalProcMacro,
        Self::ForeignVariable,
        Self::ForeignCfg,
        Self::OpenTrait,
        Self::PatchedDependency,
        Self::MutableStatic,
        Self::ThreadLocal,
        Self::OpenState,
        Self::Clock,
        Self::Random,
        Self::Files,
        Self::Network,
        Self::Environment,
        Self::Process,
    ];

    /// Tells whether the digest of the executable enters the keys of what reaches it.
    #[must_use]
    pub const fn needs_executable(self) -> bool {
        self.allowed_as().is_none()
    }

    /// Returns the name by which `#[memo(allow(…))]` settles it. What widens keys needs no leave.
    #[must_use]
    pub const fn allowed_as(self) -> Option<&'static str> {
        Some(match self {
            Self::Clock => "clock",
            Self::Random => "random",
            Self::Files => "files",
            Self::Network => "network",
            Self::Environment => "env",
            Self::MutableStatic | Self::ThreadLocal | Self::OpenState => "statics",
            Self::Process => "process",
            Self::UnresolvedName
            | Self::ForeignFunction
            | Self::OpaqueSource
            | Self::OpaqueMacro
            | Self::LocalProcMacro
            | Self::ForeignVariable
            | Self::ForeignCfg
            | Self::OpenTrait
            | Self::PatchedDependency => return None,
        })
    }

    /// Says what it does to the keys of memoized functions that reach it.
    pub(crate) fn effect(self) -> &'static str {
        if self == Self::OpenState {
            "what their code reads besides its arguments is not in the key"
        } else if self == Self::ThreadLocal {
            "what the calling thread has is in the key, and what others have is not"
        } else if self.needs_executable() {
            "memoized functions that reach it are also keyed by the executable"
        } else {
            "it is not in the key: a stored result is used even after it has changed"
        }
    }

    /// Says what to write instead.
    pub(crate) const fn remedy(self) -> &'static str {
        match self {
            Self::Clock => "pass the time as an argument",
            Self::Random => "pass a seed as an argument",
            Self::Files => "pass the content, or a digest of it, as an argument",
            Self::Network => "fetch before the call, and pass what came as an argument",
            Self::Environment => {
                "write the variable's name where it is read, pass the value as an argument, or add it to the key: \
                 #[memo(env(…))]"
            }
            Self::MutableStatic => {
                "let the function name it, mark it with #[perennial::env], or add it to the key: #[memo(env(…))]"
            }
            Self::ThreadLocal => "pass its value as an argument",
            Self::OpenState => {
                "keep the function private, or let types tell what they read: #[memo(allow(statics), env(…))]"
            }
            Self::Process => "pass what it gives as an argument",
            Self::UnresolvedName => "name what is meant by a path that the source shows",
            Self::ForeignFunction => {
                "call it outside the memoized function, and pass what it gives"
            }
            Self::OpaqueSource => "let it be a file that parses",
            Self::OpaqueMacro => "write out the names that the macro composes",
            Self::LocalProcMacro => "write out what the macro makes, or publish its crate",
            Self::ForeignVariable => "read the variable in this package, and pass its value",
            Self::ForeignCfg => "let a feature decide it",
            Self::OpenTrait => "take a type of this crate, or keep the trait private",
            Self::PatchedDependency => "name the patched package as a path dependency of its own",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::UnresolvedName => "name not resolved",
            Self::ForeignFunction => "foreign function",
            Self::OpaqueSource => "source not readable",
            Self::OpaqueMacro => "macro that composes names",
            Self::LocalProcMacro => "procedural macro of a path dependency",
            Self::ForeignVariable => "variable of another package",
            Self::ForeignCfg => "cfg of a path dependency with a build script",
            Self::OpenTrait => "object of a trait that other crates can implement",
            Self::PatchedDependency => "dependency that is patched by a path, or uses one that is",
            Self::MutableStatic => "static that can change",
            Self::ThreadLocal => "thread-local of a function that may run on several threads",
            Self::OpenState => "function that is given code of other packages",
            Self::Clock => "read of the clock",
            Self::Random => "random numbers",
            Self::Files => "use of files",
            Self::Network => "use of the network",
            Self::Environment => "read of the process environment",
            Self::Process => "use of processes or threads",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_is_listed_once_and_in_order() {
        assert!(Kind::ALL.is_sorted_by(|a, b| a < b));
        assert_eq!(Kind::ALL.last(), Some(&Kind::Process));
        assert_eq!(Kind::ALL.len(), Kind::Process as usize + 1);
    }

    #[test]
    fn names_for_leave_are_those_that_the_macro_knows() {
        let mut names: Vec<_> = Kind::ALL.iter().filter_map(|it| it.allowed_as()).collect();
        names.sort_unstable();
        names.dedup();
        let all = ["clock", "env", "files", "network", "process", "random", "statics"];
        assert_eq!(names, all);
    }
}
