//! Stage 4, of paths that have been looked up before: most stand in a module more than once, and are asked
//! for again at one place. A path goes in, what it means comes out. Must not forget the `cfg`s that this
//! depends on.

use std::{collections::BTreeSet, rc::Rc};

use proc_macro2::Ident;
use rustc_hash::FxHashMap as HashMap;

use crate::{
    program::{ModuleId, Namespace},
    resolve::{Meanings, Resolver},
    written::Written,
};

/// By the number of a path, where it stands, and whether it begins with a colon.
pub(crate) type KnownPaths = HashMap<(u32, ModuleId, bool, Namespace), FoundPath>;

/// What a path means, and the `cfg`s that this depends on.
pub(crate) struct FoundPath {
    meanings: Meanings,
    cfgs: BTreeSet<String>,
}

impl Resolver<'_> {
    /// Resolves a path as it is written in a module.
    pub(crate) fn path(
        &self,
        module: ModuleId,
        leading_colon: bool,
        segments: &[String],
        namespace: Namespace,
    ) -> Meanings {
        self.meanings(module, leading_colon, &self.written_names(segments), namespace)
    }

    /// The same for a path that is kept.
    pub(crate) fn meanings(
        &self,
        module: ModuleId,
        leading_colon: bool,
        path: &Written,
        namespace: Namespace,
    ) -> Meanings {
        let place = (path.number, module, leading_colon, namespace);
        if let Some(known) = self.known_paths.borrow().get(&place) {
            self.cfgs.borrow_mut().extend(known.cfgs.iter().cloned());
            return Rc::clone(&known.meanings);
        }
        let before = self.take_cfgs();
        let meanings = self.path_for(module, None, leading_colon, &path.names, namespace);
        let meanings = Meanings::from(meanings);
        if self.is_at_rest() {
            let cfgs = self.cfgs.borrow().clone();
            let kept = FoundPath { meanings: Rc::clone(&meanings), cfgs };
            self.known_paths.borrow_mut().insert(place, kept);
        }
        self.cfgs.borrow_mut().extend(before);
        meanings
    }

    /// The path, without its arguments.
    pub(crate) fn written(&self, path: &syn::Path) -> Rc<Written> {
        self.written.borrow_mut().of_path(path)
    }

    pub(crate) fn written_names(&self, names: &[String]) -> Rc<Written> {
        self.written.borrow_mut().of_names(names)
    }

    /// The path of a lone name.
    pub(crate) fn written_name(&self, ident: &Ident) -> Rc<Written> {
        self.written.borrow_mut().of_ident(ident)
    }
}
