//! What the compiler was asked for, read from its own arguments. Pure but for response files.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// One run of rustc or rustdoc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Compilation {
    /// The crate's root file; none where the source comes from standard input.
    pub(crate) root: Option<PathBuf>,
    pub(crate) crate_name: Option<String>,
    pub(crate) is_test: bool,
    pub(crate) edition: Option<String>,
    pub(crate) target: Option<String>,
    /// `-C` options, as `name` or `name=value`.
    pub(crate) codegen: Vec<String>,
    /// `-Z` options.
    pub(crate) unstable: Vec<String>,
    pub(crate) cfgs: Vec<String>,
    pub(crate) crate_types: Vec<String>,
    /// Lints that no attribute can lower.
    pub(crate) forbidden: Vec<String>,
    /// Names of crates and the files given for them; no path where the compiler is to look for it.
    pub(crate) externs: Vec<(String, PathBuf)>,
    /// Some arguments could not be read.
    pub(crate) is_partial: bool,
}

impl Compilation {
    /// Returns the run that this process is.
    pub(crate) fn current() -> &'static Self {
        static CURRENT: OnceLock<Compilation> = OnceLock::new();
        CURRENT.get_or_init(|| Self::parse(std::env::args_os().skip(1)))
    }

    /// Tells whether a compiler runs at all: an editor's server expands macros without one.
    pub(crate) fn is_real(&self) -> bool {
        self.crate_name.is_some() || self.root.is_some()
    }

    pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Self {
        let mut compilation = Self::default();
        let mut expanded = Vec::new();
        for argument in arguments {
            match argument.to_str() {
                Some(text) => match text.strip_prefix('@') {
                    Some(path) => match std::fs::read_to_string(path) {
                        Ok(text) => expanded.extend(text.lines().map(str::to_owned)),
                        Err(_) => compilation.is_partial = true,
                    },
                    None => expanded.push(text.to_owned()),
                },
                None => compilation.is_partial = true,
            }
        }
        let mut arguments = expanded.into_iter();
        while let Some(argument) = arguments.next() {
            compilation.argument(&argument, &mut arguments);
        }
        compilation
    }

    fn argument(&mut self, argument: &str, rest: &mut impl Iterator<Item = String>) {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (argument, None),
        };
        let mut value = || attached.clone().or_else(|| rest.next());
        match name {
            "--crate-name" => self.crate_name = value(),
            "--edition" => self.edition = value(),
            "--target" => self.target = value(),
            "--cfg" => self.cfgs.extend(value()),
            "--extern" => self.externs.extend(value().as_deref().and_then(external)),
            "-C" | "--codegen" => self.codegen.extend(value()),
            "-Z" => self.unstable.extend(value()),
            "--test" => self.is_test = true,
            "--crate-type" => {
                self.crate_types
                    .extend(value().iter().flat_map(|it| it.split(',')).map(str::to_owned));
            }
            "-F" | "--forbid" => self.forbidden.extend(value()),
            "-O" => self.codegen.push("opt-level=3".to_owned()),
            "-g" => {}
            // Their values could look like options or like a crate root.
            "-o"
            | "-L"
            | "-l"
            | "-A"
            | "-W"
            | "-D"
            | "--out-dir"
            | "--emit"
            | "--print"
            | "--sysroot"
            | "--check-cfg"
            | "--remap-path-prefix"
            | "--cap-lints"
            | "--error-format"
            | "--json"
            | "--color"
            | "--allow"
            | "--warn"
            | "--deny"
            | "--force-warn"
            | "--diagnostic-width"
            | "--env-set" => drop(value()),
            _ if name.starts_with("-C") => self.codegen.push(argument[2..].to_owned()),
            _ if name.starts_with("-Z") => self.unstable.push(argument[2..].to_owned()),
            _ if name.starts_with('-') => {}
            _ if self.root.is_none()
                && Path::new(argument).extension().is_some_and(|it| it == "rs") =>
            {
                self.root = Some(PathBuf::from(argument));
            }
            // The compiler's own path, which a wrapper such as clippy passes on; `-` for stdin.
            _ => {}
        }
    }

    /// Returns the files given for a crate.
    pub(crate) fn files_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Path> {
        self.externs.iter().filter(move |(it, _)| it == name).map(|(_, file)| file.as_path())
    }

    /// Returns the name under which the crate knows the runtime, whatever its manifest calls it; none
    /// where it is no dependency.
    pub(crate) fn runtime(&self) -> Option<&str> {
        let is_runtime = |name: &str, file: &Path| {
            let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or(name);
            let stem = stem.strip_prefix("lib").unwrap_or(stem);
            stem == "perennial"
                || stem.rsplit_once('-').is_some_and(|(name, _)| name == "perennial")
        };
        let found = self.externs.iter().find(|(name, file)| is_runtime(name, file));
        match found {
            Some((name, _)) => Some(name),
            None if self.is_partial => Some("perennial"),
            None => None,
        }
    }

    /// Tells whether the code may run inside a program that it isn't linked into.
    pub(crate) fn is_shared_library(&self) -> bool {
        self.crate_types.iter().any(|it| matches!(it.as_str(), "cdylib" | "dylib" | "proc-macro"))
    }

    /// Returns the value of a `-C` option, the last one given.
    pub(crate) fn codegen_value(&self, name: &str) -> Option<&str> {
        self.codegen.iter().rev().find_map(|it| match it.split_once('=') {
            Some((key, value)) => (key == name).then_some(value),
            None => (it == name).then_some("yes"),
        })
    }
}

/// Reads `[options:]name[=path]`.
fn external(text: &str) -> Option<(String, PathBuf)> {
    let (name, path) = text.split_once('=').unwrap_or((text, ""));
    let name = name.rsplit(':').next()?;
    Some((name.to_owned(), PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Compilation {
        Compilation::parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn cargos_arguments_are_read() {
        let it = parse(&[
            "--crate-name",
            "app",
            "--edition=2024",
            "app/src/main.rs",
            "--error-format=json",
            "--crate-type",
            "bin",
            "--emit=dep-info,link",
            "-C",
            "opt-level=3",
            "-Cpanic=abort",
            "--cfg",
            "feature=\"x\"",
            "--check-cfg",
            "cfg(docsrs,test)",
            "-C",
            "metadata=1",
            "--out-dir",
            "/t/deps",
            "--target",
            "x86_64-unknown-linux-gnu",
            "-L",
            "dependency=/t/deps",
            "--extern",
            "memo=/t/deps/libperennial-0a1b.rlib",
            "--extern",
            "priv:serde=/t/deps/libserde-2c3d.rmeta",
            "--extern",
            "proc_macro",
            "--test",
        ]);
        assert_eq!(it.crate_name.as_deref(), Some("app"));
        assert_eq!(it.root.as_deref(), Some(Path::new("app/src/main.rs")));
        assert_eq!(it.edition.as_deref(), Some("2024"));
        assert_eq!(it.target.as_deref(), Some("x86_64-unknown-linux-gnu"));
        assert_eq!(it.codegen, ["opt-level=3", "panic=abort", "metadata=1"]);
        assert_eq!(it.cfgs, ["feature=\"x\""]);
        assert!(it.is_test && !it.is_partial);
        assert_eq!(it.runtime(), Some("memo"));
        assert!(it.crate_types == ["bin"] && !it.is_shared_library());
        assert_eq!(it.codegen_value("opt-level"), Some("3"));
        let files: Vec<_> = it.files_of("serde").collect();
        assert_eq!(files, [Path::new("/t/deps/libserde-2c3d.rmeta")]);
    }

    #[test]
    fn wrappers_and_response_files_are_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("arguments");
        std::fs::write(&file, "--crate-name\nlib_\nsrc/lib.rs\n").unwrap();
        let it = parse(&["/bin/rustc", &format!("@{}", file.display())]);
        assert_eq!(it.root.as_deref(), Some(Path::new("src/lib.rs")));
        assert_eq!(it.crate_name.as_deref(), Some("lib_"));
        assert!(parse(&["@/nowhere/at/all"]).is_partial);
    }

    #[test]
    fn the_runtime_is_found_by_its_file_or_not_at_all() {
        assert_eq!(parse(&["--extern", "perennial"]).runtime(), Some("perennial"));
        let facade = ["--extern", "fac=/t/deps/libfac-0a1b.rlib"];
        assert_eq!(parse(&facade).runtime(), None);
        assert_eq!(parse(&["@/nowhere/at/all"]).runtime(), Some("perennial"));
    }

    #[test]
    fn kinds_of_crates_and_forbidden_lints_are_read() {
        let it = parse(&["--crate-type", "lib,cdylib", "-F", "warnings", "--forbid=deprecated"]);
        assert!(it.is_shared_library());
        assert_eq!(it.forbidden, ["warnings", "deprecated"]);
    }

    #[test]
    fn an_editors_server_is_no_compilation() {
        assert!(!parse(&["--some-flag"]).is_real());
        assert!(parse(&["--crate-name", "rust_out", "-"]).is_real());
    }
}
