use perennial::memo;

#[memo(expires = "0s")]
fn f() {}

fn main() {
    let _ = f();
}
