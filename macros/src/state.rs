//! Rendering of what reads the state of a function: the statics and variables that the table has for it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, parse::Parser};

use crate::{index::StateRecord, render};

/// Returns an expression of an `Option<ReadState>`, with errors at a place.
pub(crate) fn reader(
    state: &[StateRecord],
    function: &str,
    runtime: &Path,
    span: Span,
) -> TokenStream {
    if state.is_empty() {
        return quote!(::core::option::Option::None);
    }
    let given = render::local("state");
    let reads = state.iter().map(|it| read(it, function, runtime, &given, span));
    let reader = render::local("reader");
    quote! {{
        let #reader: #runtime::ReadState = |#given| {
            #(#reads)*
            ::core::result::Result::Ok(())
        };
        ::core::option::Option::Some(#reader)
    }}
}

fn read(
    record: &StateRecord,
    function: &str,
    runtime: &Path,
    state: &Ident,
    span: Span,
) -> TokenStream {
    let StateRecord { how, value, label, name, .. } = record;
    let named = quote!(#runtime::Named(#label, #name));
    let place = match how.as_str() {
        "variable" => return quote!(#state.variable(#named)?;),
        "mark" => {
            let Ok(mark) = u128::from_str_radix(value.get(..32).unwrap_or_default(), 16) else {
                return damaged(span);
            };
            return quote_spanned!(span=> <() as #runtime::Marked<_, #mark>>::read(#state, #named)?;);
        }
        "path" => path(value).map(|it| quote!(#it)),
        "dereferenced" => path(value).map(|it| quote!(*#it)),
        "gotten" => path(value).map(|it| quote!(#it.get())),
        _ => {
            let (reason, remedy) = value.split_once("; ").unwrap_or((value, ""));
            let message = format!(
                "`{function}` reads the static `{name}`, which can't be in the key: {reason}\n{}",
                remedies(record, remedy)
            );
            return quote_spanned!(span=> ::core::compile_error!(#message););
        }
    };
    let Some(place) = place else { return damaged(span) };
    let message = format!(
        "`{function}` reads the static `{name}`, which can't be in the key: nothing serialises what it holds"
    );
    let remedy = "derive `serde::Serialize` for it, or say what of it counts: #[perennial::env(with = |it| …)] on the \
                  static";
    let note = remedies(record, remedy);
    let says = (!record.is_plain).then_some((message.as_str(), note.as_str()));
    let read = of_place(&quote!(&#place), runtime, state, &named, says, span);
    quote!(#read?;)
}

fn damaged(span: Span) -> TokenStream {
    quote_spanned!(span=> ::core::compile_error!("the signature table is damaged; run `cargo clean`");)
}

/// Says where the static is, and what to write.
fn remedies(record: &StateRecord, remedy: &str) -> String {
    let StateRecord { place, chain, .. } = record;
    format!(
        "at {place}, reached by {chain}\n{remedy};\nor say that it changes no result: #[perennial::env(skip)] on the \
         static, or #[memo(allow(statics))] on the function;\nor list what counts instead: #[memo(allow(statics), \
         env(…))]"
    )
}

/// Returns an expression that reads what a place holds, however it is owned and guarded. Where its type gives out
/// nothing, the error is what is said, if anything may be.
pub(crate) fn of_place(
    place: &TokenStream,
    runtime: &Path,
    state: &Ident,
    named: &TokenStream,
    says: Option<(&str, &str)>,
    span: Span,
) -> TokenStream {
    let [it, name] = ["it", "named"].map(render::local);
    let mixed = Span::mixed_site().located_at(span);
    let readable = Ident::new("Readable", mixed);
    let checked =
        quote_spanned!(mixed=> #readable::done((&#runtime::Guard(#it)).read(#state, #name)));
    let says = says.map(
        |(message, note)| quote!(#[diagnostic::on_unimplemented(message = #message, note = #note)]),
    );
    let is_silent = says.as_ref().map(|_| quote!(#[diagnostic::do_not_recommend]));
    quote! {{
        use #runtime::{AnyGuard as _, AnyOwner as _, Value as _};
        #says
        trait #readable {
            fn done(self) -> #runtime::Result<()>;
        }
        #is_silent
        impl #readable for #runtime::Read {
            fn done(self) -> #runtime::Result<()> {
                self.0
            }
        }
        #runtime::Owner(&()).is_in_scope();
        #runtime::Guard(&()).is_in_scope();
        (&#runtime::Guard(&())).is_not_used();
        let #name = #named;
        #runtime::Owner(#place).open(#state, #name, |#state, #it| {
            #runtime::Owner(#it).open(#state, #name, |#state, #it| {
                #runtime::Owner(#it).open(#state, #name, |#state, #it| #checked)
            })
        })
    }}
}

/// Reads a path that may have keywords for names.
fn path(text: &str) -> Option<TokenStream> {
    let segments = text.split("::").map(|it| match it {
        "" | "crate" => Some(it.to_owned()),
        name if syn::parse_str::<Ident>(name).is_ok() => Some(name.to_owned()),
        name => syn::parse_str::<Ident>(&format!("r#{name}")).is_ok().then(|| format!("r#{name}")),
    });
    let text = segments.collect::<Option<Vec<_>>>()?.join("::");
    let path = Path::parse_mod_style.parse_str(&text).ok()?;
    Some(quote!(#path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_have_keywords_for_names() {
        let written = |text| path(text).map(|it| it.to_string().replace(' ', ""));
        assert_eq!(written("crate::type::LIMIT").unwrap(), "crate::r#type::LIMIT");
        assert_eq!(written("::dep::LIMIT").unwrap(), "::dep::LIMIT");
        assert_eq!(written("LIMIT").unwrap(), "LIMIT");
        assert!(written("crate::{a}").is_none());
    }
}
