//! Turns a fragment of rustdoc's HTML into Rust's text: links to traits and types become paths that
//! begin with a number, `link_7::Clone`, so that a parser sees which item each name means.

use std::{collections::BTreeMap, fmt::Write as _};

/// The items that links lead to, each with a number.
#[derive(Debug, Default)]
pub(crate) struct Links {
    numbers: BTreeMap<String, usize>,
    pages: Vec<String>,
}

impl Links {
    fn number(&mut self, page: String) -> usize {
        let next = self.pages.len();
        *self.numbers.entry(page).or_insert_with_key(|page| {
            self.pages.push(page.clone());
            next
        })
    }

    /// Returns the page that a path's first segment stands for.
    pub(crate) fn page(&self, segment: &str) -> Option<&str> {
        let number: usize = segment.strip_prefix("link_")?.parse().ok()?;
        self.pages.get(number).map(String::as_str)
    }
}

/// Returns the text of a fragment of the page at `page`.
pub(crate) fn to_rust(html: &str, page: &str, links: &mut Links) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text += &unescape(&rest[..start]);
        let Some(length) = rest[start..].find('>') else { break };
        let tag = &rest[start..=start + length];
        rest = &rest[start + length + 1..];
        if tag.starts_with("<a ") {
            let Some(end) = rest.find("</a>") else { break };
            let href = attribute(tag, "href").unwrap_or_default();
            match attribute(tag, "class").unwrap_or_default() {
                // Another crate's documentation, such as `libc`'s.
                _ if href.contains("://") => {}
                "trait" | "struct" | "enum" | "union" | "type" | "traitalias" => {
                    let target = resolve(page, href);
                    let _ = write!(text, "link_{}::", links.number(target));
                }
                "tooltip" => rest = &rest[end..],
                _ => {}
            }
        } else if !tag.starts_with("</a") && !tag.starts_with("<wbr") {
            text.push(' ');
        }
    }
    text += &unescape(rest);
    plain(&text)
}

/// Returns the value of an attribute of a tag.
pub(crate) fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// Returns the path of what a link in `page` leads to, both relative to the documentation's folder.
pub(crate) fn resolve(page: &str, href: &str) -> String {
    let file = href.split('#').next().unwrap_or_default();
    if file.is_empty() {
        return page.to_owned();
    }
    let mut folders: Vec<&str> = page.split('/').collect();
    folders.pop();
    for segment in file.split('/') {
        match segment {
            ".." => drop(folders.pop()),
            "." => {}
            _ => folders.push(segment),
        }
    }
    folders.join("/")
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let text = text.replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">");
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

/// Writes what a parser does not take for Rust as what it is meant to say.
fn plain(text: &str) -> String {
    // Impls for tuples of any length, `(T₁, T₂, …, Tₙ)`.
    let text = text.replace(", …", "").replace('₁', "1").replace('₂', "2").replace('ₙ', "N");
    // Types with a pattern, `*const T is !null`.
    let text = text.replace(" is !null", "");
    let text = text.split(" is TyPat").next().unwrap_or(&text);
    // The default of a constant parameter, in another crate `core::::path::{constant#0}`.
    let text = match (text.find("core::::"), text.find("{constant#0}")) {
        (Some(start), Some(end)) => &format!("{}0{}", &text[..start], &text[end + 12..]),
        _ => text,
    };
    // `impl FnOnce() for F`, and `$size` of a macro that made the item.
    text.replace("() for", " for").replace('$', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_traits_become_numbered_paths() {
        let mut links = Links::default();
        let html = "impl&lt;T: <a class=\"trait\" href=\"../clone/trait.Clone.html\">Clone</a>&gt; \
                    <a class=\"primitive\" href=\"x.html\">(T₁, T₂, …, Tₙ)</a>\
                    <div class=\"where\">where\n Self:,</div> <a href=\"#\" class=\"tooltip\">ⓘ</a>";
        let text = to_rust(html, "core/iter/struct.Map.html", &mut links);
        assert_eq!(text.trim(), "impl<T: link_0::Clone> (T1, T2, TN) where\n Self:,");
        assert_eq!(links.page("link_0"), Some("core/clone/trait.Clone.html"));
        assert_eq!(links.page("T1"), None);
    }

    #[test]
    fn links_are_relative_to_the_folder_of_their_page() {
        assert_eq!(resolve("a/b/c.html", "d.html#method.x"), "a/b/d.html");
        assert_eq!(resolve("a/b/c.html", "#x"), "a/b/c.html");
        assert_eq!(resolve("a/b/c.html", "../../d/e.html"), "d/e.html");
    }
}
