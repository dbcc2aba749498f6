use perennial::memo;

#[memo]
unsafe fn f() -> u8 {
    1
}

fn main() {
    let _ = unsafe { f() };
}
