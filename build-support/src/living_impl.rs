//! Stage 7, of impls: a type, a trait or a trigger that came into play goes in, the impls that this
//! brings to life are reached. Must not wait for a call that code of other crates makes unseen.

use crate::{
    cause::{Cause, Reason},
    impl_header::ImplTrait,
    program::ItemId,
    trigger,
    walk::Walk,
};

impl Walk<'_, '_, '_> {
    pub(crate) fn bring_into_play(&mut self, ty: ItemId) {
        let cause = Cause { from: ty, reason: Reason::InPlay };
        for index in self.graph.members.impls_of_type.get(&ty).into_iter().flatten() {
            let header = &self.graph.members.impls[*index];
            if header.required.iter().all(|it| self.is_reached(*it)) {
                self.enliven(*index, cause);
            }
        }
        for call in &self.graph.calls {
            if call.types.contains(&ty) {
                self.reach(call.item, cause);
            }
        }
    }

    /// An impl is alive when every local type of its header is in play.
    pub(crate) fn enliven(&mut self, index: usize, cause: Cause) {
        if std::mem::replace(&mut self.live[index], true) {
            return;
        }
        let header = &self.graph.members.impls[index];
        let Some(item) = header.item else { return };
        if !self.view.contains(item) {
            return;
        }
        let runs_whole = match &header.of_trait {
            Some(ImplTrait::Local(id)) => {
                if self.is_reached(*id) {
                    self.reach(item, cause);
                }
                false
            }
            // Code of other crates calls the methods of their traits unseen.
            Some(of @ ImplTrait::Foreign { .. }) => self.is_called_unseen(of),
            None => false,
        };
        if header.has_macros {
            self.reach(item, cause);
        }
        if runs_whole {
            self.run_whole(item, cause);
            return;
        }
        for member in &self.graph.program.item(item).members {
            let name = self.graph.program.item(*member).name.as_str();
            if let Some(cause) = self.wants(*member, name) {
                self.reach(item, cause);
                self.reach(*member, cause);
            }
        }
    }

    pub(crate) fn is_called_unseen(&self, of: &ImplTrait) -> bool {
        match of {
            ImplTrait::Foreign { name, is_std: true } => match trigger::gated(name) {
                Some(name) => self.runs_foreign_code || self.triggers.contains(name),
                None => true,
            },
            ImplTrait::Foreign { .. } => true,
            ImplTrait::Local(_) => false,
        }
    }

    fn run_whole(&mut self, item: ItemId, cause: Cause) {
        self.reach(item, cause);
        for member in &self.graph.program.item(item).members {
            self.reach(*member, cause);
        }
    }

    /// From now on impls of a gated trait are called.
    pub(crate) fn pull(&mut self, name: &'static str, cause: Cause) {
        if self.triggers.insert(name) {
            self.impls_of_gated(cause, |it| it == name);
        }
    }

    pub(crate) fn impls_of_gated(&mut self, cause: Cause, is_meant: impl Fn(&str) -> bool) {
        for (index, header) in self.graph.members.impls.iter().enumerate() {
            if let (true, Some(item), Some(ImplTrait::Foreign { name, is_std: true })) =
                (self.live[index], header.item, &header.of_trait)
                && is_meant(name)
                && self.view.contains(item)
            {
                self.run_whole(item, cause);
            }
        }
    }

    /// A trait that is named brings the headers of its living impls: their associated types count.
    pub(crate) fn headers_of(&mut self, id: ItemId) {
        let cause = Cause { from: id, reason: Reason::InPlay };
        for index in self.graph.members.impls_of_trait.get(&id).into_iter().flatten() {
            if self.live[*index] {
                self.graph.members.impls[*index].item.iter().for_each(|it| self.reach(*it, cause));
            }
        }
    }
}
