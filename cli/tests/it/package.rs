//! Packages in temporary folders, and the command run on them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use tempfile::TempDir;

/// A package on disk, gone with its value.
pub(crate) struct Package {
    folder: TempDir,
}

impl Package {
    /// Writes files; a manifest is added where there is none.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = [("Cargo.toml", "[package]\nname = \"demo\"\nedition = \"2024\"\n")];
        for (path, text) in manifest.iter().chain(files) {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.path().join("Cargo.toml")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `cargo perennial VERB … --manifest-path …`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = command(arguments);
        Output::of(command.arg("--manifest-path").arg(self.manifest()))
    }
}

/// What the command said.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: i32,
    pub(crate) text: String,
    pub(crate) errors: String,
}

impl Output {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        Self {
            code: output.status.code().unwrap(),
            text: String::from_utf8(output.stdout).unwrap(),
            errors: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Returns the text of an answer without complaint.
    #[track_caller]
    pub(crate) fn answer(self) -> String {
        assert_eq!((self.code, self.errors.as_str()), (0, ""));
        self.text
    }

    #[track_caller]
    pub(crate) fn json(self) -> Vec<serde_json::Map<String, serde_json::Value>> {
        serde_json::from_str(&self.answer()).unwrap()
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("cargo-perennial"));
    command.arg("perennial").args(arguments);
    command
}
