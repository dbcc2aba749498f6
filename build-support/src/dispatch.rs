//! Facts of calls: what `.name(…)` on a value of a type reaches, what `Type::name` does, and what
//! each gives back. On a value of unknown type every method of that name counts that can be meant.

use syn::{Expr, ExprCall};

use crate::{
    collector::Collector,
    declared,
    facts::{Endpoint, Use},
    path_text,
    program::{Definition, ItemId, ItemKind, Namespace},
    std_methods,
    ty::{Bound, Ty},
};

impl Collector<'_, '_> {
    /// Notes what a method call reaches and returns the type of its result. `arguments` are the
    /// types of the arguments.
    pub(crate) fn member(&mut self, receiver: &Ty, name: &str, arguments: &[Ty]) -> Ty {
        self.calls(name);
        if !matches!(receiver, Ty::Local(..)) {
            self.run_method_of(receiver, name, arguments);
        }
        match receiver {
            Ty::Unknown | Ty::Never => {
                self.unknown_member(name);
                Ty::Unknown
            }
            Ty::Local(id, _) => self.local_member(receiver, *id, name),
            Ty::Std(head, _) => {
                let is_extended = self.foreign_self(name);
                if Ty::is_pointer(head) {
                    let inner = receiver.argument(0);
                    if name == "clone" {
                        // The pointer's own, or that of what it points to.
                        self.member(&inner, name, arguments);
                        return if head == "Rc" || head == "Arc" {
                            receiver.clone()
                        } else {
                            Ty::Unknown
                        };
                    }
                    return self.member(&inner, name, arguments);
                }
                if is_extended || self.has_foreign_traits() {
                    return Ty::Unknown;
                }
                std_methods::returned(receiver, name, arguments)
            }
            Ty::Tuple(_) => {
                self.foreign_self(name);
                if name == "clone" { receiver.clone() } else { Ty::Unknown }
            }
            Ty::Other => {
                self.foreign_self(name);
                Ty::Unknown
            }
            Ty::Bounded(bounds) => self.bounded_member(receiver, bounds, name),
        }
    }

    fn local_member(&mut self, receiver: &Ty, id: ItemId, name: &str) -> Ty {
        let members = self.lookup.members;
        if members.is_open(self.lookup.resolver.program, self.module, id)
            || members.dereferences(id)
        {
            self.run_method(name);
            self.unknown_member(name);
            return Ty::Unknown;
        }
        let found = members.of_type(self.lookup.resolver, id, name);
        if found.is_empty() {
            // A trait of another crate has it, or a derive made it.
            self.run_method(name);
            self.facts.uses.insert(Use::ForeignTrait(name.to_owned()));
            return if name == "clone" { receiver.clone() } else { Ty::Unknown };
        }
        let returned = found
            .iter()
            .map(|it| declared::returned(self.lookup.resolver, *it, Some(receiver)))
            .fold(Ty::Never, Ty::join);
        self.edge(format!(".{name}"), found.into_iter().map(Endpoint::Item).collect());
        returned
    }

    fn bounded_member(&mut self, receiver: &Ty, bounds: &[Bound], name: &str) -> Ty {
        let resolver = self.lookup.resolver;
        let bounds = declared::elaborated(resolver, bounds);
        if bounds.iter().any(|it| matches!(it, Bound::Foreign(it) if it.starts_with("Deref"))) {
            self.unknown_member(name);
            return Ty::Unknown;
        }
        self.foreign_self(name);
        self.facts.uses.insert(Use::ForeignTrait(name.to_owned()));
        self.facts.uses.insert(Use::OpenInherent(name.to_owned()));
        let mut returned = Vec::new();
        for bound in bounds {
            let Bound::Local(id) = bound else { continue };
            if resolver.declares(id, name) {
                self.facts.uses.insert(Use::Trait(id, name.to_owned()));
                returned.push(declared::returned_by_trait(resolver, id, name, receiver));
            }
        }
        match &returned[..] {
            [one] => one.clone(),
            _ => Ty::Unknown,
        }
    }

    /// Any method of that name on a type in play: an inherent one, one of a trait of another crate,
    /// or one of a local trait in scope.
    pub(crate) fn unknown_member(&mut self, name: &str) {
        self.calls(name);
        self.facts.uses.insert(Use::Inherent(name.to_owned()));
        self.facts.uses.insert(Use::ForeignTrait(name.to_owned()));
        for id in self.traits_declaring(name) {
            self.facts.uses.insert(Use::Trait(id, name.to_owned()));
        }
    }

    /// A method on a type of another crate: its own, or one of a local trait in scope that is
    /// implemented for such types. Tells whether there is such a trait.
    pub(crate) fn foreign_self(&mut self, name: &str) -> bool {
        let traits = self.traits_declaring(name);
        let found = !traits.is_empty();
        for id in traits {
            self.facts.uses.insert(Use::ForeignSelf(id, name.to_owned()));
        }
        found
    }

    fn traits_declaring(&mut self, name: &str) -> Vec<ItemId> {
        self.lookup.resolver.traits_declaring(self.module, name)
    }

    /// Traits of other crates may give types of std methods that we don't know.
    fn has_foreign_traits(&self) -> bool {
        self.lookup.resolver.has_foreign_traits_in_scope(self.module)
    }

    /// What `Type::name` reaches for a type that is no single local one; see `associated_of`.
    pub(crate) fn member_path(&mut self, ty: &Ty, name: &str) {
        self.calls(name);
        self.run_associated(name);
        match ty {
            Ty::Bounded(bounds) => {
                self.bounded_member(ty, bounds, name);
            }
            Ty::Std(..) | Ty::Tuple(_) | Ty::Other => {
                self.foreign_self(name);
            }
            _ => {
                self.facts.uses.insert(Use::Member(name.to_owned()));
            }
        }
    }

    /// The type of a call's result; the function's path has been visited.
    pub(crate) fn call_result(&self, call: &ExprCall) -> Ty {
        let Expr::Path(function) = &*call.func else { return Ty::Unknown };
        if function.qself.is_some() {
            return Ty::Unknown;
        }
        let path = &function.path;
        let resolver = self.lookup.resolver;
        let written = resolver.written(path);
        if path.get_ident().is_some() && self.is_local(&written.text) {
            return Ty::Unknown;
        }
        let arguments: Vec<Ty> = call.args.iter().map(|it| self.type_of(it)).collect();
        let names = &written.names;
        let leading_colon = path.leading_colon.is_some();
        let meanings = resolver.meanings(self.module, leading_colon, &written, Namespace::Value);
        match &meanings[..] {
            [(Definition::Item(id), rest)] if rest.is_empty() => {
                return match resolver.program.item(*id).kind {
                    ItemKind::Function => declared::returned(resolver, *id, None),
                    ItemKind::Type => Ty::Local(*id, Vec::new()),
                    _ => Ty::Unknown,
                };
            }
            [(Definition::Variant(id), rest)] if rest.is_empty() => {
                return Ty::Local(*id, Vec::new());
            }
            [(Definition::External(path), _)] if path.starts_with("std::prelude::") => {
                let first = || arguments.first().cloned().unwrap_or(Ty::Unknown);
                match path_text::last(path) {
                    "Some" => return Ty::std("Option", vec![first()]),
                    "Ok" => return Ty::std("Result", vec![first(), Ty::Unknown]),
                    "Err" => return Ty::std("Result", vec![Ty::Unknown, first()]),
                    _ => {}
                }
            }
            _ => {}
        }
        let Some((name, owner)) = names.split_last() else { return Ty::Unknown };
        if owner.is_empty() {
            return self.constructed(path).map_or(Ty::Unknown, |(id, _)| Ty::Local(id, Vec::new()));
        }
        let head = syn::Path {
            leading_colon: path.leading_colon,
            segments: path.segments.iter().take(owner.len()).cloned().collect(),
        };
        let owner = self.scope().path(&head, true);
        match &owner {
            Ty::Local(id, _) => {
                let is_variant =
                    resolver.program.item(*id).variants().any(|it| it.ident == name.as_str());
                if is_variant {
                    return Ty::Local(*id, Vec::new());
                }
                if self.lookup.members.is_open(resolver.program, self.module, *id) {
                    return Ty::Unknown;
                }
                let found = self.lookup.members.of_type(resolver, *id, name);
                let returned =
                    found.iter().map(|it| declared::returned(resolver, *it, Some(&owner)));
                returned.reduce(Ty::join).unwrap_or(Ty::Unknown)
            }
            Ty::Std(head, parameters) => match (&**head, name.as_str()) {
                ("Box" | "Rc" | "Arc" | "RefCell" | "Cell" | "Mutex" | "RwLock", "new")
                    if arguments.len() == 1 =>
                {
                    Ty::std(head.clone(), arguments)
                }
                (_, "new" | "with_capacity" | "from" | "default") if parameters.is_empty() => {
                    Ty::std(head.clone(), Vec::new())
                }
                (
                    "Vec" | "VecDeque" | "HashMap" | "HashSet" | "BTreeMap" | "BTreeSet",
                    "new" | "with_capacity",
                ) => Ty::std(head.clone(), parameters.clone()),
                _ => Ty::Unknown,
            },
            _ => Ty::Unknown,
        }
    }
}
