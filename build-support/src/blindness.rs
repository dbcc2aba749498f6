//! Of some items that may name some members: who can't see what. Both come and go one by one, and only
//! what differs is looked at again. Must not show in which order that was, nor where in the tree of modules
//! they stand but for who sees what.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    digest::{Digest, Fields},
    digest_tree::DigestTree,
    merkle::RECIPE_VERSION,
    program::{ModuleId, Program},
};

#[derive(Default)]
pub(crate) struct Blindness {
    /// What can only be seen from within a module.
    homes: BTreeMap<ModuleId, Home>,
    /// Who stands in a module.
    standing: BTreeMap<ModuleId, Standing>,
    /// What is seen from the same of these modules, but not from all.
    rooms: BTreeMap<Insiders, DigestTree>,
    /// Who sees the same of that.
    groups: BTreeMap<Vec<Insiders>, DigestTree>,
    /// There are other homes or other modules than those that tell what is seen.
    is_stale: bool,
}

/// Modules that someone stands in, those from which something is seen.
type Insiders = Vec<ModuleId>;

#[derive(Default)]
struct Home {
    /// With how many of one digest there are.
    members: Counts,
    /// None where all see it.
    insiders: Option<Insiders>,
}

#[derive(Default)]
struct Standing {
    who: Counts,
    /// None as long as it is not told.
    sees: Option<Vec<Insiders>>,
}

type Counts = BTreeMap<Digest, usize>;

fn set(counts: &mut Counts, digest: Digest, is_added: bool) {
    let count = counts.entry(digest).or_default();
    *count = if is_added { *count + 1 } else { count.saturating_sub(1) };
    if *count == 0 {
        counts.remove(&digest);
    }
}

fn set_all<K: Ord>(trees: &mut BTreeMap<K, DigestTree>, key: K, counts: &Counts, is_added: bool) {
    let tree = trees.entry(key).or_default();
    for (digest, count) in counts {
        (0..*count).for_each(|_| tree.set(*digest, is_added));
    }
}

impl Blindness {
    /// Adds something that can only be seen from within a module, or takes it away.
    pub(crate) fn set_home(&mut self, home: ModuleId, what: Digest, is_added: bool) {
        let it = self.homes.entry(home).or_default();
        let was_empty = it.members.is_empty();
        set(&mut it.members, what, is_added);
        if let Some(room) = it.insiders.as_ref().and_then(|it| self.rooms.get_mut(it)) {
            room.set(what, is_added);
        }
        let is_empty = it.members.is_empty();
        self.is_stale |= was_empty != is_empty;
        if is_empty {
            self.homes.remove(&home);
        }
    }

    /// Adds someone who stands in a module, or takes them away.
    pub(crate) fn set_standing(&mut self, module: ModuleId, who: Digest, is_added: bool) {
        let it = self.standing.entry(module).or_default();
        let was_empty = it.who.is_empty();
        set(&mut it.who, who, is_added);
        if let Some(group) = it.sees.as_ref().and_then(|it| self.groups.get_mut(it)) {
            group.set(who, is_added);
        }
        let is_empty = it.who.is_empty();
        self.is_stale |= was_empty != is_empty;
        if is_empty {
            self.standing.remove(&module);
        }
    }

    /// Hashes who can't see what, if there are such:
    ///
    /// 1. the recipe's name and version; 2. for what is seen by the same of them, if not by all, the digest
    ///    of the set of it, sorted; 3. for those who see the same of that, if not all, a digest of the set
    ///    of them and of the digests of what they see, sorted.
    pub(crate) fn digest(&mut self, program: &Program) -> Option<Digest> {
        self.refresh(program);
        if self.rooms.is_empty() {
            return None;
        }
        let all = self.rooms.len();
        let mut rooms: Vec<_> = self.rooms.values_mut().map(DigestTree::digest).collect();
        rooms.sort_unstable();
        let groups = self.groups.iter_mut().filter(|(sees, _)| sees.len() < all);
        let groups = groups.map(|(sees, who)| {
            let mut sees: Vec<_> = sees
                .iter()
                .filter_map(|it| self.rooms.get_mut(it).map(DigestTree::digest))
                .collect();
            sees.sort_unstable();
            let mut fields = Fields::new(&format!("perennial blind {RECIPE_VERSION}"));
            fields.digest(who.digest());
            fields.digests(sees.iter());
            fields.finish()
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_unstable();
        let mut fields = Fields::new(&format!("perennial hidden {RECIPE_VERSION}"));
        fields.digests(rooms.iter());
        fields.digests(groups.iter());
        Some(fields.finish())
    }

    /// Tells whether something was hidden from those in a module when this was hashed.
    pub(crate) fn is_in(&self, module: ModuleId) -> bool {
        let sees = self.standing.get(&module).and_then(|it| it.sees.as_ref());
        sees.is_some_and(|it| it.len() < self.rooms.len())
    }

    fn refresh(&mut self, program: &Program) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let mut inside: BTreeMap<ModuleId, Insiders> = BTreeMap::new();
        for module in self.standing.keys() {
            for around in program.around(*module) {
                inside.entry(around).or_default().push(*module);
            }
        }
        let all = self.standing.len();
        for (module, home) in &mut self.homes {
            let insiders = inside.remove(module).unwrap_or_default();
            let insiders = Some(insiders).filter(|it| it.len() < all);
            if insiders != home.insiders {
                if let Some(old) = std::mem::replace(&mut home.insiders, insiders.clone()) {
                    set_all(&mut self.rooms, old, &home.members, false);
                }
                if let Some(new) = insiders {
                    set_all(&mut self.rooms, new, &home.members, true);
                }
            }
        }
        self.rooms.retain(|_, it| !it.is_empty());
        for (module, standing) in &mut self.standing {
            let homes = program.around(*module).filter_map(|it| self.homes.get(&it));
            let sees: BTreeSet<_> = homes.filter_map(|it| it.insiders.clone()).collect();
            let sees = Some(sees.into_iter().collect());
            if sees != standing.sees {
                if let Some(old) = std::mem::replace(&mut standing.sees, sees.clone()) {
                    set_all(&mut self.groups, old, &standing.who, false);
                }
                if let Some(new) = sees {
                    set_all(&mut self.groups, new, &standing.who, true);
                }
            }
        }
        self.groups.retain(|_, it| !it.is_empty());
    }
}
