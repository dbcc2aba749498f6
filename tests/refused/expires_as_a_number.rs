use perennial::memo;

#[memo(expires = 7)]
fn f() {}

fn main() {
    let _ = f();
}
