//! Rendering of `memo_key!`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Error, Expr, ExprPath, spanned::Spanned};

use crate::{
    compilation::Compilation,
    context::{self, Code},
    expand,
    index::{FunctionRecord, KeyRecord},
    lookup::{self, Found},
};

/// Expands `memo_key!(path)` and `memo_key!(path(arguments))`.
pub(crate) fn memo_key(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(Error::into_compile_error)
}

fn expand(input: TokenStream) -> Result<TokenStream, Error> {
    let usage = "write memo_key!(path::to::function) or memo_key!(function(argument, …))";
    let input: Expr = syn::parse2(input).map_err(|error| Error::new(error.span(), usage))?;
    let (path, arguments) = match input {
        Expr::Path(path) => (path, None),
        Expr::Call(call) => match *call.func {
            Expr::Path(path) => (path, Some(call.args.into_iter().collect::<Vec<_>>())),
            other => return Err(Error::new_spanned(other, usage)),
        },
        other => return Err(Error::new_spanned(other, usage)),
    };
    let start = path.path.leading_colon.map_or_else(
        || path.path.segments.first().map_or_else(|| path.span(), |it| it.ident.span()),
        |it| it.spans[0],
    );
    let runtime = expand::runtime();
    let (index, place) = match lookup::find(start) {
        Found::Place(index, place) => (index, place),
        Found::Editor => return Ok(quote!(#runtime::Signature::from_bytes([0; 32]))),
        Found::NoTable(message) => return Err(Error::new(start, message)),
        Found::Nowhere(_) => return Err(unknown(start)),
        Found::Changed(file) => {
            let note = format!(
                "memo_key! can't name the code: {file} changed while the build was running; build again"
            );
            return Err(Error::new(start, note));
        }
    };
    let record = match index.key_at(&place) {
        Some(KeyRecord::Function(number)) => index.functions.get(*number),
        Some(KeyRecord::Refused(message)) => return Err(Error::new_spanned(&path, message)),
        None => None,
    };
    let record = record.ok_or_else(|| unknown(start))?;
    let source = record
        .source()
        .ok_or_else(|| Error::new(start, "the signature table is damaged; run `cargo clean`"))?;
    let code = context::code(&source, &index, Some(record), Compilation::current());
    match arguments {
        None => Ok(of_code(&runtime, record, &code)),
        Some(arguments) => of_call(&runtime, record, &code, &path, &arguments),
    }
}

fn unknown(span: Span) -> Error {
    Error::new(
        span,
        "memo_key! is not found in the signature table at this place; call it outside other macros' output",
    )
}

fn of_code(runtime: &syn::Path, record: &FunctionRecord, code: &Code) -> TokenStream {
    if code.executable {
        let function = expand::function(runtime, &record.name, code, Some(&record.signature));
        return quote!({
            static __PERENNIAL: #runtime::Function = #function;
            #runtime::code_signature(&__PERENNIAL)
        });
    }
    let bytes = &code.signature;
    quote!(#runtime::Signature::from_bytes([#(#bytes),*]))
}

fn of_call(
    runtime: &syn::Path,
    record: &FunctionRecord,
    code: &Code,
    path: &ExprPath,
    arguments: &[Expr],
) -> Result<TokenStream, Error> {
    if record.flags.contains('e') {
        let message = "this function's env(…) can be read only inside it, so that its calls have no key outside";
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
    let locals: Vec<_> = (0..arguments.len()).map(|it| format_ident!("__argument_{it}")).collect();
    let mut signed: Vec<_> = record
        .parameters
        .iter()
        .zip(&locals)
        .zip(arguments)
        .filter(|((name, _), _)| !name.starts_with('-'))
        .collect();
    signed.sort_by_key(|((name, _), _)| (name.len(), (*name).clone()));
    let count = signed.len();
    let signed = signed.iter().map(|((name, local), argument)| {
        let span = Span::call_site().located_at(argument.span());
        quote::quote_spanned!(span=> __key.argument(#name, &#local)?;)
    });
    let function = expand::function(runtime, &record.name, code, Some(&record.signature));
    Ok(quote!({
        static __PERENNIAL: #runtime::Function = #function;
        #(let #locals = #arguments;)*
        let __signature = #runtime::call_signature(&__PERENNIAL, |__key| {
            __key.arguments(#count);
            #(#signed)*
            ::core::result::Result::Ok(())
        });
        // Never run: gives the arguments the types of the function's parameters.
        #[allow(unreachable_code, unused_must_use, clippy::all, clippy::pedantic)]
        if false {
            let _ = #path(#(#locals),*);
        }
        ::core::result::Result::expect(__signature, "the arguments of memo_key! can be serialised")
    }))
}
