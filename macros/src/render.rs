//! Rendering of `#[memo]`: a key, and one call of the runtime around the untouched body. Holds no rules.
//!
//! Locals of an expansion are hygienic, and its items stand in blocks without code of the user's, so
//! that no name of the function can clash with one of them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Expr, FnArg, ItemFn, Pat, Path, ReturnType, Type, parse::Parser, spanned::Spanned, token::Brace,
};

use crate::{
    asynchrony::{self, Asynchrony},
    expand::Named,
    memoized_function,
    options::Options,
    state,
    validate::{Argument, Role},
};

/// Renders a memoized function.
pub(crate) fn memo(
    mut it: ItemFn,
    arguments: &[Argument],
    options: &Options,
    named: &Named,
    runtime: &Path,
) -> TokenStream {
    let name_span = it.sig.ident.span();
    let locals = Locals::new();
    let Locals { function, begun, key, .. } = &locals;
    let frame = frame(runtime, named, function, name_span);
    let signed = signed(arguments, options, runtime, key);
    let (asynchrony, returned) = asynchrony::of(&it.sig);
    let is_async = asynchrony.is_any();
    let store = store(options, runtime, is_async);
    let kept = kept(runtime, options, &returned, is_async, &locals);
    let keyed = keyed(runtime, named, options, &returned, &locals, &signed);
    let owned = || arguments.iter().filter(|it| it.pattern.is_some());
    let (idents, patterns) = (owned().map(|it| &it.ident), owned().map(|it| &it.pattern));
    let body = &it.block;
    let values = quote!((#(#idents,)*));
    let compute = match (asynchrony, &it.sig.output) {
        (Asynchrony::Function, _) => {
            let future = quote!(#runtime::future_of::<#returned, _>(async move #body));
            quote!(move |(#(#patterns,)*)| #future)
        }
        (Asynchrony::Boxed, ReturnType::Type(_, boxed)) => {
            quote!(move |(#(#patterns,)*)| -> #boxed #body)
        }
        (Asynchrony::None, _) => quote!(move |(#(#patterns,)*)| -> #returned #body),
        _ => quote!(move |(#(#patterns,)*)| #body),
    };
    let call = if is_async {
        let span = name_span.resolved_at(Span::mixed_site());
        let checked = quote_spanned!(span=> const _: () = #runtime::check_async(););
        quote! {
            #checked
            #runtime::memoize_async(#function, #begun, #kept, #store, #values, #compute).await
        }
    } else {
        quote!(#runtime::memoize(#function, #begun, &#kept, #store, #values, #compute))
    };
    let body = quote! {
        #frame
        #keyed
        #call
    };
    let body = match asynchrony {
        Asynchrony::None | Asynchrony::Function => body,
        Asynchrony::Future => quote!(async move { #body }),
        Asynchrony::Boxed => quote!(#runtime::boxed(async move { #body })),
    };
    *it.block = memoized_function::verbatim(Brace::default(), body);
    for (input, argument) in it.sig.inputs.iter_mut().zip(arguments) {
        if let FnArg::Typed(typed) = input {
            let ident = &argument.ident;
            *typed.pat =
                Pat::parse_single.parse2(quote!(#ident)).expect("an identifier is a pattern");
        }
    }
    it.into_token_stream()
}

/// Returns what comes first: that the versions agree, that the table is watched, and the function.
pub(crate) fn frame(runtime: &Path, named: &Named, function: &Ident, span: Span) -> TokenStream {
    let version = env!("CARGO_PKG_VERSION");
    let record = function_record(runtime, named, &named.instance, Some(span));
    let tracked = named.is_of_table.then(tracked);
    quote! {
        const _: () = #runtime::check_version(#version);
        #tracked
        let #function = #record;
    }
}

/// The names that an expansion gives to what it computes.
pub(crate) struct Locals {
    pub(crate) function: Ident,
    pub(crate) begun: Ident,
    pub(crate) key: Ident,
    shape: Ident,
    equal: Ident,
}

impl Locals {
    pub(crate) fn new() -> Self {
        let [function, begun, key, shape, equal] =
            ["function", "begun", "key", "shape", "equal"].map(local);
        Self { function, begun, key, shape, equal }
    }
}

/// Returns the statements that make a call's key of what is `signed`, and that tell how its result is kept.
pub(crate) fn keyed(
    runtime: &Path,
    named: &Named,
    options: &Options,
    returned: &Type,
    locals: &Locals,
    signed: &TokenStream,
) -> TokenStream {
    let Locals { function, begun, key, shape, equal } = locals;
    let (instance, note_instance) = instance(runtime, named, key);
    let shape_of = shape_of(options, runtime, returned);
    quote! {
        #instance
        let #begun = #runtime::begin(#function, |#key| {
            #note_instance
            #signed
            ::core::result::Result::Ok(())
        });
        let #shape = #shape_of;
        let #equal = {
            use #runtime::NoEquality as _;
            #shape.is_in_scope();
            #shape.equality()
        };
    }
}

/// Returns an expression of how results are kept.
pub(crate) fn kept(
    runtime: &Path,
    options: &Options,
    returned: &Type,
    is_async: bool,
    locals: &Locals,
) -> TokenStream {
    let Locals { shape, equal, .. } = locals;
    // A result that can't be stored is an error at its type.
    let span = Span::call_site().located_at(returned.span());
    let place = at(runtime, span);
    let codec = options
        .codec
        .as_ref()
        .map_or_else(|| quote_spanned!(span=> #place::Cbor), ToTokens::to_token_stream);
    let codec_for = if is_async { quote!(codec_for_task) } else { quote!(codec_for) };
    let codec = quote_spanned!(span=> #place::#codec_for(&#shape, &#codec));
    let rules = rules(options, runtime, returned);
    quote!(#runtime::Kept { codec: #codec, rules: #rules, equal: #equal, shape: #shape })
}

/// Returns an expression of a `&'static Function`; with its state, if its calls are meant, and the place where that is
/// an error.
pub(crate) fn function_record(
    runtime: &Path,
    named: &Named,
    instance: &str,
    state: Option<Span>,
) -> TokenStream {
    let items = named.items.as_ref().filter(|it| {
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
    let Named { name, code, .. } = named;
    let (signature, executable, description) =
        (&code.signature, code.executable, &code.description);
    let instance = if executable { instance } else { "" };
    let state = state.map_or_else(
        || quote!(::core::option::Option::None),
        |span| state::reader(&named.state, name, runtime, span),
    );
    quote! {{
        static FUNCTION: #runtime::Function = #runtime::Function {
            name: #name,
            code: #runtime::Signature::from_bytes([#(#signature),*]),
            executable: #executable,
            instance: #instance,
            items: #list,
            sources: #sources,
            context: #description,
            state: #state,
        };
        &FUNCTION
    }}
}

/// A name that no code of the user's can see.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The compiler and compile caches see that the table changed.
fn tracked() -> TokenStream {
    quote!(
        const _: &[u8] =
            ::core::include_bytes!(::core::concat!(::core::env!("OUT_DIR"), "/perennial/index"));
    )
}

/// Names the running instance by a closure's type, and writes the name into the key.
fn instance(runtime: &Path, named: &Named, key: &Ident) -> (TokenStream, TokenStream) {
    if !named.code.executable {
        return (TokenStream::new(), TokenStream::new());
    }
    let name = local("instance");
    if named.is_generic {
        let of_closure = quote!(let #name = || #runtime::generic_instance_of(&|| ()););
        return (of_closure, quote!(#key.instance(#name());));
    }
    (quote!(let #name = #runtime::instance_of(&|| ());), quote!(#key.instance(#name);))
}

/// Writes arguments and environment into the key: arguments sorted as their encoded names are.
pub(crate) fn signed(
    arguments: &[Argument],
    options: &Options,
    runtime: &Path,
    key: &Ident,
) -> TokenStream {
    let mut signed: Vec<_> =
        arguments.iter().filter(|it| !matches!(it.role, Role::Skipped)).collect();
    signed.sort_by_key(|it| (it.name.len(), it.name.clone()));
    let count = signed.len();
    let checked = arguments.iter().filter(|it| it.pattern.is_some()).map(|it| {
        // One that can't be memoized is an error at its type, and so is one that can't be serialised.
        let span = Span::call_site().located_at(it.span);
        let (place, ident) = (at(runtime, span), at_span(&it.ident, it.span));
        quote_spanned! {span=> {
            use #place::AnyArgument as _;
            #place::Argument::of(&()).is_in_scope();
            #place::check_argument(&#place::Argument::of(&#ident).kind());
        }}
    });
    let signed = signed.iter().map(|it| {
        let span = Span::call_site().located_at(it.span);
        let (name, ident) = (&it.name, at_span(&it.ident, it.span));
        let key = at_span(key, it.span);
        match &it.role {
            Role::Expression(value) => {
                let span = Span::call_site().located_at(value.span());
                quote_spanned!(span=> #key.argument(#name, &(#value))?;)
            }
            Role::Unordered => {
                let place = at(runtime, span);
                quote_spanned!(span=> #key.argument(#name, &#place::Unordered(&#ident))?;)
            }
            Role::Value | Role::Skipped => quote_spanned!(span=> #key.argument(#name, &#ident)?;),
        }
    });
    let environment = options.env.iter().map(|value| {
        let label = value.to_token_stream().to_string();
        let span = Span::call_site().located_at(value.span());
        let key = at_span(key, value.span());
        quote_spanned!(span=> #key.environment(#label, &(#value))?;)
    });
    quote! {
        #key.arguments(#count);
        #(#checked)*
        #(#signed)*
        #(#environment)*
    }
}

/// Returns an expression of an optional store. One that other threads use lives as long as the program.
fn store(options: &Options, runtime: &Path, is_async: bool) -> TokenStream {
    let Some(expr) = &options.store else { return quote!(::core::option::Option::None) };
    // What is no store is an error at its place.
    let span = Span::call_site().located_at(expr.span());
    let place = at(runtime, span);
    let value = match expr {
        Expr::Path(path) => path.to_token_stream(),
        expr => quote_spanned!(span=> (#expr)),
    };
    let store = match expr {
        Expr::Path(_) if is_async => quote_spanned!(span=> #place::store_for_tasks(&#value)),
        _ if is_async => quote_spanned!(span=> #place::store_for_tasks(#value)),
        _ => quote_spanned!(span=> #place::store_for(&&#value)),
    };
    quote_spanned!(span=> ::core::option::Option::Some(#store))
}

/// Returns an expression of what of a result is stored.
fn shape_of(options: &Options, runtime: &Path, returned: &Type) -> TokenStream {
    if let Some(option) = &options.cache_err {
        let span = Span::call_site().located_at(option.span());
        let place = at(runtime, span);
        return quote_spanned!(span=> #place::with_errors::<#returned>());
    }
    quote! {{
        use #runtime::PlainReturn as _;
        #runtime::Returned::<()>::new().is_in_scope();
        (&#runtime::Returned::<#returned>::new()).shape()
    }}
}

fn rules(options: &Options, runtime: &Path, returned: &Type) -> TokenStream {
    let none = || quote!(::core::option::Option::None);
    let expires = options.expires.map_or_else(none, |it| {
        let seconds = it.as_secs();
        quote!(::core::option::Option::Some(::core::time::Duration::from_secs(#seconds)))
    });
    let keeps = options.keep_if.as_ref().map_or_else(none, |expr| {
        let span = Span::call_site().located_at(expr.span());
        let place = at(runtime, span);
        quote_spanned!(span=> #place::keeps::<#returned>(#expr))
    });
    let verify = options.verify.unwrap_or_default();
    let errors = options.cache_err.is_some();
    quote!(#runtime::Rules { expires: #expires, keeps: #keeps, errors: #errors, verify: #verify })
}

pub(crate) fn at_span(ident: &Ident, span: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(span));
    ident
}

/// The runtime's path with its tokens located somewhere else.
fn at(runtime: &Path, span: Span) -> TokenStream {
    runtime
        .to_token_stream()
        .into_iter()
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}
