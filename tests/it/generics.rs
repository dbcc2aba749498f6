//! Generic functions and methods: each choice of types has results of its own.

use std::{fmt::Display, marker::PhantomData};

use perennial::memo;
use serde::{Deserialize, Serialize};

use crate::counted::{ran, runs};

#[memo(allow(statics))]
fn shown<T: Display + Serialize, const N: usize>(value: &T) -> String {
    ran();
    value.to_string().repeat(N)
}

#[memo(allow(statics))]
fn counted(
    values: impl IntoIterator<Item = u8> + Serialize,
    by: &(impl Display + Serialize),
) -> usize {
    ran();
    values.into_iter().count() + by.to_string().len()
}

#[test]
fn types_and_constants_are_in_the_key() {
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(shown::<_, 2>(&1u8), "11");
            assert_eq!(shown::<_, 2>(&1u16), "11");
            assert_eq!(shown::<_, 3>(&1u8), "111");
        }
    });
    assert_eq!(count, 3);
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(counted(vec![1, 2], &1), 3);
            assert_eq!(counted([1, 2], &1), 3);
            assert_eq!(counted([1, 2], &"ab"), 4);
        }
    });
    assert_eq!(count, 3);
}

trait Unit {
    const NAME: &'static str;

    fn parts(&self) -> u32;

    #[memo(allow(statics))]
    fn label(&self) -> String
    where
        Self: Serialize,
    {
        ran();
        format!("{} {}", self.parts(), Self::NAME)
    }
}

#[derive(Serialize)]
struct Metre(u32);
#[derive(Serialize)]
struct Foot(u32);

impl Unit for Metre {
    const NAME: &'static str = "m";

    fn parts(&self) -> u32 {
        self.0
    }
}

impl Unit for Foot {
    const NAME: &'static str = "ft";

    fn parts(&self) -> u32 {
        self.0 * 12
    }
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Series<U> {
    values: Vec<u32>,
    #[serde(skip)]
    unit: PhantomData<U>,
}

impl<U: Unit> Series<U> {
    fn new(values: &[u32]) -> Self {
        Self { values: values.to_vec(), unit: PhantomData }
    }

    #[memo(allow(statics))]
    fn sum(&self) -> String {
        ran();
        format!("{} {}", self.values.iter().sum::<u32>(), U::NAME)
    }

    #[memo(allow(statics))]
    fn reversed(mut self) -> Self
    where
        U: PartialEq,
    {
        ran();
        self.values.reverse();
        self
    }
}

impl<U> PartialEq<Series<U>> for u32 {
    fn eq(&self, other: &Series<U>) -> bool {
        other.values.contains(self)
    }
}

#[test]
fn methods_of_generic_types_and_of_traits_are_memoized_for_each_type() {
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(Metre(3).label(), "3 m");
            assert_eq!(Foot(3).label(), "36 ft");
            assert_eq!(Series::<Metre>::new(&[1, 2]).sum(), "3 m");
            assert_eq!(Series::<Foot>::new(&[1, 2]).sum(), "3 ft");
        }
    });
    assert_eq!(count, 4);
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Nothing;

impl Unit for Nothing {
    const NAME: &'static str = "";

    fn parts(&self) -> u32 {
        0
    }
}

#[test]
fn self_can_be_taken_by_value() {
    let count = runs(|| {
        for _ in 0..2 {
            let series = Series::<Nothing>::new(&[1, 2, 3]);
            assert_eq!(series.reversed().values, [3, 2, 1]);
        }
    });
    assert_eq!(count, 1);
}

#[derive(Serialize)]
struct Named<F> {
    name: u8,
    #[serde(skip)]
    function: F,
}

#[memo(allow(statics))]
fn applied<F: Fn(u8) -> u8>(named: &Named<F>) -> u8 {
    ran();
    (named.function)(named.name)
}

#[test]
fn closures_are_told_apart() {
    let count = runs(|| {
        for _ in 0..2 {
            assert_eq!(applied(&Named { name: 1, function: |it| it + 1 }), 2);
            assert_eq!(applied(&Named { name: 1, function: |it| it + 2 }), 3);
        }
    });
    assert_eq!(count, 2);
}

#[memo(allow(statics))]
fn named<T: Serialize + Unit>(unit: &T) -> String {
    ran();
    format!("{} {}", unit.parts(), T::NAME)
}

#[test]
fn types_of_one_path_are_told_apart() {
    fn both() -> String {
        #[derive(Serialize)]
        struct Local;
        impl Unit for Local {
            const NAME: &'static str = "a";

            fn parts(&self) -> u32 {
                1
            }
        }
        let name = named(&Local);
        {
            #[derive(Serialize)]
            struct Local;
            impl Unit for Local {
                const NAME: &'static str = "b";

                fn parts(&self) -> u32 {
                    1
                }
            }
            name + ", " + &named(&Local)
        }
    }
    assert_eq!(runs(|| (0..2).for_each(|_| assert_eq!(both(), "1 a, 1 b"))), 2);
}

trait Made {
    fn made() -> Self;
}

impl Made for Result<u8, String> {
    fn made() -> Self {
        ran();
        Err("not yet".to_owned())
    }
}

impl Made for u8 {
    fn made() -> Self {
        ran();
        7
    }
}

#[memo(allow(statics))]
fn made<R: Made + Serialize + serde::de::DeserializeOwned>() -> R {
    R::made()
}

#[test]
fn errors_behind_a_type_parameter_are_not_stored() {
    assert_eq!(runs(|| (0..3).for_each(|_| assert!(made::<Result<u8, String>>().is_err()))), 3);
    assert_eq!(runs(|| (0..3).for_each(|_| assert_eq!(made::<u8>(), 7))), 1);
}
