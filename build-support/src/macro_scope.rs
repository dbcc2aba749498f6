//! Which `macro_rules` a name means at a place: textual scope (Rust Reference, "Macros By Example",
//! "Textual scope"), as a chain of definitions that leads from the last one backwards.

use std::rc::Rc;

use crate::by_example::Definition;

/// Names a link of the chain; everything before it is in scope too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MacroScopeId(u32);

/// A definition by example as callers see it.
#[derive(Clone, Debug)]
pub(crate) struct MacroRules {
    /// `None` where the definition is not understood.
    pub(crate) definition: Option<Rc<Definition>>,
    /// What stands for `$crate` in it.
    pub(crate) dollar_crate: String,
    /// It may not exist in this build, so that an earlier one of its name may be meant.
    pub(crate) is_conditional: bool,
    /// The crate that it is taken from, by its name where the call stands; `None` for the program's own.
    pub(crate) foreign: Option<String>,
}

/// All textual scopes of a program.
#[derive(Debug, Default)]
pub(crate) struct MacroScopes {
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    name: String,
    rules: MacroRules,
    before: Option<MacroScopeId>,
}

impl MacroScopes {
    /// Adds a definition behind those in scope so far.
    pub(crate) fn push(
        &mut self,
        before: Option<MacroScopeId>,
        name: String,
        rules: MacroRules,
    ) -> MacroScopeId {
        self.links.push(Link { name, rules, before });
        MacroScopeId(u32::try_from(self.links.len() - 1).expect("fewer than 2^32 macros"))
    }

    pub(crate) fn len(&self) -> usize {
        self.links.len()
    }

    /// Finds what a name means: the last definition, and those before it while the later ones may
    /// not exist.
    pub(crate) fn find(&self, scope: Option<MacroScopeId>, name: &str) -> Vec<MacroRules> {
        let mut found = Vec::new();
        let mut next = scope;
        while let Some(MacroScopeId(index)) = next {
            let link = &self.links[index as usize];
            if link.name == name {
                found.push(link.rules.clone());
                if !link.rules.is_conditional {
                    break;
                }
            }
            next = link.before;
        }
        found
    }
}
