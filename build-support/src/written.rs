//! Paths as they are written in code, without their arguments. Each is kept once, so that nothing has to be
//! made of one that is there, and what is known of it can be found by a number.

use std::{fmt::Write as _, rc::Rc};

use proc_macro2::Ident;
use rustc_hash::FxHashMap as HashMap;

/// A path that stands somewhere.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) number: u32,
    /// The names with `::` between them.
    pub(crate) text: Rc<str>,
    pub(crate) names: Box<[String]>,
}

#[derive(Debug, Default)]
pub(crate) struct WrittenPaths {
    known: HashMap<Rc<str>, Rc<Written>>,
    /// How many numbers there are.
    count: u32,
    /// The text of the path that is looked for.
    text: String,
}

impl WrittenPaths {
    pub(crate) fn of_path(&mut self, path: &syn::Path) -> Rc<Written> {
        self.text.clear();
        // An iterator over them would be boxed.
        for index in 0..path.segments.len() {
            self.add(index, &path.segments[index].ident);
        }
        self.kept(|text| text.split("::").map(str::to_owned).collect())
    }

    pub(crate) fn of_ident(&mut self, ident: &Ident) -> Rc<Written> {
        self.text.clear();
        self.add(0, ident);
        self.kept(|text| [text.to_owned()].into())
    }

    pub(crate) fn of_names(&mut self, names: &[String]) -> Rc<Written> {
        self.text.clear();
        for (index, name) in names.iter().enumerate() {
            self.text.push_str(if index == 0 { "" } else { "::" });
            self.text.push_str(name);
        }
        let kept = self.kept(|_| names.into());
        if *kept.names == *names {
            return kept;
        }
        // Of other names with one text the first ones are kept.
        Rc::new(Written { number: self.next(), text: Rc::clone(&kept.text), names: names.into() })
    }

    fn add(&mut self, index: usize, ident: &Ident) {
        self.text.push_str(if index == 0 { "" } else { "::" });
        let start = self.text.len();
        write!(self.text, "{ident}").expect("a string takes all");
        if self.text[start..].starts_with("r#") {
            self.text.drain(start..start + 2);
        }
    }

    fn kept(&mut self, names: impl FnOnce(&str) -> Box<[String]>) -> Rc<Written> {
        if let Some(known) = self.known.get(self.text.as_str()) {
            return Rc::clone(known);
        }
        let text: Rc<str> = self.text.as_str().into();
        let names = names(&text);
        let written = Rc::new(Written { number: self.next(), names, text: Rc::clone(&text) });
        self.known.insert(text, Rc::clone(&written));
        written
    }

    fn next(&mut self) -> u32 {
        self.count = self.count.checked_add(1).expect("fewer than 2^32 paths");
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_kept_once_without_arguments_and_raw_marks() {
        let mut paths = WrittenPaths::default();
        let path = paths.of_path(&syn::parse_quote!(::a::r#type::<u8>::C));
        assert_eq!(&*path.text, "a::type::C");
        let names = ["a", "type", "C"].map(str::to_owned);
        assert_eq!(*path.names, names);
        assert_eq!(paths.of_names(&names).number, path.number);
        let ident = paths.of_ident(&syn::parse_quote!(r#type));
        assert_eq!(*ident.names, ["type".to_owned()]);
        assert_ne!(ident.number, path.number);
    }

    #[test]
    fn a_text_of_other_names_is_another_path() {
        let mut paths = WrittenPaths::default();
        let path = paths.of_path(&syn::parse_quote!(a::b));
        for names in [&["a::b".to_owned()][..], &[], &[String::new()]] {
            let other = paths.of_names(names);
            assert_eq!(*other.names, *names);
            assert_ne!(other.number, path.number);
        }
    }
}
