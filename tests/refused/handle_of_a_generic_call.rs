use perennial::memo;

#[memo]
fn f<T: serde::Serialize>(x: T) -> u8 {
    drop(x);
    1
}

fn main() {
    let _ = f(1);
    let _ = perennial::memo_call!(f);
    let _ = perennial::memo_call!(f(1));
}
