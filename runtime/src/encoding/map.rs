//! Maps, buffered and sorted, and structs, streamed in the order of their declaration.
//!
//! The order of a struct's fields is fixed by its type, and the type is part of the code
//! signature; sorting the fields would force buffering and tell nothing apart.

use serde::Serialize;
use serde::ser;

use super::encoder::Encoder;
use super::entries::Entries;
use super::wire::{self, Sink};
use super::{Unencodable, encode};

/// A map in the making.
pub(super) struct Map<'a, S> {
    sink: &'a mut S,
    declared: Option<usize>,
    entries: Entries,
    /// The encoding of a key whose value has not come yet.
    key: Option<Vec<u8>>,
}

impl<'a, S: Sink> Map<'a, S> {
    pub(super) fn begin(sink: &'a mut S, declared: Option<usize>) -> Self {
        Self { sink, declared, entries: Entries::default(), key: None }
    }
}

impl<S: Sink> ser::SerializeMap for Map<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unencodable> {
        let mut encoded = Vec::new();
        encode(key, &mut encoded)?;
        match self.key.replace(encoded) {
            None => Ok(()),
            Some(_) => Err(Unencodable::new("a map has a key without a value")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        let key = self.key.take();
        let key = key.ok_or_else(|| Unencodable::new("a map has a value without a key"))?;
        let write_key = |bytes: &mut Vec<u8>| {
            bytes.extend_from_slice(&key);
            Ok(())
        };
        self.entries.add(write_key, value)
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), Unencodable>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        self.entries.add(|bytes| encode(key, bytes), value)
    }

    fn end(mut self) -> Result<(), Unencodable> {
        if self.key.is_some() {
            return Err(Unencodable::new("a map has a key without a value"));
        }
        if self.declared.is_some_and(|declared| declared != self.entries.len()) {
            return Err(Unencodable::new("a map has another length than it said"));
        }
        self.entries.write(self.sink);
        Ok(())
    }
}

/// A struct in the making.
pub(super) struct Fields<'a, S> {
    sink: &'a mut S,
    left: usize,
}

impl<'a, S: Sink> Fields<'a, S> {
    pub(super) fn begin(sink: &'a mut S, len: usize) -> Self {
        wire::map_head(sink, len);
        Self { sink, left: len }
    }

    fn field<T>(&mut self, name: &'static str, value: &T) -> Result<(), Unencodable>
    where
        T: Serialize + ?Sized,
    {
        let left = self.left.checked_sub(1);
        self.left =
            left.ok_or_else(|| Unencodable::new("a struct has more fields than it said"))?;
        wire::text(self.sink, name);
        value.serialize(Encoder::new(self.sink))
    }

    fn end(self) -> Result<(), Unencodable> {
        match self.left {
            0 => Ok(()),
            _ => Err(Unencodable::new("a struct has fewer fields than it said")),
        }
    }
}

impl<S: Sink> ser::SerializeStruct for Fields<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T>(&mut self, name: &'static str, value: &T) -> Result<(), Unencodable>
    where
        T: Serialize + ?Sized,
    {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Unencodable> {
        self.end()
    }
}

impl<S: Sink> ser::SerializeStructVariant for Fields<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T>(&mut self, name: &'static str, value: &T) -> Result<(), Unencodable>
    where
        T: Serialize + ?Sized,
    {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Unencodable> {
        self.end()
    }
}
