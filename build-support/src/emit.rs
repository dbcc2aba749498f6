//! Stage 9: from the analysis to the files of `OUT_DIR/perennial`, as texts. Same sources, same
//! bytes. Writes nothing.
//!
//! ```text
//! OUT_DIR/perennial/
//!   index            what the macros look functions up in, by position
//!   table.rs         the same for programs (`perennial::table!`)
//!   ledger           what the analysis could not follow
//!   items/SIGNATURE  the items behind a memoized function
//!   source/DIGEST    the normalised source of one of them
//! ```

use std::{collections::BTreeMap, fmt::Write as _};

use crate::{
    analysis::Analysis,
    digest::{Digest, Fields},
    environment::Access,
    facts::KeySite,
    function::Function,
    ledger,
    program::ItemId,
    relaxation::Relaxation,
    table::Table,
};

/// The files to write, by their path below `OUT_DIR/perennial`.
pub(crate) type Files = BTreeMap<String, String>;

/// What is known of the compiler before it runs.
pub(crate) struct Compiler {
    /// What `rustc -vV` prints.
    pub(crate) version: String,
    /// The features behind `target-cpu=native`, where that is asked for.
    pub(crate) native: Option<String>,
}

/// Makes all files.
pub(crate) fn files(
    analysis: &Analysis,
    table: &Table,
    compiler: &Compiler,
    relaxation: &Relaxation,
) -> Files {
    let mut files = Files::new();
    files.insert("index".to_owned(), index(analysis, compiler, relaxation));
    files.insert("table.rs".to_owned(), table_source(table));
    files.insert("ledger".to_owned(), ledger_text(table));
    let asked: Vec<ItemId> =
        analysis.keys.iter().flat_map(|it| it.site.targets.iter().copied()).collect();
    for function in
        analysis.functions.all.iter().filter(|it| it.is_memoized || asked.contains(&it.item))
    {
        items(analysis, function, &mut files);
    }
    files
}

fn items(analysis: &Analysis, function: &Function, files: &mut Files) {
    let program = &analysis.program;
    let mut lines: Vec<String> = Vec::new();
    for (id, _) in function.reached.iter() {
        let item = program.item(id);
        let digest = analysis.digests.own[id.index()];
        let label = &program.sources.get(item.file).label;
        lines.push(record(&[&item.path, label, &item.line.to_string(), &digest.to_string()]));
        let source = format!("source/{digest}");
        files.entry(source).or_insert_with(|| analysis.normalised[id.index()].clone() + "\n");
    }
    lines.sort();
    files.insert(format!("items/{}", function.signature), lines.concat());
}

/// The index: one record a line, fields separated by tabs (see the macros' `index.rs`).
fn index(analysis: &Analysis, compiler: &Compiler, relaxation: &Relaxation) -> String {
    let program = &analysis.program;
    let mut text = record(&["perennial", env!("CARGO_PKG_VERSION")]);
    text += &record(&["compiler", &compiler.version]);
    text += &compiler.native.iter().map(|it| record(&["native", it])).collect::<String>();
    text += &relaxation.records().map(|it| record(&it)).collect::<String>();
    for (name, package) in makers(analysis) {
        let lock = if program.is_lock_certain { "locked" } else { "unlocked" };
        text += &record(&["maker", name, &package, lock]);
    }
    for (number, it) in analysis.targets.iter().enumerate() {
        let root = program.krates[it.krate.index()].root;
        let root = &program.sources.get(program.module(root).file).label;
        let number = number.to_string();
        let (kind, build) = (it.target.kind.name(), it.build.name());
        text += &record(&["target", &number, kind, &it.target.name, root, build]);
        if program.krates[it.krate.index()].has_no_prelude {
            text += &record(&["noprelude", &number]);
        }
        let mut sources: Vec<_> = it
            .files
            .iter()
            .map(|id| {
                let file = program.sources.get(*id);
                let digest =
                    if file.is_readable { file.digest.to_string() } else { "-".to_owned() };
                record(&["source", &number, &digest, &file.label])
            })
            .collect();
        sources.sort();
        text += &sources.concat();
    }
    let mut numbers = BTreeMap::new();
    for (number, function) in analysis.functions.all.iter().enumerate() {
        numbers.insert((function.target, function.item), number);
        text += &function_record(analysis, function, relaxation);
        text += &state_records(analysis, number, function);
        text += &function
            .expires
            .iter()
            .map(|it| record(&["expires", &number.to_string(), it]))
            .collect::<String>();
    }
    for key in &analysis.keys {
        let target = key.target.to_string();
        let (line, column) = (key.site.line.to_string(), key.site.column.to_string());
        let label = &program.sources.get(key.file).label;
        let named: Vec<_> =
            key.site.targets.iter().filter_map(|it| numbers.get(&(key.target, *it))).collect();
        text += &if let [number] = named[..] {
            record(&["key", &target, label, &line, &column, &number.to_string()])
        } else {
            let message = refusal(analysis, key.target, &key.site, named.len());
            record(&["nokey", &target, label, &line, &column, &message])
        };
    }
    for it in &analysis.closures {
        let Some(function) = numbers.get(&(it.target, it.function)) else { continue };
        let item = program.item(it.function);
        let place = it.start.place;
        let (line, column) = (place.line.to_string(), place.column.to_string());
        // What a macro made has no place that the compiler would ask for; what a macro was given may have one.
        let columns = match (item.is_expanded, it.start.is_expanded) {
            (true, _) => vec!["-"],
            (false, true) => vec!["-", &column],
            (false, false) => vec![&*column],
        };
        for column in columns {
            text += &record(&[
                "closure",
                &it.target.to_string(),
                &program.sources.get(item.file).label,
                &line,
                column,
                &function.to_string(),
                &it.number.to_string(),
            ]);
        }
    }
    text
}

/// The packages whose macros were expanded in the package's own targets, by the names of their crates.
fn makers(analysis: &Analysis) -> BTreeMap<&str, String> {
    let program = &analysis.program;
    let mut found = BTreeMap::new();
    for id in program.item_ids() {
        let krate = &program.krates[program.krate_of_item(id).index()];
        for name in program.item(id).makers.iter().filter(|_| krate.is_own) {
            let package = krate.published.get(name).and_then(|it| it.file_name());
            found.extend(package.map(|it| (name.as_str(), it.to_string_lossy().into_owned())));
        }
    }
    found
}

fn function_record(analysis: &Analysis, function: &Function, relaxation: &Relaxation) -> String {
    let program = &analysis.program;
    let item = program.item(function.item);
    let mut flags = String::new();
    let is_default =
        item.parent.is_some_and(|it| program.item(it).kind == crate::program::ItemKind::Trait);
    for (letter, is_set) in [
        ('x', function.needs_executable_but_for(|it| relaxation.covers(it))),
        ('c', function.mentions_cfg),
        ('g', function.is_generic),
        ('e', function.has_environment),
        ('a', function.is_ambiguous),
        ('m', function.is_memoized),
        ('h', function.has_memo),
        ('w', function.is_rewritten),
        ('s', function.has_store),
        ('t', is_default),
    ] {
        if is_set {
            flags.push(letter);
        }
    }
    let list = |names: &[String]| if names.is_empty() { "-".to_owned() } else { names.join(",") };
    record(&[
        "fn",
        &function.target.to_string(),
        &program.sources.get(item.file).label,
        &item.line.to_string(),
        // What a macro made has no place that the compiler would ask for.
        &if item.is_expanded { "-".to_owned() } else { item.column.to_string() },
        &function.signature.to_string(),
        if flags.is_empty() { "-" } else { &flags },
        &list(&function.units.iter().cloned().collect::<Vec<_>>()),
        &item.path,
        &list(&function.parameters),
        &list(&function.variables.iter().cloned().collect::<Vec<_>>()),
        &own(analysis, function.item).to_string(),
        function.scope.as_deref().unwrap_or("several"),
    ])
}

/// What of the state that a function reads is in the keys of its calls, with the way there.
fn state_records(analysis: &Analysis, number: usize, function: &Function) -> String {
    let program = &analysis.program;
    let records = function.reads.iter().map(|it| {
        let (how, value) = match &it.access {
            Access::Path(path) => ("path", path.as_str()),
            Access::Dereferenced(path) => ("dereferenced", path.as_str()),
            Access::Gotten(path) => ("gotten", path.as_str()),
            Access::Mark(mark) => ("mark", mark.as_str()),
            Access::Variable(name) => ("variable", name.as_str()),
            Access::None(reason) => ("none", *reason),
        };
        let item = program.item(it.item);
        let place = format!("{}:{}", program.sources.get(item.file).label, item.line);
        let chain = ledger::chain(analysis, function, it.item).join(" -> ");
        record(&["state", &number.to_string(), how, value, &it.label, &it.name, &place, &chain])
    });
    records.collect()
}

/// The signature of a function's own source, with that of the impl or trait that it is in.
fn own(analysis: &Analysis, item: ItemId) -> Digest {
    let mut fields = Fields::new("perennial own 1");
    for it in [Some(item), analysis.program.item(item).parent].into_iter().flatten() {
        fields.digest(analysis.digests.own[it.index()]);
    }
    fields.finish()
}

/// Says why a `memo_key!` or a `memo_call!` has no function, and which name may have been meant.
fn refusal(analysis: &Analysis, target: usize, site: &KeySite, named: usize) -> String {
    if named > 1 {
        return format!(
            "`{}` may be any of {named} functions; name one by its full path",
            site.path
        );
    }
    let program = &analysis.program;
    if let Some(id) = site.targets.first() {
        return format!(
            "`{}` is in another crate, `{}`, where alone its key is known; ask there",
            site.path,
            program.krates[program.krate_of_item(*id).index()].name
        );
    }
    let wanted = site.path.rsplit("::").next().unwrap_or_default();
    let nearest = analysis
        .functions
        .all
        .iter()
        .filter(|it| it.target == target)
        .map(|it| &program.item(it.item).name)
        .min_by_key(|name| (edit_distance(name, wanted), name.as_str()));
    let mut message = format!("no function `{}` is found here", site.path);
    if let Some(name) = nearest.filter(|it| edit_distance(it, wanted) <= 1 + wanted.len() / 3) {
        let _ = write!(message, "; did you mean `{name}`?");
    }
    message
}

/// Levenshtein's distance.
pub(crate) fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

fn table_source(table: &Table) -> String {
    let mut text = format!(
        "// @generated by perennial-build {}. Do not edit.\n&[\n",
        env!("CARGO_PKG_VERSION")
    );
    for row in &table.rows {
        let _ = writeln!(
            text,
            "    ({:?}, {:?}, {:?}, {}, \"{}\"),",
            row.path, row.target, row.file, row.line, row.signature
        );
    }
    text + "]\n"
}

fn ledger_text(table: &Table) -> String {
    let mut text = String::new();
    for line in &table.ledger {
        let effect = line.effect();
        let _ = write!(
            text,
            "{}:{}:{}: {}: {} (in {}; {effect})",
            line.file, line.line, line.column, line.kind, line.what, line.item
        );
        if !line.chain.is_empty() {
            let settled = if line.memoized.is_empty() { "settled" } else { "reached" };
            let _ = write!(text, "; {settled}: {}", line.chain.join(" -> "));
        }
        text.push('\n');
    }
    text
}

/// Joins fields by tabs; tabs, line ends and percent signs inside them are percent-encoded.
fn record(fields: &[&str]) -> String {
    let encode = |field: &&str| {
        field.replace('%', "%25").replace('\t', "%09").replace('\n', "%0A").replace('\r', "%0D")
    };
    fields.iter().map(encode).collect::<Vec<_>>().join("\t") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_never_break_a_record() {
        assert_eq!(record(&["a\tb", "c\nd", "50%"]), "a%09b\tc%0Ad\t50%25\n");
    }

    #[test]
    fn edit_distance_counts_edits() {
        assert_eq!(edit_distance("simulate", "simulat"), 1);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "ab"), 2);
    }
}
