//! Numbers that can stand in a typed array (RFC 8746): their kinds, tags and little-endian bytes.

use super::wire::{self, Sink};

/// A number of one of serde's ten machine types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Kind {
    /// The tag of a little-endian typed array of this kind.
    pub(super) fn tag(self) -> u64 {
        match self {
            Self::U8 => 64,
            Self::U16 => 69,
            Self::U32 => 70,
            Self::U64 => 71,
            Self::I8 => 72,
            Self::I16 => 77,
            Self::I32 => 78,
            Self::I64 => 79,
            Self::F32 => 85,
            Self::F64 => 86,
        }
    }

    pub(super) fn width_bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }

    /// Writes one number, given by its little-endian bytes, as CBOR of its own.
    pub(super) fn write_alone<S: Sink>(self, sink: &mut S, bytes: &[u8]) {
        let mut wide = [0; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let bits = u64::from_le_bytes(wide);
        // The bits above a narrower number are dropped: they were added just now.
        #[allow(clippy::cast_possible_truncation)]
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => wire::unsigned(sink, bits),
            Self::I8 => wire::signed(sink, (bits as u8).cast_signed().into()),
            Self::I16 => wire::signed(sink, (bits as u16).cast_signed().into()),
            Self::I32 => wire::signed(sink, (bits as u32).cast_signed().into()),
            Self::I64 => wire::signed(sink, bits.cast_signed()),
            Self::F32 => wire::float_32(sink, f32::from_bits(bits as u32)),
            Self::F64 => wire::float_64(sink, f64::from_bits(bits)),
        }
    }
}
