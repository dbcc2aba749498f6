//! Warnings of the compiler, which a stable macro can only have it find for itself. They never break a
//! build: where the lint is forbidden there is none.

use std::path::Path;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::compilation::Compilation;

/// Writes a statement that makes the compiler print a warning: the use of something deprecated. The
/// crate's own levels are undone for it, so that denied warnings stay warnings.
pub(crate) fn statement(note: &str, span: Span) -> TokenStream {
    let span = span.resolved_at(Span::mixed_site());
    let name = Ident::new("PERENNIAL", span);
    quote_spanned! {span=>
        {
            #[deprecated(note = #note)]
            const #name: () = ();
            #[warn(warnings)]
            #[warn(deprecated)]
            let () = #name;
        }
    }
}

/// Tells whether a warning is no error: no option and none of these sources forbids it, which nothing
/// could undo.
pub(crate) fn is_possible<'a>(
    compilation: &Compilation,
    sources: impl Iterator<Item = &'a Path>,
) -> bool {
    let is_ours = |lint: &str| matches!(lint.trim(), "deprecated" | "warnings");
    !compilation.forbidden.iter().any(|it| is_ours(it))
        && !sources.filter_map(|it| std::fs::read_to_string(it).ok()).any(|text| {
            text.split("forbid").skip(1).any(|rest| {
                let Some(list) = rest.trim_start().strip_prefix('(') else { return false };
                list.split(')').next().unwrap_or_default().split(',').any(is_ours)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_lint_is_forbidden_no_warning_is_possible() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        let possible = |text: &str, arguments: &[&str]| {
            std::fs::write(&path, text).unwrap();
            let compilation = Compilation::parse(arguments.iter().map(Into::into));
            is_possible(&compilation, [path.as_path()].into_iter())
        };
        assert!(possible("#![deny(warnings)]\n#![forbid(unsafe_code)]", &["-D", "warnings"]));
        assert!(!possible("#![forbid(unsafe_code, deprecated)]", &[]));
        assert!(!possible("#![forbid (\n    warnings,\n)]", &[]));
        assert!(!possible("", &["-F", "warnings"]));
    }
}
