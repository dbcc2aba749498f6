#[perennial::memo]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = perennial::memo_call!(f(1), mode = refresh);
}
