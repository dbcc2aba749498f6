struct Model(u8);

impl Model {
    fn step(&self) -> u8 {
        perennial::memo_fn!([&self] || -> u8 { self.0 })()
    }
}

fn main() {
    let _ = Model(1).step();
}
