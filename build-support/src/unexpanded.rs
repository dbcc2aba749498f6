//! Facts of tokens that nobody expands for us: attributes, derives, and the arguments and bodies of
//! macros. Every name in them counts, in every way in which it could.

use std::rc::Rc;

use rustc_hash::FxHashSet as HashSet;
use syn::{Attribute, Path};

use crate::{
    attribute,
    collector::Collector,
    facts::{Endpoint, FindingKind, Use},
    head_type::segments,
    invocation::SHOW_POSITION,
    program::{Definition, Namespace},
    token_scan::{self, Scan},
};

impl Collector<'_, '_> {
    /// Notes every name in tokens that nobody expands for us.
    pub(crate) fn scan(&mut self, scan: &Scan) {
        self.facts.names_any |= !scan.identifiers.is_empty();
        // Most are keywords and names of locals, over and over.
        let mut silent = HashSet::default();
        for path in &scan.paths {
            if silent.contains(path) {
                continue;
            }
            let mut is_silent = true;
            for namespace in [Namespace::Type, Namespace::Value, Namespace::Macro] {
                let meanings = self.lookup.resolver.path(self.module, false, path, namespace);
                let mut targets = Vec::new();
                for (definition, rest) in &*meanings {
                    match definition {
                        Definition::Item(id) | Definition::Variant(id) => {
                            targets.push(Endpoint::Item(*id));
                            targets.extend(self.associated_of(*id, rest));
                        }
                        Definition::External(path) => targets.push(Endpoint::Path(Rc::clone(path))),
                        Definition::Module(id) => {
                            targets.push(Endpoint::Path(self.module_name(*id)));
                        }
                    }
                }
                if !targets.is_empty() {
                    is_silent = false;
                    self.edge(path.join("::"), targets);
                }
            }
            if is_silent {
                silent.insert(path);
            }
        }
        scan.methods.iter().for_each(|it| self.calls(it));
        for it in &scan.files {
            self.included_in_tokens(it);
        }
        if scan.has_code {
            self.facts.uses.insert(Use::ForeignCode);
        }
        self.facts.uses.extend(scan.identifiers.iter().cloned().map(Use::Any));
        for text in &scan.strings {
            self.text(text);
        }
        self.facts.shows_position |=
            SHOW_POSITION.iter().any(|name| scan.identifiers.contains(*name));
        self.facts.mentions_cfg |= scan.identifiers.contains("cfg");
        if scan.concatenates {
            self.find(FindingKind::OpaqueMacro, "[<…>]".to_owned());
        }
        for (span, tokens) in &scan.closures {
            // What is in it has been noted.
            self.closure_start(*span, tokens, true);
        }
        for (span, tokens) in &scan.keys {
            self.key(*span, tokens);
        }
    }

    /// Notes the code that a string literal in an attribute or in a macro may name.
    fn text(&mut self, text: &str) {
        for name in token_scan::captured_by(text) {
            self.facts.uses.insert(Use::Any(name.clone()));
            self.captured(name);
        }
        let Some(path) = token_scan::path_in(text) else { return };
        self.facts.uses.extend(path.iter().cloned().map(Use::Any));
        for namespace in [Namespace::Type, Namespace::Value] {
            let resolver = self.lookup.resolver;
            for (definition, rest) in &*resolver.path(self.module, false, &path, namespace) {
                match definition {
                    Definition::Module(id) => {
                        // `with = "module"`: generated code calls what the module holds.
                        let items = resolver.everything_in(*id);
                        self.edge(text, items.into_iter().map(Endpoint::Item).collect());
                    }
                    Definition::Item(id) | Definition::Variant(id) => {
                        let mut targets = self.associated_of(*id, rest);
                        targets.push(Endpoint::Item(*id));
                        self.edge(text, targets);
                    }
                    Definition::External(path) => {
                        self.edge(text, vec![Endpoint::Path(Rc::clone(path))]);
                    }
                }
            }
        }
    }

    pub(crate) fn attribute(&mut self, attribute: &Attribute) {
        if attribute::is_inert(attribute) {
            return;
        }
        self.facts.mentions_cfg |= attribute::is_cfg(attribute);
        if attribute::adds_only_inert(attribute) {
            return;
        }
        for path in attribute::derives(attribute) {
            if !attribute::is_standard_derive(&path) || self.is_shadowed(&path) {
                self.macro_path(&path);
            }
        }
        if self.lookup.resolver.is_memo(self.module, attribute.path()) {
            let found = self.facts.findings.len();
            self.scan(&Scan::of(attribute::references(attribute::arguments(attribute))));
            // State that it reads is in the key.
            let added = self.facts.findings.split_off(found);
            self.facts.findings.extend(added.into_iter().filter(|it| it.kind.needs_executable()));
            return;
        }
        if self.lookup.resolver.is_environment(self.module, attribute.path()) {
            self.scan(&Scan::of(attribute::arguments(attribute)));
            return;
        }
        if !attribute::is_built_in(attribute) {
            let is_helper = self.is_helper(attribute);
            if !is_helper {
                self.macro_path(attribute.path());
            }
            let scan = Scan::of(attribute::arguments(attribute));
            let edges = self.facts.edges.len();
            self.scan(&scan);
            for text in &scan.strings {
                // Derives read types and expressions out of strings.
                if let Ok(tokens) = text.parse() {
                    self.scan(&Scan::of(tokens));
                }
            }
            if !is_helper {
                // A macro may enter the item in what it names (link-time registries do).
                let named = self.facts.edges[edges..].iter().flat_map(|it| &it.targets);
                let named: Vec<_> = named
                    .filter_map(|it| match it {
                        Endpoint::Item(id) => Some(*id),
                        Endpoint::Path(_) => None,
                    })
                    .collect();
                self.facts.extends.extend(named);
            }
        } else if attribute.path().is_ident("cfg_attr") {
            self.scan(&Scan::of(attribute::arguments(attribute)));
        }
    }

    /// Tells whether a derive that is named like one of std's is another.
    fn is_shadowed(&self, path: &Path) -> bool {
        let meanings = self.lookup.resolver.path(
            self.module,
            path.leading_colon.is_some(),
            &segments(path),
            Namespace::Macro,
        );
        meanings.iter().any(|(it, _)| match it {
            Definition::External(path) => !crate::prelude::is_std(path),
            _ => true,
        })
    }

    /// Helper attributes of derives (`#[serde(…)]`) resolve to nothing by themselves.
    fn is_helper(&self, attribute: &Attribute) -> bool {
        let names = segments(attribute.path());
        names.len() == 1
            && self.lookup.resolver.path(self.module, false, &names, Namespace::Macro).is_empty()
    }

    /// Notes the crate behind a derive or an attribute macro.
    fn macro_path(&mut self, path: &Path) {
        self.facts.names_any = true;
        let names = segments(path);
        let leading_colon = path.leading_colon.is_some();
        let resolver = self.lookup.resolver;
        let meanings = resolver.path(self.module, leading_colon, &names, Namespace::Macro);
        if meanings.is_empty() {
            return self.find(FindingKind::UnresolvedName, names.join("::"));
        }
        let mut targets = Vec::new();
        for (definition, _) in &*meanings {
            match definition {
                Definition::External(path) => targets.push(Endpoint::Path(Rc::clone(path))),
                Definition::Item(id) | Definition::Variant(id) => {
                    if resolver.program.krates[resolver.program.krate_of_item(*id).index()]
                        .is_proc_macro
                    {
                        self.find(FindingKind::LocalProcMacro, names.join("::"));
                    }
                    targets.push(Endpoint::Item(*id));
                }
                Definition::Module(_) => {}
            }
        }
        self.edge(names.join("::"), targets);
    }
}
