//! Sequences and tuples: elements in their order, in segments of 4096.
//!
//! A sequence of known length is streamed, with one segment's numbers held back at most. One of
//! unknown length is buffered whole, since its length comes before it; the bytes are the same. A set
//! is buffered and sorted.

use std::ops::Range;

use serde::Serialize;
use serde::ser;

use super::encoder::Encoder;
use super::order::Mode;
use super::segment::Segment;
use super::wire::{self, Sink};
use super::{SEGMENT_LEN, TAG_SEGMENTS, TAG_SET, Unencodable, encode_in};

/// A sequence of known length, in the making.
pub(super) struct Streamed<'a, S> {
    sink: &'a mut S,
    mode: Mode,
    /// Elements yet to come, in later segments.
    later: usize,
    /// Elements yet to come in this segment.
    left: usize,
    segment: Segment,
}

impl<'a, S: Sink> Streamed<'a, S> {
    pub(super) fn begin(sink: &'a mut S, mode: Mode, len: usize) -> Self {
        if len == 0 {
            wire::array_head(sink, 0);
        } else if len > SEGMENT_LEN {
            wire::tag(sink, TAG_SEGMENTS);
            wire::array_head(sink, len.div_ceil(SEGMENT_LEN));
        }
        let left = len.min(SEGMENT_LEN);
        Self { sink, mode, later: len - left, left, segment: Segment::new(Some(left)) }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        if self.left == 0 {
            return Err(Unencodable::new("a sequence is longer than it said"));
        }
        value.serialize(Encoder::in_segment::<T>(self.sink, self.mode, &mut self.segment))?;
        self.left -= 1;
        if self.left == 0 {
            self.next_segment();
        }
        Ok(())
    }

    fn next_segment(&mut self) {
        self.segment.close(self.sink);
        self.left = self.later.min(SEGMENT_LEN);
        self.later -= self.left;
        self.segment.restart(Some(self.left));
    }

    fn end(self) -> Result<(), Unencodable> {
        match self.left {
            0 => Ok(()),
            _ => Err(Unencodable::new("a sequence is shorter than it said")),
        }
    }
}

/// A sequence of unknown length, in the making.
pub(super) struct Buffered<'a, S> {
    sink: &'a mut S,
    mode: Mode,
    /// Segments that are complete.
    done: Vec<u8>,
    segments: usize,
    /// The elements of the segment in progress, once it is unpacked.
    items: Vec<u8>,
    count: usize,
    segment: Segment,
}

impl<'a, S: Sink> Buffered<'a, S> {
    pub(super) fn begin(sink: &'a mut S, mode: Mode) -> Self {
        let (done, items) = (Vec::new(), Vec::new());
        Self { sink, mode, done, segments: 0, items, count: 0, segment: Segment::new(None) }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        if self.count == SEGMENT_LEN {
            self.close_segment();
        }
        let encoder = Encoder::in_segment::<T>(&mut self.items, self.mode, &mut self.segment);
        value.serialize(encoder)?;
        self.count += 1;
        Ok(())
    }

    fn close_segment(&mut self) {
        if !self.segment.close(&mut self.done) {
            wire::array_head(&mut self.done, self.count);
            self.done.append(&mut self.items);
        }
        self.segments += 1;
        self.count = 0;
        self.segment.restart(None);
    }

    fn end(mut self) {
        if self.count == 0 {
            wire::array_head(self.sink, 0);
            return;
        }
        self.close_segment();
        if self.segments > 1 {
            wire::tag(self.sink, TAG_SEGMENTS);
            wire::array_head(self.sink, self.segments);
        }
        self.sink.write(&self.done);
    }
}

/// A set in the making: its elements, sorted by their encodings.
pub(super) struct Unordered<'a, S> {
    sink: &'a mut S,
    mode: Mode,
    declared: Option<usize>,
    bytes: Vec<u8>,
    elements: Vec<Range<usize>>,
}

impl<'a, S: Sink> Unordered<'a, S> {
    pub(super) fn begin(sink: &'a mut S, mode: Mode, declared: Option<usize>) -> Self {
        Self { sink, mode, declared, bytes: Vec::new(), elements: Vec::new() }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        let start = self.bytes.len();
        encode_in(self.mode, value, &mut self.bytes)?;
        self.elements.push(start..self.bytes.len());
        Ok(())
    }

    fn end(mut self) -> Result<(), Unencodable> {
        if self.declared.is_some_and(|it| it != self.elements.len()) {
            return Err(Unencodable::new("a set has another length than it said"));
        }
        let bytes = &self.bytes;
        self.elements.sort_by(|a, b| bytes[a.clone()].cmp(&bytes[b.clone()]));
        wire::tag(self.sink, TAG_SET);
        wire::array_head(self.sink, self.elements.len());
        self.elements.into_iter().for_each(|it| self.sink.write(&bytes[it]));
        Ok(())
    }
}

/// What `serialize_seq` hands out.
pub(super) enum Sequence<'a, S> {
    Unordered(Unordered<'a, S>),
    Streamed(Streamed<'a, S>),
    Buffered(Buffered<'a, S>),
}

impl<S: Sink> ser::SerializeSeq for Sequence<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        match self {
            Self::Streamed(it) => it.element(value),
            Self::Buffered(it) => it.element(value),
            Self::Unordered(it) => it.element(value),
        }
    }

    fn end(self) -> Result<(), Unencodable> {
        match self {
            Self::Streamed(it) => it.end(),
            Self::Unordered(it) => it.end(),
            Self::Buffered(it) => {
                it.end();
                Ok(())
            }
        }
    }
}

impl<S: Sink> ser::SerializeTuple for Sequence<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Unencodable> {
        ser::SerializeSeq::end(self)
    }
}

impl<S: Sink> ser::SerializeTupleStruct for Streamed<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        self.end()
    }
}

impl<S: Sink> ser::SerializeTupleVariant for Streamed<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        self.end()
    }
}
