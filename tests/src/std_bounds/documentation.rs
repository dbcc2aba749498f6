//! Reads the pages of core, alloc and std into one model: functions, traits, impls and types, each
//! under the place where it is defined, whichever crate shows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{
    error::Error,
    markup::resolve,
    page::{Kind, Page},
    reader::Reader,
};

/// The crates whose names count.
const CRATES: &[&str] = &["alloc", "core", "std"];

/// Instructions of processors: more than ten thousand names, without type parameters.
pub(crate) const LEFT_OUT: &[&str] = &["core/arch", "core/core_arch", "std/arch"];

/// What the documentation of std says.
#[derive(Debug, Default)]
pub struct Documentation {
    pub(crate) functions: Vec<Function>,
    pub(crate) traits: BTreeMap<ItemKey, TraitFacts>,
    pub(crate) impls: Vec<Impl>,
    pub(crate) types: BTreeMap<ItemKey, TypeFacts>,
}

/// Where an item is defined, and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemKey {
    pub(crate) name: String,
    pub(crate) place: String,
}

/// What a header asks for and mentions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asks {
    pub(crate) bounds: BTreeSet<ItemKey>,
    pub(crate) types: Vec<ItemKey>,
    /// It is handed values whose types are not named, to format them.
    pub(crate) formats: bool,
}

/// A function, method, constant or static.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) asks: Asks,
    pub(crate) of: Parent,
}

/// Where a function is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    Module,
    Trait(ItemKey),
    /// An impl of no trait, for a type that mentions these, on the page of one.
    Inherent {
        types: Vec<ItemKey>,
        shown_at: String,
    },
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TraitFacts {
    /// Supertraits, bounds of its parameters and of its associated types.
    pub(crate) bounds: BTreeSet<ItemKey>,
    pub(crate) is_unstable: bool,
    pub(crate) is_sealed: bool,
    pub(crate) has_methods: bool,
}

/// An impl of a trait.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Impl {
    pub(crate) of_trait: ItemKey,
    pub(crate) self_types: Vec<ItemKey>,
    pub(crate) bounds: BTreeSet<ItemKey>,
    /// Types in the arguments of the trait.
    pub(crate) arguments: Vec<ItemKey>,
    /// Types that follow from its self type: associated types.
    pub(crate) leads_to: Vec<ItemKey>,
    pub(crate) is_generic: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TypeFacts {
    /// Types in its public fields; what an alias stands for.
    pub(crate) leads_to: Vec<ItemKey>,
    pub(crate) variants: BTreeSet<String>,
    pub(crate) is_alias: bool,
}

impl Documentation {
    /// Reads the folder that has `core`, `alloc` and `std`.
    ///
    /// # Errors
    ///
    /// A page that cannot be read, a header that is not understood, a bound that leads nowhere.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let mut pages = BTreeMap::new();
        for krate in CRATES {
            let folder_of_crate = folder.join(krate);
            if !folder_of_crate.is_dir() {
                return Err(Error::missing(format!("folder `{}`", folder_of_crate.display())));
            }
            collect(folder, &folder_of_crate, &mut pages)?;
        }
        let mut keys = BTreeMap::new();
        for (path, html) in &pages {
            if redirection(path, html).is_none() {
                keys.insert(path.clone(), key(path, html));
            }
        }
        let shown = |(path, html): (&String, &String)| {
            let key = keys.get(&redirection(path, html)?)?;
            Some((path.clone(), key.clone()))
        };
        let by_other_paths: Vec<_> = pages.iter().filter_map(shown).collect();
        keys.extend(by_other_paths);
        pages.retain(|path, html| redirection(path, html).is_none());
        let mut reader = Reader::new(keys);
        for (path, html) in &pages {
            reader.page(path, html).map_err(|error| Error::in_page(path, error))?;
        }
        let mut documentation = reader.finish();
        documentation.impls.sort();
        documentation.impls.dedup();
        Ok(documentation)
    }
}

/// Reads the pages of items; indexes, macros and pages that only lead elsewhere are none.
fn collect(root: &Path, folder: &Path, pages: &mut BTreeMap<String, String>) -> Result<(), Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::io(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| Error::io(folder, &error))?.path());
    }
    for path in paths {
        let relative = relative(root, &path);
        if path.is_dir() {
            if !LEFT_OUT.contains(&relative.as_str()) {
                collect(root, &path, pages)?;
            }
        } else if Kind::of_file(relative.rsplit('/').next().unwrap_or_default()).is_some() {
            let html = fs::read_to_string(&path).map_err(|error| Error::io(&path, &error))?;
            pages.insert(relative, html);
        }
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    PathBuf::from(path).to_string_lossy().replace('\\', "/")
}

/// Returns the page that a page leads to, if that is all it does: the item's path by way of private
/// modules.
fn redirection(path: &str, html: &str) -> Option<String> {
    let (_, target) = html.split_once("<meta http-equiv=\"refresh\" content=\"0;URL=")?;
    target.split('"').next().map(|it| resolve(path, it))
}

fn key(path: &str, html: &str) -> ItemKey {
    let file = path.rsplit('/').next().unwrap_or_default();
    let name = Kind::of_file(file).map_or(file, |(_, name)| name).to_owned();
    let place = match Page::read(html).source {
        // A crate that shows the item of another names its first line, its own crate all of them.
        Some(source) => match source.split_once('#') {
            Some((file, lines)) => format!("{file}#{}", lines.split('-').next().unwrap_or(lines)),
            None => source.to_owned(),
        },
        None if file.starts_with("primitive.") => file.to_owned(),
        None => path.to_owned(),
    };
    ItemKey { name, place }
}
