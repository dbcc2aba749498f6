//! Stage 7, of impls: a type, a trait or a trigger that came into play goes in, the impls that this
//! brings to life are reached. Must not wait for a call that code of other crates makes unseen.

use crate::{
    cause::{Cause, Reason},
    network::{Impl, Unseen},
    program::ItemId,
    walk::Walk,
};

impl Walk<'_> {
    pub(crate) fn bring_into_play(&mut self, ty: ItemId) {
        let cause = Cause { from: ty, reason: Reason::InPlay };
        let node = self.network.node(ty);
        for index in &node.impls {
            let header = &self.network.impls[*index as usize];
            if header.required.iter().all(|it| self.is_reached(*it)) {
                self.enliven(*index, cause);
            }
        }
        node.calls.iter().for_each(|it| self.reach(*it, cause));
    }

    /// An impl is alive when every local type of its header is in play.
    pub(crate) fn enliven(&mut self, index: u32, cause: Cause) {
        let header = &self.network.impls[index as usize];
        if self.live.put(index as usize) || !self.view.contains(header.item) {
            return;
        }
        if header.has_macros || header.local_trait.is_some_and(|it| self.is_reached(it)) {
            self.reach(header.item, cause);
        }
        if self.is_called_unseen(header) {
            return self.run_whole(header, cause);
        }
        for member in &self.network.node(header.item).members {
            if let Some(cause) = self.wants(*member) {
                self.reach(header.item, cause);
                self.reach(*member, cause);
            }
        }
    }

    pub(crate) fn is_called_unseen(&self, header: &Impl) -> bool {
        match header.unseen {
            Unseen::Never => false,
            Unseen::Always => true,
            Unseen::Behind(gate) => {
                self.runs_foreign_code || self.open_gates.contains(gate as usize)
            }
        }
    }

    fn run_whole(&mut self, header: &Impl, cause: Cause) {
        self.reach(header.item, cause);
        for member in &self.network.node(header.item).members {
            self.reach(*member, cause);
        }
    }

    /// From now on impls of a gated trait are called.
    pub(crate) fn open_gate(&mut self, gate: u32, cause: Cause) {
        if !self.open_gates.put(gate as usize) {
            self.run_behind(gate, cause);
        }
    }

    pub(crate) fn open_all_gates(&mut self, cause: Cause) {
        if !std::mem::replace(&mut self.runs_foreign_code, true) {
            (0..).take(self.network.gates.len()).for_each(|it| self.run_behind(it, cause));
        }
    }

    fn run_behind(&mut self, gate: u32, cause: Cause) {
        for index in &self.network.gates[gate as usize].impls {
            let header = &self.network.impls[*index as usize];
            if self.live.contains(*index as usize) && self.view.contains(header.item) {
                self.run_whole(header, cause);
            }
        }
    }

    /// A trait that is named brings the headers of its living impls: their associated types count.
    pub(crate) fn headers_of(&mut self, id: ItemId) {
        let cause = Cause { from: id, reason: Reason::InPlay };
        for index in &self.network.node(id).implementors {
            if self.live.contains(*index as usize) {
                self.reach(self.network.impls[*index as usize].item, cause);
            }
        }
    }
}
