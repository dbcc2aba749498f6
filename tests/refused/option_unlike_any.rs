use perennial::memo;

#[memo(ttl = 5)]
fn f() {}

fn main() {
    let _ = f();
}
