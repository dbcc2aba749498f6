//! Facts of paths: what a path that stands in an item means, and what it adds to the item's facts.

use std::rc::Rc;

use syn::{Path, QSelf, visit::Visit};

use crate::{
    collector::Collector,
    facts::{Endpoint, FindingKind, Use},
    head_type::aliased,
    path_text, prelude,
    program::{Definition, ItemId, ItemKind, ModuleId, Namespace},
    ty::Ty,
    written::Written,
};

/// Functions of std that show the paths of types.
const SHOW_PATHS: &[&str] = &["type_name", "type_name_of_val", "TypeId"];

impl Collector<'_, '_> {
    pub(crate) fn named(
        &mut self,
        label: &Rc<str>,
        leading_colon: bool,
        path: &Written,
        namespace: Namespace,
    ) {
        let names = &path.names;
        let Some((first, rest)) = names.split_first() else { return };
        let mut is_local = false;
        if !leading_colon {
            if first == "Self" {
                return self.associated(label, rest);
            }
            is_local = rest.is_empty() && namespace == Namespace::Value && self.is_local(first);
            if is_local && !self.is_ambiguous(first) {
                return;
            }
            // A type parameter is no value.
            let is_type = !rest.is_empty() || namespace == Namespace::Type;
            if let Some(ty) = self.parameters.get(first).cloned()
                && (is_type || self.constants.contains(first))
            {
                return self.projected(&ty, rest);
            }
            if rest.is_empty() && first == "self" {
                return;
            }
        }
        let resolver = self.lookup.resolver;
        let meanings = resolver.meanings(self.module, leading_colon, path, namespace);
        if let ([_, ..], Some(last)) = (rest, rest.last()) {
            // An import can decide which trait `Type::name` takes it from.
            self.calls(last);
            // What is called from here is where it shows its place.
            self.facts.shows_position |=
                last == "caller" && names.iter().any(|it| it == "Location");
            self.facts.shows_paths |= SHOW_PATHS.contains(&last.as_str());
        }
        self.facts.shows_paths |= SHOW_PATHS.contains(&first.as_str());
        if meanings.is_empty() {
            let may_be_bound =
                rest.is_empty() && namespace == Namespace::Value && !self.unknown_macros.is_empty();
            if !may_be_bound && !is_local {
                self.find(FindingKind::UnresolvedName, label.to_string());
            }
            return;
        }
        let mut targets = Vec::new();
        for (definition, rest) in &*meanings {
            match definition {
                Definition::Item(id) => {
                    targets.push(Endpoint::Item(*id));
                    self.alias_effect(*id, rest);
                    targets.extend(self.associated_of(*id, rest));
                }
                Definition::Variant(id) => targets.push(Endpoint::Item(*id)),
                Definition::Module(id) => {
                    targets.push(Endpoint::Path(self.module_name(*id)));
                }
                Definition::External(path) => {
                    if prelude::is_std(path) {
                        self.run_path(path);
                    }
                    if path_text::has_several(path) {
                        let last = path_text::last(path).to_owned();
                        self.foreign_self(&last);
                        self.facts.uses.insert(Use::ForeignTrait(last));
                    }
                    targets.push(Endpoint::Path(Rc::clone(path)));
                }
            }
        }
        self.edge(Rc::clone(label), targets);
    }

    /// A module as an end of an edge: only `pub(in …)` and tokens name one as such.
    pub(crate) fn module_name(&self, id: ModuleId) -> Rc<str> {
        format!("::{}", self.lookup.resolver.program.module(id).path).into()
    }

    /// Returns what `Type::name` and `Trait::name` add to the type and the trait.
    pub(crate) fn associated_of(&mut self, id: ItemId, rest: &[String]) -> Vec<Endpoint> {
        let Some(name) = rest.last() else { return Vec::new() };
        self.calls(name);
        let resolver = self.lookup.resolver;
        let target = aliased(resolver, id, 16);
        let is_type = target.is_some_and(|it| resolver.program.item(it).kind == ItemKind::Type);
        if let ([_], Some(of)) = (rest, target)
            && resolver.program.item(of).kind == ItemKind::Trait
            && resolver.declares(of, name)
        {
            self.facts.uses.insert(Use::Trait(of, name.clone()));
            return Vec::new();
        }
        if let (true, 1, Some(ty)) = (is_type, rest.len(), target)
            && !self.lookup.members.is_open(resolver.program, self.module, ty)
        {
            let found = self.lookup.members.of_type(resolver, ty, name);
            if !found.is_empty() {
                return found.into_iter().map(Endpoint::Item).chain([Endpoint::Item(ty)]).collect();
            }
        }
        if let ([_], None, ItemKind::Alias) = (rest, target, resolver.program.item(id).kind) {
            let ty = self.scope().of_alias(id);
            self.member_path(&ty, name);
            self.facts.uses.insert(Use::ForeignTrait(name.clone()));
            return Vec::new();
        }
        self.run_associated(name);
        self.facts.uses.insert(Use::Member(name.clone()));
        Vec::new()
    }

    fn associated(&mut self, label: &Rc<str>, rest: &[String]) {
        rest.iter().for_each(|it| self.calls(it));
        let self_type = self.self_type.clone();
        let Ty::Local(ty, _) = self_type else { return self.projected(&self_type, rest) };
        let mut targets = vec![Endpoint::Item(ty)];
        let is_variant = rest.first().is_some_and(|name| {
            self.lookup.resolver.program.item(ty).variants().any(|it| it.ident == name)
        });
        if !is_variant {
            targets.extend(self.associated_of(ty, rest));
        }
        self.edge(Rc::clone(label), targets);
    }

    /// `T::name` and `T::Item::name` for a type that is no single local one.
    fn projected(&mut self, ty: &Ty, rest: &[String]) {
        match rest {
            [] => {}
            [name] => self.member_path(ty, name),
            [.., last] => {
                self.run_associated(last);
                rest.iter().for_each(|it| self.calls(it));
                self.facts.uses.extend(rest.iter().cloned().map(Use::Member));
            }
        }
    }

    /// `<T>::name`, `<T as Trait>::name`.
    pub(crate) fn qualified(
        &mut self,
        qself: &QSelf,
        path: &Path,
        label: &Rc<str>,
        names: &[String],
    ) {
        self.visit_type(&qself.ty);
        let (of_trait, members) = names.split_at(qself.position.min(names.len()));
        members.iter().for_each(|it| self.calls(it));
        if of_trait.is_empty() {
            if let [name] = members {
                self.type_effect(self.module, &qself.ty, name);
            }
            let ty = self.scope().lower(&qself.ty);
            if let (Ty::Local(id, _), [_]) = (&ty, members) {
                let found = self.associated_of(*id, members);
                return self.edge(Rc::clone(label), found);
            }
            return self.projected(&ty, members);
        }
        let (leading_colon, resolver) = (path.leading_colon.is_some(), self.lookup.resolver);
        let of_trait = resolver.written_names(of_trait);
        self.named(label, leading_colon, &of_trait, Namespace::Type);
        let meanings = resolver.meanings(self.module, leading_colon, &of_trait, Namespace::Type);
        match (&meanings[..], members) {
            ([(Definition::Item(id), rest)], [name])
                if rest.is_empty() && resolver.declares(*id, name) =>
            {
                self.facts.uses.insert(Use::Trait(*id, name.clone()));
            }
            // An associated type: the header of the impl has it.
            ([(Definition::Item(id), rest)], [_])
                if rest.is_empty() && resolver.program.item(*id).kind == ItemKind::Trait => {}
            ([(Definition::External(_), _)], [name]) => {
                self.run_method(name);
                self.facts.uses.insert(Use::ForeignTrait(name.clone()));
            }
            _ => self.facts.uses.extend(members.iter().cloned().map(Use::Member)),
        }
    }
}
