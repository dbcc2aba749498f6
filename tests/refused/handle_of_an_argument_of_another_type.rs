#[perennial::memo]
fn f(x: &str) -> usize {
    x.len()
}

fn main() {
    let _ = perennial::memo_call!(f(7)).force();
}
