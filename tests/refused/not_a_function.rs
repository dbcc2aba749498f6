use perennial::memo;

#[memo]
struct Grid;

fn main() {
    let _ = Grid;
}
