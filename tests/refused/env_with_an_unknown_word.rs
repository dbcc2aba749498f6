#[perennial::env(ignore)]
static X: std::sync::Mutex<u8> = std::sync::Mutex::new(1);
fn main() {
    drop(X.lock());
}
