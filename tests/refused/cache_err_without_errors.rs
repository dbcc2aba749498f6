use perennial::memo;

#[memo(cache_err)]
fn f() -> u8 {
    1
}

fn main() {
    let _ = f();
}
