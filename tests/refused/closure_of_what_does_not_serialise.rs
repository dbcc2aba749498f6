#[derive(Clone)]
struct State(u8);

fn main() {
    let state = State(1);
    let f = perennial::memo_fn!([state] || -> u8 { state.0 });
    let _ = f();
}
