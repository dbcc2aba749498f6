//! Stage 7, of types that nobody names: whatever may stand behind a trait object or a type parameter
//! is reached. A trait or a start goes in. Must not guess which implementor it is: all of them count.

use crate::{
    cause::{Cause, Reason},
    facts::Endpoint,
    impl_header::ImplTrait,
    program::{ItemId, ItemKind, Program, Syntax},
    token_scan::Scan,
    walk::Walk,
};

impl Walk<'_, '_, '_> {
    /// Every implementor of a trait may stand behind a trait object or a type parameter, with every
    /// implementor of the bounds on its own parameters inside.
    pub(crate) fn implementors(&mut self, cause: Cause, is_meant: impl Fn(&ImplTrait) -> bool) {
        let mut headers = Vec::new();
        for header in &self.graph.members.impls {
            if header.of_trait.as_ref().is_some_and(&is_meant) {
                header.types.iter().for_each(|it| self.reach(*it, cause));
                headers.extend(header.item);
            }
        }
        for header in headers {
            self.reach(header, cause);
            if is_generic(self.graph.program, header) {
                self.arguments_of(header, cause);
            }
        }
    }

    /// Type parameters that an item declares may be any implementor of their bounds.
    fn arguments_of(&mut self, item: ItemId, cause: Cause) {
        if !self.opened.insert(item) {
            return;
        }
        for target in self.graph.facts[item.index()].edges.iter().flat_map(|it| &it.targets) {
            match target {
                Endpoint::Item(id) if self.graph.program.item(*id).kind == ItemKind::Trait => {
                    self.implementors(cause, |it| *it == ImplTrait::Local(*id));
                    self.derivers(cause, None);
                }
                Endpoint::Path(path) => {
                    let last = path.rsplit("::").next().unwrap_or_default();
                    for name in implied(last) {
                        self.derivers(cause, Some(name));
                        self.implementors(
                            cause,
                            |it| matches!(it, ImplTrait::Foreign { name: it, .. } if it == name),
                        );
                    }
                }
                Endpoint::Item(_) => {}
            }
        }
    }

    /// Types that derive a trait implement it, and a derive of another crate may implement any.
    pub(crate) fn derivers(&mut self, cause: Cause, name: Option<&str>) {
        for (derive, types) in &self.graph.members.derives {
            let is_standard = crate::attribute::is_standard(derive);
            if name == Some(derive) || !is_standard {
                types.iter().for_each(|it| self.reach(*it, cause));
            }
        }
        for call in &self.graph.calls {
            self.reach(call.item, cause);
        }
    }

    /// The type parameters of a start may be any implementor of their bounds, and own any `Drop`.
    pub(crate) fn bounds_of(&mut self, start: ItemId) {
        let item = self.graph.program.item(start);
        let cause = Cause { from: start, reason: Reason::Parameter };
        let is_default =
            item.parent.is_some_and(|it| self.graph.program.item(it).kind == ItemKind::Trait);
        if let Some(id) = item.parent.filter(|_| is_default) {
            self.implementors(cause, |it| *it == ImplTrait::Local(id));
        }
        if !is_default && !is_generic(self.graph.program, start) {
            return;
        }
        self.implementors(
            cause,
            |it| matches!(it, ImplTrait::Foreign { name, .. } if name == "Drop"),
        );
        for item in [Some(start), item.parent].into_iter().flatten() {
            self.arguments_of(item, cause);
        }
    }
}

/// A trait, and those whose implementors std makes implementors of it.
fn implied(name: &str) -> Vec<&str> {
    let others: &[&str] = match name {
        "IntoIterator" => &["Iterator"],
        "Into" => &["From"],
        "TryFrom" => &["From", "Into"],
        "TryInto" => &["TryFrom", "From", "Into"],
        "ToString" => &["Display"],
        "ToOwned" => &["Clone"],
        "IntoFuture" => &["Future"],
        "Pattern" => &["FnMut", "Fn"],
        _ => &[],
    };
    std::iter::once(name).chain(others.iter().copied()).collect()
}

/// Tells whether an item has type parameters: a function's own or those of its impl, those of an
/// impl.
pub(crate) fn is_generic(program: &Program, id: ItemId) -> bool {
    let item = program.item(id);
    let has_types = |generics: &syn::Generics| {
        generics.type_params().next().is_some() || generics.const_params().next().is_some()
    };
    let own = item.function().is_some_and(|(signature, _, _)| {
        has_types(&signature.generics)
            || signature.inputs.iter().any(|it| {
                let scan = Scan::of(quote::ToTokens::to_token_stream(it));
                scan.identifiers.contains("impl")
            })
    });
    let of_impl = |id: ItemId| match &program.item(id).syntax {
        Syntax::Item(it) => match &**it {
            syn::Item::Impl(it) => has_types(&it.generics),
            syn::Item::Trait(_) => true,
            _ => false,
        },
        _ => false,
    };
    own || item.parent.is_some_and(of_impl) || item.kind == ItemKind::Impl && of_impl(id)
}
