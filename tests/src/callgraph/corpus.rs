//! The published crates that are measured, from `tests/callgraph/corpus.toml`.

use serde::Deserialize;

use super::error::Error;

/// A list of published crates with their versions.
#[derive(Clone, Debug, Deserialize)]
pub struct Corpus {
    #[serde(rename = "crate")]
    krates: Vec<Krate>,
}

#[derive(Clone, Debug, Deserialize)]
struct Krate {
    name: String,
    version: String,
    /// It is one of the few that are measured on every change.
    #[serde(default)]
    is_sample: bool,
}

impl Corpus {
    /// Returns the corpus of this repository.
    ///
    /// # Errors
    ///
    /// Where the list is malformed.
    pub fn of_repository() -> Result<Self, Error> {
        toml::from_str(include_str!("../../callgraph/corpus.toml"))
            .map_err(|error| Error::new(format!("tests/callgraph/corpus.toml: {error}")))
    }

    /// Returns all crates, as `name@version`.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.krates.iter().map(Krate::with_version).collect()
    }

    /// Returns the crates of the sample, as `name@version`.
    #[must_use]
    pub fn sample(&self) -> Vec<String> {
        self.krates.iter().filter(|it| it.is_sample).map(Krate::with_version).collect()
    }
}

impl Krate {
    fn with_version(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corpus_has_ten_crates_and_a_sample_of_three() {
        let corpus = Corpus::of_repository().unwrap();
        assert!(corpus.all().len() >= 10);
        assert_eq!(corpus.sample().len(), 3);
    }
}
