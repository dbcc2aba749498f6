//! Calls of macros that lead out of the program: what names resolve to goes in, the crate and the name
//! that are certainly meant come out. Reads no crate.

use std::collections::BTreeSet;

use syn::{
    Macro,
    visit::{self, Visit},
};

use crate::{
    attribute::last_segment,
    prelude,
    program::{Definition, ModuleId, Program, Syntax},
    resolve::Meaning,
};

/// What of another crate a call names.
pub(crate) enum ForeignCall {
    /// A macro at the root of a crate.
    Path { krate: String, name: String },
    /// A lone name that nothing but `#[macro_use] extern crate` can bring.
    Prelude(String),
}

/// Reads the meanings of a macro's path; `None` where it may be of the program or of std, or where the
/// way leads through a module of another crate.
pub(crate) fn of(names: &[String], meanings: &[Meaning]) -> Option<ForeignCall> {
    // A crate is no macro, though a name can be of both.
    let is_crate =
        |(it, _): &&Meaning| matches!(it, Definition::External(path) if !path.contains("::"));
    let mut meanings: Vec<_> = meanings.iter().filter(|it| !is_crate(it)).collect();
    // What a glob of another crate may bring gives way to what is there by its name: at most it is that, re-exported.
    let is_by_glob =
        |(it, _): &Meaning| matches!(it, Definition::External(path) if path.contains("::*"));
    if meanings.iter().any(|it| !is_by_glob(it)) {
        meanings.retain(|it| !is_by_glob(it));
    }
    match (names, &meanings[..]) {
        ([name], []) => Some(ForeignCall::Prelude(name.clone())),
        (_, &[(Definition::External(path), rest)]) if rest.is_empty() => {
            let parts: Vec<_> = path.split("::").collect();
            // A glob of the crate's root brings all that the crate exports.
            let ([krate, name] | [krate, "*", name]) = parts[..] else { return None };
            let (krate, name) = (krate.to_owned(), name.to_owned());
            (!prelude::is_std(&krate)).then_some(ForeignCall::Path { krate, name })
        }
        _ => None,
    }
}

/// Reads the meanings of a lone name that `use name::name` brings: the import is no module of the crate, but
/// is taken for one by whoever looks for what the first name means.
pub(crate) fn imported(
    program: &Program,
    module: ModuleId,
    names: &[String],
    meanings: &[Meaning],
) -> Option<ForeignCall> {
    let ([name], [(Definition::External(path), _)]) = (names, meanings) else { return None };
    if **path != *format!("{name}::{name}::{name}") {
        return None;
    }
    let mut imports = Vec::new();
    let mut scope = Some(module);
    while let Some(id) = scope {
        let module = program.module(id);
        imports.extend(module.imports.iter().filter(|it| it.name == *name));
        scope = module.parent.filter(|_| module.is_block);
    }
    let [import] = imports[..] else { return None };
    let is_own =
        import.path.segments.iter().all(|it| it == name) && import.path.segments.len() == 2;
    is_own.then(|| ForeignCall::Path { krate: name.clone(), name: name.clone() })
}

/// Tells whether there is any call that may be one: some crate's macros can be read, and not all calls are
/// of macros of std.
pub(crate) fn may_be_in(program: &Program) -> bool {
    if program.krates.iter().all(|it| it.published.is_empty()) {
        return false;
    }
    let mut search = Search { shadowed: program.shadowed_macros(), found: false };
    program.items.iter().any(|item| {
        match &item.syntax {
            Syntax::Item(it) => search.visit_item(it),
            Syntax::ImplMember(it) => search.visit_impl_item(it),
            Syntax::TraitMember(it) => search.visit_trait_item(it),
            Syntax::Foreign(_) | Syntax::Bytes(_) => {}
        }
        search.found
    })
}

struct Search {
    shadowed: BTreeSet<String>,
    found: bool,
}

impl Visit<'_> for Search {
    fn visit_macro(&mut self, it: &Macro) {
        let name = last_segment(&it.path);
        let is_of_std = it.path.get_ident().is_some() && prelude::is_macro(&name);
        self.found |= !is_of_std || self.shadowed.contains(&name);
    }

    fn visit_expr(&mut self, it: &syn::Expr) {
        if !self.found {
            visit::visit_expr(self, it);
        }
    }
}
