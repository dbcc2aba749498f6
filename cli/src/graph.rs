//! `cargo perennial graph`: what a function reaches, as a tree in which each item stands once, below
//! the one that brought it in.

use std::collections::{BTreeMap, BTreeSet};

use perennial_build::{Item, Reason, Row, Table};
use serde::Serialize;

use crate::{
    Answer,
    arguments::{self, GraphFormat},
    dot,
    error::Error,
    exit_code::ExitCode,
    function, json, mermaid, package, reason, svg, tree, why,
};

pub(crate) fn answer(arguments: &arguments::Graph) -> Result<Answer, Error> {
    let (table, notes) = package::read(&arguments.package)?;
    let row = function::find(&table, &arguments.function)?;
    let mut graph = Graph::of(&table, row, arguments.depth);
    if let Some(asked) = &arguments.why {
        let wanted = why::wanted(&table, row, asked)?;
        if wanted.is_empty() {
            let text = format!("{} does not reach {asked}\n", row.path);
            return Ok(Answer { text, exit_code: ExitCode::Findings, notes });
        }
        graph = Graph::of(&table, row, None);
        let steps = wanted.iter().flat_map(|it| table.chain_to(row, *it));
        graph.retain(&steps.map(|it| it.item).collect());
    }
    let text = match arguments.format {
        GraphFormat::Text if arguments.why.is_some() => why::text(&graph),
        GraphFormat::Text => tree::text(&graph),
        GraphFormat::Json => json(&graph),
        GraphFormat::Dot => dot::text(&graph),
        GraphFormat::Mermaid => mermaid::text(&graph),
        GraphFormat::Svg => svg::text(&graph),
    };
    Ok(Answer { text, exit_code: ExitCode::Success, notes })
}

/// What a function reaches; the function itself comes first, every other node after its parent.
#[derive(Debug)]
pub(crate) struct Graph<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    /// How many items it reaches, those included that are not shown.
    pub(crate) total: usize,
}

/// An item, and how it was brought in.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) item: &'a Item,
    index: usize,
    /// Index of the node that brought it in.
    pub(crate) parent: Option<usize>,
    pub(crate) reason: Reason,
    pub(crate) depth: usize,
    /// How many items below it are left out.
    pub(crate) hidden: usize,
}

impl<'a> Graph<'a> {
    pub(crate) fn of(table: &'a Table, row: &Row, depth: Option<usize>) -> Self {
        let mut below: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        let mut root = None;
        let reached = table.reached(row);
        for step in &reached {
            if step.item == step.from {
                root = Some(step);
            } else {
                below.entry(step.from).or_default().push(step);
            }
        }
        let place = |it: usize| {
            let item = &table.items[it];
            (&item.file, item.line, &item.path, it)
        };
        let limit = depth.unwrap_or(usize::MAX);
        let mut nodes: Vec<Node<'a>> = Vec::new();
        let mut queue: Vec<_> = root.into_iter().map(|it| (it, None, 0)).collect();
        while let Some((step, parent, depth)) = queue.pop() {
            let mut children = below.remove(&step.item).unwrap_or_default();
            let mut hidden = 0;
            if depth >= limit {
                while let Some(child) = children.pop() {
                    hidden += 1;
                    children.extend(below.remove(&child.item).unwrap_or_default());
                }
            }
            children.sort_by_key(|it| std::cmp::Reverse(place(it.item)));
            queue.extend(children.into_iter().map(|it| (it, Some(nodes.len()), depth + 1)));
            let item = &table.items[step.item];
            let (index, reason) = (step.item, step.reason);
            nodes.push(Node { item, index, parent, reason, depth, hidden });
        }
        Self { nodes, total: reached.len() }
    }

    /// Keeps the nodes of some items only, which are closed under parents.
    fn retain(&mut self, items: &BTreeSet<usize>) {
        let mut places = BTreeMap::new();
        let nodes = std::mem::take(&mut self.nodes);
        for (old, mut node) in nodes.into_iter().enumerate() {
            if items.contains(&node.index) {
                places.insert(old, self.nodes.len());
                node.parent = node.parent.map(|it| places[&it]);
                self.nodes.push(node);
            }
        }
    }

    /// Returns the children of each node, in order.
    pub(crate) fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            if let Some(parent) = node.parent {
                children[parent].push(index);
            }
        }
        children
    }

    /// Says what the graph shows, in a line.
    pub(crate) fn title(&self) -> String {
        let name = self.nodes.first().map_or("", |it| &it.item.path);
        let reached = self.total.saturating_sub(1);
        let items = if reached == 1 { "item" } else { "items" };
        match self.total - self.nodes.len() {
            0 => format!("{name} reaches {reached} {items}"),
            hidden => format!("{name} reaches {reached} {items}, {hidden} of them not shown"),
        }
    }
}

/// One object of the array.
#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    kind: &'a str,
    file: &'a str,
    line: usize,
    /// Place in the array of the entry that brought this one in.
    from: Option<usize>,
    reason: String,
}

fn json(graph: &Graph<'_>) -> String {
    json::array(graph.nodes.iter().map(|it| Entry {
        path: &it.item.path,
        kind: it.item.kind,
        file: &it.item.file,
        line: it.item.line,
        from: it.parent,
        reason: reason::short(it.reason),
    }))
}
