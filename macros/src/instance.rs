//! What tells a function apart from the others of its executable: needed where the executable's digest
//! stands for the code, since that is one digest for all of them.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use crate::{compilation::Compilation, index::Place};

/// Names a function of the table: the first that is expanded at its place. `memo_key!` can name it too.
pub(crate) fn of_record(number: usize, compilation: &Compilation) -> String {
    format!("{} function {number}", krate(compilation))
}

/// Names a function that the table doesn't have. Macros expand in an order that the source fixes.
pub(crate) fn of_expansion(compilation: &Compilation) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    format!("{} expansion {}", krate(compilation), NUMBER.fetch_add(1, Relaxed))
}

/// Tells whether something was expanded at a place before: another macro made copies of the code
/// there, which the table has once.
pub(crate) fn is_copy(out_dir: Option<PathBuf>, place: &Place) -> bool {
    type Seen = Mutex<HashSet<(Option<PathBuf>, Place)>>;
    static SEEN: OnceLock<Seen> = OnceLock::new();
    let mut seen = SEEN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    !seen.insert((out_dir, place.clone()))
}

/// Two crates of one name can be linked together; cargo gives them different metadata.
fn krate(compilation: &Compilation) -> &str {
    compilation.codegen_value("metadata").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expansion_and_every_crate_has_its_own() {
        let of = |metadata: &str| {
            Compilation::parse([format!("-Cmetadata={metadata}").into()].into_iter())
        };
        assert_ne!(of_expansion(&of("a")), of_expansion(&of("a")));
        assert_ne!(of_record(1, &of("a")), of_record(1, &of("b")));
        assert_ne!(of_record(1, &of("a")), of_record(2, &of("a")));
        assert_eq!(of_record(1, &of("a")), of_record(1, &of("a")));
    }

    #[test]
    fn the_second_at_a_place_is_a_copy() {
        let place = |line| (0, "src/lib.rs".to_owned(), line, 4);
        assert!(!is_copy(None, &place(1)));
        assert!(!is_copy(None, &place(2)));
        assert!(is_copy(None, &place(1)));
    }
}
