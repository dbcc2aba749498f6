//! Stage 7, of guests that come together: many starts have the same ones. What all of them reach, with
//! their own guests, is found once.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet;
use rustc_hash::FxHashMap as HashMap;

use crate::{base::Bases, program::ItemId, walk::Walk};

/// Sets of guests, with what one crate sees.
#[derive(Default)]
pub(crate) struct Crowds {
    all: Vec<Crowd>,
    numbers: HashMap<FixedBitSet, usize>,
    /// By guest.
    worlds: HashMap<ItemId, World>,
}

/// What a guest reaches by itself, the text of its own guests included.
struct World {
    reached: FixedBitSet,
    /// Its own guests.
    crowd: Option<usize>,
}

#[derive(Default)]
struct Crowd {
    guests: FixedBitSet,
    /// What they reach by themselves, and their own guests.
    own: Option<(FixedBitSet, BTreeSet<usize>)>,
    /// What all of these reach.
    all: Option<FixedBitSet>,
}

impl Crowds {
    /// Returns what guests reach, themselves included.
    pub(crate) fn reached<'n>(
        &mut self,
        guests: FixedBitSet,
        bases: &mut Bases<'n>,
        walk: &mut Walk<'n>,
    ) -> &FixedBitSet {
        let number = self.number(guests);
        if self.all[number].all.is_none() {
            let mut all = FixedBitSet::new();
            let mut seen = BTreeSet::from([number]);
            let mut queue = vec![number];
            while let Some(next) = queue.pop() {
                let (own, further) = self.own(next, bases, walk);
                all.union_with(own);
                queue.extend(further.iter().filter(|it| seen.insert(**it)));
            }
            self.all[number].all = Some(all);
        }
        self.all[number].all.as_ref().expect("it was made above")
    }

    fn number(&mut self, guests: FixedBitSet) -> usize {
        let crowds = &mut self.all;
        *self.numbers.entry(guests).or_insert_with_key(|guests| {
            crowds.push(Crowd { guests: guests.clone(), ..Crowd::default() });
            crowds.len() - 1
        })
    }

    fn own<'n>(
        &mut self,
        number: usize,
        bases: &mut Bases<'n>,
        walk: &mut Walk<'n>,
    ) -> &(FixedBitSet, BTreeSet<usize>) {
        if self.all[number].own.is_none() {
            let mut reached = self.all[number].guests.clone();
            let mut further = BTreeSet::new();
            let guests: Vec<_> = reached.ones().map(ItemId::new).collect();
            for guest in guests {
                if !self.worlds.contains_key(&guest) {
                    let world = self.world(guest, bases, walk);
                    self.worlds.insert(guest, world);
                }
                let world = &self.worlds[&guest];
                reached.union_with(&world.reached);
                further.extend(world.crowd);
            }
            self.all[number].own = Some((reached, further));
        }
        self.all[number].own.as_ref().expect("it was made above")
    }

    fn world<'n>(&mut self, guest: ItemId, bases: &mut Bases<'n>, walk: &mut Walk<'n>) -> World {
        bases.walk(walk, guest);
        walk.admit(guest, false);
        walk.go_on();
        let mut reached = walk.reached().clone();
        let crowd = walk.guests_if_any().map(|guests| {
            reached.union_with(&guests.shown);
            self.number(guests.run)
        });
        World { reached, crowd }
    }
}
