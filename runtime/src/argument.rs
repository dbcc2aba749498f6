//! Which arguments can be memoized, told by their types, aliases included. Expansions ask; a type
//! that can't be is a compile error at its place.

use std::marker::PhantomData;

/// Asks about the type of an argument: `Argument::of(&x).kind()`. The inherent methods, for the
/// types that are refused, come before that of the trait, for all others.
pub struct Argument<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Argument<T> {
    /// Makes the question.
    pub const fn of(_: &T) -> Self {
        Self(PhantomData)
    }
}

/// Says that a call could change the argument.
pub struct Exclusive;

/// Says that a call only reads the argument, as far as its type tells.
pub struct Shared;

macro_rules! exclusive {
    ($($ty:ty)*) => { $(
        impl<T: ?Sized> Argument<$ty> {
            /// Answers for a type that holds a `&mut`.
            pub const fn kind(&self) -> Exclusive {
                Exclusive
            }
        }
    )* };
}

exclusive! { &mut T Option<&mut T> Box<&mut T> Vec<&mut T> [&mut T] &[&mut T] }

/// Answers for every type.
pub trait AnyArgument {
    /// Answers.
    fn kind(&self) -> Shared {
        Shared
    }

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<T: ?Sized> AnyArgument for Argument<T> {}

/// What a memoized function can take.
#[diagnostic::on_unimplemented(
    message = "a hit runs no body, so that a `&mut` argument would not be changed; return the new value"
)]
pub trait Memoizable {}

#[diagnostic::do_not_recommend]
impl Memoizable for Shared {}

/// Fails to compile for a type that can't be memoized.
pub const fn check_argument<K: Memoizable>(_: &K) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutable_reference_is_found_behind_an_alias() {
        type Hidden<'a> = Option<&'a mut Vec<u8>>;
        let Exclusive = Argument::<Hidden<'_>>::of(&None).kind();
        let Exclusive = Argument::of(&&mut 1).kind();
        let kind: Shared = Argument::of(&&1).kind();
        check_argument(&kind);
    }
}
