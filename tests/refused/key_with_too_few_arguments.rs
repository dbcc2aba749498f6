use perennial::memo;

#[memo]
fn f(x: u8, y: u8) -> u8 {
    x + y
}

fn main() {
    let _ = perennial::memo_key!(f(1));
}
