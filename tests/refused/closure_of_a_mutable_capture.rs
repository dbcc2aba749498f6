fn main() {
    let mut y = 1;
    let f = perennial::memo_fn!([&mut y] || -> u8 { y += 1; y });
    let _ = f();
}
