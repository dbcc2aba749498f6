//! How results become bytes and bytes results.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    arguments::signature_of,
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

    /// Decodes a value from all of `input`.
    ///
    /// # Errors
    ///
    /// The bytes are no encoding of a value.
    fn decode(&self, input: &[u8]) -> Result<T>;
}

/// Encodes any serde value as CBOR (RFC 8949). The default.
///
/// A value is read back before it is stored. One that doesn't come back as it was is an error:
/// serde's CBOR can't tell `Some(None)` from `None`, and a type can serialise less than it reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cbor;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Codec<T> for Cbor {
    fn encode(&self, value: &T, output: &mut Vec<u8>) -> Result<()> {
        let start = output.len();
        ciborium::into_writer(value, &mut *output).map_err(|error| match error {
            ciborium::ser::Error::Value(message) => Error::encoding("a result", message),
            ciborium::ser::Error::Io(error) => Error::encoding("a result", error),
        })?;
        let decoded: T = self.decode(&output[start..])?;
        if signature_of(&decoded)? == signature_of(value)? {
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
    use std::collections::BTreeMap;

    use super::*;

    #[track_caller]
    fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let mut bytes = vec![1];
        Cbor.encode(value, &mut bytes).unwrap();
        let decoded: T = Cbor.decode(&bytes[1..]).unwrap();
        assert_eq!(&decoded, value);
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
