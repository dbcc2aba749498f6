use perennial::memo;

#[derive(serde::Serialize)]
struct Model;

impl Model {
    #[memo]
    fn step(&mut self) {}
}

fn main() {
    let _ = Model.step();
}
