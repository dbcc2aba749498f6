//! Rendering of `memo_key!`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, Expr, ExprPath, spanned::Spanned};

use crate::{
    expand::{self, Named},
    index::{FunctionRecord, KeyRecord},
    lookup::{self, Found},
    render, state,
};

/// Expands `memo_key!(path)` and `memo_key!(path(arguments))`.
pub(crate) fn memo_key(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(Error::into_compile_error)
}

fn expand(input: TokenStream) -> Result<TokenStream, Error> {
    let usage = "write memo_key!(path::to::function) or memo_key!(function(argument, …))";
    let input: Expr = syn::parse2(input).map_err(|error| Error::new(error.span(), usage))?;
    let (path, arguments) = match bare(input) {
        Expr::Path(path) => (path, None),
        Expr::Call(call) => match bare(*call.func) {
            Expr::Path(path) => (path, Some(call.args.into_iter().collect::<Vec<_>>())),
            other => return Err(Error::new_spanned(other, usage)),
        },
        other => return Err(Error::new_spanned(other, usage)),
    };
    let start = path.path.leading_colon.map_or_else(
        || path.path.segments.first().map_or_else(|| path.span(), |it| it.ident.span()),
        |it| it.spans[0],
    );
    let found = lookup::find(start);
    let runtime = match expand::runtime(None, start) {
        Ok(runtime) => runtime,
        // An editor never sees an error.
        Err(_) if matches!(found, Found::Editor) => return Ok(quote!(::core::unreachable!())),
        Err(error) => return Err(error),
    };
    let (index, place) = match found {
        Found::Place(index, place) => (index, place),
        Found::Editor => return Ok(quote!(#runtime::Signature::from_bytes([0; 32]))),
        Found::NoTable(message) => return Err(Error::new(start, message)),
        Found::Nowhere(..) => return Err(unknown(start)),
        Found::Changed(change) => {
            let message = format!("memo_key! can't name the code: {}", change.reason);
            return Err(Error::new(start, message));
        }
    };
    let found = match index.key_at(&place) {
        Some(KeyRecord::Function(number)) => index.functions.get(*number).map(|it| (*number, it)),
        Some(KeyRecord::Refused(message)) => return Err(Error::new_spanned(&path, message)),
        None => None,
    };
    let (number, record) = found.ok_or_else(|| unknown(start))?;
    let named =
        Named::of_record(&index, number, record).map_err(|message| Error::new(start, message))?;
    let Some(scope) = &record.scope else {
        let message =
            "this function has several #[memo] attributes, which differ in what its code is";
        return Err(Error::new(start, message));
    };
    let named = named.within(scope).map_err(|message| Error::new(start, message))?;
    if !named.is_keyed() {
        let message = "this function's calls have no key in a shared library on this system";
        return Err(Error::new(start, message));
    }
    match arguments {
        None => Ok(of_code(&runtime, &named)),
        Some(arguments) => of_call(&runtime, record, &named, &path, &arguments),
    }
}

/// Strips what a fragment of a macro is wrapped in, and parentheses.
fn bare(expr: Expr) -> Expr {
    match expr {
        Expr::Group(it) => bare(*it.expr),
        Expr::Paren(it) => bare(*it.expr),
        other => other,
    }
}

fn unknown(span: Span) -> Error {
    Error::new(
        span,
        "memo_key! is not found in the signature table at this place; call it outside other macros' output",
    )
}

fn of_code(runtime: &syn::Path, named: &Named) -> TokenStream {
    if named.code.executable {
        let function = render::function_record(runtime, named, "");
        return quote!(#runtime::code_signature(#function));
    }
    let bytes = &named.code.signature;
    quote!(#runtime::Signature::from_bytes([#(#bytes),*]))
}

fn of_call(
    runtime: &syn::Path,
    record: &FunctionRecord,
    named: &Named,
    path: &ExprPath,
    arguments: &[Expr],
) -> Result<TokenStream, Error> {
    if record.flags.contains('e') {
        let message = "this function's env(…) or key(…) can be read only inside it, so that its calls have no \
                       key outside";
        return Err(Error::new_spanned(path, message));
    }
    if record.flags.contains('a') {
        let message =
            "this function has several #[memo] attributes, so that its arguments are not known";
        return Err(Error::new_spanned(path, message));
    }
    if named.is_generic {
        let message =
            "this function is generic: which types it is called with is known only inside it";
        return Err(Error::new_spanned(path, message));
    }
    if arguments.len() != record.parameters.len() {
        let message = format!(
            "{} takes {} arguments, and {} are given",
            record.name,
            record.parameters.len(),
            arguments.len()
        );
        return Err(Error::new_spanned(path, message));
    }
    let key = render::local("key");
    let values: Vec<Ident> =
        (0..arguments.len()).map(|it| render::local(&format!("argument_{it}"))).collect();
    let mut signed: Vec<_> = record
        .parameters
        .iter()
        .zip(&values)
        .zip(arguments)
        .filter(|((name, _), _)| !name.starts_with('-'))
        .collect();
    let plain = |name: &str| name.trim_start_matches('~').to_owned();
    signed.sort_by_key(|((name, _), _)| (plain(name).len(), plain(name)));
    let count = signed.len();
    let signed = signed.iter().map(|((name, value), argument)| {
        let span = Span::call_site().located_at(argument.span());
        let key = Ident::new("key", Span::mixed_site().located_at(argument.span()));
        let plain = plain(name);
        if plain == **name {
            quote_spanned!(span=> #key.argument(#plain, #value)?;)
        } else {
            quote_spanned!(span=> #key.argument(#plain, &#runtime::Unordered(#value))?;)
        }
    });
    let bound = record
        .parameters
        .iter()
        .zip(&values)
        .map(|(name, value)| if name.starts_with('-') { quote!(_) } else { quote!(#value) });
    let instance =
        named.code.executable.then(|| quote!(#key.instance(#runtime::instance_of(&#path));));
    let function = render::function_record(runtime, named, &named.instance);
    let state = state::reader(&named.state, &named.name, runtime, path.span());
    // A function pointer gives the arguments the types of the parameters before they are looked at, so
    // that they are coerced as in the call. It is never called.
    let types: Vec<Ident> = (0..arguments.len()).map(|it| format_ident!("A{it}")).collect();
    Ok(quote!({
        fn __perennial_arguments<#(#types,)* R>(
            _: fn(#(#types),*) -> R,
            arguments: (#(#types,)*),
        ) -> (#(#types,)*) {
            arguments
        }
        ::core::result::Result::expect(
            #runtime::call_signature(
                #function,
                #state,
                &__perennial_arguments(#path, (#(#arguments,)*)),
                |(#(#bound,)*), #key| {
                    #instance
                    #key.arguments(#count);
                    #(#signed)*
                    ::core::result::Result::Ok(())
                },
            ),
            "the arguments of memo_key! can be serialised",
        )
    }))
}
