fn f(x: u8) -> u8 {
    x
}

fn main() {
    let _ = f(1);
    let _ = perennial::memo_call!(f(1)).force();
}
