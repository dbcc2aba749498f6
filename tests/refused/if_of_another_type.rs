use perennial::memo;

#[memo(if = |it: &u8| *it > 1)]
fn f() -> u16 {
    1
}

fn main() {
    let _ = f();
}
