//! Which functions can be memoized. What can't is refused where it stands, with what to write
//! instead. Renders nothing.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, Ident, ItemFn, Pat, ReceiverKind, Result, Safety, Signature,
    ext::IdentExt,
    spanned::Spanned,
    visit::{self, Visit},
};

use crate::{asynchrony, closure::Parameter, options::Options, refused_type};

/// An argument of a memoized function.
pub(crate) struct Argument {
    /// The name under which it enters the key: its own, `self`, or its position.
    pub(crate) name: String,
    /// The pattern, to bind it inside; none for `self`.
    pub(crate) pattern: Option<Pat>,
    /// The identifier that stands for it outside.
    pub(crate) ident: Ident,
    pub(crate) span: Span,
    pub(crate) role: Role,
}

/// What an argument is in the key.
#[derive(Clone)]
pub(crate) enum Role {
    /// Its value.
    Value,
    /// Its elements, in no order.
    Unordered,
    /// The value of an expression.
    Expression(Box<syn::Expr>),
    /// Nothing.
    Skipped,
}

/// Checks a function and lists its arguments.
pub(crate) fn arguments(function: &ItemFn, options: &Options) -> Result<Vec<Argument>> {
    let signature = &function.sig;
    qualifiers(signature)?;
    if let Some(attribute) = function.attrs.iter().find(|it| mentions(it, "track_caller")) {
        return Err(Error::new_spanned(
            attribute,
            "the place of the caller is not in the key, so that `#[track_caller]` can't be memoized; \
             pass what is needed as an argument",
        ));
    }
    let (_, returned) = asynchrony::of(signature);
    refused_type::in_result(&returned, options.codec.is_some())?;
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        arguments.push(argument(index, input, options)?);
    }
    for name in &options.skip {
        assign(&mut arguments, name, Role::Skipped, "skip")?;
    }
    for name in &options.unordered {
        assign(&mut arguments, name, Role::Unordered, "list")?;
    }
    for (name, value) in &options.key {
        assign(&mut arguments, name, Role::Expression(Box::new(value.clone())), "list")?;
    }
    Ok(arguments)
}

/// Lists the arguments of a closure.
pub(crate) fn of_closure(parameters: &[Parameter]) -> Result<Vec<Argument>> {
    let argument = |(index, it): (usize, &Parameter)| {
        it.ty.as_ref().map_or(Ok(()), refused_type::in_argument)?;
        let (name, ident) = names(index, &it.pattern, false);
        let span = it.ty.as_ref().map_or_else(|| it.pattern.span(), Spanned::span);
        Ok(Argument { name, pattern: Some(it.pattern.clone()), ident, span, role: Role::Value })
    };
    parameters.iter().enumerate().map(argument).collect()
}

fn qualifiers(signature: &Signature) -> Result<()> {
    let refuse = |tokens: &dyn ToTokens, message: &str| Err(Error::new_spanned(tokens, message));
    if let Some(token) = &signature.constness {
        return refuse(
            token,
            "a const function runs at compile time too, where there is no store; drop `const`",
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        return refuse(
            token,
            "an unsafe function can't be memoized; memoize a safe function that upholds its contract",
        );
    }
    if let Some(abi) = &signature.abi {
        return refuse(
            abi,
            "a function of another ABI can't be memoized; memoize a Rust function that it calls",
        );
    }
    Ok(())
}

/// Tells whether an attribute is of that name, or sets one that is.
fn mentions(attribute: &Attribute, name: &str) -> bool {
    fn has(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Ident(it) => it == name,
            TokenTree::Group(it) => has(it.stream(), name),
            _ => false,
        })
    }
    let path = attribute.path();
    path.is_ident(name) || path.is_ident("cfg_attr") && has(attribute.meta.to_token_stream(), name)
}

fn argument(index: usize, input: &FnArg, options: &Options) -> Result<Argument> {
    let attributes = match input {
        FnArg::Receiver(it) => &it.attrs,
        FnArg::Typed(it) => &it.attrs,
    };
    if let Some(attribute) = attributes.iter().find(|it| mentions(it, "cfg")) {
        return Err(Error::new_spanned(
            attribute,
            "a parameter that may not be there can't be named in the key; put `#[cfg]` on two functions",
        ));
    }
    match input {
        FnArg::Receiver(receiver) => {
            let is_exclusive = match &receiver.kind {
                ReceiverKind::Reference(_, _, mutability) => mutability.is_some(),
                ReceiverKind::Typed(_, ty) => refused_type::in_argument(ty).is_err(),
                _ => false,
            };
            if is_exclusive {
                return Err(Error::new_spanned(
                    receiver,
                    "a hit runs no body, so that it can't change `self`; take `&self` and return the new value",
                ));
            }
            let span = receiver.self_token.span;
            let ident = Ident::new("self", span);
            Ok(Argument { name: "self".to_owned(), pattern: None, ident, span, role: Role::Value })
        }
        FnArg::Typed(typed) => {
            refused_type::in_argument(&typed.ty)?;
            let are_named = !options.env.is_empty() || !options.key.is_empty();
            let (name, ident) = names(index, &typed.pat, are_named);
            let (pattern, span) = (Some((*typed.pat).clone()), typed.ty.span());
            Ok(Argument { name, pattern, ident, span, role: Role::Value })
        }
    }
}

/// Returns the name of an argument in the key, and the identifier that stands for it in the signature:
/// its own, which documentation shows and options can name. One that the function declares unused, by
/// an underscore, gets another where that can be.
fn names(index: usize, pattern: &Pat, are_named: bool) -> (String, Ident) {
    let fresh = |name: &str| Ident::new(name, Span::mixed_site().located_at(pattern.span()));
    match pattern {
        Pat::Ident(it) if it.subpat.is_none() && it.by_ref.is_none() => {
            let name = it.ident.unraw().to_string();
            let ident = match name.strip_prefix('_') {
                Some(plain) if !are_named && !plain.starts_with('_') => {
                    let is_name = syn::parse_str::<Ident>(plain).is_ok();
                    if is_name { fresh(plain) } else { fresh(&format!("argument_{index}")) }
                }
                _ => it.ident.clone(),
            };
            (name, ident)
        }
        _ => (index.to_string(), fresh(&format!("argument_{index}"))),
    }
}

fn assign(arguments: &mut [Argument], name: &Ident, role: Role, verb: &str) -> Result<()> {
    let text = name.unraw().to_string();
    if let Some(argument) = arguments.iter_mut().find(|it| it.name == text) {
        argument.role = role;
        return Ok(());
    }
    let message = if arguments.iter().filter_map(|it| it.pattern.as_ref()).any(|it| binds(it, name))
    {
        format!(
            "`{text}` is part of a pattern; give the argument a name, take it apart in the body, and \
             {verb} that name"
        )
    } else {
        let names: Vec<_> = arguments.iter().map(|it| it.name.as_str()).collect();
        format!("there is no argument `{text}`; there are: {}", names.join(", "))
    };
    Err(Error::new(name.span(), message))
}

/// Tells whether a pattern binds a name.
fn binds(pattern: &Pat, name: &Ident) -> bool {
    struct Search<'a>(&'a Ident, bool);
    impl<'ast> Visit<'ast> for Search<'_> {
        fn visit_pat_ident(&mut self, it: &'ast syn::PatIdent) {
            self.1 |= it.ident == *self.0;
            visit::visit_pat_ident(self, it);
        }
    }
    let mut search = Search(name, false);
    search.visit_pat(pattern);
    search.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(function: &ItemFn, part: &str) {
        let message =
            arguments(function, &Options::default()).err().expect("it is refused").to_string();
        assert!(message.contains(part), "{message}");
    }

    fn skipping(names: &[Ident]) -> Options {
        Options { skip: names.to_vec(), ..Options::default() }
    }

    #[test]
    fn what_cannot_be_memoized_is_refused_with_advice() {
        refused(
            &parse_quote!(
                const fn f() {}
            ),
            "drop `const`",
        );
        refused(
            &parse_quote!(
                unsafe fn f() {}
            ),
            "safe function",
        );
        refused(
            &parse_quote!(
                extern "C" fn f() {}
            ),
            "ABI",
        );
        refused(
            &parse_quote!(
                fn f(x: Option<&mut u8>) {}
            ),
            "return the new value",
        );
        refused(
            &parse_quote!(
                fn f() -> Option<impl Fn()> {}
            ),
            "write the type",
        );
        refused(
            &parse_quote!(
                fn f(x: &str) -> &str {
                    x
                }
            ),
            "owned",
        );
        refused(
            &parse_quote!(
                fn f(&mut self) {}
            ),
            "&self",
        );
        refused(
            &parse_quote!(
                fn f(self: &&mut Self) {}
            ),
            "&self",
        );
        refused(
            &parse_quote!(
                #[track_caller]
                fn f() {}
            ),
            "argument",
        );
        refused(
            &parse_quote!(
                #[cfg_attr(unix, cold, track_caller)]
                fn f() {}
            ),
            "argument",
        );
        refused(
            &parse_quote!(
                fn f(#[cfg(unix)] x: u8) {}
            ),
            "two functions",
        );
    }

    #[test]
    fn arguments_enter_by_name_or_position() {
        let function = parse_quote!(
            fn f<'a>(&self, a: &'a str, mut b: u8, (c, d): (u8, u8), _e: u8) -> u8 {}
        );
        let skipped = [parse_quote!(b), Ident::new("self", Span::call_site())];
        let arguments = arguments(&function, &skipping(&skipped)).unwrap();
        let names: Vec<_> = arguments.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["self", "a", "b", "3", "_e"]);
        let skipped: Vec<_> = arguments.iter().map(|it| matches!(it.role, Role::Skipped)).collect();
        assert_eq!(skipped, [true, false, true, false, false]);
        let idents: Vec<_> = arguments.iter().map(|it| it.ident.to_string()).collect();
        assert_eq!(idents, ["self", "a", "b", "argument_3", "e"]);
    }

    #[test]
    fn raw_names_are_skipped_with_and_without_their_mark() {
        let function = parse_quote!(
            fn f(r#type: u8, r#a: u8) {}
        );
        let skipped = [parse_quote!(r#type), parse_quote!(a)];
        let arguments = arguments(&function, &skipping(&skipped)).unwrap();
        assert!(arguments.iter().all(|it| matches!(it.role, Role::Skipped)));
    }

    #[test]
    fn skipping_an_unknown_argument_is_an_error() {
        let error = |function: &ItemFn| {
            arguments(function, &skipping(&[parse_quote!(z)])).err().unwrap().to_string()
        };
        assert_eq!(
            error(&parse_quote!(
                fn f(a: u8) {}
            )),
            "there is no argument `z`; there are: a"
        );
        assert!(
            error(&parse_quote!(
                fn f((a, z): (u8, u8)) {}
            ))
            .contains("give the argument a name")
        );
    }
}
