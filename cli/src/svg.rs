//! A graph as a picture of its own: no script, no font and no tool is needed to see it.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    graph::Graph,
    layout::{BOX_HEIGHT, Colours, Layout, NAME_SIZE, SMALL_SIZE, TRUNK, text_width},
};

const INK: &str = "#0f172a";
const FAINT: &str = "#475569";
const LINE: &str = "#94a3b8";
const LEFT: f64 = 24.0;

pub(crate) fn text(graph: &Graph<'_>) -> String {
    let layout = Layout::of(graph);
    let title = graph.title();
    let kinds: BTreeSet<_> = graph.nodes.iter().map(|it| it.item.kind).collect();
    let (legend, legend_width) = legend(&kinds);
    let width = layout.width.max(2.0 * LEFT + text_width(&title, 16.0)).max(legend_width + LEFT);
    let height = layout.height;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n\
         <title>{title}</title>\n\
         <style>text {{ font-family: ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }}</style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" fill=\"{LINE}\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        title = escaped(&title)
    );
    write_text(&mut svg, LEFT, 34.0, 16.0, INK, &title);
    svg += &legend;
    for (index, node) in graph.nodes.iter().enumerate() {
        if let Some(parent) = node.parent {
            arrow(&mut svg, &layout, parent, index);
        }
    }
    for (index, node) in graph.nodes.iter().enumerate() {
        let at = &layout.boxes[index];
        let colours = Colours::of(node.item.kind);
        let thickness = if index == 0 { 2.5 } else { 1.2 };
        let _ = write!(
            svg,
            "<g><title>{}</title><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\" \
             fill=\"{}\" stroke=\"{}\" stroke-width=\"{thickness}\"/>",
            escaped(&format!("{} {}", node.item.kind, node.item.path)),
            at.x,
            at.y - BOX_HEIGHT / 2.0,
            at.width,
            colours.fill,
            colours.stroke
        );
        write_text(&mut svg, at.x + 10.0, at.y - 3.0, NAME_SIZE, INK, &at.name);
        write_text(&mut svg, at.x + 10.0, at.y + 12.0, SMALL_SIZE, FAINT, &at.place);
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

/// Draws an arrow: right to the trunk, along it, and right to the box; its label stands above the
/// last part, which no other arrow shares.
fn arrow(svg: &mut String, layout: &Layout, from: usize, to: usize) {
    let (from, to) = (&layout.boxes[from], &layout.boxes[to]);
    let (begin, trunk) = (from.x + from.width, from.column_end + TRUNK);
    let _ = writeln!(
        svg,
        "<path d=\"M{begin:.1} {:.1} H{trunk:.1} V{:.1} H{:.1}\" fill=\"none\" stroke=\"{LINE}\" \
         stroke-width=\"1.4\" stroke-linejoin=\"round\" marker-end=\"url(#tip)\"/>",
        from.y, to.y, to.x
    );
    write_text(svg, trunk + 6.0, to.y - 4.0, SMALL_SIZE, FAINT, &to.label);
    svg.push('\n');
}

/// Writes the colours of the kinds, and says how far they go.
fn legend(kinds: &BTreeSet<&str>) -> (String, f64) {
    let (mut svg, mut x) = (String::new(), LEFT);
    for kind in kinds {
        let Colours { fill, stroke } = Colours::of(kind);
        let _ = write!(
            svg,
            "<rect x=\"{x:.1}\" y=\"49\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{fill}\" stroke=\"{stroke}\"/>"
        );
        write_text(&mut svg, x + 20.0, 60.0, 11.0, FAINT, kind);
        svg.push('\n');
        x += 20.0 + text_width(kind, 11.0) + 22.0;
    }
    (svg, x)
}

/// Writes a text of a fixed width, whichever font is there.
fn write_text(svg: &mut String, x: f64, y: f64, size: f64, colour: &str, text: &str) {
    let _ = write!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{colour}\" textLength=\"{:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        text_width(text, size),
        escaped(text)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
