fn main() {
    let _ = perennial::memo_key!(1 + 2);
}
