#[perennial::env]
static mut X: u8 = 1;
fn main() {
    unsafe { X = 2 }
}
