//! The bytes that are hashed: deterministic CBOR (RFC 8949, section 4.2) of any `Serialize` value.
//!
//! A value goes in, bytes come out into a [`Sink`], streamed wherever the order is known before.
//! Nothing here may depend on the machine, the process or the order of a hash map, and none of the
//! bytes may ever change: results are named by their digest. docs/signature.md tells the rules.

mod encoder;
mod entries;
mod map;
mod number;
mod order;
mod segment;
mod sequence;
mod wire;

use std::fmt;

use serde::Serialize;

pub(crate) use entries::Entries;
pub(crate) use order::{Mode, Order};
pub(crate) use wire::{Sink, map_head, text, unsigned};

use encoder::Encoder;

/// Marks a `Some` whose content would else look like `None`.
const TAG_SOME: u64 = 0x5045_0001;
/// Marks an array of segments, which stand for one long sequence.
const TAG_SEGMENTS: u64 = 0x5045_0002;
/// Marks the elements of a set, sorted by their encodings.
const TAG_SET: u64 = 0x5045_0003;
/// Marks a map whose entries stand in the order given.
const TAG_ORDERED: u64 = 0x5045_0004;
/// The name of a newtype, which no type of a program has, that stands around a collection whose order
/// says nothing.
pub(crate) const UNORDERED: &str = "perennial::unordered";
/// Elements in a segment of a long sequence.
const SEGMENT_LEN: usize = 4096;

/// Writes the encoding of a value.
pub(crate) fn encode<T, S>(value: &T, sink: &mut S) -> Result<(), Unencodable>
where
    T: Serialize + ?Sized,
    S: Sink,
{
    encode_in(Mode::Key, value, sink)
}

/// Writes the encoding of a value as strictly as is asked.
pub(crate) fn encode_in<T, S>(mode: Mode, value: &T, sink: &mut S) -> Result<(), Unencodable>
where
    T: Serialize + ?Sized,
    S: Sink,
{
    value.serialize(Encoder::new::<T>(sink, mode))
}

/// Why a value has no encoding: what its `Serialize` implementation said, or that it broke its
/// word on a length.
#[derive(Debug)]
pub(crate) struct Unencodable(Box<str>);

impl Unencodable {
    fn new(message: impl Into<Box<str>>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Unencodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unencodable {}

impl serde::ser::Error for Unencodable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

#[cfg(test)]
mod any_value;
#[cfg(test)]
mod decoded;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
