use std::{fs::File, sync::Mutex};
static OPEN: Mutex<Option<File>> = Mutex::new(None);
#[perennial::memo]
fn f() -> bool {
    OPEN.lock().unwrap().is_some()
}
fn main() {
    f();
}
