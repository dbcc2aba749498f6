//! A graph as a Mermaid flowchart, which Markdown can hold.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{graph::Graph, layout::Colours, path, reason};

pub(crate) fn text(graph: &Graph<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (index, node) in graph.nodes.iter().enumerate() {
        let item = node.item;
        let _ = writeln!(
            text,
            "  n{index}[\"{}<br/><small>{}:{}</small>\"]:::{}",
            escaped(&path::tail(&item.path, 2)),
            escaped(&item.file),
            item.line,
            class(item.kind)
        );
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            let label = escaped(&reason::short(node.reason));
            let _ = writeln!(text, "  n{parent} -->|\"{label}\"| n{index}");
        }
    }
    for kind in graph.nodes.iter().map(|it| it.item.kind).collect::<BTreeSet<_>>() {
        let Colours { fill, stroke } = Colours::of(kind);
        let _ =
            writeln!(text, "  classDef {} fill:{fill},stroke:{stroke},color:#0f172a", class(kind));
    }
    text
}

/// A kind may be several words.
fn class(kind: &str) -> String {
    format!("is_{}", kind.replace(' ', "_"))
}

/// Mermaid reads labels as HTML, with entities of its own spelling.
fn escaped(text: &str) -> String {
    let mut result = String::new();
    for it in text.chars() {
        match it {
            '#' => result += "#35;",
            '&' => result += "#amp;",
            '<' => result += "#lt;",
            '>' => result += "#gt;",
            '"' => result += "#quot;",
            _ => result.push(it),
        }
    }
    result
}
