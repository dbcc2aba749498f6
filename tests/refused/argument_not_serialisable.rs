use perennial::memo;

struct Grid;

#[memo]
fn f(n: u32, grid: &Grid) -> u32 {
    let _ = grid;
    n
}

fn main() {
    let _ = f(1, &Grid);
}
