//! The table: each public name of std with the gated traits that it may run, and the same for each
//! trait that a bound or syntax names.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    documentation::{Documentation, Function, Impl, ItemKey, Parent},
    error::Error,
    graph::{Graph, Mask, is_kept_to_std},
    makers::Makers,
};

/// The traits whose impls wait until something reached may call them. Their order is that of the
/// bits of the table.
#[rustfmt::skip]
pub const GATED: &[&str] = &[
    "Binary", "BuildHasher", "Clone", "Debug", "Default", "Display", "DoubleEndedIterator", "Eq",
    "Error", "ExactSizeIterator", "Extend", "From", "FromIterator", "FromStr", "Hash", "Hasher",
    "Into", "IntoIterator", "Iterator", "LowerExp", "LowerHex", "Octal", "Ord", "PartialEq",
    "PartialOrd", "Pointer", "Product", "Sum", "ToOwned", "ToString", "TryFrom", "TryInto",
    "UpperExp", "UpperHex",
];

/// Traits of formatting: `fmt::Arguments` has values inside whose types it forgot.
#[rustfmt::skip]
const FORMATS: &[&str] = &[
    "Binary", "Debug", "Display", "LowerExp", "LowerHex", "Octal", "Pointer", "UpperExp",
    "UpperHex",
];

/// A type's impl that needs a trait makes its bound run that trait, unless the type can come from so
/// few names only that these can answer for it instead.
const NAMES_AT_MOST: usize = 8;

/// What std may run.
#[derive(Debug, Default)]
pub struct Table {
    pub(crate) gated: Vec<String>,
    /// Functions, methods, types and their variants, constants: by name and owner. The owner is a
    /// type, `trait Name`, or the kind of an item of a module: `fn`, `type`.
    pub(crate) names: BTreeMap<(String, String), Mask>,
    /// Types that are no other's alias.
    pub(crate) types: BTreeSet<String>,
    /// What a bound may run, given types that code names, and given any type at all.
    pub(crate) traits: BTreeMap<String, (Mask, Mask)>,
    /// Traits that the table takes no one else to implement.
    pub(crate) unstable: BTreeSet<String>,
    /// Why a bound runs more than it says: trait, gated trait, type.
    pub(crate) exceptions: BTreeSet<(String, String, String)>,
    /// What runs for a type because of its name: type, gated trait, names.
    pub(crate) carried: Vec<(String, String, BTreeSet<String>)>,
}

impl Table {
    /// Computes the table for some gated traits.
    ///
    /// # Errors
    ///
    /// The documentation lacks one of the traits, or has two of that name.
    pub fn of(documentation: &Documentation, gated: &[&str]) -> Result<Self, Error> {
        let keys = gated
            .iter()
            .map(|name| {
                let mut found = documentation.traits.keys().filter(|it| it.name == *name);
                match (found.next(), found.next()) {
                    (Some(key), None) => Ok(key.clone()),
                    _ => Err(Error::missing(format!("single trait `{name}`"))),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut maker = TableMaker::new(documentation, &keys);
        maker.settle();
        Ok(maker.table())
    }
}

struct TableMaker<'d> {
    documentation: &'d Documentation,
    gated: &'d [ItemKey],
    formats: Mask,
    graph: Graph,
    /// As `graph`, with all that any impl asks for.
    open: Graph,
    makers: Makers<'d>,
    by_type: BTreeMap<&'d ItemKey, Vec<&'d Impl>>,
    carried: Vec<(&'d ItemKey, usize, BTreeSet<String>)>,
    exceptions: BTreeSet<(String, String, String)>,
}

impl<'d> TableMaker<'d> {
    fn new(documentation: &'d Documentation, gated: &'d [ItemKey]) -> Self {
        let mut graph = Graph::new(documentation, gated);
        let mut open = graph.clone();
        let mut by_type: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for it in documentation.impls.iter().filter(|it| runs_code(documentation, it)) {
            open.add_edges(&it.of_trait, &it.bounds);
            match it.self_types.first() {
                Some(key) => by_type.entry(key).or_default().push(it),
                None => graph.add_edges(&it.of_trait, &it.bounds),
            }
        }
        open.settle();
        let formats = (0..gated.len()).filter(|it| FORMATS.contains(&gated[*it].name.as_str()));
        Self {
            documentation,
            gated,
            formats: formats.fold(0, |mask, bit| mask | 1 << bit),
            graph,
            open,
            makers: Makers::of(documentation),
            by_type,
            carried: Vec::new(),
            exceptions: BTreeSet::new(),
        }
    }

    /// Decides for each type and trait whether names answer for it, until no bound runs more.
    fn settle(&mut self) {
        loop {
            self.graph.settle();
            self.carried.clear();
            let mut additions = Vec::new();
            for (key, impls) in &self.by_type {
                for bit in 0..self.gated.len() {
                    let mask = 1 << bit;
                    let needs = |it: &&&Impl| {
                        self.graph.of_all(&it.bounds) & !self.graph.mask(&it.of_trait) & mask != 0
                    };
                    let asking: Vec<_> = impls.iter().filter(needs).collect();
                    if asking.is_empty() {
                        continue;
                    }
                    match self.makers.lacking(key, mask, |it| self.mask_of(it)) {
                        Some(names) if names.len() <= NAMES_AT_MOST => {
                            self.carried.push((key, bit, names));
                        }
                        _ => additions.extend(asking.iter().map(|it| (&it.of_trait, bit, *key))),
                    }
                }
            }
            if additions.is_empty() {
                return;
            }
            for (of, bit, by) in additions {
                self.graph.add(of, 1 << bit);
                let runs = self.gated[bit].name.clone();
                self.exceptions.insert((of.name.clone(), runs, by.name.clone()));
            }
        }
    }

    fn mask_of(&self, function: &Function) -> Mask {
        let own = self.graph.of_all(&function.asks.bounds);
        let of_trait = match &function.of {
            Parent::Trait(key) => self.graph.mask(key),
            _ => 0,
        };
        own | of_trait | if function.asks.formats { self.formats } else { 0 }
    }

    fn table(self) -> Table {
        let documentation = self.documentation;
        let mut names: BTreeMap<(String, String), Mask> = BTreeMap::new();
        for it in &documentation.functions {
            let owner = match &it.of {
                Parent::Module => "fn".to_owned(),
                Parent::Trait(key) => format!("trait {}", key.name),
                Parent::Inherent { shown_at, .. } => shown_at.clone(),
            };
            *names.entry((it.name.clone(), owner)).or_default() |= self.mask_of(it);
        }
        for (key, facts) in &documentation.types {
            for name in facts.variants.iter().chain([&key.name]) {
                names.entry((name.clone(), "type".to_owned())).or_default();
            }
        }
        // A name that answers for a type does so whatever it is a name of.
        for (_, bit, answering) in &self.carried {
            for name in answering {
                let from = (name.clone(), String::new());
                let all = names.range_mut(from..).take_while(|it| it.0.0 == *name);
                all.for_each(|(_, mask)| *mask |= 1 << bit);
            }
        }
        let mut traits: BTreeMap<String, (Mask, Mask)> = BTreeMap::new();
        for key in documentation.traits.keys() {
            let (certain, any) = traits.entry(key.name.clone()).or_default();
            *certain |= self.graph.mask(key);
            *any |= self.open.mask(key);
        }
        let unstable = documentation.traits.iter().filter(|it| it.1.is_unstable);
        let mut types: BTreeSet<_> = documentation.types.keys().map(|it| it.name.clone()).collect();
        // `io::Result` has the functions of `Result`, `NonZeroU8` those of another name.
        for (key, _) in documentation.types.iter().filter(|(key, it)| {
            it.is_alias && !it.leads_to.iter().any(|target| target.name == key.name)
        }) {
            types.remove(&key.name);
        }
        let carried = self.carried.iter().map(|(key, bit, names)| {
            (key.name.clone(), self.gated[*bit].name.clone(), names.clone())
        });
        Table {
            gated: self.gated.iter().map(|it| it.name.clone()).collect(),
            names,
            types,
            traits,
            unstable: unstable.map(|it| it.0.name.clone()).collect(),
            carried: carried.collect(),
            exceptions: self.exceptions,
        }
    }
}

/// Tells whether a bound on the impl's trait can run what the impl asks for. A trait without methods
/// runs nothing; one that only std implements stands for the traits that it follows from.
fn runs_code(documentation: &Documentation, it: &Impl) -> bool {
    documentation.traits.get(&it.of_trait).is_none_or(|it| it.has_methods || is_kept_to_std(it))
}
