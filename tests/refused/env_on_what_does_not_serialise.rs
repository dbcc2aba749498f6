#[perennial::env]
static X: std::sync::Mutex<Option<std::fs::File>> = std::sync::Mutex::new(None);
fn main() {
    drop(X.lock());
}
