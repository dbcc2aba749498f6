use perennial::memo;

trait Model {
    #[memo]
    fn step(&self) -> u8;
}

fn main() {
    let _ = ();
}
