//! The type of an expression whose parts have been visited: from declarations and literals towards
//! the use, never back. Where Rust would infer from later use, where branches disagree, and where
//! anything is not understood, the type is unknown.

use syn::{BinOp, Expr, Lit, Member, Stmt, UnOp};

use crate::{
    collector::Collector,
    declared,
    extract::plain_name,
    facts::Use,
    program::{Definition, ItemId, ItemKind, Namespace},
    std_methods, trigger,
    ty::Ty,
};

impl Collector<'_, '_> {
    /// Returns the type that was found for an expression when it was visited.
    pub(crate) fn type_of(&self, expression: &Expr) -> Ty {
        self.types.get(&address(expression)).cloned().unwrap_or(Ty::Unknown)
    }

    /// Notes the type of an expression whose parts have been visited.
    pub(crate) fn note_type(&mut self, expression: &Expr) {
        let ty = self.infer(expression);
        self.types.insert(address(expression), ty);
    }

    fn infer(&mut self, expression: &Expr) -> Ty {
        match expression {
            Expr::Lit(it) => literal(&it.lit),
            Expr::Path(it) if it.qself.is_none() => self.value(&it.path),
            Expr::Call(it) => self.call_result(it),
            Expr::MethodCall(_) => self.method_result.clone(),
            Expr::Field(it) => self.field(&self.type_of(&it.base), &it.member),
            Expr::Index(it) => self.indexed(&it.expr, &it.index),
            Expr::Unary(it) => self.unary(it.op, &it.expr),
            Expr::Binary(it) => self.binary(&it.op, &it.left, &it.right),
            Expr::Cast(it) => self.scope().lower(&it.ty),
            Expr::Try(it) => {
                self.run_bound("FromResidual");
                self.run_bound("From");
                match self.type_of(&it.expr) {
                    Ty::Std(head, arguments) if head == "Option" || head == "Result" => {
                        arguments.first().cloned().unwrap_or(Ty::Unknown)
                    }
                    _ => Ty::Unknown,
                }
            }
            Expr::Reference(it) => self.type_of(&it.expr),
            Expr::Paren(it) => self.type_of(&it.expr),
            Expr::Group(it) => self.type_of(&it.expr),
            Expr::Tuple(it) => Ty::Tuple(it.elems.iter().map(|it| self.type_of(it)).collect()),
            Expr::Array(it) => {
                let items = it.elems.iter().map(|it| self.type_of(it)).reduce(Ty::join);
                Ty::std("[]", vec![items.unwrap_or(Ty::Unknown)])
            }
            Expr::Repeat(it) => Ty::std("[]", vec![self.type_of(&it.expr)]),
            Expr::Range(it) => {
                let ends = it.start.iter().chain(&it.end).map(|it| self.type_of(it));
                Ty::std("Range", vec![ends.reduce(Ty::join).unwrap_or(Ty::closed())])
            }
            Expr::Struct(it) if it.qself.is_none() => match self.constructed(&it.path) {
                Some((id, _)) => Ty::Local(id, Vec::new()),
                None => Ty::Unknown,
            },
            Expr::If(it) => match &it.else_branch {
                Some((_, other)) => self.block_type(&it.then_branch).join(self.type_of(other)),
                None => Ty::closed(),
            },
            Expr::Match(it) => {
                it.arms.iter().map(|it| self.type_of(&it.body)).fold(Ty::Never, Ty::join)
            }
            Expr::Block(it) if it.label.is_none() => self.block_type(&it.block),
            Expr::Unsafe(it) => self.block_type(&it.block),
            // Of a closure the type of its body is kept: that is what calling it gives.
            Expr::Closure(it) => match &it.output {
                syn::ReturnType::Default => self.type_of(&it.body),
                syn::ReturnType::Type(_, ty) => self.scope().lower(ty),
            },
            Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Ty::Never,
            Expr::Assign(_) | Expr::While(_) | Expr::ForLoop(_) | Expr::Let(_) => Ty::closed(),
            Expr::Macro(it) => self.macro_type(&it.mac),
            _ => Ty::Unknown,
        }
    }

    fn block_type(&self, block: &syn::Block) -> Ty {
        match block.stmts.last() {
            Some(Stmt::Expr(it, None)) => self.type_of(it),
            Some(Stmt::Expr(it, Some(_))) if self.type_of(it) == Ty::Never => Ty::Never,
            Some(Stmt::Macro(it)) if it.semi_token.is_none() => Ty::Unknown,
            Some(Stmt::Macro(it)) if it.mac.path.is_ident("panic") => Ty::Never,
            _ => Ty::closed(),
        }
    }

    /// A path in an expression that is no call.
    fn value(&self, path: &syn::Path) -> Ty {
        let resolver = self.lookup.resolver;
        let written = resolver.written(path);
        let leading_colon = path.leading_colon.is_some();
        let meanings = || resolver.meanings(self.module, leading_colon, &written, Namespace::Value);
        if path.get_ident().is_some() {
            let name = &*written.text;
            if let Some(ty) = self.local(name) {
                let means_item = self.is_ambiguous(name) && !meanings().is_empty();
                return if means_item { Ty::Unknown } else { ty };
            }
            if name == "None" {
                return Ty::std("Option", vec![Ty::Unknown]);
            }
        }
        let meanings = meanings();
        match &meanings[..] {
            [(Definition::Item(id), rest)] if rest.is_empty() => {
                match self.lookup.resolver.program.item(*id).kind {
                    ItemKind::Constant | ItemKind::Static => {
                        declared::held(self.lookup.resolver, *id)
                    }
                    ItemKind::Type => self.unit(*id, None),
                    _ => Ty::Unknown,
                }
            }
            [(Definition::Variant(id), rest)] if rest.is_empty() => {
                self.unit(*id, written.names.last().map(String::as_str))
            }
            _ => Ty::Unknown,
        }
    }

    /// Only a unit is a value by its name; of others the name is a function.
    fn unit(&self, id: ItemId, variant: Option<&str>) -> Ty {
        match declared::fields(self.lookup.resolver, id, variant) {
            Some((syn::Fields::Unit, _)) => Ty::Local(id, Vec::new()),
            _ => Ty::Unknown,
        }
    }

    /// The type, and the variant, that a constructor's path names.
    pub(crate) fn constructed(&self, path: &syn::Path) -> Option<(ItemId, Option<String>)> {
        if path.is_ident("Self") {
            return match &self.self_type {
                Ty::Local(id, _) => Some((*id, None)),
                _ => None,
            };
        }
        let written = self.lookup.resolver.written(path);
        let names = &written.names;
        if let ([first, variant], Ty::Local(id, _)) = (&names[..], &self.self_type)
            && first == "Self"
        {
            return Some((*id, Some(variant.clone())));
        }
        let namespace = [Namespace::Type, Namespace::Value];
        for namespace in namespace {
            let meanings = self.lookup.resolver.meanings(
                self.module,
                path.leading_colon.is_some(),
                &written,
                namespace,
            );
            match &meanings[..] {
                [(Definition::Item(id), rest)]
                    if rest.is_empty()
                        && self.lookup.resolver.program.item(*id).kind == ItemKind::Type =>
                {
                    return Some((*id, None));
                }
                [(Definition::Variant(id), rest)] if rest.is_empty() => {
                    return Some((*id, names.last().cloned()));
                }
                [] => {}
                _ => return None,
            }
        }
        None
    }

    pub(crate) fn field(&self, base: &Ty, member: &Member) -> Ty {
        let name = match member {
            Member::Named(it) => plain_name(&it.to_string()),
            Member::Unnamed(it) => it.index.to_string(),
        };
        match base {
            Ty::Local(id, arguments) => {
                declared::field(self.lookup.resolver, (*id, None), arguments, &name)
            }
            Ty::Tuple(items) => name
                .parse::<usize>()
                .ok()
                .and_then(|it| items.get(it).cloned())
                .unwrap_or(Ty::Unknown),
            Ty::Std(head, _) if Ty::is_pointer(head) => self.field(&base.argument(0), member),
            Ty::Std(..) if base.is_closed() => Ty::closed(),
            _ => Ty::Unknown,
        }
    }

    fn indexed(&mut self, base: &Expr, index: &Expr) -> Ty {
        let (base, at) = (self.type_of(base), self.type_of(index));
        let base = match &base {
            Ty::Std(head, _) if Ty::is_pointer(head) => base.argument(0),
            _ => base,
        };
        if !(matches!(base, Ty::Std(..)) && at.is_closed()) {
            self.facts.uses.insert(Use::Trigger("Index"));
            self.facts.uses.insert(Use::Trigger("IndexMut"));
            return Ty::Unknown;
        }
        match &base {
            Ty::Std(head, _) if head == "HashMap" || head == "BTreeMap" => base.argument(1),
            Ty::Std(head, _) if head == "Vec" || head == "[]" => match index {
                Expr::Range(_) => Ty::std("[]", vec![base.argument(0)]),
                _ if std_methods::is_integer(&at) => base.argument(0),
                _ if base.is_closed() => Ty::closed(),
                _ => Ty::Unknown,
            },
            _ if base.is_closed() => Ty::closed(),
            _ => Ty::Unknown,
        }
    }

    fn unary(&mut self, operator: UnOp, operand: &Expr) -> Ty {
        let ty = self.type_of(operand);
        match operator {
            UnOp::Deref(_) => match &ty {
                Ty::Std(head, _) if Ty::is_pointer(head) || head == "ptr" => ty.argument(0),
                Ty::Std(..) | Ty::Tuple(_) | Ty::Bounded(_) => ty,
                Ty::Local(id, _) if !self.lookup.members.dereferences(*id) => ty,
                _ => Ty::Unknown,
            },
            _ if ty.is_closed() => ty,
            UnOp::Not(_) => self.operated("Not"),
            _ => self.operated("Neg"),
        }
    }

    fn binary(&mut self, operator: &BinOp, left: &Expr, right: &Expr) -> Ty {
        let (left, right) = (self.type_of(left), self.type_of(right));
        let Some(of_trait) = trigger::of_operator(operator) else {
            // Comparisons and logic.
            self.run_comparison(operator, &left, &right);
            return Ty::closed();
        };
        if !left.is_closed() || !right.is_closed() {
            return self.operated(of_trait);
        }
        if of_trait.ends_with("Assign") {
            return Ty::closed();
        }
        match (&left, &right) {
            (Ty::Std(l, _), Ty::Std(r, _)) if l == r => left,
            (Ty::Std(l, _), Ty::Std(r, _)) if r == "int" || r == "float" => {
                Ty::std(l.clone(), Vec::new())
            }
            (Ty::Std(l, _), Ty::Std(r, _)) if l == "int" || l == "float" => {
                Ty::std(r.clone(), Vec::new())
            }
            _ => Ty::closed(),
        }
    }

    fn operated(&mut self, of_trait: &'static str) -> Ty {
        self.facts.uses.insert(Use::Trigger(of_trait));
        Ty::Unknown
    }

    fn macro_type(&self, it: &syn::Macro) -> Ty {
        let Some(name) = it.path.get_ident().map(ToString::to_string) else { return Ty::Unknown };
        let resolver = self.lookup.resolver;
        if !resolver.macros_named(&name, self.module).is_empty() {
            return Ty::Unknown;
        }
        match name.as_str() {
            "format" => Ty::std("String", Vec::new()),
            "concat" | "stringify" | "include_str" | "env" | "module_path" | "file" => {
                Ty::std("str", Vec::new())
            }
            "line" | "column" => Ty::std("u32", Vec::new()),
            "matches" | "cfg" => Ty::std("bool", Vec::new()),
            "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "println" | "print" => {
                Ty::closed()
            }
            "panic" | "unreachable" | "todo" | "unimplemented" => Ty::Never,
            "vec" => self.vector.clone(),
            _ => Ty::Unknown,
        }
    }
}

fn literal(literal: &Lit) -> Ty {
    let name = match literal {
        Lit::Str(_) => "str",
        Lit::Int(it) if it.suffix().is_empty() => "int",
        Lit::Int(it) => return Ty::std_named(it.suffix(), Vec::new()),
        Lit::Float(_) => "float",
        Lit::Bool(_) => "bool",
        Lit::Char(_) => "char",
        _ => return Ty::closed(),
    };
    Ty::std(name, Vec::new())
}

/// Names an expression by where it lies: the syntax does not move while an item is visited.
fn address(expression: &Expr) -> usize {
    std::ptr::from_ref(expression) as usize
}
