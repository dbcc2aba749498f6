//! Who of a set of items names what it can't see, as a digest: sets come one after another that differ
//! little, and so only what differs is looked at again. Must not leave out whoever may be blind.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;

use crate::{
    blindness::Blindness,
    digest::{Digest, Fields},
    digest_tree::DigestTree,
    hidden::Hidden,
    item_sets::different,
    merkle::RECIPE_VERSION,
    program::{ItemId, Program},
    ranking::Ranking,
    visibility::Visibility,
};

/// Hashes who is blind among the items of one set after another.
pub(crate) struct BlindHasher<'a> {
    program: &'a Program,
    hidden: &'a Hidden,
    /// Of the last set: those that decide who is blind to what.
    items: FixedBitSet,
    /// By name: of those that say it.
    named: Vec<(Blindness, Option<Digest>)>,
    /// The digests of these, each with the name.
    names: DigestTree,
    /// Of those that may say any.
    any: Blindness,
    any_digest: Option<Digest>,
}

impl<'a> BlindHasher<'a> {
    pub(crate) fn new(program: &'a Program, hidden: &'a Hidden) -> Self {
        Self {
            program,
            hidden,
            items: FixedBitSet::with_capacity(program.items.len()),
            named: hidden.names.iter().map(|_| (Blindness::default(), None)).collect(),
            names: DigestTree::default(),
            any: Blindness::default(),
            any_digest: None,
        }
    }

    /// Hashes who names what, with digests in the place of items:
    ///
    /// 1. the recipe's name and version; 2. the digest of a set: for each name, a digest of it and of who
    ///    says it and can't see what of what it may mean; 3. as a list, the digest of who may say any and
    ///    can't see what, if there are such.
    pub(crate) fn digest(&mut self, reached: &FixedBitSet, ranking: &Ranking) -> Digest {
        self.change_to(reached, ranking);
        let mut fields = Fields::new(&format!("perennial blinds {RECIPE_VERSION}"));
        fields.digest(self.names.digest());
        fields.digests(self.any_digest.iter());
        fields.finish()
    }

    /// Tells whether an item of the set that was hashed last may name what it can't see.
    pub(crate) fn is_blind(&self, id: ItemId) -> bool {
        let module = self.program.item(id).module;
        let says = &self.hidden.said_by[id.index()];
        says.iter().any(|it| self.named[*it].0.is_in(module))
            || self.hidden.naming_any.contains(id.index()) && self.any.is_in(module)
    }

    fn change_to(&mut self, reached: &FixedBitSet, ranking: &Ranking) {
        let (program, hidden) = (self.program, self.hidden);
        let mut deciding = reached.clone();
        deciding.intersect_with(&hidden.deciding);
        let changed: Vec<_> = different(&deciding, &self.items).collect();
        self.items = deciding;
        let mut names = BTreeSet::new();
        let mut is_any_changed = false;
        for item in changed {
            let is_added = self.items.contains(item);
            let id = ItemId::new(item);
            let (module, digest) = (program.item(id).module, ranking.digest(ranking.of(id)));
            for name in &hidden.said_by[item] {
                self.named[*name].0.set_standing(module, digest, is_added);
                names.insert(*name);
            }
            if hidden.naming_any.contains(item) {
                self.any.set_standing(module, digest, is_added);
                is_any_changed = true;
            }
            for candidate in hidden.candidates_of.get(&id).into_iter().flatten() {
                let it = &hidden.candidates[*candidate];
                let Visibility::Within(home) = it.visibility else { continue };
                if let Some(name) = it.number {
                    self.named[name].0.set_home(home, digest, is_added);
                    names.insert(name);
                }
                if !hidden.naming_any.is_clear() {
                    self.any.set_home(home, line(digest, &it.name), is_added);
                    is_any_changed = true;
                }
            }
        }
        if is_any_changed {
            self.any_digest = self.any.digest(program);
        }
        for name in names {
            let (blindness, known) = &mut self.named[name];
            let digest = blindness.digest(program).map(|it| line(it, &hidden.names[name]));
            if digest != *known {
                known.iter().for_each(|it| self.names.set(*it, false));
                digest.iter().for_each(|it| self.names.set(*it, true));
                *known = digest;
            }
        }
    }
}

/// Hashes a digest with a name.
fn line(digest: Digest, name: &str) -> Digest {
    let mut fields = Fields::new(&format!("perennial named {RECIPE_VERSION}"));
    fields.digest(digest);
    fields.text(name);
    fields.finish()
}
