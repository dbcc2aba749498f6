//! Why a function reaches an item: the steps from one to the other.

use std::fmt::Write as _;

use perennial_build::{Row, Table};

use crate::{error::Error, function, graph::Graph, style};

/// Returns the items that are meant, by their index, among those that the function reaches; none
/// where there is such an item in the package but out of reach.
pub(crate) fn wanted(table: &Table, row: &Row, asked: &str) -> Result<Vec<usize>, Error> {
    let reached = table.reached(row).into_iter().map(|it| it.item);
    let reached = function::find_items(table, reached, asked)?;
    if reached.is_empty() {
        let all = function::find_items(table, 0..table.items.len(), asked)?;
        if all.is_empty() {
            return Err(function::unknown_item(table, asked));
        }
    }
    Ok(reached)
}

/// Writes a graph that holds only the steps in question, from the function on.
pub(crate) fn text(graph: &Graph<'_>) -> String {
    let (faint, name, heading) = (style::FAINT, style::NAME, style::HEADING);
    let mut text = String::new();
    for node in &graph.nodes {
        let item = node.item;
        let place = format!("{}:{}", item.file, item.line);
        let indent = "  ".repeat(node.depth);
        let _ = match node.parent {
            None => writeln!(text, "{heading}{}{heading:#}  {faint}{place}{faint:#}", item.path),
            Some(parent) => writeln!(
                text,
                "{indent}{name}{}{name:#}  {faint}{} {place}{faint:#}\n{indent}  {} {}",
                item.path, item.kind, node.reason, graph.nodes[parent].item.path
            ),
        };
    }
    text
}
