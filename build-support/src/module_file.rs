//! Where the source of `mod name;` lies. Pure but for the question whether a file exists.

use std::path::{Path, PathBuf};

/// Where the modules inside a file are looked for.
#[derive(Clone, Debug)]
pub(crate) struct ModuleFolder {
    /// The folder of the file itself: `#[path]` starts here.
    pub(crate) of_file: PathBuf,
    /// The folder of its child modules.
    pub(crate) of_children: PathBuf,
    /// Inside an inline module, `#[path]` starts at the children's folder too.
    is_inline: bool,
}

impl ModuleFolder {
    /// The folders for a crate root, a `mod.rs`, or a file given by `#[path]`: children lie beside it.
    pub(crate) fn beside(file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        Self { of_file: folder.clone(), of_children: folder, is_inline: false }
    }

    /// The folders for `outer.rs`: children lie in `outer/`.
    fn below(file: &Path) -> Self {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let of_children = folder.join(file.file_stem().unwrap_or_default());
        Self { of_file: folder, of_children, is_inline: false }
    }

    /// The folders inside `mod name { … }`.
    pub(crate) fn inline(&self, name: &str, path: Option<&str>) -> Self {
        let of_children = match path {
            Some(path) if self.is_inline => self.of_children.join(path),
            Some(path) => self.of_file.join(path),
            None => self.of_children.join(name),
        };
        Self { of_file: self.of_file.clone(), of_children, is_inline: true }
    }

    /// Finds the file of `mod name;` (Rust Reference, "Module Source Filenames").
    ///
    /// 1. `#[path = "p"]`: `p`, from the file's folder, inside inline modules from theirs.
    /// 2. `name.rs` in the children's folder.
    /// 3. `name/mod.rs` there.
    /// 4. Neither exists: the first is returned, and reading it tells.
    pub(crate) fn find(&self, name: &str, path: Option<&str>) -> (PathBuf, Self) {
        if let Some(path) = path {
            let base = if self.is_inline { &self.of_children } else { &self.of_file };
            let file = base.join(path);
            let folder = Self::beside(&file);
            return (file, folder);
        }
        let flat = self.of_children.join(format!("{name}.rs"));
        let nested = self.of_children.join(name).join("mod.rs");
        if !flat.is_file() && nested.is_file() {
            let folder = Self::beside(&nested);
            return (nested, folder);
        }
        let folder = Self::below(&flat);
        (flat, folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_where_rustc_finds_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for file in
            ["flat.rs", "nested/mod.rs", "flat/child.rs", "inline/inner.rs", "else/where.rs"]
        {
            std::fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            std::fs::write(at(file), "").unwrap();
        }
        let root = ModuleFolder::beside(&at("lib.rs"));
        let (flat, below) = root.find("flat", None);
        assert_eq!(flat, at("flat.rs"));
        assert_eq!(below.find("child", None).0, at("flat/child.rs"));
        assert_eq!(root.find("nested", None).0, at("nested/mod.rs"));
        assert_eq!(root.inline("inline", None).find("inner", None).0, at("inline/inner.rs"));
        assert_eq!(root.find("any", Some("else/where.rs")).0, at("else/where.rs"));
        assert_eq!(below.find("any", Some("x.rs")).0, at("x.rs"));
        assert_eq!(root.inline("inline", None).find("any", Some("x.rs")).0, at("inline/x.rs"));
    }
}
