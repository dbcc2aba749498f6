//! What a call of a macro that nobody expanded may mean, and what it may read: a name or a path goes in, all
//! that it may lead to comes out.

use std::rc::Rc;

use crate::{
    collector::Collector,
    facts::Endpoint,
    prelude,
    program::{Definition, Extern, Namespace},
    resolve::Meaning,
};

/// What cargo tells the compiler of a package that other crates' macros are known to read.
const PACKAGE: &[&str] = &[
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_HOMEPAGE",
    "CARGO_PKG_NAME",
    "CARGO_PKG_REPOSITORY",
    "CARGO_PKG_VERSION",
];

impl Collector<'_, '_> {
    /// What a macro's path means. A definition in a block counts for the calls behind it only, so that what
    /// stands around the block may be meant too.
    pub(crate) fn macro_meanings(&self, leading_colon: bool, path: &[String]) -> Vec<Meaning> {
        let resolver = self.lookup.resolver;
        let program = resolver.program;
        let mut meanings = Vec::new();
        let mut scope = Some(self.module);
        while let Some(module) = scope {
            let found = resolver.path(module, leading_colon, path, Namespace::Macro);
            let is_in_block = |(it, _): &Meaning| match it {
                Definition::Item(id) => program.module(program.item(*id).module).is_block,
                _ => false,
            };
            scope = program.module(module).parent.filter(|_| {
                path.len() == 1 && program.module(module).is_block && found.iter().any(is_in_block)
            });
            meanings.extend_from_slice(&found);
        }
        meanings.sort();
        meanings.dedup();
        meanings
    }

    /// What `#[macro_use] extern crate` may bring under a name, which comes before what std has.
    pub(crate) fn used_macros(&self, name: &str, of_std: bool) -> Vec<Endpoint> {
        let resolver = self.lookup.resolver;
        let program = resolver.program;
        let caller = program.module(self.module).krate;
        let krate = &program.krates[caller.index()];
        let mut found = Vec::new();
        for used in krate.macro_use.iter().filter(|it| it.brings(name)) {
            if matches!(krate.externs.get(&used.krate), Some(Extern::Local(_))) {
                let path = [used.krate.clone(), name.to_owned()];
                for (definition, rest) in
                    &*resolver.path(self.module, true, &path, Namespace::Macro)
                {
                    match definition {
                        Definition::Item(id) if rest.is_empty() => found.push(Endpoint::Item(*id)),
                        Definition::External(path) => {
                            found.push(Endpoint::Path(Rc::clone(path)));
                        }
                        _ => {}
                    }
                }
            } else if !of_std
                || program.foreign_macros.may_export(program, caller, &used.krate, name)
            {
                found.push(Endpoint::Path(format!("{}::{name}", used.krate).into()));
            }
        }
        found
    }

    /// A macro that nobody expands may tell what the package is.
    pub(crate) fn environment(&mut self, targets: &[Endpoint]) {
        let program = self.lookup.resolver.program;
        let caller = program.module(self.module).krate;
        let reads = |it: &Endpoint| match it {
            Endpoint::Path(path) => {
                !prelude::is_std(path)
                    && program.foreign_macros.may_read_environment(program, caller, path)
            }
            Endpoint::Item(_) => false,
        };
        if targets.iter().any(reads) {
            PACKAGE.iter().for_each(|it| self.variable_named(it));
        }
    }
}
