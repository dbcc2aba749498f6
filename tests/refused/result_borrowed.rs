use perennial::memo;

#[memo]
fn f(x: &str) -> &str {
    x
}

fn main() {
    let _ = f("");
}
