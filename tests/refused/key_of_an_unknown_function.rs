fn simulate() {}

fn main() {
    let _ = {
        simulate();
        perennial::memo_key!(simulat)
    };
}
