//! What must hold of every value: equal ones have equal signatures, in any order of their maps and in any
//! process; different ones of one type have different signatures; and the bytes say the value.

use std::{borrow::Cow, env, fs, process::Command};

use ciborium::Value as Cbor;
use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};

use super::{
    TAG_ORDERED, TAG_SEGMENTS, TAG_SET, TAG_SOME,
    any_value::{Hashing, NAMES, Shape, Value, types},
    encode,
};
use crate::{Signature, signature_of};

fn bytes(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes).unwrap();
    bytes
}

/// Applies a function to all that a value is made of, from inside out.
fn mapped(value: &Value, change: &dyn Fn(Value) -> Value) -> Value {
    let one = |it: &Value| Box::new(mapped(it, change));
    let all = |it: &[Value]| it.iter().map(|it| mapped(it, change)).collect();
    let pairs = |it: &[(Value, Value)]| {
        it.iter().map(|(key, value)| (mapped(key, change), mapped(value, change))).collect()
    };
    change(match value {
        Value::Option(it) => Value::Option(it.as_ref().map(|it| one(it))),
        Value::Newtype(it) => Value::Newtype(one(it)),
        Value::Tuple(it) => Value::Tuple(all(it)),
        Value::TupleStruct(it) => Value::TupleStruct(all(it)),
        Value::Struct(it) => Value::Struct(all(it)),
        Value::Seq(len, it) => Value::Seq(*len, all(it)),
        Value::HashSet(hashing, it) => Value::HashSet(*hashing, all(it)),
        Value::HashMap(hashing, it) => Value::HashMap(*hashing, pairs(it)),
        Value::BTreeMap(it) => Value::BTreeMap(pairs(it)),
        Value::OrderedMap(len, it) => Value::OrderedMap(*len, pairs(it)),
        Value::Variant(number, shape, it) => Value::Variant(*number, *shape, one(it)),
        other => other.clone(),
    })
}

/// What of a value counts: every NaN is one NaN, and the order in which sets and maps were filled is none.
fn canonical(value: &Value) -> Value {
    mapped(value, &|it| match it {
        Value::F32(bits) if f32::from_bits(bits).is_nan() => Value::F32(0x7fc0_0000),
        Value::F64(bits) if f64::from_bits(bits).is_nan() => Value::F64(0x7ff8_0000_0000_0000),
        Value::HashSet(_, mut all) => {
            all.sort();
            Value::HashSet(Hashing::Fixed, all)
        }
        Value::HashMap(_, mut all) => {
            all.sort();
            Value::HashMap(Hashing::Fixed, all)
        }
        Value::BTreeMap(mut all) => {
            all.sort();
            Value::BTreeMap(all)
        }
        other => other,
    })
}

/// The same value: with its maps filled in another order, and by other hashers; with other NaNs.
fn made_otherwise(value: &Value) -> Value {
    let other = |it| match it {
        Hashing::Random => Hashing::Constant,
        Hashing::Fixed | Hashing::Constant => Hashing::Random,
    };
    mapped(value, &|it| match it {
        Value::F32(bits) if f32::from_bits(bits).is_nan() => Value::F32(bits ^ 0x8000_0000),
        Value::F64(bits) if f64::from_bits(bits).is_nan() => Value::F64(bits ^ (1 << 63)),
        Value::HashSet(it, all) => Value::HashSet(other(it), all.into_iter().rev().collect()),
        Value::HashMap(it, all) => Value::HashMap(other(it), all.into_iter().rev().collect()),
        Value::BTreeMap(all) => Value::BTreeMap(all.into_iter().rev().collect()),
        other => other,
    })
}

/// One value with a part of another one of its type.
fn grafted(value: &Value, other: &Value, choices: &[usize]) -> Value {
    let [choice, choices @ ..] = choices else { return other.clone() };
    let all = |a: &[Value], b: &[Value]| {
        let mut all = a.to_vec();
        let place = choice % a.len().max(1);
        if let (Some(here), Some(there)) = (a.get(place), b.get(place)) {
            all[place] = grafted(here, there, choices);
        }
        all
    };
    let pairs = |a: &[(Value, Value)], b: &[(Value, Value)]| {
        let mut all = a.to_vec();
        let place = choice % a.len().max(1);
        if let (Some(here), Some(there)) = (a.get(place), b.get(place)) {
            all[place].1 = grafted(&here.1, &there.1, choices);
        }
        all
    };
    match (value, other) {
        (Value::Option(Some(a)), Value::Option(Some(b))) => {
            Value::Option(Some(Box::new(grafted(a, b, choices))))
        }
        (Value::Newtype(a), Value::Newtype(b)) => Value::Newtype(Box::new(grafted(a, b, choices))),
        (Value::Tuple(a), Value::Tuple(b)) => Value::Tuple(all(a, b)),
        (Value::TupleStruct(a), Value::TupleStruct(b)) => Value::TupleStruct(all(a, b)),
        (Value::Struct(a), Value::Struct(b)) => Value::Struct(all(a, b)),
        (Value::Seq(len, a), Value::Seq(_, b)) => Value::Seq(*len, all(a, b)),
        (Value::HashMap(it, a), Value::HashMap(_, b)) => Value::HashMap(*it, pairs(a, b)),
        (Value::BTreeMap(a), Value::BTreeMap(b)) => Value::BTreeMap(pairs(a, b)),
        (Value::OrderedMap(len, a), Value::OrderedMap(_, b)) => {
            Value::OrderedMap(*len, pairs(a, b))
        }
        (Value::Variant(number, shape, a), Value::Variant(n, _, b)) if number == n => {
            Value::Variant(*number, *shape, Box::new(grafted(a, b, choices)))
        }
        (_, other) => other.clone(),
    }
}

/// What CBOR says of a value, as the format means it: written down here once more.
fn expected(value: &Value) -> Cbor {
    let all = |it: &[Value]| Cbor::Array(it.iter().map(expected).collect());
    let pairs = |it: &[(Value, Value)]| {
        Cbor::Map(it.iter().map(|(key, value)| (expected(key), expected(value))).collect())
    };
    let fields = |it: &[Value]| {
        let named = it.iter().zip(NAMES).map(|(it, name)| (Cbor::from(name), expected(it)));
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
        Value::Option(Some(it)) => match expected(it) {
            inner if is_nothing(&inner) => Cbor::Tag(TAG_SOME, Box::new(inner)),
            inner => inner,
        },
        Value::Newtype(it) => expected(it),
        Value::Tuple(it) | Value::TupleStruct(it) | Value::Seq(_, it) => all(it),
        Value::Struct(it) => fields(it),
        Value::HashSet(_, it) => Cbor::Tag(TAG_SET, Box::new(sorted(all(it)))),
        Value::HashMap(_, it) | Value::BTreeMap(it) => sorted(pairs(it)),
        Value::OrderedMap(_, it) => Cbor::Tag(TAG_ORDERED, Box::new(pairs(it))),
        Value::Variant(number, shape, content) => {
            let content = match (shape, &**content) {
                (Shape::Unit, _) => return Cbor::from(NAMES[*number]),
                (Shape::Struct, Value::Tuple(it)) => fields(it),
                (_, it) => expected(it),
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

/// What is read of the bytes, without what only packs it.
fn read(value: Cbor, is_ordered: bool) -> Cbor {
    match value {
        Cbor::Float(it) => float(it),
        Cbor::Tag(TAG_SEGMENTS, segments) => {
            let segments = segments.into_array().unwrap().into_iter().map(|it| read(it, false));
            Cbor::Array(segments.flat_map(|it| it.into_array().unwrap()).collect())
        }
        Cbor::Tag(TAG_ORDERED, inner) => Cbor::Tag(TAG_ORDERED, Box::new(read(*inner, true))),
        Cbor::Tag(TAG_SET, inner) => Cbor::Tag(TAG_SET, Box::new(sorted(read(*inner, false)))),
        Cbor::Tag(tag @ 64..=87, inner) => unpacked(tag, &inner.into_bytes().unwrap()),
        Cbor::Tag(tag, inner) => Cbor::Tag(tag, Box::new(read(*inner, false))),
        Cbor::Array(all) => Cbor::Array(all.into_iter().map(|it| read(it, false)).collect()),
        Cbor::Map(all) => {
            let pairs = all.into_iter().map(|(key, value)| (read(key, false), read(value, false)));
            let map = Cbor::Map(pairs.collect());
            // Those of structs come in their order, and are looked at sorted as well.
            if is_ordered { map } else { sorted(map) }
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

/// As what is read, without the order of what has none.
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

fn values() -> impl Strategy<Value = Value> {
    types().prop_flat_map(|it| it.values())
}

/// Two values of one type, the second partly the first.
fn pairs() -> impl Strategy<Value = (Value, Value)> {
    let choices = vec(0..8usize, 0..8);
    let pairs = types().prop_flat_map(|it| (it.values(), it.values()));
    (pairs, choices).prop_map(|((a, b), choices)| {
        let b = grafted(&a, &b, &choices);
        (a, b)
    })
}

proptest! {
    #![proptest_config(Config { cases: 2000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_value_signs_alike_however_it_was_made(value in values()) {
        let signature = signature_of(&value).unwrap();
        prop_assert_eq!(signature, signature_of(&value.clone()).unwrap());
        let other = made_otherwise(&value);
        prop_assert_eq!(canonical(&value), canonical(&other));
        prop_assert_eq!(bytes(&value), bytes(&other));
        prop_assert_eq!(signature, signature_of(&other).unwrap());
    }

    #[test]
    fn different_values_of_one_type_sign_differently((a, b) in pairs()) {
        let is_same = canonical(&a) == canonical(&b);
        prop_assert_eq!(bytes(&a) == bytes(&b), is_same);
        prop_assert_eq!(signature_of(&a).unwrap() == signature_of(&b).unwrap(), is_same);
    }

    #[test]
    fn the_bytes_are_read_as_the_value(value in values()) {
        let bytes = bytes(&value);
        let mut rest = &bytes[..];
        let found: Cbor = ciborium::from_reader(&mut rest).unwrap();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(read(found, false), looked_at(expected(&value)));
    }

    #[test]
    fn long_sequences_are_told_apart_and_read_back(
        (len, place, says_length) in (0..3usize, 0..9000usize, any::<bool>())
            .prop_map(|(many, place, says)| ([4096, 4097, 8193][many], place, says)),
        number in any::<u16>(),
        is_of_one_kind in any::<bool>(),
    ) {
        let of = |number: u16| {
            let mut all = vec![Value::U16(7); len];
            let odd = if is_of_one_kind { Value::U16(number) } else { Value::Str(number.to_string()) };
            all[place % len] = odd;
            Value::Seq(says_length, all)
        };
        let (a, b) = (of(number), of(number.wrapping_add(1)));
        prop_assert_ne!(signature_of(&a).unwrap(), signature_of(&b).unwrap());
        let found: Cbor = ciborium::from_reader(&bytes(&a)[..]).unwrap();
        prop_assert_eq!(read(found, false), expected(&a));
    }

    #[test]
    fn borrowed_and_owned_values_sign_alike(
        value in values(),
        text in ".{0,9}",
        numbers in vec(any::<i32>(), 0..9),
        map in proptest::collection::hash_map(any::<u8>(), any::<Option<bool>>(), 0..9),
    ) {
        let signature = signature_of(&value).unwrap();
        prop_assert_eq!(signature, signature_of(&&&value).unwrap());
        prop_assert_eq!(signature, signature_of(&Box::new(&value)).unwrap());
        prop_assert_eq!(signature, signature_of(&Cow::Borrowed(&value)).unwrap());
        prop_assert_eq!(signature_of(&text).unwrap(), signature_of(text.as_str()).unwrap());
        let boxed: Box<str> = text.as_str().into();
        prop_assert_eq!(signature_of(&text).unwrap(), signature_of(&boxed).unwrap());
        prop_assert_eq!(signature_of(&numbers).unwrap(), signature_of(&numbers[..]).unwrap());
        let cow = Cow::Borrowed(&numbers[..]);
        prop_assert_eq!(signature_of(&numbers).unwrap(), signature_of(&cow).unwrap());
        let of = signature_of(&map).unwrap();
        prop_assert_eq!(of, signature_of(&&map).unwrap());
        prop_assert_eq!(of, signature_of(&Box::new(&map)).unwrap());
        let sorted: std::collections::BTreeMap<_, _> = map.iter().collect();
        prop_assert_eq!(of, signature_of(&sorted).unwrap());
    }
}

/// Where another process writes the signatures that it has.
const FILE: &str = "PERENNIAL_TEST_SIGNATURES";

/// Signs the same values in every process.
fn batch() -> Vec<Signature> {
    let mut runner = TestRunner::deterministic();
    let strategy = values();
    let value = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..500).map(value).map(|it| signature_of(&it).unwrap()).collect()
}

#[test]
fn other_processes_sign_alike() {
    let signatures = batch().iter().map(|it| format!("{it}\n")).collect::<String>();
    if let Some(path) = env::var_os(FILE) {
        fs::write(path, signatures).unwrap();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for number in 0..3 {
        let path = folder.path().join(number.to_string());
        let name = concat!(module_path!(), "::other_processes_sign_alike");
        let name = name.split_once("::").unwrap().1;
        let child = Command::new(env::current_exe().unwrap())
            .args([name, "--exact", "--quiet"])
            .env(FILE, &path)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        assert_eq!(fs::read_to_string(path).unwrap(), signatures);
    }
    let distinct: std::collections::BTreeSet<_> = signatures.lines().collect();
    assert!(distinct.len() > 250, "only {} of 500 differ", distinct.len());
}
