//! Facts of state: where an item names a function, or calls a method, that reads what is no argument and
//! no code. What goes in is a path that has been resolved or a receiver's type; what comes out are
//! findings, which change no key.

use std::borrow::Cow;

use crate::{
    collector::Collector,
    effect,
    head_type::segments,
    path_text,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace, Syntax},
    ty::Ty,
};

impl Collector<'_, '_> {
    /// Notes what a path into another crate reads. What a glob may bring is certain where nothing else
    /// can be meant.
    pub(crate) fn path_effect(&mut self, path: &str, is_certain: bool) {
        let has_star = path.contains('*');
        let plain = (has_star && is_certain).then(|| path.replace("::*", ""));
        let mut path = plain.map_or(Cow::Borrowed(path), Cow::Owned);
        let renamed = &self.lookup.resolver.program.krate_of(self.module).renamed;
        if let Some(name) = renamed.get(path_text::first(&path)) {
            let rest = path.split_once("::").map_or("", |(_, rest)| rest);
            path = Cow::Owned(format!("{name}::{rest}"));
        }
        if let Some(kind) = effect::of_path(&path) {
            self.find(kind, path.replace("::*", ""));
        }
    }

    /// Notes the name of a variable of the process in what a call has found: a literal, or a constant that is one.
    pub(crate) fn named_variable(&mut self, found: usize, argument: &syn::Expr) {
        let [read] = &self.facts.findings[found..] else { return };
        if !matches!(read.what.as_str(), "std::env::var" | "std::env::var_os") {
            return;
        }
        let Some(name) = self.text_of(argument) else { return };
        let written = syn::LitStr::new(&name, proc_macro2::Span::call_site());
        let read = &mut self.facts.findings[found];
        read.what = format!("{}({})", read.what, quote::ToTokens::to_token_stream(&written));
    }

    fn text_of(&self, expression: &syn::Expr) -> Option<String> {
        let program = self.lookup.resolver.program;
        match expression {
            syn::Expr::Lit(it) => match &it.lit {
                syn::Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            syn::Expr::Path(it) if it.qself.is_none() => {
                let names = segments(&it.path);
                if names.len() == 1 && self.is_local(&names[0]) {
                    return None;
                }
                let leading_colon = it.path.leading_colon.is_some();
                let meanings =
                    self.lookup.resolver.path(self.module, leading_colon, &names, Namespace::Value);
                let [(Definition::Item(id), rest)] = &meanings[..] else { return None };
                let (Syntax::Item(item), true) = (&program.item(*id).syntax, rest.is_empty())
                else {
                    return None;
                };
                match &**item {
                    syn::Item::Const(it) => match &*it.expr {
                        syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                            Some(text.value())
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Notes what a method of std reads.
    pub(crate) fn method_effect(&mut self, receiver: &Ty, name: &str) {
        let kind = match receiver {
            Ty::Std(head, _) if Ty::is_pointer(head) => {
                return self.method_effect(&receiver.argument(0), name);
            }
            // Some type of std.
            Ty::Std(head, _) if head.is_empty() => effect::of_method_named(name),
            Ty::Std(head, _) => effect::of_method(head, name),
            Ty::Unknown if !self.is_method_of_program(name) => effect::of_method_named(name),
            _ => None,
        };
        if let Some(kind) = kind {
            self.find(kind, format!(".{name}()"));
        }
    }

    fn is_method_of_program(&self, name: &str) -> bool {
        self.lookup.members.by_name.get(name).is_some_and(|it| !it.is_empty())
    }

    /// Notes what `Alias::name` reads.
    pub(crate) fn alias_effect(&mut self, id: ItemId, rest: &[String]) {
        let item = self.lookup.resolver.program.item(id);
        if let (ItemKind::Alias, Syntax::Item(syntax), [name]) = (item.kind, &item.syntax, rest)
            && let syn::Item::Type(alias) = &**syntax
        {
            self.type_effect(item.module, &alias.ty, name);
        }
    }

    /// Notes what `<Type>::name` reads, the type being written in a module.
    pub(crate) fn type_effect(&mut self, module: ModuleId, ty: &syn::Type, name: &str) {
        let syn::Type::Path(syn::TypePath { path, .. }) = ty else { return };
        let leading_colon = path.leading_colon.is_some();
        let names = segments(path);
        let meanings = self.lookup.resolver.path(module, leading_colon, &names, Namespace::Type);
        for (definition, _) in &*meanings {
            if let Definition::External(path) = definition {
                self.path_effect(&format!("{path}::{name}"), meanings.len() == 1);
            }
        }
    }
}
