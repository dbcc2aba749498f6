//! What patterns bind: names and, where it is known, the types of what they stand for.

use syn::{Pat, spanned::Spanned};

use crate::{
    collector::Collector,
    declared,
    extract::plain_name,
    program::{Definition, ItemKind, Namespace},
    std_methods,
    ty::Ty,
    written::Written,
};

impl Collector<'_, '_> {
    /// Binds the names of a pattern that a value of a type is matched against, and notes what its
    /// paths and constants reach.
    pub(crate) fn pattern(&mut self, pattern: &Pat, ty: &Ty) {
        match pattern {
            Pat::Ident(it) => {
                let written = self.lookup.resolver.written_name(&it.ident);
                let is_plain =
                    it.by_ref.is_none() && it.mutability.is_none() && it.subpat.is_none();
                if is_plain && self.is_constant(&written) {
                    self.place = it.ident.span().start();
                    self.named(&written.text, false, &written, Namespace::Value);
                } else {
                    self.bind(&written.text, ty.clone());
                }
                if let Some((_, inner)) = &it.subpat {
                    self.pattern(inner, ty);
                }
            }
            Pat::Type(it) => {
                syn::visit::Visit::visit_type(self, &it.ty);
                let ty = self.scope().lower(&it.ty);
                self.pattern(&it.pat, &ty);
            }
            Pat::Reference(it) => self.pattern(&it.pat, ty),
            Pat::Paren(it) => self.pattern(&it.pat, ty),
            Pat::Guard(it) => {
                self.pattern(&it.pat, ty);
                syn::visit::Visit::visit_expr(self, &it.guard);
            }
            Pat::Or(it) => {
                // Each case binds the same names, with the same types.
                it.cases.iter().for_each(|it| self.pattern(it, ty));
            }
            Pat::Tuple(it) => {
                let has_rest = it.elems.iter().any(|it| matches!(it, Pat::Rest(_)));
                for (index, it) in it.elems.iter().enumerate() {
                    let ty = match ty {
                        Ty::Tuple(items) if !has_rest => {
                            items.get(index).cloned().unwrap_or(Ty::Unknown)
                        }
                        ty if ty.is_closed() => Ty::closed(),
                        _ => Ty::Unknown,
                    };
                    self.pattern(it, &ty);
                }
            }
            Pat::Slice(it) => {
                for it in &it.elems {
                    match it {
                        Pat::Ident(rest) if rest.subpat.is_some() => {
                            self.pattern(it, &Ty::Unknown);
                        }
                        _ => self.pattern(it, &std_methods::element(ty)),
                    }
                }
            }
            Pat::TupleStruct(it) => {
                self.path(it.qself.as_ref(), &it.path, Namespace::Value);
                let name = it.path.segments.last().map(|it| plain_name(&it.ident.to_string()));
                let owner = self.constructed(&it.path);
                let has_rest = it.elems.iter().any(|it| matches!(it, Pat::Rest(_)));
                for (index, inner) in it.elems.iter().enumerate() {
                    let ty = match (&owner, has_rest) {
                        (Some((id, variant)), false) => declared::field(
                            self.lookup.resolver,
                            (*id, variant.as_deref()),
                            arguments_of(ty, *id),
                            &index.to_string(),
                        ),
                        (None, false) => self.std_variant(&it.path, name.as_deref(), ty),
                        _ => Ty::Unknown,
                    };
                    self.pattern(inner, &ty);
                }
            }
            Pat::Struct(it) => {
                self.path(it.qself.as_ref(), &it.path, Namespace::Type);
                let owner = self.constructed(&it.path);
                for field in &it.fields {
                    let name = match &field.member {
                        syn::Member::Named(it) => plain_name(&it.to_string()),
                        syn::Member::Unnamed(it) => it.index.to_string(),
                    };
                    let ty = match &owner {
                        Some((id, variant)) => declared::field(
                            self.lookup.resolver,
                            (*id, variant.as_deref()),
                            arguments_of(ty, *id),
                            &name,
                        ),
                        None => Ty::Unknown,
                    };
                    self.pattern(&field.pat, &ty);
                }
            }
            other => {
                self.place = other.span().start();
                syn::visit::visit_pat(self, other);
            }
        }
    }

    /// `Some(x)`, `Ok(x)`, `Err(x)` of std.
    fn std_variant(&self, path: &syn::Path, name: Option<&str>, ty: &Ty) -> Ty {
        let resolver = self.lookup.resolver;
        let written = resolver.written(path);
        let meanings = resolver.meanings(self.module, false, &written, Namespace::Value);
        let is_std = matches!(&meanings[..], [(Definition::External(path), _)]
            if path.starts_with("std::prelude::"));
        match (ty, name) {
            (Ty::Std(head, _), Some("Some")) if is_std && head == "Option" => ty.argument(0),
            (Ty::Std(head, _), Some("Ok")) if is_std && head == "Result" => ty.argument(0),
            (Ty::Std(head, _), Some("Err")) if is_std && head == "Result" => ty.argument(1),
            _ if is_std && ty.is_closed() => Ty::closed(),
            _ => Ty::Unknown,
        }
    }

    /// Tells whether an identifier in a pattern is a constant or a variant rather than a binding.
    pub(crate) fn is_constant(&self, name: &Written) -> bool {
        self.lookup.resolver.meanings(self.module, false, name, Namespace::Value).iter().any(
            |(definition, _)| match definition {
                Definition::Item(id) => {
                    let kind = self.lookup.resolver.program.item(*id).kind;
                    !matches!(kind, ItemKind::Function | ItemKind::MacroCall | ItemKind::Opaque)
                }
                Definition::Variant(_) => true,
                // Bindings are written in lower case; constants of other crates are not.
                Definition::External(_) => name.text.starts_with(char::is_uppercase),
                Definition::Module(_) => false,
            },
        )
    }
}

/// The arguments of the matched type, where it is the one that the pattern names.
fn arguments_of(ty: &Ty, id: crate::program::ItemId) -> &[Ty] {
    match ty {
        Ty::Local(of, arguments) if *of == id => arguments,
        _ => &[],
    }
}
