//! Turns the pages into the model: parses the headers on each and resolves what they link to. Where a
//! header is not understood or a link leads nowhere, there is no model.

use std::collections::BTreeMap;

use super::{
    documentation::{Asks, Documentation, Function, Impl, ItemKey, LEFT_OUT, Parent},
    header::{self, ImplHeader, Names},
    markup::{Links, to_rust},
    page::{Kind, Page, Section},
};

/// Traits in bounds that std keeps to itself. No type of others implements them, or each does; their
/// impls ask for no more than those of the traits beside them.
const PRIVATE: &[&str] = &[
    "BuiltinDeref",
    "ChangePointee",
    "PinDerefMutHelper",
    "Recyclable",
    SEALED,
    "TrustedRandomAccess",
];

/// Unstable traits that derives of stable traits implement for types of others.
const DERIVED: &[&str] = &["StructuralPartialEq", "TrivialClone"];

/// What a trait asks for that is not to be implemented elsewhere.
const SEALED: &str = "Sealed";

/// Reads one page after the other.
pub(crate) struct Reader {
    links: Links,
    /// The item on each page.
    keys: BTreeMap<String, ItemKey>,
    documentation: Documentation,
}

impl Reader {
    pub(crate) fn new(keys: BTreeMap<String, ItemKey>) -> Self {
        Self { links: Links::default(), keys, documentation: Documentation::default() }
    }

    pub(crate) fn finish(self) -> Documentation {
        self.documentation
    }

    pub(crate) fn page(&mut self, path: &str, html: &str) -> Result<(), String> {
        let file = path.rsplit('/').next().unwrap_or_default();
        let Some((kind, name)) = Kind::of_file(file) else { return Ok(()) };
        let Some(key) = self.keys.get(path).cloned() else { return Ok(()) };
        let page = Page::read(html);
        let declaration = page.declaration.map(|it| to_rust(it, path, &mut self.links));
        let declaration = declaration.unwrap_or_default();
        match kind {
            Kind::Function => {
                let (name, names) = self.function(&declaration)?;
                self.add(name, &names, Parent::Module)?;
            }
            Kind::Constant => {
                let types = header::mentioned(&declaration, &self.links);
                let names = Names { types, ..Names::default() };
                self.add(name.to_owned(), &names, Parent::Module)?;
            }
            Kind::Trait | Kind::TraitAlias => {
                let names = if kind == Kind::Trait {
                    header::declared_trait(&declaration, &self.links)
                        .map_err(in_text(&declaration))?
                } else {
                    self.alias_of_traits(&declaration)
                };
                let is_sealed = names.unlinked.contains(SEALED);
                let bounds = self.asks(&names)?.bounds;
                let facts = self.documentation.traits.entry(key.clone()).or_default();
                facts.bounds.extend(bounds);
                facts.is_sealed |= is_sealed;
                facts.is_unstable = page.is_unstable && !DERIVED.contains(&key.name.as_str());
            }
            Kind::Type | Kind::Alias => {
                let types = header::mentioned(&declaration, &self.links);
                let types = self.resolve_all(&types)?;
                let facts = self.documentation.types.entry(key.clone()).or_default();
                facts.leads_to.extend(types);
                facts.is_alias = kind == Kind::Alias;
            }
            Kind::Primitive => {
                self.documentation.types.entry(key.clone()).or_default();
            }
        }
        self.sections(path, kind, &key, &page)
    }

    fn sections(
        &mut self,
        path: &str,
        kind: Kind,
        key: &ItemKey,
        page: &Page<'_>,
    ) -> Result<(), String> {
        let mut place = match kind {
            Kind::Trait => Place::Trait(key.clone()),
            _ => Place::Elsewhere,
        };
        for section in &page.sections {
            match section {
                Section::Elsewhere => place = Place::Elsewhere,
                Section::Impl(html) => {
                    let text = to_rust(html, path, &mut self.links);
                    place = self.implementation(&text)?;
                }
                Section::Variant(name) => {
                    let facts = self.documentation.types.entry(key.clone()).or_default();
                    facts.variants.insert((*name).to_owned());
                }
                Section::Method(html) => match &place {
                    Place::Trait(key) => {
                        let parent = Parent::Trait(key.clone());
                        let facts = self.documentation.traits.entry(key.clone()).or_default();
                        facts.has_methods = true;
                        let text = to_rust(html, path, &mut self.links);
                        let (name, names) = self.function(&text)?;
                        self.add(name, &names, parent)?;
                    }
                    Place::Inherent(of) => {
                        let of = of.clone();
                        let text = to_rust(html, path, &mut self.links);
                        let (name, mut names) = self.function(&text)?;
                        names.merge(of.names);
                        let types = self.resolve_all(&of.self_types)?;
                        let parent = Parent::Inherent { types, shown_at: key.name.clone() };
                        self.add(name, &names, parent)?;
                    }
                    Place::Impl(_) | Place::Elsewhere => {}
                },
                Section::AssociatedType(html) => {
                    let text = to_rust(html, path, &mut self.links);
                    self.associated_type(&text, &place)?;
                }
                Section::AssociatedConstant(html) => {
                    let text = to_rust(html, path, &mut self.links);
                    let types = header::mentioned(&text, &self.links);
                    let name = text.split(':').next().unwrap_or_default();
                    let name = name.rsplit(' ').find(|it| !it.is_empty()).unwrap_or_default();
                    let names = Names { types, ..Names::default() };
                    let parent = match &place {
                        Place::Inherent(of) => {
                            let types = self.resolve_all(&of.self_types)?;
                            Parent::Inherent { types, shown_at: key.name.clone() }
                        }
                        Place::Trait(key) => Parent::Trait(key.clone()),
                        _ => Parent::Module,
                    };
                    self.add(name.to_owned(), &names, parent)?;
                }
            }
        }
        Ok(())
    }

    fn implementation(&mut self, text: &str) -> Result<Place, String> {
        let header = header::implementation(text, &self.links).map_err(in_text(text))?;
        let Some(of_trait) = header.of_trait.clone() else {
            return Ok(Place::Inherent(Box::new(header)));
        };
        let of_trait = self.resolve(&of_trait)?;
        let bounds = self.asks(&header.names)?.bounds;
        self.documentation.impls.push(Impl {
            of_trait,
            self_types: self.resolve_all(&header.self_types)?,
            bounds,
            arguments: self.resolve_all(&header.argument_types)?,
            leads_to: Vec::new(),
            is_generic: header.is_generic,
        });
        Ok(Place::Impl(self.documentation.impls.len() - 1))
    }

    fn associated_type(&mut self, text: &str, place: &Place) -> Result<(), String> {
        let names = header::associated_type(text, &self.links).map_err(in_text(text))?;
        let asks = self.asks(&names)?;
        match place {
            Place::Trait(key) => {
                let facts = self.documentation.traits.entry(key.clone()).or_default();
                facts.bounds.extend(asks.bounds);
            }
            Place::Impl(index) => self.documentation.impls[*index].leads_to.extend(asks.types),
            Place::Inherent(_) | Place::Elsewhere => {}
        }
        Ok(())
    }

    fn alias_of_traits(&self, declaration: &str) -> Names {
        let bounds = header::mentioned(declaration, &self.links).into_iter().collect();
        Names { bounds, ..Names::default() }
    }

    fn function(&self, text: &str) -> Result<(String, Names), String> {
        header::function(text, &self.links).map_err(in_text(text))
    }

    fn add(&mut self, name: String, names: &Names, of: Parent) -> Result<(), String> {
        let asks = self.asks(names)?;
        let name = name.strip_prefix("r#").map(str::to_owned).unwrap_or(name);
        self.documentation.functions.push(Function { name, asks, of });
        Ok(())
    }

    fn asks(&self, names: &Names) -> Result<Asks, String> {
        if let Some(name) = names.unlinked.iter().find(|it| !PRIVATE.contains(&it.as_str())) {
            return Err(format!("the bound `{name}` leads to no page"));
        }
        Ok(Asks {
            bounds: names.bounds.iter().map(|it| self.resolve(it)).collect::<Result<_, _>>()?,
            types: self.resolve_all(&names.types)?,
            formats: names.has_forgotten_types,
        })
    }

    fn resolve(&self, page: &str) -> Result<ItemKey, String> {
        if let Some(key) = self.keys.get(page) {
            return Ok(key.clone());
        }
        // Types of processors are no one's concern: their pages were not read.
        if LEFT_OUT.iter().any(|it| page.starts_with(it)) {
            return Ok(ItemKey { name: page.to_owned(), place: page.to_owned() });
        }
        Err(format!("there is no page `{page}`"))
    }

    fn resolve_all(&self, pages: &[String]) -> Result<Vec<ItemKey>, String> {
        pages.iter().map(|it| self.resolve(it)).collect()
    }
}

/// What the sections that follow belong to.
enum Place {
    Trait(ItemKey),
    Impl(usize),
    Inherent(Box<ImplHeader>),
    Elsewhere,
}

fn in_text(text: &str) -> impl FnOnce(syn::Error) -> String {
    move |error| format!("{error}: `{text}`")
}
