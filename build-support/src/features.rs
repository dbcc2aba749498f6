//! From a manifest and the names of features to all features that they turn on, after cargo's
//! rules. Pure.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// Returns the features that some of them turn on, themselves included.
pub(crate) fn enabled<'a>(
    manifest: &Table,
    names: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<String> {
    let features = manifest.get("features").and_then(Value::as_table);
    let mut on = BTreeSet::new();
    let mut queue: Vec<String> = names.into_iter().map(str::to_owned).collect();
    while let Some(name) = queue.pop() {
        if !on.insert(name.clone()) {
            continue;
        }
        let listed = features.and_then(|it| it.get(&name)).and_then(Value::as_array);
        for entry in listed.into_iter().flatten().filter_map(Value::as_str) {
            queue.extend(turned_on(entry).map(str::to_owned));
        }
    }
    on
}

/// Returns the features of a dependency that the package's enabled features turn on, and those that
/// `asked` names as `dependency/feature`. Dependencies are known by the names of their crates.
pub(crate) fn of_dependency(
    manifest: &Table,
    enabled: &BTreeSet<String>,
    asked: &[String],
    krate: &str,
) -> BTreeSet<String> {
    let features = manifest.get("features").and_then(Value::as_table);
    let lists = enabled.iter().filter_map(|it| features?.get(it)?.as_array()).flatten();
    let entries = lists.filter_map(Value::as_str).chain(asked.iter().map(String::as_str));
    let parts = entries.filter_map(|it| it.split_once('/'));
    parts
        .filter(|(name, _)| name.trim_end_matches('?').replace('-', "_") == krate)
        .map(|(_, feature)| feature.to_owned())
        .collect()
}

/// Returns the feature of this package that an entry of a feature's list, or of `--features`, turns
/// on. `dep:name` is no feature; `name/feature` turns on an optional dependency, whose name may be
/// one; `name?/feature` does not.
pub(crate) fn turned_on(entry: &str) -> Option<&str> {
    match entry.split_once('/') {
        _ if entry.starts_with("dep:") => None,
        Some((dependency, _)) if dependency.ends_with('?') => None,
        Some((dependency, _)) => Some(dependency),
        None => Some(entry),
    }
}

/// Returns every feature that can be asked for: those of `[features]`, and optional dependencies
/// that no entry calls `dep:name`.
pub(crate) fn all(manifest: &Table) -> BTreeSet<String> {
    let features = manifest.get("features").and_then(Value::as_table);
    let lists = features.into_iter().flat_map(|it| it.values().filter_map(Value::as_array));
    let entries: BTreeSet<_> = lists.flatten().filter_map(Value::as_str).collect();
    let mut all: BTreeSet<_> = features.into_iter().flat_map(Table::keys).cloned().collect();
    let optional = dependencies(manifest).into_iter().filter(|(_, is_optional)| *is_optional);
    let implicit = optional.filter(|(it, _)| !entries.contains(format!("dep:{it}").as_str()));
    all.extend(implicit.map(|(name, _)| name));
    all
}

/// Returns the names of the package's normal dependencies, and whether each is optional.
pub(crate) fn dependencies(manifest: &Table) -> BTreeMap<String, bool> {
    let mut tables = vec![manifest];
    if let Some(targets) = manifest.get("target").and_then(Value::as_table) {
        tables.extend(targets.values().filter_map(Value::as_table));
    }
    let mut found = BTreeMap::new();
    for table in tables.iter().filter_map(|it| it.get("dependencies")?.as_table()) {
        for (name, value) in table {
            let is_optional = value.get("optional").and_then(Value::as_bool).unwrap_or(false);
            *found.entry(name.clone()).or_insert(false) |= is_optional;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        [features]
        default = ["std"]
        std = ["alloc", "serde?/std", "memchr/std"]
        alloc = []
        derive = ["dep:serde_derive"]
        [dependencies]
        serde = { version = "1", optional = true }
        memchr = { version = "2", optional = true }
        serde_derive = { version = "1", optional = true }
        libc = "0.2"
        [target.'cfg(windows)'.dependencies]
        winapi = { version = "0.3", optional = true }
    "#;

    fn manifest() -> Table {
        MANIFEST.parse().unwrap()
    }

    #[test]
    fn a_feature_turns_on_what_its_list_names() {
        let names = |it: BTreeSet<String>| Vec::from_iter(it).join(" ");
        assert_eq!(names(enabled(&manifest(), ["default"])), "alloc default memchr std");
        assert_eq!(names(enabled(&manifest(), ["derive"])), "derive");
        assert_eq!(names(enabled(&manifest(), [])), "");
    }

    #[test]
    fn features_of_dependencies_are_turned_on_by_features_and_by_request() {
        let manifest = manifest();
        let of = |enabled: &[&str], krate| {
            let enabled = enabled.iter().map(|it| (*it).to_owned()).collect();
            Vec::from_iter(of_dependency(&manifest, &enabled, &["libc/extra".to_owned()], krate))
        };
        assert_eq!(of(&["std"], "serde"), ["std"]);
        assert_eq!(of(&["alloc"], "serde"), [""; 0]);
        assert_eq!(of(&[], "libc"), ["extra"]);
    }

    #[test]
    fn optional_dependencies_are_features_unless_an_entry_says_dep() {
        let all = Vec::from_iter(all(&manifest())).join(" ");
        assert_eq!(all, "alloc default derive memchr serde std winapi");
    }
}
