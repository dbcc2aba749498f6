//! Maps, and structs, streamed in the order of their declaration. A map whose order says nothing is
//! buffered and sorted; any other comes as it is, streamed where it says its length.
//!
//! The order of a struct's fields is fixed by its type, and the type is part of the code
//! signature; sorting the fields would force buffering and tell nothing apart.

use serde::Serialize;
use serde::ser;

use super::encoder::Encoder;
use super::entries::Entries;
use super::order::{Mode, Order};
use super::wire::{self, Sink};
use super::{TAG_ORDERED, Unencodable, encode_in};

/// A map in the making.
pub(super) struct Map<'a, S> {
    sink: &'a mut S,
    mode: Mode,
    order: Order,
    declared: Option<usize>,
    /// Entries that have come, where they are streamed.
    streamed: usize,
    entries: Entries,
    /// The encoding of a key whose value has not come yet.
    key: Option<Vec<u8>>,
}

impl<'a, S: Sink> Map<'a, S> {
    pub(super) fn begin(
        sink: &'a mut S,
        mode: Mode,
        order: Order,
        declared: Option<usize>,
    ) -> Self {
        if let (Order::Given, Some(len)) = (order, declared) {
            wire::tag(sink, TAG_ORDERED);
            wire::map_head(sink, len);
        }
        let (entries, key) = (Entries::default(), None);
        Self { sink, mode, order, declared, streamed: 0, entries, key }
    }

    fn entry<T: Serialize + ?Sized>(
        &mut self,
        key: impl FnOnce(&mut Vec<u8>) -> Result<(), Unencodable>,
        value: &T,
    ) -> Result<(), Unencodable> {
        if !self.is_streamed() {
            return self.entries.add(self.mode, key, value);
        }
        let mut encoded = Vec::new();
        key(&mut encoded)?;
        self.sink.write(&encoded);
        self.streamed += 1;
        encode_in(self.mode, value, self.sink)
    }

    fn is_streamed(&self) -> bool {
        self.order == Order::Given && self.declared.is_some()
    }
}

impl<S: Sink> ser::SerializeMap for Map<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unencodable> {
        let mut encoded = Vec::new();
        encode_in(self.mode, key, &mut encoded)?;
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
        self.entry(write_key, value)
    }

    fn serialize_entry<K, V>(&mut self, key: &K, value: &V) -> Result<(), Unencodable>
    where
        K: Serialize + ?Sized,
        V: Serialize + ?Sized,
    {
        let mode = self.mode;
        self.entry(|bytes| encode_in(mode, key, bytes), value)
    }

    fn end(mut self) -> Result<(), Unencodable> {
        if self.key.is_some() {
            return Err(Unencodable::new("a map has a key without a value"));
        }
        let found = if self.is_streamed() { self.streamed } else { self.entries.len() };
        if self.declared.is_some_and(|declared| declared != found) {
            return Err(Unencodable::new("a map has another length than it said"));
        }
        if !self.is_streamed() {
            self.entries.write(self.sink, self.order);
        }
        Ok(())
    }
}

/// A struct in the making.
pub(super) struct Fields<'a, S> {
    sink: &'a mut S,
    mode: Mode,
    left: usize,
}

impl<'a, S: Sink> Fields<'a, S> {
    pub(super) fn begin(sink: &'a mut S, mode: Mode, len: usize) -> Self {
        wire::map_head(sink, len);
        Self { sink, mode, left: len }
    }

    fn field<T>(&mut self, name: &'static str, value: &T) -> Result<(), Unencodable>
    where
        T: Serialize + ?Sized,
    {
        let left = self.left.checked_sub(1);
        self.left =
            left.ok_or_else(|| Unencodable::new("a struct has more fields than it said"))?;
        wire::text(self.sink, name);
        value.serialize(Encoder::new::<T>(self.sink, self.mode))
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
