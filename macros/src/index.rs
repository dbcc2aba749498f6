//! The index that `perennial-build` wrote: one record a line, fields separated by tabs.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use crate::hex;

/// The signature table as the macros need it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    pub(crate) version: String,
    pub(crate) compiler: String,
    /// The features behind `target-cpu=native`, where the build is asked for that.
    pub(crate) native: Option<String>,
    /// Parts of the build context that stay out of keys, by the names of their fields.
    pub(crate) relaxed: BTreeSet<String>,
    /// Dependencies whose units stay out of keys.
    pub(crate) relaxed_dependencies: BTreeSet<String>,
    /// Dependencies whose macros were expanded.
    pub(crate) makers: BTreeMap<String, Maker>,
    pub(crate) targets: Vec<TargetRecord>,
    pub(crate) functions: Vec<FunctionRecord>,
    /// None where several functions have one place, which macros can bring about.
    functions_by_place: HashMap<Place, Option<usize>>,
    keys: HashMap<Place, KeyRecord>,
    /// By place: the function in which a closure stands, and which of those in it it is.
    closures: HashMap<Place, Option<(usize, usize)>>,
    /// The functions in which closures stand that macros made.
    made_closures: Vec<usize>,
}

/// Where the macros of a dependency were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Maker {
    /// The name of the package's folder.
    pub(crate) package: String,
    /// No other version can be meant.
    pub(crate) is_certain: bool,
}

/// Target, file, line (one-based) and column (zero-based).
pub(crate) type Place = (usize, String, usize, usize);

#[derive(Clone, Debug, Default)]
pub(crate) struct TargetRecord {
    pub(crate) name: String,
    pub(crate) root: String,
    /// Whether it is what `--test` compiles; `None` where that makes no difference.
    pub(crate) is_for_test: Option<bool>,
    /// Some module of it does without the prelude.
    pub(crate) has_no_prelude: bool,
    /// Digests and paths of the files that its signatures depend on; `-` for one that is absent.
    pub(crate) sources: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct FunctionRecord {
    pub(crate) target: usize,
    /// The source signature, in hexadecimal digits.
    pub(crate) signature: String,
    pub(crate) flags: String,
    pub(crate) units: Vec<String>,
    pub(crate) name: String,
    pub(crate) parameters: Vec<String>,
    /// Names of the variables that `env!` and `option_env!` read in what it reaches.
    pub(crate) variables: Vec<String>,
    /// The signature of its own source, in hexadecimal digits.
    pub(crate) own: String,
    /// None where several `#[memo]`s say different things.
    pub(crate) scope: Option<Scope>,
    /// What is in the keys of its calls without being listed.
    pub(crate) state: Vec<StateRecord>,
    /// It has no place that is its own: a macro made it, or may write it anew.
    pub(crate) is_made: bool,
    /// How long its results are reused, as written.
    pub(crate) expires: Option<String>,
}

/// A static or a variable of the process that a function reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StateRecord {
    /// `path`, `dereferenced`, `gotten`, `mark`, `variable` or `none`.
    pub(crate) how: String,
    /// The path, the mark, the variable, or why there is none.
    pub(crate) value: String,
    /// Its name in the key.
    pub(crate) label: String,
    /// Its name for people.
    pub(crate) name: String,
    pub(crate) place: String,
    /// The items that lead to it.
    pub(crate) chain: String,
    /// Attributes of the compiler's tools may have no names where it is read.
    pub(crate) is_plain: bool,
}

/// How much of the code is in the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Deep,
    Own,
    /// The text that stands for it.
    Pinned(String),
}

/// What a `memo_key!` or a `memo_call!` means: a function, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyRecord {
    Function(usize),
    Refused(String),
}

impl Index {
    /// Reads the index of a package once for each compilation.
    pub(crate) fn read(out_dir: &Path) -> Option<Arc<Self>> {
        static READ: OnceLock<Mutex<HashMap<PathBuf, Arc<Index>>>> = OnceLock::new();
        let mut read =
            READ.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = read.get(out_dir) {
            return Some(Arc::clone(index));
        }
        let text = std::fs::read_to_string(out_dir.join("perennial").join("index")).ok()?;
        let index = Arc::new(Self::parse(&text));
        read.insert(out_dir.to_owned(), Arc::clone(&index));
        Some(index)
    }

    /// Returns the root of a function's target, if no other function of the target has its name.
    pub(crate) fn home_of(&self, number: usize) -> Option<String> {
        let function = self.functions.get(number)?;
        let is_namesake =
            |it: &&FunctionRecord| it.target == function.target && it.name == function.name;
        let is_alone = self.functions.iter().filter(is_namesake).count() == 1;
        self.targets.get(function.target).filter(|_| is_alone).map(|it| it.root.clone())
    }

    /// Returns what functions of a name read that macros made in a target: they have no place by which one could be
    /// told from another. In blocks they have the definition's, as if they were written there.
    pub(crate) fn state_of_made(&self, target: usize, name: &str) -> Vec<StateRecord> {
        let is_meant = |it: &&FunctionRecord| {
            it.target == target
                && it.flags.contains('m')
                && it.name.rsplit("::").next() == Some(name)
        };
        let all: Vec<_> = self.functions.iter().filter(is_meant).collect();
        let made: Vec<_> = all.iter().copied().filter(|it| it.is_made).collect();
        state_of_any(if made.is_empty() { &all } else { &made })
    }

    /// Returns what functions read in which closures stand that macros made in a target.
    pub(crate) fn state_of_made_closures(&self, target: usize) -> Vec<StateRecord> {
        let functions = self.made_closures.iter().filter_map(|it| self.functions.get(*it));
        state_of_any(&functions.filter(|it| it.target == target).collect::<Vec<_>>())
    }

    /// Finds the function in which a closure stands, and which of those in it it is.
    pub(crate) fn closure_at(&self, place: &Place) -> Option<(usize, &FunctionRecord, usize)> {
        let (function, which) = (*self.closures.get(place)?)?;
        Some((function, self.functions.get(function)?, which))
    }

    /// Returns the number of the function at a place, and what is known of it.
    pub(crate) fn function_at(&self, place: &Place) -> Option<(usize, &FunctionRecord)> {
        let number = (*self.functions_by_place.get(place)?)?;
        Some((number, self.functions.get(number)?))
    }

    pub(crate) fn key_at(&self, place: &Place) -> Option<&KeyRecord> {
        self.keys.get(place)
    }

    /// Parses an index. Records that it doesn't know or that are broken are passed over: what is not
    /// found later is never taken for known.
    pub(crate) fn parse(text: &str) -> Self {
        let mut index = Self::default();
        for line in text.lines() {
            let fields: Vec<String> = line.split('\t').map(decode).collect();
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            index.record(&fields);
        }
        index
    }

    fn record(&mut self, fields: &[&str]) -> Option<()> {
        match fields {
            ["perennial", version] => (*version).clone_into(&mut self.version),
            ["compiler", text] => (*text).clone_into(&mut self.compiler),
            ["native", features] => self.native = Some((*features).to_owned()),
            ["relax", part] => drop(self.relaxed.insert((*part).to_owned())),
            ["relax", "dependency", name] => {
                self.relaxed_dependencies.insert((*name).to_owned());
            }
            ["maker", name, package, lock] => {
                let maker = Maker { package: (*package).to_owned(), is_certain: *lock == "locked" };
                self.makers.insert((*name).to_owned(), maker);
            }
            ["target", _, _, name, root, build] => self.targets.push(TargetRecord {
                name: (*name).to_owned(),
                root: (*root).to_owned(),
                is_for_test: match *build {
                    "plain" => Some(false),
                    "test" => Some(true),
                    _ => None,
                },
                has_no_prelude: false,
                sources: Vec::new(),
            }),
            ["noprelude", target] => {
                self.targets.get_mut(target.parse::<usize>().ok()?)?.has_no_prelude = true;
            }
            ["source", target, digest, path] => {
                let target = self.targets.get_mut(target.parse::<usize>().ok()?)?;
                target.sources.push(((*digest).to_owned(), (*path).to_owned()));
            }
            [
                "fn",
                target,
                file,
                line,
                column,
                signature,
                flags,
                units,
                name,
                parameters,
                variables,
                own,
                scope,
            ] => {
                let place = place(target, file, line, column);
                self.functions.push(FunctionRecord {
                    target: target.parse().ok()?,
                    signature: (*signature).to_owned(),
                    flags: (*flags).to_owned(),
                    units: list(units),
                    name: (*name).to_owned(),
                    parameters: list(parameters),
                    variables: list(variables),
                    own: (*own).to_owned(),
                    scope: match scope.split_once(' ') {
                        _ if *scope == "deep" => Some(Scope::Deep),
                        _ if *scope == "own" => Some(Scope::Own),
                        Some(("pinned", text)) => Some(Scope::Pinned(text.to_owned())),
                        _ => None,
                    },
                    state: Vec::new(),
                    is_made: *column == "-" || flags.contains('w'),
                    expires: None,
                });
                let number = self.functions.len() - 1;
                let before = self.functions_by_place.get(place.as_ref()?).copied();
                for number in before.into_iter().flat_map(|it| it.into_iter().chain([number])) {
                    self.functions[number].is_made = true;
                }
                self.functions_by_place.insert(place?, before.map_or(Some(number), |_| None));
            }
            ["state", function, fields @ ..] => self.state(function, fields)?,
            ["expires", number, time] => {
                let function = self.functions.get_mut(number.parse::<usize>().ok()?)?;
                function.expires = Some((*time).to_owned());
            }
            ["key", target, file, line, column, number] => {
                let record = KeyRecord::Function(number.parse().ok()?);
                self.key(place(target, file, line, column)?, record);
            }
            ["closure", target, file, line, column, function, which] => {
                let found: (usize, _) = (function.parse().ok()?, which.parse().ok()?);
                // Of a function that has no place of its own a closure has none either.
                if *column == "-" || self.functions.get(found.0).is_some_and(|it| it.is_made) {
                    self.made_closures.push(found.0);
                }
                let entry = self.closures.entry(place(target, file, line, column)?);
                entry.and_modify(|it| *it = None).or_insert(Some(found));
            }
            ["nokey", target, file, line, column, message] => {
                let record = KeyRecord::Refused((*message).to_owned());
                self.key(place(target, file, line, column)?, record);
            }
            _ => {}
        }
        Some(())
    }

    /// Adds what a function reads.
    fn state(&mut self, function: &str, fields: &[&str]) -> Option<()> {
        let [how, value, label, name, place, chain] = fields else { return None };
        let [how, value, label, name, place, chain] =
            [how, value, label, name, place, chain].map(|it| (*it).to_owned());
        let function = self.functions.get_mut(function.parse::<usize>().ok()?)?;
        let is_plain = self.targets.get(function.target).is_some_and(|it| it.has_no_prelude);
        function.state.push(StateRecord { how, value, label, name, place, chain, is_plain });
        Some(())
    }

    /// Adds what a `memo_key!` or a `memo_call!` means. One that macros put into several places may mean several things.
    fn key(&mut self, place: Place, record: KeyRecord) {
        let entry = self.keys.entry(place);
        entry
            .and_modify(|it| {
                if *it != record {
                    let message = "this may be any of several functions, since a macro expands it several \
                                   times; ask where there is one";
                    *it = KeyRecord::Refused(message.to_owned());
                }
            })
            .or_insert(record);
    }
}

impl FunctionRecord {
    /// Returns the source signature's bytes.
    pub(crate) fn source(&self) -> Option<[u8; 32]> {
        hex::bytes(&self.signature)
    }

    /// Returns the signature of the function's own source.
    pub(crate) fn own(&self) -> Option<[u8; 32]> {
        hex::bytes(&self.own)
    }

    /// The record as if the function reached nothing.
    pub(crate) fn shallow(&self) -> Self {
        Self { units: Vec::new(), flags: self.flags.replace('x', ""), ..self.clone() }
    }
}

/// Returns what any of several functions may read. What only some of them can name can't be read for all.
fn state_of_any(functions: &[&FunctionRecord]) -> Vec<StateRecord> {
    let mut all: BTreeMap<&str, (&StateRecord, usize)> = BTreeMap::new();
    for record in functions.iter().flat_map(|it| &it.state) {
        all.entry(&record.label).or_insert((record, 0)).1 += 1;
    }
    let state = all.into_values().map(|(record, count)| {
        let is_of_all = count == functions.len();
        if is_of_all || matches!(record.how.as_str(), "mark" | "variable" | "none") {
            return record.clone();
        }
        let value = "which of several functions of its name this is can't be told, since macros made them; mark it: \
                     #[perennial::env] on the static";
        StateRecord { how: "none".to_owned(), value: value.to_owned(), ..record.clone() }
    });
    state.collect()
}

fn place(target: &str, file: &str, line: &str, column: &str) -> Option<Place> {
    Some((target.parse().ok()?, file.to_owned(), line.parse().ok()?, column.parse().ok()?))
}

fn list(field: &str) -> Vec<String> {
    if field == "-" { Vec::new() } else { field.split(',').map(str::to_owned).collect() }
}

fn decode(field: &str) -> String {
    field.replace("%09", "\t").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_back() {
        let text = "perennial\t0.1.0\ncompiler\trustc 1%0Ahost: x%25\ntarget\t0\tlib\tdemo\tsrc/lib.rs\tany\n\
                    source\t0\tab\tsrc/lib.rs\nfn\t0\tsrc/lib.rs\t3\t4\t00ff\tx\tserde,rand\tdemo::f\ta,-b\tGIT\t00\tpinned a b\n\
                    expires\t0\t7d\nkey\t0\tsrc/lib.rs\t9\t1\t0\nnokey\t0\tsrc/lib.rs\t10\t1\tno `g`\nfuture\trecord\n";
        let index = Index::parse(text);
        assert_eq!(index.compiler, "rustc 1\nhost: x%");
        assert_eq!(index.targets[0].sources, [("ab".to_owned(), "src/lib.rs".to_owned())]);
        let (number, function) = index.function_at(&(0, "src/lib.rs".to_owned(), 3, 4)).unwrap();
        assert_eq!(
            (function.name.as_str(), &function.units[..]),
            ("demo::f", &["serde".to_owned(), "rand".to_owned()][..])
        );
        assert_eq!((number, &function.variables[..]), (0, &["GIT".to_owned()][..]));
        assert_eq!(function.parameters, ["a", "-b"]);
        assert_eq!(function.expires.as_deref(), Some("7d"));
        assert!(function.source().is_none() && function.own().is_none());
        assert_eq!(function.scope, Some(Scope::Pinned("a b".to_owned())));
        assert!(matches!(
            index.key_at(&(0, "src/lib.rs".to_owned(), 9, 1)),
            Some(KeyRecord::Function(0))
        ));
        assert!(matches!(
            index.key_at(&(0, "src/lib.rs".to_owned(), 10, 1)),
            Some(KeyRecord::Refused(_))
        ));
    }

    #[test]
    fn what_several_share_a_place_is_nobodys() {
        let function = |name| format!("fn\t0\ta.rs\t3\t4\t00ff\t-\t-\t{name}\t-\t-\t00\tdeep\n");
        let key = |number: usize, line: usize| format!("key\t0\ta.rs\t{line}\t1\t{number}\n");
        let text =
            [function("f"), function("g"), key(0, 9), key(0, 9), key(0, 10), key(1, 10)].concat();
        let index = Index::parse(&text);
        let place = |line, column| (0, "a.rs".to_owned(), line, column);
        assert!(index.function_at(&place(3, 4)).is_none());
        assert_eq!(index.key_at(&place(9, 1)), Some(&KeyRecord::Function(0)));
        assert!(matches!(index.key_at(&place(10, 1)), Some(KeyRecord::Refused(_))));
    }
}
