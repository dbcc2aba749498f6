//! Which tokens can begin a fragment. The tables are the compiler's: a token outside lets a rule
//! fail, a token inside commits to the fragment. They hold no edition older than 2018.

use proc_macro2::Delimiter;

use super::{
    fragment::{Fragment, Kind, Next},
    shape::Shape,
    tree::{Atom, AtomKind},
};

/// Whether a token can begin a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Yes,
    No,
    /// It depends on the edition.
    Unsure,
}

/// Keywords of every edition since 2018 that begin neither an expression nor a type.
const NEITHER: &[&str] = &[
    "abstract", "as", "become", "else", "enum", "final", "in", "let", "macro", "mod", "mut",
    "override", "priv", "pub", "ref", "struct", "trait", "type", "unsized", "use", "virtual",
    "where",
];

/// Keywords that begin a type, but not an expression.
const ONLY_TYPE: &[&str] = &["extern", "fn", "impl", "typeof"];

/// Keywords that begin an expression, but not a type.
const ONLY_EXPR: &[&str] = &[
    "box", "break", "continue", "do", "false", "if", "loop", "match", "move", "return", "static",
    "true", "while", "yield",
];

const EXPR_PUNCTUATION: &[&str] =
    &["!", "-", "*", "|", "||", "&", "&&", "..", "...", "..=", "<", "<<", "::", "#"];

const TYPE_PUNCTUATION: &[&str] = &["!", "*", "&", "&&", "?", "<", "<<", "::"];

const PAT_PUNCTUATION: &[&str] = &["&", "&&", "-", "..", "...", "::", "<", "<<"];

impl Begins {
    /// Tells whether a fragment can begin with a token.
    pub(super) fn of(kind: Kind, next: Next, edition: Option<u16>) -> Self {
        match next {
            Next::End | Next::Close(_) => Self::No,
            _ if matches!(kind, Kind::Tt | Kind::Item | Kind::Stmt) => Self::Yes,
            Next::Atom(it) => with_atom(kind, it, edition),
            Next::Open(it) => Self::from(with_group(kind, it)),
            Next::Sealed(it) => Self::from(with_sealed(kind, it)),
        }
    }
}

fn with_atom(kind: Kind, atom: &Atom, edition: Option<u16>) -> Begins {
    let is_ident = atom.kind == AtomKind::Ident;
    Begins::from(match kind {
        Kind::Expr | Kind::Expr2021 => return begins_expr(atom, kind == Kind::Expr, edition),
        Kind::Pat if atom.is_punct("|") => return by_edition(edition, 2021),
        Kind::Ty => return begins_type(atom),
        Kind::Vis if !is_ident && !atom.is_punct(",") => return begins_type(atom),
        Kind::Vis | Kind::Tt | Kind::Item | Kind::Stmt => true,
        Kind::Block => false,
        Kind::Ident => is_ident && !atom.is_ident("_"),
        Kind::Lifetime => atom.kind == AtomKind::Lifetime,
        Kind::Literal => {
            atom.kind == AtomKind::Literal
                || atom.is_punct("-")
                || atom.is_ident("true")
                || atom.is_ident("false")
        }
        Kind::Meta | Kind::Path => is_ident || atom.is_punct("::"),
        Kind::Pat | Kind::PatParam => match atom.kind {
            AtomKind::Ident | AtomKind::Literal => true,
            AtomKind::Lifetime => false,
            AtomKind::Punct => atom.is_one_of_puncts(PAT_PUNCTUATION),
        },
    })
}

fn with_group(kind: Kind, delimiter: Delimiter) -> bool {
    match kind {
        Kind::Expr | Kind::Expr2021 | Kind::Tt | Kind::Item | Kind::Stmt => true,
        Kind::Block => delimiter == Delimiter::Brace,
        Kind::Pat | Kind::PatParam | Kind::Ty | Kind::Vis => delimiter != Delimiter::Brace,
        Kind::Ident | Kind::Lifetime | Kind::Literal | Kind::Meta | Kind::Path => false,
    }
}

fn with_sealed(kind: Kind, sealed: &Fragment) -> bool {
    let is_expr = sealed.kind.is_expr();
    match kind {
        Kind::Block => is_expr || matches!(sealed.kind, Kind::Block | Kind::Literal | Kind::Stmt),
        Kind::Expr | Kind::Expr2021 => {
            is_expr || matches!(sealed.kind, Kind::Block | Kind::Literal | Kind::Path)
        }
        Kind::Literal => {
            let is_literal = matches!(sealed.shape(), Shape::Literal | Shape::Negative);
            sealed.kind == Kind::Literal || is_expr && is_literal
        }
        Kind::Meta | Kind::Path => !matches!(sealed.kind, Kind::Block | Kind::Item | Kind::Vis),
        Kind::Pat | Kind::PatParam => {
            !matches!(sealed.kind, Kind::Block | Kind::Item | Kind::Stmt | Kind::Vis)
        }
        Kind::Ty => matches!(sealed.kind, Kind::Path | Kind::Ty),
        Kind::Item | Kind::Stmt | Kind::Tt | Kind::Vis => true,
        Kind::Ident | Kind::Lifetime => false,
    }
}

impl From<bool> for Begins {
    fn from(it: bool) -> Self {
        if it { Self::Yes } else { Self::No }
    }
}

fn by_edition(edition: Option<u16>, since: u16) -> Begins {
    edition.map_or(Begins::Unsure, |it| Begins::from(it >= since))
}

fn begins_type(atom: &Atom) -> Begins {
    match atom.kind {
        AtomKind::Literal => Begins::No,
        AtomKind::Lifetime => Begins::Yes,
        AtomKind::Punct => Begins::from(atom.is_one_of_puncts(TYPE_PUNCTUATION)),
        // These became keywords in 2018 and 2024. It is the edition of the token that counts, which
        // need not be that of the definition.
        AtomKind::Ident if atom.is_one_of_idents(&["async", "await", "gen", "try"]) => {
            Begins::Unsure
        }
        AtomKind::Ident => {
            let is_no_type =
                [&["const"], NEITHER, ONLY_EXPR].iter().any(|it| atom.is_one_of_idents(it));
            Begins::from(!is_no_type)
        }
    }
}

fn begins_expr(atom: &Atom, is_current: bool, edition: Option<u16>) -> Begins {
    match atom.kind {
        AtomKind::Literal | AtomKind::Lifetime => Begins::Yes,
        AtomKind::Punct => Begins::from(atom.is_one_of_puncts(EXPR_PUNCTUATION)),
        AtomKind::Ident if atom.is_one_of_idents(&["await", "dyn"]) => Begins::Unsure,
        AtomKind::Ident if atom.is_one_of_idents(&["_", "const"]) => {
            if is_current {
                by_edition(edition, 2024)
            } else {
                Begins::No
            }
        }
        AtomKind::Ident => {
            Begins::from(![NEITHER, ONLY_TYPE].iter().any(|it| atom.is_one_of_idents(it)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::by_example::tree::{self, Tree};

    /// What the compiler accepts of [`TOKENS`], found by compiling a call for each.
    const ACCEPTED: &[(&str, &str)] = &[
        (
            "expr",
            r#"break continue crate false return self Self super true yield gen union auto raw safe
               default macro_rules x r#x r#fn r#true .. 1 1.0 "s" 'c' b"x" () [] {} (a) [a] {a} for
               if loop match move static unsafe while async box do try < && || ! - * & | << ... ..=
               :: # 'a '_ 'static"#,
        ),
        (
            "ty",
            "crate impl self Self super dyn union auto raw safe default macro_rules _ x r#x r#fn
             r#true ! () (a) [a] extern fn for unsafe typeof < && * & << :: ? 'a '_ 'static []",
        ),
        ("literal", r#"false true 1 1.0 "s" 'c' b"x" -"#),
        ("block", "{} {a}"),
        ("lifetime", "'a '_ 'static"),
    ];

    const TOKENS: &str = r#"as break const continue crate else enum extern false fn for if impl in let
        loop match mod move mut pub ref return self Self static struct super trait true type unsafe
        use where while async await dyn abstract become box do final macro override priv typeof
        unsized virtual yield try gen union auto raw safe default macro_rules _ x r#x r#fn r#true = <
        <= == != >= > && || ! ~ + - * / % ^ & | << >> += -= *= /= %= ^= &= |= <<= >>= @ . .. ... ..=
        , ; : :: -> <- => # $ ? 'a '_ 'static 1 1.0 "s" 'c' b"x" () [] {} (a) [a] {a}"#;

    fn accepted(kind: &str) -> Vec<&'static str> {
        let is_word = |it: &&str| it.starts_with(|it: char| it.is_alphabetic() || it == '_');
        let words = TOKENS.split_whitespace().filter(|it| is_word(it) && !it.contains('"'));
        match kind {
            "path" | "meta" => words.chain(["::"]).collect(),
            "ident" => words.filter(|it| *it != "_").collect(),
            "pat" | "pat_param" => {
                let others = r#"< && - & << .. ... :: 1 1.0 "s" 'c' b"x" () [] (a) [a]"#;
                let or = (kind == "pat").then_some("|");
                words.chain(others.split_whitespace()).chain(or).collect()
            }
            _ => {
                let (_, texts) = ACCEPTED.iter().find(|(it, _)| *it == kind).unwrap();
                texts.split_whitespace().collect()
            }
        }
    }

    #[test]
    fn the_tables_are_those_of_the_compiler() {
        let kinds = [
            "expr",
            "ty",
            "pat",
            "pat_param",
            "path",
            "meta",
            "ident",
            "literal",
            "block",
            "lifetime",
        ];
        for text in TOKENS.split_whitespace() {
            let trees = tree::read(text.parse().unwrap()).unwrap();
            let next = match &trees[..] {
                [Tree::Atom(it)] => Next::Atom(it),
                [Tree::Group(it)] => Next::Open(it.delimiter),
                it => panic!("{it:?}"),
            };
            for kind in kinds {
                let begins = Begins::of(Kind::named(kind).unwrap(), next, Some(2021));
                let expected = Begins::from(accepted(kind).contains(&text));
                assert!(begins == expected || begins == Begins::Unsure, "{kind} {text} {begins:?}");
            }
        }
    }
}
