//! The serde `Serializer` that writes one value.
//!
//! It is consumed by the value, and knows three things of the place where the value stands: how many
//! `Some`s are around it, the segment of a sequence, if any, that it is an element of, and its type,
//! which decides whether the order of a collection counts.

use serde::ser::{Serialize, Serializer};

use super::map::{Fields, Map};
use super::number::Kind;
use super::order::{Mode, Order, Place};
use super::segment::Segment;
use super::sequence::{Buffered, Sequence, Streamed, Unordered};
use super::wire::{self, Sink};
use super::{UNORDERED, Unencodable};

pub(super) struct Encoder<'a, S> {
    sink: &'a mut S,
    somes: usize,
    segment: Option<&'a mut Segment>,
    place: Place,
}

impl<'a, S: Sink> Encoder<'a, S> {
    #[inline]
    pub(super) fn new<T: ?Sized>(sink: &'a mut S, mode: Mode) -> Self {
        Self { sink, somes: 0, segment: None, place: Place::of::<T>(mode) }
    }

    #[inline]
    pub(super) fn in_segment<T: ?Sized>(
        sink: &'a mut S,
        mode: Mode,
        segment: &'a mut Segment,
    ) -> Self {
        Self { sink, somes: 0, segment: Some(segment), place: Place::of::<T>(mode) }
    }

    #[inline]
    #[expect(clippy::unnecessary_wraps, reason = "it is the last expression of ten methods")]
    fn number(self, kind: Kind, bytes: &[u8]) -> Result<(), Unencodable> {
        if let Some(segment) = self.segment {
            if segment.hold(kind, bytes) {
                return Ok(());
            }
            segment.unpack(self.sink);
        }
        kind.write_alone(self.sink, bytes);
        Ok(())
    }

    /// Gives the sink for a value that is no number: a segment around it can't be packed.
    #[inline]
    fn unpacked(self) -> &'a mut S {
        if let Some(segment) = self.segment {
            segment.unpack(self.sink);
        }
        self.sink
    }

    fn null(self) {
        let somes = self.somes;
        wire::null(self.unpacked(), somes);
    }

    /// Begins a variant with content: a map of its name to what follows.
    fn variant(self, name: &'static str) -> &'a mut S {
        let sink = self.unpacked();
        wire::map_head(sink, 1);
        wire::text(sink, name);
        sink
    }
}

impl<'a, S: Sink> Serializer for Encoder<'a, S> {
    type Ok = ();
    type Error = Unencodable;
    type SerializeSeq = Sequence<'a, S>;
    type SerializeTuple = Sequence<'a, S>;
    type SerializeTupleStruct = Streamed<'a, S>;
    type SerializeTupleVariant = Streamed<'a, S>;
    type SerializeMap = Map<'a, S>;
    type SerializeStruct = Fields<'a, S>;
    type SerializeStructVariant = Fields<'a, S>;

    /// As for ciborium, which writes the results: types with two serde forms show the compact one.
    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(self, v: bool) -> Result<(), Unencodable> {
        wire::boolean(self.unpacked(), v);
        Ok(())
    }

    #[inline]
    fn serialize_u8(self, v: u8) -> Result<(), Unencodable> {
        self.number(Kind::U8, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_u16(self, v: u16) -> Result<(), Unencodable> {
        self.number(Kind::U16, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_u32(self, v: u32) -> Result<(), Unencodable> {
        self.number(Kind::U32, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_u64(self, v: u64) -> Result<(), Unencodable> {
        self.number(Kind::U64, &v.to_le_bytes())
    }

    fn serialize_u128(self, v: u128) -> Result<(), Unencodable> {
        wire::unsigned_128(self.unpacked(), v);
        Ok(())
    }

    #[inline]
    fn serialize_i8(self, v: i8) -> Result<(), Unencodable> {
        self.number(Kind::I8, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_i16(self, v: i16) -> Result<(), Unencodable> {
        self.number(Kind::I16, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_i32(self, v: i32) -> Result<(), Unencodable> {
        self.number(Kind::I32, &v.to_le_bytes())
    }

    #[inline]
    fn serialize_i64(self, v: i64) -> Result<(), Unencodable> {
        self.number(Kind::I64, &v.to_le_bytes())
    }

    fn serialize_i128(self, v: i128) -> Result<(), Unencodable> {
        wire::signed_128(self.unpacked(), v);
        Ok(())
    }

    #[inline]
    fn serialize_f32(self, v: f32) -> Result<(), Unencodable> {
        self.number(Kind::F32, &wire::canonical_32(v).to_le_bytes())
    }

    #[inline]
    fn serialize_f64(self, v: f64) -> Result<(), Unencodable> {
        self.number(Kind::F64, &wire::canonical_64(v).to_le_bytes())
    }

    fn serialize_char(self, v: char) -> Result<(), Unencodable> {
        self.serialize_str(v.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, v: &str) -> Result<(), Unencodable> {
        wire::text(self.unpacked(), v);
        Ok(())
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<(), Unencodable> {
        wire::bytes(self.unpacked(), v);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unencodable> {
        self.null();
        Ok(())
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Result<(), Unencodable> {
        self.somes += 1;
        self.place = Place::of::<T>(self.place.mode);
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unencodable> {
        self.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unencodable> {
        self.null();
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unencodable> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Unencodable> {
        let mode = self.place.mode;
        let is_unordered = name == UNORDERED;
        self.place = if is_unordered { Place::unordered::<T>(mode) } else { Place::of::<T>(mode) };
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unencodable> {
        let mode = self.place.mode;
        value.serialize(Encoder::new::<T>(self.variant(variant), mode))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, Unencodable> {
        let Place { mode, .. } = self.place;
        let order = self.place.of_sequence();
        let sink = self.unpacked();
        Ok(match (order, len) {
            (Order::None, _) => Sequence::Unordered(Unordered::begin(sink, mode, len)),
            (Order::Given, Some(len)) => Sequence::Streamed(Streamed::begin(sink, mode, len)),
            (Order::Given, None) => Sequence::Buffered(Buffered::begin(sink, mode)),
        })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, Unencodable> {
        let (mode, is_unordered) = (self.place.mode, self.place.is_unordered());
        let sink = self.unpacked();
        Ok(if is_unordered {
            Sequence::Unordered(Unordered::begin(sink, mode, Some(len)))
        } else {
            Sequence::Streamed(Streamed::begin(sink, mode, len))
        })
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, Unencodable> {
        let mode = self.place.mode;
        Ok(Streamed::begin(self.unpacked(), mode, len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, Unencodable> {
        let mode = self.place.mode;
        Ok(Streamed::begin(self.variant(variant), mode, len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, Unencodable> {
        let (place, order) = (self.place, self.place.of_map());
        Ok(Map::begin(self.unpacked(), place.mode, order, len))
    }

    fn serialize_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStruct, Unencodable> {
        let mode = self.place.mode;
        Ok(Fields::begin(self.unpacked(), mode, len))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, Unencodable> {
        let mode = self.place.mode;
        Ok(Fields::begin(self.variant(variant), mode, len))
    }
}
