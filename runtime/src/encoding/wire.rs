//! CBOR on the wire: heads, integers, floats, text and bytes, each in its one deterministic form.
//!
//! Plain values go in, bytes come out. Nothing here knows of serde.

use super::TAG_SOME;

/// Takes bytes. Writing never fails: a digest and a buffer have no reason to.
pub(crate) trait Sink {
    fn write(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const F32: u8 = 0xfa;
const F64: u8 = 0xfb;

const BIGNUM: u64 = 2;
const NEGATIVE_BIGNUM: u64 = 3;

/// Writes a major type and its argument, as short as it can be.
#[inline]
fn head<S: Sink>(sink: &mut S, major: u8, argument: u64) {
    let [.., b3, b2, b1, b0] = argument.to_be_bytes();
    let major = major << 5;
    match argument {
        0..24 => sink.write(&[major | b0]),
        24..0x100 => sink.write(&[major | 0x18, b0]),
        0x100..0x1_0000 => sink.write(&[major | 0x19, b1, b0]),
        0x1_0000..0x1_0000_0000 => sink.write(&[major | 0x1a, b3, b2, b1, b0]),
        _ => {
            let mut bytes = [major | 0x1b; 9];
            bytes[1..].copy_from_slice(&argument.to_be_bytes());
            sink.write(&bytes);
        }
    }
}

#[inline]
pub(crate) fn unsigned<S: Sink>(sink: &mut S, value: u64) {
    head(sink, UNSIGNED, value);
}

/// CBOR holds a negative n as -1 - n, which in two's complement is !n.
#[inline]
pub(super) fn signed<S: Sink>(sink: &mut S, value: i64) {
    match u64::try_from(value) {
        Ok(value) => head(sink, UNSIGNED, value),
        Err(_) => head(sink, NEGATIVE, (!value).cast_unsigned()),
    }
}

pub(super) fn unsigned_128<S: Sink>(sink: &mut S, value: u128) {
    match u64::try_from(value) {
        Ok(value) => head(sink, UNSIGNED, value),
        Err(_) => bignum(sink, BIGNUM, value),
    }
}

pub(super) fn signed_128<S: Sink>(sink: &mut S, value: i128) {
    match u128::try_from(value) {
        Ok(value) => unsigned_128(sink, value),
        Err(_) => match u64::try_from(!value) {
            Ok(value) => head(sink, NEGATIVE, value),
            Err(_) => bignum(sink, NEGATIVE_BIGNUM, (!value).cast_unsigned()),
        },
    }
}

fn bignum<S: Sink>(sink: &mut S, tag_number: u64, value: u128) {
    let zeros = value.leading_zeros() as usize / 8;
    tag(sink, tag_number);
    bytes(sink, &value.to_be_bytes()[zeros..]);
}

/// Floats keep their declared width: `1f32` and `1f64` are values of different types.
pub(super) fn float_32<S: Sink>(sink: &mut S, value: f32) {
    let [b3, b2, b1, b0] = canonical_32(value).to_be_bytes();
    sink.write(&[F32, b3, b2, b1, b0]);
}

pub(super) fn float_64<S: Sink>(sink: &mut S, value: f64) {
    let mut bytes = [F64; 9];
    bytes[1..].copy_from_slice(&canonical_64(value).to_be_bytes());
    sink.write(&bytes);
}

/// Every NaN is one NaN, here and in typed arrays. -0.0 stays what it is.
#[inline]
pub(super) fn canonical_32(value: f32) -> f32 {
    if value.is_nan() { f32::from_bits(0x7fc0_0000) } else { value }
}

/// See [`canonical_32`].
#[inline]
pub(super) fn canonical_64(value: f64) -> f64 {
    if value.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { value }
}

pub(super) fn boolean<S: Sink>(sink: &mut S, value: bool) {
    sink.write(&[if value { TRUE } else { FALSE }]);
}

/// Writes null, with a mark for each `Some` around it: `None`, `Some(None)` and `Some(())` differ.
pub(super) fn null<S: Sink>(sink: &mut S, somes: usize) {
    for _ in 0..somes {
        tag(sink, TAG_SOME);
    }
    sink.write(&[NULL]);
}

pub(super) fn bytes<S: Sink>(sink: &mut S, value: &[u8]) {
    head(sink, BYTES, value.len() as u64);
    sink.write(value);
}

pub(crate) fn text<S: Sink>(sink: &mut S, value: &str) {
    head(sink, TEXT, value.len() as u64);
    sink.write(value.as_bytes());
}

pub(super) fn tag<S: Sink>(sink: &mut S, tag: u64) {
    head(sink, TAG, tag);
}

pub(crate) fn array_head<S: Sink>(sink: &mut S, len: usize) {
    head(sink, ARRAY, len as u64);
}

pub(crate) fn map_head<S: Sink>(sink: &mut S, len: usize) {
    head(sink, MAP, len as u64);
}
