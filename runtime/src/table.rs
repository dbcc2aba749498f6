//! The signature table for programs.

use crate::signature::Signature;

/// A function of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// `crate_name::module::name`; methods as `crate_name::module::<Type as Trait>::name`.
    pub path: &'static str,
    /// The kind and name of its target, such as `bin example-app`.
    pub target: &'static str,
    /// The file, relative to the package.
    pub file: &'static str,
    /// The line of its `fn`, one-based.
    pub line: u32,
    /// The source signature: without the build context, which is mixed in where it is used.
    pub signature: Signature,
}

/// Reads the rows as they are generated.
#[doc(hidden)]
#[must_use]
pub fn rows(raw: &'static [(&str, &str, &str, u32, &str)]) -> Vec<Row> {
    raw.iter()
        .filter_map(|&(path, target, file, line, signature)| {
            let signature = Signature::from_hex(signature.as_bytes())?;
            Some(Row { path, target, file, line, signature })
        })
        .collect()
}

/// Gives the signature table of the package that is compiled, as a `Vec` of
/// [`Row`](crate::table::Row)s.
///
/// # Examples
///
/// In a package whose build script calls `perennial_build::generate()`:
///
/// ```text
/// for row in perennial::table!() {
///     println!("{} {}", row.signature, row.path);
/// }
/// ```
#[macro_export]
macro_rules! table {
    () => {
        $crate::table::rows(::core::include!(::core::concat!(
            ::core::env!("OUT_DIR"),
            "/perennial/table.rs"
        )))
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn generated_rows_are_read() {
        let signature = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        let raw = [("demo::f", "lib demo", "src/lib.rs", 3, signature)];
        let rows = super::rows(Box::leak(Box::new(raw)));
        assert_eq!((rows[0].path, rows[0].line), ("demo::f", 3));
        assert_eq!(rows[0].signature.to_string(), signature);
    }
}
