//! Rendering of `memo_call!`: a handle of one call, or of all calls of a function.
//!
//! The handle of a call is a bare struct expression, and the arguments stand in it as they are written:
//! so temporaries among them live as long as the handle does, as in any `let` of a struct.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Error, Expr, ExprPath, Lit, LitStr, Path, Result, Token,
    parse::{Parse, ParseStream},
    parse_quote,
    spanned::Spanned,
};

use crate::{
    expand::{self, Named},
    index::FunctionRecord,
    key::{self, Asked},
    option_value, render,
};

/// Expands `memo_call!(path)`, `memo_call!(path(arguments))`, and both with `store = expr`.
pub(crate) fn memo_call(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(Error::into_compile_error)
}

const USAGE: &str = "write memo_call!(function(argument, …)) or memo_call!(path::to::function)";

fn expand(input: TokenStream) -> Result<TokenStream> {
    let Input { asked, store } = syn::parse2(input)?;
    let found = asked.look_up("memo_call!");
    let runtime = match expand::runtime(None, asked.start()) {
        Ok(runtime) => runtime,
        // An editor doesn't say what the dependency is called.
        Err(_) if matches!(found, Ok(None)) => parse_quote!(::perennial::__private),
        Err(error) => return Err(error),
    };
    let Some((record, named)) = found? else {
        return Ok(in_editor(&runtime, &asked, store.as_ref()));
    };
    let path = &asked.path;
    if !record.flags.contains('h') {
        let message = format!("`{}` is not memoized; write #[memo] above it", record.name);
        return Err(Error::new_spanned(path, message));
    }
    check_store(&record, path, store.as_ref())?;
    // Of all calls there is the code alone, as for `memo_key!(path)`.
    let is_call = asked.arguments.is_some();
    let instance = if is_call { &*named.instance } else { "" };
    let state = is_call.then(|| path.span());
    let handle = Handle {
        runtime: &runtime,
        path,
        function: render::function_record(&runtime, &named, instance, state),
        store: store.as_ref(),
    };
    match &asked.arguments {
        None => Ok(handle.of_function()),
        Some(arguments) => of_call(&handle, &record, &named, arguments),
    }
}

fn of_call(
    handle: &Handle<'_>,
    record: &FunctionRecord,
    named: &Named,
    arguments: &[Expr],
) -> Result<TokenStream> {
    let signing = key::signing(handle.runtime, record, named, handle.path, arguments)?;
    let expires = match &record.expires {
        Some(text) => {
            let text = LitStr::new(text, handle.path.span());
            Some(option_value::expires(&Lit::Str(text))?)
        }
        None => None,
    };
    Ok(handle.of_call(arguments, &signing, expires))
}

/// What an editor sees: the types of the real thing.
fn in_editor(runtime: &Path, asked: &Asked, store: Option<&Expr>) -> TokenStream {
    let function = quote!(&#runtime::UNKNOWN);
    let handle = Handle { runtime, path: &asked.path, function, store };
    match &asked.arguments {
        None => handle.of_function(),
        Some(arguments) => {
            let signing = quote!(|_, _| ::core::result::Result::Ok(()));
            handle.of_call(arguments, &signing, None)
        }
    }
}

/// What stands between the parentheses of `memo_call!(…)`.
struct Input {
    asked: Asked,
    store: Option<Expr>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let asked = input.parse().map_err(|error| Error::new(error.span(), USAGE))?;
        let asked = Asked::of(asked, USAGE)?;
        let mut store = None;
        if !input.is_empty() {
            input.parse::<Token![,]>().map_err(|error| Error::new(error.span(), USAGE))?;
        }
        if !input.is_empty() {
            let usage = "behind the call stands nothing but `store = …`, the store of a function that has one";
            let name: Ident = input.parse().map_err(|error| Error::new(error.span(), usage))?;
            if name != "store" {
                return Err(Error::new(name.span(), usage));
            }
            input.parse::<Token![=]>()?;
            store = Some(input.parse()?);
            input.parse::<Option<Token![,]>>()?;
        }
        if input.is_empty() { Ok(Self { asked, store }) } else { Err(input.error(USAGE)) }
    }
}

/// A handle never looks into a store that the function does not use.
fn check_store(record: &FunctionRecord, path: &ExprPath, store: Option<&Expr>) -> Result<()> {
    match (record.flags.contains('s'), store) {
        (true, None) => {
            let message = "this function's `store = …` can be read only inside it; say here which one it is, as \
                           in memo_call!(function(argument), store = STORE)";
            Err(Error::new_spanned(path, message))
        }
        (false, Some(store)) => {
            let message = "this function has no store of its own: its results are in the store in force, which \
                           `storing_to` and `set_store` say";
            Err(Error::new_spanned(store, message))
        }
        _ => Ok(()),
    }
}

/// What both kinds of handles are made of.
struct Handle<'a> {
    runtime: &'a Path,
    path: &'a ExprPath,
    /// An expression of a `&'static Function`.
    function: TokenStream,
    store: Option<&'a Expr>,
}

impl Handle<'_> {
    fn of_function(&self) -> TokenStream {
        let Self { runtime, function, .. } = self;
        let store = self.store();
        quote!(#runtime::MemoizedFunction { __function: #function, __store: #store })
    }

    fn of_call(
        &self,
        arguments: &[Expr],
        signing: &TokenStream,
        expires: Option<Duration>,
    ) -> TokenStream {
        let Self { runtime, path, function, .. } = self;
        let store = self.store();
        let types = key::types(arguments);
        let [request, forced] = ["request", "forced"].map(render::local);
        let values: Vec<Ident> =
            (0..arguments.len()).map(|it| render::local(&format!("argument_{it}"))).collect();
        let none = quote!(::core::option::Option::None);
        let expires = expires.map_or(none, |it| {
            let seconds = it.as_secs();
            quote!(::core::option::Option::Some(::core::time::Duration::from_secs(#seconds)))
        });
        // The types come first: they decide how the arguments are coerced.
        quote! {
            #runtime::MemoizedCall {
                __types: {
                    fn __perennial_types<#(#types,)* R>(
                        _: fn(#(#types),*) -> R,
                    ) -> ::core::marker::PhantomData<(#(#types,)*)> {
                        ::core::marker::PhantomData
                    }
                    __perennial_types(#path)
                },
                __arguments: (#(#arguments,)*),
                __function: #function,
                __store: #store,
                __expires: #expires,
                __sign: #signing,
                __force: |(#(#values,)*), #request| {
                    use #runtime::Ended as _;
                    let #forced = #runtime::Request::within(#request, || #path(#(#values),*));
                    #forced.is_in_scope();
                    #forced.given()
                },
            }
        }
    }

    fn store(&self) -> TokenStream {
        let Some(expr) = self.store else { return quote!(::core::option::Option::None) };
        // What is no store is an error at its place.
        let span = Span::call_site().located_at(expr.span());
        quote_spanned!(span=> ::core::option::Option::Some(&#expr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No compiler runs here, so that this is what an editor sees.
    fn seen(input: TokenStream) -> String {
        let output = memo_call(input);
        syn::parse2::<Expr>(output.clone()).expect("an expression");
        output.to_string()
    }

    #[test]
    fn an_editor_sees_a_handle_of_the_real_types() {
        let call = seen(quote!(a::simulate(&grid, 7)));
        assert!(call.starts_with(":: perennial :: __private :: MemoizedCall {"), "{call}");
        assert!(call.contains("__perennial_types (a :: simulate)"), "{call}");
        assert!(call.contains("__arguments : (& grid , 7 ,)"), "{call}");
        let function = seen(quote!((Solver::step), store = STORE,));
        assert!(function.contains("MemoizedFunction {"), "{function}");
        assert!(function.contains("Some (& STORE)"), "{function}");
    }

    #[test]
    fn what_is_no_call_is_told_how_to_write_one() {
        for input in [quote!(1 + 2), quote!(), quote!(f(1)(2)), quote!(f; g)] {
            let message = expand(input).unwrap_err().to_string();
            assert_eq!(message, USAGE);
        }
        for input in [quote!(f(1), g(2)), quote!(f, 1)] {
            let message = expand(input).unwrap_err().to_string();
            assert!(message.starts_with("behind the call"), "{message}");
        }
    }
}
