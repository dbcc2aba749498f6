//! Where the boxes of a graph stand, and their colours: columns by the number of steps from the
//! function, rows such that no two branches share one. Since every node has one parent and branches
//! keep apart, no arrow crosses another and no label lies on one.

use std::fmt::Write as _;

use crate::{graph::Graph, path, reason};

pub(crate) const BOX_HEIGHT: f64 = 38.0;
/// From one row to the next.
const ROW: f64 = 50.0;
/// Between different branches there is a little more room.
const BRANCH_GAP: f64 = 10.0;
const MARGIN: f64 = 24.0;
/// Title and legend.
const HEAD: f64 = 84.0;
/// From a column of boxes to the line that their arrows branch off.
pub(crate) const TRUNK: f64 = 16.0;
/// Of a character in a font of fixed width, in parts of its size.
pub(crate) const CHARACTER: f64 = 0.602;
pub(crate) const NAME_SIZE: f64 = 13.0;
pub(crate) const SMALL_SIZE: f64 = 10.0;
/// Longer names are cut in the middle.
const NAME_LENGTH: usize = 44;

/// A graph with places.
pub(crate) struct Layout {
    /// One a node.
    pub(crate) boxes: Vec<Placed>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

pub(crate) struct Placed {
    pub(crate) x: f64,
    /// Of its middle.
    pub(crate) y: f64,
    pub(crate) width: f64,
    /// Where the boxes of its column end.
    pub(crate) column_end: f64,
    pub(crate) name: String,
    pub(crate) place: String,
    /// What stands on the arrow to it.
    pub(crate) label: String,
}

impl Layout {
    pub(crate) fn of(graph: &Graph<'_>) -> Self {
        let mut boxes: Vec<Placed> = graph.nodes.iter().map(unplaced).collect();
        for (it, y) in boxes.iter_mut().zip(rows(graph)) {
            it.y = y;
        }
        let depth = graph.nodes.iter().map(|it| it.depth).max().unwrap_or_default();
        let mut x = MARGIN;
        for column in 0..=depth {
            let is_here = |index: &usize| graph.nodes[*index].depth == column;
            let here: Vec<_> = (0..boxes.len()).filter(is_here).collect();
            let width = here.iter().map(|it| boxes[*it].width).fold(0.0, f64::max);
            for index in here {
                boxes[index].x = x;
                boxes[index].column_end = x + width;
            }
            let next = (0..boxes.len()).filter(|it| graph.nodes[*it].depth == column + 1);
            let label = next.map(|it| text_width(&boxes[it].label, SMALL_SIZE)).fold(0.0, f64::max);
            x += width + TRUNK + label + 26.0;
        }
        let ends = boxes.iter().map(|it| it.x + it.width);
        let bottoms = boxes.iter().map(|it| it.y + BOX_HEIGHT / 2.0);
        Self {
            width: ends.fold(0.0, f64::max) + MARGIN,
            height: bottoms.fold(0.0, f64::max) + MARGIN,
            boxes,
        }
    }
}

/// The middle of each node: leaves one below the other, others in the middle of what is below them.
fn rows(graph: &Graph<'_>) -> Vec<f64> {
    let children = graph.children();
    let mut rows = vec![0.0; graph.nodes.len()];
    let mut next = HEAD + BOX_HEIGHT / 2.0;
    let mut last_parent = None;
    for index in 0..graph.nodes.len() {
        if children[index].is_empty() {
            let parent = graph.nodes[index].parent;
            if last_parent.is_some_and(|it| it != parent) {
                next += BRANCH_GAP;
            }
            last_parent = Some(parent);
            rows[index] = next;
            next += ROW;
        }
    }
    // Children come after their parents.
    for index in (0..graph.nodes.len()).rev() {
        if let [first, .., last] | [first @ last] = children[index][..] {
            rows[index] = f64::midpoint(rows[first], rows[last]);
        }
    }
    rows
}

fn unplaced(node: &crate::graph::Node<'_>) -> Placed {
    let name = shortened(&path::tail(&node.item.path, 2));
    let mut place = format!("{}:{}", node.item.file, node.item.line);
    if node.hidden > 0 {
        let _ = write!(place, " · {} more", node.hidden);
    }
    let place = shortened_start(&place);
    let text = f64::max(text_width(&name, NAME_SIZE), text_width(&place, SMALL_SIZE));
    Placed {
        x: 0.0,
        y: 0.0,
        width: text + 20.0,
        column_end: 0.0,
        name,
        place,
        label: reason::short(node.reason),
    }
}

pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let count = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    f64::from(count) * size * CHARACTER
}

/// Cuts the middle of a name that is too long: its end tells most.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_LENGTH {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME_LENGTH / 3).collect();
    let tail: String = name.chars().skip(length - (NAME_LENGTH - NAME_LENGTH / 3 - 1)).collect();
    format!("{head}…{tail}")
}

/// Cuts the start of a place that is too long.
fn shortened_start(place: &str) -> String {
    let length = place.chars().count();
    let most = NAME_LENGTH + 8;
    if length <= most {
        return place.to_owned();
    }
    let tail: String = place.chars().skip(length - most + 1).collect();
    format!("…{tail}")
}

/// How a kind of items is painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colours {
    pub(crate) fill: &'static str,
    pub(crate) stroke: &'static str,
}

impl Colours {
    pub(crate) fn of(kind: &str) -> Self {
        let (fill, stroke) = match kind {
            "function" => ("#e0efff", "#2f6fb3"),
            "type" | "alias" => ("#e2f5e6", "#2f8a4c"),
            "constant" | "static" => ("#fff3d6", "#b07a10"),
            "trait" => ("#f0e6ff", "#7a4fc0"),
            "impl" => ("#d5f2ee", "#12857a"),
            "macro_rules" | "macro call" | "expanded macro call" => ("#ffe6f1", "#b8407f"),
            // What the analysis can't look into.
            "foreign" | "opaque" => ("#ffe4e0", "#c03a2b"),
            _ => ("#f1f5f9", "#64748b"),
        };
        Self { fill, stroke }
    }
}
