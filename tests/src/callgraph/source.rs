//! From a package's files to its functions and constants: where each stands, whether only tests have
//! it, and whether it is concrete. Reads sources; expands no macros.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
};

use super::{error::Error, module_file::ModuleFile, place::without_dots};

/// An index into [`Sources::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FnId(pub(crate) usize);

/// An index into [`Sources::constants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ConstId(pub(crate) usize);

/// The functions and constants of a package.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) functions: Vec<Function>,
    /// Constants and statics.
    pub(crate) constants: Vec<Constant>,
    /// The files of the library, and how many lines they have.
    pub(crate) files: BTreeMap<PathBuf, usize>,
    by_file: BTreeMap<PathBuf, Vec<FnId>>,
}

/// What a symbol was made of: a function, or a closure within a function, with that one's bare name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin<'a> {
    Function(&'a str),
    Closure(&'a str),
}

/// A function with a body.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    /// Relative to the package.
    pub(crate) file: PathBuf,
    pub(crate) path: ItemPath,
    /// The last segment of its path, without `r#`.
    pub(crate) name: String,
    /// The line of its `fn`, one-based.
    pub(crate) line: usize,
    /// From its first attribute to its closing brace.
    pub(crate) lines: Range<usize>,
    /// The byte after the opening brace and inner attributes.
    pub(crate) body: usize,
    /// It is compiled for tests only.
    pub(crate) is_test: bool,
    /// It has neither type parameters nor those of an impl or a trait.
    pub(crate) is_concrete: bool,
}

/// A constant or static with a value.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// Relative to the package.
    pub(crate) file: PathBuf,
    pub(crate) path: ItemPath,
    /// From its first attribute to its end.
    pub(crate) lines: Range<usize>,
}

/// Where an item stands: modules, functions, types of impls and traits, from the outside to its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ItemPath {
    pub(crate) segments: Vec<String>,
    /// The innermost impl around it.
    pub(crate) implementation: Option<Implementation>,
}

/// An impl around an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Implementation {
    /// The line of its `impl` or `unsafe`, one-based.
    pub(crate) line: usize,
    /// Which of the segments is its type. An impl may stand in another module than its type.
    pub(crate) segment: usize,
}

/// A path as the compiler prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Printed<'a> {
    /// The file and line of the impl in which the item stands.
    pub(crate) implementation: Option<(&'a Path, usize)>,
    /// All segments, or those after the impl.
    pub(crate) segments: Vec<&'a str>,
}

impl ItemPath {
    /// Returns the last segment.
    pub(crate) fn name(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// Tells whether the compiler can mean this item of a file by a path: one that says which impl
    /// it stands in, or else one that is complete, has leading segments left out, or has its type's
    /// module in place of its impl's.
    fn is_meant_by(&self, file: &Path, printed: &Printed<'_>) -> bool {
        let rest = |from: usize| self.segments[from..].iter();
        match (printed.implementation, self.implementation) {
            (Some((other, line)), Some(own)) => {
                other == file && line == own.line && rest(own.segment + 1).eq(&printed.segments)
            }
            (Some(_), None) => false,
            (None, own) => {
                let segments = &printed.segments;
                let from_end = |all: usize, part: usize| all.checked_sub(part);
                from_end(self.segments.len(), segments.len())
                    .is_some_and(|it| rest(it).eq(segments))
                    || own.is_some_and(|own| {
                        from_end(segments.len(), self.segments.len() - own.segment)
                            .is_some_and(|it| rest(own.segment).eq(&segments[it..]))
                    })
            }
        }
    }
}

impl Sources {
    /// Reads the files that belong to a crate root, and those beside it that no `mod` names.
    pub(crate) fn read(package: &Path, root: &Path) -> Result<Self, Error> {
        let mut sources = Self::default();
        let root = without_dots(root);
        let mut queue = vec![ModuleFile {
            folder: root.parent().unwrap_or(Path::new("")).to_owned(),
            file: root.clone(),
            path: Vec::new(),
            is_test: false,
        }];
        while let Some(module) = queue.pop() {
            sources.read_file(package, &module, &mut queue)?;
        }
        // Named by macros or `include!`: taken for library code.
        for file in rust_files(package, root.parent().unwrap_or(Path::new(""))) {
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            sources.read_file(
                package,
                &ModuleFile { file, folder, path: Vec::new(), is_test: false },
                &mut vec![],
            )?;
        }
        Ok(sources)
    }

    /// Returns the function that a piece of debug information speaks of, if exactly one can be meant:
    /// `line` stands in the header of a function called `name`, or, for a closure, in its body.
    pub(crate) fn at(&self, file: &Path, line: usize, origin: Origin<'_>) -> Option<FnId> {
        let in_file = self.by_file.get(file)?.iter().copied();
        match origin {
            Origin::Function(name) => only(in_file.filter(|it| {
                let it = &self[*it];
                it.name == name && (it.lines.start..=it.line).contains(&line)
            })),
            Origin::Closure(name) => {
                let around: Vec<_> = in_file.filter(|it| self[*it].lines.contains(&line)).collect();
                let least = around.iter().map(|it| self[*it].lines.len()).min()?;
                // Code that a macro writes may say that it stands in another function.
                let is_it = |it: &FnId| self[*it].lines.len() == least && self[*it].name == name;
                only(around.into_iter().filter(is_it))
            }
        }
    }

    /// Returns the function whose `fn` stands in a line.
    pub(crate) fn with_fn_at(&self, file: &Path, line: usize, name: &str) -> Option<FnId> {
        let in_file = self.by_file.get(file)?.iter().copied();
        only(in_file.filter(|it| self[*it].line == line && self[*it].name == name))
    }

    /// Returns the only function that a path can mean.
    pub(crate) fn function_named(&self, printed: &Printed<'_>) -> Option<FnId> {
        let is_meant = |it: &FnId| self[*it].path.is_meant_by(&self[*it].file, printed);
        only((0..self.functions.len()).map(FnId).filter(is_meant))
    }

    /// Returns the only constant or static that a path can mean.
    pub(crate) fn constant_named(&self, printed: &Printed<'_>) -> Option<ConstId> {
        let is_meant = |it: &ConstId| {
            let constant = &self.constants[it.0];
            constant.path.is_meant_by(&constant.file, printed)
        };
        only((0..self.constants.len()).map(ConstId).filter(is_meant))
    }

    /// Returns the constant of a name whose keyword stands in a line.
    pub(crate) fn constant_at(&self, file: &Path, line: usize, name: &str) -> Option<ConstId> {
        only((0..self.constants.len()).map(ConstId).filter(|it| {
            let it = &self.constants[it.0];
            it.path.name() == name && it.file == file && it.lines.contains(&line)
        }))
    }

    fn read_file(
        &mut self,
        package: &Path,
        module: &ModuleFile,
        queue: &mut Vec<ModuleFile>,
    ) -> Result<(), Error> {
        if self.files.contains_key(&module.file) {
            return Ok(());
        }
        let path = package.join(&module.file);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            // One of the two places of a module; where a `cfg` removes the module, both.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::at("read", &path, error)),
        };
        self.files.insert(module.file.clone(), text.lines().count());
        let items = module.items(&text);
        queue.extend(items.modules);
        for function in items.functions {
            let id = FnId(self.functions.len());
            self.by_file.entry(module.file.clone()).or_default().push(id);
            self.functions.push(function);
        }
        self.constants.extend(items.constants);
        Ok(())
    }
}

impl std::ops::Index<FnId> for Sources {
    type Output = Function;

    fn index(&self, id: FnId) -> &Function {
        &self.functions[id.0]
    }
}

/// Returns the element of an iterator that has exactly one.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next();
    found.next().is_none().then_some(first)?
}

/// Returns the sources below a folder of the package, relative to the package, sorted.
fn rust_files(package: &Path, folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    // A root beside the manifest has tests and examples around it, which are other crates.
    if folder.as_os_str().is_empty() {
        return found;
    }
    let mut queue = vec![folder.to_owned()];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(package.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                // Binaries are crates of their own.
                if !path.ends_with("src/bin") {
                    queue.push(path);
                }
            } else if path.ends_with("src/main.rs") {
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.insert(path);
            }
        }
    }
    found
}
