//! Sequences and tuples: elements in their order, in segments of 4096.
//!
//! A sequence of known length is streamed, with one segment's numbers held back at most. One of
//! unknown length is buffered whole, since its length comes before it; the bytes are the same.

use serde::Serialize;
use serde::ser;

use super::encoder::Encoder;
use super::segment::Segment;
use super::wire::{self, Sink};
use super::{SEGMENT_LEN, TAG_SEGMENTS, Unencodable};

/// A sequence of known length, in the making.
pub(super) struct Streamed<'a, S> {
    sink: &'a mut S,
    /// Elements yet to come, in later segments.
    later: usize,
    /// Elements yet to come in this segment.
    left: usize,
    segment: Segment,
}

impl<'a, S: Sink> Streamed<'a, S> {
    pub(super) fn begin(sink: &'a mut S, len: usize) -> Self {
        if len == 0 {
            wire::array_head(sink, 0);
        } else if len > SEGMENT_LEN {
            wire::tag(sink, TAG_SEGMENTS);
            wire::array_head(sink, len.div_ceil(SEGMENT_LEN));
        }
        let left = len.min(SEGMENT_LEN);
        Self { sink, later: len - left, left, segment: Segment::new(Some(left)) }
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        if self.left == 0 {
            return Err(Unencodable::new("a sequence is longer than it said"));
        }
        value.serialize(Encoder::in_segment(self.sink, &mut self.segment))?;
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
    /// Segments that are complete.
    done: Vec<u8>,
    segments: usize,
    /// The elements of the segment in progress, once it is unpacked.
    items: Vec<u8>,
    count: usize,
    segment: Segment,
}

impl<'a, S: Sink> Buffered<'a, S> {
    pub(super) fn begin(sink: &'a mut S) -> Self {
        let (done, items) = (Vec::new(), Vec::new());
        Self { sink, done, segments: 0, items, count: 0, segment: Segment::new(None) }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        if self.count == SEGMENT_LEN {
            self.close_segment();
        }
        value.serialize(Encoder::in_segment(&mut self.items, &mut self.segment))?;
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

/// What `serialize_seq` hands out.
pub(super) enum Sequence<'a, S> {
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
        }
    }

    fn end(self) -> Result<(), Unencodable> {
        match self {
            Self::Streamed(it) => it.end(),
            Self::Buffered(it) => {
                it.end();
                Ok(())
            }
        }
    }
}

impl<S: Sink> ser::SerializeTuple for Streamed<'_, S> {
    type Ok = ();
    type Error = Unencodable;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unencodable> {
        self.element(value)
    }

    fn end(self) -> Result<(), Unencodable> {
        self.end()
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
