use perennial::memo;

#[memo(code = pinned)]
fn f() {}

fn main() {
    let _ = f();
}
