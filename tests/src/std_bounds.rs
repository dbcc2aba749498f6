//! The table of what std may run: reads the documentation of std that comes with the toolchain, and
//! says for each public name which impls of gated traits it may call, given types of others.
//!
//! A function calls an impl for a type of others only through a bound: its own, that of its impl, or
//! one that an impl of the bound's trait asks for in turn (`graph`). The last is narrowed: an impl for
//! a type of std matters only where that type occurs, and where few names can make it occur, these
//! names answer for it (`makers`).

mod documentation;
mod emit;
mod error;
mod graph;
mod header;
mod makers;
mod markup;
mod page;
mod reader;
mod table;

pub use documentation::Documentation;
pub use error::Error;
pub use table::{GATED, Table};

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Returns the folder of the documentation that belongs to the toolchain in use, if it is installed.
pub fn installed() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let folder =
        Path::new(std::str::from_utf8(&output.stdout).ok()?.trim()).join("share/doc/rust/html");
    folder.join("core").is_dir().then_some(folder)
}

/// Returns the release of Rust that a folder documents, without the patch release.
///
/// # Errors
///
/// The folder has no list of crates whose name says it.
pub fn release(folder: &Path) -> Result<String, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::io(folder, &error))?;
    let names = entries.filter_map(|it| it.ok()?.file_name().into_string().ok());
    let releases = names.filter_map(|it| {
        let mut parts = it.strip_prefix("crates")?.strip_suffix(".js")?.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    });
    releases.max().ok_or_else(|| Error::missing("file `crates….js`"))
}
