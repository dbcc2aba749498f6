//! Facts of macro calls: the macros of std are read like code, others by the names in their tokens.

use std::rc::Rc;

use proc_macro2::{Span, TokenStream};
use syn::{
    Expr, Lit, Macro, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    visit::Visit,
};

use crate::{
    attribute::last_segment,
    by_example::unsealed,
    collector::Collector,
    facts::{ClosureStart, Endpoint, FindingKind, KeySite, Use},
    head_type::segments,
    path_text, prelude,
    program::{Definition, ItemId, ItemKind, Namespace},
    static_macro,
    token_scan::{self, Scan},
    ty::Ty,
};

/// Names whose use can show the position or the text of the code itself.
pub(crate) const SHOW_POSITION: &[&str] =
    &["line", "column", "file", "module_path", "dbg", "stringify", "caller"];

impl Collector<'_, '_> {
    pub(crate) fn invocation(&mut self, it: &Macro) {
        let name = last_segment(&it.path);
        let it = &Macro { tokens: unsealed(it.tokens.clone()), ..it.clone() };
        self.place = it.path.segments.first().map_or(self.place, |it| it.ident.span().start());
        if matches!(&*name, "memo_key" | "memo_call")
            && self.lookup.resolver.is_key(self.module, &it.path, &name)
        {
            return self.key(it.delimiter.span().open(), &it.tokens);
        }
        if name == "memo_fn" && self.lookup.resolver.is_memo_fn(self.module, &it.path) {
            return self.closure(it.delimiter.span().open(), &it.tokens);
        }
        let mut local = self.lookup.resolver.macros_named(&name, self.module);
        let is_bare = it.path.segments.len() == 1;
        let mut imported = Vec::new();
        let path = segments(&it.path);
        let leading_colon = it.path.leading_colon.is_some();
        for (definition, _) in self.macro_meanings(leading_colon, &path) {
            match definition {
                Definition::External(path) => imported.push(Endpoint::Path(path)),
                Definition::Item(id) | Definition::Variant(id) => {
                    let program = self.lookup.resolver.program;
                    if program.krates[program.krate_of_item(id).index()].is_proc_macro {
                        self.find(FindingKind::LocalProcMacro, path.join("::"));
                    }
                    imported.push(Endpoint::Item(id));
                }
                Definition::Module(_) => {}
            }
        }
        // Globs into std leave several paths to one macro.
        let std_name = std_macro_name(&imported).map(str::to_owned);
        let is_std_path = std_name.is_some();
        // An import may call it otherwise.
        let name = std_name.unwrap_or(name);
        let of_std = prelude::is_macro(&name);
        let used = if is_bare { self.used_macros(&path[0], of_std) } else { Vec::new() };
        local.extend(used.iter().filter_map(|it| match it {
            Endpoint::Item(id) => Some(*id),
            Endpoint::Path(_) => None,
        }));
        // A macro that a path or an import names comes before one that only has its name.
        let is_other = imported.iter().any(|it| match it {
            Endpoint::Item(_) => true,
            Endpoint::Path(path) => !prelude::is_std(path) && !is_possible(it),
        });
        if !is_other
            && (local.is_empty() || is_std_path)
            && of_std
            && (is_std_path || is_bare && imported.iter().all(is_possible))
        {
            self.std_macro(&name, it);
            if used.is_empty() {
                return;
            }
        }
        self.unknown_macros.insert(self.module);
        self.facts.names_any = true;
        let mut has_static = Scan::of(it.tokens.clone()).has_static;
        // What a body names is looked up where the macro is called; once, if bodies call one another.
        let is_outermost = self.scanned.is_empty();
        for id in &local {
            if let Some(definition) = self.lookup.resolver.program.scan(*id)
                && self.scanned.insert(*id)
            {
                has_static |= definition.has_static;
                self.scan(&definition);
            }
        }
        if has_static {
            self.find(FindingKind::MutableStatic, format!("{}!", path.join("::")));
        }
        if is_outermost {
            self.scanned.clear();
        }
        let mut targets = imported;
        targets.extend(local.into_iter().map(Endpoint::Item));
        targets.extend(used);
        self.environment(&targets);
        if targets.is_empty() {
            self.find(FindingKind::UnresolvedName, format!("{}!", path.join("::")));
        } else {
            self.edge(format!("{}!", path.join("::")), targets);
        }
        self.scan(&Scan::of(it.tokens.clone()));
    }

    fn std_macro(&mut self, name: &str, it: &Macro) {
        self.facts.shows_position |= SHOW_POSITION.contains(&name);
        self.facts.mentions_cfg |= matches!(name, "cfg" | "cfg_select");
        match name {
            "include" | "include_str" | "include_bytes" => return self.include(name, &it.tokens),
            "env" | "option_env" => return self.variable(&it.tokens),
            "cfg" | "concat" | "line" | "column" | "file" | "module_path" | "stringify"
                if !token_scan::has_macro(&it.tokens) =>
            {
                return;
            }
            // Its statics are items.
            "thread_local" if static_macro::thread_locals(&it.tokens).is_some() => return,
            // Which `Write` it is, imports decide.
            "write" | "writeln" => self.unknown_member("write_fmt"),
            "matches" => {
                let parser = |input: ParseStream| {
                    let subject = input.parse::<Expr>()?;
                    input.parse::<Token![,]>()?;
                    let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
                    let guard = if input.parse::<Option<Token![if]>>()?.is_some() {
                        Some(input.parse::<Expr>()?)
                    } else {
                        None
                    };
                    input.parse::<Option<Token![,]>>()?;
                    Ok((subject, pattern, guard))
                };
                if let Ok((subject, pattern, guard)) = parser.parse2(it.tokens.clone()) {
                    self.visit_expr(&subject);
                    self.in_scope(|this| {
                        this.visit_pat(&pattern);
                        guard.iter().for_each(|it| this.visit_expr(it));
                    });
                    return;
                }
            }
            "vec" => {
                let parser = |input: ParseStream| {
                    let element = input.parse::<Expr>()?;
                    input.parse::<Token![;]>()?;
                    Ok((element, input.parse::<Expr>()?))
                };
                if let Ok((element, length)) = parser.parse2(it.tokens.clone()) {
                    self.visit_expr(&element);
                    self.visit_expr(&length);
                    self.run_bound("Clone");
                    self.vector = Ty::std("Vec", vec![self.type_of(&element)]);
                    return;
                }
            }
            _ => {}
        }
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        match list.parse2(it.tokens.clone()) {
            Ok(arguments) => {
                arguments.iter().for_each(|it| self.argument(it));
                self.run_macro(name, &arguments);
                if name == "vec" {
                    let items = arguments.iter().map(|it| self.type_of(it)).reduce(Ty::join);
                    self.vector = Ty::std("Vec", vec![items.unwrap_or(Ty::Unknown)]);
                }
            }
            Err(_) => self.scan(&Scan::of(it.tokens.clone())),
        }
    }

    /// One argument of a formatting macro: an expression, `name = expression`, or the format.
    fn argument(&mut self, argument: &Expr) {
        match argument {
            Expr::Assign(it) if matches!(&*it.left, Expr::Path(path) if path.path.get_ident().is_some()) =>
            {
                self.visit_expr(&it.right);
            }
            Expr::Lit(it) => {
                if let Lit::Str(format) = &it.lit {
                    for name in token_scan::captured_by(&format.value()) {
                        self.captured(name);
                    }
                }
            }
            _ => return self.visit_expr(argument),
        }
        self.note_type(argument);
    }

    /// A name captured by a format string: a local, or a constant or static.
    pub(crate) fn captured(&mut self, name: String) {
        if self.is_local(&name) {
            return;
        }
        let names = [name];
        let meanings = self.lookup.resolver.path(self.module, false, &names, Namespace::Value);
        let targets: Vec<_> = meanings
            .iter()
            .filter_map(|(it, _)| match it {
                Definition::Item(id) | Definition::Variant(id) => Some(Endpoint::Item(*id)),
                Definition::External(path) => Some(Endpoint::Path(Rc::clone(path))),
                Definition::Module(_) => None,
            })
            .collect();
        if !targets.is_empty() {
            self.edge(names.concat(), targets);
        }
    }

    /// Files and variables that tokens bring in which nobody expands for us.
    pub(crate) fn included_in_tokens(&mut self, (name, tokens): &(String, TokenStream)) {
        match name.as_str() {
            "env" | "option_env" => self.variable(tokens),
            _ => self.include(name, tokens),
        }
    }

    /// The content of an included file is part of the item.
    fn include(&mut self, name: &str, tokens: &TokenStream) {
        let sources = self.lookup.sources;
        let program = self.lookup.resolver.program;
        let is_own = program.krate_of(self.module).is_own;
        let base = sources.get(self.file).path.parent().map(std::path::Path::to_owned);
        let path = static_macro::file_name(tokens, sources.out_dir().filter(|_| is_own))
            .map(|it| crate::source::plain(&base.unwrap_or_default().join(it)));
        let file = path.as_ref().and_then(|it| self.lookup.included.get(it)).copied();
        let Some(file) = file.filter(|it| sources.get(*it).is_readable) else {
            return self.find(FindingKind::OpaqueSource, format!("{name}!({tokens})"));
        };
        let included = sources.get(file);
        self.facts.inputs.push(("include".to_owned(), included.digest.to_string()));
        // A file that includes itself is no code that a compiler takes.
        if name != "include" || self.included.contains(&file) {
            return;
        }
        // Its code runs here.
        self.unknown_macros.insert(self.module);
        match included.text().and_then(|it| it.parse::<TokenStream>().ok()) {
            Some(tokens) => {
                // What it includes in turn lies beside it.
                let outer = std::mem::replace(&mut self.file, file);
                self.included.push(file);
                self.scan(&Scan::of(tokens));
                self.included.pop();
                self.file = outer;
            }
            None => self.find(FindingKind::OpaqueSource, included.label.clone()),
        }
    }

    fn variable(&mut self, tokens: &TokenStream) {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        let arguments = list.parse2(tokens.clone()).unwrap_or_default();
        match arguments.first() {
            Some(Expr::Lit(literal)) => {
                if let Lit::Str(name) = &literal.lit {
                    self.variable_named(&name.value());
                }
            }
            _ => self.find(FindingKind::OpaqueMacro, format!("env!({tokens})")),
        }
    }

    /// Notes a variable whose value the macros will read, in the compiler's environment.
    pub(crate) fn variable_named(&mut self, name: &str) {
        // What can't be listed by its name in the index has the executable stand for it.
        if name.is_empty() || name.contains([',', '=', '\0']) {
            return self.find(FindingKind::OpaqueMacro, format!("env!({name:?})"));
        }
        self.facts.variables.insert((name.to_owned(), self.found_at()));
    }

    /// A `memo_fn!([captures] closure)`, which runs where it stands.
    fn closure(&mut self, span: Span, tokens: &TokenStream) {
        self.closure_start(span, tokens, self.expansion.is_some());
        let parse = |input: ParseStream<'_>| {
            let mut captures = Vec::new();
            if input.peek(syn::token::Bracket) {
                let list;
                syn::bracketed!(list in input);
                captures.extend(list.call(Punctuated::<Expr, syn::Token![,]>::parse_terminated)?);
            }
            Ok((captures, input.parse::<Expr>()?))
        };
        match parse.parse2(tokens.clone()) {
            Ok((captures, closure)) => {
                captures.iter().chain([&closure]).for_each(|it| self.visit_expr(it));
            }
            Err(_) => self.scan(&Scan::of(tokens.clone())),
        }
    }

    pub(crate) fn closure_start(&mut self, span: Span, tokens: &TokenStream, is_expanded: bool) {
        let start = tokens.clone().into_iter().next().map_or(span, |it| it.span());
        self.facts.closures.push(ClosureStart { place: start.start(), is_expanded });
    }

    /// A `memo_key!(path)` or `memo_key!(path(arguments))`; a `memo_call!` of these, also with a store.
    pub(crate) fn key(&mut self, span: Span, tokens: &TokenStream) {
        let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
        let mut parts = parse.parse2(tokens.clone()).into_iter().flatten();
        let (function, mut arguments) = match parts.next() {
            Some(Expr::Call(it)) => (*it.func, it.args.into_iter().collect()),
            Some(it) => (it, Vec::new()),
            None => return self.scan(&Scan::of(tokens.clone())),
        };
        arguments.extend(parts.map(|it| match it {
            Expr::Assign(option) => *option.right,
            other => other,
        }));
        let Expr::Path(path) = &function else {
            return self.scan(&Scan::of(tokens.clone()));
        };
        let start = path.path.segments.first().map_or(span, |it| it.ident.span()).start();
        let start = path.path.leading_colon.map_or(start, |it| it.spans[0].start());
        let edges = self.facts.edges.len();
        let findings = self.facts.findings.len();
        self.visit_expr(&function);
        // A path that is not a function is an error of the macro, not a finding.
        self.facts.findings.truncate(findings);
        let program = self.lookup.resolver.program;
        let label = segments(&path.path).join("::");
        let is_function = |id: &ItemId| program.item(*id).kind == ItemKind::Function;
        let mut targets: Vec<ItemId> = self.facts.edges[edges..]
            .iter()
            .filter(|it| *it.label == *label)
            .flat_map(|it| &it.targets)
            .filter_map(|it| match it {
                Endpoint::Item(id) => Some(*id),
                Endpoint::Path(_) => None,
            })
            .filter(is_function)
            .collect();
        if targets.is_empty() {
            // `Type::method` that only traits provide.
            let name = label.rsplit("::").next().unwrap_or_default();
            if label.contains("::") && self.facts.uses.contains(&Use::Member(name.to_owned())) {
                let candidates = self.lookup.members.by_name.get(name);
                targets = candidates.into_iter().flatten().copied().filter(is_function).collect();
            }
        }
        self.facts.keys.push(KeySite {
            line: start.line,
            column: start.column,
            path: label,
            targets,
        });
        arguments.iter().for_each(|it| self.visit_expr(it));
    }
}

/// The name that std has for a macro, where all that is meant is in std.
fn std_macro_name(meant: &[Endpoint]) -> Option<&str> {
    let mut names = meant.iter().map(|it| match it {
        Endpoint::Path(path) if prelude::is_std(path) => Some(path_text::last(path)),
        _ => None,
    });
    let name = names.next()??;
    names.all(|it| it == Some(name)).then_some(name)
}

/// Tells whether an end of an edge comes from a glob of another crate only.
fn is_possible(endpoint: &Endpoint) -> bool {
    matches!(endpoint, Endpoint::Path(path) if path.contains("::*::"))
}
