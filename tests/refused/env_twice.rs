use perennial::memo;

const LIMIT: u8 = 1;

#[memo(env(LIMIT, LIMIT))]
fn f() {}

fn main() {
    let _ = f();
}
