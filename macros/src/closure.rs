//! `memo_fn!`: from captures and a closure to a callable that memoizes.
//!
//! The body becomes a closure that captures nothing, which takes what is captured as an argument: so
//! nothing that isn't listed, and so isn't in the key, can be used in it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Error, Pat, Result, Token, Type, braced, bracketed,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    spanned::Spanned,
    token::Bracket,
};

use crate::{
    expand::{self, Named},
    lookup::{self, Found},
    memoized_function,
    options::Options,
    refused_type,
    render::{self, Locals},
    validate::{self, Argument},
};

/// Expands `memo_fn!([y, &z] |x: i64| -> i64 { … })`.
pub(crate) fn memo_fn(input: TokenStream) -> TokenStream {
    let start = input.clone().into_iter().next().map_or_else(Span::call_site, |it| it.span());
    expand(input, start).unwrap_or_else(Error::into_compile_error)
}

fn expand(input: TokenStream, start: Span) -> Result<TokenStream> {
    let written = input.to_string();
    let closure: Closure = syn::parse2(input)?;
    refused_type::in_result(&closure.returned, false)?;
    let arguments = validate::of_closure(&closure.parameters)?;
    let found = lookup::find(start);
    if matches!(found, Found::Editor) {
        return Ok(closure.as_written(&arguments));
    }
    let runtime = expand::runtime(None, start)?;
    let named = match found {
        Found::NoTable(message) => return Err(Error::new(start, message)),
        Found::Editor | Found::Changed(_) => return Ok(closure.as_written(&arguments)),
        Found::Nowhere(index, target) => expand::closure_by_tokens(&index, target, &written),
        Found::Place(index, place) => match index.closure_at(&place) {
            Some((number, record, which)) => {
                expand::closure_by_record(&index, number, record, which, &place)
                    .map_err(|message| Error::new(start, message))?
            }
            None => expand::closure_by_tokens(&index, Some(place.0), &written),
        },
    };
    if !named.is_keyed() {
        return Ok(closure.as_written(&arguments));
    }
    Ok(rendered(&closure, &arguments, &named, &runtime))
}

/// What `memo_fn!` is given.
struct Closure {
    captures: Vec<Capture>,
    is_async: bool,
    parameters: Vec<Parameter>,
    returned: Type,
    body: syn::Block,
}

/// `y`, which is cloned, or `&z`, which is borrowed.
struct Capture {
    is_borrowed: bool,
    name: Ident,
}

/// A parameter, with its type if one is written.
pub(crate) struct Parameter {
    pub(crate) pattern: Pat,
    pub(crate) ty: Option<Type>,
}

const USAGE: &str = "write memo_fn!([captured, &borrowed] |argument: Type| -> Result { … }): what the closure uses of \
                     the scope around it is listed, and its type is written";

impl Parse for Closure {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut captures = Vec::new();
        if input.peek(Bracket) {
            let list;
            bracketed!(list in input);
            captures.extend(list.call(Punctuated::<Capture, Token![,]>::parse_terminated)?);
        }
        let is_async = input.parse::<Option<Token![async]>>()?.is_some();
        // It owns what it captures in any case.
        input.parse::<Option<Token![move]>>()?;
        let mut parameters = Vec::new();
        if input.parse::<Option<Token![||]>>()?.is_none() {
            input.parse::<Token![|]>().map_err(|error| Error::new(error.span(), USAGE))?;
            while !input.peek(Token![|]) {
                parameters.push(input.parse()?);
                if !input.peek(Token![|]) {
                    input.parse::<Token![,]>()?;
                }
            }
            input.parse::<Token![|]>()?;
        }
        input.parse::<Token![->]>().map_err(|error| Error::new(error.span(), USAGE))?;
        let returned = input.parse()?;
        let body;
        let braces = braced!(body in input);
        let body = memoized_function::verbatim(braces, body.parse()?);
        let closure = Self { captures, is_async, parameters, returned, body };
        if input.is_empty() { Ok(closure) } else { Err(input.error(USAGE)) }
    }
}

impl Parse for Capture {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let is_borrowed = input.parse::<Option<Token![&]>>()?.is_some();
        if let Some(exclusive) = input.parse::<Option<Token![mut]>>()? {
            let message = "a hit runs no body, so that nothing captured would be changed; return the new value";
            return Err(Error::new(exclusive.span(), message));
        }
        if let Some(it) = input.parse::<Option<Token![self]>>()? {
            let message = "`self` can't be captured by that name; write `let model = self;` and capture `model`";
            return Err(Error::new(it.span(), message));
        }
        Ok(Self { is_borrowed, name: input.parse()? })
    }
}

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let pattern = Pat::parse_single(input)?;
        let ty =
            if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
        Ok(Self { pattern, ty })
    }
}

impl Closure {
    /// The callable without memoization. It clones for each call, as the other does for each miss.
    fn as_written(&self, arguments: &[Argument]) -> TokenStream {
        let captures = self.captures.iter().map(|Capture { is_borrowed, name }| {
            if *is_borrowed {
                quote!(let #name = &#name;)
            } else {
                quote!(let #name = ::core::clone::Clone::clone(&#name);)
            }
        });
        let cloned = self.captures.iter().filter(|it| !it.is_borrowed).map(|it| &it.name);
        let cloned = quote!(#(let #cloned = ::core::clone::Clone::clone(&#cloned);)*);
        let [result, given] = ["result", "given"].map(render::local);
        let idents: Vec<_> = arguments.iter().map(|it| &it.ident).collect();
        let typed = self.typed(arguments);
        let (returned, body) = (&self.returned, self.body(arguments));
        let bound = quote! {
            let #given = (#(#idents,)*);
            #cloned
            let (#(#idents,)*) = #given;
        };
        let body = if self.is_async {
            quote!({ #bound async move { let #result: #returned = async move { #body }.await; #result } })
        } else {
            quote!(-> #returned { #bound #body })
        };
        quote!({ #(#captures)* move |#(#typed),*| #body })
    }

    /// The parameters as they are named outside of the body.
    fn typed<'a>(&'a self, arguments: &'a [Argument]) -> impl Iterator<Item = TokenStream> + 'a {
        self.parameters.iter().zip(arguments).map(|(it, argument)| {
            let (ident, ty) = (&argument.ident, it.ty.as_ref().map(|ty| quote!(: #ty)));
            quote!(#ident #ty)
        })
    }

    /// The body, with its parameters taken apart.
    fn body(&self, arguments: &[Argument]) -> TokenStream {
        let (idents, patterns) =
            (arguments.iter().map(|it| &it.ident), self.parameters.iter().map(|it| &it.pattern));
        let statements = &self.body.stmts;
        quote!(let (#(#patterns,)*) = (#(#idents,)*); #(#statements)*)
    }
}

fn rendered(
    closure: &Closure,
    arguments: &[Argument],
    named: &Named,
    runtime: &syn::Path,
) -> TokenStream {
    let [captured, given] = ["captured", "given"].map(render::local);
    let locals = Locals::new();
    let Locals { function, begun, key, .. } = &locals;
    let options = Options::default();
    let frame = render::frame(runtime, named, function, Span::call_site());
    let signed = render::signed(arguments, &options, runtime, key);
    let listed: Vec<_> = closure.captures.iter().map(|it| &it.name).collect();
    let values = closure.captures.iter().map(|Capture { is_borrowed, name }| {
        let span = Span::mixed_site().located_at(name.span());
        if *is_borrowed {
            quote_spanned!(span=> &#name)
        } else {
            quote_spanned!(span=> ::core::clone::Clone::clone(&#name))
        }
    });
    let environment = closure.captures.iter().enumerate().map(|(place, it)| {
        let span = Span::mixed_site().located_at(it.name.span());
        let (key, captured) = (render::at_span(key, span), render::at_span(&captured, span));
        let (place, label) = (
            syn::Index { index: u32::try_from(place).unwrap_or(u32::MAX), span },
            it.name.to_string(),
        );
        quote_spanned!(span=> #key.environment(#label, &#captured.#place)?;)
    });
    let taken = closure.captures.iter().map(|Capture { is_borrowed, name }| {
        if *is_borrowed {
            quote!(let #name = *#name;)
        } else {
            quote!(let #name = ::core::clone::Clone::clone(#name);)
        }
    });
    let idents: Vec<_> = arguments.iter().map(|it| &it.ident).collect();
    let typed: Vec<_> = closure.typed(arguments).collect();
    let (returned, body) = (&closure.returned, closure.body(arguments));
    // What is captured is bound before the parameters, which may have the same names.
    let bound = quote! {
        let (#(#listed,)*) = #captured;
        #(#taken)*
        let (#(#idents,)*) = #given;
    };
    let kept = render::kept(runtime, &options, returned, closure.is_async, &locals);
    let signed = quote!(#signed #(#environment)*);
    let keyed = render::keyed(runtime, named, &options, returned, &locals, &signed);
    let none = quote!(::core::option::Option::None);
    if closure.is_async {
        return quote! {{
            const _: () = #runtime::check_async();
            #frame
            let #captured = #runtime::shared((#(#values,)*));
            move |#(#typed),*| {
                let #captured = #runtime::share(&#captured);
                async move {
                    #keyed
                    #runtime::memoize_async(#function, #begun, #kept, #none, (#(#idents,)*), |#given| {
                        #runtime::apply(&*#captured, #given, |#captured, #given| {
                            #bound
                            #runtime::future_of::<#returned, _>(async move { #body })
                        })
                    })
                    .await
                }
            }
        }};
    }
    quote! {{
        #frame
        let #captured = (#(#values,)*);
        move |#(#typed),*| -> #returned {
            #keyed
            #runtime::memoize(#function, #begun, &#kept, #none, (#(#idents,)*), |#given| {
                #runtime::apply(&#captured, #given, |#captured, #given| -> #returned {
                    #bound
                    #body
                })
            })
        }
    }}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(tokens: TokenStream) -> String {
        syn::parse2::<Closure>(tokens).err().expect("it is refused").to_string()
    }

    #[test]
    fn closures_are_read() {
        let closure: Closure =
            syn::parse2(quote!([y, &z] |x: i64, (a, b)| -> i64 { x + y - z + a * b })).unwrap();
        assert_eq!((closure.captures.len(), closure.parameters.len()), (2, 2));
        assert!(closure.captures[1].is_borrowed && !closure.is_async);
        let closure: Closure = syn::parse2(quote!(async || -> u8 { 1 })).unwrap();
        assert!(closure.is_async && closure.captures.is_empty() && closure.parameters.is_empty());
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(error(quote!([y] |x: i64| x + y)), USAGE);
        assert_eq!(error(quote!([y] x)), USAGE);
        assert!(error(quote!([&mut y] || -> u8 { y })).contains("return the new value"));
        assert!(error(quote!([&self] || -> u8 { 1 })).contains("let model = self;"));
    }
}
