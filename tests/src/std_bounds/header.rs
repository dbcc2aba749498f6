//! Reads the headers of functions, impls and traits, whose names are numbered links by then: which
//! traits they ask for and which types they mention.

use std::collections::BTreeSet;

use syn::{
    ImplItemFn, ItemImpl, ItemTrait, Path, PredicateType, Token, TraitBound, TraitItemType, Type,
    TypeParam, TypeParamBound,
    punctuated::Punctuated,
    visit::{self, Visit},
};

use super::markup::Links;

/// What a piece of a header names, by page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// Traits in bounds, in `impl Trait` and in `dyn Trait`.
    pub(crate) bounds: BTreeSet<String>,
    /// Types and aliases in the order of their first mention.
    pub(crate) types: Vec<String>,
    /// Traits in bounds that have no page.
    pub(crate) unlinked: BTreeSet<String>,
    /// `fmt::Arguments` is among the types: it has values inside whose types it does not name.
    pub(crate) has_forgotten_types: bool,
}

impl Names {
    /// Adds what the impl around it names.
    pub(crate) fn merge(&mut self, other: Self) {
        self.bounds.extend(other.bounds);
        self.types.extend(other.types);
        self.unlinked.extend(other.unlinked);
        self.has_forgotten_types |= other.has_forgotten_types;
    }
}

/// The header of an impl.
#[derive(Clone, Debug)]
pub(crate) struct ImplHeader {
    /// The page of the trait.
    pub(crate) of_trait: Option<String>,
    /// Types that its self type mentions, outermost first.
    pub(crate) self_types: Vec<String>,
    /// Types that the arguments of the trait mention.
    pub(crate) argument_types: Vec<String>,
    /// All it names; the bounds are those that hold for its parameters.
    pub(crate) names: Names,
    /// It is for many types.
    pub(crate) is_generic: bool,
}

/// Reads a function's header.
pub(crate) fn function(text: &str, links: &Links) -> syn::Result<(String, Names)> {
    let parsed: ImplItemFn = syn::parse_str(&format!("{text} {{}}"))?;
    let names = Reader::read(links, |it| it.visit_signature(&parsed.sig));
    Ok((parsed.sig.ident.to_string(), names))
}

/// Reads an impl's header. That of a negative impl says no less.
pub(crate) fn implementation(text: &str, links: &Links) -> syn::Result<ImplHeader> {
    let parsed: ItemImpl = syn::parse_str(&format!("{text} {{}}"))?;
    let (of_trait, argument_types) = match &parsed.trait_ {
        Some((path, _)) => (
            linked(path, links).map(str::to_owned),
            Reader::read(links, |it| visit::visit_path(it, path)).types,
        ),
        None => (None, Vec::new()),
    };
    let is_generic = parsed.generics.type_params().next().is_some();
    let self_type: &Type = &parsed.self_ty;
    Ok(ImplHeader {
        self_types: Reader::read_all(links, |it| it.visit_type(self_type)).types,
        names: Reader::read(links, |it| it.visit_item_impl(&parsed)),
        of_trait,
        argument_types,
        is_generic,
    })
}

/// Reads a trait's declaration up to its members.
pub(crate) fn declared_trait(text: &str, links: &Links) -> syn::Result<Names> {
    // A brace after `=` is the default of a constant parameter.
    let is_body = |at: usize| !text[..at].trim_end().ends_with('=');
    let end = text.match_indices('{').map(|(at, _)| at).find(|at| is_body(*at));
    let head = text[..end.unwrap_or(text.len())].replace("const trait", "trait");
    let parsed: ItemTrait = syn::parse_str(&format!("{head} {{}}"))?;
    Ok(Reader::read(links, |it| it.visit_item_trait(&parsed)))
}

/// Reads an associated type, of a trait or of an impl.
pub(crate) fn associated_type(text: &str, links: &Links) -> syn::Result<Names> {
    let parsed: TraitItemType = syn::parse_str(&format!("{text};"))?;
    Ok(Reader::read(links, |it| it.visit_trait_item_type(&parsed)))
}

/// Returns what a declaration links to, whatever its form.
pub(crate) fn mentioned(text: &str, links: &Links) -> Vec<String> {
    text.split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter_map(|it| links.page(it))
        .map(str::to_owned)
        .collect()
}

struct Reader<'l> {
    links: &'l Links,
    names: Names,
    /// Types that have nothing of others inside count too.
    all: bool,
}

impl<'l> Reader<'l> {
    fn read_all(links: &'l Links, walk: impl FnOnce(&mut Self)) -> Names {
        let mut reader = Self { links, names: Names::default(), all: true };
        walk(&mut reader);
        reader.names
    }

    fn read(links: &'l Links, walk: impl FnOnce(&mut Self)) -> Names {
        let mut reader = Self { links, names: Names::default(), all: false };
        walk(&mut reader);
        reader.names
    }
}

/// Returns the page that a path leads to, which may be shown with the path of its module before it.
fn linked<'l>(path: &Path, links: &'l Links) -> Option<&'l str> {
    path.segments.iter().find_map(|it| links.page(&it.ident.to_string()))
}

/// Tells whether a type may have types of others inside: a parameter or `Self` occurs in it.
fn is_open(path: &Path, links: &Links) -> bool {
    struct Open<'l>(&'l Links, bool);
    impl<'ast> Visit<'ast> for Open<'_> {
        fn visit_path(&mut self, path: &'ast Path) {
            let first = path.segments[0].ident.to_string();
            self.1 |= linked(path, self.0).is_none() && !PRIMITIVES.contains(&first.as_str());
            visit::visit_path(self, path);
        }
    }
    let mut open = Open(links, false);
    visit::visit_path(&mut open, path);
    open.1
}

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f128", "f16", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str",
    "u128", "u16", "u32", "u64", "u8", "usize",
];

impl Reader<'_> {
    /// Only unstable code has allocators of its own, so that nothing else which is asked of one runs
    /// code of others.
    fn is_allocator(&self, bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
        bounds.iter().any(|it| match it {
            TypeParamBound::Trait(it) => {
                linked(&it.path, self.links).is_some_and(|it| it.ends_with("/trait.Allocator.html"))
            }
            _ => false,
        })
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_type_param(&mut self, parameter: &'ast TypeParam) {
        if !self.is_allocator(&parameter.bounds) {
            visit::visit_type_param(self, parameter);
        }
    }

    fn visit_predicate_type(&mut self, predicate: &'ast PredicateType) {
        if !self.is_allocator(&predicate.bounds) {
            visit::visit_predicate_type(self, predicate);
        }
    }

    fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
        if bound.maybe.is_some() {
            return;
        }
        match linked(&bound.path, self.links) {
            Some(page) => self.names.bounds.insert(page.to_owned()),
            None => self.names.unlinked.insert(bound.path.segments[0].ident.to_string()),
        };
        for segment in &bound.path.segments {
            self.visit_path_arguments(&segment.arguments);
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if let Some(page) = linked(path, self.links) {
            self.names.has_forgotten_types |= page.ends_with("/fmt/struct.Arguments.html");
            if self.all || is_open(path, self.links) {
                self.names.types.push(page.to_owned());
            }
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::std_bounds::markup::to_rust;

    fn link(kind: &str, name: &str) -> String {
        format!("<a class=\"{kind}\" href=\"{kind}.{name}.html\">{name}</a>")
    }

    #[test]
    fn bounds_are_found_wherever_they_are_written() {
        let mut links = Links::default();
        let html = format!(
            "pub fn f&lt;A: {}&gt;(a: A, b: impl {}, c: &amp;dyn {}) where A::Item: {} + ?{}",
            link("trait", "Clone"),
            link("trait", "Debug"),
            link("trait", "Hash"),
            link("trait", "Ord"),
            link("trait", "Sized"),
        );
        let (name, names) = function(&to_rust(&html, "core/x.html", &mut links), &links).unwrap();
        assert_eq!(name, "f");
        let bounds: Vec<_> = names.bounds.iter().map(|it| &it["core/trait.".len()..]).collect();
        assert_eq!(bounds, ["Clone.html", "Debug.html", "Hash.html", "Ord.html"]);
    }

    #[test]
    fn a_type_counts_if_something_of_others_can_be_inside() {
        let mut links = Links::default();
        let cow = link("enum", "Cow");
        let html = format!("pub fn f&lt;T&gt;(a: {cow}&lt;'_, str&gt;) -&gt; {cow}&lt;'_, T&gt;");
        let open = function(&to_rust(&html, "core/x.html", &mut links), &links).unwrap().1;
        assert_eq!(open.types, ["core/enum.Cow.html"]);
        let html = format!("pub fn f() -&gt; {cow}&lt;'_, str&gt;");
        let closed = function(&to_rust(&html, "core/x.html", &mut links), &links).unwrap().1;
        assert!(closed.types.is_empty());
    }

    #[test]
    fn what_an_allocator_has_to_be_does_not_count() {
        let mut links = Links::default();
        let html = format!(
            "impl&lt;A: {} + {}&gt; {} for {}&lt;A&gt;",
            link("trait", "Allocator"),
            link("trait", "Clone"),
            link("trait", "Debug"),
            link("struct", "Vec"),
        );
        let text = to_rust(&html, "core/x.html", &mut links);
        let header = implementation(&text, &links).unwrap();
        assert!(header.names.bounds.is_empty());
        assert_eq!(header.of_trait.as_deref(), Some("core/trait.Debug.html"));
        assert_eq!(header.self_types, ["core/struct.Vec.html"]);
    }

    #[test]
    fn a_trait_ends_where_its_members_begin() {
        let mut links = Links::default();
        let html = format!(
            "pub trait Step&lt;const N: usize = {{ M }}&gt;: {} {{ fn next(); }}",
            link("trait", "Clone"),
        );
        let text = to_rust(&html, "core/x.html", &mut links);
        assert_eq!(declared_trait(&text, &links).unwrap().bounds.len(), 1);
    }
}
