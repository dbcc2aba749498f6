//! Stage 4, where macros stand in the way: which items a call at the level of items may mention, and
//! which names it may define. A call goes in, names and items come out. Expands nothing.

use std::{borrow::Cow, collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashSet as HashSet;

use crate::{
    head_type::aliased,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace},
    resolve::Resolver,
    words::Words,
};

impl Resolver<'_> {
    /// Returns the words of an item-position macro call, or of an item around calls, and of the definitions
    /// that it can expand to.
    fn mentions(&self, call: ItemId) -> Cow<'_, [Rc<Words>]> {
        let known = self.mentions.get(&call).map(|it| Cow::Borrowed(&it[..]));
        known.unwrap_or_else(|| Cow::Owned(self.read_call(call)))
    }

    /// Tells whether a call may define a name: any that it is given, and what definitions introduce.
    fn may_define(&self, call: ItemId, name: &str) -> bool {
        let words = self.mentions.get(&call);
        words.is_none_or(|words| words.iter().any(|it| it.definable.contains(name)))
    }

    /// Returns the items that an item-position macro call may mean by the identifiers in it, where it
    /// stands or anywhere by their names: a macro may put the path before a name. In order, each once.
    pub(crate) fn mentioned_items(&self, call: ItemId) -> Rc<[ItemId]> {
        if let Some(known) = self.mentioned.borrow().get(&call) {
            return Rc::clone(known);
        }
        let module = self.program.item(call).module;
        let words = self.mentions(call);
        let names: BTreeSet<_> = words.iter().flat_map(|it| &it.identifiers).collect();
        let mut found = Vec::new();
        for name in names {
            found.extend(self.by_name.get(name).into_iter().flatten().copied());
            for namespace in [Namespace::Type, Namespace::Value] {
                let names = std::slice::from_ref(name);
                for (definition, _) in &*self.path(module, false, names, namespace) {
                    if let Definition::Item(id) | Definition::Variant(id) = definition {
                        found.push(*id);
                        found.extend(aliased(self, *id, 16));
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let found: Rc<[ItemId]> = found.into();
        self.mentioned.borrow_mut().insert(call, Rc::clone(&found));
        found
    }

    /// Returns the `macro_rules` of a name that code in `module` may call.
    pub(crate) fn macros_named(&self, name: &str, module: ModuleId) -> Vec<ItemId> {
        let visible = self.program.visible_from(self.program.module(module).krate);
        let all = self.macros.get(name).into_iter().flatten().copied();
        all.filter(|it| visible.contains(&self.program.krate_of_item(*it))).collect()
    }

    /// Reads the calls at the level of items, with the definitions that they can expand to.
    pub(crate) fn read_calls(&mut self) {
        let is_call = |it: &ItemId| self.program.item(*it).kind == ItemKind::MacroCall;
        let calls: Vec<_> = self.program.item_ids().filter(is_call).collect();
        for call in calls {
            let words = self.read_call(call);
            self.mentions.insert(call, words);
        }
    }

    /// Reads a call with the definitions that it can expand to.
    fn read_call(&self, call: ItemId) -> Vec<Rc<Words>> {
        let mut named = self.named.borrow_mut();
        let mut words = Vec::new();
        let mut seen = HashSet::from_iter([call]);
        let mut queue = vec![call];
        while let Some(id) = queue.pop() {
            let found = self.program.words(id);
            let macros = named.entry(id).or_insert_with(|| {
                let identifiers = found.identifiers.iter();
                identifiers.filter_map(|it| self.macros.get(it)).flatten().copied().collect()
            });
            queue.extend(macros.iter().filter(|it| seen.insert(**it)));
            words.push(found);
        }
        words
    }

    /// Returns the calls in a module, and whatever else is opaque there, that may define a name.
    pub(crate) fn defined_by_macros(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let scope = self.program.module(module);
        let calls = scope.macro_calls.iter().copied();
        calls
            .filter(|it| self.may_define(*it, name))
            .chain(scope.opaque)
            .map(Definition::Item)
            .collect()
    }
}
