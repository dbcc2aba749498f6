//! What goes through constants: the constants that functions need, and the functions that were run
//! to evaluate them, of which LLVM IR has only the results.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    mir::{bodies, item_of, printed},
    source::{ConstId, FnId, Printed, Sources},
};

/// What functions and constants name.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    functions: BTreeMap<FnId, Named>,
    constants: BTreeMap<ConstId, Named>,
}

#[derive(Debug, Default)]
struct Named {
    constants: BTreeSet<ConstId>,
    /// Functions that ran when the program was compiled.
    functions: BTreeSet<FnId>,
}

impl Constants {
    /// Reads the text of MIR. Paths that could mean two items, or whose constant depends on a type
    /// parameter, are left out.
    pub(crate) fn new(text: &str, sources: &Sources) -> Self {
        let mut all = Self::default();
        let mut known = BTreeMap::new();
        for body in bodies(text) {
            let (item, is_evaluated) = item_of(body.path);
            let Some(item) = printed(item) else { continue };
            let function = sources.function_named(&item);
            let named = match (function, sources.constant_named(&item)) {
                (Some(it), _) => all.functions.entry(it).or_default(),
                (None, Some(it)) => all.constants.entry(it).or_default(),
                (None, None) => continue,
            };
            for path in body.constants {
                let found =
                    *known.entry(path).or_insert_with(|| sources.constant_named(&local(path)?));
                named.constants.extend(found);
            }
            // What functions call, LLVM IR knows better.
            if is_evaluated || function.is_none() {
                let called = body.calls.into_iter().filter_map(local);
                named.functions.extend(called.filter_map(|it| sources.function_named(&it)));
            }
        }
        all
    }

    /// Returns the constants that some functions need, and the functions that ran to evaluate them.
    pub(crate) fn of(&self, functions: &BTreeSet<FnId>) -> (BTreeSet<ConstId>, BTreeSet<FnId>) {
        let (mut constants, mut evaluated) = (BTreeSet::new(), BTreeSet::new());
        let mut queue: Vec<&Named> =
            functions.iter().filter_map(|it| self.functions.get(it)).collect();
        while let Some(named) = queue.pop() {
            evaluated.extend(&named.functions);
            for constant in &named.constants {
                if constants.insert(*constant) {
                    queue.extend(self.constants.get(constant));
                }
            }
        }
        (constants, evaluated)
    }
}

/// Reads a path, unless it leads into the standard library or is a value.
fn local(path: &str) -> Option<Printed<'_>> {
    let is_path = path.starts_with(|it: char| it.is_alphabetic() || it == '_' || it == '<');
    let it = is_path.then(|| printed(path))??;
    (!matches!(it.segments[0], "std" | "core" | "alloc")).then_some(it)
}
