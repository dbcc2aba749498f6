mod settings {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static LIMIT: AtomicU32 = AtomicU32::new(1);
    pub fn limit() -> u32 {
        LIMIT.load(Relaxed)
    }
}
#[perennial::memo]
fn f() -> u32 {
    settings::limit()
}
fn main() {
    f();
}
