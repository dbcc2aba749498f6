fn main() {
    let f = perennial::memo_fn!(|x: i64| x + 1);
    let _ = f(1);
}
