//! Stage 7, of types that nobody names: whatever may stand behind a trait object or a type parameter
//! is reached. A trait or a start goes in. Must not guess which implementor it is: all of them count.

use crate::{
    attribute,
    cause::Cause,
    facts::Endpoint,
    program::{ItemId, ItemKind, Program, Syntax},
    token_scan::Scan,
    walk::Walk,
};

impl Walk<'_, '_, '_> {
    /// Every implementor of a local trait may stand behind a trait object or a type parameter, with
    /// every implementor of the bounds on its own parameters inside.
    pub(crate) fn implementors(&mut self, of: ItemId, cause: Cause) {
        if self.opened_traits.insert(of) {
            let impls = self.graph.members.impls_of_trait.get(&of);
            self.implementations(impls, cause);
            self.derivers(None, cause);
        }
    }

    /// The same for a trait of another crate, by its last name.
    pub(crate) fn foreign_implementors(&mut self, of: &str, cause: Cause) {
        if self.opened_foreign_traits.insert(of.to_owned()) {
            let impls = self.graph.members.impls_of_foreign.get(of);
            self.implementations(impls, cause);
            self.derivers(Some(of), cause);
        }
    }

    fn implementations(&mut self, impls: Option<&Vec<usize>>, cause: Cause) {
        for index in impls.into_iter().flatten() {
            let header = &self.graph.members.impls[*index];
            header.types.iter().for_each(|it| self.reach(*it, cause));
            let Some(item) = header.item else { continue };
            self.reach(item, cause);
            if self.graph.is_generic[item.index()] {
                self.arguments_of(item, cause);
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
                    self.implementors(*id, cause);
                }
                Endpoint::Path(path) => {
                    let last = path.rsplit("::").next().unwrap_or_default();
                    for name in implied(last) {
                        self.foreign_implementors(name, cause);
                    }
                }
                Endpoint::Item(_) => {}
            }
        }
    }

    /// Types that derive a trait implement it, and a derive of another crate may implement any.
    fn derivers(&mut self, name: Option<&str>, cause: Cause) {
        let standard = name.and_then(|it| self.graph.members.derives.get(it));
        standard.into_iter().flatten().for_each(|it| self.reach(*it, cause));
        if name.is_some() {
            // One that implements a local trait names it, and is reached anyway.
            for call in &self.graph.calls {
                self.reach(call.item, cause);
            }
        }
        if std::mem::replace(&mut self.has_derivers, true) {
            return;
        }
        for (derive, types) in &self.graph.members.derives {
            if !attribute::is_standard(derive) {
                types.iter().for_each(|it| self.reach(*it, cause));
            }
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
