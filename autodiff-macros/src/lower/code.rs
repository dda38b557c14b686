//! Expressions without derivative: which they are, what they read, and their variables renamed apart.

use std::collections::HashMap;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::VisitMut;
use syn::{BinOp, Expr};

use super::rename::Rename;
use super::{Lower, Name, types, unparen};
use crate::arguments::{Arguments, visit_arguments};
use crate::ir::{Code, StmtKind, VarId};
use crate::names;

/// An expression with more nodes than this is saved rather than evaluated again.
const CHEAP_NODES: usize = 24;

impl Lower<'_> {
    /// May the value of this expression depend on an active parameter?
    pub(super) fn is_active(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Lit(_) | Expr::Continue(_) => false,
            Expr::Range(it) => [&it.start, &it.end]
                .into_iter()
                .flatten()
                .any(|it| self.is_active(it)),
            Expr::Path(path) => match path
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.var(*var).active,
                Some(Name::Closure(closure)) => self.body_is_active(closure),
                None => false,
            },
            Expr::Binary(it) => match it.op {
                BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                    self.is_active(&it.left) || self.is_active(&it.right)
                }
                BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_) => self.is_active(&it.left) || self.is_active(&it.right),
                BinOp::And(_)
                | BinOp::Or(_)
                | BinOp::Eq(_)
                | BinOp::Ne(_)
                | BinOp::Lt(_)
                | BinOp::Le(_)
                | BinOp::Gt(_)
                | BinOp::Ge(_) => false,
                // Operators of bits exist on integers, and on types of which the macro knows nothing.
                _ => self.is_active(&it.left) || self.is_active(&it.right),
            },
            Expr::Unary(it) => self.is_active(&it.expr),
            Expr::Paren(it) => self.is_active(&it.expr),
            Expr::Group(it) => self.is_active(&it.expr),
            Expr::Reference(it) => self.is_active(&it.expr),
            Expr::Cast(it) => !types::is_inactive(&it.ty) && self.is_active(&it.expr),
            Expr::Index(it) => self.is_active(&it.expr),
            Expr::Field(it) => self.is_active(&it.base),
            Expr::Try(it) => self.is_active(&it.expr),
            Expr::MethodCall(it) => {
                self.claim_of(it).is_none()
                    && (self.is_active(&it.receiver)
                        || it.args.iter().any(|arg| self.is_active(arg)))
            }
            Expr::Call(it) => {
                if is_detach(&it.func) {
                    return false;
                }
                if self.calls_inert(it) {
                    return false;
                }
                if let Some(closure) = self.local_closure(&it.func) {
                    return self.body_is_active(&closure)
                        || it.args.iter().any(|arg| self.is_active(arg));
                }
                let made = !matches!(unparen(&it.func), Expr::Path(_))
                    && self.mentions_active(&it.func, &self.names);
                made || it.args.iter().any(|arg| self.is_active(arg))
            }
            Expr::Tuple(it) => it.elems.iter().any(|it| self.is_active(it)),
            Expr::Array(it) => it.elems.iter().any(|it| self.is_active(it)),
            Expr::Repeat(it) => self.is_active(&it.expr),
            Expr::Macro(it) => {
                let name = it
                    .mac
                    .path
                    .segments
                    .last()
                    .map(|it| it.ident.to_string())
                    .unwrap_or_default();
                !names::observer_macro(&name)
                    && !names::diverging_macro(&name)
                    && self.tokens_mention_active(it.mac.tokens.clone(), &self.names)
            }
            // Control flow, closures and whatever else: active if anything active is mentioned.
            other => self.mentions_active(other, &self.names),
        }
    }

    /// What is claimed of the result of a method that is taken to carry no derivative.
    pub(super) fn claim_of(&self, it: &syn::ExprMethodCall) -> Option<names::Claim> {
        let inert = || {
            let known =
                self.is_own(&it.receiver) || names::method(&it.method.to_string()).is_none();
            (known && self.unit.inert_method(&it.method)).then_some(names::Claim::Result)
        };
        names::claim(&it.method.to_string(), it.args.len()).or_else(inert)
    }

    /// May a method change its receiver, as far as its name and the unit tell? What is claimed not to is none.
    fn writes(&self, call: &syn::ExprMethodCall, names: &HashMap<String, Name>) -> bool {
        self.may_write(call) && !self.claimed_to_read(call, names)
    }

    /// The same, where a call can be followed.
    fn may_write(&self, call: &syn::ExprMethodCall) -> bool {
        writes(call) && !self.unit.inert_method(&call.method)
    }

    /// Is this a method of a variable of ours that is active, of a name that only the user knows? What it changed there would
    /// be lost, so that generated code claims that it changes nothing.
    pub(super) fn claimed_to_read(
        &self,
        call: &syn::ExprMethodCall,
        names: &HashMap<String, Name>,
    ) -> bool {
        let mut root = Mutated {
            lower: self,
            names,
            vars: Vec::new(),
        };
        root.root(&call.receiver);
        let name = call.method.to_string();
        let arguments = call.args.len();
        root.vars.iter().any(|it| self.var(*it).active)
            && !super::mutate::changes_in_place(&name, arguments)
            && !names::reads_only(&name, arguments)
            && !names::changes(&name)
    }

    /// Is this a call of a function of the unit that hands out what carries no derivative?
    pub(super) fn calls_inert(&self, it: &syn::ExprCall) -> bool {
        match unparen(&it.func) {
            Expr::Path(path) => path
                .path
                .get_ident()
                .is_some_and(|it| self.unit.inert(it) && !self.names.contains_key(&it.to_string())),
            _ => false,
        }
    }

    /// Is this a variable that a method may write?
    fn may_be_lent(&self, expr: &Expr) -> bool {
        match unparen(expr) {
            Expr::Path(path) => match path
                .path
                .get_ident()
                .and_then(|it| self.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => self.var(*var).may_be_written(),
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) fn local_closure(&self, func: &Expr) -> Option<std::rc::Rc<super::Closure>> {
        closure_among(&self.names, func).cloned()
    }

    /// Does the expression mention anything active, where `names` are in scope?
    fn mentions_active(&self, expr: &Expr, names: &HashMap<String, Name>) -> bool {
        let mut mentions = Mentions {
            lower: self,
            names,
            active: false,
        };
        mentions.visit_expr(expr);
        mentions.active
    }

    fn tokens_mention_active(&self, tokens: TokenStream, names: &HashMap<String, Name>) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => self.name_is_active(&ident, names),
            TokenTree::Group(group) => self.tokens_mention_active(group.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }

    fn name_is_active(&self, ident: &Ident, names: &HashMap<String, Name>) -> bool {
        match names.get(&ident.to_string()) {
            Some(Name::Var(var)) => self.var(*var).active,
            Some(Name::Closure(closure)) => self.body_is_active(closure),
            None => false,
        }
    }

    /// Does what a local closure does depend on an active variable? One that is too long is refused where it is called.
    fn body_is_active(&self, closure: &super::Closure) -> bool {
        closure.is_long() || self.mentions_active(&closure.expr.body, &closure.names)
    }

    /// Must this expression be taken apart even where it carries no derivative, because it assigns or leaves?
    pub(super) fn needs_structure(&self, expr: &Expr) -> bool {
        let mut structure = Structure {
            lower: self,
            names: &self.names,
            found: false,
        };
        structure.visit_expr(expr);
        structure.found
    }

    /// An expression without derivative as code of the forward half.
    pub(super) fn code(&mut self, expr: &Expr) -> Code {
        // What it changes besides is restored before it.
        let mutates = self.mutated(expr);
        let hidden = (mutates_in_closure(expr, &self.names)
            && self.mentions_active(expr, &self.names))
            || self.changes_beside_active(expr);
        if self.may_keep_view(expr) && mutates.len() > 1 {
            for var in mutates.clone() {
                self.owns(var, expr.span());
            }
        }
        if !mutates.is_empty() {
            let (tokens, mutates) = (TokenStream::new(), mutates.clone());
            self.emit(expr.span(), StmtKind::Opaque { tokens, mutates });
        }
        let mut detached = DetachedView(Vec::new());
        detached.visit_expr(expr);
        for span in &detached.0 {
            self.cx.error(
                *span,
                "`detach` of a mutable reference would hide what is written through it; detach the value that is written",
            );
        }
        let mut assigned = Assigned {
            lower: self,
            names: &self.names,
            own: Vec::new(),
            found: Vec::new(),
        };
        assigned.visit_expr(expr);
        let assigned = assigned.found;
        for span in &assigned {
            self.cx.error(
                *span,
                "an active value is assigned inside of an expression that carries no derivative, where it would lose it; \
                 write a loop or a statement of its own",
            );
        }
        // Either says more of the same.
        let said = !detached.0.is_empty() || !assigned.is_empty();
        let changed = mutates.iter().find(|it| hidden || self.var(**it).active);
        if let Some(var) = changed
            && !said
        {
            let message = format!(
                "`{}` is changed inside of an expression that carries no derivative, where it would lose it; bind the \
                 value with `let` in a statement of its own, or write a loop",
                self.var(*var).ident
            );
            self.cx.error(expr.span(), message);
        }
        let mut expr = expr.clone();
        let mut rename = Rename::new(self);
        rename.visit_expr_mut(&mut expr);
        let captured = rename.captured;
        let mut reads = rename.reads;
        if captured {
            let message = "a closure is called here where one of the names that it sees means something else; give the \
                           parameter around it another name";
            self.cx.error(expr.span(), message);
        }
        reads.sort_unstable();
        reads.dedup();
        let mut nodes = 0;
        let again = evaluates_again(&expr, &mut nodes) && nodes <= CHEAP_NODES;
        Code { expr, reads, again }
    }

    /// Is a variable of ours given to be changed to something that sees an active value?
    fn changes_beside_active(&self, expr: &Expr) -> bool {
        struct Find<'a, 'b> {
            lower: &'a Lower<'b>,
            found: bool,
        }
        impl Find<'_, '_> {
            fn site<'e>(&mut self, changed: &Expr, args: impl Iterator<Item = &'e Expr>) {
                let mut mutated = Mutated {
                    lower: self.lower,
                    names: &self.lower.names,
                    vars: Vec::new(),
                };
                mutated.root(changed);
                let mut args = args;
                self.found |= !mutated.vars.is_empty() && args.any(|it| self.lower.is_active(it));
            }
        }
        impl<'ast> Visit<'ast> for Find<'_, '_> {
            fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
                // A comparison or a predicate steers, it hands no value over.
                let steered = steers(&it.method.to_string());
                if self.lower.writes(it, &self.lower.names) && !steered {
                    self.site(&it.receiver, it.args.iter());
                }
                for arg in &it.args {
                    if let Expr::Reference(lent) = unparen(arg)
                        && lent.mutability.is_some()
                    {
                        self.site(&lent.expr, core::iter::once(&*it.receiver).chain(&it.args));
                    }
                }
                visit::visit_expr_method_call(self, it);
            }
            fn visit_expr_call(&mut self, it: &'ast syn::ExprCall) {
                for arg in &it.args {
                    if let Expr::Reference(lent) = unparen(arg)
                        && lent.mutability.is_some()
                    {
                        self.site(&lent.expr, it.args.iter());
                    }
                }
                visit::visit_expr_call(self, it);
            }
            visit_arguments!();
        }
        let mut find = Find {
            lower: self,
            found: false,
        };
        find.visit_expr(expr);
        find.found
    }

    /// Does an expression without derivative borrow a variable of ours mutably, or read what may hold such a borrow, so
    /// that its value may be a view?
    pub(super) fn may_keep_view(&self, expr: &Expr) -> bool {
        let mut lent = Lent {
            lower: self,
            found: false,
        };
        lent.visit_expr(expr);
        lent.found
    }

    /// May the value of code be a mutable view?
    pub(super) fn reads_view(&self, code: &Code) -> bool {
        (makes_mutable_view(&code.expr) && !code.reads.is_empty())
            || code
                .reads
                .iter()
                .any(|it| self.suspects.contains(it) || self.var(*it).writes_through())
    }

    /// Tokens of the user with variables renamed apart, and what they read.
    pub(super) fn renamed_tokens(
        &self,
        tokens: TokenStream,
        reads: &mut Vec<VarId>,
    ) -> TokenStream {
        let map: HashMap<String, Ident> = self
            .names
            .iter()
            .filter_map(|(name, it)| match it {
                Name::Var(var) => Some((name.clone(), self.var(*var).ident.clone())),
                Name::Closure(_) => None,
            })
            .collect();
        self.rename_stream(tokens, &map, reads)
    }

    fn rename_stream(
        &self,
        tokens: TokenStream,
        map: &HashMap<String, Ident>,
        reads: &mut Vec<VarId>,
    ) -> TokenStream {
        let mut after_dot = false;
        tokens
            .into_iter()
            .map(|token| {
                let was_after_dot = core::mem::replace(&mut after_dot, false);
                match token {
                    TokenTree::Ident(ident) if !was_after_dot => {
                        if let Some(Name::Var(var)) = self.names.get(&ident.to_string()) {
                            reads.push(*var);
                        }
                        TokenTree::Ident(match map.get(&ident.to_string()) {
                            Some(renamed) if *renamed != ident => {
                                let mut renamed = renamed.clone();
                                renamed.set_span(renamed.span().located_at(ident.span()));
                                renamed
                            }
                            _ => ident,
                        })
                    }
                    TokenTree::Group(group) => {
                        let mut inner = Group::new(
                            group.delimiter(),
                            self.rename_stream(group.stream(), map, reads),
                        );
                        inner.set_span(group.span());
                        TokenTree::Group(inner)
                    }
                    TokenTree::Literal(literal) => {
                        TokenTree::Literal(self.rename_captures(literal, map, reads))
                    }
                    TokenTree::Punct(punct) => {
                        after_dot = punct.as_char() == '.'
                            && punct.spacing() == proc_macro2::Spacing::Alone;
                        TokenTree::Punct(punct)
                    }
                    other @ TokenTree::Ident(_) => other,
                }
            })
            .collect()
    }

    /// Names captured by a format string, `"{x}"`, are variables too.
    fn rename_captures(
        &self,
        literal: proc_macro2::Literal,
        map: &HashMap<String, Ident>,
        reads: &mut Vec<VarId>,
    ) -> proc_macro2::Literal {
        let Ok(string) = syn::parse_str::<syn::LitStr>(&literal.to_string()) else {
            return literal;
        };
        let mut text = string.value();
        let mut changed = false;
        for (name, renamed) in map {
            for end in ["}", ":"] {
                let from = format!("{{{name}{end}");
                if text.contains(&from) {
                    if let Some(Name::Var(var)) = self.names.get(name) {
                        reads.push(*var);
                    }
                    if *renamed != *name {
                        text = text.replace(
                            &from,
                            &format!("{{{name}{end}").replace(name.as_str(), &renamed.to_string()),
                        );
                        changed = true;
                    }
                }
            }
        }
        if !changed {
            return literal;
        }
        let mut renamed = proc_macro2::Literal::string(&text);
        renamed.set_span(literal.span());
        renamed
    }

    /// Variables that an expression without structure may change: receivers of methods that are not known to read
    /// only, what it borrows mutably, and what the local closures change that it names.
    pub(super) fn mutated(&self, expr: &Expr) -> Vec<VarId> {
        let mut mutated = Mutated {
            lower: self,
            names: &self.names,
            vars: Vec::new(),
        };
        mutated.visit_expr(expr);
        mutated.vars.sort_unstable();
        mutated.vars.dedup();
        mutated.vars
    }
}

pub(crate) fn is_detach(func: &Expr) -> bool {
    matches!(unparen(func), Expr::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "detach"))
}

struct Mentions<'a, 'b> {
    lower: &'a Lower<'b>,
    names: &'a HashMap<String, Name>,
    active: bool,
}

impl<'ast> Visit<'ast> for Mentions<'_, '_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(ident) = path.path.get_ident() {
            self.active |= self.lower.name_is_active(ident, self.names);
        }
    }
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.active |= self
            .lower
            .tokens_mention_active(mac.tokens.clone(), self.names);
    }
}

/// Assignments of active values inside of closures and macro arguments, which stay as they are, and inside of the local
/// closures that are named there, which are written out.
struct Assigned<'a, 'b> {
    lower: &'a Lower<'b>,
    /// The names in scope.
    names: &'a HashMap<String, Name>,
    /// Variables that are declared there: what is assigned to one of them ends with it.
    own: Vec<Ident>,
    found: Vec<proc_macro2::Span>,
}

impl Assigned<'_, '_> {
    fn is_own(&self, place: &Expr) -> bool {
        matches!(unparen(place), Expr::Path(it) if it.path.get_ident().is_some_and(|it| self.own.contains(it)))
    }

    fn assignment(&mut self, left: &Expr, right: &Expr, span: proc_macro2::Span) {
        let (lower, names) = (self.lower, self.names);
        if lower.mentions_active(left, names) || lower.mentions_active(right, names) {
            self.found.push(span);
        }
    }
}

impl<'ast> Visit<'ast> for Assigned<'_, '_> {
    fn visit_expr_assign(&mut self, it: &'ast syn::ExprAssign) {
        if !self.is_own(&it.left) {
            self.assignment(&it.left, &it.right, it.eq_token.span());
        }
        visit::visit_expr_assign(self, it);
    }
    fn visit_block(&mut self, block: &'ast syn::Block) {
        let outside = self.own.len();
        visit::visit_block(self, block);
        self.own.truncate(outside);
    }
    fn visit_local(&mut self, local: &'ast syn::Local) {
        visit::visit_local(self, local);
        let mut pat = &local.pat;
        while let syn::Pat::Type(it) = pat {
            pat = &it.pat;
        }
        if let syn::Pat::Ident(it) = pat {
            self.own.push(it.ident.clone());
        }
    }
    // What `+=` changes may be a view, whose owner is not declared there.
    fn visit_expr_binary(&mut self, it: &'ast syn::ExprBinary) {
        if is_assignment(&it.op) {
            self.assignment(&it.left, &it.right, it.op.span());
        }
        visit::visit_expr_binary(self, it);
    }
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(closure) = closure_named(self.names, path) {
            let mut body = Assigned {
                lower: self.lower,
                names: &closure.names,
                own: Vec::new(),
                found: Vec::new(),
            };
            if !closure.is_long() {
                body.visit_expr(&closure.expr.body);
            }
            if closure.is_long() || !body.found.is_empty() {
                self.found.push(path.span());
            }
        }
    }
    visit_arguments!();
}

/// The local closure that is called, where these names are in scope.
fn closure_among<'a>(
    names: &'a HashMap<String, Name>,
    func: &Expr,
) -> Option<&'a std::rc::Rc<super::Closure>> {
    match unparen(func) {
        Expr::Path(path) => closure_named(names, path),
        _ => None,
    }
}

/// The local closure of this name.
fn closure_named<'a>(
    names: &'a HashMap<String, Name>,
    path: &syn::ExprPath,
) -> Option<&'a std::rc::Rc<super::Closure>> {
    match names.get(&path.path.get_ident()?.to_string())? {
        Name::Closure(closure) => Some(closure),
        Name::Var(_) => None,
    }
}

struct Structure<'a, 'b> {
    lower: &'a Lower<'b>,
    /// The names in scope: those of a closure are others than here.
    names: &'a HashMap<String, Name>,
    found: bool,
}

impl Structure<'_, '_> {
    /// Is a variable lent to a call that sees an active value?
    fn lends<'e>(&self, args: impl Iterator<Item = &'e Expr> + Clone) -> bool {
        let active = args.clone().any(|arg| self.lower.is_active(arg));
        self.lends_if(active, args)
    }

    /// The same for a method, whose receiver is seen, too.
    fn lends_beside<'e>(
        &self,
        receiver: &Expr,
        args: impl Iterator<Item = &'e Expr> + Clone,
    ) -> bool {
        let active =
            self.lower.is_active(receiver) || args.clone().any(|arg| self.lower.is_active(arg));
        self.lends_if(active, args)
    }

    fn lends_if<'e>(&self, active: bool, args: impl Iterator<Item = &'e Expr>) -> bool {
        let lower = self.lower;
        args.into_iter().any(|arg| match unparen(arg) {
            Expr::Reference(it) => it.mutability.is_some() && active,
            Expr::Path(path) => match path
                .path
                .get_ident()
                .and_then(|it| lower.names.get(&it.to_string()))
            {
                Some(Name::Var(var)) => active && lower.var(*var).writes_through(),
                _ => false,
            },
            _ => false,
        })
    }
}

impl<'ast> Visit<'ast> for Structure<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Assign(_)
            | Expr::Return(_)
            | Expr::Break(_)
            | Expr::Continue(_)
            | Expr::Try(_) => self.found = true,
            Expr::Binary(it) if is_assignment(&it.op) => self.found = true,
            Expr::Call(it) if !is_detach(&it.func) && self.lends(it.args.iter()) => {
                self.found = true;
            }
            Expr::MethodCall(it)
                if self.lends_beside(&it.receiver, it.args.iter())
                    || (self.lower.may_write(it)
                        && self.lower.is_own(&it.receiver)
                        && self.lower.may_be_lent(&it.receiver)
                        && core::iter::once(&*it.receiver)
                            .chain(&it.args)
                            .any(|it| self.lower.is_active(it))) =>
            {
                self.found = true;
            }
            // A closure is a body of its own.
            Expr::Closure(_) => {}
            _ => {
                // What a local closure does is done where it is called.
                if let Expr::Call(it) = expr
                    && let Some(closure) = closure_among(self.names, &it.func)
                {
                    let mut body = Structure {
                        lower: self.lower,
                        names: &closure.names,
                        found: false,
                    };
                    if !closure.is_long() {
                        body.visit_expr(&closure.expr.body);
                    }
                    self.found |= body.found || closure.is_long();
                }
                visit::visit_expr(self, expr);
            }
        }
    }
    fn visit_macro(&mut self, it: &'ast syn::Macro) {
        let arguments = Arguments::of(it);
        if super::call::builds(it) {
            for expr in arguments.exprs() {
                self.visit_expr(expr);
            }
        } else {
            self.found |= arguments.exit().is_some();
        }
    }
    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

pub(super) fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

struct Mutated<'a, 'b> {
    lower: &'a Lower<'b>,
    /// The names in scope.
    names: &'a HashMap<String, Name>,
    vars: Vec<VarId>,
}

impl Mutated<'_, '_> {
    fn root(&mut self, expr: &Expr) {
        let mut expr = expr;
        loop {
            match unparen(expr) {
                Expr::Field(it) => expr = &it.base,
                Expr::Index(it) => expr = &it.expr,
                Expr::Unary(it) => expr = &it.expr,
                Expr::Path(path) => {
                    if let Some(ident) = path.path.get_ident()
                        && let Some(Name::Var(var)) = self.names.get(&ident.to_string())
                        && self.lower.var(*var).may_be_written()
                    {
                        self.vars.push(self.lower.root(&(*var).into()));
                    }
                    return;
                }
                _ => return,
            }
        }
    }
}

impl<'ast> Visit<'ast> for Mutated<'_, '_> {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.lower.writes(call, self.names) {
            self.root(&call.receiver);
        }
        visit::visit_expr_method_call(self, call);
    }
    fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
        if reference.mutability.is_some() {
            self.root(&reference.expr);
        }
        visit::visit_expr_reference(self, reference);
    }
    visit_arguments!();
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        // A closure that is too long is refused elsewhere.
        if let Some(closure) = closure_named(self.names, path).filter(|it| !it.is_long()) {
            let mut body = Mutated {
                lower: self.lower,
                names: &closure.names,
                vars: Vec::new(),
            };
            body.visit_expr(&closure.expr.body);
            self.vars.append(&mut body.vars);
        }
    }
    fn visit_expr_assign(&mut self, assign: &'ast syn::ExprAssign) {
        self.root(&assign.left);
        visit::visit_expr_assign(self, assign);
    }
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        if is_assignment(&binary.op) {
            self.root(&binary.left);
        }
        visit::visit_expr_binary(self, binary);
    }
}

/// Methods that change a list as a closure says, which gives them no value to keep.
pub(super) fn steers(name: &str) -> bool {
    matches!(
        name,
        "sort_by"
            | "sort_unstable_by"
            | "sort_by_key"
            | "sort_unstable_by_key"
            | "sort_by_cached_key"
            | "retain"
    )
}

/// May a method change its receiver, as far as its name tells?
fn writes(call: &syn::ExprMethodCall) -> bool {
    let (name, arguments) = (call.method.to_string(), call.args.len());
    super::mutate::changes_in_place(&name, arguments) || !names::reads_only(&name, arguments)
}

/// Does the expression contain a closure that may change something, or the name of one?
fn mutates_in_closure(expr: &Expr, names: &HashMap<String, Name>) -> bool {
    struct Find<'a> {
        names: &'a HashMap<String, Name>,
        inside: bool,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Find<'_> {
        fn visit_expr_closure(&mut self, it: &'ast syn::ExprClosure) {
            let outer = core::mem::replace(&mut self.inside, true);
            visit::visit_expr_closure(self, it);
            self.inside = outer;
        }
        fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
            if let Some(closure) = closure_named(self.names, it) {
                let mut body = Find {
                    names: &closure.names,
                    inside: true,
                    found: closure.is_long(),
                };
                if !body.found {
                    body.visit_expr(&closure.expr.body);
                }
                self.found |= body.found;
            }
        }
        fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
            self.found |= self.inside && writes(it);
            visit::visit_expr_method_call(self, it);
        }
        fn visit_expr_reference(&mut self, it: &'ast syn::ExprReference) {
            self.found |= self.inside && it.mutability.is_some();
            visit::visit_expr_reference(self, it);
        }
        fn visit_expr_assign(&mut self, _: &'ast syn::ExprAssign) {
            self.found |= self.inside;
        }
        fn visit_expr_binary(&mut self, it: &'ast syn::ExprBinary) {
            self.found |= self.inside && is_assignment(&it.op);
            visit::visit_expr_binary(self, it);
        }
        visit_arguments!();
    }
    let mut find = Find {
        names,
        inside: false,
        found: false,
    };
    find.visit_expr(expr);
    find.found
}

/// Does the expression, or a closure in it, assign or call a method that changes its receiver by what it is called?
pub(super) fn may_mutate(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
            let name = it.method.to_string();
            self.0 |= super::mutate::changes_in_place(&name, it.args.len());
            visit::visit_expr_method_call(self, it);
        }
        fn visit_expr_assign(&mut self, _: &'ast syn::ExprAssign) {
            self.0 = true;
        }
        fn visit_expr_binary(&mut self, it: &'ast syn::ExprBinary) {
            self.0 |= is_assignment(&it.op);
            visit::visit_expr_binary(self, it);
        }
        fn visit_macro(&mut self, it: &'ast syn::Macro) {
            let arguments = Arguments::of(it);
            self.0 |= arguments.unknown || arguments.exprs().any(may_mutate);
        }
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}

/// `detach(&mut ..)`
struct DetachedView(Vec<proc_macro2::Span>);

impl<'ast> Visit<'ast> for DetachedView {
    fn visit_expr_call(&mut self, it: &'ast syn::ExprCall) {
        if is_detach(&it.func) && it.args.iter().any(makes_mutable_view) {
            self.0.push(it.func.span());
        }
        visit::visit_expr_call(self, it);
    }
    visit_arguments!();
}

struct Lent<'a, 'b> {
    lower: &'a Lower<'b>,
    found: bool,
}

impl Lent<'_, '_> {
    fn is_ours(&self, expr: &Expr) -> bool {
        let mut mutated = Mutated {
            lower: self.lower,
            names: &self.lower.names,
            vars: Vec::new(),
        };
        mutated.root(expr);
        !mutated.vars.is_empty()
    }
}

impl<'ast> Visit<'ast> for Lent<'_, '_> {
    fn visit_expr_reference(&mut self, it: &'ast syn::ExprReference) {
        self.found |= it.mutability.is_some() && self.is_ours(&it.expr);
        visit::visit_expr_reference(self, it);
    }
    fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
        self.found |= it.method.to_string().ends_with("_mut") && self.is_ours(&it.receiver);
        visit::visit_expr_method_call(self, it);
    }
    fn visit_expr_path(&mut self, it: &'ast syn::ExprPath) {
        if let Some(Name::Var(var)) = it
            .path
            .get_ident()
            .and_then(|it| self.lower.names.get(&it.to_string()))
        {
            self.found |=
                self.lower.suspects.contains(var) || self.lower.var(*var).writes_through();
        }
    }
    visit_arguments!();
}

/// Is this expression pure, cheap and free of bindings of its own?
pub(super) fn evaluates_again(expr: &Expr, nodes: &mut usize) -> bool {
    *nodes += 1;
    match expr {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Paren(it) => evaluates_again(&it.expr, nodes),
        Expr::Group(it) => evaluates_again(&it.expr, nodes),
        Expr::Unary(it) => evaluates_again(&it.expr, nodes),
        Expr::Cast(it) => evaluates_again(&it.expr, nodes),
        Expr::Field(it) => evaluates_again(&it.base, nodes),
        Expr::Reference(it) => it.mutability.is_none() && evaluates_again(&it.expr, nodes),
        Expr::Index(it) => evaluates_again(&it.expr, nodes) && evaluates_again(&it.index, nodes),
        Expr::Binary(it) => {
            !is_assignment(&it.op)
                && evaluates_again(&it.left, nodes)
                && evaluates_again(&it.right, nodes)
        }
        Expr::Tuple(it) => it.elems.iter().all(|it| evaluates_again(it, nodes)),
        Expr::Range(it) => {
            it.start
                .as_deref()
                .is_none_or(|it| evaluates_again(it, nodes))
                && it
                    .end
                    .as_deref()
                    .is_none_or(|it| evaluates_again(it, nodes))
        }
        Expr::Call(it) => {
            matches!(&*it.func, Expr::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "checked" || it.ident == "detached" || it.ident == "stepped" || it.ident == "detach"))
                && it.args.iter().all(|it| evaluates_again(it, nodes))
        }
        Expr::MethodCall(it) => {
            names::cheap_method(&it.method.to_string())
                && evaluates_again(&it.receiver, nodes)
                && it.args.iter().all(|it| evaluates_again(it, nodes))
        }
        _ => false,
    }
}

/// Does the expression borrow something mutably, by `&mut` or by a method that says so in its name?
pub(super) fn makes_mutable_view(expr: &Expr) -> bool {
    struct Find(bool);
    impl<'ast> Visit<'ast> for Find {
        fn visit_expr_method_call(&mut self, it: &'ast syn::ExprMethodCall) {
            self.0 |= it.method.to_string().ends_with("_mut");
            visit::visit_expr_method_call(self, it);
        }
        fn visit_expr_reference(&mut self, it: &'ast syn::ExprReference) {
            self.0 |= it.mutability.is_some();
            visit::visit_expr_reference(self, it);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        visit_arguments!();
    }
    let mut find = Find(false);
    find.visit_expr(expr);
    find.0
}
