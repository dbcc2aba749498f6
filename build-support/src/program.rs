//! The model that the stages share: crates, modules and items in flat vectors, named by indices.
//! Filled by `extract`, never changed afterwards.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    rc::Rc,
};

use proc_macro2::{LineColumn, TokenStream};
use quote::ToTokens;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use crate::{
    attribute,
    cfg::{self, Configuration},
    expansion_budget::{ExpansionBudget, Spender},
    foreign_macros::ForeignMacros,
    macro_scope::{MacroScopeId, MacroScopes},
    module_file::ModuleFolder,
    source::{FileId, Sources},
    token_scan::Scan,
    visibility::{Visibilities, Visibility},
    words::Words,
};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(crate) u32);

        impl $name {
            pub(crate) fn new(index: usize) -> Self {
                Self(u32::try_from(index).expect("fewer than 2^32 of them"))
            }

            pub(crate) const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )* };
}

ids! {
    /// Names a crate of the program.
    KrateId
    /// Names a module, or a block that holds items.
    ModuleId
    /// Names an item.
    ItemId
}

/// Every crate whose source is analysed for one package: its own targets and its path dependencies.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) krates: Vec<Krate>,
    pub(crate) modules: Vec<Module>,
    pub(crate) items: Vec<Item>,
    pub(crate) sources: Sources,
    /// Files as they are parsed, for a crate that reads them again.
    pub(crate) parsed: HashMap<FileId, syn::File>,
    /// Modules of blocks that hold items, by where the block lies in memory: the syntax of an item
    /// does not move once it is extracted.
    pub(crate) blocks: HashMap<usize, ModuleId>,
    /// Items of blocks that have been extracted, by where they lie.
    pub(crate) extracted: HashSet<usize>,
    pub(crate) macro_scopes: MacroScopes,
    /// Of macros and calls, as far as they were asked for: their tokens stay as they are.
    pub(crate) words: RefCell<HashMap<ItemId, Rc<Words>>>,
    /// Of definitions of macros, as far as they were asked for.
    pub(crate) scans: RefCell<HashMap<ItemId, Rc<Scan>>>,
    pub(crate) visibilities: RefCell<HashMap<(ItemId, Namespace), Visibilities>>,
    pub(crate) expansion_budget: ExpansionBudget,
    /// The standard library is not the one whose entry points are known, so that any impl of its
    /// traits may be called at any time.
    pub(crate) has_other_std: bool,
    pub(crate) foreign_macros: ForeignMacros,
    /// What is `published` is after a lock that no other can take the place of.
    pub(crate) is_lock_certain: bool,
    /// Names of dependencies of the package whose build unit does not tell of all sources behind it.
    pub(crate) patched: BTreeSet<String>,
    /// Things that are wrong with the sources, as `path: message`.
    pub(crate) problems: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Krate {
    pub(crate) name: String,
    pub(crate) root: ModuleId,
    /// What the crate's code can name at the start of a path.
    pub(crate) externs: BTreeMap<String, Extern>,
    /// The folders of packages that are not part of the program, by the names of their crates here,
    /// as far as they are certain.
    pub(crate) published: BTreeMap<String, PathBuf>,
    /// The names under which it knows perennial itself.
    pub(crate) perennial: Vec<String>,
    /// The packages of dependencies that it knows by other names, as names of crates.
    pub(crate) renamed: BTreeMap<String, String>,
    /// The crate's own attributes (`#![…]`) that matter.
    pub(crate) attributes: String,
    /// The files that make it, in the order in which they were read.
    pub(crate) files: Vec<FileId>,
    pub(crate) is_proc_macro: bool,
    /// The year.
    pub(crate) edition: u16,
    pub(crate) configuration: Configuration,
    /// The crates whose macros `#[macro_use] extern crate` brings, which no path shows.
    pub(crate) macro_use: Vec<MacroUse>,
    /// Some module of it does without the prelude.
    pub(crate) has_no_prelude: bool,
    /// It is a target of the package itself, so that `OUT_DIR` is its own.
    pub(crate) is_own: bool,
    /// Its build script may set cfgs and variables.
    pub(crate) has_build_script: bool,
}

/// `#[macro_use] extern crate`.
#[derive(Debug)]
pub(crate) struct MacroUse {
    pub(crate) krate: String,
    /// The names in the attribute; without any, all are brought.
    pub(crate) names: Option<Vec<String>>,
}

impl MacroUse {
    pub(crate) fn brings(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|it| it.iter().any(|it| it == name))
    }
}

/// Stands for `$crate` in expansions, with the crate's name behind it.
pub(crate) const DOLLAR_CRATE: &str = "perennial_crate_";

/// Stands for `$crate` in expansions of macros whose crate is not part of the program, with the crate's
/// name where the call stands behind it.
pub(crate) const FOREIGN_DOLLAR_CRATE: &str = "perennial_foreign_crate_";

/// A crate that another one can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extern {
    /// Its source is part of the program.
    Local(KrateId),
    /// It is known by its build unit only.
    Foreign,
}

#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) krate: KrateId,
    pub(crate) parent: Option<ModuleId>,
    pub(crate) visibility: Visibility,
    /// A block's names are looked up outwards, up to the module that holds it.
    pub(crate) is_block: bool,
    /// `crate_name::outer::inner`.
    pub(crate) path: String,
    pub(crate) file: FileId,
    /// Where the files of its modules are; a block has none.
    pub(crate) folder: Option<ModuleFolder>,
    pub(crate) names: BTreeMap<String, Vec<Definition>>,
    pub(crate) imports: Vec<Import>,
    pub(crate) globs: Vec<Glob>,
    /// Names whose definition or import a `cfg` may remove, with the attributes.
    pub(crate) conditional: BTreeMap<String, BTreeSet<String>>,
    /// Item-position macro calls, which may define any name.
    pub(crate) macro_calls: Vec<ItemId>,
    /// Stands for a source that could not be parsed or found.
    pub(crate) opaque: Option<ItemId>,
    /// Attributes around the module that decide whether it exists, and macros that may rewrite it.
    pub(crate) cfgs: Vec<String>,
    /// Attributes around the module that no compiler knows: macros that see all inside.
    pub(crate) attributes: Vec<syn::Attribute>,
    /// Of a block: the macros by example in scope at its end.
    pub(crate) macro_scope: Option<MacroScopeId>,
}

/// What a name of a module stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Definition {
    Module(ModuleId),
    Item(ItemId),
    /// A variant of an enum.
    Variant(ItemId),
    /// A path that begins with a crate which is not part of the program.
    External(Rc<str>),
}

#[derive(Clone, Debug)]
pub(crate) struct ImportPath {
    pub(crate) leading_colon: bool,
    pub(crate) segments: Vec<String>,
}

/// `use path::*`, with the `cfg`s on it.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    pub(crate) path: ImportPath,
    pub(crate) visibility: Visibility,
    pub(crate) cfgs: String,
}

/// `use path as name`; an underscore stays an underscore.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) name: String,
    pub(crate) path: ImportPath,
    pub(crate) visibility: Visibility,
}

/// An item: the unit of own digests.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    pub(crate) module: ModuleId,
    /// The impl or trait that it is a member of.
    pub(crate) parent: Option<ItemId>,
    pub(crate) name: String,
    /// `crate_name::module::name`, `crate_name::module::<Type as Trait>::name`.
    pub(crate) path: String,
    pub(crate) file: FileId,
    /// One-based.
    pub(crate) line: usize,
    /// Zero-based, in characters.
    pub(crate) column: usize,
    pub(crate) syntax: Syntax,
    /// Members of an impl or a trait that are items of their own.
    pub(crate) members: Vec<ItemId>,
    /// A static inside `thread_local!`, whose type is wrapped in a key.
    pub(crate) is_thread_local: bool,
    /// Crates whose macros made it or parts of it, by their names in its own.
    pub(crate) makers: BTreeSet<String>,
    /// A macro made it, so that its place is that of the call.
    pub(crate) is_expanded: bool,
    /// Attributes on the call that made it that decide whether it exists.
    pub(crate) cfgs: String,
    /// The macros by example in scope at its place.
    pub(crate) macro_scope: Option<MacroScopeId>,
    /// Whose budget the calls in it are paid from.
    pub(crate) spender: Spender,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ItemKind {
    Function,
    Constant,
    Static,
    Type,
    Alias,
    Trait,
    /// That a trait has a default method: its signature, for those who call one of its name.
    Declaration,
    Impl,
    MacroRules,
    MacroCall,
    /// A macro call whose expansion stands for it.
    Expanded,
    Foreign,
    Opaque,
}

impl ItemKind {
    /// Says in a word what an item is.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Constant => "constant",
            Self::Static => "static",
            Self::Type => "type",
            Self::Alias => "alias",
            Self::Trait => "trait",
            Self::Declaration => "declaration",
            Self::Impl => "impl",
            Self::MacroRules => "macro_rules",
            Self::MacroCall => "macro call",
            Self::Expanded => "expanded macro call",
            Self::Foreign => "foreign",
            Self::Opaque => "opaque",
        }
    }
}

/// The syntax behind an item; equal where only places differ.
#[derive(Debug, PartialEq)]
pub(crate) enum Syntax {
    Item(Box<syn::Item>),
    ImplMember(Box<syn::ImplItem>),
    TraitMember(Box<syn::TraitItem>),
    Foreign(Box<syn::ForeignItem>),
    /// The bytes of a file that does not parse.
    Bytes(FileId),
}

/// The three name spaces of Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Namespace {
    Type,
    Value,
    Macro,
}

impl Program {
    pub(crate) fn item(&self, id: ItemId) -> &Item {
        &self.items[id.index()]
    }

    pub(crate) fn words(&self, id: ItemId) -> Rc<Words> {
        let mut known = self.words.borrow_mut();
        Rc::clone(known.entry(id).or_insert_with(|| Rc::new(Words::of(self.item(id)))))
    }

    /// Reads a macro's definition by its names, once for all calls; `None` for other items.
    pub(crate) fn scan(&self, id: ItemId) -> Option<Rc<Scan>> {
        let Syntax::Item(item) = &self.item(id).syntax else { return None };
        let syn::Item::Macro(it) = &**item else { return None };
        let mut known = self.scans.borrow_mut();
        let scan = known.entry(id).or_insert_with(|| Rc::new(Scan::of(it.mac.tokens.clone())));
        Some(Rc::clone(scan))
    }

    pub(crate) fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    pub(crate) fn krate_of(&self, module: ModuleId) -> &Krate {
        &self.krates[self.module(module).krate.index()]
    }

    pub(crate) fn item_ids(&self) -> impl Iterator<Item = ItemId> + use<> {
        (0..self.items.len()).map(ItemId::new)
    }

    pub(crate) fn krate_of_item(&self, id: ItemId) -> KrateId {
        self.module(self.item(id).module).krate
    }

    /// Tells whether macros see the text of an item, its own or one around it.
    pub(crate) fn may_be_read(&self, id: ItemId) -> bool {
        let item = self.item(id);
        let is_read = |item: &Item| match &item.syntax {
            Syntax::Item(it) => attribute::may_read_docs(cfg::attributes_of_item(it)),
            _ => false,
        };
        !self.module(item.module).attributes.is_empty()
            || is_read(item)
            || item.parent.is_some_and(|it| is_read(self.item(it)))
    }

    /// Returns the names of macros that the program defines or imports.
    pub(crate) fn shadowed_macros(&self) -> BTreeSet<String> {
        let defined = self.items.iter().filter(|it| it.kind == ItemKind::MacroRules);
        let imported = self.modules.iter().flat_map(|it| &it.imports);
        defined.map(|it| it.name.clone()).chain(imported.map(|it| it.name.clone())).collect()
    }

    /// Returns a crate and all crates of the program that it depends on.
    pub(crate) fn visible_from(&self, krate: KrateId) -> BTreeSet<KrateId> {
        let mut seen = BTreeSet::new();
        let mut queue = vec![krate];
        while let Some(krate) = queue.pop() {
            if seen.insert(krate) {
                queue.extend(self.krates[krate.index()].externs.values().filter_map(
                    |it| match it {
                        Extern::Local(id) => Some(*id),
                        Extern::Foreign => None,
                    },
                ));
            }
        }
        seen
    }
}

impl Item {
    pub(crate) fn place(&self) -> LineColumn {
        LineColumn { line: self.line, column: self.column }
    }

    /// Tells whether the item can be named in a name space.
    pub(crate) fn is_in(&self, namespace: Namespace) -> bool {
        match self.kind {
            ItemKind::Function => {
                namespace == Namespace::Value || namespace == Namespace::Macro && self.is_macro()
            }
            ItemKind::Constant | ItemKind::Static => namespace == Namespace::Value,
            ItemKind::Foreign => namespace != Namespace::Macro,
            ItemKind::Trait | ItemKind::Alias => namespace == Namespace::Type,
            ItemKind::Type => match &self.syntax {
                Syntax::Item(item) => match &**item {
                    syn::Item::Struct(it) => {
                        namespace == Namespace::Type
                            || namespace == Namespace::Value
                                && !matches!(it.fields, syn::Fields::Named(_))
                    }
                    _ => namespace == Namespace::Type,
                },
                _ => namespace == Namespace::Type,
            },
            ItemKind::MacroRules => namespace == Namespace::Macro,
            ItemKind::Declaration | ItemKind::Impl | ItemKind::Expanded => false,
            ItemKind::MacroCall | ItemKind::Opaque => true,
        }
    }

    /// Returns the item's tokens; none for a file that does not parse.
    pub(crate) fn tokens(&self) -> TokenStream {
        match &self.syntax {
            Syntax::Item(it) => it.to_token_stream(),
            Syntax::ImplMember(it) => it.to_token_stream(),
            Syntax::TraitMember(it) => it.to_token_stream(),
            Syntax::Foreign(it) => it.to_token_stream(),
            Syntax::Bytes(_) => TokenStream::new(),
        }
    }

    /// Tells whether a function is a procedural macro.
    pub(crate) fn is_macro(&self) -> bool {
        self.function().is_some_and(|(_, _, attributes)| {
            attributes.iter().any(|it| {
                ["proc_macro", "proc_macro_derive", "proc_macro_attribute"]
                    .iter()
                    .any(|name| it.path().is_ident(name))
            })
        })
    }

    /// Returns the attributes of an item that is no member of another.
    pub(crate) fn attributes(&self) -> &[syn::Attribute] {
        match &self.syntax {
            Syntax::Item(it) => cfg::attributes_of_item(it),
            _ => &[],
        }
    }

    /// Returns the signature of a function or method that has a body.
    pub(crate) fn function(&self) -> Option<(&syn::Signature, &syn::Block, &[syn::Attribute])> {
        if self.kind == ItemKind::Declaration {
            return None;
        }
        match &self.syntax {
            Syntax::Item(item) => match &**item {
                syn::Item::Fn(it) => Some((&it.sig, &it.block, &it.attrs)),
                _ => None,
            },
            Syntax::ImplMember(member) => match &**member {
                syn::ImplItem::Fn(it) => Some((&it.sig, &it.block, &it.attrs)),
                _ => None,
            },
            Syntax::TraitMember(member) => match &**member {
                syn::TraitItem::Fn(it) => Some((&it.sig, it.default.as_ref()?, &it.attrs)),
                _ => None,
            },
            Syntax::Foreign(_) | Syntax::Bytes(_) => None,
        }
    }

    /// Returns the variants of an enum.
    pub(crate) fn variants(&self) -> impl Iterator<Item = &syn::Variant> {
        let variants = match &self.syntax {
            Syntax::Item(item) => match &**item {
                syn::Item::Enum(it) => Some(&it.variants),
                _ => None,
            },
            _ => None,
        };
        variants.into_iter().flatten()
    }
}
