//! Stage 5: from one item to its facts: which part of its syntax is walked, and what stands around
//! it. What does not resolve becomes a finding; nothing is dropped.

use syn::visit::Visit;

use crate::{
    collector::{Collector, Lookup},
    constancy::{self, Constancy},
    environment,
    facts::{Edge, Endpoint, Facts, FindingKind},
    mention, merkle,
    program::{ItemId, ItemKind, Syntax},
};

/// Collects the facts of an item.
pub(crate) fn facts(lookup: &Lookup<'_, '_>, id: ItemId) -> Facts {
    let program = lookup.resolver.program;
    let item = program.item(id);
    lookup.resolver.take_cfgs();
    let mut collector = Collector::new(lookup, item);
    collector.declare_self(id);
    collector.has_declarations = item.kind == ItemKind::Trait && !program.may_be_read(id);
    let returns_error =
        |it: &syn::Attribute| it.path().segments.last().is_some_and(|it| it.ident == "test");
    if let Some((_, _, attributes)) = item.function()
        && (item.name == "main" || attributes.iter().any(returns_error))
    {
        // What it returns is shown where it is an error (`Termination`).
        collector.run_bound("Debug");
    }
    if let Some(parent) = item.parent {
        let edge = Edge { label: "impl".into(), targets: vec![Endpoint::Item(parent)] };
        collector.facts.edges.push(edge);
    }
    // In whatever macro or attribute.
    collector.facts.mentions_cfg |= match &item.syntax {
        Syntax::Item(it) if collector.has_declarations => mention::is_in(
            &Syntax::Item(Box::new(merkle::without_declarations((**it).clone()))),
            "cfg",
        ),
        syntax => mention::is_in(syntax, "cfg"),
    };
    match &item.syntax {
        Syntax::Item(it) => match &**it {
            // The body of a macro means what its names mean where it is defined.
            syn::Item::Macro(it) if it.ident.is_some() => {
                program.scan(id).into_iter().for_each(|it| collector.scan(&it));
            }
            it => collector.visit_item(it),
        },
        Syntax::ImplMember(it) => collector.visit_impl_item(it),
        Syntax::TraitMember(it) => collector.visit_trait_item(it),
        Syntax::Foreign(it) => {
            collector.visit_foreign_item(it);
            collector.place = item.place();
            collector.find(FindingKind::ForeignFunction, item.path.clone());
        }
        Syntax::Bytes(_) => collector.find(FindingKind::OpaqueSource, item.path.clone()),
    }
    collector.place = item.place();
    if item.kind == ItemKind::Static
        && constancy::of_static(lookup.resolver, id) != Constancy::Constant
        && !constancy::is_of_maker(lookup.resolver, id)
        && !environment::is_skipped(lookup.resolver, id)
    {
        collector.find(FindingKind::MutableStatic, item.path.clone());
    }
    collector.facts.mentions_cfg |=
        !program.module(item.module).cfgs.is_empty() || !item.cfgs.is_empty();
    for module in std::mem::take(&mut collector.unknown_macros) {
        // What they expand to may call anything that is in scope.
        lookup.resolver.add_traits_in_scope(module, &mut collector.facts.traits_in_scope);
    }
    for (module, methods) in std::mem::take(&mut collector.methods) {
        let (local, foreign) = lookup.resolver.traits_in_scope(module, &methods);
        for path in &foreign {
            collector.unit_of(path);
        }
        collector.facts.traits_in_scope.0.extend(local);
        collector.facts.traits_in_scope.1.extend(foreign);
    }
    collector.surroundings(item.module);
    // Its code is here, but what made it is there.
    collector.facts.units.extend(item.makers.iter().cloned());
    let krate = program.krate_of(item.module);
    if collector.facts.mentions_cfg && !krate.is_own && krate.has_build_script {
        // What that build script sets is told to its own compilation alone.
        collector.place = item.place();
        collector.find(FindingKind::ForeignCfg, item.path.clone());
    }
    collector.facts
}
