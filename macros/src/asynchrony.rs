//! How a function gives its result: at once, or by a future. A signature goes in; told by how the
//! types are written, since a macro sees no more.

use syn::{
    AssocType, GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound,
    parse_quote, punctuated::Punctuated,
};

/// How a function gives its result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Asynchrony {
    /// It returns it.
    None,
    /// It is an `async fn`.
    Function,
    /// It returns `impl Future`.
    Future,
    /// It returns a boxed future, as `async_trait` makes it.
    Boxed,
}

impl Asynchrony {
    pub(crate) fn is_any(self) -> bool {
        self != Self::None
    }
}

/// Returns how a function gives its result, and the type of that.
pub(crate) fn of(signature: &Signature) -> (Asynchrony, Type) {
    let returned = match &signature.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    if signature.asyncness.is_some() {
        return (Asynchrony::Function, returned);
    }
    let found = match bare(&returned) {
        Type::ImplTrait(it) => output(&it.bounds).map(|it| (Asynchrony::Future, it)),
        other => boxed(other).map(|it| (Asynchrony::Boxed, it)),
    };
    found.unwrap_or((Asynchrony::None, returned))
}

/// Finds what `Pin<Box<dyn Future<Output = …>>>` or `BoxFuture<'_, …>` gives.
fn boxed(ty: &Type) -> Option<Type> {
    let first = |ty: &Type, name: &str| arguments(ty, name)?.into_iter().next();
    if let Some(pinned) = first(ty, "Pin") {
        let Type::TraitObject(object) = first(&pinned, "Box")? else { return None };
        return output(&object.bounds);
    }
    ["BoxFuture", "LocalBoxFuture"].iter().find_map(|name| first(ty, name))
}

/// Returns the type arguments of a path that ends with a name.
fn arguments(ty: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = bare(ty) else { return None };
    let last = path.path.segments.last().filter(|it| it.ident == name)?;
    let PathArguments::AngleBracketed(types) = &last.arguments else { return None };
    let types = types.args.iter().filter_map(|it| match it {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    Some(types.collect())
}

/// Finds the output of a future among bounds.
fn output(bounds: &Punctuated<TypeParamBound, syn::Token![+]>) -> Option<Type> {
    bounds.iter().find_map(|it| {
        let TypeParamBound::Trait(it) = it else { return None };
        let last = it.path.segments.last().filter(|it| it.ident == "Future")?;
        let PathArguments::AngleBracketed(types) = &last.arguments else { return None };
        types.args.iter().find_map(|it| match it {
            GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == "Output" => {
                Some(ty.clone())
            }
            _ => None,
        })
    })
}

/// Strips parentheses, and what a fragment of a macro is wrapped in.
fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(it) => bare(&it.elem),
        Type::Paren(it) => bare(&it.elem),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    #[test]
    fn futures_are_known_by_how_they_are_written() {
        let of = |signature: Signature| {
            let (asynchrony, returned) = of(&signature);
            (asynchrony, returned.into_token_stream().to_string())
        };
        let u8 = || "u8".to_owned();
        assert_eq!(of(parse_quote!(async fn f() -> u8)), (Asynchrony::Function, u8()));
        assert_eq!(of(parse_quote!(fn f() -> u8)), (Asynchrony::None, u8()));
        assert_eq!(of(parse_quote!(fn f())), (Asynchrony::None, "()".to_owned()));
        for signature in [
            parse_quote!(fn f() -> impl Future<Output = u8>),
            parse_quote!(fn f() -> (impl Send + core::future::Future<Output = u8> + 'static)),
        ] {
            assert_eq!(of(signature), (Asynchrony::Future, u8()));
        }
        for signature in [
            parse_quote!(fn f() -> Pin<Box<dyn Future<Output = u8> + Send + '_>>),
            parse_quote!(fn f() -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u8>>>),
            parse_quote!(fn f<'a>() -> BoxFuture<'a, u8>),
        ] {
            assert_eq!(of(signature), (Asynchrony::Boxed, u8()));
        }
        for signature in [
            parse_quote!(fn f() -> Pin<Box<u8>>),
            parse_quote!(fn f() -> Box<dyn Future<Output = u8>>),
            parse_quote!(fn f() -> impl Iterator<Item = u8>),
        ] {
            assert_eq!(of(signature).0, Asynchrony::None);
        }
    }
}
