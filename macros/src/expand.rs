//! Rendering of `#[memo]`: one call of the runtime around the untouched body.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use sha2::{Digest, Sha256};
use syn::{Error, Expr, FnArg, Ident, ItemFn, Pat, Path, ReturnType, parse::Parser, parse_quote};

use crate::{
    compilation::Compilation,
    context::{self, Code},
    index::{FunctionRecord, Index},
    lookup::{self, Found},
    options::Options,
    validate::{self, Argument},
};

/// Expands `#[memo(options)] item`. Errors come with the unmodified item, so that there is no second
/// one for want of the function.
pub(crate) fn memo(options: TokenStream, item: &TokenStream) -> TokenStream {
    match expand(options, item) {
        Ok(tokens) => tokens,
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#error #item)
        }
    }
}

fn expand(options: TokenStream, item: &TokenStream) -> Result<TokenStream, Error> {
    let options: Options = syn::parse2(options)?;
    let function: ItemFn = syn::parse2(item.clone()).map_err(|error| {
        let message = "#[memo] goes on a function or method with a body";
        Error::new(error.span(), message)
    })?;
    let arguments = validate::arguments(&function.sig, &options.skip)?;
    let name_span = function.sig.ident.span();
    let code = match lookup::find(function.sig.fn_token.span) {
        Found::Editor => return Ok(item.clone()),
        Found::NoTable(message) => return Err(Error::new(name_span, message)),
        Found::Changed(file) => return Ok(unmemoized(&function, &file)),
        Found::Nowhere(index) => by_tokens(&index, &function, item),
        Found::Place(index, place) => match index.function_at(&place) {
            Some(record) => by_record(&index, record, &function)?,
            None => by_tokens(&index, &function, item),
        },
    };
    Ok(render(function, &arguments, &options, &code))
}

/// What the expansion says of the function's code.
struct Named {
    name: String,
    code: Code,
    /// The source signature under which `perennial-build` listed the items behind the function.
    items: Option<String>,
}

fn by_record(index: &Index, record: &FunctionRecord, function: &ItemFn) -> Result<Named, Error> {
    if record.flags.contains('g') {
        let message = "a method of a generic impl or a trait's default can't be memoized yet: its type \
                       arguments would have to be in the key; memoize a function for each type";
        return Err(Error::new(function.sig.ident.span(), message));
    }
    let source = record.source().ok_or_else(|| {
        Error::new(function.sig.ident.span(), "the signature table is damaged; run `cargo clean`")
    })?;
    Ok(Named {
        name: record.name.clone(),
        code: context::code(&source, index, Some(record), Compilation::current()),
        items: Some(record.signature.clone()),
    })
}

/// Signs a function that the table doesn't have by its own tokens and the executable.
fn by_tokens(index: &Index, function: &ItemFn, item: &TokenStream) -> Named {
    let mut hasher = Sha256::new();
    for field in ["perennial tokens 1", &item.to_string()] {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    Named {
        name: function.sig.ident.to_string(),
        code: context::code(&hasher.finalize().into(), index, None, Compilation::current()),
        items: None,
    }
}

/// The function as it is, with a warning.
fn unmemoized(function: &ItemFn, file: &str) -> TokenStream {
    let name = &function.sig.ident;
    let note = format!(
        "`{name}` is compiled without memoization: {file} changed while the build was running; build again"
    );
    let warning = warning(&note, name.span());
    let ItemFn { attrs, vis, sig, block, .. } = function;
    quote!(#(#attrs)* #vis #sig { #warning #block })
}

/// A statement that makes the compiler print a warning: stable macros have no other way.
pub(crate) fn warning(note: &str, span: Span) -> TokenStream {
    let name = Ident::new("perennial", span.resolved_at(Span::mixed_site()));
    quote_spanned! {span.resolved_at(Span::mixed_site())=>
        {
            #[deprecated(note = #note)]
            #[allow(non_upper_case_globals)]
            const #name: () = ();
            #[warn(deprecated)]
            let () = #name;
        }
    }
}

/// Returns the path of everything that expansions may name.
pub(crate) fn runtime() -> Path {
    runtime_at(Span::call_site())
}

/// The same, with a place for errors.
fn runtime_at(span: Span) -> Path {
    let name = Ident::new(Compilation::current().runtime(), span);
    syn::parse2(quote_spanned!(span=> ::#name::__private)).expect("it is a path")
}

/// Returns the expression of a `Function`.
pub(crate) fn function(
    runtime: &Path,
    name: &str,
    code: &Code,
    items: Option<&str>,
) -> TokenStream {
    let items = items.filter(|it| {
        std::env::var_os("OUT_DIR").is_some_and(|out_dir| {
            std::path::Path::new(&out_dir).join("perennial").join("items").join(it).is_file()
        })
    });
    let (list, sources) = match items {
        Some(items) => {
            let path = format!("/perennial/items/{items}");
            (
                quote!(::core::include_str!(::core::concat!(::core::env!("OUT_DIR"), #path))),
                quote!(::core::concat!(::core::env!("OUT_DIR"), "/perennial/source")),
            )
        }
        None => (quote!(""), quote!("")),
    };
    let Code { signature, executable, description } = code;
    quote! {
        #runtime::Function {
            name: #name,
            code: #runtime::Signature::from_bytes([#(#signature),*]),
            executable: #executable,
            items: #list,
            sources: #sources,
            context: #description,
        }
    }
}

fn render(mut it: ItemFn, arguments: &[Argument], options: &Options, named: &Named) -> TokenStream {
    let runtime = runtime();
    let version = env!("CARGO_PKG_VERSION");
    let function = function(&runtime, &named.name, &named.code, named.items.as_deref());
    let tracked = named.items.iter().map(|_| {
        // The compiler and compile caches see that the table changed.
        quote!(
            const _: &[u8] = ::core::include_bytes!(::core::concat!(
                ::core::env!("OUT_DIR"),
                "/perennial/index"
            ));
        )
    });
    let tracked: TokenStream = tracked.collect();

    let owned: Vec<_> = arguments.iter().filter(|it| it.pattern.is_some()).collect();
    let idents: Vec<_> = owned.iter().map(|it| &it.ident).collect();
    let patterns: Vec<_> = owned.iter().map(|it| &it.pattern).collect();
    let bound: Vec<_> = owned
        .iter()
        .map(|it| if it.is_skipped { quote!(_) } else { it.ident.to_token_stream() })
        .collect();
    let (count, signed) = signed(arguments);
    let environment = options.env.iter().map(|value| {
        let label = value.to_token_stream().to_string();
        quote!(__key.environment(#label, &(#value))?;)
    });
    let returned = match &it.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let span = Span::call_site().located_at(syn::spanned::Spanned::span(&returned));
    let place = runtime_at(span);
    let codec = options
        .codec
        .as_ref()
        .map_or_else(|| quote_spanned!(span=> #place::Cbor), ToTokens::to_token_stream);
    // A result that can't be stored is an error at its type.
    let codec = quote_spanned!(span=> #place::codec_for(&__shape, &#codec));
    let store = match &options.store {
        Some(Expr::Path(path)) => quote!(::core::option::Option::Some(&#path)),
        Some(expr) => quote!(::core::option::Option::Some(&(#expr))),
        None => quote!(::core::option::Option::None),
    };
    let body = &it.block;
    let body: syn::Block = parse_quote!({
        const _: () = #runtime::check_version(#version);
        #tracked
        static __PERENNIAL: #runtime::Function = #function;
        #[allow(unused_imports)]
        use #runtime::PlainReturn as _;
        let __shape = (&#runtime::Returned::<#returned>::new()).shape();
        let __codec = #codec;
        #runtime::memoize(
            &__PERENNIAL,
            __shape,
            __codec,
            #store,
            (#(#idents,)*),
            |(#(#bound,)*), __key| {
                __key.arguments(#count);
                #signed
                #(#environment)*
                ::core::result::Result::Ok(())
            },
            move |(#(#patterns,)*)| -> #returned #body,
        )
    });
    it.block = Box::new(body);
    for (input, argument) in it.sig.inputs.iter_mut().zip(arguments) {
        if let FnArg::Typed(typed) = input {
            let ident = &argument.ident;
            *typed.pat =
                Pat::parse_single.parse2(quote!(#ident)).expect("an identifier is a pattern");
        }
    }
    it.into_token_stream()
}

/// Writes the arguments into the key, sorted as their encoded names are.
fn signed(arguments: &[Argument]) -> (usize, TokenStream) {
    let mut signed: Vec<_> = arguments.iter().filter(|it| !it.is_skipped).collect();
    signed.sort_by_key(|it| (it.name.len(), it.name.clone()));
    let tokens = signed.iter().map(|it| {
        // An argument that can't be serialised is an error at its type.
        let span = Span::call_site().located_at(it.span);
        let (name, mut ident) = (&it.name, it.ident.clone());
        ident.set_span(ident.span().located_at(it.span));
        quote_spanned!(span=> __key.argument(#name, #ident)?;)
    });
    (signed.len(), tokens.collect())
}
