//! Measures one crate, from its copy to its figures.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    compile::{self, Compiled},
    constants::Constants,
    error::Error,
    figures::Figures,
    mutation::{Mutations, name},
    reference::Reference,
    source::{FnId, Sources},
    subject::{Subject, Workshop},
    table::Ours,
};

/// The figures of a crate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Measure {
    /// Its name and version.
    pub krate: String,
    /// Lines of its library's files.
    pub lines: usize,
    /// Functions that the reference has.
    pub functions: usize,
    /// Of these, functions that the table has no row for.
    pub without_row: Vec<String>,
    /// Functions without type parameters that the compiler made no code for: a `cfg` removes them, or
    /// the reference lacks them.
    pub without_code: Vec<String>,
    /// Functions with code whose source was not found: made by macros and derives.
    pub unmapped: usize,
    /// Counts over reach sets.
    pub figures: Figures,
    /// Pairs of the reference that the closure doesn't have.
    pub missed: Vec<[String; 2]>,
    /// Pairs by slots of vtables that the closure doesn't have; the slots may never be called.
    pub missed_slots: Vec<[String; 2]>,
    /// Constants that functions need and the closure doesn't have.
    pub missed_constants: Vec<[String; 2]>,
    /// By start, what it surely reaches by the reference.
    #[serde(skip)]
    pub real: BTreeMap<String, Vec<String>>,
    /// By start, what the closure has needlessly.
    #[serde(skip)]
    pub needless: BTreeMap<String, Vec<String>>,
    /// What edits showed.
    pub mutations: Mutations,
    /// How long the analysis took, in seconds.
    #[serde(serialize_with = "seconds")]
    pub analysis_time: Duration,
    /// How long everything took, in seconds.
    #[serde(serialize_with = "seconds")]
    pub time: Duration,
}

/// Measures a crate, with up to `mutations` edits.
///
/// # Errors
///
/// Where it doesn't compile or can't be read.
pub fn measure(workshop: &Workshop, subject: &Subject, mutations: usize) -> Result<Measure, Error> {
    let begin = Instant::now();
    let sources = Sources::read(&subject.folder, &subject.root)?;
    let Compiled { ir, mir } = compile::unit_tests(&subject.folder, &workshop.target())?;
    let constants = Constants::new(&mir, &sources);
    let reference = Reference::new(&ir, &constants, &subject.krate, &subject.folder, &sources);
    drop((ir, mir));
    let ours = Ours::of_package(&subject.folder, &sources)?;
    let mut measure = Measure {
        krate: format!("{} {}", subject.name, subject.version),
        lines: sources.files.values().sum(),
        functions: reference.reaches.len(),
        unmapped: reference.unmapped,
        figures: Figures::new(&sources, &reference, &ours),
        analysis_time: ours.time,
        ..Measure::default()
    };
    let name = |id| name(&sources, &ours, id);
    for (start, reach) in &reference.reaches {
        let names =
            |ids: &BTreeSet<FnId>| -> Vec<String> { ids.iter().map(|it| name(*it)).collect() };
        let pairs = |ids: Vec<String>| ids.into_iter().map(|it| [name(*start), it]);
        measure.real.insert(name(*start), names(&reach.surely));
        let Some(row) = ours.rows.get(start) else {
            measure.without_row.push(name(*start));
            measure.missed.extend(pairs(names(&reach.surely)));
            continue;
        };
        measure.missed.extend(pairs(names(&(&reach.surely - &row.reaches))));
        measure.missed_slots.extend(pairs(names(&(&reach.by_slots - &row.reaches))));
        measure.missed_constants.extend(reach.constants.difference(&row.constants).map(|it| {
            let constant = &sources.constants[it.0];
            let place = format!("{}:{}", constant.file.display(), constant.lines.start);
            [name(*start), format!("{} ({place})", constant.path.segments.join("::"))]
        }));
        let needless = row.reaches_plainly.iter().filter(|it| !reach.contains(**it));
        let needless: Vec<String> =
            needless.filter(|it| reference.reaches.contains_key(it)).map(|it| name(*it)).collect();
        if !needless.is_empty() {
            measure.needless.insert(name(*start), needless);
        }
    }
    let is_absent = |it: &&FnId| sources[**it].is_concrete && !reference.reaches.contains_key(it);
    measure.without_code = ours.rows.keys().filter(is_absent).map(|it| name(*it)).collect();
    measure.mutations = Mutations::run(subject, &sources, &reference, &ours, mutations)?;
    // Other processes can only slow it down.
    measure.analysis_time = measure.analysis_time.min(measure.mutations.fastest_analysis);
    measure.time = begin.elapsed();
    Ok(measure)
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}
