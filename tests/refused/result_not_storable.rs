use perennial::memo;

struct Field;

#[memo]
fn f(n: u32) -> Field {
    let _ = n;
    Field
}

fn main() {
    let _ = f(1);
}
