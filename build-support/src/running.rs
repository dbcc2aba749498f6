//! Facts of what runs unseen: the impls of std's traits that code calls by syntax, by a macro of
//! std, or by a name of std. `entry_point` knows the names, this module where they stand.

use syn::{Expr, Lit, punctuated::Punctuated};

use crate::{
    collector::Collector,
    entry_point::{self, Triggers},
    facts::Use,
    path_text, std_methods,
    ty::Ty,
};

impl Collector<'_, '_> {
    /// Notes what may be called.
    fn run(&mut self, triggers: Triggers) {
        match triggers {
            Triggers::Known(traits) => self.facts.uses.extend(traits.map(Use::Trigger)),
            Triggers::Unknown => drop(self.facts.uses.insert(Use::ForeignCode)),
        }
    }

    /// A method is called that no local type evidently has. Where nothing of the program goes in,
    /// nothing of it runs, unless the context chooses the result's type.
    pub(crate) fn run_method_of(&mut self, receiver: &Ty, name: &str, arguments: &[Ty]) {
        let is_closed = receiver.is_closed() && arguments.iter().all(Ty::is_closed);
        if !is_closed || std_methods::is_chosen_by_context(name) {
            self.run_method(name);
        }
    }

    /// The same for a receiver of unknown type.
    pub(crate) fn run_method(&mut self, name: &str) {
        match entry_point::run_by_method(name) {
            // Not one of std's: a local one, or of a crate whose code counts anyway.
            Triggers::Unknown if self.lookup.members.by_name.contains_key(name) => {}
            triggers => self.run(triggers),
        }
    }

    /// The same for a path `Type::name`, which may be one to an associated type.
    pub(crate) fn run_associated(&mut self, name: &str) {
        if let known @ Triggers::Known(_) = entry_point::run_by_method(name) {
            self.run(known);
        }
    }

    /// A path into std is named: its segments as they resolve.
    pub(crate) fn run_path(&mut self, path: &str) {
        let (before, last) = path_text::split_last(path);
        // Intrinsics of processors work on numbers.
        if before.split(':').skip(1).any(|it| it == "arch") {
            return;
        }
        let owner = path_text::last(before);
        if owner.starts_with(char::is_uppercase) && !entry_point::is_trait(owner) {
            self.run(entry_point::run_by_path(owner, last));
            self.run(entry_point::run_by(owner));
        } else if entry_point::is_trait(owner) {
            self.run(entry_point::run_by(last));
        } else if !entry_point::is_trait(last) {
            // Naming a trait runs nothing.
            self.run(entry_point::run_by_function(last));
            if PRIMITIVES.contains(&owner) {
                self.run(entry_point::run_by_path(owner, last));
            }
        }
    }

    /// Syntax or a macro calls a trait of std.
    pub(crate) fn run_bound(&mut self, of_trait: &str) {
        self.run(entry_point::run_by_bound(of_trait));
    }

    /// An object may be of any type that implements a trait of std.
    pub(crate) fn run_any_type(&mut self, of_trait: &str) {
        self.run(entry_point::run_by_any_type(of_trait));
    }

    /// `left == right`, `left < right`.
    pub(crate) fn run_comparison(&mut self, operator: &syn::BinOp, left: &Ty, right: &Ty) {
        use syn::BinOp as It;
        if left.is_closed() && right.is_closed() {
            return;
        }
        match operator {
            It::Eq(_) | It::Ne(_) => self.run_bound("PartialEq"),
            It::Lt(_) | It::Le(_) | It::Ge(_) | It::Gt(_) => self.run_bound("PartialOrd"),
            _ => {}
        }
    }

    /// A macro of std formats or compares its arguments, which have been visited.
    pub(crate) fn run_macro(&mut self, name: &str, arguments: &Punctuated<Expr, syn::Token![,]>) {
        let formatted = match name {
            "assert" | "debug_assert" | "write" | "writeln" => 1,
            "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => {
                self.run_bound("PartialEq");
                self.run_bound("Debug");
                2
            }
            "dbg" => return self.run_bound("Debug"),
            "vec" => return self.run_bound("Clone"),
            _ => 0,
        };
        let mut rest = arguments.iter().skip(formatted);
        let Some(format) = rest.next() else { return };
        let is_plain = |it: &Ty| it.is_closed();
        let others: Vec<_> = rest.map(|it| self.type_of_argument(it)).collect();
        match format {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(it), .. }) => {
                let text = it.value();
                let captured = crate::token_scan::captured_by(&text);
                let are_plain = others.iter().all(is_plain)
                    && captured.iter().all(|it| self.local(it).is_some_and(|it| it.is_closed()));
                if !are_plain {
                    traits_of(&text).into_iter().for_each(|it| self.run_bound(it));
                }
            }
            // Put together by another macro.
            _ => FORMATS.iter().for_each(|(_, it)| self.run_bound(it)),
        }
    }

    fn type_of_argument(&self, argument: &Expr) -> Ty {
        match argument {
            // `name = value`
            Expr::Assign(it) => self.type_of(&it.right),
            other => self.type_of(other),
        }
    }
}

/// Types that have the name of a module too.
const PRIMITIVES: &[&str] = &["array", "char", "f32", "f64", "slice", "str", "u8"];

/// The last letter of a format, and the trait behind it; without one it is `Display`.
const FORMATS: &[(char, &str)] = &[
    (' ', "Display"),
    ('?', "Debug"),
    ('x', "LowerHex"),
    ('X', "UpperHex"),
    ('o', "Octal"),
    ('b', "Binary"),
    ('e', "LowerExp"),
    ('E', "UpperExp"),
    ('p', "Pointer"),
];

/// Returns the traits that the parts of a format string call.
fn traits_of(format: &str) -> Vec<&'static str> {
    let mut traits = Vec::new();
    let text = format.replace("{{", "");
    for part in text.split('{').skip(1) {
        let inner = part.split('}').next().unwrap_or_default();
        let spec = inner.split_once(':').map_or("", |(_, spec)| spec).trim_end();
        let last = spec.chars().last().unwrap_or(' ');
        // `name$` ends in a dollar sign, a fill is followed by its alignment.
        let found = FORMATS.iter().find(|(letter, _)| *letter == last);
        traits.push(found.map_or("Display", |(_, it)| it));
    }
    traits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_name_their_traits() {
        assert_eq!(
            traits_of("{} {{}} {0:?} {name:>w$} {:#x} {:e}"),
            ["Display", "Debug", "Display", "LowerHex", "LowerExp"]
        );
        assert!(traits_of("nothing").is_empty());
    }
}
