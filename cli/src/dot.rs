//! A graph in the language of Graphviz.

use std::fmt::Write as _;

use crate::{graph::Graph, layout::Colours, path, reason};

pub(crate) fn text(graph: &Graph<'_>) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&graph.title()));
    text += "  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=monospace];\n";
    text += "  edge [fontname=\"sans-serif\", fontsize=10, color=\"#64748b\"];\n";
    for (index, node) in graph.nodes.iter().enumerate() {
        let item = node.item;
        let label = format!("{}\n{}:{}", path::tail(&item.path, 2), item.file, item.line);
        let colours = Colours::of(item.kind);
        let _ = writeln!(
            text,
            "  n{index} [label={}, tooltip={}, fillcolor=\"{}\", color=\"{}\"];",
            quoted(&label),
            quoted(&format!("{} {}", item.kind, item.path)),
            colours.fill,
            colours.stroke
        );
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            let label = quoted(&reason::short(node.reason));
            let _ = writeln!(text, "  n{parent} -> n{index} [label={label}];");
        }
    }
    text + "}\n"
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}
