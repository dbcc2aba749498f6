use perennial::memo;

#[memo]
extern "C" fn f() -> u8 {
    1
}

fn main() {
    let _ = f();
}
