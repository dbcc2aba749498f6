use perennial::{MemoryStore, memo};

static STORE: MemoryStore = MemoryStore::new();

#[memo(store = STORE)]
fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = perennial::memo_call!(f(1), store = 7);
}
