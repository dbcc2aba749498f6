//! A table of definitions, calls and what becomes of them.

use super::{Definition, Expansion, unsealed};

fn expand(definition: &str, call: &str) -> String {
    let definition = Definition::parse(definition.parse().unwrap()).unwrap().in_edition(2024);
    let krate = syn::parse_quote!(home);
    match definition.expand(call.parse().unwrap(), &krate) {
        Expansion::Tokens(it, _) => unsealed(it).to_string(),
        Expansion::NoMatch => "no match".to_owned(),
        Expansion::Unsupported => "unsupported".to_owned(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str, &str)]) {
    for (definition, call, expected) in cases {
        let expected = match *expected {
            "no match" | "unsupported" => (*expected).to_owned(),
            // With the spacing of what is expanded.
            it => unsealed(it.parse().unwrap()).to_string(),
        };
        assert_eq!(expand(definition, call), expected, "{definition} with {call}");
    }
}

#[test]
fn rules_are_tried_in_order_with_any_delimiters() {
    check(&[
        ("() => ()", "", ""),
        ("[] => []", "", ""),
        ("{} => {}", "", ""),
        ("() => { a b }", "", "a b"),
        ("() => { a b };", "x", "no match"),
        ("(a) => { 1 }; (b) => { 2 }", "b", "2"),
        ("(a) => { 1 }; (a) => { 2 };", "a", "1"),
        ("(a (b [c])) => { 1 }; (a (b {c})) => { 2 }", "a (b {c})", "2"),
        ("(a) => { 1 }; ($x:tt) => { $x $x }", "(b c)", "(b c) (b c)"),
        ("($x:ident) => { 1 }; ($x:expr) => { 2 }", "a", "1"),
        ("($x:ident) => { 1 }; ($x:expr) => { 2 }", "a.b", "2"),
        ("(=> $x:ident) => { $x }; (= > $x:ident) => { split }", "=> a", "a"),
        ("(=> $x:ident) => { $x }; (= > $x:ident) => { split }", "= > a", "split"),
        ("(r#a) => { 1 }; (a) => { 2 }", "a", "2"),
        ("('a) => { 1 }; ('b) => { 2 }", "'b", "2"),
        ("(1) => { 1 }; (1u8) => { 2 }", "1u8", "2"),
        ("($x:tt $) => { $x $ }", "a $", "a $"),
    ]);
}

#[test]
fn each_kind_takes_its_fragment() {
    check(&[
        ("($x:block) => { fn f() $x }", "{ a; b }", "fn f() { a; b }"),
        ("($x:ident) => { $x }", "self", "self"),
        ("($x:ident) => { $x }", "r#fn", "r#fn"),
        ("($x:ident) => { $x }", "_", "no match"),
        ("($x:lifetime) => { &$x u8 }", "'a", "&'a u8"),
        ("($x:literal) => { $x }", "-1.5", "-1.5"),
        ("($x:literal) => { $x }", "true", "true"),
        ("($x:literal) => { 1 }; ($x:expr) => { 2 }", "-a", "unsupported"),
        ("($x:literal) => { 1 }; ($x:expr) => { 2 }", "a", "2"),
        ("(#[$x:meta]) => { #[$x] }", "#[a::b(c = 1)]", "#[a::b(c = 1)]"),
        ("(#[$x:meta]) => { #[$x] }", "#[doc = \"a\"]", "#[doc = \"a\"]"),
        ("(#[$x:meta]) => { #[$x] }", "/// a", "/// a"),
        ("(#[$x:meta]) => { #[$x] }", "#[unsafe(no_mangle)]", "#[unsafe(no_mangle)]"),
        ("($x:pat => $y:tt) => { $x }", "A(b) | C { d, .. } => 1", "(A(b) | C { d, .. })"),
        ("($($x:pat_param)|+) => { [$($x),*] }", "A | B(c)", "[A, B(c)]"),
        ("($x:path) => { $x }", "::a::B<C>", "::a::B<C>"),
        ("($x:path) => { dyn $x }", "Fn(A) -> B", "dyn Fn(A) -> B"),
        ("($x:stmt) => { $x; }", "let a: B = c", "let a: B = c;"),
        ("($x:stmt) => { $x }", "struct A;", "struct A;"),
        ("($($x:stmt;)*) => { $($x;)* }", "let a = 1; f(a);", "let a = 1; f(a);"),
        ("($x:ty) => { Vec<$x> }", "&'a [dyn B]", "Vec<&'a [dyn B]>"),
        ("($x:vis struct) => { $x enum }", "pub(in a) struct", "pub(in a) enum"),
        ("($x:vis struct) => { $x enum }", "struct", "enum"),
        ("($x:vis) => { 1 }", "", "no match"),
        ("($x:item) => { $x }", "#[a] pub fn f() {}", "#[a] pub fn f() {}"),
        ("($($x:item)*) => { $($x)* }", "use a; m! {} mod b;", "use a; m! {} mod b;"),
        ("($x:expr_2021) => { 1 }; (_) => { 2 }", "_", "2"),
        ("($x:expr) => { 1 }; (_) => { 2 }", "_", "1"),
    ]);
}

#[test]
fn repetitions_follow_the_input() {
    check(&[
        ("($($x:ident)*) => { $($x;)* }", "a b", "a; b;"),
        ("($($x:ident)*) => { $($x;)* }", "", ""),
        ("($($x:ident)+) => { $($x;)* }", "", "no match"),
        ("($($x:ident)?) => { $($x)? }", "a", "a"),
        ("($($x:ident)?) => { $($x)? }", "a b", "no match"),
        ("($($x:expr),* $(,)?) => { f($($x),*) }", "a, b + c,", "f(a, (b + c))"),
        ("($($x:expr),* $(,)?) => { f($($x),*) }", ",", "f()"),
        ("($($x:expr),+ $(,)?) => { f($($x),*) }", "a,,", "no match"),
        ("($($x:ident)=>*) => { $($x)&&* }", "a => b => c", "a && b && c"),
        ("($($x:ident);*) => { $($x)::* }", "a; b", "a::b"),
        ("($($x:tt)+*) => { $($x)* }", "a + b", "no match"),
        (
            "($($k:ident = $v:expr),*) => { $(let $k = $v;)* }",
            "a = 1, b = 2",
            "let a = 1; let b = 2;",
        ),
        (
            "($($x:ident: [$($y:ident),*]);*) => { $($(($x, $y)),*);* }",
            "a: [b, c]; d: []; e: [f]",
            "(a, b), (a, c);; (e, f)",
        ),
        ("($z:ident $($x:ident)*) => { $($z $x)* }", "a b c", "a b a c"),
        ("($($x:ident)* ; $($y:ident)*) => { $($x $y)* }", "a b; c d", "a c b d"),
        ("($($x:ident)* ; $($y:ident)*) => { $($x $y)* }", "a b; c", "unsupported"),
        ("($($x:ident)* ; $($y:ident)*) => { $($x $y)* }", ";", ""),
        ("($($x:ident)*) => { $x }", "a", "unsupported"),
        ("($($x:ident)*) => { $($y)* }", "a", "unsupported"),
        ("($($x:ident)*) => { $($x)+ }", "", "unsupported"),
        (
            "($($(#[$m:meta])* $x:ident),*) => { $($(#[$m])* $x)* }",
            "#[a] #[b] c, d",
            "#[a] #[b] c d",
        ),
        ("($($a:ident)* $b:tt) => { $b }", "a", "unsupported"),
        ("($(a)* $(b)? c) => { 1 }", "a a c", "1"),
        ("($(a b)* a c) => { 1 }", "a b a b a c", "1"),
    ]);
}

#[test]
fn macros_call_themselves_and_others() {
    check(&[
        ("(@n) => { 0 }; (@n $x:tt $($r:tt)*) => { 1 + m!(@n $($r)*) }", "@n a b", "1 + m!(@n b)"),
        (
            "(@inner $x:ty) => { <$x>::f() }; ($($x:tt)*) => { m!(@inner $($x)*) }",
            "A<B>",
            "m!(@inner A<B>)",
        ),
        (
            "(@inner $x:ty) => { <$x>::f() }; ($($x:tt)*) => { m!(@inner $($x)*) }",
            "@inner A<B>",
            "<A<B> >::f()",
        ),
        ("() => { $crate::f($crate::X) }", "", "home::f(home::X)"),
        (
            "($n:ident) => { macro_rules! $n { ($x:expr) => { $x }; } }",
            "a",
            "macro_rules! a { ($x:expr) => { $x }; }",
        ),
        (
            "($d:tt $n:ident) => { macro_rules! $n { ($d($d x:tt)*) => { [$d($d x)*] }; } }",
            "$ a",
            "macro_rules! a { ($($x:tt)*) => { [$($x)*] }; }",
        ),
        ("($x:ident) => { $$x }", "a", "unsupported"),
        ("($($x:ident)*) => { ${count($x)} }", "a", "unsupported"),
        ("($x:ident) => { let $x = 1; x }", "x", "let x = 1; x"),
        ("(/** a */ b) => { /** $c */ d }", "b", "/** $c */ d"),
    ]);
}

#[test]
fn fragments_keep_their_meaning_in_text() {
    check(&[
        ("($x:expr) => { $x * 2 }", "a + 1", "(a + 1) * 2"),
        ("($x:expr) => { $x * 2 }", "a(b)[c]?.d()", "a(b)[c]?.d() * 2"),
        ("($x:expr) => { $x(1) }", "self.f", "(self.f)(1)"),
        ("($x:expr) => { $x(1) }", "|a| a", "(|a| a)(1)"),
        ("($x:expr) => { $x.abs() }", "-1", "(-1).abs()"),
        ("($a:expr, $b:expr) => { $a..=$b }", "-1, 1", "-1..=1"),
        ("($x:expr) => { if a == $x {} }", "S { b: 1 }", "if a == (S { b: 1 }) {}"),
        ("($x:expr) => { if $x {} }", "S { b: 1 }.c()", "if (S { b: 1 }.c()) {}"),
        ("($x:expr) => { $x.f() }", "match a {}", "(match a {}).f()"),
        ("($x:expr) => { $x b; }", "if a {}", "if a {} b;"),
        ("($x:expr) => { f($x) }", "#[a] b", "f((#[a] b))"),
        ("($x:ty) => { &$x }", "dyn A + 'b", "&(dyn A + 'b)"),
        ("($x:ty) => { $x::new() }", "Vec<u8>", "Vec::<u8>::new()"),
        ("($x:ty) => { $x::new() }", "[u8]", "<[u8]>::new()"),
        ("($x:ty) => { 1 as $x << 2 }", "u64", "1 as (u64) << 2"),
        ("($x:path) => { $x(1) }", "A<B>::C", "A::<B>::C(1)"),
        ("($x:pat) => { |$x| 1 }", "A | B", "|(A | B)| 1"),
    ]);
}

#[test]
fn fragments_are_sealed_in_the_arguments_of_calls_only() {
    let rules = "($x:expr, $y:ident) => { if !($x) { a::b!([$x] $y) } else { $x } }";
    let definition = Definition::parse(rules.parse().unwrap()).unwrap();
    let call = "c + 1, d".parse().unwrap();
    let Expansion::Tokens(output, _) = definition.expand(call, &syn::parse_quote!(home)) else {
        panic!("not expanded")
    };
    let expected = "if !((c + 1)) { a::b!([perennial_sealed_expr! { c + 1 }] d) } else { (c + 1) }";
    let expected: proc_macro2::TokenStream = expected.parse().unwrap();
    assert_eq!(output.to_string(), expected.to_string());
    let expected: proc_macro2::TokenStream =
        "if !((c + 1)) { a::b!([(c + 1)] d) } else { (c + 1) }".parse().unwrap();
    assert_eq!(unsealed(output).to_string(), expected.to_string());
}

#[test]
fn definitions_within_output_understand_seals() {
    let rules = "($x:ty) => { macro_rules! m { () => { f::<$x>(n!($x)) }; } }";
    let definition = Definition::parse(rules.parse().unwrap()).unwrap();
    let krate = syn::parse_quote!(home);
    let Expansion::Tokens(output, _) = definition.expand("A<B>".parse().unwrap(), &krate) else {
        panic!("not expanded")
    };
    let item: syn::ItemMacro = syn::parse_str(&output.to_string()).unwrap();
    let inner = Definition::parse(item.mac.tokens).unwrap();
    let Expansion::Tokens(output, _) = inner.expand("".parse().unwrap(), &krate) else {
        panic!("not expanded")
    };
    assert_eq!(output.to_string(), "f :: < A < B > > (n ! (perennial_sealed_ty ! { A < B > }))");
}

#[test]
fn tokens_keep_their_places() {
    let definition = Definition::parse("\n($x:ident) => { a $x }".parse().unwrap()).unwrap();
    let call = "\n\n\nb".parse().unwrap();
    let Expansion::Tokens(output, _) = definition.expand(call, &syn::parse_quote!(home)) else {
        panic!("not expanded")
    };
    let lines: Vec<_> = output.into_iter().map(|it| it.span().start().line).collect();
    assert_eq!(lines, [2, 4]);
}

#[test]
fn operators_are_split_to_end_generic_arguments() {
    check(&[
        ("(A<$x:ty>) => { $x }", "A<B<C>>", "B<C>"),
        ("(A<$x:ty> =) => { $x }; ($($x:tt)*) => { other }", "A<B<C>>=", "other"),
        ("(A<$x:ty> = 1) => { $x }", "A<B<C>> = 1", "B<C>"),
        ("(A<$x:ty> >) => { $x }", "A<B<C>>>", "B<C>"),
    ]);
}

#[test]
fn what_depends_on_an_unknown_edition_is_unsupported() {
    let expand = |definition: &str, call: &str| {
        let definition = Definition::parse(definition.parse().unwrap()).unwrap();
        definition.expand(call.parse().unwrap(), &syn::parse_quote!(home))
    };
    let rules = "($x:expr) => { 1 }; ($($x:tt)*) => { 2 }";
    assert!(matches!(expand(rules, "_"), Expansion::Unsupported));
    assert!(matches!(expand(rules, "const {}"), Expansion::Unsupported));
    let rules = "($x:pat) => { 1 }; ($($x:tt)*) => { 2 }";
    assert!(matches!(expand(rules, "A | B"), Expansion::Unsupported));
    assert!(matches!(expand(rules, "| A"), Expansion::Unsupported));
    // Only editions before 2021 accept this definition.
    let rules = "($($x:pat)|+) => { [$($x),*] }";
    let Expansion::Tokens(it, _) = expand(rules, "A | B") else { panic!("not expanded") };
    assert_eq!(it.to_string(), "[A , B]");
}

#[test]
fn definitions_that_the_compiler_rejects_are_not_understood() {
    for rules in [
        "",
        "a",
        "()",
        "() =>",
        "() => () ()",
        "() => {};;",
        "($x) => {}",
        "($x:thing) => {}",
        "($x:tt $x:tt) => {}",
        "($()*) => {}",
        "($($x:vis)*) => {}",
        "($($x:tt),?) => {}",
        "($($x:tt)) => {}",
        "($ + a) => {}",
        "(#[doc = \"or a comment\"] a) => {}",
    ] {
        assert!(Definition::parse(rules.parse().unwrap()).is_none(), "{rules}");
    }
}

#[test]
fn deep_nesting_is_unsupported() {
    let nested = |depth| format!("{}{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(expand("($x:expr) => { $x }", &nested(20)), nested(20));
    assert_eq!(expand("($x:expr) => { 1 }", &nested(80)), "1");
    assert_eq!(expand("($x:expr) => { $x }", &nested(5000)), "unsupported");
}

#[test]
fn repetitions_without_end_in_sight_are_unsupported() {
    let call = "a ".repeat(200);
    assert_eq!(expand("($($($(a)+)+)+) => { 1 }", &call), "unsupported");
    assert_eq!(expand("($($x:tt)*) => { 1 }", &"a ".repeat(20_000)), "1");
}
