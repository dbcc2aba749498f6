//! `#[memo]` beside other attributes, in either order, and in functions.

use perennial::memo;
use tracing::instrument;

use crate::counted::{ran, runs};

#[memo(allow(statics))]
#[instrument]
fn inside(x: u8) -> u8 {
    ran();
    x + 1
}

#[instrument]
#[memo(allow(statics))]
fn outside(x: u8) -> u8 {
    ran();
    x + 2
}

#[instrument]
#[memo(allow(statics))]
async fn outside_a_future(x: &str) -> Result<u8, std::num::ParseIntError> {
    ran();
    let x: u8 = x.parse()?;
    smol::future::yield_now().await;
    Ok(x)
}

#[memo(allow(statics))]
#[instrument(skip(x), err)]
async fn inside_a_future(x: &str) -> Result<u8, std::num::ParseIntError> {
    ran();
    smol::future::yield_now().await;
    x.parse()
}

#[test]
fn other_attributes_stand_before_and_behind() {
    let count = runs(|| {
        for _ in 0..3 {
            assert_eq!((inside(1), outside(1)), (2, 3));
            assert_eq!(smol::block_on(outside_a_future("7")), Ok(7));
            assert_eq!(smol::block_on(inside_a_future("7")), Ok(7));
        }
    });
    assert_eq!(count, 4);
}

#[tokio::test]
async fn functions_in_functions_are_memoized() {
    #[memo(allow(statics))]
    async fn inner(x: u8) -> u8 {
        ran();
        tokio::task::yield_now().await;
        x
    }
    let _here = perennial::storing_to(perennial::MemoryStore::new());
    let before = runs(|| {});
    let context = perennial::Context::current();
    let sum = context.attach(async { inner(1).await + inner(1).await + inner(2).await }).await;
    assert_eq!((before, sum, crate::counted::count()), (0, 4, 2));
}
