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
        Program, Syntax,
    },
    token_scan,
};

/// A definition, and the segments of the path behind it (`new` in `Type::new`).
pub(crate) type Meaning = (Definition, Vec<String>);

pub(crate) struct Resolver<'p> {
    pub(crate) program: &'p Program,
    /// Identifiers in item-position macro calls and in the local definitions behind them.
    mentions: HashMap<ItemId, HashSet<String>>,
    /// Identifiers that such a call may define.
    definable: HashMap<ItemId, HashSet<String>>,
    macros: HashMap<String, Vec<ItemId>>,
    /// Free items.
    by_name: HashMap<String, Vec<ItemId>>,
    /// Look-ups under way, so that circular imports end.
    active: RefCell<HashSet<(ModuleId, String, Namespace)>>,
    known: RefCell<HashMap<(ModuleId, String, Namespace), Found>>,
    /// The `cfg`s that the look-ups since the last [`Resolver::take_cfgs`] depend on.
    cfgs: RefCell<BTreeSet<String>>,
    glob_sources: RefCell<HashMap<ModuleId, Rc<[Definition]>>>,
    globs_under_way: RefCell<HashSet<ModuleId>>,
    /// Names of the members of local traits; `None` where a macro may add some.
    declared: HashMap<ItemId, Option<BTreeSet<String>>>,
    /// Traits in scope at a module: local ones, and whether there are any of other crates.
    scopes: RefCell<HashMap<ModuleId, ScopedTraits>>,
}

/// What a name means in a module, and the `cfg`s that this depends on.
#[derive(Clone, Default)]
struct Found {
    definitions: Vec<Definition>,
    cfgs: BTreeSet<String>,
}

type ScopedTraits = (Rc<[ItemId]>, bool);

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
            glob_sources: RefCell::default(),
            globs_under_way: RefCell::default(),
            declared: HashMap::new(),
            scopes: RefCell::default(),
        };
        for id in program.item_ids() {
            if matches!(program.item(id).kind, ItemKind::Trait) {
                resolver.declared.insert(id, declared(program, id));
            }
            if program.item(id).kind == ItemKind::MacroCall {
                let (mentions, definable) = resolver.mentioned_by(id);
                resolver.mentions.insert(id, mentions);
                resolver.definable.insert(id, definable);
            }
        }
        resolver
    }

    /// Returns the identifiers in a macro call and in the definitions that it can expand to, and
    /// those of them that it may define: any that it is given, and what definitions introduce.
    fn mentioned_by(&self, call: ItemId) -> (HashSet<String>, HashSet<String>) {
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

    /// Returns the identifiers that an item-position macro call mentions.
    pub(crate) fn mentions(&self, call: ItemId) -> &HashSet<String> {
        &self.mentions[&call]
    }

    /// Returns the items that an item-position macro call may mean by the identifiers in it, where it
    /// stands or anywhere by their names.
    pub(crate) fn mentioned_items(&self, call: ItemId) -> BTreeSet<ItemId> {
        let module = self.program.item(call).module;
        let mut found = BTreeSet::new();
        for name in self.mentions(call) {
            found.extend(self.by_name.get(name).into_iter().flatten().copied());
            for namespace in [Namespace::Type, Namespace::Value] {
                for (definition, _) in
                    self.path(module, false, std::slice::from_ref(name), namespace)
                {
                    if let Definition::Item(id) | Definition::Variant(id) = definition {
                        found.insert(id);
                        found.extend(crate::members::aliased(self, id, 16));
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
    fn is_conditional(&self, module: ModuleId, name: &str) -> bool {
        let cfgs = self.program.module(module).conditional.get(name);
        self.cfgs.borrow_mut().extend(cfgs.into_iter().flatten().cloned());
        cfgs.is_some()
    }

    fn explicit(&self, module: ModuleId, name: &str, namespace: Namespace) -> Vec<Definition> {
        let scope = self.program.module(module);
        let own = scope.names.get(name).into_iter().flatten();
        let mut found: Vec<_> = own.filter(|it| self.is_in(it, namespace)).cloned().collect();
        for import in scope.imports.iter().filter(|it| it.name == name) {
            found.extend(self.import(module, &import.path, namespace));
        }
        found
    }

    /// Resolves the path of a `use` to what it brings into a name space.
    fn import(&self, module: ModuleId, path: &ImportPath, namespace: Namespace) -> Vec<Definition> {
        let mut meanings = self.path(module, path.leading_colon, &path.segments, namespace);
        if meanings.is_empty() && !path.leading_colon {
            // Edition 2015: paths of `use` begin at the crate's root.
            let root = self.program.krate_of(module).root;
            meanings = self.follow(Definition::Module(root), &path.segments, namespace);
        }
        meanings.into_iter().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it).collect()
    }

    /// Looks a name up in everything that globs lead to, each module once.
    fn through_globs(&self, module: ModuleId, name: &str, namespace: Namespace) -> Vec<Definition> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([module]);
        let mut queue = vec![module];
        while let Some(at) = queue.pop() {
            let cfgs = self.program.module(at).globs.iter().map(|it| &it.cfgs);
            self.cfgs.borrow_mut().extend(cfgs.filter(|it| !it.is_empty()).cloned());
            for source in &*self.glob_sources(at) {
                match source {
                    Definition::Module(id) if seen.insert(*id) => {
                        let explicit = self.explicit(*id, name, namespace);
                        // What a module defines itself hides what its globs bring.
                        if explicit.is_empty() || self.is_conditional(*id, name) {
                            found.extend(self.defined_by_macros(*id, name));
                            queue.push(*id);
                        }
                        found.extend(explicit);
                    }
                    Definition::Item(id) | Definition::Variant(id)
                        if self.program.item(*id).variants().any(|it| it.ident == name) =>
                    {
                        found.push(Definition::Variant(*id));
                    }
                    Definition::External(path) => {
                        found.push(Definition::External(format!("{path}::*::{name}")));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// What the globs of a module bring the names of.
    fn glob_sources(&self, module: ModuleId) -> Rc<[Definition]> {
        if let Some(known) = self.glob_sources.borrow().get(&module) {
            return Rc::clone(known);
        }
        if !self.globs_under_way.borrow_mut().insert(module) {
            // Globs whose own path leads through these globs find nothing there.
            return Rc::new([]);
        }
        let globs = &self.program.module(module).globs;
        let sources: Vec<_> =
            globs.iter().flat_map(|it| self.import(module, &it.path, Namespace::Type)).collect();
        let sources: Rc<[Definition]> = sources.into();
        self.globs_under_way.borrow_mut().remove(&module);
        if self.is_at_rest() {
            self.glob_sources.borrow_mut().insert(module, Rc::clone(&sources));
        }
        sources
    }

    /// Inside a cycle of look-ups a result may be partial, so that it is not kept.
    fn is_at_rest(&self) -> bool {
        self.active.borrow().is_empty() && self.globs_under_way.borrow().is_empty()
    }

    /// Returns every item that a module defines or imports.
    pub(crate) fn everything_in(&self, module: ModuleId) -> BTreeSet<ItemId> {
        let mut all = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut queue = vec![module];
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let scope = self.program.module(id);
            let own = scope.names.values().flatten().cloned();
            let spaces = [Namespace::Type, Namespace::Value, Namespace::Macro];
            let imported = scope.imports.iter().flat_map(|import| {
                spaces.map(|space| self.import(id, &import.path, space)).into_iter().flatten()
            });
            let globbed = self.glob_sources(id);
            all.extend(scope.macro_calls.iter().copied());
            for definition in own.chain(imported).chain(globbed.iter().cloned()) {
                match definition {
                    Definition::Item(id) | Definition::Variant(id) => drop(all.insert(id)),
                    Definition::Module(id) => queue.push(id),
                    Definition::External(_) => {}
                }
            }
        }
        all
    }

    fn defined_by_macros(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let scope = self.program.module(module);
        let calls = scope.macro_calls.iter().copied();
        calls
            .filter(|it| self.definable.get(it).is_none_or(|names| names.contains(name)))
            .chain(scope.opaque)
            .map(Definition::Item)
            .collect()
    }

    fn is_in(&self, definition: &Definition, namespace: Namespace) -> bool {
        match definition {
            Definition::Module(_) => namespace == Namespace::Type,
            Definition::Item(id) => self.program.item(*id).is_in(namespace),
            Definition::Variant(_) => namespace != Namespace::Macro,
            Definition::External(_) => true,
        }
    }

    /// Returns the traits in scope at a module that may give a called method its meaning: local
    /// ones that declare one of `methods`, and imported paths of other crates that may be traits.
    pub(crate) fn traits_in_scope(
        &self,
        module: ModuleId,
        methods: &BTreeSet<String>,
    ) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let (mut local, foreign) = self.all_traits_in_scope(module);
        local.retain(|id| methods.iter().any(|it| self.declares(*id, it)));
        (local, foreign)
    }

    /// Returns every local trait in scope at a module.
    pub(crate) fn local_traits_in_scope(&self, module: ModuleId) -> Rc<[ItemId]> {
        self.scoped_traits(module).0
    }

    /// Tells whether a trait of another crate than std may be in scope at a module.
    pub(crate) fn has_foreign_traits_in_scope(&self, module: ModuleId) -> bool {
        self.scoped_traits(module).1
    }

    fn scoped_traits(&self, module: ModuleId) -> ScopedTraits {
        if let Some(known) = self.scopes.borrow().get(&module) {
            return known.clone();
        }
        let (local, foreign) = self.all_traits_in_scope(module);
        let found: ScopedTraits =
            (local.into_iter().collect(), foreign.iter().any(|it| !prelude::is_std(it)));
        self.scopes.borrow_mut().insert(module, found.clone());
        found
    }

    fn all_traits_in_scope(&self, module: ModuleId) -> (BTreeSet<ItemId>, BTreeSet<String>) {
        let (mut local, mut foreign) = (BTreeSet::new(), BTreeSet::new());
        let mut seen = HashSet::new();
        let mut queue = vec![module];
        while let Some(id) = queue.pop() {
            if !seen.insert(id) {
                continue;
            }
            let scope = self.program.module(id);
            if scope.is_block {
                queue.extend(scope.parent);
            }
            let own = scope.names.values().flatten().cloned();
            let imported =
                scope.imports.iter().flat_map(|it| self.import(id, &it.path, Namespace::Type));
            for definition in own.chain(imported).collect::<Vec<_>>() {
                match definition {
                    Definition::Item(id) if self.program.item(id).kind == ItemKind::Trait => {
                        local.insert(id);
                    }
                    Definition::External(path) if prelude::may_be_trait(&path) => {
                        foreign.insert(path);
                    }
                    _ => {}
                }
            }
            for source in &*self.glob_sources(id) {
                match source {
                    Definition::Module(id) => queue.push(*id),
                    Definition::External(path) => {
                        foreign.insert(format!("{path}::*"));
                    }
                    _ => {}
                }
            }
        }
        // The macros of perennial are imported where they are used, and are no traits.
        let is_ours = |path: &str| {
            let names = &self.program.krate_of(module).perennial;
            path.split_once("::").is_some_and(|(krate, rest)| {
                names.iter().any(|it| it == krate) && matches!(rest, "memo" | "memo_key")
            })
        };
        foreign.retain(|it| prelude::may_be_trait(it) && !is_ours(it));
        (local, foreign)
    }

    /// Tells whether a local trait has a member of that name, or may have by a macro.
    pub(crate) fn declares(&self, id: ItemId, name: &str) -> bool {
        match self.declared.get(&id) {
            Some(Some(names)) => names.contains(name),
            Some(None) => true,
            None => false,
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

/// The names that a trait declares; `None` where they can't be told.
fn declared(program: &Program, id: ItemId) -> Option<BTreeSet<String>> {
    let Syntax::Item(item) = &program.item(id).syntax else { return None };
    // What an alias brings is not looked into.
    let syn::Item::Trait(declaration) = &**item else { return None };
    let mut names = BTreeSet::new();
    for member in &declaration.items {
        let ident = match member {
            syn::TraitItem::Fn(it) => &it.sig.ident,
            syn::TraitItem::Const(it) => &it.ident,
            syn::TraitItem::Type(_) => continue,
            _ => return None,
        };
        names.insert(plain_name(&ident.to_string()));
    }
    Some(names)
}
