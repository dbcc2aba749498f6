//! The findings as a table for people.

use std::io::{self, Write};

use crate::{corpus::SourceFile, lsh::Pair};

/// How many groups are shown.
const SHOWN: usize = 15;
/// How wide a file's name may be.
const NAME_WIDTH: usize = 64;

/// Writes the largest groups: their size, the least similarity of a pair in them, and two files.
pub(crate) fn write(
    output: &mut impl Write,
    files: &[SourceFile],
    groups: &[Vec<usize>],
    pairs: &[Pair],
) -> io::Result<()> {
    writeln!(
        output,
        "{} files, {} groups of near-duplicates, the largest first:\n",
        files.len(),
        groups.len()
    )?;
    writeln!(output, "{:>5}  {:>5}  {:<NAME_WIDTH$}", "files", "alike", "for instance")?;
    for group in groups.iter().take(SHOWN) {
        let inside = pairs.iter().filter(|it| group.binary_search(&it.left).is_ok());
        let least = inside.map(|it| it.similarity).fold(1.0, f64::min);
        let name = |place: usize| shorten(&files[group[place]].name);
        writeln!(output, "{:>5}  {:>4.0}%  {}", group.len(), least * 100.0, name(0))?;
        writeln!(output, "{:>5}  {:>5}  {}", "", "", name(1))?;
    }
    Ok(())
}

/// Cuts a long name in the middle, where paths say least.
fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length <= NAME_WIDTH {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME_WIDTH / 3).collect();
    let tail: String = name.chars().skip(length - (NAME_WIDTH - NAME_WIDTH / 3 - 1)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_both_ends() {
        let name = "a".repeat(60) + &"b".repeat(60);
        let short = shorten(&name);
        assert_eq!(short.chars().count(), NAME_WIDTH);
        assert!(short.starts_with("aaa") && short.ends_with("bbb") && short.contains('…'));
        assert_eq!(shorten("short.rs"), "short.rs");
    }

    #[test]
    fn a_group_is_a_row_of_two_names() {
        let file = |name: &str| SourceFile { name: name.to_owned(), text: String::new() };
        let pair = Pair { left: 0, right: 1, similarity: 0.876 };
        let mut output = Vec::new();
        write(&mut output, &[file("a.rs"), file("b.rs")], &[vec![0, 1]], &[pair]).unwrap();
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains("    2    88%  a.rs\n              b.rs"), "{output}");
    }
}
