//! Sources whose analysis could go on for ever: no compiler takes them, and yet it ends.

use crate::package::table;

#[track_caller]
fn ends(files: &[(&str, &str)], functions: usize) {
    assert_eq!(table(files).rows.len(), functions);
}

#[test]
fn calls_that_double_what_they_are_given_end() {
    let library = "macro_rules! twice { ($($x:tt)*) => { twice! { $($x)* x $($x)* } } }
                   twice! { a } pub fn start() { twice!(a); } pub struct S; impl S { twice! { a } }";
    let exported = library.replace("macro_rules", "#[macro_export] macro_rules");
    let user = "mod m { crate::twice! { a } pub fn start() { crate::twice!(a); } }";
    ends(&[("src/lib.rs", library)], 1);
    ends(&[("src/lib.rs", &format!("{user} {exported}"))], 2);
}

#[test]
fn files_that_are_modules_of_themselves_end() {
    let library = "#[path = \"lib.rs\"] mod a; #[path = \"lib.rs\"] mod b; pub fn start() {}";
    ends(&[("src/lib.rs", library)], 1);
    ends(&[("src/lib.rs", "include!(\"lib.rs\"); include!(\"lib.rs\"); pub fn start() {}")], 1);
}

#[test]
fn files_that_include_themselves_in_expressions_end() {
    let included = "{ include!(\"a.rs\"); include!(\"a.rs\") }";
    ends(&[("src/lib.rs", "pub fn start() { include!(\"a.rs\") }"), ("src/a.rs", included)], 1);
}

#[test]
fn bodies_of_macros_that_name_keys_of_one_another_end() {
    let body = |name: &str| {
        format!(
            "macro_rules! {name} {{ ($x:expr) => {{ memo_key!(f(a!(1), b!(1), c!(1))) [<$x>] }} }}"
        )
    };
    let key = "memo_key!(f(".repeat(40) + &"))".repeat(40);
    let library = ["a", "b", "c"].map(body).concat();
    ends(
        &[("src/lib.rs", &format!("{library} pub fn start() {{ a!(=> 1); foreign!({key}) }}"))],
        1,
    );
}
