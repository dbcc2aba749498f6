#[perennial::memo]
fn simulate() {}

fn main() {
    simulate();
    let _ = perennial::memo_call!(simulat()).force();
}
