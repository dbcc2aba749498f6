//! Stage 4, where macros stand in the way: which items a call at the level of items may mention, and
//! which names it may define. A call goes in, names and items come out. Expands nothing.

use std::collections::{BTreeSet, HashSet};

use crate::{
    head_type::aliased,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    resolve::Resolver,
    token_scan,
};

impl Resolver<'_> {
    /// Returns the identifiers that an item-position macro call mentions.
    pub(crate) fn mentions(&self, call: ItemId) -> &HashSet<String> {
        &self.mentions[&call]
    }

    /// Returns the items that an item-position macro call may mean by the identifiers in it. Where local
    /// definitions are behind it, that is any item of these names.
    pub(crate) fn mentioned_items(&self, call: ItemId) -> BTreeSet<ItemId> {
        let module = self.program.item(call).module;
        let names: BTreeSet<String> = self.mentions(call).iter().cloned().collect();
        if let Some(found) = self.meant_by_tokens(module, &names) {
            return found;
        }
        let mut found = BTreeSet::new();
        for name in &names {
            found.extend(self.by_name.get(name).into_iter().flatten().copied());
            for namespace in [Namespace::Type, Namespace::Value] {
                for (definition, _) in
                    self.path(module, false, std::slice::from_ref(name), namespace)
                {
                    if let Definition::Item(id) | Definition::Variant(id) = definition {
                        found.insert(id);
                        found.extend(aliased(self, id, 16));
                    }
                }
            }
        }
        found
    }

    /// Returns the `macro_rules` of a name that code in `module` may call.
    pub(crate) fn macros_named(&self, name: &str, module: ModuleId) -> Vec<ItemId> {
        let visible = self.program.visible_from(self.program.module(module).krate);
        let all = self.macros.get(name).into_iter().flatten().copied();
        all.filter(|it| visible.contains(&self.program.krate_of_item(*it))).collect()
    }

    /// Returns the identifiers in a macro call and in the definitions that it can expand to, and
    /// those of them that it may define: any that it is given, and what definitions introduce.
    pub(crate) fn mentioned_by(&self, call: ItemId) -> (HashSet<String>, HashSet<String>) {
        let mut idents = HashSet::new();
        // Its own name is not among what it defines.
        let mut definable = match &self.program.item(call).syntax {
            Syntax::Item(it) => match &**it {
                syn::Item::Macro(it) => token_scan::Scan::of(it.mac.tokens.clone()).identifiers,
                _ => token_scan::identifiers(self.program.item(call)),
            },
            _ => BTreeSet::new(),
        };
        let mut queue = vec![call];
        let mut seen = HashSet::new();
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let item = self.program.item(id);
            if let (ItemKind::MacroRules, Syntax::Item(it)) = (item.kind, &item.syntax)
                && let syn::Item::Macro(it) = &**it
            {
                definable.extend(token_scan::definable(&it.mac.tokens));
            }
            for name in token_scan::identifiers(item) {
                queue.extend(self.macros.get(&name).into_iter().flatten().copied());
                idents.insert(name);
            }
        }
        (idents, definable.into_iter().collect())
    }

    /// Returns the calls in a module, and whatever else is opaque there, that may define a name.
    pub(crate) fn defined_by_macros(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let scope = self.program.module(module);
        let calls = scope.macro_calls.iter().copied();
        calls
            .filter(|it| self.definable.get(it).is_none_or(|names| names.contains(name)))
            .chain(scope.opaque)
            .map(Definition::Item)
            .collect()
    }
}
