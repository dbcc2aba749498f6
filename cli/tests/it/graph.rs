//! `cargo perennial graph`.

use crate::package::Package;

const SOURCE: &str = "use std::fmt;
pub struct Grid(u8);
impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, \"{}\", width()) }
}
const WIDTH: u8 = 3;
fn width() -> u8 { WIDTH }
pub fn draw(grid: &Grid) -> String { grid.to_string() }
pub fn apart() {}
pub mod other { pub fn apart() { super::width(); } }
";

fn package() -> Package {
    Package::new(&[("src/lib.rs", SOURCE)])
}

#[test]
fn text_is_a_tree_in_which_each_item_stands_once() {
    let text = package().run(&["graph", "draw"]).answer();
    let expected = "\
demo::draw  src/lib.rs:8
└─ demo::Grid  type src/lib.rs:2, named
   ├─ demo::<Grid as fmt::Display>  impl src/lib.rs:3, implemented
   └─ demo::<Grid as fmt::Display>::fmt  function src/lib.rs:4, implemented
      └─ demo::width  function src/lib.rs:7, named
         └─ demo::WIDTH  constant src/lib.rs:6, named

demo::draw reaches 5 items
";
    assert_eq!(text, expected);
}

#[test]
fn depth_cuts_the_tree_and_says_how_much_is_left_out() {
    let text = package().run(&["graph", "draw", "--depth", "1"]).answer();
    let expected = "\
demo::draw  src/lib.rs:8
└─ demo::Grid  type src/lib.rs:2, named
   └─ 4 more

demo::draw reaches 5 items, 4 of them not shown
";
    assert_eq!(text, expected);
}

#[test]
fn why_is_a_chain_with_reasons() {
    let text = package().run(&["graph", "demo::draw", "--why", "WIDTH"]).answer();
    let expected = "\
demo::draw  src/lib.rs:8
  demo::Grid  type src/lib.rs:2
    named in demo::draw
    demo::<Grid as fmt::Display>::fmt  function src/lib.rs:4
      implemented for or by demo::Grid
      demo::width  function src/lib.rs:7
        named in demo::<Grid as fmt::Display>::fmt
        demo::WIDTH  constant src/lib.rs:6
          named in demo::width
";
    assert_eq!(text, expected);
    let picture = package().run(&["graph", "draw", "--why", "WIDTH", "--format", "dot"]).answer();
    assert_eq!(picture.matches(" -> ").count(), 4, "{picture}");
}

#[test]
fn what_is_not_reached_is_the_answer_no() {
    let output = package().run(&["graph", "draw", "--why", "other::apart"]);
    assert_eq!(
        (output.code, output.text.as_str()),
        (1, "demo::draw does not reach other::apart\n")
    );
}

#[test]
fn functions_are_named_by_the_end_of_their_path_or_by_their_place() {
    for name in ["Grid::fmt", "Display::fmt", "<Grid as fmt::Display>::fmt", "src/lib.rs:4"] {
        let text = package().run(&["graph", name]).answer();
        assert!(text.starts_with("demo::<Grid as fmt::Display>::fmt  src/lib.rs:4\n"), "{text}");
    }
    let text = package().run(&["graph", "demo::apart"]).answer();
    assert!(text.starts_with("demo::apart  src/lib.rs:9\n"), "{text}");
}

#[test]
fn a_name_that_means_several_functions_is_an_error_that_lists_them() {
    let output = package().run(&["graph", "apart"]);
    let expected = "\
error: `apart` may be more than one function; write more of its path, or FILE:LINE:
  demo::apart         src/lib.rs:9
  demo::other::apart  src/lib.rs:10
";
    assert_eq!((output.code, output.errors.as_str()), (2, expected));
}

#[test]
fn a_name_that_means_none_is_an_error_with_the_nearest() {
    let output = package().run(&["graph", "dwar"]);
    let expected = "\
error: no function `dwar` is in the package; did you mean:
  demo::draw  src/lib.rs:8
";
    assert_eq!((output.code, output.errors.as_str()), (2, expected));
    let output = package().run(&["graph", "simulate"]);
    assert!(output.errors.contains("`cargo perennial table` lists"), "{}", output.errors);
    let output = package().run(&["graph", "draw", "--why", "WIDHT"]);
    let expected = "\
error: no item `WIDHT` is in the package; did you mean:
  demo::WIDTH  src/lib.rs:6
";
    assert_eq!((output.code, output.errors.as_str()), (2, expected));
}

#[test]
fn a_function_of_two_targets_is_taken_from_the_library() {
    let files = [
        ("src/lib.rs", "pub mod shared;\n"),
        ("src/main.rs", "mod shared;\nfn main() { shared::f() }\n"),
        ("src/shared.rs", "pub fn f() {}\n"),
    ];
    let text = Package::new(&files).run(&["graph", "shared::f"]).answer();
    assert!(text.starts_with("demo::shared::f  src/shared.rs:1\n"), "{text}");
}

#[test]
fn json_names_the_entry_that_brought_each_item_in() {
    let entries = package().run(&["graph", "draw", "--format", "json"]).json();
    assert_eq!(entries.len(), 6);
    assert!(entries[0]["from"].is_null());
    for (index, entry) in entries.iter().enumerate().skip(1) {
        assert!(entry["from"].as_u64().unwrap() < u64::try_from(index).unwrap());
    }
    assert_eq!(entries[5]["path"], "demo::WIDTH");
    assert_eq!(entries[5]["kind"], "constant");
    assert_eq!(entries[5]["reason"], "named");
}

#[test]
fn dot_has_a_box_for_each_item_and_an_arrow_to_it() {
    let text = package().run(&["graph", "draw", "--format", "dot"]).answer();
    assert!(text.starts_with("digraph \"demo::draw reaches 5 items\" {\n"), "{text}");
    assert!(text.contains("n3 [label=\"<Grid as fmt::Display>::fmt\\nsrc/lib.rs:4\""), "{text}");
    assert!(text.contains("  n0 -> n1 [label=\"named\"];\n"), "{text}");
    assert_eq!(text.matches(" -> ").count(), 5);
    assert!(text.ends_with("}\n"));
}

#[test]
fn mermaid_has_a_box_for_each_item_and_no_markup_in_names() {
    let text = package().run(&["graph", "draw", "--format", "mermaid"]).answer();
    assert!(text.starts_with("flowchart LR\n"), "{text}");
    let node =
        "n3[\"#lt;Grid as fmt::Display#gt;::fmt<br/><small>src/lib.rs:4</small>\"]:::is_function";
    assert!(text.contains(node), "{text}");
    assert!(text.contains("  n0 -->|\"named\"| n1\n"), "{text}");
    assert!(text.contains("  classDef is_type fill:#"), "{text}");
}

/// The text and number attributes of elements of one name.
fn elements<'a>(svg: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    svg.split('<').filter_map(move |it| it.strip_prefix(name)?.strip_prefix(' '))
}

fn number(element: &str, attribute: &str) -> f64 {
    let (_, rest) = element.split_once(&format!("{attribute}=\"")).unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}

/// A function that reaches forty items, in several layers.
fn forty() -> Package {
    let mut lines = vec![
        "pub fn start() { a0(); a1(); a2(); a3(); S; }\npub struct S;".to_owned(),
        "const K: u8 = L + M + N;\nconst L: u8 = 1;\nconst M: u8 = 1;\nconst N: u8 = 1;".to_owned(),
    ];
    for a in 0..4 {
        lines.push(format!("fn a{a}() {{ b{a}_0(); b{a}_1(); }}"));
        for b in (0..2).map(|b| format!("{a}_{b}")) {
            lines.push(format!("fn b{b}() {{ c{b}_0(); c{b}_1(); c{b}_2(); }}"));
            lines.extend((0..3).map(|c| format!("fn c{b}_{c}() {{ K; }}")));
        }
    }
    Package::new(&[("src/lib.rs", &lines.join("\n"))])
}

#[test]
fn in_a_picture_of_forty_items_no_boxes_and_no_labels_overlap() {
    let svg = forty().run(&["graph", "start", "--format", "svg"]).answer();
    assert!(svg.contains("<title>demo::start reaches 41 items</title>"), "{svg}");
    let (width, height) = {
        let root = elements(&svg, "svg").next().unwrap();
        (number(root, " width"), number(root, " height"))
    };
    let boxes: Vec<[f64; 4]> = elements(&svg, "rect")
        .filter(|it| it.contains("rx=\"6\""))
        .map(|it| {
            let (x, y) = (number(it, "x"), number(it, " y"));
            [x, y, x + number(it, " width"), y + number(it, " height")]
        })
        .collect();
    assert_eq!(boxes.len(), 42);
    let texts: Vec<[f64; 4]> = elements(&svg, "text")
        .filter(|it| it.contains("textLength"))
        .map(|it| {
            let (x, y, size) = (number(it, "x"), number(it, " y"), number(it, "font-size"));
            [x, y - size * 0.75, x + number(it, "textLength"), y + size * 0.2]
        })
        .collect();
    let meet =
        |a: &[f64; 4], b: &[f64; 4]| a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
    let is_inside =
        |a: &[f64; 4], b: &[f64; 4]| b[0] <= a[0] && a[2] <= b[2] && b[1] <= a[1] && a[3] <= b[3];
    let picture = [0.0, 0.0, width, height];
    for (index, one) in boxes.iter().enumerate() {
        assert!(is_inside(one, &picture), "{one:?}");
        assert!(boxes[..index].iter().all(|it| !meet(it, one)), "{one:?}");
    }
    for (index, one) in texts.iter().enumerate() {
        assert!(is_inside(one, &picture), "{one:?}");
        assert!(texts[..index].iter().all(|it| !meet(it, one)), "{one:?}");
        // A text is in a box or outside of all.
        assert!(boxes.iter().all(|it| is_inside(one, it) || !meet(it, one)), "{one:?}");
    }
}

#[test]
fn graphs_are_the_same_wherever_the_package_lies() {
    for format in ["text", "json", "dot", "mermaid", "svg"] {
        let of = || forty().run(&["graph", "start", "--format", format]).answer();
        assert_eq!(of(), of(), "{format}");
    }
}
