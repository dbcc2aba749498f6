//! What one item says: its references in order of occurrence and what it asks of dispatch. Made
//! once for each item by `reference`, independent of the function one starts from.

use std::{collections::BTreeSet, rc::Rc};

use proc_macro2::LineColumn;

pub(crate) use crate::kind::Kind as FindingKind;
use crate::program::ItemId;

/// The facts of one item.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Evident references in order of occurrence.
    pub(crate) edges: Vec<Edge>,
    /// What only the types in play can tell.
    pub(crate) uses: BTreeSet<Use>,
    /// Traits that give its method calls their meaning: local ones, and imported paths.
    pub(crate) traits_in_scope: (BTreeSet<ItemId>, BTreeSet<String>),
    /// Names of members and fields that it uses.
    pub(crate) named: BTreeSet<String>,
    /// Code of it stands in a macro that nobody expanded, and may use any.
    pub(crate) names_any: bool,
    /// Crates that are not part of the program, by their names in the item's crate.
    pub(crate) units: BTreeSet<String>,
    /// Text that is hashed with the source: contents of included files.
    pub(crate) inputs: Vec<(String, String)>,
    /// Variables that `env!` and `option_env!` read, with their places. Only the compiler knows their
    /// values: a build script can set some.
    pub(crate) variables: BTreeSet<(String, LineColumn)>,
    /// It mentions `cfg`.
    pub(crate) mentions_cfg: bool,
    /// Its position or its literal text can show in what it computes.
    pub(crate) shows_position: bool,
    /// Paths of types can show in what it computes.
    pub(crate) shows_paths: bool,
    /// Items that name this one in an attribute macro, and so may add to what it is.
    pub(crate) extends: BTreeSet<ItemId>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) keys: Vec<KeySite>,
    /// Where each `memo_fn!` begins, in order.
    pub(crate) closures: Vec<ClosureStart>,
}

/// Where a `memo_fn!` begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClosureStart {
    pub(crate) place: LineColumn,
    /// It stands in an expansion, so that its place may be the definition's.
    pub(crate) is_expanded: bool,
}

/// One reference as it is written, and all that it may mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) label: Rc<str>,
    pub(crate) targets: Vec<Endpoint>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    Item(ItemId),
    /// A path into another crate, or of a module.
    Path(Rc<str>),
}

/// A reference whose targets depend on the types in play.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Use {
    /// `T::name` for a type not known: every member of that name.
    Member(String),
    /// `.name(…)` on a value of unknown type: inherent methods of that name.
    Inherent(String),
    /// Inherent methods of types that have no name, such as `dyn Trait`.
    OpenInherent(String),
    /// A member of a local trait, whoever implements it.
    Trait(ItemId, String),
    /// A member of a local trait, as far as it is implemented for types that are not local.
    ForeignSelf(ItemId, String),
    /// A member of that name in impls of other crates' traits.
    ForeignTrait(String),
    /// A local trait that a bound names: its members can be called without an import.
    Bound(ItemId),
    /// An identifier in tokens that nobody expanded: every item of that name.
    Any(String),
    /// `dyn Trait`: the types that implement it.
    Object(ItemId),
    /// `dyn Trait` for a trait of another crate, by its last name.
    ForeignObject(String),
    /// Impls of a trait of std that are called where code says so.
    Trigger(&'static str),
    /// Code of another crate runs, which may call any impl of its traits and of std's.
    ForeignCode,
}

impl Use {
    /// Returns the name of the member that is used.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Member(name)
            | Self::Inherent(name)
            | Self::OpenInherent(name)
            | Self::Trait(_, name)
            | Self::ForeignSelf(_, name)
            | Self::ForeignTrait(name)
            | Self::Any(name) => Some(name),
            Self::Bound(_)
            | Self::Object(_)
            | Self::ForeignObject(_)
            | Self::Trigger(_)
            | Self::ForeignCode => None,
        }
    }
}

/// Something that the analysis could not follow, or state that the item reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) kind: FindingKind,
    pub(crate) what: String,
    pub(crate) place: LineColumn,
}

impl Finding {
    /// Returns the variable of the process whose value is in the key: one whose name is written where it is read.
    pub(crate) fn variable(&self) -> Option<String> {
        let (function, name) = self.what.strip_suffix(')')?.split_once('(')?;
        let is_read = matches!(crate::path_text::last(function), "var" | "var_os");
        let is_written = self.kind == FindingKind::Environment && is_read;
        is_written.then(|| syn::parse_str::<syn::LitStr>(name).ok()).flatten().map(|it| it.value())
    }
}

/// A `memo_key!(path …)` or `memo_call!(path …)`, and where its path begins.
#[derive(Clone, Debug)]
pub(crate) struct KeySite {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) path: String,
    /// The functions that the path may mean.
    pub(crate) targets: Vec<ItemId>,
}
