//! A graph as a tree of text.

use std::fmt::Write as _;

use crate::{graph::Graph, reason, style};

pub(crate) fn text(graph: &Graph<'_>) -> String {
    let (faint, name, heading) = (style::FAINT, style::NAME, style::HEADING);
    let children = graph.children();
    let is_last = |index: usize| {
        graph.nodes[index].parent.is_none_or(|it| children[it].last() == Some(&index))
    };
    let mut text = String::new();
    // Of each node: what stands before the lines below it.
    let mut indents: Vec<String> = Vec::with_capacity(graph.nodes.len());
    for (index, node) in graph.nodes.iter().enumerate() {
        let item = node.item;
        let place = format!("{}:{}", item.file, item.line);
        match node.parent {
            None => {
                let _ =
                    writeln!(text, "{heading}{}{heading:#}  {faint}{place}{faint:#}", item.path);
                indents.push(String::new());
            }
            Some(parent) => {
                let (branch, below) =
                    if is_last(index) { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                let indent = &indents[parent];
                let _ = writeln!(
                    text,
                    "{indent}{branch}{name}{}{name:#}  {faint}{} {place}, {}{faint:#}",
                    item.path,
                    item.kind,
                    reason::short(node.reason)
                );
                indents.push(format!("{indent}{below}"));
            }
        }
        if node.hidden > 0 {
            let _ = writeln!(text, "{}└─ {faint}{} more{faint:#}", indents[index], node.hidden);
        }
    }
    let _ = writeln!(text, "\n{}", graph.title());
    text
}
