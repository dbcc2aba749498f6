use perennial::memo;

const LIMIT: u8 = 1;

#[memo(env(LIMIT))]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = perennial::memo_key!(f(1));
}
