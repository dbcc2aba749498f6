use perennial::memo;

#[memo(store = 5)]
fn f() {}

fn main() {
    let _ = f();
}
