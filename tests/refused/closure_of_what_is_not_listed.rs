fn main() {
    let (y, z) = (1, 2);
    let f = perennial::memo_fn!([y] |x: i64| -> i64 { x + y - z });
    let _ = f(1);
}
