//! The [`Signature`]: 32 bytes of SHA-256 that name code, arguments, an environment or a call.
//!
//! Bytes go in, a value with a text form comes out. What is fed to a signature is decided
//! elsewhere (`arguments`, `key`, `function`); here are only the ways to make, print and read one.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::error::Error;

/// Names code, arguments, an environment or a call by a SHA-256 digest.
///
/// `Display` and `Debug` print 64 lower-case hex digits, and [`FromStr`] reads them back.
///
/// # Examples
///
/// ```
/// use perennial::Signature;
///
/// let signature = Signature::of_bytes(b"int");
/// assert_eq!(signature.to_string().parse::<Signature>()?, signature);
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Takes the 32 bytes of a digest as they are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Shows the 32 bytes of the digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Computes the plain SHA-256 of some bytes.
    ///
    /// ```
    /// use perennial::Signature;
    ///
    /// let int = "6da88c34ba124c41f977db66a4fc5c1a951708d285c81bb0d47c3206f4c27ca8";
    /// assert_eq!(Signature::of_bytes(b"int").to_string(), int);
    /// ```
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Joins the signatures of the code, the arguments and the environment of a call into the
    /// signature that names its result.
    ///
    /// ```
    /// use perennial::{Arguments, Environment, Signature};
    ///
    /// let code = Signature::of_bytes(b"fn double(x: u32) -> u32 { 2 * x }");
    /// let arguments = Arguments::new().named("x", &7)?.signature();
    /// let environment = Environment::new().signature();
    /// let call = Signature::of_call(code, arguments, environment);
    /// assert_ne!(call, code);
    /// # Ok::<(), perennial::Error>(())
    /// ```
    pub fn of_call(code: Self, arguments: Self, environment: Self) -> Self {
        Self::of_fields(&[b"perennial call 1", &code.0, &arguments.0, &environment.0])
    }

    /// Mixes the digest of the running program and the identity of one function in it into a code
    /// signature, for code whose analysis was cut.
    pub(crate) fn with_executable(self, executable: Self, instance: &str, type_name: &str) -> Self {
        let (instance, type_name) = (instance.as_bytes(), type_name.as_bytes());
        let title = b"perennial executable 3";
        Self::of_fields(&[title, &self.0, &executable.0, instance, type_name])
    }

    /// Hashes fields, each with its length (u64, little-endian) before it, so that no two lists
    /// of fields share their bytes.
    pub(crate) fn of_fields(fields: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for field in fields {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        Self(hash.finalize().into())
    }

    /// Reads 64 hex digits; usable in constants. `None` for anything else.
    pub(crate) const fn from_hex(text: &[u8]) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        let mut i = 0;
        while i < 64 {
            let digit = match text[i] {
                digit @ b'0'..=b'9' => digit - b'0',
                digit @ b'a'..=b'f' => digit - b'a' + 10,
                digit @ b'A'..=b'F' => digit - b'A' + 10,
                _ => return None,
            };
            bytes[i / 2] = bytes[i / 2] << 4 | digit;
            i += 1;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Signature {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_hex(text.as_bytes()).ok_or_else(|| Error::invalid_signature(text))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl<'de> Visitor<'de> for Bytes {
            type Value = Signature;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Signature, E> {
                let bytes = bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))?;
                Ok(Signature(bytes))
            }

            // Formats without a type for bytes write them as a sequence.
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Signature, A::Error> {
                let mut bytes = [0; 32];
                for (i, byte) in bytes.iter_mut().enumerate() {
                    *byte =
                        seq.next_element()?.ok_or_else(|| de::Error::invalid_length(i, &self))?;
                }
                match seq.next_element::<de::IgnoredAny>()? {
                    Some(_) => Err(de::Error::invalid_length(33, &self)),
                    None => Ok(Signature(bytes)),
                }
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INT: &str = "6da88c34ba124c41f977db66a4fc5c1a951708d285c81bb0d47c3206f4c27ca8";

    #[test]
    fn text_form_is_lower_case_hex_and_is_read_back() {
        let signature = Signature::of_bytes(b"int");
        assert_eq!(format!("{signature} {signature:?}"), format!("{INT} {INT}"));
        assert_eq!(INT.parse::<Signature>().unwrap(), signature);
        assert_eq!(INT.to_uppercase().parse::<Signature>().unwrap(), signature);
    }

    #[test]
    fn anything_but_64_hex_digits_is_refused() {
        for text in ["", "ab", &INT[1..], &format!("{INT}0"), &INT.replace('6', "g"), "é"] {
            assert!(text.parse::<Signature>().unwrap_err().is_invalid_signature(), "{text}");
        }
    }

    #[test]
    fn serde_form_is_bytes() {
        let signature = Signature::of_bytes(b"int");
        let mut cbor = Vec::new();
        ciborium::into_writer(&signature, &mut cbor).unwrap();
        assert_eq!(cbor[..2], [0x58, 32]);
        assert_eq!(cbor[2..], signature.0);
        assert_eq!(ciborium::from_reader::<Signature, _>(&cbor[..]).unwrap(), signature);
    }

    #[test]
    fn serde_form_of_another_length_is_refused() {
        for len in [0, 31, 33] {
            let bytes = ciborium::Value::Bytes(vec![7; len]);
            assert!(bytes.deserialized::<Signature>().is_err());
        }
    }

    #[test]
    fn call_signature_depends_on_each_part_and_its_place() {
        let [a, b, c] = [b"a", b"b", b"c"].map(|part| Signature::of_bytes(part));
        let call = Signature::of_call(a, b, c);
        assert_eq!(
            call.to_string(),
            "4b6664c34b8ff022cf6f72335f28c3e25d76124f9cfbadd4545a9d484069cc60"
        );
        for other in [(b, a, c), (a, c, b), (c, b, a), (a, b, b), (a, a, c), (b, b, c)] {
            assert_ne!(Signature::of_call(other.0, other.1, other.2), call);
        }
        assert_eq!(
            a.with_executable(b, "i", "t").to_string(),
            "c04e045f2449bdcd68a7d08477c50f23a0d626406008d5915c193574224d8d73"
        );
    }
}
