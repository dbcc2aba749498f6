//! What is known of the configuration of a build, and what follows for `#[cfg(…)]`: certainly true,
//! certainly false, or not to be told. Only what is certainly false is dropped; custom cfgs, `test`
//! and the features of other packages can't be told from here, and keep both branches.

use std::{cell::Cell, collections::BTreeSet, rc::Rc};

use syn::{
    Attribute, Expr, Lit, Meta, Token, parse::Parser, punctuated::Punctuated, visit_mut,
    visit_mut::VisitMut,
};

use crate::cfg_attr;

/// Options that the target alone decides.
const OF_TARGET: &[&str] = &[
    "target_abi",
    "target_arch",
    "target_endian",
    "target_env",
    "target_family",
    "target_os",
    "target_pointer_width",
    "target_vendor",
    "unix",
    "windows",
];

/// The configuration of one package in one build, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Configuration {
    /// `(name, value)` for all options of [`OF_TARGET`]; `None` where the target is not known.
    pub(crate) target: Option<BTreeSet<(String, Option<String>)>>,
    /// The features of the package; `None` where cargo alone knows.
    pub(crate) features: Option<BTreeSet<String>>,
    /// Whether it is compiled with `--test`; `None` where both are meant.
    pub(crate) test: Option<bool>,
    /// Some code depends on `test`.
    asks_for_test: Rc<Cell<bool>>,
    /// The compiler's release, where it is known.
    pub(crate) release: Option<String>,
}

impl Configuration {
    /// The target that this crate itself is compiled for.
    pub(crate) fn of_host() -> Self {
        let mut options = BTreeSet::new();
        let mut set = |name: &str, value: &str| {
            options.insert((name.to_owned(), Some(value.to_owned())));
        };
        set("target_arch", std::env::consts::ARCH);
        set("target_os", std::env::consts::OS);
        set("target_family", std::env::consts::FAMILY);
        set("target_pointer_width", &usize::BITS.to_string());
        set("target_endian", if cfg!(target_endian = "big") { "big" } else { "little" });
        options.insert((std::env::consts::FAMILY.to_owned(), None));
        Self { target: Some(options), ..Self::default() }
    }

    /// What is known of a package that is built with these features for this target.
    pub(crate) fn new(
        target: Option<BTreeSet<(String, Option<String>)>>,
        features: Option<BTreeSet<String>>,
    ) -> Self {
        Self { target, features, ..Self::default() }
    }

    /// The same configuration for a dependency: cargo unifies its features over all who ask, and
    /// compiles it without its tests.
    pub(crate) fn of_dependency(&self) -> Self {
        Self { features: None, ..self.for_test(false) }
    }

    /// The same configuration with or without `--test`.
    pub(crate) fn for_test(&self, is_test: bool) -> Self {
        Self { test: Some(is_test), asks_for_test: Rc::default(), ..self.clone() }
    }

    /// Tells whether anything that was looked at depends on `test`.
    pub(crate) fn asks_for_test(&self) -> bool {
        self.asks_for_test.get()
    }

    /// Tells whether code with these attributes exists in the build.
    pub(crate) fn keeps(&self, attributes: &[Attribute]) -> bool {
        attributes
            .iter()
            .filter(|it| it.path().is_ident("cfg"))
            .all(|it| it.parse_args::<Meta>().map_or(None, |it| self.holds(&it)) != Some(false))
    }

    /// Tells whether a `#[cfg(…)]` is certainly true or certainly false.
    pub(crate) fn decides(&self, attribute: &Attribute) -> bool {
        attribute.parse_args::<Meta>().is_ok_and(|it| self.holds(&it).is_some())
    }

    /// Reads `#[cfg_attr(predicate, attribute, …)]`: whether the predicate holds, and what it adds.
    pub(crate) fn conditional(&self, attribute: &Attribute) -> Option<(Option<bool>, Vec<Meta>)> {
        let (predicate, added) = cfg_attr::parts(attribute)?;
        Some((self.holds(&predicate), added))
    }

    /// Evaluates a predicate in three-valued logic.
    pub(crate) fn holds(&self, predicate: &Meta) -> Option<bool> {
        match predicate {
            Meta::Path(path) => self.is_set(&path.get_ident()?.to_string(), None),
            Meta::NameValue(pair) => {
                let Expr::Lit(value) = &pair.value else { return None };
                let Lit::Str(value) = &value.lit else { return None };
                self.is_set(&pair.path.get_ident()?.to_string(), Some(value.value()))
            }
            Meta::List(list) => {
                let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
                let parts = parser.parse2(list.tokens.clone()).ok()?;
                let parts: Vec<_> = parts.iter().map(|it| self.holds(it)).collect();
                // One that decides, else unknown if one is, else the other.
                let among = |decides: bool| match () {
                    () if parts.contains(&Some(decides)) => Some(decides),
                    () if parts.contains(&None) => None,
                    () => Some(!decides),
                };
                match list.path.get_ident()?.to_string().as_str() {
                    "not" => parts.first()?.map(|it| !it),
                    "all" => among(false),
                    "any" => among(true),
                    _ => None,
                }
            }
        }
    }

    fn is_set(&self, name: &str, value: Option<String>) -> Option<bool> {
        match name {
            "true" => Some(true),
            "false" => Some(false),
            "test" => {
                self.asks_for_test.set(true);
                self.test
            }
            "feature" => Some(self.features.as_ref()?.contains(&value?)),
            _ if OF_TARGET.contains(&name) => {
                let options = self.target.as_ref()?;
                let is_listed = options.contains(&(name.to_owned(), value));
                // An option that the target's list lacks altogether is not set, except where the
                // list was made without asking the compiler.
                let is_told =
                    matches!(name, "unix" | "windows") || options.iter().any(|(it, _)| it == name);
                is_told.then_some(is_listed)
            }
            _ => None,
        }
    }

    /// Removes what certainly does not exist from inside an item: members, fields, variants,
    /// statements, arms, arguments. Conditions on attributes are settled first.
    pub(crate) fn prune(&self, item: &mut syn::Item) {
        self.settle_attributes(item);
        self.prune_settled(item);
    }

    /// The same where conditions on attributes are settled.
    pub(crate) fn prune_settled(&self, item: &mut syn::Item) {
        Pruner(self).visit_item_mut(item);
    }
}

impl Configuration {
    /// The same for an expression.
    pub(crate) fn prune_expression(&self, expression: &mut Expr) {
        self.settle_attributes_within(expression);
        Pruner(self).visit_expr_mut(expression);
    }
}

struct Pruner<'a>(&'a Configuration);

impl Pruner<'_> {
    fn keeps_expression(&self, expression: &Expr) -> bool {
        self.0.keeps(attributes_of(expression))
    }
}

impl VisitMut for Pruner<'_> {
    fn visit_block_mut(&mut self, it: &mut syn::Block) {
        it.stmts.retain(|it| match it {
            syn::Stmt::Local(it) => self.0.keeps(&it.attrs),
            syn::Stmt::Macro(it) => self.0.keeps(&it.attrs),
            syn::Stmt::Expr(it, _) => self.keeps_expression(it),
            syn::Stmt::Item(it) => self.0.keeps(attributes_of_item(it)),
        });
        visit_mut::visit_block_mut(self, it);
    }

    fn visit_item_impl_mut(&mut self, it: &mut syn::ItemImpl) {
        it.items.retain(|it| match it {
            syn::ImplItem::Const(it) => self.0.keeps(&it.attrs),
            syn::ImplItem::Fn(it) => self.0.keeps(&it.attrs),
            syn::ImplItem::Type(it) => self.0.keeps(&it.attrs),
            syn::ImplItem::Macro(it) => self.0.keeps(&it.attrs),
            _ => true,
        });
        visit_mut::visit_item_impl_mut(self, it);
    }

    fn visit_item_trait_mut(&mut self, it: &mut syn::ItemTrait) {
        it.items.retain(|it| match it {
            syn::TraitItem::Const(it) => self.0.keeps(&it.attrs),
            syn::TraitItem::Fn(it) => self.0.keeps(&it.attrs),
            syn::TraitItem::Type(it) => self.0.keeps(&it.attrs),
            syn::TraitItem::Macro(it) => self.0.keeps(&it.attrs),
            _ => true,
        });
        visit_mut::visit_item_trait_mut(self, it);
    }

    fn visit_item_foreign_mod_mut(&mut self, it: &mut syn::ItemForeignMod) {
        it.items.retain(|it| match it {
            syn::ForeignItem::Fn(it) => self.0.keeps(&it.attrs),
            syn::ForeignItem::Static(it) => self.0.keeps(&it.attrs),
            syn::ForeignItem::Type(it) => self.0.keeps(&it.attrs),
            syn::ForeignItem::Macro(it) => self.0.keeps(&it.attrs),
            _ => true,
        });
        visit_mut::visit_item_foreign_mod_mut(self, it);
    }

    fn visit_item_enum_mut(&mut self, it: &mut syn::ItemEnum) {
        retain(&mut it.variants, |it| self.0.keeps(&it.attrs));
        visit_mut::visit_item_enum_mut(self, it);
    }

    fn visit_fields_named_mut(&mut self, it: &mut syn::FieldsNamed) {
        retain(&mut it.named, |it| self.0.keeps(&it.attrs));
        visit_mut::visit_fields_named_mut(self, it);
    }

    fn visit_fields_unnamed_mut(&mut self, it: &mut syn::FieldsUnnamed) {
        retain(&mut it.unnamed, |it| self.0.keeps(&it.attrs));
        visit_mut::visit_fields_unnamed_mut(self, it);
    }

    fn visit_expr_match_mut(&mut self, it: &mut syn::ExprMatch) {
        it.arms.retain(|it| self.0.keeps(&it.attrs));
        visit_mut::visit_expr_match_mut(self, it);
    }

    fn visit_expr_struct_mut(&mut self, it: &mut syn::ExprStruct) {
        retain(&mut it.fields, |it| self.0.keeps(&it.attrs));
        visit_mut::visit_expr_struct_mut(self, it);
    }

    fn visit_signature_mut(&mut self, it: &mut syn::Signature) {
        retain(&mut it.inputs, |it| match it {
            syn::FnArg::Receiver(it) => self.0.keeps(&it.attrs),
            syn::FnArg::Typed(it) => self.0.keeps(&it.attrs),
        });
        visit_mut::visit_signature_mut(self, it);
    }
}

fn retain<T, P: Default>(list: &mut Punctuated<T, P>, keeps: impl Fn(&T) -> bool) {
    if !list.iter().all(&keeps) {
        *list = std::mem::take(list).into_iter().filter(keeps).collect();
    }
}

fn attributes_of(expression: &Expr) -> &[Attribute] {
    match expression {
        Expr::Assign(it) => &it.attrs,
        Expr::Block(it) => &it.attrs,
        Expr::Call(it) => &it.attrs,
        Expr::ForLoop(it) => &it.attrs,
        Expr::If(it) => &it.attrs,
        Expr::Loop(it) => &it.attrs,
        Expr::Macro(it) => &it.attrs,
        Expr::Match(it) => &it.attrs,
        Expr::MethodCall(it) => &it.attrs,
        Expr::Path(it) => &it.attrs,
        Expr::Return(it) => &it.attrs,
        Expr::Unsafe(it) => &it.attrs,
        Expr::While(it) => &it.attrs,
        _ => &[],
    }
}

/// Returns the attributes of an item.
pub(crate) fn attributes_of_item(item: &syn::Item) -> &[Attribute] {
    use syn::Item as It;
    match item {
        It::Const(it) => &it.attrs,
        It::Enum(it) => &it.attrs,
        It::ExternCrate(it) => &it.attrs,
        It::Fn(it) => &it.attrs,
        It::ForeignMod(it) => &it.attrs,
        It::Impl(it) => &it.attrs,
        It::Macro(it) => &it.attrs,
        It::Mod(it) => &it.attrs,
        It::Static(it) => &it.attrs,
        It::Struct(it) => &it.attrs,
        It::Trait(it) => &it.attrs,
        It::TraitAlias(it) => &it.attrs,
        It::Type(it) => &it.attrs,
        It::Union(it) => &it.attrs,
        It::Use(it) => &it.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    fn linux(features: &[&str]) -> Configuration {
        let options =
            [("target_os", Some("linux")), ("target_family", Some("unix")), ("unix", None)];
        let options = options.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        let features = features.iter().map(|it| (*it).to_owned()).collect();
        Configuration::new(Some(options.into()), Some(features))
    }

    #[track_caller]
    fn check(attribute: &Attribute, expected: Option<bool>) {
        let predicate = attribute.parse_args::<Meta>().unwrap();
        assert_eq!(linux(&["std"]).holds(&predicate), expected);
    }

    #[test]
    fn predicates_are_true_false_or_not_to_be_told() {
        check(&parse_quote!(#[cfg(feature = "std")]), Some(true));
        check(&parse_quote!(#[cfg(feature = "serde")]), Some(false));
        check(&parse_quote!(#[cfg(windows)]), Some(false));
        check(&parse_quote!(#[cfg(target_os = "macos")]), Some(false));
        check(&parse_quote!(#[cfg(test)]), None);
        check(&parse_quote!(#[cfg(loom)]), None);
        check(&parse_quote!(#[cfg(target_arch = "x86_64")]), None);
        check(&parse_quote!(#[cfg(not(unix))]), Some(false));
        check(&parse_quote!(#[cfg(all(loom, windows))]), Some(false));
        check(&parse_quote!(#[cfg(all(loom, unix))]), None);
        check(&parse_quote!(#[cfg(any(loom, unix))]), Some(true));
        check(&parse_quote!(#[cfg(any(loom, not(unix)))]), None);
        check(&parse_quote!(#[cfg(any())]), Some(false));
        check(&parse_quote!(#[cfg(not(all(feature = "std", unix)))]), Some(false));
    }

    #[test]
    fn what_depends_on_test_is_noted() {
        let plain = linux(&[]).for_test(false);
        assert!(plain.keeps(&[parse_quote!(#[cfg(unix)])]) && !plain.asks_for_test());
        assert!(!plain.keeps(&[parse_quote!(#[cfg(test)])]) && plain.asks_for_test());
        assert!(plain.for_test(true).keeps(&[parse_quote!(#[cfg(test)])]));
    }

    #[test]
    fn an_unknown_configuration_keeps_everything() {
        let unknown = Configuration::default();
        assert!(unknown.keeps(&[parse_quote!(#[cfg(windows)])]));
        assert!(unknown.keeps(&[parse_quote!(#[cfg(feature = "x")])]));
        assert!(!unknown.keeps(&[parse_quote!(#[cfg(any())])]));
    }

    #[test]
    fn what_certainly_is_not_there_is_removed_everywhere() {
        let mut item: syn::Item = parse_quote!(
            fn f(#[cfg(windows)] a: u8, b: u8) -> S {
                #[cfg(windows)]
                let c = 1;
                #[cfg(windows)]
                {
                    g()
                }
                match b {
                    #[cfg(windows)]
                    0 => 1,
                    _ => 2,
                };
                #[cfg(loom)]
                h();
                S {
                    #[cfg(windows)]
                    d: 1,
                    e: 2,
                }
            }
        );
        linux(&[]).prune(&mut item);
        let expected: syn::Item = parse_quote!(
            fn f(b: u8) -> S {
                match b {
                    _ => 2,
                };
                #[cfg(loom)]
                h();
                S { e: 2 }
            }
        );
        assert_eq!(item.to_token_stream().to_string(), expected.to_token_stream().to_string());
    }
}
