//! Figures of several crates as text or JSON.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use serde::Serialize;

use super::{
    figures::{Figures, percent},
    measure::Measure,
};

/// The figures of several crates.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// One for each crate that could be measured.
    pub crates: Vec<Measure>,
    /// Why the others could not.
    pub failures: Vec<String>,
}

/// A function that is reached needlessly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct HotSpot {
    /// From how many starts.
    pub starts: usize,
    /// The crate.
    pub krate: String,
    /// The function.
    pub target: String,
}

impl Report {
    /// Returns the sums over all crates, so that each pair counts the same.
    #[must_use]
    pub fn total(&self) -> Figures {
        let mut total = Figures::default();
        self.crates.iter().for_each(|it| total += it.figures);
        total
    }

    /// Returns, for each crate, the functions that are most often reached needlessly.
    #[must_use]
    pub fn hot_spots(&self, count: usize) -> Vec<HotSpot> {
        let mut all = Vec::new();
        for measure in &self.crates {
            let mut spots = BTreeMap::new();
            for target in measure.needless.values().flatten() {
                *spots.entry(target).or_insert(0) += 1;
            }
            let mut spots = Vec::from_iter(spots);
            spots.sort_by_key(|(_, starts)| Reverse(*starts));
            all.extend(spots.into_iter().take(count).map(|(target, starts)| HotSpot {
                starts,
                krate: measure.krate.clone(),
                target: target.clone(),
            }));
        }
        all
    }

    /// Returns how many needless pairs lead to functions, to methods, and to methods of each trait,
    /// most first.
    #[must_use]
    pub fn needless_by_kind(&self) -> Vec<(String, usize)> {
        let mut kinds = BTreeMap::new();
        for target in self.crates.iter().flat_map(|it| it.needless.values().flatten()) {
            *kinds.entry(kind(target)).or_insert(0) += 1;
        }
        let mut kinds = Vec::from_iter(kinds);
        kinds.sort_by_key(|(_, count)| Reverse(*count));
        kinds
    }

    /// Renders the report as JSON, totals and hot spots included.
    #[must_use]
    pub fn to_json(&self) -> String {
        let value = serde_json::json!({
            "crates": self.crates,
            "failures": self.failures,
            "total": self.total(),
            "hot_spots": self.hot_spots(10),
            "needless_by_kind": self.needless_by_kind(),
        });
        format!("{value:#}")
    }

    /// Lists pairs that the closure misses.
    #[must_use]
    pub fn missed(&self) -> String {
        let mut text = String::new();
        for measure in &self.crates {
            let lists = [
                ("missed", &measure.missed),
                ("missed slot", &measure.missed_slots),
                ("missed constant", &measure.missed_constants),
            ];
            for (what, pairs) in lists {
                for [from, to] in pairs {
                    let _ = writeln!(text, "{what} in {}: {from}\n    reaches {to}", measure.krate);
                }
            }
        }
        text
    }

    /// Lists what starts whose name contains a text reach needlessly.
    #[must_use]
    pub fn needless(&self, start: &str) -> String {
        let mut text = String::new();
        for measure in &self.crates {
            for (from, to) in measure.needless.iter().filter(|(it, _)| it.contains(start)) {
                let _ = writeln!(
                    text,
                    "{} in {}: {from}\n    {}",
                    to.len(),
                    measure.krate,
                    to.join("\n    ")
                );
            }
        }
        text
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<26} {:>6} {:>5} {:>7} {:>8} {:>8} {:>8} {:>8} {:>6} {:>5} {:>6} {:>6} {:>8} {:>6} {:>8} {:>7} {:>6}",
            "crate",
            "lines",
            "fns",
            "pairs",
            "lib %",
            "test %",
            "slots %",
            "const %",
            "missed",
            "stale",
            "all %",
            "lib %",
            "concr. %",
            "wide %",
            "ana. ms",
            "ms/kLoC",
            "secs"
        )?;
        for measure in &self.crates {
            row(f, measure, &measure.figures)?;
        }
        let mut sum = Measure { krate: "total".to_owned(), ..Measure::default() };
        for it in &self.crates {
            sum.lines += it.lines;
            sum.functions += it.functions;
            sum.analysis_time += it.analysis_time;
            sum.time += it.time;
        }
        row(f, &sum, &self.total())?;
        writeln!(
            f,
            "recall: lib %, test %, and by slots of vtables, which need not be called: slots %, and of constants: const %; missed: pairs, of which stale where the key is not widened; needless: all %, lib %, concrete lib %; starts with the executable in the key: wide %\n"
        )?;
        for it in &self.crates {
            mutations(f, it)?;
        }
        for it in &self.failures {
            writeln!(f, "failed: {it}")?;
        }
        writeln!(f, "\nneedless pairs by what they lead to")?;
        for (kind, count) in self.needless_by_kind().iter().take(30) {
            writeln!(f, "{count:>8}  {kind}")?;
        }
        writeln!(f, "\nhot spots: what is reached needlessly, by starts")?;
        for it in self.hot_spots(6) {
            writeln!(f, "{:>8}  {}: {}", it.starts, it.krate, it.target)?;
        }
        Ok(())
    }
}

/// Reads from a path whether it is a function's, a type's method's or a trait's method's.
fn kind(path: &str) -> String {
    let path = path.split(" (").next().unwrap_or(path);
    let Some((implementation, _)) = path.rsplit_once(">::") else {
        return "functions and default methods".to_owned();
    };
    match implementation.rsplit_once(" as ") {
        Some((_, of_trait)) => {
            let bare = of_trait.split('<').next().unwrap_or(of_trait);
            format!("methods of {}", bare.rsplit("::").next().unwrap_or(bare))
        }
        None => "methods of types".to_owned(),
    }
}

fn row(f: &mut fmt::Formatter<'_>, measure: &Measure, figures: &Figures) -> fmt::Result {
    let all = figures.all();
    let millis = measure.analysis_time.as_secs_f64() * 1e3;
    #[expect(clippy::cast_precision_loss, reason = "lines are few")]
    let per_thousand = millis * 1e3 / measure.lines.max(1) as f64;
    writeln!(
        f,
        "{:<26} {:>6} {:>5} {:>7} {:>8.3} {:>8.3} {:>8.2} {:>8.3} {:>6} {:>5} {:>6.2} {:>6.2} {:>8.2} {:>6.1} {:>8.1} {:>7.1} {:>6.1}",
        measure.krate,
        measure.lines,
        measure.functions,
        all.real,
        figures.lib.recall(),
        figures.test.recall(),
        all.slot_recall(),
        all.constant_recall(),
        all.real - all.found,
        all.stale,
        all.over(),
        figures.lib.over(),
        figures.concrete.over(),
        percent(all.widened, all.starts, 0.0),
        millis,
        per_thousand,
        measure.time.as_secs_f64(),
    )
}

fn mutations(f: &mut fmt::Formatter<'_>, measure: &Measure) -> fmt::Result {
    let it = &measure.mutations;
    writeln!(
        f,
        "{}: {} edits, {} real pairs, {} missed; against the sets {} unchanged, {} unexpected; {} changed by comments; {} unmapped, {} without a row, {} concrete ones without code",
        measure.krate,
        it.edits,
        it.real,
        it.missed.len(),
        it.unchanged.len(),
        it.unexpected.len(),
        it.neutral.len(),
        measure.unmapped,
        measure.without_row.len(),
        measure.without_code.len(),
    )?;
    let pairs =
        [("missed", &it.missed), ("unchanged", &it.unchanged), ("unexpected", &it.unexpected)];
    for (what, pairs) in pairs {
        for [from, to] in pairs.iter().take(5) {
            writeln!(f, "    {what}: {from} on an edit of {to}")?;
        }
    }
    for it in it.neutral.iter().take(5) {
        writeln!(f, "    changed by comments: {it}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needless_pairs_are_sorted_by_trait_and_hot_spots_by_starts() {
        let targets = [
            "demo::<A<T> as std::fmt::Debug>::fmt (src/lib.rs:1)",
            "demo::<B as From<(u8, u8)>>::from (src/lib.rs:2)",
            "demo::<A<T>>::new (src/lib.rs:3)",
            "demo::free (src/lib.rs:4)",
        ];
        let needless = (0..4)
            .map(|it| {
                (format!("start {it}"), targets[..=it].iter().map(|it| (*it).to_owned()).collect())
            })
            .collect();
        let measure = Measure { krate: "demo 1".to_owned(), needless, ..Measure::default() };
        let report = Report { crates: vec![measure], failures: Vec::new() };
        let expected = [
            ("methods of Debug", 4),
            ("methods of From", 3),
            ("methods of types", 2),
            ("functions and default methods", 1),
        ];
        assert_eq!(
            report.needless_by_kind(),
            expected.map(|(kind, count)| (kind.to_owned(), count))
        );
        let spots = report.hot_spots(2);
        assert_eq!(spots.iter().map(|it| it.starts).collect::<Vec<_>>(), [4, 3]);
        assert_eq!(spots[0].target, targets[0]);
    }
}
