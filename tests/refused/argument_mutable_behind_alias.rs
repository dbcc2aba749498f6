use perennial::memo;

type Grid<'a> = &'a mut Vec<u8>;

#[memo]
fn f(x: Grid<'_>) -> usize {
    x.len()
}

fn main() {
    let _ = f(&mut vec![]);
}
