use perennial::memo;

#[derive(serde::Serialize)]
struct Field;

#[memo]
fn f() -> Field {
    Field
}

fn main() {
    let _ = f();
}
