//! From the graph of symbols to the pairs of functions of which the first really reaches the second.
//!
//! A generic function runs what its caller passes as a type: a closure, or a function named as a
//! value. Such code is the caller's, which is why a search that starts at an instantiation doesn't
//! enter what the instantiation's own name says was passed.
//!
//! A vtable mentions all methods of its trait, called or not. Those of a trait of the package are
//! seen to be called where they are; what is reached by their slots alone is kept apart.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use petgraph::{algo::tarjan_scc, graph::DiGraph, graph::NodeIndex};

use super::{
    constants::Constants,
    ir::Ir,
    place::in_package,
    source::{ConstId, FnId, Origin, Sources},
};

/// What each function for which there is code reaches, itself left out.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) reaches: BTreeMap<FnId, Reach>,
    /// Functions of the package's files that no function of its sources could be found for: made by
    /// macros and derives.
    pub(crate) unmapped: usize,
}

/// What a function reaches.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    pub(crate) surely: BTreeSet<FnId>,
    /// By slots of vtables only, which may never be called.
    pub(crate) by_slots: BTreeSet<FnId>,
    /// Constants and statics.
    pub(crate) constants: BTreeSet<ConstId>,
}

impl Reach {
    pub(crate) fn contains(&self, id: FnId) -> bool {
        self.surely.contains(&id) || self.by_slots.contains(&id)
    }
}

impl Reference {
    /// Reads the reference off a graph of symbols; `krate` is the crate's name.
    pub(crate) fn new(
        ir: &Ir,
        constants: &Constants,
        krate: &str,
        package: &Path,
        sources: &Sources,
    ) -> Self {
        let names: Vec<String> = ir.symbols.iter().map(|it| readable(&it.name)).collect();
        let mut unmapped = BTreeSet::new();
        let functions: Vec<Option<FnId>> = ir
            .symbols
            .iter()
            .zip(&names)
            .map(|(symbol, name)| {
                let it = symbol.subprogram.as_ref()?;
                let file = in_package(package, &it.directory, &it.file)?;
                let found = sources.at(&file, it.line, origin(name));
                if found.is_none() && sources.files.contains_key(&file) {
                    unmapped.insert((file, it.line, &it.name));
                }
                found
            })
            .collect();
        let passed = passed_by_callers(ir, &names, &functions);
        let without_slots = Graph::without_slots(ir, &names, krate);
        let mut reaches: BTreeMap<FnId, Reach> = BTreeMap::new();
        for (graph, has_slots) in [(without_slots, false), (Graph::of(ir), true)] {
            let everything = Everything::new(&graph, &functions, sources.functions.len());
            for (symbol, function) in functions.iter().enumerate() {
                let Some(function) = function else { continue };
                let reach = reaches.entry(*function).or_default();
                let into = if has_slots { &mut reach.by_slots } else { &mut reach.surely };
                match passed.get(&symbol) {
                    None => into.extend(everything.from(symbol)),
                    Some(passed) => into.extend(graph.search(&functions, symbol, passed)),
                }
            }
        }
        through_constants(&mut reaches, constants);
        for (function, reach) in &mut reaches {
            reach.surely.remove(function);
            reach.by_slots.remove(function);
            reach.by_slots.retain(|it| !reach.surely.contains(it));
        }
        Self { reaches, unmapped: unmapped.len() }
    }
}

/// Adds the constants that functions need, and what ran to evaluate them, until nothing is added.
fn through_constants(reaches: &mut BTreeMap<FnId, Reach>, constants: &Constants) {
    loop {
        let mut added = Vec::new();
        for (function, reach) in &mut *reaches {
            let mut functions = reach.surely.clone();
            functions.insert(*function);
            let (needed, evaluated) = constants.of(&functions);
            reach.constants = needed;
            if !evaluated.is_subset(&functions) {
                added.push((*function, evaluated));
            }
        }
        if added.is_empty() {
            return;
        }
        for (function, evaluated) in added {
            let beyond: BTreeSet<FnId> = evaluated
                .iter()
                .filter_map(|it| reaches.get(it))
                .flat_map(|it| &it.surely)
                .copied()
                .collect();
            let Some(reach) = reaches.get_mut(&function) else { continue };
            reach.surely.extend(evaluated);
            reach.surely.extend(beyond);
        }
    }
}

/// What each symbol mentions.
struct Graph<'a>(Vec<Cow<'a, [usize]>>);

impl<'a> Graph<'a> {
    fn of(ir: &'a Ir) -> Self {
        Self(ir.symbols.iter().map(|it| Cow::Borrowed(&it.mentions[..])).collect())
    }

    /// Leaves out what vtables of the crate's traits say of methods of the crate's traits. Drop glue
    /// and the methods of traits of other crates stay: those crates call them unseen.
    fn without_slots(ir: &'a Ir, names: &[String], krate: &str) -> Self {
        let (path, implementation) = (format!("{krate}::"), format!(" as {krate}["));
        let mut graph = Self::of(ir);
        for (mentions, symbol) in graph.0.iter_mut().zip(&ir.symbols) {
            if symbol.vtable_of.as_ref().is_some_and(|it| it.starts_with(&path)) {
                mentions.to_mut().retain(|it| !names[*it].contains(&implementation));
            }
        }
        graph
    }

    /// Searches from a symbol without entering some others.
    fn search(
        &self,
        functions: &[Option<FnId>],
        start: usize,
        closed: &BTreeSet<usize>,
    ) -> BTreeSet<FnId> {
        let mut seen = vec![false; self.0.len()];
        let mut queue = vec![start];
        let mut found = BTreeSet::new();
        while let Some(symbol) = queue.pop() {
            if seen[symbol] || closed.contains(&symbol) && symbol != start {
                continue;
            }
            seen[symbol] = true;
            found.extend(functions[symbol]);
            queue.extend(&*self.0[symbol]);
        }
        found
    }
}

/// Returns, for each instantiation, the functions and closures that its name says it was given.
fn passed_by_callers(
    ir: &Ir,
    names: &[String],
    functions: &[Option<FnId>],
) -> HashMap<usize, BTreeSet<usize>> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, name) in names.iter().enumerate() {
        if ir.symbols[index].is_defined {
            by_name.entry(name).or_default().push(index);
        }
    }
    let mut passed = HashMap::new();
    for (index, name) in names.iter().enumerate().filter(|(it, _)| functions[*it].is_some()) {
        let found: BTreeSet<usize> =
            types_in(name).filter_map(|it| by_name.get(it)).flatten().copied().collect();
        if !found.is_empty() {
            passed.insert(index, found);
        }
    }
    passed
}

/// Demangles a symbol so that a function reads the same as a symbol and as a type argument.
fn readable(symbol: &str) -> String {
    rustc_demangle::try_demangle(symbol)
        .map_or_else(|_| symbol.to_owned(), |it| it.to_string().replace("::<", "<"))
}

/// Reads from a readable name what the symbol was made of.
fn origin(name: &str) -> Origin<'_> {
    let (mut rest, mut is_closure) = (name, false);
    loop {
        if let Some(at) = rest.ends_with('}').then(|| rest.rfind("::{")).flatten() {
            // `f::{closure#0}`, `f<u8>::{closure#0}::{closure#1}`.
            (rest, is_closure) = (&rest[..at], true);
        } else if rest.ends_with('>') {
            rest = &rest[..opening(rest)];
        } else {
            break;
        }
    }
    let bare = rest.rsplit("::").next().unwrap_or(rest).trim_start_matches("r#");
    if is_closure { Origin::Closure(bare) } else { Origin::Function(bare) }
}

/// Returns where the bracket opens that closes at the end of a text.
fn opening(text: &str) -> usize {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    for at in (0..bytes.len()).rev() {
        match bytes[at] {
            b'>' if at == 0 || bytes[at - 1] != b'-' => depth += 1,
            b'<' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    0
}

/// Returns every type argument in a readable name, at any depth.
fn types_in(name: &str) -> impl Iterator<Item = &str> {
    let is_start = |at: usize| {
        at > 0 && matches!(name.as_bytes()[at - 1], b'<' | b' ' | b'(' | b'&' | b'[' | b'*')
    };
    name.char_indices().map(|(at, _)| at).filter(move |at| is_start(*at)).filter_map(|at| {
        let (mut depth, mut before) = (0_usize, ' ');
        let end = name[at..].char_indices().find(|(_, it)| {
            match (std::mem::replace(&mut before, *it), it) {
                // The arrow of a function type.
                ('-', '>') => false,
                (_, '<' | '(' | '[' | '{') => {
                    depth += 1;
                    false
                }
                (_, '>' | ')' | ']' | '}') if depth > 0 => {
                    depth -= 1;
                    false
                }
                (_, '>' | ')' | ']' | '}' | ',' | ';' | ' ' | '+' | '=') => depth == 0,
                _ => false,
            }
        });
        Some(&name[at..at + end?.0])
    })
}

/// What every symbol reaches, as one set of bits for each strongly connected component.
struct Everything {
    component: Vec<usize>,
    bits: Vec<Vec<u64>>,
}

impl Everything {
    fn new(graph: &Graph<'_>, functions: &[Option<FnId>], function_count: usize) -> Self {
        let mut all = DiGraph::<(), ()>::with_capacity(graph.0.len(), 0);
        graph.0.iter().for_each(|_| {
            all.add_node(());
        });
        for (index, mentions) in graph.0.iter().enumerate() {
            for mentioned in mentions.iter() {
                all.add_edge(NodeIndex::new(index), NodeIndex::new(*mentioned), ());
            }
        }
        let mut everything = Self { component: vec![0; graph.0.len()], bits: Vec::new() };
        // Components come after those that they lead to.
        for component in tarjan_scc(&all) {
            let number = everything.bits.len();
            let mut bits = vec![0_u64; function_count.div_ceil(64)];
            for node in &component {
                everything.component[node.index()] = number;
                if let Some(FnId(it)) = functions[node.index()] {
                    bits[it / 64] |= 1 << (it % 64);
                }
            }
            let below: BTreeSet<usize> = component
                .iter()
                .flat_map(|it| graph.0[it.index()].iter())
                .map(|it| everything.component[*it])
                .filter(|it| *it != number)
                .collect();
            for it in below {
                for (word, other) in bits.iter_mut().zip(&everything.bits[it]) {
                    *word |= other;
                }
            }
            everything.bits.push(bits);
        }
        everything
    }

    fn from(&self, symbol: usize) -> impl Iterator<Item = FnId> {
        let bits = &self.bits[self.component[symbol]];
        bits.iter().enumerate().flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| FnId(at * 64 + bit))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_functions_from_closures_within_them() {
        let cases = [
            ("demo[1]::tests::start", Origin::Function("start")),
            ("<demo[1]::A<u8> as demo[1]::T>::m<fn(u8) -> u8>", Origin::Function("m")),
            ("demo[1]::start<[u8; 2]>::{closure#0}", Origin::Closure("start")),
            ("<demo[1]::A>::m::{closure#1}::{closure#0}", Origin::Closure("m")),
        ];
        for (name, expected) in cases {
            assert_eq!(origin(name), expected, "{name}");
        }
    }

    #[test]
    fn type_arguments_are_found_at_any_depth() {
        let name = "demo[1]::map<u8, core[2]::Map<demo[1]::tests::t::{closure#0}, [u8; 2]>>";
        let found: Vec<&str> = types_in(name).collect();
        assert!(found.contains(&"demo[1]::tests::t::{closure#0}"), "{found:?}");
        assert!(found.contains(&"core[2]::Map<demo[1]::tests::t::{closure#0}, [u8; 2]>"));
        assert!(!found.iter().any(|it| it.starts_with("demo[1]::map")), "{found:?}");
    }
}
