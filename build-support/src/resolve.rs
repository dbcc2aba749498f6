//! Stage 4: what a path means, by Rust's scoping rules (Rust Reference, "Names"). A path may mean
//! several things, since `cfg` can leave several definitions of one name; all are returned.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet},
    rc::Rc,
};

use crate::{
    extract::plain_name,
    prelude,
    program::{
        DOLLAR_CRATE, Definition, Extern, ImportPath, ItemId, ItemKind, ModuleId, Namespace,
        Program,
    },
    resolve_globs::Globs,
    resolve_traits,
};

/// A definition, and the segments of the path behind it (`new` in `Type::new`).
pub(crate) type Meaning = (Definition, Vec<String>);

pub(crate) struct Resolver<'p> {
    pub(crate) program: &'p Program,
    /// Identifiers in item-position macro calls and in the local definitions behind them.
    pub(crate) mentions: HashMap<ItemId, BTreeSet<String>>,
    /// Identifiers that such a call may define.
    pub(crate) definable: HashMap<ItemId, HashSet<String>>,
    pub(crate) macros: HashMap<String, Vec<ItemId>>,
    /// Free items.
    pub(crate) by_name: HashMap<String, Vec<ItemId>>,
    /// Look-ups under way, so that circular imports end.
    active: RefCell<HashSet<(ModuleId, String, Namespace)>>,
    known: RefCell<HashMap<(ModuleId, String, Namespace), Found>>,
    /// The `cfg`s that the look-ups since the last [`Resolver::take_cfgs`] depend on.
    pub(crate) cfgs: RefCell<BTreeSet<String>>,
    pub(crate) globs: RefCell<HashMap<ModuleId, Globs>>,
    /// Names of the members of local traits; `None` where a macro may add some.
    pub(crate) declared: HashMap<ItemId, Option<BTreeSet<String>>>,
    /// Traits in scope at a module.
    pub(crate) scopes: RefCell<HashMap<ModuleId, ScopedTraits>>,
}

/// What a name means in a module, and the `cfg`s that this depends on.
#[derive(Clone, Default)]
struct Found {
    definitions: Vec<Definition>,
    cfgs: BTreeSet<String>,
}

#[derive(Clone)]
pub(crate) struct ScopedTraits {
    pub(crate) local: Rc<[ItemId]>,
    /// There may be some of other crates than std.
    pub(crate) has_foreign: bool,
    /// What this depends on.
    pub(crate) cfgs: BTreeSet<String>,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        let mut macros: HashMap<String, Vec<ItemId>> = HashMap::new();
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::new();
        for id in program.item_ids() {
            let item = program.item(id);
            if item.kind == ItemKind::MacroRules {
                macros.entry(item.name.clone()).or_default().push(id);
            } else if item.parent.is_none() && !item.name.is_empty() {
                by_name.entry(item.name.clone()).or_default().push(id);
            }
        }
        let mut resolver = Self {
            program,
            mentions: HashMap::new(),
            definable: HashMap::new(),
            macros,
            by_name,
            active: RefCell::default(),
            known: RefCell::default(),
            cfgs: RefCell::default(),
            globs: RefCell::default(),
            declared: HashMap::new(),
            scopes: RefCell::default(),
        };
        for id in program.item_ids() {
            if matches!(program.item(id).kind, ItemKind::Trait) {
                resolver.declared.insert(id, resolve_traits::declared(program, id));
            }
            if program.item(id).kind == ItemKind::MacroCall {
                let (mentions, definable) = resolver.mentioned_by(id);
                resolver.mentions.insert(id, mentions);
                resolver.definable.insert(id, definable);
            }
        }
        resolver.settle_globs();
        resolver
    }

    /// Resolves a path as it is written in a module.
    pub(crate) fn path(
        &self,
        module: ModuleId,
        leading_colon: bool,
        segments: &[String],
        namespace: Namespace,
    ) -> Vec<Meaning> {
        let Some((first, rest)) = segments.split_first() else { return Vec::new() };
        let space = if rest.is_empty() { namespace } else { Namespace::Type };
        let starts = if leading_colon {
            self.extern_crate(module, first)
        } else {
            match first.as_str() {
                "crate" | "$crate" => vec![Definition::Module(self.program.krate_of(module).root)],
                "self" => vec![Definition::Module(self.enclosing(module))],
                "super" => self.parent(self.enclosing(module)).into_iter().collect(),
                _ if first.starts_with(DOLLAR_CRATE) => self.dollar_crate(module, first),
                _ => self.lexical(module, first, space),
            }
        };
        starts.into_iter().flat_map(|it| self.follow(it, rest, namespace)).collect()
    }

    /// Tells whether an attribute is `perennial::memo`, whatever it is called here. One that resolves to
    /// nothing is judged by its last name: a macro may have imported it.
    pub(crate) fn is_memo(&self, module: ModuleId, path: &syn::Path) -> bool {
        let names: Vec<_> =
            path.segments.iter().map(|it| plain_name(&it.ident.to_string())).collect();
        let meanings = self.path(module, path.leading_colon.is_some(), &names, Namespace::Macro);
        let is_perennial = |name: &str| {
            name == "perennial"
                || self.program.krates.iter().any(|it| it.perennial.iter().any(|it| it == name))
        };
        let is_ours = |(it, _): &Meaning| match it {
            Definition::External(path) => path.rsplit_once("::").is_some_and(|(before, last)| {
                last == "memo" && before.split("::").any(is_perennial)
            }),
            _ => false,
        };
        match &meanings[..] {
            [] => names.last().is_some_and(|it| it == "memo"),
            meanings => meanings.iter().any(is_ours),
        }
    }

    /// `$crate` in an expansion: the crate of the macro, which the caller's crate can see.
    fn dollar_crate(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let name = &name[DOLLAR_CRATE.len()..];
        let visible = self.program.visible_from(self.program.module(module).krate);
        let named = visible.into_iter().map(|it| &self.program.krates[it.index()]);
        named.filter(|it| it.name == name).map(|it| Definition::Module(it.root)).collect()
    }

    fn follow(&self, start: Definition, rest: &[String], namespace: Namespace) -> Vec<Meaning> {
        let Some((name, others)) = rest.split_first() else { return vec![(start, Vec::new())] };
        match start {
            Definition::Module(module) => {
                let space = if others.is_empty() { namespace } else { Namespace::Type };
                let next = match name.as_str() {
                    "super" => self.parent(module).into_iter().collect(),
                    "self" => vec![Definition::Module(module)],
                    _ => self.member(module, name, space),
                };
                next.into_iter().flat_map(|it| self.follow(it, others, namespace)).collect()
            }
            Definition::External(path) => {
                vec![(Definition::External(format!("{path}::{}", rest.join("::"))), Vec::new())]
            }
            Definition::Item(id) => {
                if self.program.item(id).variants().any(|it| it.ident == name) {
                    return vec![(Definition::Variant(id), others.to_vec())];
                }
                vec![(Definition::Item(id), rest.to_vec())]
            }
            Definition::Variant(id) => vec![(Definition::Variant(id), rest.to_vec())],
        }
    }

    /// Looks a name up where it stands: outwards through blocks, then crates and the prelude.
    fn lexical(&self, module: ModuleId, name: &str, namespace: Namespace) -> Vec<Definition> {
        let mut scope = Some(module);
        let mut found = Vec::new();
        while let Some(id) = scope {
            found.extend(self.member(id, name, namespace));
            // What a glob of another crate brings is only possible, and so is what a `cfg` may
            // remove; the search goes on.
            let is_certain =
                |it: &Definition| !matches!(it, Definition::External(path) if path.contains('*'));
            if found.iter().any(is_certain) && !self.is_conditional(id, name) {
                return found;
            }
            let module = self.program.module(id);
            if !module.is_block {
                if namespace == Namespace::Type {
                    found.extend(self.extern_crate(id, name));
                }
                if namespace == Namespace::Macro && prelude::is_macro(name) {
                    found.push(Definition::External(format!("std::{name}")));
                }
                if prelude::has(name) {
                    found.push(Definition::External(format!("std::prelude::{name}")));
                }
                return found;
            }
            scope = module.parent;
        }
        found
    }

    fn extern_crate(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let krate = self.program.krate_of(module);
        match krate.externs.get(name) {
            Some(Extern::Local(id)) => {
                vec![Definition::Module(self.program.krates[id.index()].root)]
            }
            Some(Extern::Foreign) => vec![Definition::External(name.to_owned())],
            None if prelude::SYSROOT.contains(&name) => {
                vec![Definition::External(name.to_owned())]
            }
            None => Vec::new(),
        }
    }

    /// Looks a name up among what a module defines and imports.
    pub(crate) fn member(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let key = (module, name.to_owned(), namespace);
        if let Some(known) = self.known.borrow().get(&key) {
            self.cfgs.borrow_mut().extend(known.cfgs.iter().cloned());
            return known.definitions.clone();
        }
        if !self.active.borrow_mut().insert(key.clone()) {
            return Vec::new();
        }
        let before = self.cfgs.take();
        let mut found = self.explicit(module, name, namespace);
        if found.is_empty() || self.is_conditional(module, name) {
            found.extend(self.through_globs(module, name, namespace));
            found.extend(self.defined_by_macros(module, name));
        }
        found.sort();
        found.dedup();
        self.active.borrow_mut().remove(&key);
        if self.is_at_rest() {
            let kept = Found { definitions: found.clone(), cfgs: self.cfgs.borrow().clone() };
            self.known.borrow_mut().insert(key, kept);
        }
        self.cfgs.borrow_mut().extend(before);
        found
    }

    /// Returns the `cfg`s that the look-ups since the last call depend on.
    pub(crate) fn take_cfgs(&self) -> BTreeSet<String> {
        self.cfgs.take()
    }

    /// Tells whether a name may be missing from a module, so that another of its name may be meant.
    pub(crate) fn is_conditional(&self, module: ModuleId, name: &str) -> bool {
        let cfgs = self.program.module(module).conditional.get(name);
        self.cfgs.borrow_mut().extend(cfgs.into_iter().flatten().cloned());
        cfgs.is_some()
    }

    pub(crate) fn explicit(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let scope = self.program.module(module);
        let own = scope.names.get(name).into_iter().flatten();
        let mut found: Vec<_> = own.filter(|it| self.is_in(it, namespace)).cloned().collect();
        for import in scope.imports.iter().filter(|it| it.name == name) {
            found.extend(self.import(module, &import.path, namespace));
        }
        found
    }

    /// Resolves the path of a `use` to what it brings into a name space.
    pub(crate) fn import(
        &self,
        module: ModuleId,
        path: &ImportPath,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let mut meanings = self.path(module, path.leading_colon, &path.segments, namespace);
        if meanings.is_empty() && !path.leading_colon {
            // Edition 2015: paths of `use` begin at the crate's root.
            let root = self.program.krate_of(module).root;
            meanings = self.follow(Definition::Module(root), &path.segments, namespace);
        }
        meanings.into_iter().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it).collect()
    }

    /// Inside a cycle of look-ups a result may be partial, so that it is not kept.
    fn is_at_rest(&self) -> bool {
        self.active.borrow().is_empty()
    }

    /// Forgets what look-ups found, where what they depend on has changed.
    pub(crate) fn forget(&self) {
        self.known.borrow_mut().clear();
    }

    fn is_in(&self, definition: &Definition, namespace: Namespace) -> bool {
        match definition {
            Definition::Module(_) => namespace == Namespace::Type,
            Definition::Item(id) => self.program.item(*id).is_in(namespace),
            Definition::Variant(_) => namespace != Namespace::Macro,
            Definition::External(_) => true,
        }
    }

    /// Returns the module that a block stands in; a module stands in itself.
    fn enclosing(&self, mut module: ModuleId) -> ModuleId {
        while let (true, Some(parent)) =
            (self.program.module(module).is_block, self.program.module(module).parent)
        {
            module = parent;
        }
        module
    }

    fn parent(&self, module: ModuleId) -> Option<Definition> {
        self.program.module(module).parent.map(|it| Definition::Module(self.enclosing(it)))
    }
}
