//! Parses one fragment at the beginning of tokens, with syn. What syn rejects the compiler may
//! accept, so that a failure says nothing about a rule.

use proc_macro2::Delimiter;
use syn::{
    Attribute, Expr, Item, Pat, Path, ReturnType, Stmt, Token, Type, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream, discouraged::Speculative},
    token::{Brace, Bracket, Paren},
};

use super::{fragment::Kind, shape::Shape};

/// Parses a fragment and leaves `input` behind it. Tells its shape where it shows; parsed by itself, nothing
/// follows it that it could go on with either.
pub(super) fn take(
    kind: Kind,
    input: ParseStream,
    edition: Option<u16>,
) -> syn::Result<Option<Shape>> {
    let nothing = |(): ()| None;
    match kind {
        // Attributes before it make another shape of it.
        Kind::Expr | Kind::Expr2021 if input.peek(Token![#]) => {
            input.parse::<Expr>().map(drop).map(nothing)
        }
        Kind::Expr | Kind::Expr2021 => {
            input.parse().map(|it: Expr| Some(Shape::of_expression(&it)))
        }
        Kind::Item => input.parse::<Item>().map(drop).map(nothing),
        Kind::Meta => meta(input).map(nothing),
        Kind::Pat => pattern(input, edition).map(|it| Some(Shape::of_pattern(&it))),
        Kind::PatParam => Pat::parse_single(input).map(|it| Some(Shape::of_pattern(&it))),
        Kind::Path => path(input).map(nothing),
        Kind::Stmt => statement(input).map(nothing),
        Kind::Ty => input.parse().map(|it: Type| Some(Shape::of_type(&it))),
        Kind::Vis => input.parse::<Visibility>().map(drop).map(nothing),
        // These are read from the trees.
        Kind::Block | Kind::Ident | Kind::Lifetime | Kind::Literal | Kind::Tt => {
            Err(input.error("not a fragment to parse"))
        }
    }
}

/// Alternatives at the top belong to a `pat` since 2021.
fn pattern(input: ParseStream, edition: Option<u16>) -> syn::Result<Pat> {
    match edition {
        Some(year) if year < 2021 => Pat::parse_single(input),
        Some(_) => Pat::parse_multi_with_leading_vert(input),
        None => {
            let pattern = Pat::parse_single(input)?;
            if input.peek(Token![|]) && !input.peek(Token![||]) {
                return Err(input.error("alternatives depend on the edition"));
            }
            Ok(pattern)
        }
    }
}

/// A path as in types, maybe with the arguments of `Fn`.
fn path(input: ParseStream) -> syn::Result<()> {
    input.parse::<Path>()?;
    if input.peek(Token![::]) && input.peek3(Paren) {
        return Err(input.error("arguments in the midst of a path"));
    }
    if input.peek(Paren) {
        let arguments;
        syn::parenthesized!(arguments in input);
        arguments.parse_terminated(Type::parse, Token![,])?;
        ReturnType::without_plus(input)?;
        if input.peek(Token![::]) {
            return Err(input.error("a path behind arguments"));
        }
    }
    Ok(())
}

/// The content of an attribute.
fn meta(input: ParseStream) -> syn::Result<()> {
    if input.peek(Token![unsafe]) {
        input.parse::<Token![unsafe]>()?;
        return skip_group(input);
    }
    Path::parse_mod_style(input)?;
    if input.peek(Token![=]) && !input.peek(Token![==]) && !input.peek(Token![=>]) {
        input.parse::<Token![=]>()?;
        return input.parse::<Expr>().map(drop);
    }
    if input.peek(Paren) || input.peek(Bracket) || input.peek(Brace) {
        return skip_group(input);
    }
    Ok(())
}

/// A statement without its semicolon, unless it is an item or nothing else.
fn statement(input: ParseStream) -> syn::Result<()> {
    if input.peek(Token![;]) {
        return input.parse::<Token![;]>().map(drop);
    }
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer)?;
    if ahead.peek(Token![let]) {
        input.advance_to(&ahead);
        return binding(input);
    }
    let whole = input.fork();
    if let Ok(Stmt::Item(_)) = whole.parse::<Stmt>() {
        input.advance_to(&whole);
        return Ok(());
    }
    if ahead.peek(syn::Ident::peek_any)
        && Path::parse_mod_style(&ahead).is_ok()
        && ahead.peek(Token![!])
        && ahead.peek2(Brace)
    {
        input.advance_to(&ahead);
        input.parse::<Token![!]>()?;
        skip_group(input)?;
        if input.peek(Token![.]) || input.peek(Token![?]) {
            return Err(input.error("an operator behind a statement"));
        }
        return Ok(());
    }
    input.call(Attribute::parse_outer)?;
    Expr::parse_with_earlier_boundary_rule(input).map(drop)
}

fn binding(input: ParseStream) -> syn::Result<()> {
    input.parse::<Token![let]>()?;
    Pat::parse_single(input)?;
    if input.peek(Token![|]) {
        return Err(input.error("alternatives in a binding"));
    }
    if input.parse::<Option<Token![:]>>()?.is_some() {
        input.parse::<Type>()?;
    }
    if input.parse::<Option<Token![=]>>()?.is_some() {
        input.parse::<Expr>()?;
        if input.parse::<Option<Token![else]>>()?.is_some() {
            skip_group(input)?;
        }
    }
    Ok(())
}

fn skip_group(input: ParseStream) -> syn::Result<()> {
    input.step(|cursor| match cursor.any_group() {
        Some((_, delimiter, _, after)) if delimiter != Delimiter::None => Ok(((), after)),
        _ => Err(cursor.error("expected a group")),
    })
}
