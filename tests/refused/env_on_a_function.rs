#[perennial::env]
fn f() {}
fn main() {
    f();
}
