//! Argument and environment signatures, built value by value.
//!
//! Values go in, a [`Signature`] comes out. Names make the order of the calls irrelevant. The
//! macros' streaming twin is `Key`; both must give the same signatures.

use serde::Serialize;

use crate::digest::StreamDigest;
use crate::encoding::{self, Entries, Mode, Order};
use crate::error::{Error, Result};
use crate::signature::Signature;

/// Begins what is hashed for arguments. A change of the rules changes the number.
pub(crate) const ARGUMENTS: &str = "perennial arguments 2";
/// Begins what is hashed for an environment.
pub(crate) const ENVIRONMENT: &str = "perennial environment 2";

/// Builds the signature of a call's arguments.
///
/// Positional arguments count in their order, named ones by their names.
///
/// # Examples
///
/// ```
/// use perennial::Arguments;
///
/// let a = Arguments::new().positional("some/path")?.named("x", &1)?.named("y", &2.5)?;
/// let b = Arguments::new().named("y", &2.5)?.named("x", &1)?.positional("some/path")?;
/// assert_eq!(a.signature(), b.signature());
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct Arguments {
    values: Values,
    positional: u64,
}

impl Arguments {
    /// Begins with no arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next positional argument.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails ([`Error::is_encoding`]).
    pub fn positional<T: Serialize + ?Sized>(mut self, value: &T) -> Result<Self> {
        let index = self.positional;
        self.positional += 1;
        let mut key = Vec::new();
        encoding::unsigned(&mut key, index);
        self.values.add(&key, value, || format!("argument {index}"))?;
        Ok(self)
    }

    /// Adds a named argument.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails ([`Error::is_encoding`]), or the name was given before
    /// ([`Error::is_duplicate`]).
    pub fn named<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Result<Self> {
        self.values.add_named(name, value, "argument")?;
        Ok(self)
    }

    /// Computes the signature.
    pub fn signature(self) -> Signature {
        self.values.signature(ARGUMENTS)
    }
}

/// Builds the signature of the state that a function reads.
///
/// # Examples
///
/// ```
/// use perennial::Environment;
///
/// let before = Environment::new().value("THREADS", &4)?.signature();
/// let after = Environment::new().value("THREADS", &8)?.signature();
/// assert_ne!(before, after);
/// # Ok::<(), perennial::Error>(())
/// ```
#[derive(Default)]
#[must_use]
pub struct Environment {
    values: Values,
}

impl Environment {
    /// Begins with an empty environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value by its name.
    ///
    /// # Errors
    ///
    /// The value's `Serialize` fails ([`Error::is_encoding`]), or the name was given before
    /// ([`Error::is_duplicate`]).
    pub fn value<T: Serialize + ?Sized>(mut self, name: &str, value: &T) -> Result<Self> {
        self.add(name, value)?;
        Ok(self)
    }

    /// Computes the signature.
    pub fn signature(self) -> Signature {
        self.values.signature(ENVIRONMENT)
    }

    pub(crate) fn add<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        self.values.add_named(name, value, "environment value")
    }
}

/// Computes the signature of one value.
///
/// It is the digest of the value's encoding alone, to name data by its content.
///
/// # Errors
///
/// The value's `Serialize` fails ([`Error::is_encoding`]).
///
/// # Examples
///
/// ```
/// use std::collections::{BTreeMap, HashMap};
///
/// let hashed = HashMap::from([("x", 1), ("y", 2), ("z", 3)]);
/// let sorted = BTreeMap::from([("x", 1), ("y", 2), ("z", 3)]);
/// assert_eq!(perennial::signature_of(&hashed)?, perennial::signature_of(&sorted)?);
/// # Ok::<(), perennial::Error>(())
/// ```
pub fn signature_of<T: Serialize + ?Sized>(value: &T) -> Result<Signature> {
    signature_in(Mode::Key, value)
}

/// Computes the signature of one value as strictly as is asked.
pub(crate) fn signature_in<T: Serialize + ?Sized>(mode: Mode, value: &T) -> Result<Signature> {
    let mut digest = StreamDigest::default();
    encoding::encode_in(mode, value, &mut digest)
        .map_err(|error| Error::encoding("a value", error))?;
    Ok(digest.finish())
}

/// Values by their encoded keys, each key once.
#[derive(Default)]
struct Values {
    entries: Entries,
}

impl Values {
    fn add_named<T>(&mut self, name: &str, value: &T, role: &str) -> Result<()>
    where
        T: Serialize + ?Sized,
    {
        let mut key = Vec::new();
        encoding::text(&mut key, name);
        if self.entries.has_key(&key) {
            return Err(Error::duplicate(name));
        }
        self.add(&key, value, || format!("{role} `{name}`"))
    }

    fn add<T>(&mut self, key: &[u8], value: &T, what: impl FnOnce() -> String) -> Result<()>
    where
        T: Serialize + ?Sized,
    {
        let write_key = |bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(key);
            Ok(())
        };
        self.entries
            .add(Mode::Key, write_key, value)
            .map_err(|error| Error::encoding(what(), error))
    }

    fn signature(mut self, title: &str) -> Signature {
        let mut digest = StreamDigest::default();
        encoding::text(&mut digest, title);
        self.entries.write(&mut digest, Order::None);
        digest.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serialises to an error.
    struct Broken;

    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it is broken"))
        }
    }

    #[test]
    fn signatures_are_pinned() {
        let arguments = Arguments::new();
        assert_eq!(
            arguments.signature().to_string(),
            "06b08f899f5347bb8410ace2266c80d2a613667f654c340bd973bc8c53fa3115"
        );
        let environment = Environment::new();
        assert_eq!(
            environment.signature().to_string(),
            "017b5dcf53970bfb9cc101d4d41f50d30e41213fb94949eee6748db1855e8550"
        );
        let arguments = Arguments::new().named("grid", &[0.5, 1.5]).unwrap();
        let arguments = arguments.positional(&7).unwrap().named("x", "text").unwrap();
        assert_eq!(
            arguments.signature().to_string(),
            "b1194a426068a7fe8f854af756ac1d4dd16295c4ea139f642ce71ef0a300d769"
        );
        assert_eq!(
            signature_of(&Some("x")).unwrap().to_string(),
            "cba3cfb4dbfb48e68fb8bd7f64a21dfa231978475a23f9058ba34280a65a6558"
        );
    }

    #[test]
    fn the_hashed_stream_is_the_documented_one() {
        let arguments = Arguments::new().named("long", &true).unwrap();
        let arguments = arguments.named("x", &1).unwrap().positional("p").unwrap();
        let stream = b"\x75perennial arguments 2\xa3\x00\x61p\x61x\x01\x64long\xf5";
        let expected = Signature::of_bytes(&[b"\0", &stream[..]].concat());
        assert_eq!(arguments.signature(), expected);
    }

    #[test]
    fn positional_arguments_differ_by_place_and_count() {
        let of = |values: &[&str]| {
            let arguments = Arguments::new();
            let mut values = values.iter();
            values.try_fold(arguments, Arguments::positional).unwrap().signature()
        };
        let lists: [&[&str]; 6] = [&[], &["a"], &["b"], &["a", "b"], &["b", "a"], &["a", "b", ""]];
        for (i, a) in lists.iter().enumerate() {
            for b in &lists[..i] {
                assert_ne!(of(a), of(b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn many_positional_arguments_keep_their_order() {
        let of = |values: [u32; 300]| {
            values.iter().try_fold(Arguments::new(), Arguments::positional).unwrap().signature()
        };
        let mut values = std::array::from_fn(|i| u32::try_from(i).unwrap());
        let before = of(values);
        values.swap(255, 256);
        assert_ne!(of(values), before);
    }

    #[test]
    fn a_name_is_not_a_position() {
        let named = Arguments::new().named("0", &1).unwrap().signature();
        assert_ne!(named, Arguments::new().positional(&1).unwrap().signature());
        let environment = Environment::new().value("0", &1).unwrap().signature();
        assert_ne!(named, environment);
    }

    #[test]
    fn a_name_given_twice_is_an_error() {
        let error = Arguments::new().named("x", &1).unwrap().named("x", &1).err().unwrap();
        assert!(error.is_duplicate());
        assert_eq!(error.to_string(), "`x` is given twice");
        let error = Environment::new().value("x", &1).unwrap().value("x", &2).err().unwrap();
        assert!(error.is_duplicate());
    }

    #[test]
    fn a_value_that_cannot_be_serialized_is_named() {
        let check = |error: Error, expected| {
            assert!(error.is_encoding());
            assert_eq!(error.chain(), expected);
        };
        let arguments = || Arguments::new().positional(&0).unwrap();
        let error = arguments().positional(&Broken).err().unwrap();
        check(error, "cannot serialize argument 1: it is broken");
        let error = arguments().named("x", &Broken).err().unwrap();
        check(error, "cannot serialize argument `x`: it is broken");
        let error = Environment::new().value("X", &Broken).err().unwrap();
        check(error, "cannot serialize environment value `X`: it is broken");
        check(signature_of(&Broken).unwrap_err(), "cannot serialize a value: it is broken");
    }
}
