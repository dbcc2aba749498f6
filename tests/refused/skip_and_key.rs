use perennial::memo;

#[memo(skip(a), key(a = a.len()))]
fn f(a: &str) {}

fn main() {
    let _ = f("");
}
