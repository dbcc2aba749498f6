//! From where a definition can be named (Rust Reference, "Visibility and privacy"). Imports bring only what can be named
//! where they stand, so that a name which is private elsewhere leaves room for another of its name. Syntax goes in,
//! answers come out. Must not call hidden what may be seen.

use std::rc::Rc;

use crate::{
    attribute, cfg, cfg_attr,
    extract::plain_name,
    program::{Definition, Item, ItemId, ItemKind, ModuleId, Namespace, Program, Syntax},
};

/// From where something can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Visibility {
    /// From everywhere, as far as is known.
    Public,
    /// From a module and those inside.
    Within(ModuleId),
}

/// All that restricts an item.
pub(crate) type Visibilities = Rc<[Visibility]>;

impl Program {
    /// Reads a visibility that stands in a module. One that can't be followed hides nothing.
    pub(crate) fn visibility(&self, module: ModuleId, written: &syn::Visibility) -> Visibility {
        let home = self.enclosing(module);
        match written {
            syn::Visibility::Public(_) => Visibility::Public,
            syn::Visibility::Inherited => Visibility::Within(home),
            syn::Visibility::Restricted(it) => {
                self.around_named(home, &it.path).map_or(Visibility::Public, Visibility::Within)
            }
        }
    }

    /// Returns the module around another that a path names, as far as it names it plainly.
    fn around_named(&self, home: ModuleId, path: &syn::Path) -> Option<ModuleId> {
        let root = self.krate_of(home).root;
        let outside = |module: ModuleId| self.module(module).parent.map(|it| self.enclosing(it));
        let mut at = None;
        for segment in &path.segments {
            let name = plain_name(&segment.ident.to_string());
            at = match (name.as_str(), at) {
                ("crate", None) => Some(root),
                ("self", None) => Some(home),
                ("super", at) => outside(at.unwrap_or(home)),
                // In edition 2015 paths begin at the root.
                (name, at) => {
                    let inner = format!("{}::{name}", self.module(at.unwrap_or(root)).path);
                    let is_named = |it: &ModuleId| {
                        let module = self.module(*it);
                        !module.is_block && module.path == inner
                    };
                    self.around(home).find(is_named)
                }
            };
            at?;
        }
        at
    }

    /// Tells whether something can be named from a module; `None` is one of another crate.
    pub(crate) fn sees(&self, viewer: Option<ModuleId>, visibility: Visibility) -> bool {
        match visibility {
            Visibility::Public => true,
            Visibility::Within(home) => {
                viewer.is_some_and(|it| self.around(it).any(|it| it == home))
            }
        }
    }

    /// Tells whether what a name stands for can be named from a module, apart from imports on the way.
    pub(crate) fn sees_definition(
        &self,
        viewer: Option<ModuleId>,
        definition: &Definition,
        namespace: Namespace,
    ) -> bool {
        match definition {
            Definition::Module(id) => self.sees(viewer, self.module(*id).visibility),
            Definition::Item(id) => {
                self.visibilities(*id, namespace).iter().all(|it| self.sees(viewer, *it))
            }
            // Variants have no visibility of their own.
            Definition::Variant(id) => {
                let all = self.visibilities(*id, Namespace::Type);
                all.iter().all(|it| self.sees(viewer, *it))
            }
            Definition::External(_) => true,
        }
    }

    /// The innermost module from which both see all that each can see.
    pub(crate) fn common(&self, one: Option<ModuleId>, other: ModuleId) -> Option<ModuleId> {
        let one = one?;
        self.around(other).find(|it| self.around(one).any(|outer| outer == *it))
    }

    /// Returns the module that a block stands in; a module stands in itself.
    pub(crate) fn enclosing(&self, module: ModuleId) -> ModuleId {
        let mut around = self.around(module);
        around.find(|it| !self.module(*it).is_block).unwrap_or(module)
    }

    pub(crate) fn around(&self, module: ModuleId) -> impl Iterator<Item = ModuleId> {
        std::iter::successors(Some(module), |it| self.module(*it).parent)
    }

    /// All that restricts an item, read once; a constructor's fields do, too.
    fn visibilities(&self, id: ItemId, namespace: Namespace) -> Visibilities {
        if let Some(known) = self.visibilities.borrow().get(&(id, namespace)) {
            return Rc::clone(known);
        }
        let found: Visibilities = self.read_visibilities(id, namespace).into();
        self.visibilities.borrow_mut().insert((id, namespace), Rc::clone(&found));
        found
    }

    fn read_visibilities(&self, id: ItemId, namespace: Namespace) -> Vec<Visibility> {
        let item = self.item(id);
        let mut all = Vec::new();
        if let Some(written) = written(item) {
            all.push(self.visibility(item.module, written));
        }
        if let (Namespace::Value, ItemKind::Type, Syntax::Item(syntax)) =
            (namespace, item.kind, &item.syntax)
            && let syn::Item::Struct(it) = &**syntax
        {
            all.extend(it.fields.iter().map(|it| self.visibility(item.module, &it.vis)));
            if it.attrs.iter().any(|it| it.path().is_ident("non_exhaustive")) {
                all.push(Visibility::Within(self.krate_of(item.module).root));
            }
        }
        all
    }
}

/// The visibility of an item as it is written; none where an attribute may change it.
fn written(item: &Item) -> Option<&syn::Visibility> {
    let Syntax::Item(syntax) = &item.syntax else {
        return match &item.syntax {
            Syntax::Foreign(it) => match &**it {
                syn::ForeignItem::Fn(it) => Some(&it.vis),
                syn::ForeignItem::Static(it) => Some(&it.vis),
                syn::ForeignItem::Type(it) => Some(&it.vis),
                _ => None,
            },
            _ => None,
        };
    };
    let mut attributes = cfg::attributes_of_item(syntax).iter();
    if attributes.any(|it| cfg_attr::flattened(it).iter().any(attribute::may_be_macro)) {
        return None;
    }
    match &**syntax {
        syn::Item::Const(it) => Some(&it.vis),
        syn::Item::Enum(it) => Some(&it.vis),
        syn::Item::Fn(it) => Some(&it.vis),
        syn::Item::Static(it) => Some(&it.vis),
        syn::Item::Struct(it) => Some(&it.vis),
        syn::Item::Trait(it) => Some(&it.vis),
        syn::Item::TraitAlias(it) => Some(&it.vis),
        syn::Item::Type(it) => Some(&it.vis),
        syn::Item::Union(it) => Some(&it.vis),
        _ => None,
    }
}
