use perennial::memo;

#[memo(sotre = STORE)]
fn f() {}

fn main() {
    let _ = f();
}
