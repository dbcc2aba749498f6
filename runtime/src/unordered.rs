//! For serde: a field whose elements' order says nothing.
//!
//! serde shows a set and a list by one name. Sets of std are known by their types; for others, such as
//! a `Vec` that is used as a set, this keeps their order out of keys: two calls whose arguments differ
//! in it alone are one. How often an element occurs still counts.
//!
//! # Examples
//!
//! ```
//! use perennial::signature_of;
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Query {
//!     #[serde(with = "perennial::unordered")]
//!     tags: Vec<&'static str>,
//! }
//!
//! let [a, b] = [["x", "y"], ["y", "x"]].map(|it| Query { tags: it.to_vec() });
//! assert_eq!(signature_of(&a)?, signature_of(&b)?);
//! # Ok::<(), perennial::Error>(())
//! ```

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::encoding::UNORDERED;

/// Serialises a collection as it is, for other formats than that of keys.
///
/// # Errors
///
/// The value's `Serialize` fails.
pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Serialize + ?Sized,
    S: Serializer,
{
    serializer.serialize_newtype_struct(UNORDERED, value)
}

/// Deserialises a collection as it is.
///
/// # Errors
///
/// The value's `Deserialize` fails.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer)
}

/// An argument whose elements' order says nothing.
#[doc(hidden)]
pub struct Unordered<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Serialize for Unordered<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0, serializer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::signature_of;

    #[test]
    fn order_is_left_out_and_counts_are_not() {
        let of = |list: &[u8]| signature_of(&Unordered(&list)).unwrap();
        assert_eq!(of(&[1, 2, 3]), of(&[3, 1, 2]));
        assert_ne!(of(&[1, 2]), of(&[1, 2, 2]));
        assert_ne!(of(&[1, 2]), of(&[1, 3]));
        assert_ne!(of(&[1, 2]), signature_of(&[1u8, 2][..]).unwrap());
        let of = |array: [f64; 3]| signature_of(&Unordered(&array)).unwrap();
        assert_eq!(of([1.0, 2.0, 3.0]), of([3.0, 1.0, 2.0]));
    }

    #[test]
    fn only_the_outermost_collection_is_unordered() {
        let of = |lists: Vec<Vec<u8>>| signature_of(&Unordered(&lists)).unwrap();
        assert_eq!(of(vec![vec![1, 2], vec![3]]), of(vec![vec![3], vec![1, 2]]));
        assert_ne!(of(vec![vec![1, 2], vec![3]]), of(vec![vec![2, 1], vec![3]]));
    }

    #[test]
    fn a_set_is_what_it_was() {
        let set: HashSet<u8> = (0..50).collect();
        assert_eq!(signature_of(&Unordered(&set)).unwrap(), signature_of(&set).unwrap());
        let map: HashMap<u8, u8> = (0..50).map(|it| (it, 1)).collect();
        assert_eq!(signature_of(&Unordered(&map)).unwrap(), signature_of(&map).unwrap());
    }
}
