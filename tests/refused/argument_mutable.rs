use perennial::memo;

#[memo]
fn f(x: &mut u32) {
    *x += 1;
}

fn main() {
    let _ = f(&mut 1);
}
