//! Stage 7, of types that nobody names: whatever may stand behind a trait object or a type parameter
//! is reached. A trait or a start goes in. Must not guess which implementor it is: all of them count.

use crate::{
    cause::Cause,
    network::Bound,
    program::{ItemId, ItemKind, Program, Syntax},
    token_scan,
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

    /// Every implementor of a trait of another crate, and of those that std makes it of.
    pub(crate) fn admitted_by(&mut self, of: u32, cause: Cause) {
        self.foreign_implementors(of, cause);
        for it in &self.network.foreign_traits[of as usize].implied {
            self.foreign_implementors(*it, cause);
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
                Bound::Foreign { of, .. } => self.admitted_by(*of, cause),
            }
        }
    }

    /// A derive of another crate, and a macro that nobody expanded, may implement any trait.
    fn derivers(&mut self, cause: Cause) {
        if !std::mem::replace(&mut self.has_derivers, true) {
            let network = self.network;
            let any = network.open_derivers.iter().chain(&network.calls);
            any.for_each(|it| self.reach(*it, cause));
        }
    }
}

/// Tells whether a method of a trait returns a type that only its body names.
pub(crate) fn returns_opaque(syntax: &Syntax) -> bool {
    let Syntax::TraitMember(it) = syntax else { return false };
    let syn::TraitItem::Fn(it) = &**it else { return false };
    let has_opaque = || {
        let output = quote::ToTokens::to_token_stream(&it.sig.output);
        token_scan::identifiers(output).contains("impl")
    };
    it.sig.asyncness.is_some() || has_opaque()
}

/// Tells whether a trait declares a function that returns something of `Self` or of a type that only
/// impls name.
pub(crate) fn makes(syntax: &Syntax) -> bool {
    let Syntax::Item(it) = syntax else { return true };
    let syn::Item::Trait(it) = &**it else { return true };
    it.items.iter().any(|it| match it {
        syn::TraitItem::Fn(it) => {
            let output = quote::ToTokens::to_token_stream(&it.sig.output);
            let names = token_scan::identifiers(output);
            it.sig.asyncness.is_some()
                || ["Self", "impl", "dyn"].iter().any(|it| names.contains(*it))
        }
        syn::TraitItem::Const(_) | syn::TraitItem::Type(_) => false,
        _ => true,
    })
}

/// Tells whether an argument has a name, and a type that only names types and lends them.
fn is_plain_argument(argument: &syn::FnArg) -> bool {
    let is_plain_name = |it: &syn::Pat| match it {
        syn::Pat::Ident(it) => it.attrs.is_empty() && it.subpat.is_none() && it.ident != "r#impl",
        _ => false,
    };
    match argument {
        syn::FnArg::Receiver(it) => {
            it.attrs.is_empty() && !matches!(it.kind, syn::ReceiverKind::Typed(..))
        }
        syn::FnArg::Typed(it) => {
            it.attrs.is_empty() && is_plain_name(&it.pat) && is_plain_type(&it.ty)
        }
    }
}

fn is_plain_type(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Reference(it) => is_plain_type(&it.elem),
        syn::Type::Slice(it) => is_plain_type(&it.elem),
        syn::Type::Path(it) => {
            let is_plain = |it: &syn::PathSegment| match &it.arguments {
                syn::PathArguments::None => it.ident != "r#impl",
                _ => false,
            };
            it.qself.is_none() && it.path.segments.iter().all(is_plain)
        }
        _ => false,
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
            || signature.inputs.iter().filter(|it| !is_plain_argument(it)).any(|it| {
                token_scan::identifiers(quote::ToTokens::to_token_stream(it)).contains("impl")
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
