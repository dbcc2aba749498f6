//! What within a type can't be memoized: a `&mut`, an `impl Trait` that is a result, a result that is borrowed. A type
//! goes in, the first fault comes out with its place and what to write instead.

use syn::{
    Error, GenericArgument, PathArguments, Type, TypeFnPtr, TypeImplTrait, TypeReference,
    TypeTraitObject,
    visit::{self, Visit},
};

const EXCLUSIVE: &str =
    "a hit runs no body, so that a `&mut` argument would not be changed; return the new value";

/// Looks through the type of an argument, groups and parentheses included.
pub(crate) fn in_argument(ty: &Type) -> Result<(), Error> {
    let mut search = Search { in_argument: true, fault: None };
    search.visit_type(ty);
    search.fault.map_or(Ok(()), Err)
}

/// Looks through the type of a result. `has_codec`: a codec of the user's may make references.
pub(crate) fn in_result(ty: &Type, has_codec: bool) -> Result<(), Error> {
    let mut search = Search { in_argument: false, fault: None };
    search.visit_type(ty);
    match search.fault {
        Some(fault) => Err(fault),
        None if has_codec => Ok(()),
        None => borrowed(ty),
    }
}

struct Search {
    in_argument: bool,
    fault: Option<Error>,
}

impl Search {
    fn refuse(&mut self, tokens: &dyn quote::ToTokens, message: &str) {
        self.fault.get_or_insert_with(|| Error::new_spanned(tokens, message));
    }
}

impl<'ast> Visit<'ast> for Search {
    fn visit_type_reference(&mut self, it: &'ast TypeReference) {
        if self.in_argument && it.mutability.is_some() {
            return self.refuse(it, EXCLUSIVE);
        }
        visit::visit_type_reference(self, it);
    }

    fn visit_type_impl_trait(&mut self, it: &'ast TypeImplTrait) {
        if !self.in_argument {
            let message = "the result's type must be named to be read back; write the type itself";
            self.refuse(it, message);
        }
    }

    // What a function takes is no value of the call.
    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_type_trait_object(&mut self, _: &'ast TypeTraitObject) {}
}

/// Finds a reference where the value that is stored holds it, as far as the type shows: not in the
/// error of a `Result`, which is never stored.
fn borrowed(ty: &Type) -> Result<(), Error> {
    match ty {
        Type::Reference(it) => Err(Error::new_spanned(
            it,
            "a result is read back from the store, where nobody lends it; return an owned value",
        )),
        Type::Group(it) => borrowed(&it.elem),
        Type::Paren(it) => borrowed(&it.elem),
        Type::Array(it) => borrowed(&it.elem),
        Type::Tuple(it) => it.elems.iter().try_for_each(borrowed),
        Type::Path(it) => {
            let Some(last) = it.path.segments.last() else { return Ok(()) };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return Ok(()) };
            let held = match last.ident.to_string().as_str() {
                "Option" | "Vec" | "VecDeque" | "Box" | "Result" | "HashSet" | "BTreeSet" => 1,
                "HashMap" | "BTreeMap" => 2,
                _ => 0,
            };
            let types = arguments.args.iter().filter_map(|it| match it {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.take(held).try_for_each(borrowed)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn refused(outcome: Result<(), Error>, part: &str) {
        let message = outcome.expect_err("it is refused").to_string();
        assert!(message.contains(part), "{message}");
    }

    #[test]
    fn exclusive_references_are_found_wherever_they_are() {
        for ty in [
            parse_quote!(&mut u8),
            parse_quote!(Option<&mut Vec<u8>>),
            parse_quote!((u8, [&'a mut u8; 2])),
            parse_quote!(&(&mut u8)),
            // As `$t:ty` comes.
            Type::Group(syn::TypeGroup {
                attrs: Vec::new(),
                group_token: syn::token::Group::default(),
                elem: Box::new(parse_quote!(&mut u8)),
            }),
        ] {
            refused(in_argument(&ty), "return the new value");
        }
        in_argument(&parse_quote!(&[Option<PhantomData<fn(&mut u8)>>])).unwrap();
    }

    #[test]
    fn unnamed_types_are_found_wherever_they_are() {
        in_argument(&parse_quote!(&(impl K + Serialize))).unwrap();
        refused(in_result(&parse_quote!(Option<impl T>), true), "write the type");
        refused(in_result(&parse_quote!(impl T), false), "write the type");
    }

    #[test]
    fn results_that_are_borrowed_are_refused() {
        refused(in_result(&parse_quote!(&'static str), false), "owned");
        refused(in_result(&parse_quote!(Option<(u8, &str)>), false), "owned");
        refused(in_result(&parse_quote!(Result<&str, u8>), false), "owned");
        in_result(&parse_quote!(&'static str), true).unwrap();
        in_result(&parse_quote!(Result<u8, &'static str>), false).unwrap();
        in_result(&parse_quote!(Cow<'_, str>), false).unwrap();
    }
}
