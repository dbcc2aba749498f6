//! `#[memo]` beside other attributes, in either order, and in functions.

use perennial::memo;
use perennial_tests::Project;
use tracing::instrument;

use crate::counted::{ran, runs};

#[memo(allow(statics))]
#[instrument]
fn inside(x: u8) -> u8 {
    ran();
    x + 1
}

#[instrument]
#[memo(allow(statics))]
fn outside(x: u8) -> u8 {
    ran();
    x + 2
}

#[instrument]
#[memo(allow(statics))]
async fn outside_a_future(x: &str) -> Result<u8, std::num::ParseIntError> {
    ran();
    let x: u8 = x.parse()?;
    smol::future::yield_now().await;
    Ok(x)
}

#[memo(allow(statics))]
#[instrument(skip(x), err)]
async fn inside_a_future(x: &str) -> Result<u8, std::num::ParseIntError> {
    ran();
    smol::future::yield_now().await;
    x.parse()
}

#[test]
fn other_attributes_stand_before_and_behind() {
    let count = runs(|| {
        for _ in 0..3 {
            assert_eq!((inside(1), outside(1)), (2, 3));
            assert_eq!(smol::block_on(outside_a_future("7")), Ok(7));
            assert_eq!(smol::block_on(inside_a_future("7")), Ok(7));
        }
    });
    assert_eq!(count, 4);
}

#[tokio::test]
async fn functions_in_functions_are_memoized() {
    #[memo(allow(statics))]
    async fn inner(x: u8) -> u8 {
        ran();
        tokio::task::yield_now().await;
        x
    }
    let _here = perennial::storing_to(perennial::MemoryStore::new());
    let before = runs(|| {});
    let context = perennial::Context::current();
    let sum = context.attach(async { inner(1).await + inner(1).await + inner(2).await }).await;
    assert_eq!((before, sum, crate::counted::count()), (0, 4, 2));
}

#[test]
fn copies_that_an_attribute_makes_are_told_apart_or_refused() {
    let manifest = "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n\
        perennial = { path = \"{root}/runtime\" }\ntwice = { path = \"twice\" }\n\
        [build-dependencies]\nperennial-build = { path = \"{root}/build-support\" }\n[workspace]\n";
    let twice = r#"use proc_macro::{Group, Ident, Literal, TokenStream, TokenTree};
fn copy(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().map(|token| match token {
        TokenTree::Ident(it) if it.to_string() == "first" => Ident::new("second", it.span()).into(),
        TokenTree::Literal(it) if it.to_string() == "1u8" => Literal::u8_suffixed(2).into(),
        TokenTree::Group(it) => Group::new(it.delimiter(), copy(it.stream())).into(),
        other => other,
    }).collect()
}
#[proc_macro_attribute]
pub fn twice(_: TokenStream, item: TokenStream) -> TokenStream {
    [item.clone(), copy(item)].into_iter().collect()
}
"#;
    let main = "#[twice::twice]
#[perennial::memo]
fn first() -> u8 { println!(\"runs\"); 1u8 }
fn main() { println!(\"{} {} {} {}\", first(), second(), first(), second()); }
";
    let project = Project::new(
        "attributes-copies",
        &[
            ("Cargo.toml", manifest),
            ("build.rs", "fn main() { perennial_build::generate(); }\n"),
            ("src/main.rs", main),
            (
                "twice/Cargo.toml",
                "[package]\nname = \"twice\"\nedition = \"2024\"\n[lib]\nproc-macro = true\n",
            ),
            ("twice/src/lib.rs", twice),
        ],
    );
    assert_eq!(project.run(&["run", "-q"]), "runs\nruns\n1 2 1 2\n");
    assert_eq!(project.run(&["run", "-q"]), "1 2 1 2\n");
    for code in ["own", "pinned(\"1\")"] {
        project.write("src/main.rs", &main.replace("::memo]", &format!("::memo(code = {code})]")));
        let run = project.cargo(&["check", "-q"]);
        assert!(!run.success, "copies share the results of code = {code}");
        assert!(run.stderr.contains("several functions have this path"), "{}", run.stderr);
    }
}
