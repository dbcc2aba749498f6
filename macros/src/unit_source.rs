//! Which sources a build unit was compiled from: a unit's file and the name of a package's folder go in,
//! whether the unit is of it comes out. Reads the list of sources that the compiler writes beside it.

use std::{fs, path::Path};

/// Tells whether a unit was compiled from the package; `None` where nothing says so.
pub(crate) fn is_of(unit: &Path, package: &str) -> Option<bool> {
    let stem = unit.file_stem()?.to_str()?;
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    let text = fs::read_to_string(unit.with_file_name(format!("{stem}.d"))).ok()?;
    Some(["/", "\\"].iter().any(|it| text.contains(&format!("{it}{package}{it}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_list_tells_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let unit = folder.path().join("libkit-0123.rmeta");
        assert_eq!(is_of(&unit, "kit-1.0.0"), None);
        let list = "/t/libkit-0123.rmeta: /home/registry/src/index/kit-1.0.0-rc.1/src/lib.rs\n";
        fs::write(folder.path().join("kit-0123.d"), list).unwrap();
        assert_eq!(is_of(&unit, "kit-1.0.0"), Some(false));
        assert_eq!(is_of(&unit, "kit-1.0.0-rc.1"), Some(true));
    }
}
