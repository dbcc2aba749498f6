//! `#[perennial::env]`: from a static to itself and an accessor that memoized functions anywhere can use, however private
//! the static is: an implementation of a trait of the runtime's, which has no visibility.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use sha2::{Digest, Sha256};
use syn::{
    Error, Expr, Result, Token,
    parse::{Parse, ParseStream},
};

use crate::{compilation::Compilation, expand, hex, position, render, state};

/// Expands `#[perennial::env]` on an item. Errors come with the unmodified item.
pub(crate) fn env(options: TokenStream, item: &TokenStream) -> TokenStream {
    match expand(options, item) {
        Ok(accessor) => quote!(#item #accessor),
        Err(error) => {
            let error = error.into_compile_error();
            quote!(#error #item)
        }
    }
}

fn expand(options: TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let options: Mark = syn::parse2(options)?;
    let Some(place) = Place::of(item) else {
        let message = "#[perennial::env] goes on a static, also within thread_local!";
        return Err(Error::new_spanned(item, message));
    };
    let Place { name, is_mutable } = place;
    match (&options, is_mutable) {
        (Mark::Skip, _) => return Ok(TokenStream::new()),
        (Mark::Unsafe(_), true) | (Mark::Value | Mark::With(_), false) => {}
        (Mark::Unsafe(it), false) => {
            return Err(Error::new(it.span, "`unsafe` is for a `static mut`"));
        }
        (_, true) => {
            let message = "reading a `static mut` is sound only while nothing writes it; make it an atomic or put it \
                           in a `Mutex`, or vouch for that: #[perennial::env(unsafe)]";
            return Err(Error::new(name.span(), message));
        }
    }
    let compilation = Compilation::current();
    if !compilation.is_real() {
        return Ok(TokenStream::new());
    }
    let runtime = expand::runtime(None, name.span())?;
    let Some(mark) = number(compilation, name.span()) else {
        let message = "what another macro makes has no place by which it could be found; write the static out, or let \
                       memoized functions list it: #[memo(env(…))]";
        return Err(Error::new(name.span(), message));
    };
    let [given, named] = ["state", "named"].map(render::local);
    let note = "say what of it counts: #[perennial::env(with = |it| …)], or that it changes no result: \
                #[perennial::env(skip)]";
    let message =
        format!("the static `{name}` can't be in a key: nothing serialises what it holds");
    let says = Some((message.as_str(), note));
    let of_place = |place: TokenStream| {
        state::of_place(&place, &runtime, &given, &quote!(#named), says, name.span())
    };
    let read = match &options {
        Mark::With(expr) => quote!(#given.add(#named, &#runtime::with(&#name, #expr))),
        Mark::Unsafe(_) => of_place(quote!(unsafe { &*&raw const #name })),
        Mark::Value | Mark::Skip => of_place(quote!(&#name)),
    };
    Ok(quote! {
        const _: () = {
            pub struct Mark;
            impl #runtime::Marked<Mark, #mark> for () {
                fn read(#given: &mut #runtime::State, #named: #runtime::Named) -> #runtime::Result<()> {
                    #read
                }
            }
        };
    })
}

/// What stands between the parentheses of `#[perennial::env(…)]`.
enum Mark {
    /// Nothing: the value is in the key.
    Value,
    /// It is no state.
    Skip,
    /// What this makes of it is.
    With(Box<Expr>),
    /// Nothing writes it while memoized functions run.
    Unsafe(Token![unsafe]),
}

impl Parse for Mark {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let usage = "write #[perennial::env], #[perennial::env(with = |it| …)], #[perennial::env(skip)] or, on a \
                     `static mut`, #[perennial::env(unsafe)]";
        if input.is_empty() {
            return Ok(Self::Value);
        }
        if let Some(it) = input.parse::<Option<Token![unsafe]>>()? {
            return if input.is_empty() { Ok(Self::Unsafe(it)) } else { Err(input.error(usage)) };
        }
        let word: Ident = input.parse().map_err(|error| Error::new(error.span(), usage))?;
        let mark = if word == "skip" {
            Self::Skip
        } else if word == "with" {
            input.parse::<Token![=]>().map_err(|error| Error::new(error.span(), usage))?;
            Self::With(input.parse()?)
        } else {
            return Err(Error::new(word.span(), usage));
        };
        if input.is_empty() { Ok(mark) } else { Err(input.error(usage)) }
    }
}

/// The static, or the constant that `thread_local!` makes of one.
struct Place {
    name: Ident,
    is_mutable: bool,
}

impl Place {
    fn of(item: &TokenStream) -> Option<Self> {
        match syn::parse2(item.clone()).ok()? {
            syn::Item::Static(it) => Some(Self {
                name: it.ident,
                is_mutable: matches!(it.mutability, syn::StaticMutability::Mut(_)),
            }),
            syn::Item::Const(it) if it.ty.to_token_stream().to_string().contains("LocalKey") => {
                Some(Self { name: it.ident, is_mutable: false })
            }
            _ => None,
        }
    }
}

/// The number by which `perennial-build` knows the static (its `environment`).
fn number(compilation: &Compilation, span: Span) -> Option<u128> {
    let root = compilation.root.as_ref()?.canonicalize().ok()?;
    let (folder, root) = (root.parent()?, root.file_name()?.to_str()?);
    let out_dir = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from);
    let out_dir = out_dir.and_then(|it| it.canonicalize().ok());
    // Nothing lies in a file.
    let out_dir = out_dir.unwrap_or_else(|| folder.join(root).join("out"));
    let (file, line, column) = position::of(span, folder, &out_dir)?;
    let krate = compilation.crate_name.as_deref()?;
    let (line, column) = (line.to_string(), column.to_string());
    let mut hasher = Sha256::new();
    for field in ["perennial environment mark 1", krate, root, &file, &line, &column] {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    u128::from_str_radix(hex::hex(&hasher.finalize()).get(..32)?, 16).ok()
}
