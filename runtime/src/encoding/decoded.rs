//! What an encoding says, read by ciborium, and what it should say of a value. Both come out in one form,
//! without packing and without the order of what has none.

use ciborium::Value as Cbor;

use super::{
    TAG_ORDERED, TAG_SEGMENTS, TAG_SET, TAG_SOME,
    any_value::{NAMES, Shape, Value},
};

/// Reads an encoding, of which nothing may be left.
pub(super) fn read(mut bytes: &[u8]) -> Cbor {
    let found: Cbor = ciborium::from_reader(&mut bytes).unwrap();
    assert!(bytes.is_empty());
    looked_at(plain(found))
}

/// What is to be read of a value.
pub(super) fn expected(value: &Value) -> Cbor {
    looked_at(meant(value))
}

/// What CBOR says of a value, as the format means it: written down here once more.
fn meant(value: &Value) -> Cbor {
    let all = |it: &[Value]| Cbor::Array(it.iter().map(meant).collect());
    let pairs = |it: &[(Value, Value)]| {
        Cbor::Map(it.iter().map(|(key, value)| (meant(key), meant(value))).collect())
    };
    let fields = |it: &[Value]| {
        let named = it.iter().zip(NAMES).map(|(it, name)| (Cbor::from(name), meant(it)));
        Cbor::Map(named.collect())
    };
    match value {
        Value::Bool(it) => Cbor::from(*it),
        Value::U8(it) => Cbor::from(*it),
        Value::U16(it) => Cbor::from(*it),
        Value::U32(it) => Cbor::from(*it),
        Value::U64(it) => Cbor::from(*it),
        Value::U128(it) => Cbor::from(*it),
        Value::I8(it) => Cbor::from(*it),
        Value::I16(it) => Cbor::from(*it),
        Value::I32(it) => Cbor::from(*it),
        Value::I64(it) => Cbor::from(*it),
        Value::I128(it) => Cbor::from(*it),
        Value::F32(it) => float(f32::from_bits(*it).into()),
        Value::F64(it) => float(f64::from_bits(*it)),
        Value::Char(it) => Cbor::from(it.to_string()),
        Value::Str(it) => Cbor::from(it.as_str()),
        Value::Bytes(it) => Cbor::Bytes(it.clone()),
        Value::Unit | Value::UnitStruct | Value::Option(None) => Cbor::Null,
        Value::Option(Some(it)) => match meant(it) {
            inner if is_nothing(&inner) => Cbor::Tag(TAG_SOME, Box::new(inner)),
            inner => inner,
        },
        Value::Newtype(it) => meant(it),
        Value::Tuple(it) | Value::TupleStruct(it) | Value::Seq(_, it) => all(it),
        Value::Struct(it) => fields(it),
        Value::HashSet(_, it) => Cbor::Tag(TAG_SET, Box::new(all(it))),
        Value::HashMap(_, it) | Value::BTreeMap(it) => pairs(it),
        Value::OrderedMap(_, it) => Cbor::Tag(TAG_ORDERED, Box::new(pairs(it))),
        Value::Variant(number, shape, content) => {
            let content = match (shape, &**content) {
                (Shape::Unit, _) => return Cbor::from(NAMES[*number]),
                (Shape::Struct, Value::Tuple(it)) => fields(it),
                (_, it) => meant(it),
            };
            Cbor::Map(vec![(Cbor::from(NAMES[*number]), content)])
        }
    }
}

/// Floats can't be compared: their bits can.
fn float(it: f64) -> Cbor {
    let bits = if it.is_nan() { f64::NAN.to_bits() } else { it.to_bits() };
    Cbor::Tag(u64::MAX, Box::new(Cbor::from(bits)))
}

fn is_nothing(value: &Cbor) -> bool {
    match value {
        Cbor::Null => true,
        Cbor::Tag(TAG_SOME, inner) => is_nothing(inner),
        _ => false,
    }
}

/// In an order that has nothing to do with that of the encoding.
fn sorted(value: Cbor) -> Cbor {
    match value {
        Cbor::Array(mut all) => {
            all.sort_by_key(|it| format!("{it:?}"));
            Cbor::Array(all)
        }
        Cbor::Map(mut all) => {
            all.sort_by_key(|it| format!("{it:?}"));
            Cbor::Map(all)
        }
        other => other,
    }
}

/// Undoes what only packs a value.
fn plain(value: Cbor) -> Cbor {
    match value {
        Cbor::Float(it) => float(it),
        Cbor::Tag(TAG_SEGMENTS, segments) => {
            let segments = segments.into_array().unwrap().into_iter().map(plain);
            Cbor::Array(segments.flat_map(|it| it.into_array().unwrap()).collect())
        }
        Cbor::Tag(TAG_ORDERED, inner) => Cbor::Tag(TAG_ORDERED, Box::new(plain(*inner))),
        Cbor::Tag(TAG_SET, inner) => Cbor::Tag(TAG_SET, Box::new(plain(*inner))),
        Cbor::Tag(tag @ 64..=87, inner) => unpacked(tag, &inner.into_bytes().unwrap()),
        Cbor::Tag(tag, inner) => Cbor::Tag(tag, Box::new(plain(*inner))),
        Cbor::Array(all) => Cbor::Array(all.into_iter().map(plain).collect()),
        Cbor::Map(all) => {
            let pairs = all.into_iter().map(|(key, value)| (plain(key), plain(value)));
            Cbor::Map(pairs.collect())
        }
        other => other,
    }
}

/// The numbers of a typed array (RFC 8746).
fn unpacked(tag: u64, bytes: &[u8]) -> Cbor {
    macro_rules! numbers {
        ($type:ty, $of:expr) => {{
            let (chunks, rest) = bytes.as_chunks::<{ size_of::<$type>() }>();
            assert!(rest.is_empty());
            chunks.iter().map(|it| $of(<$type>::from_le_bytes(*it))).collect()
        }};
    }
    Cbor::Array(match tag {
        64 => numbers!(u8, Cbor::from),
        69 => numbers!(u16, Cbor::from),
        70 => numbers!(u32, Cbor::from),
        71 => numbers!(u64, Cbor::from),
        72 => numbers!(i8, Cbor::from),
        77 => numbers!(i16, Cbor::from),
        78 => numbers!(i32, Cbor::from),
        79 => numbers!(i64, Cbor::from),
        85 => numbers!(f32, |it| float(f64::from(it))),
        86 => numbers!(f64, float),
        _ => panic!("no typed array has the tag {tag}"),
    })
}

/// Sorts what has no order; structs too, whose order their type fixes.
fn looked_at(value: Cbor) -> Cbor {
    match value {
        Cbor::Tag(TAG_ORDERED, inner) => {
            let Cbor::Map(all) = *inner else { panic!("a map") };
            let pairs = all.into_iter().map(|(key, value)| (looked_at(key), looked_at(value)));
            Cbor::Tag(TAG_ORDERED, Box::new(Cbor::Map(pairs.collect())))
        }
        Cbor::Tag(TAG_SET, inner) => Cbor::Tag(TAG_SET, Box::new(sorted(looked_at(*inner)))),
        Cbor::Tag(tag, inner) => Cbor::Tag(tag, Box::new(looked_at(*inner))),
        Cbor::Array(all) => Cbor::Array(all.into_iter().map(looked_at).collect()),
        Cbor::Map(all) => {
            let pairs = all.into_iter().map(|(key, value)| (looked_at(key), looked_at(value)));
            sorted(Cbor::Map(pairs.collect()))
        }
        other => other,
    }
}
