//! Files that code includes: the items of a program go in, the files that they name come out, read.
//! Must not judge what a file holds.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;

use crate::{
    mention,
    program::Program,
    source::{FileId, plain},
    static_macro,
    token_scan::Scan,
};

/// Tells whether code may include a file, by a look at its text.
fn may_include(text: &str) -> bool {
    text.contains("include")
}

/// Reads the files that `include!`, `include_str!` and `include_bytes!` name, wherever in the tokens
/// of an item, and those that these include in turn.
pub(crate) fn read(program: &mut Program) -> BTreeMap<PathBuf, FileId> {
    let mut queue = Vec::new();
    let may: Vec<_> =
        program.sources.all().iter().map(|it| it.text().is_some_and(may_include)).collect();
    if !may.contains(&true) {
        return BTreeMap::new();
    }
    for item in &program.items {
        let file = program.sources.get(item.file);
        // What a macro made has its tokens from anywhere.
        let is_silent = !item.is_expanded && !may[item.file.0 as usize];
        if is_silent || !mention::is_in(&item.syntax, "include") {
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
        let text = program.sources.get(id).text().filter(|it| may_include(it));
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
