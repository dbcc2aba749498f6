//! The same definitions and calls, expanded by the compiler of these tests and by this module.

use proc_macro2::{TokenStream, TokenTree};

use super::{Definition, Expansion, unsealed};

/// Compares the expansions of calls. The bodies are lists of texts: literals and `stringify!`.
macro_rules! agree {
    ($definition:tt $(($($call:tt)*))*) => {{
        macro_rules! subject $definition
        $(
            let by_compiler: &[&str] = &subject!($($call)*);
            compare(stringify!($definition), stringify!($($call)*), by_compiler);
        )*
    }};
}

#[track_caller]
fn compare(definition: &str, call: &str, by_compiler: &[&str]) {
    let definition: proc_macro2::Group = syn::parse_str(definition).unwrap();
    let definition = Definition::parse(definition.stream()).unwrap().in_edition(2024);
    let mut output: TokenStream = call.parse().unwrap();
    // The bodies may pass their input on to the definition itself.
    let output = loop {
        let result = definition.expand(output, &syn::parse_quote!(home));
        let Expansion::Tokens(it, count) = result else { panic!("{call}: {result:?}") };
        assert_eq!(count, number(it.clone()), "{call}");
        // What reaches the analysis has been printed and parsed again.
        let tokens: TokenStream = it.to_string().parse().unwrap();
        match &tokens.clone().into_iter().collect::<Vec<_>>()[..] {
            [TokenTree::Ident(name), _, TokenTree::Group(it)] if name == "subject" => {
                output = it.stream();
            }
            _ => break tokens,
        }
    };
    let expected: Vec<_> = by_compiler.iter().map(|it| bare(it)).collect();
    assert_eq!(texts(output), expected, "{call}");
}

/// Counts tokens, those in groups too.
fn number(tokens: TokenStream) -> usize {
    let of = |it| if let TokenTree::Group(it) = it { 1 + number(it.stream()) } else { 1 };
    tokens.into_iter().map(of).sum()
}

/// Evaluates a list of literals and of `stringify!`.
fn texts(tokens: TokenStream) -> Vec<String> {
    let list: syn::ExprArray = syn::parse2(unsealed(tokens)).unwrap();
    let text = |it: &syn::Expr| match it {
        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(it), .. }) => bare(&it.value()),
        syn::Expr::Macro(it) => bare(&unsealed(it.mac.tokens.clone()).to_string()),
        _ => panic!("not a text"),
    };
    list.elems.iter().map(text).collect()
}

/// Without what printing adds or leaves out.
fn bare(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace() && !matches!(it, '(' | ')')).collect()
}

#[test]
fn on_what_begins_a_fragment() {
    agree!({
        ($x:lifetime) => { ["lifetime", stringify!($x)] };
        ($x:literal) => { ["literal", stringify!($x)] };
        ($x:ident) => { ["ident", stringify!($x)] };
        ($x:block) => { ["block", stringify!($x)] };
        ($x:ty) => { ["ty", stringify!($x)] };
        ($x:expr) => { ["expr", stringify!($x)] };
        ($($x:tt)*) => { ["tt" $(, stringify!($x))*] };
    }
        (a) (r#a) (self) (crate) (fn) (true) (_) ('a) ('_) (1) (-1) ("a") ('b') (b"a")
        ({ 1 }) ([u8; 3]) (&a) (!) (if a { b } else { c }) (loop {}) (move || a) (..) (..=3)
        (let) (#[a] 1) (=) (=> a) (, a) (; ) (pub) (struct A;) (<A as B>::C) (::a) (* const a)
        (const { 1 }) (|a| a) (return) (break) (while a {})
    );
}

#[test]
fn on_repetitions() {
    agree!({
        ($($a:ident),* ; $($b:ident)=>+ ; $($(#[$c:meta])* $d:ident)?) => {
            ["1" $(, stringify!($a))* $(, stringify!($b))+ $($(, stringify!($c))* , stringify!($d))?]
        };
        ($(a b)* a c) => { ["2"] };
        ($([$($a:tt)*])|*) => { ["4" $(, $(stringify!($a),)* "end")*] };
        ($($a:expr),+ $(,)?) => { ["3" $(, stringify!($a))+] };
        ($a:ident $(: $b:ty)? = $c:expr) => { ["5", stringify!($a), $(stringify!($b),)? stringify!($c)] };
        ($($a:ident)* ...) => { ["6" $(, stringify!($a))*] };
        ($($a:tt)*) => { ["7" $(, stringify!($a))*] };
    }
        (; a ;) (a, b; c => d;) (a; b; #[c] #[d(e)] f) (;;) (a b a b a c) (a c)
        (1 + 2, b) (a, b,) (a,) (a, ,) ([a] | [b c]) ([] | []) (a : Vec<Vec<u8>> = 3) (a = 3)
        (a b c ...) (a b c) ()
    );
}

#[test]
fn on_operators() {
    agree!({
        (a && b) => { ["1"] };
        (a & & b) => { ["2"] };
        (A < $x:ty > >) => { ["3", stringify!($x)] };
        (A < $x:ty > = 1) => { ["10", stringify!($x)] };
        (A < $x:ty >) => { ["4", stringify!($x)] };
        (.. = a) => { ["5"] };
        (..= a) => { ["6"] };
        (< - a) => { ["7"] };
        (<- a) => { ["8"] };
        ($($x:tt)*) => { ["9" $(, stringify!($x))*] };
    }
        (a && b) (a & & b) (A<B<C>>) (A<B<C<D>>>) (A<B<C>> >) (A<B<C>>= 1) (A<B<C>> = 1) (..= a) (.. = a) (<-a) (< - a)
        (a >>= b) (a <<= b -> c => d :: e ... f != g) (&&& ||| ==> =>= ..= ...= <<<)
    );
}

#[test]
fn on_visibility_and_items() {
    agree!({
        ($(#[$m:meta])* $v:vis struct $n:ident { $($w:vis $f:ident : $t:ty),* $(,)? }) => {
            ["1", $(stringify!($m),)* stringify!($v), stringify!($n) $(, stringify!($w), stringify!($f), stringify!($t))*]
        };
        ($v:vis fn $n:ident($($p:pat_param => $t:ty),*) $(-> $r:ty)? $b:block) => {
            ["2", stringify!($v), stringify!($n) $(, stringify!($p), stringify!($t))* $(, stringify!($r))?, stringify!($b)]
        };
        ($v:vis $n:ident, $($p:pat),*) => { ["3", stringify!($v), stringify!($n) $(, stringify!($p))*] };
        ($($i:item)+) => { ["4" $(, stringify!($i))*] };
    }
        (struct A {}) (pub struct A { a: B, pub(crate) c: D<E>, })
        (#[a] #[b = "c"] pub(in a::b) struct A { r#fn: &'static str })
        (fn f() {}) (pub(super) fn f((a, b) => C, &mut d => E) -> Box<dyn F + 'static> { 1 })
        (a, b) (pub a, A | B, 1..=2, C { d, .. }) (crate, a @ 1 | a @ 2)
        (const A: u8 = 1; static B: u8 = 2; trait C {} impl C for D {})
        (use a::b; extern crate c; type E = F; macro_rules! g { () => {} })
    );
}

#[test]
fn on_fragments_that_are_passed_on() {
    agree!({
        (@to a) => { ["a"] };
        (@to 0) => { ["0"] };
        (@to u8) => { ["u8"] };
        (@to $x:ident) => { ["ident", stringify!($x)] };
        (@to $x:lifetime) => { ["lifetime", stringify!($x)] };
        (@to $x:literal) => { ["literal", stringify!($x)] };
        (@to [$($x:tt)*]) => { ["group" $(, stringify!($x))*] };
        (@to $x:tt) => { ["tt", stringify!($x)] };
        (@to $x:tt $($y:tt)*) => { ["tts", stringify!($x) $(, stringify!($y))*] };
        (@expr $x:expr) => { subject!(@to $x) };
        (@expr2 $x:expr) => { subject!(@expr $x) };
        (@ty $x:ty) => { subject!(@to $x) };
        (@twice $x:ty) => { subject!(@to $x + $x) };
        (@path $x:path) => { subject!(@to $x) };
        (@pat $x:pat) => { subject!(@to $x) };
        (@ident $x:ident) => { subject!(@to $x) };
        (@lifetime $x:lifetime) => { subject!(@to $x) };
        (@literal $x:literal) => { subject!(@to $x) };
        (@tt $x:tt) => { subject!(@to $x) };
        (@tts $($x:tt)*) => { subject!(@to $($x)*) };
        (@item $x:item) => { subject!(@to $x) };
        (@stmt $x:stmt) => { subject!(@to $x) };
        (@meta $x:meta) => { subject!(@to $x) };
        (@vis $x:vis, $y:tt) => { subject!(@to $x $y) };
    }
        (@to a) (@to 0) (@to u8) (@to b)
        (@expr a) (@expr b) (@expr 0) (@expr 1) (@expr -1) (@expr - a) (@expr a + b) (@expr {})
        (@expr [a, b]) (@expr "s") (@expr true) (@expr2 1) (@expr2 a)
        (@ty u8) (@ty Vec<u8>) (@ty [u8]) (@twice u8) (@path u8) (@path a::b) (@pat a) (@pat 1 | 2)
        (@ident a) (@ident b) (@ident u8) (@lifetime 'a) (@literal 0) (@literal -2)
        (@tt a) (@tt [a b]) (@tts [a] b) (@tts -1) (@item fn f() {}) (@stmt let a = 1) (@meta a(b))
        (@vis pub, a) (@vis, b)
    );
}
