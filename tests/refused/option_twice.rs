use perennial::memo;

#[memo(version = 1, version = 2)]
fn f() {}

fn main() {
    let _ = f();
}
