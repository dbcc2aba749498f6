use perennial::memo;

#[memo]
async fn f() -> u8 {
    1
}

fn main() {
    let _ = f();
}
