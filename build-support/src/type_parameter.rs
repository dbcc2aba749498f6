//! Stage 7, of types that nobody names: whatever may stand behind a trait object or a type parameter
//! is reached. A trait or a start goes in. Must not guess which implementor it is: all of them count.

use crate::{
    cause::{Cause, Reason},
    network::Bound,
    program::{ItemId, ItemKind, Program, Syntax},
    token_scan::Scan,
    walk::Walk,
};

impl Walk<'_> {
    /// Every implementor of a local trait may stand behind a trait object or a type parameter, with
    /// every implementor of the bounds on its own parameters inside.
    pub(crate) fn implementors(&mut self, of: ItemId, cause: Cause) {
        if !self.opened_traits.put(of.index()) {
            self.implementations(&self.network.node(of).implementors, cause);
            self.derivers(cause);
        }
    }

    /// The same for a trait of another crate, by its number.
    pub(crate) fn foreign_implementors(&mut self, of: u32, cause: Cause) {
        if !self.opened_foreign_traits.put(of as usize) {
            let of = &self.network.foreign_traits[of as usize];
            self.implementations(&of.impls, cause);
            of.derivers.iter().for_each(|it| self.reach(*it, cause));
            self.derivers(cause);
        }
    }

    fn implementations(&mut self, impls: &[u32], cause: Cause) {
        for index in impls {
            let header = &self.network.impls[*index as usize];
            header.types.iter().for_each(|it| self.reach(*it, cause));
            self.reach(header.item, cause);
            if self.network.node(header.item).is_generic {
                self.arguments_of(header.item, cause);
            }
        }
    }

    /// Type parameters that an item declares may be any implementor of their bounds.
    fn arguments_of(&mut self, item: ItemId, cause: Cause) {
        if self.opened.put(item.index()) {
            return;
        }
        for bound in &self.network.node(item).bounds {
            match bound {
                Bound::Local(id) => self.implementors(*id, cause),
                Bound::Foreign(of) => self.foreign_implementors(*of, cause),
            }
        }
    }

    /// A derive of another crate, and a macro that nobody expanded, may implement any trait.
    fn derivers(&mut self, cause: Cause) {
        if std::mem::replace(&mut self.has_derivers, true) {
            return;
        }
        let network = self.network;
        network.open_derivers.iter().chain(&network.calls).for_each(|it| self.reach(*it, cause));
    }

    /// The type parameters of a start may be any implementor of their bounds, and own any `Drop`.
    pub(crate) fn bounds_of(&mut self, start: ItemId) {
        let node = self.network.node(start);
        let cause = Cause { from: start, reason: Reason::Parameter };
        let of_trait = node.parent.filter(|it| self.network.node(*it).kind == ItemKind::Trait);
        of_trait.iter().for_each(|it| self.implementors(*it, cause));
        if of_trait.is_none() && !node.is_generic {
            return;
        }
        self.foreign_implementors(self.network.drop, cause);
        for item in [Some(start), node.parent].into_iter().flatten() {
            self.arguments_of(item, cause);
        }
    }
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
