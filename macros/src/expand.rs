//! `#[memo]`: from options and a function to what is rendered, by way of the table.

use std::{env, path::PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use sha2::{Digest, Sha256};
use syn::{Error, Ident, ItemFn, Path, ext::IdentExt as _, parse_quote};

use crate::{
    compilation::Compilation,
    context::{self, Code},
    index::{FunctionRecord, Index, Place, Scope, StateRecord},
    instance,
    lookup::{self, Change, Found},
    memoized_function,
    option_value::CodeScope,
    options::Options,
    render, validate, warning,
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
    let written = options.to_string();
    let options: Options = syn::parse2(options)?;
    let function = memoized_function::parse(item.clone()).map_err(|error| {
        let message = "#[memo] goes on a function or method with a body";
        Error::new(error.span(), message)
    })?;
    let arguments = validate::arguments(&function, &options)?;
    let name_span = function.sig.ident.span();
    let mut named = match lookup::find(function.sig.fn_token.span) {
        Found::Editor => return Ok(item.clone()),
        Found::NoTable(message) => return Err(Error::new(name_span, message)),
        Found::Changed(change) => return Ok(unmemoized(function, &change)),
        Found::Nowhere(index, target) => by_tokens(&index, target, &function, item, &written),
        Found::Place(index, place) => match index.function_at(&place) {
            Some((number, record)) => {
                let mut named = by_record(&index, number, record, &function)?;
                if instance::is_copy(env::var_os("OUT_DIR").map(PathBuf::from), &place) {
                    named.code.executable = true;
                    named.home = None;
                    named.instance = instance::of_expansion(Compilation::current());
                }
                named
            }
            None => by_tokens(&index, Some(place.0), &function, item, &written),
        },
    };
    let scope = match &options.code {
        CodeScope::Deep => None,
        CodeScope::Own(option) => Some((option.span(), Scope::Own)),
        CodeScope::Pinned(text) => Some((text.span(), Scope::Pinned(text.value()))),
    };
    if let Some((span, scope)) = scope {
        named = named.within(&scope).map_err(|message| Error::new(span, message))?;
    }
    if named.code.executable && !named.has_executable {
        return Ok(unmemoized(function, &Change::homeless()));
    }
    let runtime = runtime(options.krate.as_ref(), name_span)?;
    Ok(render::memo(function, &arguments, &options, &named, &runtime))
}

/// What the expansion says of the function's code.
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) code: Code,
    /// The same of the function's own source alone.
    shallow: Option<Code>,
    /// The root of its target, where no other function there has its name.
    home: Option<String>,
    /// Which of the executable's functions it is, where its digest stands for the code.
    pub(crate) instance: String,
    /// It may stand for several functions, one for each choice of types.
    pub(crate) is_generic: bool,
    /// That digest can be had.
    has_executable: bool,
    /// The source signature under which `perennial-build` listed the items behind the function.
    pub(crate) items: Option<String>,
    /// What is in the keys of its calls without being listed.
    pub(crate) state: Vec<StateRecord>,
    /// It is signed by the table, whose changes the compiler has to see.
    pub(crate) is_of_table: bool,
}

impl Named {
    /// Names a function of the table.
    pub(crate) fn of_record(
        index: &Index,
        number: usize,
        record: &FunctionRecord,
    ) -> Result<Self, &'static str> {
        let compilation = Compilation::current();
        let source = record.source().ok_or("the signature table is damaged; run `cargo clean`")?;
        let variable = |name: &str| env::var_os(name);
        Ok(Self {
            name: record.name.clone(),
            code: context::code(&source, index, Some(record), compilation, &variable),
            home: index.home_of(number),
            shallow: record.own().map(|own| {
                let record = record.shallow();
                context::code(&own, index, Some(&record), compilation, &variable)
            }),
            instance: instance::of_record(number, compilation),
            is_generic: record.flags.contains('g'),
            has_executable: context::has_executable(index, compilation),
            items: Some(record.signature.clone()),
            state: record.state.clone(),
            is_of_table: true,
        })
    }

    /// Names code by its own tokens and the executable.
    fn of_fields(index: &Index, name: String, fields: &[&str]) -> Self {
        let compilation = Compilation::current();
        let fields: Vec<_> = fields.iter().map(|it| it.as_bytes()).collect();
        Self {
            name,
            code: context::code(&hashed(&fields), index, None, compilation, &|_| None),
            shallow: None,
            home: None,
            instance: instance::of_expansion(compilation),
            // The impl around it is not known.
            is_generic: true,
            has_executable: context::has_executable(index, compilation),
            items: None,
            state: Vec::new(),
            is_of_table: false,
        }
    }

    /// Lets less than all that the function reaches be its code.
    pub(crate) fn within(mut self, scope: &Scope) -> Result<Self, &'static str> {
        if *scope == Scope::Deep {
            return Ok(self);
        }
        let Some(shallow) = self.shallow.take().filter(|_| self.is_of_table) else {
            return Err(
                "a function that another macro made has no place in the signature table, and so is \
                        known by the executable alone",
            );
        };
        if self.is_generic {
            return Err(
                "a generic function is known by the executable, which holds all that it reaches",
            );
        }
        let Some(home) = &self.home else {
            return Err(
                "several functions have this path, as blocks and macros can make them: only all of their \
                 code tells them apart",
            );
        };
        // Own source alone does not tell functions apart that reach different code.
        let package = env::var("CARGO_PKG_NAME").unwrap_or_default();
        let place = [package.as_bytes(), home.as_bytes(), self.name.as_bytes()];
        let code = match scope {
            Scope::Deep | Scope::Own => {
                let fields =
                    [&[b"perennial own code 1".as_slice()], &place[..], &[&shallow.signature]];
                Code { signature: hashed(&fields.concat()), ..shallow }
            }
            Scope::Pinned(text) => {
                let fields = [&[b"perennial pinned 1".as_slice()], &place[..], &[text.as_bytes()]];
                let description = format!("pinned {text}");
                Code { signature: hashed(&fields.concat()), executable: false, description }
            }
        };
        Ok(Self { code, items: None, ..self })
    }

    /// Tells whether calls can be told from those of other code.
    pub(crate) fn is_keyed(&self) -> bool {
        !self.code.executable || self.has_executable
    }
}

fn by_record(
    index: &Index,
    number: usize,
    record: &FunctionRecord,
    function: &ItemFn,
) -> Result<Named, Error> {
    let refuse = |message: &str| Error::new(function.sig.ident.span(), message);
    Named::of_record(index, number, record).map_err(refuse)
}

/// Signs a function that the table doesn't have by its own tokens and the executable.
fn by_tokens(
    index: &Index,
    target: Option<usize>,
    function: &ItemFn,
    item: &TokenStream,
    options: &str,
) -> Named {
    let fields = ["perennial tokens 2", options, &item.to_string()];
    let name = function.sig.ident.unraw().to_string();
    let state = target.map(|it| index.state_of_made(it, &name)).unwrap_or_default();
    Named { state, ..Named::of_fields(index, name, &fields) }
}

/// Names a closure by the function in which it stands.
pub(crate) fn closure_by_record(
    index: &Index,
    number: usize,
    record: &FunctionRecord,
    which: usize,
    place: &Place,
) -> Result<Named, &'static str> {
    let mut named = Named::of_record(index, number, record)?;
    named.name += "::{{closure}}";
    named.code.signature =
        hashed(&[b"perennial closure 1", &named.code.signature, which.to_string().as_bytes()]);
    named.items = None;
    if instance::is_copy(env::var_os("OUT_DIR").map(PathBuf::from), place) {
        named.code.executable = true;
        named.instance = instance::of_expansion(Compilation::current());
    }
    Ok(named)
}

/// Signs a closure that the table doesn't have by its own tokens and the executable.
pub(crate) fn closure_by_tokens(index: &Index, target: Option<usize>, written: &str) -> Named {
    let fields = ["perennial closure tokens 1", written];
    let state = target.map(|it| index.state_of_made_closures(it)).unwrap_or_default();
    Named { state, ..Named::of_fields(index, "{{closure}}".to_owned(), &fields) }
}

/// Hashes fields, each with its length (u64, little-endian) before it.
fn hashed(fields: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for field in fields {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    hasher.finalize().into()
}

/// The function as it is, with a warning where that can't break the build.
fn unmemoized(mut function: ItemFn, change: &Change) -> TokenStream {
    if change.can_warn {
        let name = &function.sig.ident;
        let note = format!("`{name}` is compiled without memoization: {}", change.reason);
        let warning = warning::statement(&note, name.span());
        function.block.stmts.insert(0, parse_quote!(#warning));
    }
    function.into_token_stream()
}

/// Returns the path of everything that expansions may name, with a place for errors.
pub(crate) fn runtime(given: Option<&Path>, span: Span) -> Result<Path, Error> {
    if let Some(path) = given {
        return Ok(parse_quote!(#path::__private));
    }
    let name = Compilation::current().runtime().ok_or_else(|| {
        let message = "`perennial` is no dependency of this crate; add it to Cargo.toml, or, where another \
                       crate re-exports it, say where: #[memo(crate = path::to::perennial)]";
        Error::new(span, message)
    })?;
    let name = Ident::new(name, Span::call_site());
    syn::parse2(quote_spanned!(Span::call_site()=> ::#name::__private))
}
