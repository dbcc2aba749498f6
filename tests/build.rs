//! Signs the functions of the tests.

fn main() {
    // The tests count calls in statics, which is what the warnings are about.
    perennial_build::Config::new().level(perennial_build::Level::Trust).generate();
}
