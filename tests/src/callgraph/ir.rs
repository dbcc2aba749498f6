//! From the text of LLVM IR to the graph of its symbols: which functions and globals each function
//! body and each initialiser mentions, and where debug information says a function stands. Knows
//! nothing of Rust but that metadata begins with `!`.

use std::collections::HashMap;

/// The symbols of one or more modules.
#[derive(Debug, Default)]
pub(crate) struct Ir {
    pub(crate) symbols: Vec<Symbol>,
    by_name: HashMap<String, usize>,
}

/// A function or a global.
#[derive(Debug, Default)]
pub(crate) struct Symbol {
    /// As linked, without quotes.
    pub(crate) name: String,
    /// Indices of the symbols that its body or initialiser mentions, sorted.
    pub(crate) mentions: Vec<usize>,
    /// It has a body here.
    pub(crate) is_defined: bool,
    pub(crate) subprogram: Option<Subprogram>,
    /// The trait, with its path, whose vtable it is.
    pub(crate) vtable_of: Option<String>,
}

/// What debug information says of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subprogram {
    /// The bare name, without type arguments: `push`, `{closure#0}`.
    pub(crate) name: String,
    /// `filename`, below `directory` unless absolute.
    pub(crate) file: String,
    pub(crate) directory: String,
    /// One-based; 0 where the compiler made the function.
    pub(crate) line: usize,
}

impl Ir {
    pub(crate) fn parse(text: &str) -> Self {
        let mut ir = Self::default();
        let mut subprograms = HashMap::new();
        let mut files = HashMap::new();
        let (mut expressions, mut variables) = (HashMap::new(), HashMap::new());
        let (mut wanted, mut vtables) = (Vec::new(), Vec::new());
        let mut body = None;
        for line in text.lines() {
            match line.as_bytes().first() {
                Some(b'}') => body = None,
                Some(b'!') => {
                    if let Some((id, it)) = line.split_once(" = distinct !DISubprogram(") {
                        subprograms.insert(id, it);
                    } else if let Some((id, it)) = line.split_once(" = !DIFile(") {
                        files.insert(id, it);
                    } else if let Some((id, it)) =
                        line.split_once(" = !DIGlobalVariableExpression(")
                    {
                        expressions.insert(id, it);
                    } else if let Some((id, it)) = line.split_once(" = distinct !DIGlobalVariable(")
                    {
                        variables.insert(id, it);
                    }
                }
                Some(b'@') => {
                    let mut names = Names(line);
                    let Some(of) = names.next().map(|it| ir.symbol(&it)) else { continue };
                    ir.symbols[of].is_defined |= !line.contains(" = external ");
                    ir.mention(of, names);
                    if let Some((_, id)) = line.rsplit_once(", !dbg ") {
                        vtables.push((of, id));
                    }
                }
                Some(b'd') if line.starts_with("define ") => {
                    let mut names = Names(line);
                    let Some(of) = names.next().map(|it| ir.symbol(&it)) else { continue };
                    ir.symbols[of].is_defined = true;
                    ir.mention(of, names);
                    if let Some((_, id)) = line.rsplit_once("!dbg ") {
                        wanted.push((of, id.trim_end_matches([' ', '{'])));
                    }
                    body = Some(of);
                }
                Some(b' ') => {
                    if let Some(of) = body {
                        ir.mention(of, Names(line));
                    }
                }
                _ => {}
            }
        }
        for (of, id) in wanted {
            ir.symbols[of].subprogram = subprograms.get(id).and_then(|it| subprogram(it, &files));
        }
        for (of, id) in vtables {
            let variable = expressions.get(id).and_then(|it| variables.get(field(it, "var: ")?));
            ir.symbols[of].vtable_of = variable.and_then(|it| {
                let implementation = field(it, "name: ")?.strip_suffix(">::{vtable}")?;
                Some(implementation.rsplit_once(" as ")?.1.to_owned())
            });
        }
        for symbol in &mut ir.symbols {
            symbol.mentions.sort_unstable();
            symbol.mentions.dedup();
        }
        ir
    }

    fn symbol(&mut self, name: &str) -> usize {
        if let Some(index) = self.by_name.get(name) {
            return *index;
        }
        let index = self.symbols.len();
        self.symbols.push(Symbol { name: name.to_owned(), ..Symbol::default() });
        self.by_name.insert(name.to_owned(), index);
        index
    }

    fn mention(&mut self, of: usize, names: Names<'_>) {
        for name in names {
            let mentioned = self.symbol(&name);
            self.symbols[of].mentions.push(mentioned);
        }
    }
}

/// The symbols that a line names: `@name` and `@"quoted name"`, but for those within strings.
struct Names<'a>(&'a str);

impl Iterator for Names<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let at = self.0.find(['@', '"'])?;
            let rest = &self.0[at + 1..];
            if self.0.as_bytes()[at] == b'"' {
                // A quote within a string is written `\22`.
                self.0 = &rest[rest.find('"')? + 1..];
                continue;
            }
            if let Some(quoted) = rest.strip_prefix('"') {
                let end = quoted.find('"')?;
                self.0 = &quoted[end + 1..];
                return Some(quoted[..end].to_owned());
            }
            let is_part = |it: char| it.is_ascii_alphanumeric() || "$._-".contains(it);
            let end = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
            self.0 = &rest[end..];
            if end > 0 {
                return Some(rest[..end].to_owned());
            }
        }
    }
}

fn subprogram(fields: &str, files: &HashMap<&str, &str>) -> Option<Subprogram> {
    let file = files.get(field(fields, "file: ")?)?;
    Some(Subprogram {
        name: bare(field(fields, "name: ")?).to_owned(),
        file: field(file, "filename: ")?.to_owned(),
        directory: field(file, "directory: ")?.to_owned(),
        line: field(fields, "line: ").and_then(|it| it.parse().ok()).unwrap_or(0),
    })
}

/// Returns the value of a field; fields are separated by `, `, and the first one of a name counts.
fn field<'a>(fields: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = fields;
    while !rest.is_empty() {
        let value_at = rest.find(": ")? + 2;
        let value = &rest[value_at..];
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_at(quoted.find('"')?),
            None => value.split_at(value.find([',', ')']).unwrap_or(value.len())),
        };
        if &rest[..value_at] == key {
            return Some(value);
        }
        let next = after.find(", ").map_or(after.len(), |it| it + 2);
        rest = &after[next..];
    }
    None
}

fn bare(name: &str) -> &str {
    let end = name.find('<').unwrap_or(name.len());
    name[..end].trim_start_matches("r#")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"; ModuleID = 'demo.1'
@alloc_1 = private unnamed_addr constant [9 x i8] c"@not \22at\22 ", align 1
@vtable.0 = private unnamed_addr constant <{ ptr, [16 x i8], ptr }> <{ ptr @"drop glue", [16 x i8] c"\08\00", ptr @_RNvXdemo4show }>, align 8, !dbg !3
@OUTSIDE = external global i8

; demo::start
; Function Attrs: uwtable
define hidden void @_RINvdemo5starthE(ptr %x) unnamed_addr #0 personality ptr @rust_eh_personality !dbg !7 {
start:
    #dbg_declare(ptr %x, !9, !DIExpression(), !10)
  %0 = call ptr @_RNvdemo4next(ptr @vtable.0, ptr @OUTSIDE), !dbg !10
  br label %bb1
}

define internal void @"drop glue"(ptr %0) {
  ret void
}

declare ptr @_RNvdemo4next(ptr, ptr)
!3 = !DIGlobalVariableExpression(var: !4, expr: !DIExpression())
!4 = distinct !DIGlobalVariable(name: "<demo::A as demo::Show>::{vtable}", scope: null, file: !5)
!5 = !DIFile(filename: "src/lib.rs", directory: "/a, b", checksumkind: CSK_MD5)
!7 = distinct !DISubprogram(name: "start<u8, [u8; 2]>", linkageName: "_RINvdemo5starthE", scope: !2, file: !5, line: 12, type: !8, scopeLine: 12)
!8 = !DISubprogram(name: "start", file: !5, line: 99)
"#;

    fn names(ir: &Ir, of: &str) -> Vec<String> {
        let symbol = &ir.symbols[ir.by_name[of]];
        symbol.mentions.iter().map(|it| ir.symbols[*it].name.clone()).collect()
    }

    #[test]
    fn bodies_mention_functions_and_globals_and_strings_mention_nothing() {
        let ir = Ir::parse(MODULE);
        let mut of_start = names(&ir, "_RINvdemo5starthE");
        of_start.sort();
        assert_eq!(of_start, ["OUTSIDE", "_RNvdemo4next", "rust_eh_personality", "vtable.0"]);
        assert!(names(&ir, "alloc_1").is_empty());
    }

    #[test]
    fn initialisers_mention_functions_whose_names_are_quoted_too() {
        let ir = Ir::parse(MODULE);
        assert_eq!(names(&ir, "vtable.0"), ["drop glue", "_RNvXdemo4show"]);
    }

    #[test]
    fn only_what_has_a_body_is_defined() {
        let ir = Ir::parse(MODULE);
        let defined = |it: &str| ir.symbols[ir.by_name[it]].is_defined;
        assert!(defined("drop glue") && defined("_RINvdemo5starthE") && defined("vtable.0"));
        assert!(!defined("_RNvdemo4next") && !defined("OUTSIDE") && !defined("_RNvXdemo4show"));
    }

    #[test]
    fn a_vtable_knows_its_trait() {
        let ir = Ir::parse(MODULE);
        let trait_of = |it: &str| ir.symbols[ir.by_name[it]].vtable_of.as_deref();
        assert_eq!((trait_of("vtable.0"), trait_of("alloc_1")), (Some("demo::Show"), None));
    }

    #[test]
    fn debug_information_gives_name_file_and_line() {
        let ir = Ir::parse(MODULE);
        let subprogram = ir.symbols[ir.by_name["_RINvdemo5starthE"]].subprogram.clone();
        let expected = Subprogram {
            name: "start".to_owned(),
            file: "src/lib.rs".to_owned(),
            directory: "/a, b".to_owned(),
            line: 12,
        };
        assert_eq!(subprogram, Some(expected));
        assert_eq!(ir.symbols[ir.by_name["drop glue"]].subprogram, None);
    }
}
