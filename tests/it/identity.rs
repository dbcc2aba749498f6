//! Functions that only the executable tells apart, keys of calls named outside, and variables of the
//! compiler: each a program that checks itself.

use crate::memoizing_package::{MANIFEST, project};

#[test]
fn functions_of_one_text_have_results_of_their_own() {
    let manifest = MANIFEST.replace("[build-", "copies = { path = \"copies\" }\n[build-");
    let copies = r#"
use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Puts an item into two modules, beside a constant of another value in each.
#[proc_macro_attribute]
pub fn twice(_: TokenStream, item: TokenStream) -> TokenStream {
    let module = |of: &str, k: u8| {
        let mut inner: TokenStream = format!("pub const K: u8 = {k};").parse().unwrap();
        inner.extend(item.clone());
        let mut outer: TokenStream = format!("pub mod {of}").parse().unwrap();
        outer.extend([TokenTree::Group(Group::new(Delimiter::Brace, inner))]);
        outer
    };
    module("first", 1).into_iter().chain(module("second", 2)).collect()
}

/// Gives what it gets, which the analysis can't know.
#[proc_macro]
pub fn same(tokens: TokenStream) -> TokenStream {
    tokens
}
"#;
    let main = r#"
use perennial::memo;

macro_rules! pass { ($($t:tt)*) => { $($t)* } }
macro_rules! make { ($n:ident) => { #[memo] pub fn $n(x: u8) -> String { format!("{}{x}", helper()) } } }

mod a {
    use perennial::memo;
    fn helper() -> &'static str { "a" }
    make!(f);
    pass! { #[memo] pub fn g(x: u8) -> String { format!("{}{x}", helper()) } }
}
mod b {
    use perennial::memo;
    fn helper() -> &'static str { "b" }
    make!(f);
    pass! { #[memo] pub fn g(x: u8) -> String { format!("{}{x}", helper()) } }
}

#[derive(serde::Serialize)]
struct A;
#[derive(serde::Serialize)]
struct B;
impl A { const N: &'static str = "A"; pass! { #[memo] fn m(&self) -> String { Self::N.to_string() } } }
impl B { const N: &'static str = "B"; pass! { #[memo] fn m(&self) -> String { Self::N.to_string() } } }

trait Kind { const K: &'static str; }
impl Kind for u8 { const K: &'static str = "u8"; }
impl Kind for u16 { const K: &'static str = "u16"; }
#[derive(serde::Serialize)]
struct G<T>(T);
impl<T: Kind + serde::Serialize> G<T> { copies::same! { #[memo] fn m(&self) -> String { T::K.to_string() } } }

trait Named: serde::Serialize {
    fn k(&self) -> &'static str;
    copies::same! { #[memo] fn m(&self) -> String { self.k().to_string() } }
}
impl Named for u8 { fn k(&self) -> &'static str { "u8" } }
impl Named for u16 { fn k(&self) -> &'static str { "u16" } }

// Members at one place, the macro's.
macro_rules! member { () => { #[memo] fn of_macro(&self) -> String { Self::N.to_string() } } }
impl A { member!(); }
impl B { member!(); }

// One call, two blocks: the same place for both.
macro_rules! blocks {
    ($a:expr, $b:expr) => {
        ({ const K: u8 = $a; #[memo] fn f(x: u8) -> u8 { K + x } f(1) },
         { const K: u8 = $b; #[memo] fn f(x: u8) -> u8 { K + x } f(1) })
    };
}

#[copies::twice]
#[perennial::memo]
pub fn copied(x: u8) -> u8 { K + x }

fn main() {
    for _ in 0..2 {
        assert_eq!((a::f(1), b::f(1)), ("a1".into(), "b1".into()));
        assert_eq!((a::g(1), b::g(1)), ("a1".into(), "b1".into()));
        assert_eq!((A.m(), B.m()), ("A".into(), "B".into()));
        assert_eq!((A.of_macro(), B.of_macro()), ("A".into(), "B".into()));
        assert_eq!((G(1u8).m(), G(1u16).m()), ("u8".into(), "u16".into()));
        assert_eq!((1u8.m(), 1u16.m()), ("u8".into(), "u16".into()));
        assert_eq!(blocks!(1, 2), (2, 3));
        assert_eq!((first::copied(1), second::copied(1)), (2, 3));
    }
    let stats = perennial::stats();
    println!("{} {} {}", stats.hits, stats.misses, stats.unmemoized);
}
"#;
    let project = project(
        "identity-instances",
        &[
            ("Cargo.toml", &manifest),
            ("src/main.rs", main),
            (
                "copies/Cargo.toml",
                "[package]\nname = \"copies\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
            ),
            ("copies/src/lib.rs", copies),
        ],
    );
    assert_eq!(project.run(&["run", "-q"]), "16 16 0\n");
    assert_eq!(project.run(&["run", "-q"]), "32 0 0\n");
}

#[test]
fn a_key_named_outside_is_the_key_that_a_call_is_stored_under() {
    let main = r#"
#![deny(warnings)]
use std::collections::HashSet;

use perennial::{MemoryStore, Signature, memo as remember, memo_key, *};

unsafe extern "C" { fn abs(x: i32) -> i32; }

#[derive(serde::Serialize)]
struct Inner(u8);
#[derive(serde::Serialize)]
struct Wrapper { more: u8, inner: Inner }
impl std::ops::Deref for Wrapper {
    type Target = Inner;
    fn deref(&self) -> &Inner { &self.inner }
}

#[remember(skip(p))]
fn renamed(x: u8, p: u8) -> u8 { let _ = p; x }
#[cfg_attr(all(), memo(skip(p)))]
fn conditional(x: u8, p: u8) -> u8 { let _ = p; x }
#[memo(skip(r#type, _p))]
fn raw(r#type: u8, _p: u8, r#fn: u8) -> u8 { let _ = r#type; r#fn }
#[memo]
fn inner(x: &Inner) -> u8 { x.0 }
#[memo]
fn many(x: &[u8], y: f64, z: Option<&str>) -> usize { x.len() + y as usize + z.map_or(0, str::len) }
#[memo]
fn patterns((a, b): (u8, u8), _: u8, ref c: u8, set: &HashSet<u8>) -> u8 { a + b + c + set.len() as u8 }
#[memo]
fn foreign(x: i32) -> i32 { unsafe { abs(x) } }
impl Inner {
    #[memo]
    fn method(&self, x: i32) -> i32 { i32::from(self.0) + unsafe { abs(x) } }
    #[memo(skip(self))]
    fn without_self(&self, x: u8) -> u8 { x }
}

macro_rules! key { ($f:expr) => { memo_key!($f) } }

fn mk() -> Vec<u8> { vec![1, 2] }

fn main() {
    let store: &'static MemoryStore = Box::leak(Box::new(MemoryStore::new()));
    let _here = storing_to(store);
    let mut stored = 0;
    let mut check = |key: Signature, what: &str| {
        let key = key.to_string();
        stored += 1;
        let names = store.names();
        assert_eq!(names.len(), stored, "{what}");
        assert!(names.iter().any(|it| it.as_str().ends_with(&key)), "{what}");
    };
    let (wrapper, string) = (Wrapper { more: 1, inner: Inner(3) }, String::from("q"));
    let _ = wrapper.more;
    renamed(1, 2);
    check(memo_key!(renamed(1, 3)), "renamed");
    conditional(1, 2);
    check(memo_key!(conditional(1, 3)), "conditional");
    raw(1, 2, 3);
    check(memo_key!(raw(9, 9, 3)), "raw");
    inner(&wrapper);
    check(memo_key!(inner(&wrapper)), "deref");
    many(mk().as_slice(), 1.0, Some(&string));
    check(memo_key!(many(mk().as_slice(), 1.0, Some(&string))), "temporaries");
    many(&[], 2., None);
    check(memo_key!(many(&[], 2., None)), "empty");
    let set = HashSet::from([1, 2, 3]);
    patterns((1, 2), 3, 4, &set);
    check(memo_key!(patterns((1, 2), 3, 4, &set)), "patterns");
    foreign(-1);
    check(memo_key!(foreign(-1)), "foreign");
    wrapper.method(-2);
    check(memo_key!(Inner::method(&wrapper, -2)), "method");
    wrapper.without_self(7);
    check(memo_key!(Inner::without_self(&Inner(200), 7)), "without self");
    assert_ne!(memo_key!(foreign), memo_key!(inner));
    assert_eq!((key!(inner), key!(inner(&wrapper))), (memo_key!(inner), memo_key!(inner(&wrapper))));
}
"#;
    // Strict levels would say that `abs` is foreign.
    let build = "fn main() { perennial_build::Config::new().level(perennial_build::Level::Trust).generate(); }";
    let project = project("identity-keys", &[("src/main.rs", main), ("build.rs", build)]);
    let _ = project.run(&["run", "-q"]);
}

#[test]
fn variables_count_with_the_values_that_the_compiler_sees() {
    let build = r#"
fn main() {
    println!("cargo::rerun-if-changed=git");
    let git = std::fs::read_to_string("git").unwrap();
    println!("cargo::rustc-env=GIT={git}");
    if git == "2" {
        println!("cargo::rustc-env=MAYBE=");
    }
    perennial_build::generate();
}
"#;
    let lib = r#"
pub fn git() -> &'static str { env!("GIT") }
"#;
    let main = r#"
#[perennial::memo]
fn stamp() -> String { env!("GIT").into() }
#[perennial::memo]
fn maybe() -> String { format!("{:?}", option_env!("MAYBE")) }
#[perennial::memo]
fn through() -> String { variables_lib::git().into() }
#[perennial::memo]
fn krate() -> String { env!("CARGO_CRATE_NAME").into() }
#[perennial::memo]
fn module() -> String { module_path!().into() }
#[perennial::memo]
fn plain() -> String { "plain".into() }

fn main() {
    let results = [stamp(), maybe(), through(), krate(), module(), plain()];
    assert_eq!(results, perennial::suspended(|| [stamp(), maybe(), through(), krate(), module(), plain()]));
    let stats = perennial::stats();
    println!("{} {}", stats.hits, stats.misses);
}
"#;
    let manifest = MANIFEST.replace("[build-", "[lib]\nname = \"variables_lib\"\n[build-")
        + "[[bin]]\nname = \"one\"\npath = \"src/main.rs\"\n[[bin]]\nname = \"other\"\npath = \"src/main.rs\"\n";
    let project = project(
        "identity-variables",
        &[
            ("Cargo.toml", &manifest),
            ("build.rs", build),
            ("src/lib.rs", lib),
            ("src/main.rs", main),
            ("git", "1"),
        ],
    );
    let run = |name| project.run(&["run", "-q", "--bin", name]);
    assert_eq!(run("one"), "0 6\n");
    assert_eq!(run("one"), "6 0\n");
    // All but what shows the crate's name is the same there.
    assert_eq!(run("other"), "4 2\n");
    project.write("git", "2");
    assert_eq!(run("one"), "3 3\n");
    project.write("git", "1");
    assert_eq!(run("one"), "6 0\n");
}
