use perennial::memo;

#[memo(skip(b))]
fn f((a, b): (u8, u8)) -> u8 {
    a + b
}

fn main() {
    let _ = f((1, 2));
}
