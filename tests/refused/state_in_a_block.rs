use std::sync::{Mutex, MutexGuard};
fn state() -> MutexGuard<'static, u32> {
    static STATE: Mutex<u32> = Mutex::new(1);
    STATE.lock().unwrap()
}
#[perennial::memo]
fn f() -> u32 {
    *state()
}
fn main() {
    f();
}
