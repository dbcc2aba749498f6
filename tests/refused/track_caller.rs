use perennial::memo;

#[memo]
#[track_caller]
fn f() -> u8 {
    1
}

fn main() {
    let _ = f();
}
