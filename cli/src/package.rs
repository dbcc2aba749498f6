//! From the command line to a package's table: finds the manifest, and says which build is meant.

use std::{
    env,
    path::{Path, PathBuf},
};

use perennial_build::{Build, Table};

use crate::{arguments, error::Error, target::Target};

/// Reads the package that the arguments name; with it come notes about sources that can't be read.
pub(crate) fn read(arguments: &arguments::Package) -> Result<(Table, Vec<String>), Error> {
    let folder = match &arguments.manifest_path {
        Some(path) => named(path)?,
        None => nearest()?,
    };
    let target = Target::of(arguments.target.as_deref())?;
    let features = arguments.features.iter().flat_map(|it| it.split_whitespace());
    let build = Build::new()
        .features(features)
        .default_features(!arguments.no_default_features)
        .all_features(arguments.all_features)
        .target(target.triple, &target.cfg)
        .release(arguments.release)
        .every_target(true);
    let build = match perennial_build::cargo_home() {
        Some(folder) => build.cargo_home(folder),
        None => build,
    };
    let table = Table::of_build(folder, &build).map_err(Error::package)?;
    let notes =
        table.problems.iter().map(|it| format!("{it}; its bytes stand for what it defines"));
    let notes = notes.collect();
    Ok((table, notes))
}

/// The folder of `--manifest-path`, which may be the folder itself.
fn named(path: &Path) -> Result<PathBuf, Error> {
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    if path.file_name().is_none_or(|it| it != "Cargo.toml") {
        return Err(Error::usage(format!(
            "--manifest-path names a Cargo.toml or its folder, and {} is neither",
            path.display()
        )));
    }
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    Ok(parent.unwrap_or(Path::new(".")).to_owned())
}

/// The nearest folder, upwards from the present one, that holds a manifest.
fn nearest() -> Result<PathBuf, Error> {
    let here = env::current_dir().map_err(Error::folder)?;
    let found = here.ancestors().find(|it| it.join("Cargo.toml").is_file());
    found.map(Path::to_owned).ok_or_else(|| Error::no_manifest(here.clone()))
}
