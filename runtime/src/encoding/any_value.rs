//! Any value of serde's data model, with its type: two values of one type can be compared, which two of
//! different types can't, since the type is in the code and not in the encoding.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hasher},
};

use proptest::{collection::vec, prelude::*, sample::select};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The names that fields and variants have, in their order.
pub(super) const NAMES: [&str; 4] = ["a", "b", "value", "None"];

/// A type that a program may have.
#[derive(Clone, Debug)]
pub(super) enum Type {
    /// One of the types without a content of others.
    Plain(Plain),
    Option(Box<Type>),
    Newtype(Box<Type>),
    Tuple(Vec<Type>),
    TupleStruct(Vec<Type>),
    Struct(Vec<Type>),
    /// With `true` it says its length.
    Seq(bool, Box<Type>),
    HashSet(Plain),
    HashMap(Plain, Box<Type>),
    BTreeMap(Plain, Box<Type>),
    /// A map that keeps insertions, and says its length with `true`.
    OrderedMap(bool, Plain, Box<Type>),
    /// Up to four variants, each with its content.
    Enum(Vec<(Shape, Type)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    Bool,
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
    F32,
    F64,
    Char,
    Str,
    Bytes,
    Unit,
    UnitStruct,
}

/// What stands behind a variant's name. The content of the last two is a tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shape {
    Unit,
    Newtype,
    Tuple,
    Struct,
}

/// A value of a type. Floats are their bits, so that values can be keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Value {
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    F32(u32),
    F64(u64),
    Char(char),
    Str(String),
    Bytes(Vec<u8>),
    Unit,
    UnitStruct,
    Option(Option<Box<Value>>),
    Newtype(Box<Value>),
    Tuple(Vec<Value>),
    TupleStruct(Vec<Value>),
    Struct(Vec<Value>),
    Seq(bool, Vec<Value>),
    HashSet(Hashing, Vec<Value>),
    HashMap(Hashing, Vec<(Value, Value)>),
    BTreeMap(Vec<(Value, Value)>),
    OrderedMap(bool, Vec<(Value, Value)>),
    Variant(usize, Shape, Box<Value>),
}

/// How a hash map finds its keys, which decides in which order it gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Hashing {
    Random,
    Fixed,
    /// All keys collide.
    Constant,
}

#[derive(Default)]
struct Constant;

impl Hasher for Constant {
    fn finish(&self) -> u64 {
        7
    }

    fn write(&mut self, _: &[u8]) {}
}

const PLAIN: &[Plain] = &[
    Plain::U8,
    Plain::Bool,
    Plain::U16,
    Plain::U32,
    Plain::U64,
    Plain::U128,
    Plain::I8,
    Plain::I16,
    Plain::I32,
    Plain::I64,
    Plain::I128,
    Plain::Char,
    Plain::Str,
    Plain::Bytes,
    Plain::Unit,
    Plain::UnitStruct,
    Plain::F32,
    Plain::F64,
];

/// Any type, up to ten deep.
pub(super) fn types() -> impl Strategy<Value = Type> {
    // No program has a map whose keys are floats.
    let keys = || select(&PLAIN[..PLAIN.len() - 2]);
    select(PLAIN).prop_map(Type::Plain).prop_recursive(10, 40, 3, move |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        let list = || vec(inner.clone(), 1..4);
        let variant = (inner.clone(), vec(inner.clone(), 1..4), 0..4u8).prop_map(|(one, all, it)| match it {
            0 => (Shape::Unit, Type::Plain(Plain::Unit)),
            1 => (Shape::Newtype, one),
            2 => (Shape::Tuple, Type::Tuple(all)),
            _ => (Shape::Struct, Type::Tuple(all)),
        });
        prop_oneof![
            3 => boxed().prop_map(Type::Option),
            1 => boxed().prop_map(Type::Newtype),
            1 => list().prop_map(Type::Tuple),
            1 => list().prop_map(Type::TupleStruct),
            2 => list().prop_map(Type::Struct),
            2 => (any::<bool>(), boxed()).prop_map(|(len, it)| Type::Seq(len, it)),
            1 => keys().prop_map(Type::HashSet),
            1 => (keys(), boxed()).prop_map(|(key, it)| Type::HashMap(key, it)),
            1 => (keys(), boxed()).prop_map(|(key, it)| Type::BTreeMap(key, it)),
            1 => (any::<bool>(), keys(), boxed()).prop_map(|(len, key, it)| Type::OrderedMap(len, key, it)),
            3 => vec(variant, 1..=NAMES.len()).prop_map(Type::Enum),
        ]
    })
}

impl Type {
    /// Values of this type: many are equal, or nearly so.
    pub(super) fn values(&self) -> BoxedStrategy<Value> {
        let all = |types: &[Self]| types.iter().map(Self::values).collect::<Vec<_>>();
        let pairs = |key: &Plain, value: &Self| {
            proptest::collection::btree_map(key.values(), value.values(), 0..4)
                .prop_map(|it| it.into_iter().collect::<Vec<_>>())
        };
        let hashing = select(&[Hashing::Random, Hashing::Fixed, Hashing::Constant][..]);
        match self {
            Self::Plain(it) => it.values(),
            Self::Option(it) => proptest::option::of(it.values())
                .prop_map(|it| Value::Option(it.map(Box::new)))
                .boxed(),
            Self::Newtype(it) => it.values().prop_map(|it| Value::Newtype(Box::new(it))).boxed(),
            Self::Tuple(types) => all(types).prop_map(Value::Tuple).boxed(),
            Self::TupleStruct(types) => all(types).prop_map(Value::TupleStruct).boxed(),
            Self::Struct(types) => all(types).prop_map(Value::Struct).boxed(),
            Self::Seq(len, it) => {
                let len = *len;
                vec(it.values(), 0..4).prop_map(move |it| Value::Seq(len, it)).boxed()
            }
            Self::HashSet(it) => (hashing, proptest::collection::btree_set(it.values(), 0..4))
                .prop_map(|(hashing, it)| Value::HashSet(hashing, it.into_iter().collect()))
                .boxed(),
            Self::HashMap(key, it) => (hashing, pairs(key, it))
                .prop_map(|(hashing, it)| Value::HashMap(hashing, it))
                .boxed(),
            Self::BTreeMap(key, it) => pairs(key, it).prop_map(Value::BTreeMap).boxed(),
            Self::OrderedMap(len, key, it) => {
                let len = *len;
                pairs(key, it).prop_shuffle().prop_map(move |it| Value::OrderedMap(len, it)).boxed()
            }
            Self::Enum(variants) => {
                let variants: Vec<_> = variants
                    .iter()
                    .enumerate()
                    .map(|(number, (shape, it))| {
                        let shape = *shape;
                        it.values()
                            .prop_map(move |it| Value::Variant(number, shape, Box::new(it)))
                            .boxed()
                    })
                    .collect();
                proptest::strategy::Union::new(variants).boxed()
            }
        }
    }
}

macro_rules! edges {
    ($type:ty, $of:path) => {{
        const EDGES: &[$type] = &[0, 1, 23, 24, 100, <$type>::MAX, <$type>::MIN, <$type>::MAX - 1];
        prop_oneof![4 => select(EDGES), 1 => any::<$type>()].prop_map($of).boxed()
    }};
}

impl Plain {
    fn values(self) -> BoxedStrategy<Value> {
        let text = "[a\u{0}ü😀]{0,3}";
        match self {
            Self::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
            Self::U8 => edges!(u8, Value::U8),
            Self::U16 => edges!(u16, Value::U16),
            Self::U32 => edges!(u32, Value::U32),
            Self::U64 => edges!(u64, Value::U64),
            Self::U128 => edges!(u128, Value::U128),
            Self::I8 => edges!(i8, Value::I8),
            Self::I16 => edges!(i16, Value::I16),
            Self::I32 => edges!(i32, Value::I32),
            Self::I64 => edges!(i64, Value::I64),
            Self::I128 => edges!(i128, Value::I128),
            // Zeros, infinities and several NaNs among them.
            Self::F32 => {
                let edges =
                    select(&[0, 1 << 31, 0x7f80_0000, 0x7fc0_0000, 0xffc0_0001, 0x3f80_0000][..]);
                prop_oneof![4 => edges, 1 => any::<u32>()].prop_map(Value::F32).boxed()
            }
            Self::F64 => {
                let edges = [0.0, -0.0, f64::INFINITY, f64::NAN, -f64::NAN, 1.0].map(f64::to_bits);
                prop_oneof![4 => select(edges.to_vec()), 1 => any::<u64>()]
                    .prop_map(Value::F64)
                    .boxed()
            }
            Self::Char => select(&['a', '\0', 'ü', '😀'][..]).prop_map(Value::Char).boxed(),
            Self::Str => text.prop_map(Value::Str).boxed(),
            Self::Bytes => vec(0..3u8, 0..4).prop_map(Value::Bytes).boxed(),
            Self::Unit => Just(Value::Unit).boxed(),
            Self::UnitStruct => Just(Value::UnitStruct).boxed(),
        }
    }
}

/// Serialises a map as its type would, which the encoder knows by the type's name.
fn hash_map<S: Serializer, H: BuildHasher + Default>(
    pairs: &[(Value, Value)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let map: HashMap<&Value, &Value, H> = pairs.iter().map(|(key, value)| (key, value)).collect();
    serializer.serialize_newtype_struct("Map", &map)
}

fn hash_set<S: Serializer, H: BuildHasher + Default>(
    elements: &[Value],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let set: HashSet<&Value, H> = elements.iter().collect();
    serializer.serialize_newtype_struct("Set", &set)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(it) => serializer.serialize_bool(*it),
            Self::U8(it) => serializer.serialize_u8(*it),
            Self::U16(it) => serializer.serialize_u16(*it),
            Self::U32(it) => serializer.serialize_u32(*it),
            Self::U64(it) => serializer.serialize_u64(*it),
            Self::U128(it) => serializer.serialize_u128(*it),
            Self::I8(it) => serializer.serialize_i8(*it),
            Self::I16(it) => serializer.serialize_i16(*it),
            Self::I32(it) => serializer.serialize_i32(*it),
            Self::I64(it) => serializer.serialize_i64(*it),
            Self::I128(it) => serializer.serialize_i128(*it),
            Self::F32(it) => serializer.serialize_f32(f32::from_bits(*it)),
            Self::F64(it) => serializer.serialize_f64(f64::from_bits(*it)),
            Self::Char(it) => serializer.serialize_char(*it),
            Self::Str(it) => serializer.serialize_str(it),
            Self::Bytes(it) => serializer.serialize_bytes(it),
            Self::Unit => serializer.serialize_unit(),
            Self::UnitStruct => serializer.serialize_unit_struct("Unit"),
            Self::Option(None) => serializer.serialize_none(),
            Self::Option(Some(it)) => serializer.serialize_some(&**it),
            Self::Newtype(it) => serializer.serialize_newtype_struct("Newtype", &**it),
            Self::Tuple(all) => {
                let mut tuple = serializer.serialize_tuple(all.len())?;
                all.iter().try_for_each(|it| tuple.serialize_element(it))?;
                tuple.end()
            }
            Self::TupleStruct(all) => {
                let mut tuple = serializer.serialize_tuple_struct("Tuple", all.len())?;
                all.iter().try_for_each(|it| tuple.serialize_field(it))?;
                tuple.end()
            }
            Self::Struct(all) => {
                let mut fields = serializer.serialize_struct("Struct", all.len())?;
                all.iter()
                    .zip(NAMES)
                    .try_for_each(|(it, name)| fields.serialize_field(name, it))?;
                fields.end()
            }
            Self::Seq(len, all) => {
                let mut sequence = serializer.serialize_seq(len.then_some(all.len()))?;
                all.iter().try_for_each(|it| sequence.serialize_element(it))?;
                sequence.end()
            }
            Self::HashSet(Hashing::Random, all) => {
                hash_set::<S, std::hash::RandomState>(all, serializer)
            }
            Self::HashSet(Hashing::Fixed, all) => {
                hash_set::<S, BuildHasherDefault<DefaultHasher>>(all, serializer)
            }
            Self::HashSet(Hashing::Constant, all) => {
                hash_set::<S, BuildHasherDefault<Constant>>(all, serializer)
            }
            Self::HashMap(Hashing::Random, all) => {
                hash_map::<S, std::hash::RandomState>(all, serializer)
            }
            Self::HashMap(Hashing::Fixed, all) => {
                hash_map::<S, BuildHasherDefault<DefaultHasher>>(all, serializer)
            }
            Self::HashMap(Hashing::Constant, all) => {
                hash_map::<S, BuildHasherDefault<Constant>>(all, serializer)
            }
            Self::BTreeMap(all) => {
                let map: BTreeMap<_, _> = all.iter().map(|(key, value)| (key, value)).collect();
                serializer.serialize_newtype_struct("Map", &map)
            }
            Self::OrderedMap(len, all) => {
                let mut map = serializer.serialize_map(len.then_some(all.len()))?;
                all.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            Self::Variant(number, shape, content) => variant(*number, *shape, content, serializer),
        }
    }
}

fn variant<S: Serializer>(
    number: usize,
    shape: Shape,
    content: &Value,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let (index, name) = (u32::try_from(number).unwrap(), NAMES[number]);
    match (shape, content) {
        (Shape::Tuple, Value::Tuple(all)) => {
            let mut tuple = serializer.serialize_tuple_variant("Enum", index, name, all.len())?;
            all.iter().try_for_each(|it| tuple.serialize_field(it))?;
            tuple.end()
        }
        (Shape::Struct, Value::Tuple(all)) => {
            let mut fields = serializer.serialize_struct_variant("Enum", index, name, all.len())?;
            all.iter().zip(NAMES).try_for_each(|(it, name)| fields.serialize_field(name, it))?;
            fields.end()
        }
        (Shape::Unit, _) => serializer.serialize_unit_variant("Enum", index, name),
        (_, it) => serializer.serialize_newtype_variant("Enum", index, name, it),
    }
}
