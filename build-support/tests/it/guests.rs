//! What the type parameters of a start may stand for: what of the program's own types can run, and
//! what can't.

use crate::package::table;

/// Returns the functions that `start` reaches, itself left out.
pub(crate) fn reached(text: &str) -> Vec<String> {
    let table = table(&[("src/lib.rs", text)]);
    let row = table.rows.iter().find(|it| it.path.ends_with("::start")).expect("a start");
    let paths = table.paths_reached(row);
    let functions: Vec<_> = table.rows.iter().map(|it| it.path.as_str()).collect();
    let is_other = |it: &&str| *it != row.path && functions.contains(it);
    paths.into_iter().filter(is_other).map(|it| it.replacen("demo::", "", 1)).collect()
}

/// A type with a trait of its own, one of std, a `Drop` and a method.
const TYPE: &str = "
    use std::fmt;
    pub struct X;
    pub trait Tr { fn go(&self) -> u32; fn other(&self) -> u32 { 0 } }
    impl Tr for X { fn go(&self) -> u32 { helper() } fn other(&self) -> u32 { 2 } }
    fn helper() -> u32 { 1 }
    impl fmt::Debug for X { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(\"\") } }
    impl Drop for X { fn drop(&mut self) { dropped() } }
    fn dropped() {}
    impl X { pub fn go(&self) -> u32 { 3 } }
";

fn with_type(text: &str) -> Vec<String> {
    reached(&format!("{TYPE}{text}"))
}

#[test]
fn members_that_are_called_by_the_bounds_run() {
    assert_eq!(
        with_type("pub fn start<T: Tr>(t: T) -> u32 { format!(\"{:?}\", Some(1)); t.go() }"),
        ["<X as Drop>::drop", "<X as Tr>::go", "dropped", "helper"]
    );
}

#[test]
fn a_parameter_without_bounds_can_be_dropped_and_nothing_else() {
    let expected = ["<X as Drop>::drop", "dropped"];
    assert_eq!(with_type("pub fn start<T>(t: T, n: &dyn Fn()) { n() }"), expected);
    assert_eq!(
        with_type("pub struct W<T>(T); impl<T> W<T> { pub fn start(self) -> T { self.0 } }"),
        expected
    );
}

#[test]
fn bounds_count_wherever_they_are_known() {
    let debugged = "<X as fmt::Debug>::fmt";
    for text in [
        "pub fn start<T>(t: T) -> String where T: fmt::Debug { format!(\"{t:?}\") }",
        "pub fn start(t: impl fmt::Debug) -> String { format!(\"{t:?}\") }",
        "pub struct W<T>(T); impl<T: fmt::Debug> W<T> { pub fn start(&self) -> String { format!(\"{:?}\", self.0) } }",
        "pub trait Sub: fmt::Debug {} impl Sub for X {} pub fn start<T: Sub>(t: T) -> String { format!(\"{t:?}\") }",
        "pub trait Has { type Out: fmt::Debug; fn out(&self) -> Self::Out; } impl Has for u8 { type Out = X; fn out(&self) -> X { X } } pub fn start<T: Has>(t: T) -> String { format!(\"{:?}\", t.out()) }",
        "pub trait Has { type Out; fn out(&self) -> Self::Out; } impl Has for u8 { type Out = X; fn out(&self) -> X { X } } pub fn start<T: Has>(t: T) -> String where T::Out: fmt::Debug { format!(\"{:?}\", t.out()) }",
        "pub trait Has { fn out(&self) -> impl fmt::Debug; } impl Has for u8 { fn out(&self) -> impl fmt::Debug { X } } pub fn start<T: Has>(t: T) -> String { format!(\"{:?}\", t.out()) }",
        "pub trait Has { fn out(&self) -> impl fmt::Debug { X } } impl Has for u8 {} pub fn start<T: Has>(t: T) -> String { format!(\"{:?}\", t.out()) }",
        "pub trait Has { fn shown(&self) -> String; } impl<T: fmt::Debug> Has for T { fn shown(&self) -> String { format!(\"{self:?}\") } } pub fn start<T: fmt::Debug>(t: T) -> String { t.shown() }",
        "pub trait Say: fmt::Debug { fn start(&self) -> String { format!(\"{self:?}\") } } impl Say for X {}",
        "pub fn start<I: Iterator>(i: I) -> String where I::Item: fmt::Debug { i.map(|it| format!(\"{it:?}\")).collect() }",
    ] {
        let found = with_type(text);
        assert!(found.iter().any(|it| it == debugged), "{found:?} of {text}");
    }
}

#[test]
fn a_guest_has_guests_of_its_own() {
    let found = with_type(
        "pub trait Visit { fn visit<T: Tr>(&self, t: T) -> u32; }
         pub struct V; impl Visit for V { fn visit<T: Tr>(&self, t: T) -> u32 { t.other() } }
         pub fn start<A: Visit, B: Tr>(a: A, b: B) -> u32 { a.visit(b) }",
    );
    assert_eq!(
        found,
        ["<V as Visit>::visit", "<X as Drop>::drop", "<X as Tr>::other", "Tr::other", "dropped"]
    );
    let found = with_type(
        "pub struct W<T>(T); impl<T: Tr> fmt::Display for W<T> { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.other(); Ok(()) } }
         pub fn start<T: fmt::Display>(t: T) -> String { t.to_string() }",
    );
    assert!(found.iter().any(|it| it == "<X as Tr>::other"), "{found:?}");
}

#[test]
fn what_a_guest_hides_in_a_type_of_std_runs_too() {
    let found = with_type(
        "pub struct R; #[derive(Debug)] pub struct E;
         impl fmt::Display for E { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(\"\") } }
         impl std::error::Error for E {}
         impl std::io::Read for R { fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> { Err(std::io::Error::other(E)) } }
         pub fn start<T: std::io::Read>(mut t: T) -> String { t.read(&mut []).unwrap_err().to_string() }",
    );
    assert!(found.iter().any(|it| it == "<E as fmt::Display>::fmt"), "{found:?}");
}

#[test]
fn a_type_that_the_start_names_is_in_play_all_the_same() {
    let found = with_type("pub fn start<T: Tr>(t: T) -> String { format!(\"{:?}{}\", X, t.go()) }");
    assert!(found.iter().any(|it| it == "<X as fmt::Debug>::fmt"), "{found:?}");
}

#[test]
fn a_value_that_is_only_lent_is_not_dropped() {
    for text in [
        "pub struct W<T>(Vec<T>); impl<T> W<T> { pub fn start(&self) -> usize { self.0.len() } }",
        "pub struct It<'a, T>(std::slice::Iter<'a, T>); impl<T> It<'_, T> { pub fn start(&mut self) -> bool { self.0.next().is_some() } }",
        "pub fn start<T: PartialEq>(a: &T, b: &[T]) -> bool { b.contains(a) }",
        "pub fn start<T, F: Fn(&T) -> bool>(t: &T, f: F) -> bool { f(t) }",
        "pub fn start<T>(t: &T, r: impl std::ops::RangeBounds<usize>) -> bool { r.contains(&1) }",
        "pub enum List<T> { Nil, Cons(T, Box<List<T>>) } impl<T> List<T> { pub fn start(&self) -> bool { matches!(self, Self::Nil) } }",
        "pub struct P<T>(std::marker::PhantomData<T>); pub fn start<T>(p: P<T>) -> u8 { 1 }",
        "pub struct W<T>(T); impl<T> Default for W<&T> { fn default() -> Self { loop {} } } impl<T> std::ops::Index<u8> for W<&T> { type Output = T; fn index(&self, _: u8) -> &T { self.start() } } impl<T> W<&T> { fn start(&self) -> &T { self.0 } }",
    ] {
        assert_eq!(with_type(text), [""; 0], "{text}");
    }
}

#[test]
fn whatever_may_come_to_own_a_value_may_drop_it() {
    for text in [
        "pub struct W<T>(Vec<T>); impl<T> W<T> { pub fn start(&mut self) { self.0.clear() } }",
        "pub struct W<T>(T); type V<T> = Option<W<T>>; pub fn start<T>(w: V<T>) {}",
        "pub struct B<A>(std::cell::RefCell<A>); pub struct W<T>(B<T>); pub fn start<T>(w: &W<Vec<T>>) { w.0.0.borrow_mut().clear() }",
        "pub struct L<'a, A>(&'a A); pub fn start<T>(w: L<'_, std::sync::Mutex<Vec<T>>>) { w.0.lock().unwrap().clear() }",
        "pub struct L<'a, A>(&'a mut A); pub fn start<T>(w: L<'_, Vec<T>>) { w.0.clear() }",
        "pub fn start<T: Default>() { T::default(); }",
        "pub fn start<T: Clone>(t: &T) { drop(t.clone()) }",
        "pub trait Make { fn make() -> Self; } pub fn start<T: Make>() { T::make(); }",
        "pub trait Has { type Out; fn out(&self) -> Self::Out; } pub fn start<T: Has>(t: &T) { t.out(); }",
        "pub fn start<T, F: Fn() -> T>(f: F) { f(); }",
        "pub fn start<T, F>(f: &F) where F: Fn() -> Option<T> { f(); }",
        "pub fn start<T>(f: &dyn Fn() -> T) { f(); }",
        "pub fn start<T>(f: fn() -> T) { f(); }",
        "pub fn start<T>(r: &std::sync::mpsc::Receiver<T>) { r.recv().ok(); }",
        "pub fn start<T: Iterator>(t: T) { t.last(); }",
        "pub struct A<T>(T, Option<Box<B<T>>>); pub struct B<T>(Option<Box<A<T>>>); pub fn start<T>(t: B<T>) {}",
    ] {
        let found = with_type(text);
        assert!(found.contains(&"<X as Drop>::drop".to_owned()), "{text}: {found:?}");
    }
}
