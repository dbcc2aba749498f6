//! Macros by example of published packages: expanded from where cargo keeps their sources, and left
//! alone where another may be meant.

use std::{collections::BTreeMap, fs, path::Path};

use perennial_build::{Build, Row, Table};

use crate::package::write;

const MANIFEST: &str = "[package]\nname = \"demo\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                        [dependencies]\nkit = \"1\"\n";

const LOCK: &str = r#"
version = 4
[[package]]
name = "demo"
version = "1.0.0"
dependencies = ["kit"]
[[package]]
name = "kit"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "00"
"#;

const KIT_MANIFEST: &str = "[package]\nname = \"kit\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";

const KIT_FOLDER: &str = "home/registry/src/index.crates.io-0/kit-1.0.0";

/// Takes one of two functions.
const FIRST: &str = "#[macro_export] macro_rules! first { ($n:ident, $a:ident, $b:ident) => { fn $n() -> u32 { $a() } } }";

const CODE: &str = "kit::first!(picked, left, right);
    pub fn start() -> u32 { picked() }
    fn left() -> u32 { 1 }
    fn right() -> u32 { 2 }
    fn other() -> u32 { 3 }";

/// The package, what it depends on, and where that is kept.
#[derive(Clone)]
struct Files(BTreeMap<String, String>);

impl Files {
    fn new(kit: &str, code: &str) -> Self {
        let empty = Self(BTreeMap::new());
        let empty = empty.with("app/Cargo.toml", MANIFEST).with("app/Cargo.lock", LOCK);
        empty
            .with("app/src/lib.rs", code)
            .kit("Cargo.toml", KIT_MANIFEST)
            .kit(".cargo-ok", "")
            .kit("src/lib.rs", kit)
    }

    fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    fn without(mut self, path: &str) -> Self {
        self.0.remove(path).unwrap();
        self
    }

    fn kit(self, path: &str, text: &str) -> Self {
        self.with(&format!("{KIT_FOLDER}/{path}"), text)
    }

    fn edit(&self, path: &str, from: &str, to: &str) -> Self {
        let text = &self.0[path];
        assert_eq!(text.matches(from).count(), 1, "{from} in {path}");
        self.clone().with(path, &text.replace(from, to))
    }

    fn write(&self, folder: &Path) {
        let files: Vec<_> = self.0.iter().map(|(path, it)| (path.as_str(), it.as_str())).collect();
        write(folder, &files);
    }

    fn table(&self) -> Table {
        let folder = tempfile::tempdir().unwrap();
        self.write(folder.path());
        let build = Build::new().cargo_home(folder.path().join("home"));
        let table = Table::of_build_and_tests(folder.path().join("app"), &build).unwrap();
        assert!(table.problems.is_empty(), "{:?}", table.problems);
        table
    }

    fn start(&self) -> Row {
        let table = self.table();
        table.rows.into_iter().find(|it| it.path.ends_with("::start")).expect("a start")
    }

    /// Tells whether an edit of the code changes the key of `start`.
    fn misses(&self, from: &str, to: &str) -> bool {
        let after = self.edit("app/src/lib.rs", from, to);
        self.start().code_signature() != after.start().code_signature()
    }

    /// Checks that the call is expanded: what the macro drops does not count.
    #[track_caller]
    fn expands(&self) {
        assert!(self.misses("{ 1 }", "{ 10 }"), "what the macro takes");
        assert!(!self.misses("{ 2 }", "{ 20 }"), "what the macro drops");
        assert!(!self.misses("{ 3 }", "{ 30 }"), "what no one names");
        let row = self.start();
        assert!(!row.needs_executable);
        let packages = &row.context.packages;
        assert!(packages.iter().any(|it| it.starts_with("kit 1.0.0 ")), "{packages:?}");
    }

    /// Checks that the call is left alone: all that it names counts.
    #[track_caller]
    fn stays(&self) {
        assert!(self.misses("{ 1 }", "{ 10 }"), "what the macro takes");
        assert!(self.misses("{ 2 }", "{ 20 }"), "what the macro drops");
    }
}

#[test]
fn a_macro_of_a_published_package_is_expanded() {
    Files::new(FIRST, CODE).expands();
    // In another file, by modules, and with others beside it.
    let moved = Files::new("mod a; mod b { #[path = \"else.rs\"] mod c; }", CODE);
    moved.clone().kit("src/a/mod.rs", FIRST).expands();
    moved.clone().kit("src/b/else.rs", FIRST).expands();
    Files::new(&format!("macro_rules! own {{ () => {{}} }} own!(); {FIRST}"), CODE).expands();
    Files::new(&format!("#[cfg(any())] {FIRST} {FIRST}"), CODE).expands();
    let inner = FIRST.replace("macro_export", "macro_export(local_inner_macros)");
    Files::new(&inner, CODE).expands();
    Files::new(&format!("#![cfg_attr(not(feature = \"std\"), no_std)] {FIRST}"), CODE).expands();
    Files::new(&format!("#[doc(hidden)] #[cfg_attr(docsrs, doc(cfg(x)))] {FIRST}"), CODE).expands();
}

#[test]
fn it_is_found_by_imports_globs_preludes_and_other_names() {
    let bare = CODE.replace("kit::first!", "first!");
    for import in [
        "use kit::first;",
        "use kit::*;",
        "#[macro_use] extern crate kit;",
        "pub use kit; use self::kit::first;",
    ] {
        Files::new(FIRST, &format!("{import}\n{bare}")).expands();
    }
    Files::new(FIRST, &format!("use kit::first as second;\n{}", bare.replace("first!", "second!")))
        .expands();
    let renamed = MANIFEST.replace("kit = \"1\"", "tool = { package = \"kit\", version = \"1\" }");
    Files::new(FIRST, &CODE.replace("kit::", "tool::")).with("app/Cargo.toml", &renamed).expands();
    // By the name of its crate.
    let named = FIRST.replace("first", "kit");
    for import in ["use kit::kit;", "#[macro_use] extern crate kit;", "use kit::*;"] {
        let code = format!("{import}\n{}", bare.replace("first!", "kit!"));
        Files::new(&named, &code).expands();
    }
    // In the expansion of a macro of the program.
    let wrapped = CODE.replace(
        "kit::first!(picked, left, right);",
        "macro_rules! wrap { ($a:ident) => { kit::first!{picked, $a, right} } } wrap!(left);",
    );
    Files::new(FIRST, &wrapped).expands();
    // In a function.
    let within = CODE.replace("{ picked() }", "{ kit::first!(picked, left, right); picked() }");
    Files::new(FIRST, within.trim_start_matches("kit::first!(picked, left, right);")).expands();
}

#[test]
fn the_macros_own_crate_is_meant_by_dollar_crate() {
    let kit = "#[macro_export] macro_rules! first { ($n:ident, $a:ident, $b:ident) => { $crate::second!{$n $a} } }
        #[macro_export] macro_rules! second { ($n:ident $a:ident) => { fn $n() -> u32 { $crate::f($a()) } } }
        pub fn f(x: u32) -> u32 { x }";
    Files::new(kit, CODE).expands();
    let renamed = MANIFEST.replace("kit = \"1\"", "tool = { package = \"kit\", version = \"1\" }");
    let shadowed = format!("mod kit {{}} {}", CODE.replace("kit::", "tool::"));
    Files::new(kit, &shadowed).with("app/Cargo.toml", &renamed).expands();
}

#[test]
fn another_version_is_another_key_even_if_it_expands_to_the_same() {
    let files = Files::new(FIRST, CODE);
    let folder = "home/registry/src/index.crates.io-0/kit-1.0.1";
    let both = files
        .with(&format!("{folder}/Cargo.toml"), &KIT_MANIFEST.replace("1.0.0", "1.0.1"))
        .with(&format!("{folder}/.cargo-ok"), "")
        .with(&format!("{folder}/src/lib.rs"), FIRST);
    let newer = LOCK.replace("\"kit\"\nversion = \"1.0.0\"", "\"kit\"\nversion = \"1.0.1\"");
    let newer = both.clone().with("app/Cargo.lock", &newer);
    let (old, new) = (both.start(), newer.start());
    assert_eq!(old.signature, new.signature);
    assert_ne!(old.code_signature(), new.code_signature());
    // And it is that version's macro which counts.
    let other = FIRST.replace("$a()", "$b()");
    let newer = newer.with(&format!("{folder}/src/lib.rs"), &other);
    assert!(newer.misses("{ 2 }", "{ 20 }") && !newer.misses("{ 1 }", "{ 10 }"));
}

#[test]
fn where_a_definition_lies_does_not_count() {
    let files = Files::new(FIRST, CODE);
    let other = KIT_FOLDER.replace("io-0", "io-1");
    let mut moved = files.clone();
    moved.0 =
        files.0.iter().map(|(path, it)| (path.replace(KIT_FOLDER, &other), it.clone())).collect();
    assert_eq!(files.start().code_signature(), moved.start().code_signature());
    moved.expands();
}

#[test]
fn a_definition_that_may_not_be_the_one_is_left_alone() {
    let inner = "#[macro_export(local_inner_macros)] macro_rules! first {
            ($n:ident, $a:ident, $b:ident) => { second!(third, $n, $a, $b); } }
        #[macro_export] macro_rules! second {
            ($m:ident, $n:ident, $a:ident, $b:ident) => { $m!($n, $a, $b); } }
        #[macro_export] macro_rules! third {
            ($n:ident, $a:ident, $b:ident) => { fn $n() -> u32 { $a() } } }"
        .to_owned();
    for kit in [
        &format!("#[cfg(feature = \"a\")] {FIRST}"),
        &format!("#[cfg(feature = \"a\")] mod a {{ {FIRST} }}"),
        &format!("#![cfg(feature = \"a\")] {FIRST}"),
        &format!(
            "#[cfg_attr(feature = \"a\", macro_export)] {}",
            FIRST.replace("#[macro_export]", "")
        ),
        &format!("#[cfg(custom)] {FIRST} #[cfg(not(custom))] {}", FIRST.replace("$a()", "$b()")),
        &format!("#[cfg_attr(feature = \"a\", path = \"b.rs\")] mod a {{ {FIRST} }}"),
        &format!("#[rewritten] {FIRST}"),
        &format!("#[rewritten] mod a {{ {FIRST} }}"),
        &format!("make! {{ {FIRST} }}"),
        &format!("fn f() {{ {FIRST} }}"),
        &format!("{FIRST} {FIRST}"),
        &format!("{FIRST} fn f( {{"),
        &FIRST.replace("#[macro_export]", "pub use first;"),
        &FIRST.replace("first", "second"),
        &FIRST.replace("macro_rules! first", "macro first"),
        &FIRST.replace("=> {", "=> { ${concat(a, b)} "),
        &inner,
    ] {
        Files::new(kit, CODE).stays();
    }
    // Paths of edition 2015 begin at the caller's root.
    let old = KIT_MANIFEST.replace("2021", "2015");
    Files::new(FIRST, CODE).kit("Cargo.toml", &old).expands();
    let rooted = FIRST.replace("{ $a() }", "{ ::left() }");
    Files::new(&rooted, CODE).kit("Cargo.toml", &old).stays();
}

#[test]
fn a_source_that_may_not_be_the_one_is_left_alone() {
    let files = Files::new(FIRST, CODE);
    files.clone().without(&format!("{KIT_FOLDER}/.cargo-ok")).stays();
    files.clone().without("app/Cargo.lock").stays();
    for (from, to) in [
        ("checksum = \"00\"", ""),
        ("registry+https://github.com/rust-lang/crates.io-index", "registry+https://example.com"),
        ("registry+https://github.com/rust-lang/crates.io-index", "git+https://example.com#0123"),
        ("checksum = \"00\"", "checksum = \"00\"\nreplace = \"kit 1.0.0\""),
        ("version = \"1.0.0\"\nsource", "version = \"1.0.1\"\nsource"),
        (
            "checksum = \"00\"",
            "checksum = \"00\"\n[[package]]\nname = \"kit\"\nversion = \"2.0.0\"",
        ),
        ("name = \"demo\"", "name = \"another\""),
    ] {
        files.edit("app/Cargo.lock", from, to).stays();
    }
    for config in
        ["paths = [\"kit\"]", "[source.crates-io]\nreplace-with = \"v\"", "[patch.a]", "[["]
    {
        files.clone().with("app/.cargo/config.toml", config).stays();
        files.clone().with("home/config.toml", config).stays();
        files.clone().with(".cargo/config", config).stays();
    }
    files.clone().with("app/.cargo/config.toml", "[build]\njobs = 1\n").expands();
    let manifest = |line: &str| format!("{KIT_MANIFEST}[lib]\n{line}\n");
    files.clone().kit("Cargo.toml", &manifest("proc-macro = true")).stays();
    files.clone().kit("Cargo.toml", &manifest("name = \"other\"")).stays();
    // Without being told where cargo keeps its sources.
    let signatures = |files: &Files| {
        let folder = tempfile::tempdir().unwrap();
        files.write(folder.path());
        let table = Table::of_package(folder.path().join("app")).unwrap();
        table.rows.into_iter().find(|it| it.path.ends_with("::start")).unwrap().signature
    };
    assert_ne!(signatures(&files), signatures(&files.edit("app/src/lib.rs", "{ 2 }", "{ 20 }")));
}

#[test]
fn a_package_that_cargo_keeps_has_no_lock_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::new(FIRST, CODE);
    files.write(folder.path());
    let home = folder.path().join("home");
    let kept = home.join("registry/src/index.crates.io-0/demo-1.0.0");
    fs::rename(folder.path().join("app"), &kept).unwrap();
    let start = || {
        let table = Table::of_build(&kept, &Build::new().cargo_home(&home)).unwrap();
        table.rows.into_iter().find(|it| it.path.ends_with("::start")).unwrap().signature
    };
    let before = start();
    fs::write(kept.join("src/lib.rs"), CODE.replace("{ 2 }", "{ 20 }")).unwrap();
    assert_ne!(before, start());
}

#[test]
fn what_the_caller_may_mean_otherwise_is_left_alone() {
    let local =
        "macro_rules! first { ($n:ident, $a:ident, $b:ident) => { fn $n() -> u32 { $b() } } }";
    let bare = CODE.replace("kit::first!", "first!");
    // Textual scope comes before an import, an import before a prelude.
    for code in [
        format!(
            "{local} mod m {{ use kit::first; {} }} pub use m::*; fn x() {{}}",
            bare.replace("fn ", "pub fn ")
        ),
        format!("#[macro_use] extern crate kit; {local} {bare}"),
        format!(
            "#[macro_use] extern crate kit; mod m {{ {local} pub(crate) use first; }} use m::first; {bare}"
        ),
        format!("use kit::*; mod m {{ {local} pub(crate) use first; }} use m::first; {bare}"),
        format!("{local} {bare}"),
    ] {
        let files = Files::new(FIRST, &code.replace("pub pub", "pub"));
        assert!(files.misses("{ 2 }", "{ 20 }"), "{code}");
    }
    // Who brings it can't be told.
    for code in [
        format!("#[cfg(custom)] use kit::first; #[cfg(not(custom))] mod m {{}} {bare}"),
        format!("use kit::*; use other::*; {bare}"),
        format!("use kit::deep::*; {bare}"),
        format!("use kit::*; any! {{ first }} {bare}"),
        format!("#[macro_use] extern crate kit; #[macro_use] extern crate other; {bare}"),
        CODE.replace("kit::first!", "kit::deep::first!"),
        CODE.replace("kit::first!", "other::first!"),
    ] {
        let manifest = format!("{MANIFEST}other = \"1\"\n");
        Files::new(FIRST, &code).with("app/Cargo.toml", &manifest).stays();
    }
}

#[test]
fn what_an_expansion_defines_is_followed() {
    // An impl that runs unseen, and a definition of a macro.
    let kit = "#[macro_export] macro_rules! show { ($t:ident, $f:ident) => {
            #[derive(Clone)] pub struct $t;
            impl ::std::fmt::Display for $t {
                fn fmt(&self, f: &mut ::std::fmt::Formatter) -> ::std::fmt::Result { write!(f, \"{}\", $f()) }
            }
            macro_rules! made { ($x:expr) => { $x + $f() } }
        } }";
    let code = "kit::show!(T, left);
        pub fn start() -> String { format!(\"{} {}\", T, made!(1)) }
        fn left() -> u32 { 1 }
        fn right() -> u32 { 2 }";
    let files = Files::new(kit, code);
    assert!(files.misses("{ 1 }", "{ 10 }") && !files.misses("{ 2 }", "{ 20 }"));
    // A local of the caller's does not hide an item that a macro names.
    let kit = "#[macro_export] macro_rules! call { () => { left() } }";
    let code = "pub fn start() -> u32 { let left = || 5; kit::call!() + left() }
        fn left() -> u32 { 1 }
        fn right() -> u32 { 2 }";
    let files = Files::new(kit, code);
    assert!(files.misses("{ 1 }", "{ 10 }") && !files.misses("{ 2 }", "{ 20 }"));
}

#[test]
fn a_path_dependency_has_its_own_dependencies() {
    let manifest = "[package]\nname = \"demo\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                    [dependencies]\ncore-part = { path = \"../part\" }\n";
    let part = "[package]\nname = \"core-part\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                [dependencies]\nkit = \"1\"\n";
    let lock = LOCK.replace("[\"kit\"]", "[\"core-part\"]")
        + "[[package]]\nname = \"core-part\"\nversion = \"0.1.0\"\ndependencies = [\"kit\"]\n";
    let code = CODE.replace("pub fn start() -> u32 { picked() }", "");
    let kit = FIRST.replace("fn $n", "pub fn $n");
    let files = Files::new(&kit, "pub fn start() -> u32 { core_part::picked() }")
        .with("app/Cargo.toml", manifest)
        .with("app/Cargo.lock", &lock)
        .with("part/Cargo.toml", part)
        .with("part/src/lib.rs", &code);
    let after = |from: &str, to: &str| files.edit("part/src/lib.rs", from, to).start().signature;
    assert_ne!(files.start().signature, after("{ 1 }", "{ 10 }"));
    assert_eq!(files.start().signature, after("{ 2 }", "{ 20 }"));
}

const ITEMS: &str = "#[macro_export] macro_rules! items { ($($i:item)*) => { $($i)* } }";

#[test]
fn a_module_that_an_expansion_declares_lies_below_that_of_the_call() {
    let files = Files::new(ITEMS, "mod outer; pub fn start() -> u32 { outer::deep::f() }")
        .with("app/src/outer.rs", "kit::items! { #[cfg(all())] pub mod deep; }")
        .with("app/src/outer/deep.rs", "pub fn f() -> u32 { 1 } fn g() -> u32 { 2 }")
        .with("app/src/deep.rs", "pub fn f() -> u32 { 4 }");
    let after = |path: &str, from: &str, to: &str| files.edit(path, from, to).start();
    assert_ne!(files.start().signature, after("app/src/outer/deep.rs", "{ 1 }", "{ 3 }").signature);
    assert_eq!(files.start().signature, after("app/src/outer/deep.rs", "{ 2 }", "{ 3 }").signature);
    assert_eq!(files.start().signature, after("app/src/deep.rs", "{ 4 }", "{ 3 }").signature);
    assert!(!files.start().needs_executable);
}

#[test]
fn test_builds_are_told_apart_by_what_only_an_expansion_says() {
    let row = |rows: &[Row]| rows.iter().find(|it| it.path.ends_with("::start")).unwrap().signature;
    let kit = "#[macro_export] macro_rules! first { ($n:ident, $a:ident, $b:ident) => {
            fn $n() -> u32 { #[cfg(test)] { $b() } #[cfg(not(test))] { $a() } }
        } }";
    let of_macro = Files::new(kit, CODE);
    let of_file = Files::new(ITEMS, "kit::items! { mod deep; } pub fn start() -> u32 { deep::f() }")
        .with(
            "app/src/deep.rs",
            "pub fn f() -> u32 { #[cfg(test)] { g() } #[cfg(not(test))] { 1 } } #[cfg(test)] fn g() -> u32 { 2 }",
        );
    for (files, path) in [(of_macro, "app/src/lib.rs"), (of_file, "app/src/deep.rs")] {
        let [before, first, second] = [
            files.table(),
            files.edit(path, "{ 1 }", "{ 10 }").table(),
            files.edit(path, "{ 2 }", "{ 20 }").table(),
        ];
        assert_ne!(row(&before.rows), row(&before.test_rows));
        assert_ne!(row(&before.rows), row(&first.rows));
        assert_eq!(row(&before.rows), row(&second.rows));
        assert_eq!(row(&before.test_rows), row(&first.test_rows));
        assert_ne!(row(&before.test_rows), row(&second.test_rows));
    }
}
