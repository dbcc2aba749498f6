//! One page of rustdoc: which item it shows, the item's declaration and the headers of its sections
//! in order. Nothing is parsed as Rust here.

use super::markup::attribute;

/// What a page shows, by the prefix of its file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Trait,
    TraitAlias,
    Type,
    Alias,
    Primitive,
    Function,
    Constant,
}

impl Kind {
    pub(crate) fn of_file(name: &str) -> Option<(Self, &str)> {
        let (prefix, rest) = name.strip_suffix(".html")?.split_once('.')?;
        let kind = match prefix {
            "trait" => Self::Trait,
            "traitalias" => Self::TraitAlias,
            "struct" | "enum" | "union" => Self::Type,
            "type" => Self::Alias,
            "primitive" => Self::Primitive,
            "fn" => Self::Function,
            "constant" | "static" => Self::Constant,
            _ => return None,
        };
        Some((kind, rest))
    }
}

/// The heading of a method, an impl, an associated item or a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section<'h> {
    /// What follows belongs to an impl, until the next one.
    Impl(&'h str),
    /// What follows is shown again from another type, or from nowhere.
    Elsewhere,
    Method(&'h str),
    AssociatedType(&'h str),
    AssociatedConstant(&'h str),
    Variant(&'h str),
}

/// The parts of a page that matter.
#[derive(Debug, Default)]
pub(crate) struct Page<'h> {
    /// Where the item is defined, the same on each page that shows it.
    pub(crate) source: Option<&'h str>,
    pub(crate) declaration: Option<&'h str>,
    pub(crate) is_unstable: bool,
    pub(crate) sections: Vec<Section<'h>>,
}

impl<'h> Page<'h> {
    pub(crate) fn read(html: &'h str) -> Self {
        let main = html.find("<section id=\"main-content\"").map_or(html, |at| &html[at..]);
        let heading = between(main, "<div class=\"main-heading\">", "</div><pre");
        let declaration = between(main, "<pre class=\"rust item-decl\">", "</pre>");
        let before = main.split("<details").next().unwrap_or(main);
        Self {
            source: heading
                .and_then(|it| it.rfind("<a class=\"src\"").map(|at| &it[at..]))
                .and_then(|it| attribute(it, "href"))
                .map(|it| it.trim_start_matches("../")),
            declaration,
            is_unstable: between(main, "</pre>", "<h2")
                .unwrap_or(before)
                .split("<div class=\"docblock\">")
                .next()
                .is_some_and(|it| it.contains("class=\"stab unstable\"")),
            sections: sections(main),
        }
    }
}

fn between<'h>(html: &'h str, start: &str, end: &str) -> Option<&'h str> {
    let at = html.find(start)? + start.len();
    html[at..].find(end).map(|length| &html[at..at + length])
}

fn sections(html: &str) -> Vec<Section<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(" id=\"") {
        rest = &rest[at..];
        let Some(id) = attribute(rest, "id") else { break };
        let tag_end = rest.find('>').unwrap_or(rest.len());
        let class = attribute(&rest[..tag_end], "class").unwrap_or_default();
        let (kind, name) = id.split_once(['.', '-']).unwrap_or((id, ""));
        match kind {
            // Other headings begin with the word, too.
            "deref" if name.starts_with("methods") => found.push(Section::Elsewhere),
            "variant" if class == "variant" => found.push(Section::Variant(name)),
            "impl" | "method" | "tymethod" | "associatedtype" | "associatedconstant"
                if class.starts_with("impl")
                    || class.starts_with("method")
                    || class.starts_with("associated") =>
            {
                if let Some(header) = header(rest) {
                    found.push(match kind {
                        "impl" => Section::Impl(header),
                        "associatedtype" => Section::AssociatedType(header),
                        "associatedconstant" => Section::AssociatedConstant(header),
                        _ => Section::Method(header),
                    });
                }
            }
            _ => {}
        }
        rest = &rest[1..];
    }
    found
}

/// Returns the code in the heading of a section that starts here.
fn header(section: &str) -> Option<&str> {
    let section = &section[..section.find("</section>")?];
    let at = section.find(" class=\"code-header\">")? + " class=\"code-header\">".len();
    section[at..].find("</h").map(|length| &section[at..at + length])
}
