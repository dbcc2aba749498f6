use perennial::memo;

#[memo(code = own)]
fn f<T: serde::Serialize>(x: &T) -> u8 {
    let _ = x;
    1
}

fn main() {
    let _ = f(&1);
}
