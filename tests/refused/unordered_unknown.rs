use perennial::memo;

#[memo(unordered(tag))]
fn f(tags: &[u8]) {}

fn main() {
    let _ = f(&[]);
}
