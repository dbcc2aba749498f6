use perennial::memo;

#[memo(codec = Codec::new())]
fn f() {}

fn main() {
    let _ = f();
}
