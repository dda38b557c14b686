//! syn -> IR: sugar is removed, active expressions are split into single operations, everything without derivative
//! stays the user's own expression.
//!
//! What is active is decided here, while names are resolved: a variable is active if its initial value or any value
//! assigned to it may depend on an active parameter. Assignments come after uses in a loop, so the body is lowered
//! again with the variables found so far assumed active, until nothing new is found; each turn adds at least one
//! variable and most functions need one or two.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, ExprClosure, FnArg, ItemFn, Pat};

use crate::analysis::needs::projected_fact;
use crate::arguments::visit_arguments;
use crate::diag::Ctxt;
use crate::ir::{
    Block, By, Code, Fact, Func, Members, Op, Operand, Param, Place, ScopeId, Stmt, StmtKind, Var,
    VarId, VarKind,
};
use crate::naming::Namer;
use crate::options::Options;
use crate::unit::Unit;

mod call;
mod carried;
mod code;
mod consume;
mod control;
mod data;
mod expr;
mod inline;
mod lent;
mod locals;
mod loops;
mod mutate;
mod option;
mod parts;
mod pat;
mod rename;
mod seq;
mod types;
mod view;

/// What a name in scope stands for.
#[derive(Clone)]
enum Name {
    Var(VarId),
    /// A local closure, and the names that it sees.
    Closure(Rc<Closure>),
}

struct Closure {
    expr: ExprClosure,
    names: HashMap<String, Name>,
    /// How many expressions it has, with those of the closures that it names.
    size: usize,
}

impl Closure {
    /// How many expressions are walked over again at each use of a closure.
    const LONG: usize = 10_000;

    fn new(expr: ExprClosure, names: HashMap<String, Name>) -> Self {
        struct Size<'a>(&'a HashMap<String, Name>, usize);
        impl<'ast> Visit<'ast> for Size<'_> {
            fn visit_expr(&mut self, it: &'ast Expr) {
                let name = match it {
                    Expr::Path(it) => it.path.get_ident().map(ToString::to_string),
                    _ => None,
                };
                let own = match name.and_then(|it| self.0.get(&it)) {
                    Some(Name::Closure(closure)) => closure.size,
                    Some(Name::Var(_)) | None => 1,
                };
                self.1 = self.1.saturating_add(own);
                syn::visit::visit_expr(self, it);
            }
            visit_arguments!();
        }
        let mut size = Size(&names, 0);
        Visit::visit_expr(&mut size, &expr.body);
        let size = size.1;
        Closure { expr, names, size }
    }

    fn is_long(&self) -> bool {
        self.size > Closure::LONG
    }
}

/// Where an exit may go.
struct Target {
    scope: ScopeId,
    /// The label as the user wrote it.
    user: Option<Ident>,
    label: Ident,
    kind: TargetKind,
    /// The variable that takes the value handed out.
    result: Option<VarId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TargetKind {
    Function,
    Loop,
    Block,
    /// The inlined body of a closure: `return` goes here.
    Closure,
}

/// The lowering of one function.
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent states of the walk"
)]
pub(crate) struct Lower<'a> {
    cx: &'a mut Ctxt,
    options: &'a Options,
    unit: &'a Unit,
    /// Has the fence refused something?
    fenced: bool,

    function: &'a ItemFn,
    namer: Namer,
    vars: Vec<Var>,
    names: HashMap<String, Name>,
    stmts: Vec<Stmt>,
    targets: Vec<Target>,
    scopes: u32,
    exits: u32,
    /// Mutable bindings found active, by their site.
    active: BTreeSet<String>,
    /// The binding that a mutable variable comes from.
    sites: HashMap<VarId, String>,
    /// Variables whose type, as it is written, carries no derivative.
    inert: BTreeSet<VarId>,
    /// Variables whose type, as it is written, is one of the user's own: all of its methods are.
    own_types: BTreeMap<VarId, String>,
    /// Variables that may hold a mutable view which is not followed.
    suspects: BTreeSet<VarId>,
    /// Variables whose value is refused: what follows from that is not said again.
    refused: BTreeSet<VarId>,
    /// The errors before the value that is being bound; none when it follows from a refused one.
    errors_before: Option<usize>,
    /// Was something found in this turn?
    changed: bool,
    self_recursive: bool,
    members: Members,
    ret: VarId,
    /// The type written at the `let` whose value is being lowered.
    hint: Option<syn::Type>,
    /// The choice of an item that is being lowered as an option.
    choice: Option<syn::ExprMethodCall>,
    /// Is the value that the pattern being walked takes apart a reference, or may it hold one?
    borrowed_scrutinee: bool,
    referenced_scrutinee: bool,
    /// Is it a reference that can be written through, so that the pattern names places?
    named_scrutinee: bool,
    /// May it hold a mutable view that is not followed?
    suspicious: bool,
    /// The names before each `let` whose value is being chosen.
    chosen: Vec<HashMap<String, Name>>,
    /// Is the place being walked one that is written?
    writing: bool,
    /// How many closure bodies have been written out.
    inlined: usize,
    /// May the pattern being walked fail to match?
    refutable: bool,
}

/// A function with a value at its end. Where that is missing, rustc says so about the function itself, and what is made of
/// it has nothing to add.
pub(crate) fn ended(function: &ItemFn) -> Cow<'_, ItemFn> {
    let valued = match &function.sig.output {
        syn::ReturnType::Type(_, ty) => types::is_no_unit(ty),
        syn::ReturnType::Default => false,
    };
    let ended = match function.block.stmts.last() {
        Some(syn::Stmt::Expr(Expr::ForLoop(_) | Expr::While(_), _)) => false,
        Some(syn::Stmt::Expr(Expr::If(it), _)) if !expr::has_else(it) => false,
        Some(syn::Stmt::Expr(expr, semicolon)) => semicolon.is_none() || expr::diverges(expr),
        Some(syn::Stmt::Macro(it)) => it.semi_token.is_none(),
        _ => false,
    };
    if !valued || ended {
        return Cow::Borrowed(function);
    }
    let mut function = function.clone();
    let end: Expr = syn::parse_quote!(::core::unreachable!());
    function.block.stmts.push(syn::Stmt::Expr(end, None));
    Cow::Owned(function)
}

/// Lowers a function. Errors go to `cx`; what the fence has refused is not reported again.
pub(crate) fn lower(
    cx: &mut Ctxt,
    options: &Options,
    unit: &Unit,
    function: &ItemFn,
) -> Option<Func> {
    let fenced = !cx.is_clean();
    let mut active = BTreeSet::new();
    // Each turn finds at least one more variable, so the number of patterns bounds the number of turns.
    loop {
        let mut attempt = Ctxt::new();
        let mut lower = Lower {
            cx: &mut attempt,
            options,
            unit,
            fenced,
            function,
            namer: Namer::avoiding(
                [function.to_token_stream(), unit.tokens()]
                    .into_iter()
                    .collect(),
            ),
            vars: Vec::new(),
            names: HashMap::new(),
            stmts: Vec::new(),
            targets: Vec::new(),
            scopes: 0,
            exits: 0,
            active: core::mem::take(&mut active),
            sites: HashMap::new(),
            inert: BTreeSet::new(),
            own_types: BTreeMap::new(),
            suspects: BTreeSet::new(),
            refused: BTreeSet::new(),
            errors_before: Some(0),
            changed: false,
            self_recursive: false,
            members: Members::default(),
            ret: VarId(0),
            hint: None,
            choice: None,
            refutable: false,
            chosen: Vec::new(),
            inlined: 0,
            writing: false,
            borrowed_scrutinee: false,
            referenced_scrutinee: false,
            named_scrutinee: false,
            suspicious: false,
        };
        let func = lower.function();
        let again = lower.changed;
        active = core::mem::take(&mut lower.active);
        if again {
            drop(attempt.finish());
            continue;
        }
        let errors = attempt.finish();
        let clean = errors.is_empty() && !fenced;
        for error in errors {
            // One span, one mistake.
            if !fenced || !cx.has_error_at(error.span()) {
                cx.push(error);
            }
        }
        return clean.then_some(func);
    }
}

impl Lower<'_> {
    fn function(&mut self) -> Func {
        let function = self.function;
        let scope = self.scope();
        let label = self.namer.fresh("body");
        let ident = self.namer.fresh("value");
        self.ret = self.declare(Var {
            ident,
            kind: VarKind::Local,
            mutable: true,
            active: true,
            fact: match &function.sig.output {
                syn::ReturnType::Default => Fact::Unknown,
                syn::ReturnType::Type(_, ty) => self.fact_of(ty),
            },
            borrows: false,
            reference: false,
            boxed: false,
            lifted: false,
        });
        let params = self.params();
        self.targets.push(Target {
            scope,
            user: None,
            label: label.clone(),
            kind: TargetKind::Function,
            result: Some(self.ret),
        });
        // A function whose pullback is written by hand is never taken apart.
        let mut body = if self.options.pullback.is_some() {
            Block::default()
        } else {
            self.block_value(&function.block, true)
        };
        self.targets.pop();
        let destructured = core::mem::take(&mut self.stmts);
        body.stmts.splice(0..0, destructured);
        self.name_carried(&mut body);
        body.number(&mut 0, &mut 0);
        Func {
            name: function.sig.ident.clone(),
            params,
            vars: core::mem::take(&mut self.vars),
            members: core::mem::take(&mut self.members),
            label,
            scope,
            result: self.ret,
            body,
            self_recursive: self.self_recursive,
            level: 0,
        }
    }

    fn params(&mut self) -> Vec<Param> {
        let function = self.function;
        for ident in types::numbers_without_bound(&function.sig) {
            self.cx.error(
                ident.span(),
                format!(
                    "`{ident}` may be any type, and only some carry a derivative; write `{ident}: differentiate::Real`, \
                     or `#[no_diff]` on the parameter if no derivative is wanted"
                ),
            );
        }
        let mut params = Vec::new();
        let mut owned_self = None;
        for arg in &function.sig.inputs {
            let (ident, ty, mutable, no_diff) = match arg {
                FnArg::Receiver(receiver) => {
                    let no_diff = has_no_diff(&receiver.attrs);
                    let mut ty = types::receiver(receiver);
                    if types::by(&ty) == By::Value {
                        // A caller cannot see how a method takes its receiver: all of them borrow it.
                        owned_self = Some(receiver);
                        ty = syn::parse_quote!(&#ty);
                    }
                    (
                        Ident::new("self", receiver.self_token.span()),
                        ty,
                        false,
                        no_diff,
                    )
                }
                FnArg::Typed(typed) => {
                    let no_diff = has_no_diff(&typed.attrs);
                    match &*typed.pat {
                        Pat::Ident(pat) => (
                            pat.ident.clone(),
                            (*typed.ty).clone(),
                            pat.mutability.is_some(),
                            no_diff,
                        ),
                        // A pattern parameter is a parameter of our own, taken apart in the first statement.
                        other => {
                            let _ = other;
                            (self.namer.fresh("arg"), (*typed.ty).clone(), false, no_diff)
                        }
                    }
                }
            };
            let by = types::by(&ty);
            // A reference that is bound again is a variable of its own.
            let mutable = mutable && by != By::Ref;
            let active = !no_diff && may_be_active(&ty);
            let key = ident.to_string();
            let unique = self.namer.user(&ident);
            let var = self.declare(Var {
                ident: unique,
                kind: VarKind::Param { by },
                mutable,
                active,
                fact: self.fact_of(&ty),
                borrows: by != By::Value || borrows(&ty),
                reference: by != By::Value,
                boxed: types::is_box(&ty),
                lifted: false,
            });
            if let Some(name) = self.own_type(&ty) {
                self.own_types.insert(var, name);
            }
            // A mutable parameter may be given an active value, whatever it came with.
            if let FnArg::Typed(typed) = arg
                && let Pat::Ident(pat) = &*typed.pat
                && mutable
            {
                let site = site(&pat.ident.to_string(), pat.ident.span());
                self.vars[var.0 as usize].active |= self.active.contains(&site);
                self.sites.insert(var, site);
            }
            if crate::fence::nested_view(&ty).is_some() {
                self.refused.insert(var);
            }
            self.names.insert(key, Name::Var(var));
            params.push(Param {
                numeric: is_numeric(self.unit.behind(&ty)),
                tangent_of: None,
                var,
                ty,
                by,
                active,
                no_diff,
            });
        }
        if let (Some(receiver), Some(param)) = (owned_self, params.first()) {
            self.own_receiver(receiver, param.var);
        }
        for (index, arg) in function.sig.inputs.iter().enumerate() {
            let FnArg::Typed(typed) = arg else { continue };
            match &*typed.pat {
                Pat::Ident(pat) if pat.mutability.is_some() && params[index].by == By::Ref => {
                    let ident = &pat.ident;
                    self.let_variable(pat, None, &syn::parse_quote!(#ident), typed.span());
                }
                Pat::Ident(_) => {}
                pat => {
                    let var = params[index].var;
                    self.bind_pattern_statement(pat, None, Operand::from(var), typed.span());
                }
            }
        }
        params
    }

    /// `self` by value is a copy of what was borrowed.
    fn own_receiver(&mut self, receiver: &syn::Receiver, param: VarId) {
        let span = receiver.self_token.span();
        let site = site("self", span);
        let mutable = receiver.mutability.is_some();
        let active = self.var(param).active || self.active.contains(&site);
        let var = self.temp("own", active, Fact::Unknown);
        self.vars[var.0 as usize].mutable = mutable;
        self.sites.insert(var, site);
        let op = if self.var(param).active {
            Op::Method {
                recv: Operand::from(param),
                name: Ident::new("clone", Span::call_site()),
                turbofish: None,
                args: Vec::new(),
            }
        } else {
            Op::Code(self.code_from_lowered(syn::parse_quote!(::core::clone::Clone::clone(self))))
        };
        self.emit(span, StmtKind::Let { var, ty: None, op });
        let name = self.unit.this().unwrap_or("Self").to_owned();
        self.own_types.insert(var, name);
        self.names.insert("self".to_owned(), Name::Var(var));
    }

    // === variables and scopes ===

    fn declare(&mut self, var: Var) -> VarId {
        let id = VarId(u32::try_from(self.vars.len()).unwrap_or(u32::MAX));
        self.vars.push(var);
        id
    }

    fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }

    fn scope(&mut self) -> ScopeId {
        self.scopes += 1;
        ScopeId(self.scopes - 1)
    }

    /// What a type tells as it is written here, or where the module gives it this name.
    fn fact_of(&self, ty: &syn::Type) -> Fact {
        fact(self.unit.behind(ty))
    }

    /// A variable of our own that holds the result of an operation.
    fn temp(&mut self, stem: &str, active: bool, fact: Fact) -> VarId {
        let ident = self.namer.fresh(stem);
        self.declare(Var {
            ident,
            kind: VarKind::Local,
            mutable: false,
            active,
            fact,
            borrows: false,
            reference: false,
            boxed: false,
            lifted: false,
        })
    }

    /// A variable that the user declared, put in scope.
    fn user_var(
        &mut self,
        pat: &syn::PatIdent,
        kind: VarKind,
        active: bool,
        fact: Fact,
        borrows: bool,
    ) -> VarId {
        if pat.by_ref.is_some() && pat.mutability.is_some() {
            self.cx.error(
                pat.ident.span(),
                "what is written through `ref mut` is not followed; write `&mut` before the value that is matched",
            );
        }
        let site = site(&pat.ident.to_string(), pat.ident.span());
        let mutable = pat.mutability.is_some();
        let active = active || (mutable && self.active.contains(&site));
        let ident = self.namer.user(&pat.ident);
        let var = self.declare(Var {
            ident,
            kind,
            mutable,
            active,
            fact,
            borrows,
            reference: false,
            boxed: false,
            lifted: false,
        });
        if mutable {
            self.sites.insert(var, site);
        }
        if self.binds_refused() {
            self.refused.insert(var);
        }
        self.names.insert(pat.ident.to_string(), Name::Var(var));
        var
    }

    /// The errors before a value is bound, for the variables that it is bound to.
    fn binds(&mut self, value: &Expr) {
        let refused = |name: &Name| matches!(name, Name::Var(var) if self.refused.contains(var));
        let follows = (self.names.iter())
            .filter(|(_, name)| refused(name))
            .filter_map(|(name, _)| syn::parse_str(name).ok())
            .any(|ident| mentions(value, &ident));
        self.errors_before = (!follows).then(|| self.cx.count());
    }

    /// Is the value that is being bound refused?
    fn binds_refused(&self) -> bool {
        (self.errors_before).is_none_or(|before| self.cx.count() > before)
    }

    /// An active value reaches a variable, or the place that it names.
    fn mark_active(&mut self, var: VarId) {
        let root = self.root(&var.into());
        if self.var(root).active || self.inert.contains(&root) {
            return;
        }
        if self.suspects.contains(&root) && !self.var(root).mutable && !self.refused.contains(&root)
        {
            self.cx.error(
                self.var(var).ident.span(),
                "this may hold a mutable view, and what is written through it would not be seen; name the view with \
                 `let`, or write the place itself",
            );
        }
        let ident = &self.var(root).ident;
        let Some(site) = self.sites.get(&root) else {
            if let VarKind::Param { .. } = self.var(root).kind {
                let message = format!(
                    "an active value is written to `{ident}`, which carries no derivative: it would lose it; take \
                     `#[no_diff]` off the parameter, or `detach(..)` the value"
                );
                let span = self.var(var).ident.span();
                self.cx.error(span, message);
            }
            self.vars[root.0 as usize].active = true;
            return;
        };
        let site = site.clone();
        self.vars[root.0 as usize].active = true;
        if self.active.insert(site) {
            self.changed = true;
        }
    }

    /// A variable whose value was made with a mutable borrow of another one: if it is written, its type must prove that
    /// it is no view. For an active one that is a claim of a trait, which says so in words; for any other, a bound that
    /// no borrow of a variable satisfies.
    fn owns(&mut self, var: VarId, span: Span) {
        self.suspects.insert(var);
        if self.var(var).active && self.var(var).mutable {
            self.claim(var, "owning", span);
        }
    }

    fn claim(&mut self, var: VarId, claim: &str, span: Span) {
        let krate = &self.options.krate;
        let ident = &self.var(var).ident;
        let claim = Ident::new(claim, Span::mixed_site());
        let tokens = quote::quote!(#krate::__private::#claim(&#ident););
        self.emit(
            span,
            StmtKind::Opaque {
                tokens,
                mutates: Vec::new(),
            },
        );
    }

    /// The name of this type if it is, as it is written, one of the user's own.
    fn own_type(&self, ty: &syn::Type) -> Option<String> {
        let syn::Type::Path(path) = peel(ty) else {
            return None;
        };
        let name = path.path.segments.last()?.ident.to_string();
        let generic =
            self.function.sig.generics.params.iter().any(
                |it| matches!(it, syn::GenericParam::Type(it) if path.path.is_ident(&it.ident)),
            );
        let outer = self
            .options
            .member
            .as_ref()
            .is_some_and(|it| it.generics.iter().any(|it| path.path.is_ident(it)));
        if generic || outer || !crate::names::own_type(&name) {
            return None;
        }
        Some(match self.unit.this() {
            Some(this) if name == "Self" => this.to_owned(),
            _ => name,
        })
    }

    /// The variable behind all names for places.
    fn root(&self, place: &Place) -> VarId {
        crate::ir::root(&self.vars, place)
    }

    fn emit(&mut self, span: Span, kind: StmtKind) {
        // Only a call is lent something, and a name stands for it.
        let operands = match &kind {
            StmtKind::Let {
                op: Op::Call(_), ..
            }
            | StmtKind::Assign {
                op: Op::Call(_), ..
            } => Vec::new(),
            StmtKind::Let { op, .. } | StmtKind::Assign { op, .. } => op.operands(),
            StmtKind::Mutate(it) => it.args.iter().collect(),
            _ => Vec::new(),
        };
        let lent = |it: &&Operand| matches!(it, Operand::Ref { mutable: true, .. });
        if operands.iter().any(lent) {
            self.cx.error(
                span,
                "a mutable view that is kept in a value is not followed; name the view with `let`, or write the place itself",
            );
        }
        self.stmts.push(Stmt { id: 0, kind, span });
    }

    /// Runs `body` with an empty list of statements and returns what it emitted.
    fn collect<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> (Vec<Stmt>, T) {
        let outer = core::mem::take(&mut self.stmts);
        let result = body(self);
        (core::mem::replace(&mut self.stmts, outer), result)
    }

    /// Runs `body` in a scope of names of its own.
    fn scoped<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let names = self.names.clone();
        let result = body(self);
        self.names = names;
        result
    }

    /// Statements and result of a block expression in a scope of its own.
    fn block_value(&mut self, block: &syn::Block, wanted: bool) -> Block {
        self.scoped(|this| {
            let (stmts, result) = this.collect(|this| this.block_stmts(&block.stmts, wanted));
            Block {
                id: 0,
                stmts,
                result,
            }
        })
    }

    /// Lowers an expression as a block of its own: an arm, a branch, a closure body.
    fn expr_block(&mut self, expr: &Expr, wanted: bool) -> Block {
        self.scoped(|this| {
            let (stmts, result) = this.collect(|this| this.value(expr, wanted));
            Block {
                id: 0,
                stmts,
                result,
            }
        })
    }

    /// Lowers an expression in statement or value position.
    fn value(&mut self, expr: &Expr, wanted: bool) -> Option<Operand> {
        if wanted {
            match self.operand(expr) {
                Operand::Unit => None,
                other => Some(other),
            }
        } else {
            self.statement(expr);
            None
        }
    }

    /// An operand that is certain to keep its value: places are copied to a variable.
    fn settle(&mut self, operand: Operand, span: Span) -> Operand {
        match operand {
            Operand::Place(place) => {
                let active = self.var(place.root).active;
                let fact = self.place_fact(&place);
                let var = self.temp("held", active, fact);
                self.emit(
                    span,
                    StmtKind::Let {
                        var,
                        ty: None,
                        op: Op::Use(Operand::Place(place)),
                    },
                );
                Operand::from(var)
            }
            // A name for it would not be seen to be a reference.
            Operand::Code(code) if expr::lends_literals(&code.expr) => Operand::Code(code),
            Operand::Code(code) => {
                let var = self.temp("held", false, Fact::Unknown);
                self.emit(
                    span,
                    StmtKind::Let {
                        var,
                        ty: None,
                        op: Op::Code(code),
                    },
                );
                Operand::from(var)
            }
            other => other,
        }
    }

    /// Names an operation.
    fn name(
        &mut self,
        op: Op,
        active: bool,
        fact: Fact,
        borrows: bool,
        stem: &str,
        span: Span,
    ) -> Operand {
        if let Op::Aggregate(_, items) = &op {
            for item in items {
                self.keeps_no_view(item, span);
            }
        }
        let var = self.temp(stem, active, fact);
        self.vars[var.0 as usize].borrows = borrows;
        self.vars[var.0 as usize].reference = self.gives_reference(&op);
        let suspect = matches!(&op, Op::Code(code) if self.reads_view(code));
        self.emit(span, StmtKind::Let { var, ty: None, op });
        if suspect {
            self.suspects.insert(var);
        }
        Operand::from(var)
    }

    /// Is the result of an operation a reference for certain?
    fn gives_reference(&self, op: &Op) -> bool {
        match op {
            Op::Use(operand) => self.refers(operand),
            Op::Code(code) => matches!(unparen(&code.expr), Expr::Reference(_)),
            Op::Method { name, .. } => name == "as_slice",
            _ => false,
        }
    }

    /// Is this operand a reference for certain?
    fn refers(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && self.is_reference(place.root),
            _ => false,
        }
    }

    /// Is this operand, or may it be, a reference or a value that borrows?
    fn may_borrow(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && self.var(place.root).borrows,
            _ => false,
        }
    }

    fn place_fact(&self, place: &Place) -> Fact {
        let mut fact = self.var(place.root).fact;
        if let VarKind::Alias { place: inner, .. } = &self.var(place.root).kind
            && fact == Fact::Unknown
        {
            fact = self.place_fact(inner);
        }
        place.proj.iter().fold(fact, projected_fact)
    }

    /// What is known of code over variables that are renamed already.
    fn code_fact(&self, code: &Code) -> Fact {
        code_fact(&code.expr, &|ident| {
            let read = code.reads.iter().find(|it| self.var(**it).ident == *ident);
            read.map_or(Fact::Unknown, |it| self.var(*it).fact)
        })
    }

    fn operand_fact(&self, operand: &Operand) -> Fact {
        match operand {
            Operand::Place(place) | Operand::Ref { place, .. } => self.place_fact(place),
            Operand::Lit(expr) => {
                if is_float_literal(expr) {
                    Fact::Scalar
                } else {
                    Fact::Unknown
                }
            }
            Operand::Code(code) => self.code_fact(code),
            Operand::Never | Operand::Unit => Fact::Unknown,
        }
    }

    fn operand_active(&self, operand: &Operand) -> bool {
        operand
            .place()
            .is_some_and(|place| self.var(place.root).active)
    }
}

pub(crate) use code::is_detach;
pub(crate) use data::accessor;
pub(crate) use expr::mentions;
pub(crate) use types::{
    borrows, carries_derivative, code_fact, fact, innermost_element, is_concrete_own_type,
    is_float_literal, is_numeric, is_scalar, may_be_active, peel, receiver,
};

/// Where a binding stands in the source: the same in every turn, also where the syntax tree was copied.
fn site(name: &str, span: Span) -> String {
    format!("{name} {span:?}")
}

/// `#[no_diff]` among the attributes of a parameter.
pub(crate) fn has_no_diff(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|it| it.path().is_ident("no_diff"))
}

/// The expression inside parentheses and invisible groups.
pub(crate) fn unparen(mut expr: &Expr) -> &Expr {
    loop {
        match expr {
            Expr::Paren(it) => expr = &it.expr,
            Expr::Group(it) => expr = &it.expr,
            _ => return expr,
        }
    }
}
