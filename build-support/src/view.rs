//! What one crate sees of a program: itself and what it depends on. Impls elsewhere are nothing to it.

use fixedbitset::FixedBitSet;

use crate::{
    network::Network,
    program::{ItemId, KrateId},
};

#[derive(Debug, Default)]
pub(crate) struct View {
    items: FixedBitSet,
    /// What is reached from everywhere.
    pub(crate) always: Vec<ItemId>,
    /// Impls that need nothing to be in play.
    pub(crate) living: Vec<u32>,
}

impl View {
    pub(crate) fn new(network: &Network, krate: KrateId) -> Self {
        let visible = &network.visible[krate.index()];
        let is_visible = |it: &ItemId| visible.contains(&network.node(*it).krate);
        let ids = (0..network.nodes.len()).map(ItemId::new);
        let living = network.impls.iter().zip(0..);
        let living = living.filter(|(it, _)| it.required.is_empty() && is_visible(&it.item));
        Self {
            items: ids.filter(is_visible).map(ItemId::index).collect(),
            always: network.always.iter().copied().filter(is_visible).collect(),
            living: living.map(|(_, index)| index).collect(),
        }
    }

    pub(crate) fn contains(&self, id: ItemId) -> bool {
        self.items.contains(id.index())
    }
}
