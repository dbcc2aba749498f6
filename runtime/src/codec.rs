//! How results become bytes and bytes results.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    arguments::signature_in,
    encoding::Mode,
    error::{Error, Result},
};

/// Encodes results of one type.
///
/// # Laws
///
/// For every value, `decode` of what `encode` appended gives an equal value, today and with every
/// later version of the codec under the same name; `decode` of any other bytes gives an error or a
/// value, and never panics. The path of a codec is part of the code that uses it: another codec is
/// another key.
///
/// # Examples
///
/// ```
/// use perennial::{Codec, Error, Result};
///
/// /// Stores a text as its bytes.
/// struct Plain;
///
/// impl Codec<String> for Plain {
///     fn encode(&self, value: &String, output: &mut Vec<u8>) -> Result<()> {
///         output.extend_from_slice(value.as_bytes());
///         Ok(())
///     }
///
///     fn decode(&self, input: &[u8]) -> Result<String> {
///         String::from_utf8(input.to_vec()).map_err(Error::other)
///     }
/// }
///
/// let mut bytes = Vec::new();
/// Plain.encode(&"text".to_owned(), &mut bytes)?;
/// assert_eq!(Plain.decode(&bytes)?, "text");
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "results of type `{T}` can't be stored by `{Self}`",
    note = "with the default codec a result implements serde's `Serialize` and `DeserializeOwned`; \
            for others give `#[memo(codec = …)]` a codec of your own"
)]
pub trait Codec<T> {
    /// Appends the encoding of a value.
    ///
    /// # Errors
    ///
    /// The value has no encoding.
    fn encode(&self, value: &T, output: &mut Vec<u8>) -> Result<()>;

    /// Appends the encoding of a value, and makes sure that it will come back as it is. `equal`
    /// compares values, where their type has `PartialEq`.
    ///
    /// This is what a memoized call uses. By default the codec's word is taken.
    ///
    /// # Errors
    ///
    /// The value has no encoding, or one that reads back as another value.
    fn encode_verified(
        &self,
        value: &T,
        equal: Option<Equal<T>>,
        output: &mut Vec<u8>,
    ) -> Result<()> {
        let _ = equal;
        self.encode(value, output)
    }

    /// Decodes a value from all of `input`.
    ///
    /// # Errors
    ///
    /// The bytes are no encoding of a value.
    fn decode(&self, input: &[u8]) -> Result<T>;

    /// Tells whether two results are the same: what verification asks of a stored one and of the same
    /// call computed again. By default they are if they are equal or have the same encoding.
    ///
    /// # Errors
    ///
    /// It can't be told.
    fn same(&self, one: &T, other: &T, equal: Option<Equal<T>>) -> Result<bool> {
        if equal.is_some_and(|equal| equal(one, other)) {
            return Ok(true);
        }
        let (mut first, mut second) = (Vec::new(), Vec::new());
        self.encode(one, &mut first)?;
        self.encode(other, &mut second)?;
        Ok(first == second)
    }
}

/// Compares two values by their type's `PartialEq`.
pub type Equal<T> = fn(&T, &T) -> bool;

/// Encodes any serde value as CBOR (RFC 8949). The default.
///
/// A value is read back before it is stored. One that doesn't come back as it was is an error:
/// serde's CBOR can't tell `Some(None)` from `None`, a type can serialise less than it reads, and an
/// untagged enum can read back as another variant. Two values are the same if their signatures are
/// and, where the type has `PartialEq`, they are equal; a value that is not equal to itself, such as
/// a NaN, is not asked. Maps inside other types than std's, whose order no signature can know to be
/// meaningless, are the same in any order if they are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cbor;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Codec<T> for Cbor {
    fn encode(&self, value: &T, output: &mut Vec<u8>) -> Result<()> {
        self.encode_verified(value, None, output)
    }

    fn encode_verified(
        &self,
        value: &T,
        equal: Option<Equal<T>>,
        output: &mut Vec<u8>,
    ) -> Result<()> {
        let start = output.len();
        ciborium::into_writer(value, &mut *output).map_err(|error| match error {
            ciborium::ser::Error::Value(message) => Error::encoding("a result", message),
            ciborium::ser::Error::Io(error) => Error::encoding("a result", error),
        })?;
        let decoded: T = self.decode(&output[start..])?;
        if is_same(value, &decoded, equal)? {
            Ok(())
        } else {
            Err(Error::encoding("a result", "it does not read back as it was"))
        }
    }

    fn decode(&self, input: &[u8]) -> Result<T> {
        let mut rest = input;
        let value = ciborium::from_reader(&mut rest).map_err(
            |error: ciborium::de::Error<std::io::Error>| Error::decoding("a result", reason(error)),
        )?;
        if rest.is_empty() { Ok(value) } else { Err(Error::damaged("bytes follow the result")) }
    }

    /// Two results are the same if they are signed alike: maps and sets in any order, every NaN as one.
    fn same(&self, one: &T, other: &T, equal: Option<Equal<T>>) -> Result<bool> {
        is_same(one, other, equal)
    }
}

fn is_same<T: Serialize>(value: &T, decoded: &T, equal: Option<Equal<T>>) -> Result<bool> {
    let are_signed_alike =
        |mode| signature_in(mode, value).and_then(|it| Ok(it == signature_in(mode, decoded)?));
    match equal.filter(|equal| equal(value, value)) {
        Some(equal) if !equal(value, decoded) => Ok(false),
        Some(_) => Ok(are_signed_alike(Mode::Key)? || are_signed_alike(Mode::Loose)?),
        None => are_signed_alike(Mode::Key),
    }
}

/// Says in words what ciborium says in types.
fn reason(error: ciborium::de::Error<std::io::Error>) -> String {
    match error {
        ciborium::de::Error::Io(error) => error.to_string(),
        ciborium::de::Error::Syntax(at) => format!("no CBOR at byte {at}"),
        ciborium::de::Error::Semantic(_, message) => message,
        ciborium::de::Error::RecursionLimitExceeded => "it is nested too deeply".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap, HashSet};

    use serde::Deserialize;

    use super::*;

    #[track_caller]
    fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let mut bytes = vec![1];
        Cbor.encode_verified(value, Some(T::eq), &mut bytes).unwrap();
        let decoded: T = Cbor.decode(&bytes[1..]).unwrap();
        assert_eq!(&decoded, value);
    }

    #[track_caller]
    fn refused<T: Serialize + DeserializeOwned + PartialEq>(value: &T) {
        let error = Cbor.encode_verified(value, Some(T::eq), &mut Vec::new()).unwrap_err();
        assert!(error.is_encoding());
    }

    #[test]
    fn values_come_back() {
        check(&vec![1.5, -0.0, f64::INFINITY]);
        check(&BTreeMap::from([("a".to_owned(), Some(1)), ("b".to_owned(), None)]));
        check(&(u64::MAX, i64::MIN, 'c', "text".to_owned(), ()));
    }

    #[test]
    fn a_value_that_would_not_come_back_is_refused() {
        check(&Some(Some(1)));
        check(&None::<Option<u8>>);
        let error = Cbor.encode(&Some(None::<u8>), &mut Vec::new()).unwrap_err();
        assert!(error.is_encoding());
        assert!(Cbor.encode(&vec![Some(())], &mut Vec::new()).is_err());
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Small(u32),
        Large(u64),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Skipping {
        kept: u8,
        #[serde(skip)]
        lost: u8,
    }

    #[test]
    fn a_value_that_comes_back_as_another_is_refused_though_it_signs_alike() {
        check(&Untagged::Small(5));
        check(&Untagged::Large(1 << 40));
        refused(&Untagged::Large(5));
        check(&Skipping { kept: 1, lost: 0 });
        refused(&Skipping { kept: 1, lost: 7 });
        // Not equal to themselves, so that only the signature tells.
        for nan in [f64::NAN, -f64::NAN] {
            Cbor.encode_verified(&nan, Some(f64::eq), &mut Vec::new()).unwrap();
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Hidden(HashMap<u32, u8>);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct HiddenSet(HashSet<u32>);

    #[test]
    fn hash_maps_and_sets_come_back_wherever_they_are() {
        let set: HashSet<u32> = (0..100).collect();
        let map: HashMap<u32, u8> = (0..100).map(|it| (it, 1)).collect();
        check(&vec![(set.clone(), map.clone())]);
        check(&Hidden(map));
        check(&HiddenSet(set));
    }

    #[test]
    fn other_bytes_are_errors() {
        let decode = |bytes: &[u8]| Codec::<u32>::decode(&Cbor, bytes);
        assert!(decode(&[]).unwrap_err().is_decoding());
        assert!(decode(&[0x61, b'x']).unwrap_err().is_decoding());
        assert!(decode(&[1, 2]).unwrap_err().is_damaged());
        // A length that no memory has, and nesting that no stack has.
        let huge = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert!(Codec::<Vec<u8>>::decode(&Cbor, &huge).is_err());
        assert!(Codec::<ciborium::Value>::decode(&Cbor, &vec![0x81; 100_000]).is_err());
    }
}
