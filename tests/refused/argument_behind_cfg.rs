use perennial::memo;

#[memo]
fn f(#[cfg(unix)] x: u8) {}

fn main() {
    let _ = f(1);
}
