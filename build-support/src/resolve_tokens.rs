//! Stage 4, of tokens handed to a macro of another crate: the names among them go in, the items that
//! they may mean come out, wherever the macro puts them. Must not trust that a name means what it does
//! at the call: the macro may open a module around it, or put together a path of several names.

use std::collections::BTreeSet;

use crate::{
    head_type::aliased,
    program::{Definition, ItemId, ModuleId, Namespace},
    resolve::Resolver,
};

impl Resolver<'_> {
    /// Looks names up where the call stands, in the modules around it, and in every module that some of
    /// the names lead to from there. A macro of another crate knows no other module of the program.
    /// Nothing where one of the names is that of a local macro, which may lead on.
    pub(crate) fn meant_by_tokens(
        &self,
        module: ModuleId,
        names: &BTreeSet<String>,
    ) -> Option<BTreeSet<ItemId>> {
        if names.iter().any(|it| self.macros.contains_key(it)) {
            return None;
        }
        let mut places = Vec::new();
        let mut around = Some(module);
        while let Some(it) = around {
            places.push(it);
            around = self.program.module(it).parent;
        }
        let mut items = BTreeSet::new();
        let mut seen = BTreeSet::new();
        while let Some(place) = places.pop() {
            if !seen.insert(place) {
                continue;
            }
            for name in names {
                for namespace in [Namespace::Type, Namespace::Value, Namespace::Macro] {
                    let path = std::slice::from_ref(name);
                    for (definition, _) in self.path(place, false, path, namespace) {
                        match definition {
                            Definition::Item(id) | Definition::Variant(id) => {
                                items.insert(id);
                                items.extend(aliased(self, id, 16));
                            }
                            Definition::Module(id) => places.push(id),
                            Definition::External(_) => {}
                        }
                    }
                }
            }
        }
        Some(items)
    }
}
