//! A segment: up to 4096 elements of a sequence, packed as a typed array while they are numbers of
//! one kind.
//!
//! Numbers are held back until the segment ends or an element of another kind comes. Then what was
//! held back is written as ordinary CBOR and the rest follows as it comes, so that a segment never
//! needs more memory than its numbers.

use super::number::Kind;
use super::wire::{self, Sink};

pub(super) struct Segment {
    /// Elements in all, where known: then an unpacked segment can write its head at once.
    len: Option<usize>,
    kind: Option<Kind>,
    numbers: Vec<u8>,
    packed: bool,
}

impl Segment {
    pub(super) fn new(len: Option<usize>) -> Self {
        Self { len, kind: None, numbers: Vec::new(), packed: true }
    }

    /// Begins the next segment, keeping the memory of this one.
    pub(super) fn restart(&mut self, len: Option<usize>) {
        self.len = len;
        self.kind = None;
        self.numbers.clear();
        self.packed = true;
    }

    /// Holds a number back. `false` where it has to be written alone, after [`Segment::unpack`].
    #[inline]
    pub(super) fn hold(&mut self, kind: Kind, bytes: &[u8]) -> bool {
        if !self.packed {
            return false;
        }
        if self.kind != Some(kind) {
            if self.kind.is_some() {
                return false;
            }
            self.kind = Some(kind);
            self.numbers.reserve(self.len.unwrap_or(0) * kind.width_bytes());
        }
        self.numbers.extend_from_slice(bytes);
        true
    }

    /// Gives up packing: writes the head, where the length is known, and what was held back.
    #[inline]
    pub(super) fn unpack<S: Sink>(&mut self, sink: &mut S) {
        if self.packed {
            self.packed = false;
            self.unpack_held(sink);
        }
    }

    fn unpack_held<S: Sink>(&mut self, sink: &mut S) {
        if let Some(len) = self.len {
            wire::array_head(sink, len);
        }
        if let Some(kind) = self.kind {
            for number in self.numbers.chunks_exact(kind.width_bytes()) {
                kind.write_alone(sink, number);
            }
        }
    }

    /// Ends the segment: writes the typed array if it is still packed. `false` if it is not, so
    /// that its elements are where [`Segment::unpack`] and its followers wrote them.
    pub(super) fn close<S: Sink>(&self, sink: &mut S) -> bool {
        if let (true, Some(kind)) = (self.packed, self.kind) {
            wire::tag(sink, kind.tag());
            wire::bytes(sink, &self.numbers);
        }
        self.packed
    }
}
