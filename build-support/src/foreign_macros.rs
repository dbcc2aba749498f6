//! Which macro by example of a published crate a call means. The crate that calls and a path out of it
//! go in, the definition comes out; `None` wherever another might be meant.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    path::{Path, PathBuf},
    rc::Rc,
};

use rustc_hash::FxHashMap as HashMap;

use crate::{
    by_example::Definition,
    extract::plain_name,
    foreign_crate::ForeignCrate,
    macro_scope::MacroRules,
    program::{Extern, FOREIGN_DOLLAR_CRATE, KrateId, Program},
};

/// What was read of published crates so far.
#[derive(Debug, Default)]
pub(crate) struct ForeignMacros {
    crates: RefCell<HashMap<PathBuf, Option<Rc<ForeignCrate>>>>,
    definitions: RefCell<HashMap<Exported, Option<Rc<Definition>>>>,
}

/// The folder of a package, and a name.
type Exported = (PathBuf, String);

impl ForeignMacros {
    /// Returns the macro at the root of a crate, known by a name to one that calls it or to one of those
    /// below that.
    pub(crate) fn exported(
        &self,
        program: &Program,
        caller: KrateId,
        krate: &str,
        name: &str,
    ) -> Option<MacroRules> {
        let folder = folder(program, caller, krate)?;
        let known = self.definitions.borrow().get(&(folder.clone(), name.to_owned())).cloned();
        let definition = known.unwrap_or_else(|| {
            let configuration = &program.krates[caller.index()].configuration;
            let read = self.open(&folder).and_then(|it| it.exported(name, configuration));
            let read = read.map(Rc::new);
            self.definitions.borrow_mut().insert((folder.clone(), name.to_owned()), read.clone());
            read
        });
        let is_renamed = program.krates.iter().any(|it| it.renamed.contains_key(krate));
        // A library may be called otherwise than its package.
        if !is_renamed && self.open(&folder)?.name != krate {
            return None;
        }
        Some(MacroRules {
            definition: Some(definition?),
            dollar_crate: format!("{FOREIGN_DOLLAR_CRATE}{krate}"),
            is_conditional: false,
            foreign: Some(krate.to_owned()),
        })
    }

    /// Returns what a path that begins with `$crate` means in an expansion of a macro of another crate.
    pub(crate) fn of_dollar_crate(
        &self,
        program: &Program,
        caller: KrateId,
        path: &syn::Path,
    ) -> Option<MacroRules> {
        let mut names = path.segments.iter().map(|it| it.ident.to_string());
        let (first, name, None) = (names.next()?, names.next()?, names.next()) else { return None };
        self.exported(
            program,
            caller,
            first.strip_prefix(FOREIGN_DOLLAR_CRATE)?,
            &plain_name(&name),
        )
    }

    /// Returns what a lone name means by `#[macro_use] extern crate`.
    pub(crate) fn of_prelude(
        &self,
        program: &Program,
        caller: KrateId,
        name: &str,
    ) -> Option<MacroRules> {
        let used = program.krates[caller.index()].macro_use.iter();
        let used: BTreeSet<_> = used.filter(|it| it.brings(name)).map(|it| &it.krate).collect();
        // All have to be read, or another might have the name.
        let [krate] = Vec::from_iter(used)[..] else { return None };
        self.exported(program, caller, krate, name)
    }

    /// Tells whether a crate may export a macro of that name.
    pub(crate) fn may_export(
        &self,
        program: &Program,
        caller: KrateId,
        krate: &str,
        name: &str,
    ) -> bool {
        let read = folder(program, caller, krate).and_then(|it| self.open(&it));
        read.is_none_or(|it| it.may_define(name))
    }

    /// Tells whether what a path out of the program means may read the environment of the compiler.
    pub(crate) fn may_read_environment(
        &self,
        program: &Program,
        caller: KrateId,
        path: &str,
    ) -> bool {
        let krate = path.split("::").next().unwrap_or_default();
        let name = path.rsplit("::").next().unwrap_or_default();
        let read = folder(program, caller, krate).and_then(|it| self.open(&it));
        read.is_none_or(|it| it.may_read_environment(name))
    }

    fn open(&self, folder: &Path) -> Option<Rc<ForeignCrate>> {
        let mut crates = self.crates.borrow_mut();
        let entry = crates.entry(folder.to_owned());
        entry.or_insert_with(|| ForeignCrate::open(folder).map(Rc::new)).clone()
    }
}

/// The folder of the crate that has a name, for a crate and all of the program that it sees: a path does
/// not tell in which of them it begins.
fn folder(program: &Program, caller: KrateId, krate: &str) -> Option<PathBuf> {
    let own = program.krates[caller.index()].externs.get(krate);
    if matches!(own, Some(Extern::Local(_))) {
        return None;
    }
    let mut folders = BTreeSet::new();
    for id in program.visible_from(caller) {
        let seen = &program.krates[id.index()];
        if seen.externs.get(krate) == Some(&Extern::Foreign) {
            folders.insert(seen.published.get(krate)?);
        }
    }
    let mut folders = folders.into_iter();
    let (folder, None) = (folders.next()?, folders.next()) else { return None };
    Some(folder.clone())
}
