use perennial::memo;

#[memo(allow(clocks))]
fn f() {}

fn main() {
    let _ = f();
}
