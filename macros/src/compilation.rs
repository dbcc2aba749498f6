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
    /// Names of crates and the files given for them.
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
            "-O" => self.codegen.push("opt-level=3".to_owned()),
            "-g" => {}
            // Their values could look like options or like a crate root.
            "-o"
            | "-L"
            | "-l"
            | "-A"
            | "-W"
            | "-D"
            | "-F"
            | "--out-dir"
            | "--emit"
            | "--print"
            | "--crate-type"
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
            | "--forbid"
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

    /// Returns the name under which the crate knows the runtime, whatever its manifest calls it.
    pub(crate) fn runtime(&self) -> &str {
        let is_runtime = |file: &PathBuf| {
            let stem = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default();
            let stem = stem.strip_prefix("lib").unwrap_or(stem);
            stem == "perennial"
                || stem.rsplit_once('-').is_some_and(|(name, _)| name == "perennial")
        };
        let found = self.externs.iter().find(|(_, file)| is_runtime(file));
        found.map_or("perennial", |(name, _)| name)
    }
}

/// Reads `[options:]name[=path]`.
fn external(text: &str) -> Option<(String, PathBuf)> {
    let (name, path) = text.split_once('=')?;
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
        assert_eq!(it.runtime(), "memo");
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
    fn an_editors_server_is_no_compilation() {
        assert!(!parse(&["--some-flag"]).is_real());
        assert!(parse(&["--crate-name", "rust_out", "-"]).is_real());
    }
}
