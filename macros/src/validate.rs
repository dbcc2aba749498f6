//! Which functions can be memoized. What can't is refused where it stands, with what to write
//! instead. Renders nothing.

use syn::{
    Error, FnArg, GenericParam, Ident, Pat, ReceiverKind, Result, ReturnType, Safety, Signature,
    Type, spanned::Spanned,
};

/// An argument of a memoized function.
pub(crate) struct Argument {
    /// The name under which it enters the key: its own, `self`, or its position.
    pub(crate) name: String,
    /// The pattern, to bind it inside; none for `self`.
    pub(crate) pattern: Option<Pat>,
    /// The identifier that stands for it outside.
    pub(crate) ident: Ident,
    pub(crate) span: proc_macro2::Span,
    pub(crate) is_skipped: bool,
}

/// Checks a function and lists its arguments.
pub(crate) fn arguments(signature: &Signature, skip: &[Ident]) -> Result<Vec<Argument>> {
    let refuse =
        |tokens: &dyn quote::ToTokens, message: &str| Err(Error::new_spanned(tokens, message));
    if let Some(token) = &signature.asyncness {
        return refuse(
            token,
            "async functions can't be memoized yet; memoize the synchronous function inside",
        );
    }
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
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            return refuse(
                parameter,
                "generic functions can't be memoized yet; memoize a function for each type that calls it",
            );
        }
    }
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::ImplTrait(ty) = &**ty
    {
        return refuse(
            ty,
            "the result's type must be named to be read back; write the type itself",
        );
    }
    let mut arguments = Vec::new();
    for (index, input) in signature.inputs.iter().enumerate() {
        arguments.push(argument(index, input)?);
    }
    for name in skip {
        let Some(argument) = arguments.iter_mut().find(|it| name == it.name.as_str()) else {
            let names: Vec<_> = arguments.iter().map(|it| it.name.as_str()).collect();
            let message = format!("there is no argument `{name}`; there are: {}", names.join(", "));
            return Err(Error::new(name.span(), message));
        };
        argument.is_skipped = true;
    }
    Ok(arguments)
}

fn argument(index: usize, input: &FnArg) -> Result<Argument> {
    match input {
        FnArg::Receiver(receiver) => {
            let is_shared = match &receiver.kind {
                ReceiverKind::Reference(_, _, mutability) => mutability.is_none(),
                ReceiverKind::Typed(_, ty) => {
                    matches!(&**ty, Type::Reference(it) if it.mutability.is_none())
                }
                _ => false,
            };
            if !is_shared {
                return Err(Error::new_spanned(
                    receiver,
                    "a memoized method takes `&self`: a hit runs no body, so it can't change or consume `self`",
                ));
            }
            let ident = Ident::new("self", receiver.self_token.span);
            let span = receiver.self_token.span;
            Ok(Argument { name: "self".to_owned(), pattern: None, ident, span, is_skipped: false })
        }
        FnArg::Typed(typed) => {
            match &*typed.ty {
                Type::Reference(it) if it.mutability.is_some() => {
                    return Err(Error::new_spanned(
                        it,
                        "a hit runs no body, so that a `&mut` argument would not be changed; return the new value",
                    ));
                }
                Type::ImplTrait(it) => {
                    return Err(Error::new_spanned(
                        it,
                        "the type of an argument is part of the key; name it instead of `impl Trait`",
                    ));
                }
                _ => {}
            }
            let span = typed.ty.span();
            let (name, ident) = match &*typed.pat {
                Pat::Ident(it) if it.subpat.is_none() && it.by_ref.is_none() => {
                    (syn::ext::IdentExt::unraw(&it.ident).to_string(), it.ident.clone())
                }
                pattern => {
                    (index.to_string(), Ident::new(&format!("__argument_{index}"), pattern.span()))
                }
            };
            Ok(Argument {
                name,
                pattern: Some((*typed.pat).clone()),
                ident,
                span,
                is_skipped: false,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(signature: &Signature, part: &str) {
        let message = arguments(signature, &[]).err().expect("it is refused").to_string();
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn what_cannot_be_memoized_is_refused_with_advice() {
        refused(&parse_quote!(async fn f()), "synchronous");
        refused(&parse_quote!(const fn f()), "drop `const`");
        refused(&parse_quote!(unsafe fn f()), "safe function");
        refused(&parse_quote!(extern "C" fn f()), "ABI");
        refused(&parse_quote!(fn f<T>(x: T)), "generic");
        refused(&parse_quote!(fn f<const N: usize>()), "generic");
        refused(&parse_quote!(fn f(x: &mut u8)), "return the new value");
        refused(&parse_quote!(fn f(x: impl Fn())), "name it");
        refused(&parse_quote!(fn f() -> impl Fn()), "write the type");
        refused(&parse_quote!(fn f(&mut self)), "&self");
        refused(&parse_quote!(fn f(self)), "&self");
    }

    #[test]
    fn arguments_enter_by_name_or_position() {
        let signature =
            parse_quote!(fn f<'a>(&self, a: &'a str, mut b: u8, (c, d): (u8, u8)) -> u8);
        let skip: Ident = parse_quote!(b);
        let arguments = arguments(&signature, &[skip]).unwrap();
        let names: Vec<_> = arguments.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["self", "a", "b", "3"]);
        assert!(arguments[2].is_skipped);
    }

    #[test]
    fn skipping_an_unknown_argument_is_an_error() {
        let skip: Ident = parse_quote!(z);
        let error = arguments(&parse_quote!(fn f(a: u8)), &[skip]).err().unwrap();
        assert_eq!(error.to_string(), "there is no argument `z`; there are: a");
    }
}
