//! What must hold of every value: equal ones have equal signatures, in any order of their maps and in any
//! process; different ones of one type have different signatures; and the bytes say the value.

use std::{borrow::Cow, env, fs, process::Command};

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};

use super::{
    any_value::{Hashing, Value, types},
    decoded, encode,
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
        prop_assert_eq!(decoded::read(&bytes(&value)), decoded::expected(&value));
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
        prop_assert_eq!(decoded::read(&bytes(&a)), decoded::expected(&a));
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
    let signatures = batch().iter().map(Signature::to_string).collect::<Vec<_>>().join("\n");
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
