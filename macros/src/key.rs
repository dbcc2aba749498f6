//! Rendering of `memo_key!`, and what it has in common with `memo_call!`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Error, Expr, ExprPath, spanned::Spanned};

use crate::{
    expand::{self, Named},
    index::{FunctionRecord, KeyRecord},
    lookup::{self, Found},
    render,
};

/// Expands `memo_key!(path)` and `memo_key!(path(arguments))`.
pub(crate) fn memo_key(input: TokenStream) -> TokenStream {
    expand(input).unwrap_or_else(Error::into_compile_error)
}

fn expand(input: TokenStream) -> Result<TokenStream, Error> {
    let usage = "write memo_key!(path::to::function) or memo_key!(function(argument, …))";
    let input: Expr = syn::parse2(input).map_err(|error| Error::new(error.span(), usage))?;
    let asked = Asked::of(input, usage)?;
    let found = asked.look_up("memo_key!");
    let runtime = match expand::runtime(None, asked.start()) {
        Ok(runtime) => runtime,
        // An editor never sees an error.
        Err(_) if matches!(found, Ok(None)) => return Ok(quote!(::core::unreachable!())),
        Err(error) => return Err(error),
    };
    let Some((record, named)) = found? else {
        return Ok(quote!(#runtime::Signature::from_bytes([0; 32])));
    };
    match &asked.arguments {
        None => Ok(of_code(&runtime, &named)),
        Some(arguments) => of_call(&runtime, &record, &named, &asked.path, arguments),
    }
}

/// A function that is asked about, with the arguments of a call if it is one.
pub(crate) struct Asked {
    pub(crate) path: ExprPath,
    pub(crate) arguments: Option<Vec<Expr>>,
}

impl Asked {
    pub(crate) fn of(input: Expr, usage: &str) -> Result<Self, Error> {
        match bare(input) {
            Expr::Path(path) => Ok(Self { path, arguments: None }),
            Expr::Call(call) => match bare(*call.func) {
                Expr::Path(path) => {
                    Ok(Self { path, arguments: Some(call.args.into_iter().collect()) })
                }
                other => Err(Error::new_spanned(other, usage)),
            },
            other => Err(Error::new_spanned(other, usage)),
        }
    }

    /// Where the table has it.
    pub(crate) fn start(&self) -> Span {
        let path = &self.path.path;
        path.leading_colon.map_or_else(
            || path.segments.first().map_or_else(|| path.span(), |it| it.ident.span()),
            |it| it.spans[0],
        )
    }

    /// Finds the function in the table; none where an editor asks.
    pub(crate) fn look_up(&self, asking: &str) -> Result<Option<(FunctionRecord, Named)>, Error> {
        let start = self.start();
        let unknown = || {
            let message = format!(
                "{asking} is not found in the signature table at this place; call it outside other macros' \
                 output"
            );
            Error::new(start, message)
        };
        let (index, place) = match lookup::find(start) {
            Found::Place(index, place) => (index, place),
            Found::Editor => return Ok(None),
            Found::NoTable(message) => return Err(Error::new(start, message)),
            Found::Nowhere(..) => return Err(unknown()),
            Found::Changed(change) => {
                let message = format!("{asking} can't name the code: {}", change.reason);
                return Err(Error::new(start, message));
            }
        };
        let found = match index.key_at(&place) {
            Some(KeyRecord::Function(number)) => {
                index.functions.get(*number).map(|it| (*number, it))
            }
            Some(KeyRecord::Refused(message)) => {
                return Err(Error::new_spanned(&self.path, message));
            }
            None => None,
        };
        let (number, record) = found.ok_or_else(unknown)?;
        if record.flags.contains('h') && record.flags.contains('w') {
            let message = "another attribute writes this function anew before #[memo] sees it, so that its code is \
                           not known outside; put #[memo] above it";
            return Err(Error::new_spanned(&self.path, message));
        }
        let named = Named::of_record(&index, number, record)
            .map_err(|message| Error::new(start, message))?;
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
        Ok(Some((record.clone(), named)))
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

fn of_code(runtime: &syn::Path, named: &Named) -> TokenStream {
    if named.code.executable {
        let function = render::function_record(runtime, named, "", None);
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
    let signing = signing(runtime, record, named, path, arguments)?;
    let function = render::function_record(runtime, named, &named.instance, Some(path.span()));
    let types = types(arguments);
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
                &__perennial_arguments(#path, (#(#arguments,)*)),
                #signing,
            ),
            "the arguments of memo_key! can be serialised",
        )
    }))
}

/// Names of the types of arguments. A function pointer gives these the types of the parameters before
/// they are looked at, so that they are coerced as in the call.
pub(crate) fn types(arguments: &[Expr]) -> Vec<Ident> {
    (0..arguments.len()).map(|it| format_ident!("A{it}")).collect()
}

/// Returns a closure that writes a tuple of a call's arguments into its key, or says why a call's key is
/// not known outside the function.
pub(crate) fn signing(
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
    Ok(quote! {
        |(#(#bound,)*), #key| {
            #instance
            #key.arguments(#count);
            #(#signed)*
            ::core::result::Result::Ok(())
        }
    })
}
