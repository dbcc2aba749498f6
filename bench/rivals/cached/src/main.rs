//! Prints the result of a case's function, memoized on disk by `cached`.

#![allow(warnings)]

use cached::macros::concurrent_cached;
use case::*;

#[concurrent_cached(disk = true, disk_dir = "store", map_error = |error| format!("{error:?}"))]
fn memoized(call: u8) -> Result<String, String> {
    println!("computing");
    Ok(format!("{:?}", EXPRESSION))
}

fn main() {
    println!("result {}", memoized(0).unwrap());
}
