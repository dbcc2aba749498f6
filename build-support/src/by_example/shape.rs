//! How a fragment keeps its meaning when its tokens are written out among others. The compiler needs
//! no parentheses, for a fragment stays one node; text needs them at times.

use proc_macro2::{Delimiter, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Lit, MacroDelimiter, Pat, PathArguments, Type, UnOp};

use super::{
    fragment::{Kind, Next},
    render,
    tree::{self, AtomKind, Tree},
};

/// What it takes to write a fragment out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Its tokens can stand anywhere.
    Bare,
    Literal,
    /// A literal with a minus: parentheses before a method, none in a range pattern.
    Negative,
    /// A field: parentheses before arguments, or it would be a method.
    Field,
    /// An expression that ends with a block: parentheses before an operator, or it would be a
    /// statement.
    BlockLike,
    /// A path with generic arguments, which need `::<` in expressions.
    GenericPath,
    /// A type that is a path: parentheses before `<`, which would begin its arguments.
    PathType,
    /// Both of these.
    GenericType,
    /// A type that is no path: `<…>` before `::`.
    OtherType,
    /// Always in parentheses.
    Loose,
}

impl Shape {
    pub(super) fn of(kind: Kind, trees: &[Tree]) -> Self {
        let tokens = || render::plain(trees);
        match kind {
            // What parsers make of a name alone.
            Kind::Expr | Kind::Expr2021 | Kind::Path | Kind::Pat | Kind::PatParam
                if is_name(trees) =>
            {
                Self::Bare
            }
            Kind::Ty if is_name(trees) => Self::PathType,
            Kind::Expr | Kind::Expr2021 => of_expr(tokens()),
            Kind::Literal if trees.len() > 1 => Self::Negative,
            Kind::Literal => Self::Literal,
            Kind::Ty => syn::parse2(tokens()).map_or(Self::Bare, |it| Self::of_type(&it)),
            Kind::Path => match syn::parse2::<Type>(tokens()) {
                Ok(Type::Path(it)) if is_generic(&it.path) => Self::GenericPath,
                _ => Self::Bare,
            },
            Kind::Pat | Kind::PatParam => {
                let parser = Pat::parse_multi_with_leading_vert;
                let parsed = syn::parse::Parser::parse2(parser, tokens());
                parsed.map_or(Self::Bare, |it| Self::of_pattern(&it))
            }
            _ => Self::Bare,
        }
    }

    pub(super) fn of_pattern(pattern: &Pat) -> Self {
        match pattern {
            Pat::Or(_) | Pat::Range(_) => Self::Loose,
            _ => Self::Bare,
        }
    }

    pub(super) fn of_type(ty: &Type) -> Self {
        match ty {
            Type::TraitObject(it) if it.bounds.len() > 1 => Self::Loose,
            Type::ImplTrait(it) if it.bounds.len() > 1 => Self::Loose,
            Type::Path(it) if it.qself.is_none() && is_generic(&it.path) => Self::GenericType,
            Type::Path(_) => Self::PathType,
            _ => Self::OtherType,
        }
    }

    /// The shape of an expression that has no attribute before it.
    pub(super) fn of_expression(expression: &Expr) -> Self {
        match expression {
            Expr::Lit(it) if !matches!(it.lit, Lit::Verbatim(_)) => Self::Literal,
            Expr::Unary(it) if matches!(it.op, UnOp::Neg(_)) => match &*it.expr {
                Expr::Lit(_) => Self::Negative,
                _ => Self::Loose,
            },
            Expr::Block(_)
            | Expr::Const(_)
            | Expr::ForLoop(_)
            | Expr::If(_)
            | Expr::Loop(_)
            | Expr::Match(_)
            | Expr::TryBlock(_)
            | Expr::Unsafe(_)
            | Expr::While(_) => Self::BlockLike,
            Expr::Macro(it) if matches!(it.mac.delimiter, MacroDelimiter::Brace(_)) => {
                Self::BlockLike
            }
            it if !is_closed(it) => Self::Loose,
            Expr::Field(_) => Self::Field,
            _ => Self::Bare,
        }
    }

    /// Writes tokens of this shape before `next`.
    pub(super) fn dress(self, tokens: Vec<TokenTree>, next: Option<Next>) -> Vec<TokenTree> {
        let is_before = |text| matches!(next, Some(Next::Atom(it)) if it.is_punct(text));
        let opens = match next {
            Some(Next::Open(it)) => Some(it),
            _ => None,
        };
        match self {
            Self::Loose => parenthesised(tokens),
            Self::Negative if is_before(".") || is_before("?") => parenthesised(tokens),
            Self::Field if opens == Some(Delimiter::Parenthesis) => parenthesised(tokens),
            Self::BlockLike if next.is_some_and(continues) => parenthesised(tokens),
            Self::PathType | Self::GenericType | Self::OtherType
                if is_before("<") || is_before("<<") =>
            {
                parenthesised(tokens)
            }
            Self::GenericPath | Self::GenericType if is_before("::") || opens.is_some() => {
                with_turbofish(tokens)
            }
            Self::OtherType if is_before("::") => {
                let punct = |it| TokenTree::Punct(Punct::new(it, Spacing::Alone));
                let inner = std::iter::once(punct('<')).chain(tokens);
                inner.chain([punct('>')]).collect()
            }
            _ => tokens,
        }
    }
}

/// Tells whether a token behind a block would make an expression of it.
fn continues(next: Next) -> bool {
    matches!(next, Next::Atom(it) if it.is_ident("as")
        || it.kind == AtomKind::Punct && !it.is_one_of_puncts(&[";", ",", "=>", "#"]))
}

fn of_expr(tokens: TokenStream) -> Shape {
    let has_attribute = matches!(
        tokens.clone().into_iter().next(), Some(TokenTree::Punct(it)) if it.as_char() == '#');
    if has_attribute {
        return Shape::Loose;
    }
    syn::parse2::<Expr>(tokens).map_or(Shape::Loose, |it| Shape::of_expression(&it))
}

fn is_name(trees: &[Tree]) -> bool {
    matches!(trees, [Tree::Atom(it)] if it.is_plain_ident())
}

/// Tells whether an expression is read the same whatever stands around it.
fn is_closed(expression: &Expr) -> bool {
    match expression {
        Expr::Array(_)
        | Expr::Lit(_)
        | Expr::Paren(_)
        | Expr::Path(_)
        | Expr::Repeat(_)
        | Expr::Tuple(_) => true,
        Expr::Macro(it) => !matches!(it.mac.delimiter, MacroDelimiter::Brace(_)),
        Expr::Await(it) => is_closed(&it.base),
        Expr::Call(it) => is_closed(&it.func),
        Expr::Field(it) => is_closed(&it.base),
        Expr::Index(it) => is_closed(&it.expr),
        Expr::MethodCall(it) => is_closed(&it.receiver),
        Expr::Try(it) => is_closed(&it.expr),
        _ => false,
    }
}

fn is_generic(path: &syn::Path) -> bool {
    path.segments.iter().any(|it| {
        matches!(&it.arguments, PathArguments::AngleBracketed(it) if it.colon2_token.is_none())
    })
}

fn parenthesised(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
    vec![tree::group(Delimiter::Parenthesis, tokens.into_iter().collect(), span)]
}

/// Writes `::` before the generic arguments of the segments of a path.
fn with_turbofish(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let stream: TokenStream = tokens.iter().cloned().collect();
    let Ok(Type::Path(mut it)) = syn::parse2::<Type>(stream) else { return tokens };
    for segment in &mut it.path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_with(Default::default);
        }
    }
    it.into_token_stream().into_iter().collect()
}
