use perennial::memo;

#[memo(code = shallow)]
fn f() {}

fn main() {
    let _ = f();
}
