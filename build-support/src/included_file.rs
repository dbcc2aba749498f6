//! Files that code includes: the items of a program go in, the files that they name come out, read.
//! Must not judge what a file holds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;

use crate::{
    program::Program,
    source::{FileId, plain},
    static_macro,
    token_scan::Scan,
};

/// Reads the files that `include!`, `include_str!` and `include_bytes!` name, wherever in the tokens
/// of an item, and those that these include in turn.
pub(crate) fn read(program: &mut Program) -> BTreeMap<PathBuf, FileId> {
    let mut queue = Vec::new();
    for item in &program.items {
        let file = program.sources.get(item.file);
        if !item.is_expanded && !file.text().is_some_and(|it| it.contains("include")) {
            continue;
        }
        let out_dir = program.sources.out_dir().filter(|_| program.krate_of(item.module).is_own);
        let base = file.path.parent().unwrap_or(Path::new(""));
        let named = files_named_in(item.tokens(), out_dir);
        queue.extend(named.map(|it| plain(&base.join(it))));
    }
    let mut found = BTreeMap::new();
    while let Some(path) = queue.pop() {
        if found.contains_key(&path) {
            continue;
        }
        let id = program.sources.read(&path);
        let text = program.sources.get(id).text().filter(|it| it.contains("include"));
        if let Some(tokens) = text.and_then(|it| it.parse().ok()) {
            let base = path.parent().unwrap_or(Path::new(""));
            let named = files_named_in(tokens, program.sources.out_dir());
            queue.extend(named.map(|it| plain(&base.join(it))));
        }
        found.insert(path, id);
    }
    found
}

fn files_named_in(tokens: TokenStream, out_dir: Option<&Path>) -> impl Iterator<Item = PathBuf> {
    let calls = Scan::of(tokens).files.into_iter();
    let named: Vec<_> = calls
        .filter(|(name, _)| name.starts_with("include"))
        .filter_map(|(_, tokens)| static_macro::file_name(&tokens, out_dir))
        .collect();
    named.into_iter()
}
