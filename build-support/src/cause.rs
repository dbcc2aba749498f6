//! Why an item is reached: one step of the chain that leads from a start to it.

use std::fmt;

use crate::program::ItemId;

/// The item that brought another in, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) from: ItemId,
    pub(crate) reason: Reason,
}

/// How an item is brought in by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is where the walk began.
    Start,
    /// It is named.
    Reference,
    /// A member of its name is used.
    Member,
    /// A type that it is an impl of came into play.
    InPlay,
    /// A trait that gives method calls their meaning.
    TraitInScope,
    /// It can stand behind a trait object.
    Object,
    /// It can be an argument for a type parameter of the start.
    Parameter,
    /// It implements a trait of std that something calls.
    Trigger(&'static str),
    /// Code of another crate may call it.
    ForeignCode,
    /// It may define anything.
    Opaque,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("start"),
            Self::Reference => f.write_str("named in"),
            Self::Member => f.write_str("a member of its name is used in"),
            Self::InPlay => f.write_str("implemented for or by"),
            Self::TraitInScope => f.write_str("trait in scope of"),
            Self::Object => f.write_str("may stand behind a trait object in"),
            Self::Parameter => f.write_str("may be a type argument of"),
            Self::Trigger(name) => write!(f, "{name} is called in"),
            Self::ForeignCode => f.write_str("code of another crate may call it from"),
            Self::Opaque => f.write_str("may define anything"),
        }
    }
}
