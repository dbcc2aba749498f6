//! The identifiers in a macro's definition or in a call of one. Tokens go in, names come out; what they mean
//! is not asked.

use std::collections::BTreeSet;

use crate::{
    program::{Item, ItemKind, Syntax},
    token_scan,
};

#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) identifiers: BTreeSet<String>,
    /// Those that an expansion may define.
    pub(crate) definable: BTreeSet<String>,
}

impl Words {
    pub(crate) fn of(item: &Item) -> Self {
        let call = match &item.syntax {
            Syntax::Item(it) => match &**it {
                syn::Item::Macro(it) => Some(it),
                _ => None,
            },
            _ => None,
        };
        let Some(it) = call else {
            let identifiers = token_scan::identifiers(item.tokens());
            return Self { definable: identifiers.clone(), identifiers };
        };
        let mut identifiers = token_scan::identifiers(it.mac.tokens.clone());
        let definable = if item.kind == ItemKind::MacroRules {
            token_scan::definable(&it.mac.tokens)
        } else {
            // Its own name is not among what it defines.
            identifiers.clone()
        };
        identifiers.extend(it.mac.path.segments.iter().map(|it| it.ident.to_string()));
        Self { identifiers, definable }
    }
}
