static mut LIMIT: u32 = 1;
#[perennial::memo]
fn f() -> u32 {
    unsafe { LIMIT }
}
fn main() {
    f();
}
