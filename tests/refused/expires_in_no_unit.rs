use perennial::memo;

#[memo(expires = "7 fortnights")]
fn f() {}

fn main() {
    let _ = f();
}
