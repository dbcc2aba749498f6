//! A cargo project in a folder of its own, below the workspace's target folder, so that all of them
//! share the compiled dependencies and nothing else.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Returns the folder of the workspace.
///
/// # Panics
///
/// Where this package was moved out of it.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

/// A cargo project with a store of its own.
///
/// In every file `{root}` stands for the workspace's folder, and `{name}` for the project's name.
/// There is one project at a time: they share a target folder, and in it the places of their programs.
pub struct Project {
    folder: PathBuf,
    store: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

/// What a run of cargo printed.
#[derive(Debug)]
pub struct Run {
    /// Whether it ended with status 0.
    pub success: bool,
    /// What the program printed.
    pub stdout: String,
    /// What cargo, rustc and the program printed as messages.
    pub stderr: String,
}

impl Project {
    /// Makes a project of files given as paths and texts; an earlier one of that name is replaced.
    ///
    /// # Panics
    ///
    /// Where files can't be written.
    #[must_use]
    pub fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let project = Self::empty(name);
        for (path, text) in files {
            project.write(path, text);
        }
        // The versions that the workspace was built with are there without a network.
        let lock = fs::read(workspace().join("Cargo.lock")).expect("the workspace has a lock file");
        fs::write(project.folder.join("Cargo.lock"), lock).expect("the lock file is written");
        project
    }

    /// Makes a program that may memoize, of its main file; others can be written beside it.
    ///
    /// # Panics
    ///
    /// Where files can't be written.
    #[must_use]
    pub fn memoizing(name: &str, main: &str) -> Self {
        let manifest = "[package]\nname = \"{name}\"\nedition = \"2024\"\n\
            [dependencies]\nperennial = { path = \"{root}/runtime\" }\n\
            serde = { version = \"1\", features = [\"derive\"] }\n\
            [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
        let build = "fn main() { perennial_build::generate(); }\n";
        Self::new(name, &[("Cargo.toml", manifest), ("build.rs", build), ("src/main.rs", main)])
    }

    /// Makes a project that is a copy of some of the workspace's members.
    ///
    /// # Panics
    ///
    /// Where files can't be copied.
    #[must_use]
    pub fn copy_of_members(name: &str, members: &[&str]) -> Self {
        let project = Self::new(name, &[]);
        let manifest = fs::read_to_string(workspace().join("Cargo.toml")).expect("a manifest");
        let list = members.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(", ");
        let lines = manifest.lines().map(|line| {
            if line.starts_with("members = ") {
                format!("members = [{list}]")
            } else {
                line.to_owned()
            }
        });
        project.write("Cargo.toml", &lines.collect::<Vec<_>>().join("\n"));
        // The runtime's documentation is the README.
        let readme = fs::read(workspace().join("README.md")).unwrap_or_default();
        fs::write(project.folder.join("README.md"), readme).expect("the README is written");
        for member in members {
            copy(&workspace().join(member), &project.folder.join(member));
        }
        project
    }

    fn empty(name: &str) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let base = target().join("projects");
        let (folder, store) = (base.join(name), base.join(format!("{name}.store")));
        for folder in [&folder, &store] {
            if folder.exists() {
                fs::remove_dir_all(folder).expect("the earlier project is removed");
            }
        }
        fs::create_dir_all(&folder).expect("the project's folder is created");
        Self { folder, store, _turn: turn }
    }

    /// Returns the project's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of the project's store.
    #[must_use]
    pub fn store(&self) -> &Path {
        &self.store
    }

    /// Writes a file.
    ///
    /// # Panics
    ///
    /// Where it can't be written.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder");
        let root = workspace().to_str().expect("a path in UTF-8").replace('\\', "/");
        let name = self.folder.file_name().and_then(|it| it.to_str()).expect("a name in UTF-8");
        let text = text.replace("{root}", &root).replace("{name}", name);
        fs::write(path, text).expect("a file is written");
    }

    /// Reads a file.
    ///
    /// # Panics
    ///
    /// Where it can't be read.
    #[must_use]
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).expect("a file is read")
    }

    /// Replaces a text that must stand in a file.
    ///
    /// # Panics
    ///
    /// Where the text isn't there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain {from:?}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Runs cargo, with the project's store.
    ///
    /// # Panics
    ///
    /// Where cargo can't be started.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Run {
        self.cargo_with(arguments, &[])
    }

    /// Runs cargo with variables in its environment.
    ///
    /// # Panics
    ///
    /// Where cargo can't be started.
    #[must_use]
    pub fn cargo_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .env("CARGO_NET_OFFLINE", "true")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target().join("projects/target"))
            .env("PERENNIAL_DIR", &self.store)
            .env_remove("OUT_DIR")
            .env_remove("CARGO_MANIFEST_DIR")
            .env_remove("RUSTFLAGS")
            .envs(variables.iter().copied())
            .output()
            .expect("cargo is started");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Run {
            success: output.status.success(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs cargo, which must succeed, and returns what the program printed.
    ///
    /// # Panics
    ///
    /// Where it fails.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> String {
        let run = self.cargo(arguments);
        assert!(run.success, "cargo {arguments:?} failed:\n{}\n{}", run.stderr, run.stdout);
        run.stdout
    }
}

/// Returns the target folder that this test was built in.
fn target() -> PathBuf {
    let executable = env::current_exe().expect("the test's own path");
    let of_profile = executable.ancestors().nth(3).expect("target/profile/deps/test");
    of_profile.to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder is created");
    for entry in fs::read_dir(from).expect("a folder is read") {
        let entry = entry.expect("an entry is read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).expect("a file is copied");
        }
    }
}
