//! Stage 7, what it walks on: the program as numbers, made once for all starts (by `numbering`). Has no
//! syntax and no strings but for the names of gates, so that it can outlive the program.

use std::{collections::BTreeSet, fmt, sync::OnceLock};

use crate::{
    program::{ItemId, ItemKind, KrateId},
    view::View,
};

/// The program as walks see it.
#[derive(Default)]
pub(crate) struct Network {
    /// By item.
    pub(crate) nodes: Vec<Node>,
    pub(crate) impls: Vec<Impl>,
    /// By the number of a use.
    pub(crate) steps: Vec<Step>,
    pub(crate) names: Vec<Name>,
    /// How many pairs there are of a local trait and the name of one of its members.
    pub(crate) slot_count: usize,
    /// Traits of other crates, by their last names.
    pub(crate) foreign_traits: Vec<ForeignTrait>,
    /// Traits of std whose impls wait for a trigger.
    pub(crate) gates: Vec<Gate>,
    /// Item-position macro calls, which may implement anything.
    pub(crate) calls: Vec<ItemId>,
    /// The traits of std of which it is known what they imply, among those of other crates.
    pub(crate) std_traits: Vec<u32>,
    /// Types with a derive that may implement any trait.
    pub(crate) open_derivers: Vec<ItemId>,
    /// There is an impl with which what is known of std's entry points does not hold.
    pub(crate) has_unstable_impls: bool,
    /// By crate, made when first asked for.
    pub(crate) views: Vec<OnceLock<View>>,
    /// Of no crate.
    pub(crate) nothing: View,
    /// By crate: itself and what it depends on.
    pub(crate) visible: Vec<BTreeSet<KrateId>>,
    /// What is reached from everywhere that sees it.
    pub(crate) always: Vec<ItemId>,
}

/// An item.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: ItemKind,
    pub(crate) krate: KrateId,
    pub(crate) parent: Option<ItemId>,
    /// Items that it evidently refers to, each once.
    pub(crate) references: Vec<ItemId>,
    pub(crate) traits_in_scope: Vec<ItemId>,
    /// Items whose attribute macro enters it somewhere.
    pub(crate) extensions: Vec<ItemId>,
    /// Numbers of its uses.
    pub(crate) steps: Vec<u32>,
    pub(crate) members: Vec<ItemId>,
    /// What it is a member of, by which name.
    pub(crate) membership: Option<Membership>,
    /// Impls whose header names it.
    pub(crate) impls: Vec<u32>,
    /// Impls of it.
    pub(crate) implementors: Vec<u32>,
    /// Macro calls that mention it.
    pub(crate) calls: Vec<ItemId>,
    /// Of a trait: the pairs of it and a name.
    pub(crate) slots: Vec<Slot>,
    pub(crate) is_generic: bool,
    /// Of a function: its arguments let it own a value of a type parameter.
    pub(crate) owns: bool,
    /// Of a trait: a function of it can make a value of the type that implements it, or of one that only
    /// the impl names.
    pub(crate) makes: bool,
    /// A method of a trait that returns a type which only its body names.
    pub(crate) returns_opaque: bool,
    /// Traits that type parameters which it declares may be bounded by.
    pub(crate) bounds: Vec<Bound>,
}

/// A local trait and the name of a member of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) of: ItemId,
    pub(crate) name: u32,
    pub(crate) number: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    Local(ItemId),
    Foreign {
        of: u32,
        /// Where it certainly is a trait of std: its place among those of which is known what they imply.
        of_std: Option<usize>,
        /// It may be a trait that can make a value of the type that implements it.
        makes: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Membership {
    pub(crate) name: u32,
    pub(crate) owner: Owner,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Owner {
    /// A local trait whose default it is.
    Trait {
        slot: u32,
    },
    Inherent {
        of: u32,
        is_nameless: bool,
    },
    LocalTrait {
        of: u32,
        slot: u32,
        is_nameless: bool,
    },
    ForeignTrait {
        of: u32,
    },
}

#[derive(Debug)]
pub(crate) struct Impl {
    pub(crate) item: ItemId,
    pub(crate) types: Vec<ItemId>,
    pub(crate) required: Vec<ItemId>,
    pub(crate) local_trait: Option<ItemId>,
    /// It certainly is of a trait of std.
    pub(crate) is_of_std: bool,
    pub(crate) unseen: Unseen,
    pub(crate) has_macros: bool,
}

/// Whether code of other crates calls the members of an impl.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unseen {
    Never,
    Always,
    Behind(u32),
}

/// What is called by a name.
#[derive(Debug, Default)]
pub(crate) struct Name {
    pub(crate) members: Vec<ItemId>,
    pub(crate) items: Vec<ItemId>,
    pub(crate) slots: Vec<Slot>,
}

#[derive(Debug, Default)]
pub(crate) struct ForeignTrait {
    /// Those whose implementors std makes implementors of it.
    pub(crate) implied: Vec<u32>,
    pub(crate) impls: Vec<u32>,
    pub(crate) derivers: Vec<ItemId>,
}

#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    pub(crate) impls: Vec<u32>,
}

/// A use by numbers; see [`Use`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Member(u32),
    Inherent(u32),
    OpenInherent(u32),
    Trait(Slot),
    ForeignSelf(Slot),
    ForeignTrait(u32),
    Bound(ItemId),
    Any(u32),
    Object(ItemId),
    ForeignObject { of: u32, gate: Option<u32> },
    Trigger(u32),
    ForeignCode,
}

/// Shows nothing of what is inside: a table shows the same each time, and sets show where they lie.
impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Network {
    pub(crate) fn node(&self, id: ItemId) -> &Node {
        &self.nodes[id.index()]
    }

    /// Returns what a crate sees.
    pub(crate) fn view(&self, krate: KrateId) -> &View {
        self.views[krate.index()].get_or_init(|| View::new(self, krate))
    }
}
