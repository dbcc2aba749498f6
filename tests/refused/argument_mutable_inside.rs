use perennial::memo;

#[memo]
fn f(x: Option<&mut Vec<u8>>) -> bool {
    x.is_some()
}

fn main() {
    let _ = f(None);
}
