//! Entries of a map, each encoded by itself, to be sorted and written when all are there.

use std::ops::Range;

use serde::Serialize;

use super::order::{Mode, Order};
use super::wire::{self, Sink};
use super::{TAG_ORDERED, Unencodable, encode_in};

/// Encoded keys and values, in one buffer.
#[derive(Default)]
pub(crate) struct Entries {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

struct Span {
    key: Range<usize>,
    value: Range<usize>,
}

impl Entries {
    /// Adds an entry whose key is written by `key`.
    ///
    /// After an error the entry is not there.
    pub(crate) fn add<T: Serialize + ?Sized>(
        &mut self,
        mode: Mode,
        key: impl FnOnce(&mut Vec<u8>) -> Result<(), Unencodable>,
        value: &T,
    ) -> Result<(), Unencodable> {
        let start = self.bytes.len();
        let written = key(&mut self.bytes).and_then(|()| {
            let middle = self.bytes.len();
            encode_in(mode, value, &mut self.bytes).map(|()| middle)
        });
        let middle = written.inspect_err(|_| self.bytes.truncate(start))?;
        self.spans.push(Span { key: start..middle, value: middle..self.bytes.len() });
        Ok(())
    }

    /// Whether an entry has this encoded key.
    pub(crate) fn has_key(&self, key: &[u8]) -> bool {
        self.spans.iter().any(|span| &self.bytes[span.key.clone()] == key)
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Writes the map. A map may hold a key twice: such entries stay in the order given.
    pub(crate) fn write<S: Sink>(&mut self, sink: &mut S, order: Order) {
        let Self { bytes, spans } = self;
        match order {
            Order::None => spans.sort_by(|a, b| bytes[a.key.clone()].cmp(&bytes[b.key.clone()])),
            Order::Given => wire::tag(sink, TAG_ORDERED),
        }
        wire::map_head(sink, spans.len());
        for span in spans {
            sink.write(&bytes[span.key.start..span.value.end]);
        }
    }
}
