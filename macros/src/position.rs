//! Where a token stands, in the terms of the index.

use std::path::Path;

use proc_macro2::Span;

/// A file (relative to the package, or below `$OUT_DIR`), a line (one-based) and a column
/// (zero-based, in characters).
pub(crate) type Position = (String, usize, usize);

/// Finds the position of a token; `None` for code that other macros made and for doctests. What stands
/// in the body of a macro has its place there, for all expansions: it counts as made by the macro.
pub(crate) fn of(span: Span, package: &Path, out_dir: &Path) -> Option<Position> {
    let span = span.unwrap();
    // How the compiler shows code as it was written; whatever it shows else, nothing is known by its
    // place.
    if !format!("{span:?}").starts_with("#0 ") {
        return None;
    }
    let file = span.local_file()?.canonicalize().ok()?;
    Some((relative(&file, package, out_dir)?, span.line(), span.column().checked_sub(1)?))
}

/// Writes a canonical path as the index does.
pub(crate) fn relative(file: &Path, package: &Path, out_dir: &Path) -> Option<String> {
    let slashed = |path: &Path| -> Option<String> {
        let parts: Option<Vec<_>> = path.components().map(|it| it.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    };
    if let Ok(rest) = file.strip_prefix(out_dir) {
        return Some(format!("$OUT_DIR/{}", slashed(rest)?));
    }
    for (ups, base) in package.ancestors().enumerate() {
        if let Ok(rest) = file.strip_prefix(base) {
            return Some("../".repeat(ups) + &slashed(rest)?);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_the_index_has_them() {
        let relative =
            |file: &str| relative(Path::new(file), Path::new("/w/app"), Path::new("/w/t/out"));
        assert_eq!(relative("/w/app/src/lib.rs").unwrap(), "src/lib.rs");
        assert_eq!(relative("/w/shared/a.rs").unwrap(), "../shared/a.rs");
        assert_eq!(relative("/w/t/out/gen.rs").unwrap(), "$OUT_DIR/gen.rs");
    }
}
