use perennial::memo;

#[memo(skip(progres))]
fn f(progress: u8) {}

fn main() {
    let _ = f(1);
}
