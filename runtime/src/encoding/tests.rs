use std::{
    collections::{BTreeMap, BinaryHeap, HashMap, HashSet},
    fmt::Write as _,
};

use ciborium::Value;
use serde::{
    Serialize,
    ser::{SerializeMap, SerializeSeq},
};

use super::*;

fn bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(value, &mut bytes).unwrap();
    bytes
}

#[track_caller]
fn check<T: Serialize + ?Sized>(value: &T, hex: &str) {
    let mut found = String::new();
    bytes(value).iter().for_each(|byte| write!(found, "{byte:02x}").unwrap());
    assert_eq!(found, hex);
}

/// What ciborium writes of a value and what it reads of ours must be equal, once typed arrays,
/// segments and marks are undone.
#[track_caller]
fn check_value<T: Serialize + ?Sized>(value: &T) {
    let ours: Value = ciborium::from_reader(&bytes(value)[..]).unwrap();
    let theirs = Value::serialized(value).unwrap();
    assert_eq!(plain(ours), plain(theirs));
}

fn plain(value: Value) -> Value {
    match value {
        Value::Tag(TAG_SOME | TAG_ORDERED, inner) => plain(*inner),
        Value::Tag(TAG_SEGMENTS, segments) => {
            let Value::Array(segments) = *segments else { panic!("segments are an array") };
            let elements = segments.into_iter().map(plain).flat_map(|it| it.into_array().unwrap());
            Value::Array(elements.collect())
        }
        Value::Tag(tag, inner) if (64..=87).contains(&tag) => {
            let bytes = inner.into_bytes().unwrap();
            let width = match tag {
                64 | 72 => 1,
                69 | 77 => 2,
                70 | 78 | 85 => 4,
                _ => 8,
            };
            Value::Array(bytes.chunks_exact(width).map(|it| number(tag, it)).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        Value::Map(entries) => {
            let mut entries: Vec<_> =
                entries.into_iter().map(|(key, value)| (plain(key), plain(value))).collect();
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
            Value::Map(entries)
        }
        other => other,
    }
}

fn number(tag: u64, bytes: &[u8]) -> Value {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    match tag {
        64 | 69..=71 => Value::from(u64::from_le_bytes(wide)),
        85 => Value::Float(f64::from(f32::from_le_bytes(bytes.try_into().unwrap()))),
        86 => Value::Float(f64::from_le_bytes(wide)),
        _ => {
            let shift = 64 - 8 * u32::try_from(bytes.len()).unwrap();
            Value::from((i64::from_le_bytes(wide) << shift) >> shift)
        }
    }
}

#[test]
fn numbers_have_their_shortest_or_declared_width() {
    check(&23u64, "17");
    check(&24u8, "1818");
    check(&256u64, "190100");
    check(&-1i64, "20");
    check(&i64::MIN, "3b7fffffffffffffff");
    check(&u64::MAX, "1bffffffffffffffff");
    check(&(u128::from(u64::MAX) + 1), "c249010000000000000000");
    check(&(-i128::from(u64::MAX) - 2), "c349010000000000000000");
    check(&5u128, "05");
    check(&1.5f32, "fa3fc00000");
    check(&1.5f64, "fb3ff8000000000000");
    check(&-0.0f64, "fb8000000000000000");
    check(&f64::from_bits(0xfff8_0000_0000_0001), "fb7ff8000000000000");
    check(&f32::from_bits(0xffc0_0001), "fa7fc00000");
    check(&'ü', "62c3bc");
    check("a", "6161");
    check(&true, "f5");
    check(&(), "f6");
}

#[test]
fn every_depth_of_some_and_none_differs() {
    type Deep = Option<Option<Option<()>>>;
    let values: [Deep; 4] = [None, Some(None), Some(Some(None)), Some(Some(Some(())))];
    check(&values[0], "f6");
    check(&values[1], "da50450001f6");
    for (i, a) in values.iter().enumerate() {
        for b in &values[..i] {
            assert_ne!(bytes(a), bytes(b), "{a:?} {b:?}");
        }
    }
    check(&Some(7), "07");
}

#[test]
fn sequences_of_one_kind_are_typed_arrays() {
    check(&[0u8; 0], "80");
    check(&[1u8, 2], "d840420102");
    check(&[258u16], "d845420201");
    check(&[-2i32], "d84e44feffffff");
    check(&[1.5f64], "d85648000000000000f83f");
    check(&[f64::NAN], "d85648000000000000f87f");
    check(&(1u8, 2u8), "d840420102");
    check(&(1u8, 2u16), "820102");
    check(&(1u8, "a"), "82016161");
    check(&[Some(1u8), None], "8201f6");
    check(&vec![vec![1u8], vec![]], "82d840410180");
}

#[test]
fn long_sequences_are_segments_of_4096() {
    let of = |len: usize| vec![7u8; len];
    assert_eq!(bytes(&of(4096))[..5], [0xd8, 64, 0x59, 0x10, 0x00]);
    let long = bytes(&of(4097));
    assert_eq!(long[..6], [0xda, 0x50, 0x45, 0x00, 0x02, 0x82]);
    assert_eq!(long[long.len() - 4..], [0xd8, 64, 0x41, 7]);
    // Two lists of that shape are not one long list.
    assert_ne!(bytes(&vec![of(4096), of(1)]), long);
}

/// A sequence that doesn't say how long it is.
struct Unsaid<'a, T>(&'a [T]);

impl<T: Serialize> Serialize for Unsaid<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        self.0.iter().try_for_each(|it| sequence.serialize_element(it))?;
        sequence.end()
    }
}

#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Mixed {
    Number(u32),
    Other(u16),
    Text(&'static str),
    Nothing,
}

#[test]
fn known_and_unknown_lengths_give_the_same_bytes_wherever_the_kind_changes() {
    for len in [0, 1, 2, 4095, 4096, 4097, 8192, 8193] {
        for odd in [Mixed::Number(1), Mixed::Other(1), Mixed::Text("x"), Mixed::Nothing] {
            for place in [0, 1, 2000, 4095, 4096, 4097, 8192] {
                let mut values = vec![Mixed::Number(70_000); len];
                if let Some(value) = values.get_mut(place) {
                    *value = odd.clone();
                }
                assert_eq!(bytes(&values), bytes(&Unsaid(&values)), "{len} {place}");
                check_value(&values);
            }
        }
    }
}

#[test]
fn a_broken_promise_of_length_is_an_error() {
    struct Promise(usize);
    impl Serialize for Promise {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut sequence = serializer.serialize_seq(Some(self.0))?;
            sequence.serialize_element(&1u8)?;
            sequence.end()
        }
    }
    assert!(encode(&Promise(0), &mut Vec::new()).is_err());
    assert!(encode(&Promise(1), &mut Vec::new()).is_ok());
    assert!(encode(&Promise(2), &mut Vec::new()).is_err());
}

#[test]
fn maps_are_sorted_by_their_encoded_keys() {
    let hashed: HashMap<String, u32> = (0..500).map(|it| (format!("key {it}"), it)).collect();
    let sorted: BTreeMap<String, u32> = hashed.clone().into_iter().collect();
    assert_eq!(bytes(&hashed), bytes(&sorted));
    check(&BTreeMap::from([("b", 1), ("aa", 2), ("a", 3)]), "a361610361620162616102");
    check(&HashMap::from([(10, 'x'), (-1, 'y')]), "a20a6178206179");
    check_value(&hashed);
}

/// Serialises as a map in the order of its pairs, as maps do that keep insertions.
struct Pairs<'a>(&'a [(&'a str, u8)], bool);

impl Serialize for Pairs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(self.1.then_some(self.0.len()))?;
        self.0.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

#[test]
fn a_map_of_another_type_keeps_its_order() {
    let (ab, ba) = ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]);
    check(&Pairs(&ab, true), "da50450004a2616101616202");
    check(&Pairs(&ba, true), "da50450004a2616202616101");
    for pairs in [&ab, &ba] {
        assert_eq!(bytes(&Pairs(pairs, true)), bytes(&Pairs(pairs, false)));
    }
    check_value(&Pairs(&ba, true));
    check(&BTreeMap::from([("x", Pairs(&ba, true))]), "a16178da50450004a2616202616101");
    // What only the loose form compares is the same.
    let loose = |pairs| {
        let mut bytes = Vec::new();
        encode_in(Mode::Loose, &Pairs(pairs, true), &mut bytes).unwrap();
        bytes
    };
    assert_eq!(loose(&ab), loose(&ba));
}

#[test]
fn a_broken_promise_of_a_maps_length_is_an_error() {
    struct Promise(usize);
    impl Serialize for Promise {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(self.0))?;
            map.serialize_key("a")?;
            map.serialize_value(&1)?;
            map.end()
        }
    }
    assert!(encode(&Promise(0), &mut Vec::new()).is_err());
    assert!(encode(&Promise(1), &mut Vec::new()).is_ok());
    assert!(encode(&Promise(2), &mut Vec::new()).is_err());
}

#[derive(Serialize)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    rest: BTreeMap<&'static str, u8>,
}

#[derive(Serialize)]
#[serde(tag = "t")]
enum Tagged {
    A(BTreeMap<&'static str, &'static str>),
    B(BTreeMap<&'static str, &'static str>),
}

#[test]
fn a_key_given_twice_keeps_the_order_of_its_values() {
    let flat = |a, rest| Flat { a, rest: BTreeMap::from([("a", rest)]) };
    assert_ne!(bytes(&flat(1, 5)), bytes(&flat(5, 1)));
    let map = |tag| BTreeMap::from([("t", tag)]);
    assert_ne!(bytes(&Tagged::A(map("B"))), bytes(&Tagged::B(map("A"))));
}

#[derive(Serialize)]
struct Wrapped<'a>(&'a HashSet<u32>);

#[test]
fn sets_have_no_order_and_heaps_have_one() {
    let sets = |of: fn(&mut Vec<u32>)| {
        let mut values: Vec<u32> = (0..500).collect();
        of(&mut values);
        values.into_iter().collect::<HashSet<_>>()
    };
    assert_eq!(bytes(&sets(|_| {})), bytes(&sets(|it| it.reverse())));
    check(&HashSet::from([10, -1]), "da50450003820a20");
    check(&HashSet::<u8>::new(), "da5045000380");
    check(&Some(&HashSet::from(["a"])), "da50450003816161");
    // Somewhere inside, and behind the wrapper of a newtype.
    let nested = |set: HashSet<u32>| bytes(&vec![(1, Wrapped(&set))]);
    assert_eq!(nested(sets(|_| {})), nested(sets(|it| it.reverse())));
    let heap = BinaryHeap::from([1u8, 2]);
    check(&heap, "d840420201");
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Newtype(u8);

#[derive(Serialize)]
enum Shape {
    Empty,
    Round(f64),
    Box(u8, f32),
    Named { width: u8, height: Option<u8> },
}

#[derive(Serialize)]
struct Row {
    z: u8,
    a: Vec<i16>,
    shapes: Vec<Shape>,
    bytes: Vec<u8>,
    nested: BTreeMap<(u8, char), Option<Newtype>>,
}

#[test]
fn structs_keep_their_order_and_enums_their_names() {
    check(&Unit, "f6");
    check(&Newtype(1), "01");
    check(&Shape::Empty, "65456d707479");
    check(&Shape::Round(1.5), "a165526f756e64fb3ff8000000000000");
    check(&Shape::Box(1, 1.5), "a163426f788201fa3fc00000");
    check(
        &Shape::Named { width: 1, height: None },
        "a1654e616d6564a26577696474680166686569676874f6",
    );
}

#[test]
fn ciborium_reads_what_is_written() {
    let row = Row {
        z: 1,
        a: vec![-1, 300, i16::MIN],
        shapes: vec![
            Shape::Empty,
            Shape::Round(-0.0),
            Shape::Box(1, 2.5),
            Shape::Named { width: 3, height: Some(4) },
        ],
        bytes: vec![0, 255],
        nested: BTreeMap::from([((1, 'a'), Some(Newtype(1))), ((0, 'b'), None)]),
    };
    check_value(&row);
    check_value(&vec![i64::MIN, -1, 0, i64::MAX]);
    check_value(&vec![f32::MIN_POSITIVE, f32::INFINITY]);
    check_value(&[u64::MAX, 0]);
    check_value(&vec![Some("a"), None]);
}
