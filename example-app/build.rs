//! Signs the functions of this program, so that `#[memo]` knows their code.

fn main() {
    perennial_build::generate();
}
