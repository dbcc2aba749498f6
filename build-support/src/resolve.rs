//! Stage 4: what a path means, by Rust's scoping rules (Rust Reference, "Names"). A path may mean
//! several things, since `cfg` can leave several definitions of one name; all are returned.

use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

use rustc_hash::FxHashMap as HashMap;

use crate::{
    attribute, external_path,
    look_ups::LookUps,
    prelude,
    program::{
        DOLLAR_CRATE, Definition, Extern, FOREIGN_DOLLAR_CRATE, ImportPath, ItemId, ItemKind,
        ModuleId, Namespace, Program,
    },
    resolve_globs::GlobSources,
    resolve_paths::KnownPaths,
    resolve_traits::{self, ScopedTraits},
    words::Words,
    written::WrittenPaths,
};

/// A definition, and the segments of the path behind it (`new` in `Type::new`).
pub(crate) type Meaning = (Definition, Vec<String>);

/// All that a path may mean.
pub(crate) type Meanings = Rc<[Meaning]>;

pub(crate) struct Resolver<'p> {
    pub(crate) program: &'p Program,
    /// Words of item-position macro calls and of the local definitions behind them.
    pub(crate) mentions: HashMap<ItemId, Vec<Rc<Words>>>,
    pub(crate) macros: HashMap<String, Vec<ItemId>>,
    /// The macros that the words of a call or of a definition lead to, as far as they were asked for.
    pub(crate) named: RefCell<HashMap<ItemId, Rc<[ItemId]>>>,
    /// A dependency goes by the name of one of the toolchain's crates.
    pub(crate) has_renamed_std: bool,
    /// The items that a call may mean, as far as they were asked for.
    pub(crate) mentioned: RefCell<HashMap<ItemId, Rc<[ItemId]>>>,
    /// Free items.
    pub(crate) by_name: HashMap<String, Vec<ItemId>>,
    pub(crate) look_ups: RefCell<LookUps>,
    /// Most paths stand in a module more than once, and are asked for again at one place.
    pub(crate) known_paths: RefCell<KnownPaths>,
    pub(crate) written: RefCell<WrittenPaths>,
    /// The `cfg`s that the look-ups since the last [`Resolver::take_cfgs`] depend on.
    pub(crate) cfgs: RefCell<BTreeSet<String>>,
    pub(crate) glob_sources: RefCell<GlobSources>,
    /// Names of the members of local traits; `None` where a macro may add some.
    pub(crate) declared: HashMap<ItemId, Option<BTreeSet<String>>>,
    /// Default methods of local traits, by trait and name, as far as they have declarations of their own.
    pub(crate) declarations: HashMap<ItemId, HashMap<String, Vec<ItemId>>>,
    pub(crate) scopes: RefCell<HashMap<ModuleId, Rc<ScopedTraits>>>,
}

impl<'p> Resolver<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        let mut macros: HashMap<String, Vec<ItemId>> = HashMap::default();
        let mut by_name: HashMap<String, Vec<ItemId>> = HashMap::default();
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
            mentions: HashMap::default(),
            macros,
            named: RefCell::default(),
            mentioned: RefCell::default(),
            has_renamed_std: program.krates.iter().any(|krate| {
                krate.externs.keys().any(|it| prelude::SYSROOT.contains(&it.as_str()))
            }),
            by_name,
            look_ups: RefCell::default(),
            known_paths: RefCell::default(),
            written: RefCell::default(),
            cfgs: RefCell::default(),
            glob_sources: RefCell::default(),
            declared: HashMap::default(),
            declarations: HashMap::default(),
            scopes: RefCell::default(),
        };
        for id in program.item_ids() {
            if matches!(program.item(id).kind, ItemKind::Trait) {
                resolver.declared.insert(id, resolve_traits::declared(program, id));
            }
            if let (ItemKind::Declaration, Some(of)) =
                (program.item(id).kind, program.item(id).parent)
            {
                let name = program.item(id).name.clone();
                let of_name = resolver.declarations.entry(of).or_default().entry(name).or_default();
                of_name.push(id);
            }
        }
        resolver.read_calls();
        resolver.follow_globs();
        resolver
    }

    /// Looks up what a path means; of an import the last name has to be visible where the import stands.
    pub(crate) fn path_for(
        &self,
        module: ModuleId,
        importer: Option<ModuleId>,
        leading_colon: bool,
        segments: &[String],
        namespace: Namespace,
    ) -> Vec<Meaning> {
        let Some((first, rest)) = segments.split_first() else { return Vec::new() };
        let space = if rest.is_empty() { namespace } else { Namespace::Type };
        let reads = self.reads();
        let starts = if leading_colon {
            self.extern_crate(module, first)
        } else {
            match first.as_str() {
                "crate" | "$crate" => vec![Definition::Module(self.program.krate_of(module).root)],
                "self" => vec![Definition::Module(self.program.enclosing(module))],
                "super" => self.parent(self.program.enclosing(module)).into_iter().collect(),
                _ if first.starts_with(DOLLAR_CRATE) => self.dollar_crate(module, first),
                _ if first.starts_with(FOREIGN_DOLLAR_CRATE) => {
                    vec![Definition::External(first[FOREIGN_DOLLAR_CRATE.len()..].into())]
                }
                _ => self.lexical(module, first, space),
            }
        };
        let is_final = reads == self.reads();
        let follow = |it| self.follow(it, is_final, rest, namespace, importer);
        starts.into_iter().flat_map(follow).collect()
    }

    /// Tells whether an attribute is `perennial::memo`, whatever it is called here. One that resolves to
    /// nothing is judged by its last name: a macro may have imported it.
    pub(crate) fn is_memo(&self, module: ModuleId, path: &syn::Path) -> bool {
        match &*self.macro_meanings_of(module, path) {
            [] => self.written(path).names.last().is_some_and(|it| it == "memo"),
            meanings => meanings.iter().any(|it| self.is_ours(it, "memo")),
        }
    }

    /// Tells whether a call is certainly one of `perennial::memo_fn`.
    pub(crate) fn is_memo_fn(&self, module: ModuleId, path: &syn::Path) -> bool {
        let meanings = self.macro_meanings_of(module, path);
        !meanings.is_empty() && meanings.iter().all(|it| self.is_ours(it, "memo_fn"))
    }

    /// Tells whether an attribute is `perennial::env`. One that resolves to nothing is judged by how it is written.
    pub(crate) fn is_environment(&self, module: ModuleId, path: &syn::Path) -> bool {
        match &*self.macro_meanings_of(module, path) {
            [] => attribute::is_environment(path),
            meanings => meanings.iter().any(|it| self.is_ours(it, "env")),
        }
    }

    /// Tells whether a `memo_key!` or a `memo_call!` is no macro of the program's own that has its name.
    pub(crate) fn is_key(&self, module: ModuleId, path: &syn::Path, name: &str) -> bool {
        let is_foreign = |(it, _): &Meaning| matches!(it, Definition::External(_));
        self.macros_named(name, module).is_empty()
            && self.macro_meanings_of(module, path).iter().all(is_foreign)
    }

    fn macro_meanings_of(&self, module: ModuleId, path: &syn::Path) -> Meanings {
        let leading_colon = path.leading_colon.is_some();
        self.meanings(module, leading_colon, &self.written(path), Namespace::Macro)
    }

    fn is_ours(&self, (definition, _): &Meaning, name: &str) -> bool {
        let is_perennial = |name: &str| {
            name == "perennial"
                || self.program.krates.iter().any(|it| it.perennial.iter().any(|it| it == name))
        };
        match definition {
            Definition::External(path) => path
                .rsplit_once("::")
                .is_some_and(|(before, last)| last == name && before.split("::").any(is_perennial)),
            _ => false,
        }
    }

    /// `$crate` in an expansion: the crate of the macro, which the caller's crate can see.
    fn dollar_crate(&self, module: ModuleId, name: &str) -> Vec<Definition> {
        let name = &name[DOLLAR_CRATE.len()..];
        let visible = self.program.visible_from(self.program.module(module).krate);
        let named = visible.into_iter().map(|it| &self.program.krates[it.index()]);
        named.filter(|it| it.name == name).map(|it| Definition::Module(it.root)).collect()
    }

    fn follow(
        &self,
        start: Definition,
        is_final: bool,
        rest: &[String],
        namespace: Namespace,
        importer: Option<ModuleId>,
    ) -> Vec<Meaning> {
        let Some((name, others)) = rest.split_first() else { return vec![(start, Vec::new())] };
        match start {
            Definition::Module(module) => {
                let space = if others.is_empty() { namespace } else { Namespace::Type };
                let reads = self.reads();
                let next = match name.as_str() {
                    "super" => self.parent(module).into_iter().collect(),
                    "self" => vec![Definition::Module(module)],
                    _ if others.is_empty() => {
                        self.member_for(module, name, space, importer.unwrap_or(module))
                    }
                    _ => self.member(module, name, space),
                };
                let is_final = is_final && reads == self.reads();
                let follow = |it| self.follow(it, is_final, others, namespace, importer);
                next.into_iter().flat_map(follow).collect()
            }
            Definition::External(path) => {
                let rest = rest.join("::");
                let mut path = if is_final {
                    format!("{path}::{rest}")
                } else {
                    external_path::grown(&path, &rest)
                };
                if !self.has_renamed_std {
                    path = prelude::by_prelude(&path);
                }
                vec![(Definition::External(path.into()), Vec::new())]
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
            let reads = self.reads();
            let here = self.member(id, name, namespace);
            // What a glob of another crate brings is only possible, and so is what a `cfg` may
            // remove; the search goes on.
            let is_certain =
                |it: &Definition| !matches!(it, Definition::External(path) if path.contains('*'));
            let is_defined = here.iter().any(is_certain) && reads == self.reads();
            found.extend(here);
            if is_defined && !self.is_conditional(id, name) {
                return found;
            }
            let module = self.program.module(id);
            if !module.is_block {
                if namespace == Namespace::Type {
                    found.extend(self.extern_crate(id, name));
                }
                if namespace == Namespace::Macro && prelude::is_macro(name) {
                    found.push(Definition::External(format!("std::{name}").into()));
                }
                if prelude::has(name) {
                    found.push(Definition::External(format!("std::prelude::{name}").into()));
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
            Some(Extern::Foreign) => vec![Definition::External(name.into())],
            None if prelude::SYSROOT.contains(&name) => {
                vec![Definition::External(name.into())]
            }
            None => Vec::new(),
        }
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

    /// Returns what a module itself says a name is, as far as a viewer sees it, and whether it says anything.
    pub(crate) fn explicit(
        &self,
        module: ModuleId,
        name: &str,
        namespace: Namespace,
        viewer: Option<ModuleId>,
    ) -> (Vec<Definition>, bool) {
        let scope = self.program.module(module);
        let own = scope.names.get(name).into_iter().flatten();
        let mut found: Vec<_> = own.filter(|it| self.is_in(it, namespace)).cloned().collect();
        let mut is_defined = !found.is_empty();
        for import in scope.imports.iter().filter(|it| it.name == name) {
            let reads = self.reads();
            let imported = self.import(module, &import.path, namespace);
            is_defined |= imported.iter().any(|it| self.is_certain(it)) && reads == self.reads();
            if self.program.sees(viewer, import.visibility) {
                found.extend(imported);
            }
        }
        if viewer != Some(module) {
            found.retain(|it| self.program.sees_definition(viewer, it, namespace));
        }
        (found, is_defined)
    }

    /// Resolves the path of a `use` to what it brings into a name space.
    pub(crate) fn import(
        &self,
        module: ModuleId,
        path: &ImportPath,
        namespace: Namespace,
    ) -> Vec<Definition> {
        let reads = self.reads();
        let mut meanings =
            self.path_for(module, Some(module), path.leading_colon, &path.segments, namespace);
        let is_certain =
            reads == self.reads() || path.segments.first().is_some_and(|it| is_anchor(it));
        if (meanings.is_empty() || !is_certain) && !path.leading_colon {
            // Edition 2015: paths of `use` begin at the crate's root.
            let root = self.program.krate_of(module).root;
            let root = Definition::Module(root);
            meanings.extend(self.follow(root, true, &path.segments, namespace, Some(module)));
        }
        meanings.into_iter().filter(|(_, rest)| rest.is_empty()).map(|(it, _)| it).collect()
    }

    fn is_certain(&self, definition: &Definition) -> bool {
        match definition {
            Definition::External(path) => !path.contains('*'),
            Definition::Item(id) => {
                !matches!(self.program.item(*id).kind, ItemKind::MacroCall | ItemKind::Opaque)
            }
            Definition::Module(_) | Definition::Variant(_) => true,
        }
    }

    fn is_in(&self, definition: &Definition, namespace: Namespace) -> bool {
        match definition {
            Definition::Module(_) => namespace == Namespace::Type,
            Definition::Item(id) => self.program.item(*id).is_in(namespace),
            Definition::Variant(_) => namespace != Namespace::Macro,
            Definition::External(_) => true,
        }
    }

    fn parent(&self, module: ModuleId) -> Option<Definition> {
        let parent = self.program.module(module).parent?;
        Some(Definition::Module(self.program.enclosing(parent)))
    }
}

/// Tells whether a path that begins with a name begins at one place in every edition.
fn is_anchor(first: &str) -> bool {
    matches!(first, "crate" | "$crate" | "self" | "super")
        || first.starts_with(DOLLAR_CRATE)
        || first.starts_with(FOREIGN_DOLLAR_CRATE)
}
