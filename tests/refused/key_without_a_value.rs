use perennial::memo;

#[memo(key(a))]
fn f(a: &str) {}

fn main() {
    let _ = f("");
}
