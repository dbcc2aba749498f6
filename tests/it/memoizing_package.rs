//! A package beside ours that memoizes: the manifest and the build script that its tests start from.

use perennial_tests::Project;

pub(crate) const MANIFEST: &str = "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
    [dependencies]\nperennial = { path = \"{root}/runtime\" }\nserde = { version = \"1\", features = [\"derive\"] }\n\
    [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
const BUILD: &str = "fn main() { perennial_build::generate(); }\n";

pub(crate) fn project(name: &str, files: &[(&str, &str)]) -> Project {
    Project::new(name, &[&[("Cargo.toml", MANIFEST), ("build.rs", BUILD)], files].concat())
}
