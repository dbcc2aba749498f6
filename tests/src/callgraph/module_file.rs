//! From the text of one file to its functions and constants and to the files of its modules. Expands no macros:
//! what they make is not found.

use std::path::{Path, PathBuf};

use syn::{spanned::Spanned as _, visit::Visit};

use super::{
    place::without_dots,
    source::{Constant, Function, Implementation, ItemPath},
};

/// A file that holds a module.
pub(crate) struct ModuleFile {
    /// Relative to the package.
    pub(crate) file: PathBuf,
    /// Where the files of its modules lie.
    pub(crate) folder: PathBuf,
    /// The names of the modules down to it, below the crate.
    pub(crate) path: Vec<String>,
    /// It is compiled for tests only.
    pub(crate) is_test: bool,
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) functions: Vec<Function>,
    pub(crate) constants: Vec<Constant>,
    /// The files that its modules may be.
    pub(crate) modules: Vec<ModuleFile>,
}

impl ModuleFile {
    /// Returns what the file's text holds; nothing, where it isn't Rust.
    pub(crate) fn items(&self, text: &str) -> Items {
        let Ok(syntax) = syn::parse_file(text) else { return Items::default() };
        let mut walk = Walk {
            text,
            module: self,
            around: Around {
                path: ItemPath { segments: self.path.clone(), implementation: None },
                inline: Vec::new(),
                is_test: self.is_test || is_for_tests(&syntax.attrs),
                is_generic: false,
            },
            items: Items::default(),
        };
        walk.visit_file(&syntax);
        walk.items
    }
}

struct Walk<'a> {
    text: &'a str,
    module: &'a ModuleFile,
    around: Around,
    items: Items,
}

/// What is known of the place that is visited.
#[derive(Clone)]
struct Around {
    path: ItemPath,
    /// Names of the inline modules around.
    inline: Vec<String>,
    is_test: bool,
    /// The impl or trait around has type parameters.
    is_generic: bool,
}

impl Walk<'_> {
    fn function(
        &mut self,
        attributes: &[syn::Attribute],
        signature: &syn::Signature,
        span: proc_macro2::Span,
        block: &syn::Block,
    ) {
        let is_test = self.around.is_test
            || is_for_tests(attributes)
            || attributes.iter().any(is_test_attribute);
        let inner = attributes.iter().filter(|it| matches!(it.style, syn::AttrStyle::Inner(_)));
        let open = block.brace_token.span.open().byte_range().end;
        let body = inner.map(|it| it.span().byte_range().end).fold(open, usize::max);
        let has_parameters = has_parameters(&signature.generics)
            || signature
                .inputs
                .iter()
                .any(|it| matches!(it, syn::FnArg::Typed(it) if has_impl_trait(&it.ty)));
        // `syn` leaves out a byte order mark.
        let skipped = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let path = self.path_of(&signature.ident);
        self.items.functions.push(Function {
            file: self.module.file.clone(),
            name: path.name().to_owned(),
            path,
            line: signature.fn_token.span.start().line,
            lines: span.start().line..span.end().line + 1,
            body: body + skipped,
            is_test,
            is_concrete: !self.around.is_generic && !has_parameters,
        });
        self.within(attributes, Some(&signature.ident), |walk| {
            walk.around.is_test = is_test;
            walk.around.is_generic = false;
            walk.visit_block(block);
        });
    }

    fn constant(
        &mut self,
        attributes: &[syn::Attribute],
        name: &syn::Ident,
        span: proc_macro2::Span,
        value: &syn::Expr,
    ) {
        let path = self.path_of(name);
        let lines = span.start().line..span.end().line + 1;
        self.items.constants.push(Constant { file: self.module.file.clone(), path, lines });
        self.within(attributes, Some(name), |walk| walk.visit_expr(value));
    }

    fn path_of(&self, name: &syn::Ident) -> ItemPath {
        let mut path = self.around.path.clone();
        path.segments.push(plain(name));
        path
    }

    /// Visits what an item holds, with its attributes in force and its name in the path.
    fn within(
        &mut self,
        attributes: &[syn::Attribute],
        name: Option<&syn::Ident>,
        visit: impl FnOnce(&mut Self),
    ) {
        let around = self.around.clone();
        self.around.is_test |= is_for_tests(attributes);
        self.around.path.segments.extend(name.map(plain));
        visit(self);
        self.around = around;
    }
}

impl Visit<'_> for Walk<'_> {
    fn visit_item_fn(&mut self, it: &syn::ItemFn) {
        self.function(&it.attrs, &it.sig, it.span(), &it.block);
    }

    fn visit_impl_item_fn(&mut self, it: &syn::ImplItemFn) {
        self.function(&it.attrs, &it.sig, it.span(), &it.block);
    }

    fn visit_trait_item_fn(&mut self, it: &syn::TraitItemFn) {
        if let Some(block) = &it.default {
            self.function(&it.attrs, &it.sig, it.span(), block);
        }
    }

    fn visit_item_impl(&mut self, it: &syn::ItemImpl) {
        self.within(&it.attrs, type_name(&it.self_ty), |walk| {
            let around = &mut walk.around;
            let start = it.unsafety.map_or(it.impl_token.span, |it| it.span).start();
            around.path.implementation = Some(Implementation {
                line: start.line,
                segment: around.path.segments.len().saturating_sub(1),
            });
            around.is_generic = has_parameters(&it.generics);
            syn::visit::visit_item_impl(walk, it);
        });
    }

    fn visit_item_trait(&mut self, it: &syn::ItemTrait) {
        self.within(&it.attrs, Some(&it.ident), |walk| {
            walk.around.is_generic = true;
            syn::visit::visit_item_trait(walk, it);
        });
    }

    fn visit_item_const(&mut self, it: &syn::ItemConst) {
        self.constant(&it.attrs, &it.ident, it.span(), &it.expr);
    }

    fn visit_item_static(&mut self, it: &syn::ItemStatic) {
        self.constant(&it.attrs, &it.ident, it.span(), &it.expr);
    }

    fn visit_impl_item_const(&mut self, it: &syn::ImplItemConst) {
        self.constant(&it.attrs, &it.ident, it.span(), &it.expr);
    }

    fn visit_trait_item_const(&mut self, it: &syn::TraitItemConst) {
        if let Some((_, value)) = &it.default {
            self.constant(&it.attrs, &it.ident, it.span(), value);
        }
    }

    fn visit_item_mod(&mut self, it: &syn::ItemMod) {
        let name = plain(&it.ident);
        if it.content.is_some() {
            self.within(&it.attrs, Some(&it.ident), |walk| {
                walk.around.inline.push(name);
                syn::visit::visit_item_mod(walk, it);
            });
            return;
        }
        let is_test = self.around.is_test || is_for_tests(&it.attrs);
        let path = self.path_of(&it.ident).segments;
        let mut folder = self.module.folder.clone();
        folder.extend(&self.around.inline);
        if let Some(own) = path_attribute(&it.attrs) {
            // Beside the file, unless inline modules are around.
            if self.around.inline.is_empty() {
                self.module.file.parent().unwrap_or(Path::new("")).clone_into(&mut folder);
            }
            let file = without_dots(&folder.join(own));
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            self.items.modules.push(ModuleFile { file, folder, path, is_test });
        } else {
            let own = folder.join(&name);
            for file in [folder.join(format!("{name}.rs")), own.join("mod.rs")] {
                let (folder, path) = (own.clone(), path.clone());
                self.items.modules.push(ModuleFile { file, folder, path, is_test });
            }
        }
    }
}

fn plain(name: &syn::Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

/// Returns the last segment of a type's path.
fn type_name(ty: &syn::Type) -> Option<&syn::Ident> {
    match ty {
        syn::Type::Path(it) => it.path.segments.last().map(|it| &it.ident),
        syn::Type::Reference(it) => type_name(&it.elem),
        syn::Type::Group(it) => type_name(&it.elem),
        _ => None,
    }
}

fn has_parameters(generics: &syn::Generics) -> bool {
    generics.type_params().next().is_some() || generics.const_params().next().is_some()
}

/// Tells whether attributes leave the item to builds of tests.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .filter(|it| it.path().is_ident("cfg"))
        .any(|it| it.parse_args::<syn::Meta>().is_ok_and(|it| implies_test(&it)))
}

/// Tells whether a predicate only holds where `test` does.
fn implies_test(predicate: &syn::Meta) -> bool {
    match predicate {
        syn::Meta::Path(it) => it.is_ident("test"),
        syn::Meta::List(it) => {
            let list = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
            let Ok(parts) = it.parse_args_with(list) else { return false };
            if it.path.is_ident("all") {
                parts.iter().any(implies_test)
            } else {
                it.path.is_ident("any") && !parts.is_empty() && parts.iter().all(implies_test)
            }
        }
        syn::Meta::NameValue(_) => false,
    }
}

fn is_test_attribute(it: &syn::Attribute) -> bool {
    it.path().segments.last().is_some_and(|it| it.ident == "test" || it.ident == "bench")
}

fn path_attribute(attributes: &[syn::Attribute]) -> Option<String> {
    attributes.iter().filter(|it| it.path().is_ident("path")).find_map(|it| match &it.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(it), .. }),
            ..
        }) => Some(it.value()),
        _ => None,
    })
}

fn has_impl_trait(ty: &syn::Type) -> bool {
    struct Finder(bool);
    impl Visit<'_> for Finder {
        fn visit_type_impl_trait(&mut self, _: &syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    finder.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Items {
        let module = ModuleFile {
            file: "src/a.rs".into(),
            folder: "src/a".into(),
            path: vec!["a".to_owned()],
            is_test: false,
        };
        module.items(text)
    }

    #[test]
    fn generic_are_parameters_of_types_impls_and_traits_and_impl_trait() {
        let found = items(
            "fn plain<'a>(x: &'a u8) {}\nfn typed<T>(x: T) {}\nfn sized<const N: usize>() {}\n\
             fn taking(x: &impl Copy) {}\nimpl<T> A<T> { fn of_impl() { fn inner() {} } }\n\
             trait T { fn default() {} fn required(); }\nimpl<'a> T for B<'a> { fn of_b() {} }",
        )
        .functions;
        let concrete: Vec<_> =
            found.iter().filter(|it| it.is_concrete).map(|it| it.name.as_str()).collect();
        assert_eq!(concrete, ["plain", "inner", "of_b"]);
        assert_eq!(found.len(), 8);
    }

    #[test]
    fn tests_are_told_by_their_attributes_and_the_cfgs_around() {
        let found = items(
            "fn lib() {}\n#[test]\nfn a() {}\n#[cfg(all(unix, test))]\nmod tests { fn b() {} }\n\
             #[cfg(any(test, unix))]\nfn maybe() {}\n#[cfg(not(test))]\nfn never() {}",
        )
        .functions;
        let tests: Vec<_> =
            found.iter().filter(|it| it.is_test).map(|it| it.name.as_str()).collect();
        assert_eq!(tests, ["a", "b"]);
    }

    #[test]
    fn a_statement_fits_behind_the_opening_brace_and_inner_attributes() {
        let text = "/// é\nfn f() -> u8 {\n    #![allow(unused)]\n    1\n}\nconst fn g() {}\n";
        let found = items(text).functions;
        let after: Vec<_> = found.iter().map(|it| &text[it.body..]).collect();
        assert!(after[0].starts_with("\n    1\n}"), "{after:?}");
        assert_eq!(after[1], "}\n");
        assert_eq!((found[0].line, found[0].lines.clone()), (2, 1..6));
    }

    #[test]
    fn modules_lie_in_files_of_their_name_or_where_a_path_says() {
        let found = items(
            "mod b;\nmod inner { mod c; }\n#[path = \"../other.rs\"]\nmod d;\nmod e { #[path = \"x.rs\"] mod f; }",
        );
        let files: Vec<_> = found.modules.iter().map(|it| it.file.display().to_string()).collect();
        let expected = [
            "src/a/b.rs",
            "src/a/b/mod.rs",
            "src/a/inner/c.rs",
            "src/a/inner/c/mod.rs",
            "other.rs",
            "src/a/e/x.rs",
        ];
        assert_eq!(files, expected);
    }
    #[test]
    fn paths_have_modules_functions_and_the_types_of_impls() {
        let found = items(
            "mod inner {\nunsafe impl<T> super::B<T> { const N: u8 = 1; fn f() { static S: u8 = 2; } }\n}",
        );
        let f = &found.functions[0].path;
        assert_eq!(f.segments, ["a", "inner", "B", "f"]);
        assert_eq!(f.implementation, Some(Implementation { line: 2, segment: 2 }));
        let constants: Vec<_> =
            found.constants.iter().map(|it| it.path.segments[2..].join("::")).collect();
        assert_eq!(constants, ["B::N", "B::f::S"]);
    }
}
