//! What of a returned value is stored: all of it, or of a `Result` only the `Ok`; and whether such
//! values can be compared. Told by the type itself, aliases included, and not by how it is spelled.

use std::marker::PhantomData;

use crate::codec::Equal;

/// How a return type is stored and restored.
pub trait Shape {
    /// What the function returns.
    type Returned;
    /// What the store holds.
    type Stored;

    /// Returns what to store of a value, if anything.
    fn stored(returned: &Self::Returned) -> Option<&Self::Stored>;

    /// Makes the returned value from what was stored.
    fn restored(stored: Self::Stored) -> Self::Returned;
}

/// Selects the shape of a type: `(&Returned::<R>::new()).shape()`. The inherent method, for
/// `Result`s, comes before that of the trait, for all others.
pub struct Returned<R>(PhantomData<R>);

impl<R> Returned<R> {
    /// Makes the question.
    #[expect(clippy::new_without_default, reason = "only expansions make it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// A `Result`, whatever its name.
#[diagnostic::on_unimplemented(
    message = "`cache_err` is for functions that return a `Result`, and this one returns `{Self}`"
)]
pub trait IsResult {}

#[diagnostic::do_not_recommend]
impl<T, E> IsResult for Result<T, E> {}

/// Answers for a function that has its errors stored too.
pub const fn with_errors<R: IsResult>() -> Plain<R> {
    Plain(PhantomData)
}

impl<T, E> Returned<Result<T, E>> {
    /// Answers for a `Result`.
    pub const fn shape(&self) -> OkOnly<T, E> {
        OkOnly(PhantomData)
    }
}

/// Answers for every type.
pub trait PlainReturn {
    /// How the type is stored.
    type Shape: Shape;

    /// Answers.
    fn shape(&self) -> Self::Shape;

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<R> PlainReturn for Returned<R> {
    type Shape = Plain<R>;

    fn shape(&self) -> Plain<R> {
        Plain(PhantomData)
    }
}

/// Selects the comparison of what is stored: the inherent methods, for types with `PartialEq`, come
/// before this one, for all others.
pub trait NoEquality: Shape {
    /// Answers that there is none.
    fn equality(&self) -> Option<Equal<Self::Stored>> {
        None
    }

    /// Does nothing. An expansion calls it so that its import of this trait is never unused.
    fn is_in_scope(&self) {}
}

impl<S: Shape> NoEquality for S {}

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the form of `NoEquality`")]
impl<R: PartialEq> Plain<R> {
    /// Answers for a type with `PartialEq`.
    pub fn equality(&self) -> Option<Equal<R>> {
        Some(R::eq)
    }
}

#[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "the form of `NoEquality`")]
impl<T: PartialEq, E> OkOnly<T, E> {
    /// Answers for a type with `PartialEq`.
    pub fn equality(&self) -> Option<Equal<T>> {
        Some(T::eq)
    }
}

/// All of the value is stored.
pub struct Plain<R>(PhantomData<fn() -> R>);

impl<R> Shape for Plain<R> {
    type Returned = R;
    type Stored = R;

    fn stored(returned: &R) -> Option<&R> {
        Some(returned)
    }

    fn restored(stored: R) -> R {
        stored
    }
}

/// Only the `Ok` is stored.
pub struct OkOnly<T, E>(PhantomData<fn() -> (T, E)>);

impl<T, E> Shape for OkOnly<T, E> {
    type Returned = Result<T, E>;
    type Stored = T;

    fn stored(returned: &Result<T, E>) -> Option<&T> {
        returned.as_ref().ok()
    }

    fn restored(stored: T) -> Result<T, E> {
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored<S: Shape>(_: S, value: &S::Returned) -> Option<&S::Stored> {
        S::stored(value)
    }

    #[test]
    fn only_the_ok_of_a_result_is_stored_whatever_its_spelling() {
        type Alias<T> = std::io::Result<T>;
        let ok: Alias<u8> = Ok(1);
        let error: Alias<u8> = Err(std::io::Error::other("no"));
        assert_eq!(stored(Returned::<Alias<u8>>::new().shape(), &ok), Some(&1));
        assert_eq!(stored(Returned::<Alias<u8>>::new().shape(), &error), None);
        assert_eq!(stored(Returned::<Option<u8>>::new().shape(), &None), Some(&None));
        assert_eq!(stored(Returned::<u8>::new().shape(), &5), Some(&5));
    }

    #[test]
    fn types_with_partial_eq_are_compared() {
        struct Incomparable;
        assert!(Returned::<Vec<f32>>::new().shape().equality().is_some());
        assert!(Returned::<Result<u8, Incomparable>>::new().shape().equality().is_some());
        assert!(Returned::<Incomparable>::new().shape().equality().is_none());
        assert!(Returned::<Result<Incomparable, u8>>::new().shape().equality().is_none());
    }
}
