use perennial::memo;

#[memo(if = |it| *it > limit)]
fn f(limit: u8) -> u8 {
    limit
}

fn main() {
    let _ = f(1);
}
