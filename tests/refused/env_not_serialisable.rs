use perennial::memo;

struct State;
static STATE: State = State;

#[memo(env(STATE))]
fn f() {}

fn main() {
    let _ = f();
}
