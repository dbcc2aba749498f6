use perennial::memo;

#[memo(version = 1.5)]
fn f() {}

fn main() {
    let _ = f();
}
