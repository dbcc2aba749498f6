use perennial::memo;

#[memo(verify = 5)]
fn f() {}

fn main() {
    let _ = f();
}
