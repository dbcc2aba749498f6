use perennial::memo;

const LIMIT: u8 = 1;

#[memo(env(LIMIT))]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = perennial::memo_call!(f);
    let _ = perennial::memo_call!(f(1));
}
