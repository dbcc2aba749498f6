use perennial::memo;

#[memo]
fn f<T>(x: &T) -> u32 {
    let _ = x;
    1
}

fn main() {
    let _ = f(&1);
}
