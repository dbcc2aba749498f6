use perennial::memo;

#[memo]
fn f() -> Option<impl Copy> {
    Some(1)
}

fn main() {
    let _ = f();
}
