//! Forward mode, IR to IR: a function becomes its tangent program, which carries a tangent beside every active variable.
//!
//! Each active variable `x` has a *twin* `dot_x`. A place has a twin by the same way from the twin of its root, a name
//! for a place is a name for its twin, and what moves parts about is done to both. Arithmetic of numbers, sums and
//! everything linear is differentiated in place; an operation with a rule runs over dual numbers: its operands are
//! lifted to pairs, the user's own method is called on them, and the tangent of the result is taken
//! (`autodiff_runtime::lift`). So there is one table of rules for both modes.
//!
//! Branches, loops and exits stay as they are; the twin of a result is declared before the statement that makes it and
//! assigned where its value is handed out. The tangent of an operation is computed before the operation, which may
//! consume its operands.

mod matrices;

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ItemFn, Path, parse_quote, parse_quote_spanned};

use crate::ir::project::project;
use crate::ir::{
    Aggregate, Binding, Block, Build, BuildKind, By, Call, Callee, Code, Exit, ExitKind, Fact,
    Func, Loop, Mutate, Mutation, Op, Operand, Param, Place, Proj, ScopeId, Stmt, StmtKind, Var,
    VarId, VarKind,
};
use crate::lower::is_float_literal;
use crate::names;
use crate::options::Options;
use matrices::Matrices;

/// Why a function has no tangent program, and where.
pub(crate) struct Refusal {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// The tangent program of a function: its parameters are those of the function and then a tangent for each, its value is
/// the pair of value and tangent. `rt` is the path of the runtime.
pub(crate) fn forward(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> Result<Func, Vec<Refusal>> {
    let mut transform = Forward {
        rt: rt.clone(),
        func,
        vars: func.vars.clone(),
        twins: vec![None; func.vars.len()],
        taken: func.vars.iter().map(|it| it.ident.to_string()).collect(),
        empty: HashSet::new(),
        movable: movable(func),
        matrices: Matrices::of(func),
        stmts: Vec::new(),
        refusals: Vec::new(),
        order: options.order,
        numbers: (numbers(&function.sig.generics).into_iter().cloned()).collect(),
        result: None,
    };
    transform.declare_twins();
    let program = match &options.pullback {
        Some(pullback) => transform.by_hand(options, function, pullback),
        None => transform.function(),
    };
    if transform.refusals.is_empty() {
        Ok(program)
    } else {
        Err(transform.refusals)
    }
}

struct Forward<'a> {
    rt: TokenStream,
    func: &'a Func,
    /// The variables of the function, then those of its tangent program.
    vars: Vec<Var>,
    /// By variable of the function.
    twins: Vec<Option<VarId>>,
    taken: HashSet<String>,
    /// Variables that are `None` or `Err(..)`.
    empty: HashSet<VarId>,
    /// Variables that are used once, in the loop that they are defined in: their twins can be moved. Any other is copied,
    /// since a value may be `Copy` where its tangent is not.
    movable: HashSet<VarId>,
    matrices: Matrices,
    stmts: Vec<Stmt>,
    refusals: Vec<Refusal>,
    order: u32,
    /// The type parameters that are real numbers.
    numbers: Vec<Ident>,
    /// The result of the program, where each way out makes the pair of value and tangent.
    result: Option<VarId>,
}

impl Forward<'_> {
    // === variables ===

    fn declare_twins(&mut self) {
        for at in 0..self.func.vars.len() {
            let var = &self.func.vars[at];
            if !var.active {
                continue;
            }
            let stem = var.ident.to_string();
            let ident = self.fresh(&format!("dot_{}", stem.trim_start_matches("r#")));
            let twin = Var {
                ident,
                ..var.clone()
            };
            self.twins[at] = Some(self.declare(twin));
        }
        for at in 0..self.func.vars.len() {
            let Some(twin) = self.twins[at] else { continue };
            if let VarKind::Alias {
                place,
                depth,
                writes,
            } = &self.func.vars[at].kind
            {
                let Some(place) = self.twin(place) else {
                    continue;
                };
                self.vars[index(twin)].kind = VarKind::Alias {
                    place,
                    depth: *depth,
                    writes: *writes,
                };
            }
        }
    }

    fn declare(&mut self, var: Var) -> VarId {
        self.vars.push(var);
        VarId(u32::try_from(self.vars.len() - 1).unwrap_or(u32::MAX))
    }

    fn fresh(&mut self, stem: &str) -> Ident {
        let mut name = stem.to_owned();
        let mut n = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{stem}_{n}");
            n += 1;
        }
        Ident::new(&name, Span::mixed_site())
    }

    fn temp(&mut self, stem: &str, active: bool, fact: Fact) -> VarId {
        let ident = self.fresh(stem);
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

    fn ident(&self, var: VarId) -> &Ident {
        &self.vars[index(var)].ident
    }

    fn twin_of(&self, var: VarId) -> Option<VarId> {
        self.twins.get(index(var)).copied().flatten()
    }

    /// Is it a name for a place? Its twin is no variable: names for several parts of one value come from one pattern in the
    /// function, where here several borrows would exclude each other. The way is walked at each use. What is bound by
    /// value is a copy.
    fn is_walked(&self, var: VarId) -> bool {
        match &self.vars[index(var)].kind {
            VarKind::Alias {
                place,
                depth,
                writes,
            } => *writes || *depth > 0 || crate::ir::is_view(&self.vars, place),
            _ => false,
        }
    }

    /// The variable behind all names for a place, the way from it, and how many references stand before it.
    fn walked(&self, place: &Place) -> (VarId, Vec<Proj>, usize) {
        let (root, mut way, references) = match &self.func.vars[index(place.root)].kind {
            VarKind::Alias {
                place: inner,
                depth,
                ..
            } => {
                let (root, way, references) = self.walked(inner);
                (root, way, references + usize::from(*depth))
            }
            VarKind::Param { by } if *by != By::Value => (place.root, Vec::new(), 1),
            _ => (place.root, Vec::new(), 0),
        };
        let derefs = (place.proj.iter())
            .take_while(|it| matches!(it, Proj::Deref))
            .count()
            .min(references);
        way.extend(place.proj.iter().skip(derefs).cloned());
        let left = if place.proj.len() == derefs {
            references - derefs
        } else {
            0
        };
        (root, way, left)
    }

    /// The twin of a place, if its root is active.
    fn twin(&self, place: &Place) -> Option<Place> {
        if index(place.root) < self.func.vars.len() && self.is_walked(place.root) {
            let (root, mut proj, _) = self.walked(place);
            for step in &mut proj {
                if let Proj::Index(code) = step {
                    LengthOfTwin { forward: self }.visit_expr_mut(&mut code.expr);
                }
            }
            if matches!(self.vars[index(root)].kind, VarKind::Param { by } if by != By::Value) {
                proj.insert(0, Proj::Deref);
            }
            let root = self.twin_of(root)?;
            return Some(Place { root, proj });
        }
        let root = self.twin_of(place.root)?;
        Some(Place {
            root,
            proj: place.proj.clone(),
        })
    }

    fn is_active(&self, operand: &Operand) -> bool {
        operand.place().is_some_and(|it| self.twin(it).is_some())
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>) {
        self.refusals.push(Refusal {
            span,
            message: message.into(),
        });
    }

    // === statements ===

    fn emit(&mut self, span: Span, kind: StmtKind) {
        self.stmts.push(Stmt { id: 0, kind, span });
    }

    fn name(&mut self, stem: &str, op: Op, active: bool, fact: Fact, span: Span) -> VarId {
        let var = self.temp(stem, active, fact);
        self.emit(span, StmtKind::Let { var, ty: None, op });
        var
    }

    fn assign(&mut self, place: impl Into<Place>, op: Op, span: Span) {
        let place = place.into();
        let kind = match op {
            // What is seen through a view of a matrix is written element by element.
            Op::Use(value) if crate::ir::is_view(&self.vars, &place) => StmtKind::Mutate(Mutate {
                kind: Mutation::Copy,
                place,
                name: Ident::new("copy_from", Span::call_site()),
                args: vec![match value {
                    Operand::Place(place) => Operand::Ref {
                        place,
                        mutable: false,
                    },
                    other => other,
                }],
                result: None,
            }),
            op => StmtKind::Assign { place, op },
        };
        self.emit(span, kind);
    }

    fn function(&mut self) -> Func {
        let func = self.func;
        let span = func.name.span();
        let params = self.params();
        for param in &func.params {
            // A parameter without derivative that takes an active value later.
            if !param.active
                && let Some(twin) = self.twin_of(param.var)
            {
                self.vars[index(twin)].kind = VarKind::Local;
                let zero = self.zero_like(param.var);
                self.emit(
                    span,
                    StmtKind::Let {
                        var: twin,
                        ty: None,
                        op: zero,
                    },
                );
            }
        }
        let result = self.temp("result", true, Fact::Unknown);
        // Exactly the variables that are accumulated into are mutable.
        self.vars[index(result)].mutable = true;
        if !tries(func) {
            self.result = Some(result);
            let block = self.block(&func.body, None);
            return self.finished(params, result, func.scope, func.label.clone(), block);
        }
        // `?` hands out a value of the function's own type, so the pair is made after all ways out.
        let dot = self.twin_of(func.result);
        let dot = dot.unwrap_or_else(|| self.temp("dot_value", true, Fact::Unknown));
        self.vars[index(dot)].mutable = false;
        self.emit(span, StmtKind::Declare { var: dot, ty: None });
        let body = self.block(&func.body, Some(dot));
        self.emit(
            span,
            StmtKind::Scope {
                label: func.label.clone(),
                scope: func.scope,
                body,
                result: Some(func.result),
            },
        );
        let pair = self.pair(Operand::from(func.result), Operand::from(dot), span);
        self.program(params, result, pair)
    }

    fn pair(&mut self, value: Operand, tangent: Operand, span: Span) -> VarId {
        let pair = Op::Aggregate(Aggregate::Tuple, vec![value, tangent]);
        self.name("pair", pair, true, Fact::Unknown, span)
    }

    fn program(&mut self, params: Vec<Param>, result: VarId, value: VarId) -> Func {
        let block = Block {
            id: 0,
            stmts: core::mem::take(&mut self.stmts),
            result: Some(Operand::from(value)),
        };
        let label = self.fresh("program");
        // No scope of the function has this number.
        self.finished(params, result, ScopeId(u32::MAX), label, block)
    }

    fn finished(
        &mut self,
        params: Vec<Param>,
        result: VarId,
        scope: ScopeId,
        label: Ident,
        mut body: Block,
    ) -> Func {
        let mut stmts = core::mem::take(&mut self.stmts);
        stmts.append(&mut body.stmts);
        body.stmts = stmts;
        body.number(&mut 0, &mut 0);
        Func {
            name: self.func.name.clone(),
            params,
            vars: core::mem::take(&mut self.vars),
            label,
            scope,
            result,
            body,
            self_recursive: self.func.self_recursive,
            level: self.func.level + 1,
        }
    }

    /// The parameters of the tangent program.
    fn params(&mut self) -> Vec<Param> {
        let func = self.func;
        let mut params = func.params.clone();
        for param in &func.params {
            let twin = self.twin_of(param.var).filter(|_| param.active);
            let reference = param.by != By::Value;
            let rt = &self.rt;
            let (ty, by) = match &param.ty {
                _ if twin.is_none() && reference => (parse_quote!(&()), By::Ref),
                _ if twin.is_none() => (parse_quote!(()), By::Value),
                ty => {
                    let ty = crate::lower::peel(ty);
                    let place: syn::Type = match ty {
                        syn::Type::Slice(it) => {
                            let item = &it.elem;
                            parse_quote_spanned!(ty.span()=> [#rt::Gradient<#item>])
                        }
                        _ if param.by == By::Ref => {
                            parse_quote_spanned!(ty.span()=> #rt::Shadow<#ty>)
                        }
                        _ => parse_quote_spanned!(ty.span()=> #rt::Gradient<#ty>),
                    };
                    let ty = match param.by {
                        By::Value => place,
                        By::Ref => parse_quote!(&#place),
                        By::Mut => parse_quote!(&mut #place),
                    };
                    (ty, param.by)
                }
            };
            let var = twin.unwrap_or_else(|| {
                let var = self.temp("unused", false, Fact::Unknown);
                self.vars[index(var)].kind = VarKind::Param { by };
                var
            });
            params.push(Param {
                var,
                ty,
                by,
                active: twin.is_some(),
                no_diff: false,
                tangent_of: Some(param.var),
            });
        }
        params
    }

    /// The tangent program of a function whose pullback is written by hand: a generic function runs over dual numbers,
    /// any other is pulled back once for each component of its value.
    fn by_hand(&mut self, options: &Options, function: &ItemFn, pullback: &Path) -> Func {
        let func = self.func;
        let span = func.name.span();
        let params = self.params();
        let result = self.temp("result", true, Fact::Unknown);
        self.vars[index(result)].mutable = true;
        let numbers = numbers(&function.sig.generics);
        let generic = !numbers.is_empty() && !options.is_member(function);
        if !generic && self.order > 1 {
            self.refuse(
                span,
                format!(
                    "`{0}` has a pullback written by hand, which has no derivative of its own; second order needs a \
                     function over any real number, `fn {0}<T: differentiate::Real>(..)`, and a pullback that is, too",
                    func.name
                ),
            );
        }
        if !generic {
            let pair = self.by_components(options, function, pullback);
            return self.program(params, result, pair);
        }
        let args = func
            .params
            .iter()
            .map(|param| {
                let value = Place::from(param.var);
                let lifted = if param.active {
                    self.lift(&value, span)
                } else if mentions(&param.ty, &numbers) {
                    let (rt, ident) = (&self.rt, self.ident(param.var));
                    let mut constant = Self::code(parse_quote!(#rt::constant(&#ident)));
                    constant.reads = vec![param.var];
                    self.name("constant", Op::Code(constant), false, Fact::Unknown, span)
                } else {
                    return Operand::Place(value);
                };
                if param.by == By::Ref {
                    Operand::Ref {
                        place: lifted.into(),
                        mutable: false,
                    }
                } else {
                    Operand::from(lifted)
                }
            })
            .collect();
        let name = &function.sig.ident;
        let call = Op::Call(Call {
            callee: Callee::Function(parse_quote!(#name)),
            args,
        });
        let lifted = self.name("lifted", call, true, Fact::Unknown, span);
        let split = self.runtime(
            "split",
            None,
            vec![Operand::Ref {
                place: lifted.into(),
                mutable: false,
            }],
        );
        let pair = self.name("pair", split, true, Fact::Unknown, span);
        self.program(params, result, pair)
    }

    /// Value and tangent by the pullback, which is the user's: code that is not differentiated again.
    fn by_components(&mut self, options: &Options, function: &ItemFn, pullback: &Path) -> VarId {
        let func = self.func;
        let rt = &self.rt;
        let name = &function.sig.ident;
        let values: Vec<TokenStream> = (func.params.iter())
            .map(|param| {
                let ident = self.ident(param.var);
                if param.by == By::Value {
                    quote!(::core::clone::Clone::clone(&#ident))
                } else {
                    quote!(#ident)
                }
            })
            .collect();
        let call = if function.sig.receiver().is_some() {
            let (recv, args) = (&values[0], &values[1..]);
            quote!(#recv.#name(#(#args),*))
        } else if options.is_member(function) {
            quote!(Self::#name(#(#values),*))
        } else {
            quote!(#name(#(#values),*))
        };
        let (mut grads, mut terms) = (Vec::new(), TokenStream::new());
        for param in func.params.iter().filter(|it| it.active) {
            let Some(twin) = self.twin_of(param.var) else {
                continue;
            };
            let (ident, dot) = (self.ident(param.var), self.ident(twin));
            let grad = format_ident!("grad_{}", ident, span = Span::mixed_site());
            let dot = if param.by == By::Value {
                quote!(#dot)
            } else {
                quote!(#rt::owned_tangent(&*#ident, #dot))
            };
            terms.extend(quote!(+ #rt::inner(&#grad, &#dot)));
            grads.push(grad);
        }
        let pattern = match grads.as_slice() {
            [one] => quote!(#one),
            many => quote!((#(#many),*)),
        };
        let [value, seed, tangent] =
            ["value", "seed", "tangent"].map(|it| Ident::new(it, Span::mixed_site()));
        let code = Self::code(parse_quote!({
            let #value = #call;
            let #tangent = #rt::along(&#value, |#seed| {
                let #pattern = #pullback(#(#values,)* &#value, &#seed);
                0.0 #terms
            });
            (#value, #tangent)
        }));
        self.name(
            "pair",
            Op::Code(code),
            false,
            Fact::Unknown,
            func.name.span(),
        )
    }

    /// A block; the tangent of its result is assigned to `dot`.
    fn block(&mut self, block: &Block, dot: Option<VarId>) -> Block {
        let outer = core::mem::take(&mut self.stmts);
        for stmt in &block.stmts {
            self.stmt(stmt);
        }
        let mut handed = block.result.clone();
        if block.id == self.func.body.id && self.result.is_some() {
            let result = block.result.as_ref().unwrap_or(&Operand::Unit);
            handed = Some(self.paired(result));
        } else if let (Some(dot), Some(result)) = (dot, &block.result) {
            handed = Some(self.hand_out(dot, result, Span::call_site()));
        } else if let (Some(dot), None) = (dot, &block.result) {
            self.assign(dot, Op::Use(Operand::Unit), Span::call_site());
        }
        Block {
            id: 0,
            stmts: core::mem::replace(&mut self.stmts, outer),
            result: handed,
        }
    }

    /// The tangent of a value that leaves a block; returns the value. An expression without derivative gets a name, of
    /// which the zero is taken: its type may be told by another way to the end of the block.
    fn hand_out(&mut self, dot: VarId, value: &Operand, span: Span) -> Operand {
        if matches!(value, Operand::Never) {
            return value.clone();
        }
        let value = self.named(value, span);
        let tangent = self.owned_tangent(&value, span);
        self.assign(dot, Op::Use(tangent), span);
        value
    }

    /// Value and tangent, where the function hands out the value.
    fn paired(&mut self, value: &Operand) -> Operand {
        if matches!(value, Operand::Never) {
            return Operand::Never;
        }
        let span = self.func.name.span();
        let value = self.named(value, span);
        let tangent = self.owned_tangent(&value, span);
        Operand::from(self.pair(value, tangent, span))
    }

    /// An expression without derivative under a name, so that it is evaluated once although it is used twice.
    fn named(&mut self, operand: &Operand, span: Span) -> Operand {
        let Operand::Code(code) = operand else {
            return operand.clone();
        };
        let reference = self.is_reference(operand);
        let fact = crate::analysis::needs::operand_fact(self.func, operand);
        let var = self.name("plain", Op::Code(code.clone()), false, fact, span);
        self.vars[index(var)].reference = reference;
        self.vars[index(var)].borrows = reference;
        Operand::from(var)
    }

    /// The statement with names for the expressions that must not be evaluated twice.
    fn evaluated_once(&mut self, op: &Op, span: Span) -> Op {
        let mut op = op.clone();
        // The tangent program of a callee has each argument once.
        if matches!(op, Op::Call(_)) || !self.any_active(&op) {
            return op;
        }
        for operand in op.operands_mut() {
            if matches!(operand, Operand::Code(code) if !code.again) {
                *operand = self.named(operand, span);
            }
        }
        // A name for a part that may be written is used no longer where another operand reads the whole.
        let roots: Vec<Option<(VarId, VarId)>> = op
            .operands()
            .iter()
            .map(|it| {
                it.place()
                    .filter(|it| index(it.root) < self.func.vars.len())
                    .map(|it| (it.root, self.walked(it).0))
            })
            .collect();
        for (at, operand) in op.operands_mut().into_iter().enumerate() {
            let Some((name, root)) = roots[at] else {
                continue;
            };
            let writes = matches!(
                self.vars[index(name)].kind,
                VarKind::Alias { writes: true, .. }
            );
            let others = roots.iter().flatten();
            if writes && others.clone().any(|it| it.1 == root && it.0 != name) {
                *operand = self.read_before(operand, span);
            }
        }
        op
    }

    /// An operand, read into a variable of its own.
    fn read_before(&mut self, operand: &Operand, span: Span) -> Operand {
        if !matches!(operand, Operand::Place(_)) {
            return operand.clone();
        }
        let fact = crate::analysis::needs::operand_fact(self.func, operand);
        let dot = Op::Use(self.owned_tangent(operand, span));
        let dot = self.name("dot_read", dot, true, fact, span);
        let var = self.name("read", Op::Use(operand.clone()), true, fact, span);
        self.twins.resize(self.vars.len(), None);
        self.twins[index(var)] = Some(dot);
        Operand::from(var)
    }

    /// Declares the twin of a result before the statement that makes it.
    fn declare_result(&mut self, result: Option<VarId>, span: Span) -> Option<VarId> {
        let dot = self.twin_of(result?)?;
        self.vars[index(dot)].mutable = false;
        self.emit(span, StmtKind::Declare { var: dot, ty: None });
        Some(dot)
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::Let { var, ty, op } => self.define(stmt, *var, ty.as_ref(), op),
            StmtKind::Declare { var, ty } => {
                self.emit(span, stmt.kind.clone());
                if let Some(dot) = self.twin_of(*var) {
                    let ty = self.own_tangent(ty.as_ref());
                    self.emit(span, StmtKind::Declare { var: dot, ty });
                }
            }
            StmtKind::Alias { var } => {
                self.emit(span, stmt.kind.clone());
                if let Some(dot) = self.twin_of(*var)
                    && !self.is_walked(*var)
                {
                    self.emit(span, StmtKind::Alias { var: dot });
                }
            }
            StmtKind::Bind {
                bindings, value, ..
            } => {
                // What is moved out of the value is copied out of its twin.
                self.emit(span, stmt.kind.clone());
                let active = value.place().is_some_and(|it| self.twin(it).is_some());
                self.bindings(bindings, active, span);
            }
            StmtKind::Assign { place, op } => self.assigned(stmt, place, op),
            StmtKind::Update { op, place, value } => self.updated(stmt, *op, place, value),
            StmtKind::Views {
                pat, init, vars, ..
            } => {
                self.emit(span, stmt.kind.clone());
                if vars.iter().all(|it| self.is_walked(*it)) {
                    return;
                }
                let renamed = self.renamed(init);
                let mut pat = pat.clone();
                Rename { forward: self }.visit_pat_mut(&mut pat);
                let vars: Vec<VarId> = vars.iter().filter_map(|it| self.twin_of(*it)).collect();
                if !vars.is_empty() {
                    let init = renamed;
                    self.emit(
                        span,
                        StmtKind::Views {
                            pat,
                            ty: None,
                            init,
                            vars,
                        },
                    );
                }
            }
            StmtKind::Mutate(it) => self.mutate(stmt, it),
            StmtKind::Opaque { .. } => self.emit(span, stmt.kind.clone()),
            StmtKind::If {
                cond,
                taken,
                then,
                otherwise,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let then = self.block(then, dot);
                let otherwise = self.block(otherwise, dot);
                self.emit(
                    span,
                    StmtKind::If {
                        cond: cond.clone(),
                        taken: *taken,
                        then,
                        otherwise,
                        result: *result,
                    },
                );
            }
            StmtKind::Match {
                scrutinee,
                taken,
                arms,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let active = scrutinee.place().is_some_and(|it| self.twin(it).is_some());
                let arms = arms
                    .iter()
                    .map(|arm| {
                        let outer = core::mem::take(&mut self.stmts);
                        self.bindings(&arm.bindings, active, span);
                        let mut bound = core::mem::replace(&mut self.stmts, outer);
                        let mut arm = arm.clone();
                        arm.body = self.block(&arm.body, dot);
                        bound.append(&mut arm.body.stmts);
                        arm.body.stmts = bound;
                        arm
                    })
                    .collect();
                self.emit(
                    span,
                    StmtKind::Match {
                        scrutinee: scrutinee.clone(),
                        taken: *taken,
                        arms,
                        result: *result,
                    },
                );
            }
            StmtKind::Try { var, value, exit } => {
                // On the way out there is no payload, and so no tangent.
                if let Some(dot) = self.handed(exit).and_then(|it| self.twin_of(it)) {
                    // It is assigned anew where the function goes on.
                    self.vars[index(dot)].mutable = true;
                    let none = Self::code(parse_quote!(::core::option::Option::None));
                    self.assign(dot, Op::Code(none), span);
                }
                let twin = value.place().and_then(|it| self.twin(it));
                self.emit(span, stmt.kind.clone());
                if let (Some(dot), Some(place)) = (self.twin_of(*var), twin) {
                    let op = self.copied(place.then(Proj::Payload));
                    self.emit(
                        span,
                        StmtKind::Let {
                            var: dot,
                            ty: None,
                            op,
                        },
                    );
                }
            }
            StmtKind::Loop(it) => {
                let dot = self.declare_result(it.result, span);
                let _ = dot;
                let body = self.block(&it.body, None);
                self.emit(span, StmtKind::Loop(Loop { body, ..it.clone() }));
            }
            StmtKind::Scope {
                label,
                scope,
                body,
                result,
            } => {
                let dot = self.declare_result(*result, span);
                let body = self.block(body, dot);
                self.emit(
                    span,
                    StmtKind::Scope {
                        label: label.clone(),
                        scope: *scope,
                        body,
                        result: *result,
                    },
                );
            }
            StmtKind::Exit(exit) => {
                let exit = self.leave(exit, span);
                self.emit(span, StmtKind::Exit(exit));
            }
        }
    }

    /// The variable that takes the value of an exit.
    fn handed(&self, exit: &Exit) -> Option<VarId> {
        if let Some((var, _)) = &exit.value {
            return Some(*var);
        }
        let target = exit.leaves.last()?;
        if *target == self.func.scope {
            return Some(self.func.result);
        }
        let mut found = None;
        self.func.body.walk(&mut |stmt| {
            if let StmtKind::Scope { scope, result, .. } = &stmt.kind
                && scope == target
            {
                found = *result;
            }
        });
        found
    }

    fn leave(&mut self, exit: &Exit, span: Span) -> Exit {
        let mut exit = exit.clone();
        if let Some(result) = self.result
            && exit.leaves.last() == Some(&self.func.scope)
        {
            let value = exit.value.map_or(Operand::Unit, |it| it.1);
            exit.value = Some((result, self.paired(&value)));
            return exit;
        }
        match &mut exit.value {
            Some((var, value)) => {
                if let Some(dot) = self.twin_of(*var) {
                    *value = self.hand_out(dot, value, span);
                }
            }
            // `return;`
            None => {
                if exit.kind == ExitKind::Break
                    && exit.leaves.last() == Some(&self.func.scope)
                    && let Some(dot) = self.twin_of(self.func.result)
                {
                    self.assign(dot, Op::Use(Operand::Unit), span);
                }
            }
        }
        exit
    }

    /// The twins of what a pattern bound.
    fn bindings(&mut self, bindings: &[Binding], active: bool, span: Span) {
        for binding in bindings {
            let Some(dot) = self.twin_of(binding.var) else {
                continue;
            };
            if matches!(self.vars[index(dot)].kind, VarKind::Alias { .. }) {
                if !self.is_walked(binding.var) {
                    self.emit(span, StmtKind::Alias { var: dot });
                }
                continue;
            }
            // A part that may be missing comes from a slice, not from what is matched.
            let part = binding.source.as_ref().and_then(|it| self.twin(it));
            if !active && part.is_none() {
                let op = self.zero_like(binding.var);
                self.emit(
                    span,
                    StmtKind::Let {
                        var: dot,
                        ty: None,
                        op,
                    },
                );
                continue;
            }
            let Some(place) = part else {
                self.refuse(
                    span,
                    "what this pattern takes apart has no tangent that is known",
                );
                continue;
            };
            let info = &self.func.vars[index(binding.var)];
            let number = binding.source.as_ref().is_some_and(|it| {
                matches!(it.proj.last(), Some(Proj::Index(_)))
                    && crate::analysis::needs::place_fact(self.func, it) == Fact::Scalar
            });
            let op = if (info.borrows && !number) || info.reference {
                Op::Use(Operand::Ref {
                    place,
                    mutable: false,
                })
            } else {
                self.copied(place)
            };
            self.emit(
                span,
                StmtKind::Let {
                    var: dot,
                    ty: None,
                    op,
                },
            );
        }
    }

    /// A reference to what is at a place, and not to a reference.
    fn referred(&self, mut place: Place) -> Operand {
        if place.proj.is_empty() {
            let info = &self.vars[index(place.root)];
            let references = match &info.kind {
                VarKind::Param { by } => usize::from(*by != By::Value),
                VarKind::Alias { depth, .. } => usize::from(*depth),
                VarKind::Local | VarKind::Index | VarKind::Counter => usize::from(info.reference),
            };
            place.proj = vec![Proj::Deref; references];
        }
        Operand::Ref {
            place,
            mutable: false,
        }
    }

    /// A copy of what is at a place.
    fn copied(&self, place: Place) -> Op {
        self.runtime("copied", None, vec![self.referred(place)])
    }

    fn define(&mut self, stmt: &Stmt, var: VarId, ty: Option<&syn::Type>, op: &Op) {
        let span = stmt.span;
        let Some(dot) = self.twin_of(var) else {
            if matches!(op, Op::Code(code) if is_empty_variant(&code.expr)) {
                self.empty.insert(var);
            }
            self.emit(span, stmt.kind.clone());
            return;
        };
        let op = &self.evaluated_once(op, span);
        let stmt = &Stmt {
            kind: StmtKind::Let {
                var,
                ty: ty.cloned(),
                op: op.clone(),
            },
            ..stmt.clone()
        };
        match op {
            Op::Call(call) if call.args.iter().any(|it| self.is_active(it)) => {
                let (value, tangent) = self.called(call, span);
                for (var, op) in [(var, value), (dot, tangent)] {
                    self.emit(span, StmtKind::Let { var, ty: None, op });
                }
            }
            Op::Build(build) => self.built(stmt, dot, build),
            Op::Aggregate(kind, items) if Self::by_parts(kind) && self.any_active(op) => {
                self.emit(span, stmt.kind.clone());
                self.made_by_parts(dot, var, kind, items, span);
            }
            _ if self.any_active(op) || matches!(op, Op::SumStart) => {
                let fact = self.vars[index(var)].fact;
                let op = self.tangent(op, fact, span);
                let ty = self.own_tangent(ty);
                self.emit(span, StmtKind::Let { var: dot, ty, op });
                self.emit(span, stmt.kind.clone());
            }
            _ => {
                self.emit(span, stmt.kind.clone());
                let op = self.zero_like(var);
                let ty = self.own_tangent(ty);
                self.emit(span, StmtKind::Let { var: dot, ty, op });
            }
        }
    }

    fn any_active(&self, op: &Op) -> bool {
        op.operands().iter().any(|it| self.is_active(it))
    }

    fn assigned(&mut self, stmt: &Stmt, place: &Place, op: &Op) {
        let span = stmt.span;
        let Some(dot) = self.twin(place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        let op = &self.evaluated_once(op, span);
        let stmt = &Stmt {
            kind: StmtKind::Assign {
                place: place.clone(),
                op: op.clone(),
            },
            ..stmt.clone()
        };
        match op {
            Op::SumStep(term) => {
                if self.is_active(term) {
                    let term = self.owned_tangent(term, span);
                    self.assign(dot, Op::SumStep(term), span);
                }
                self.emit(span, stmt.kind.clone());
            }
            Op::Method { name, args, .. } if names::updates(&name.to_string()) => {
                // The method runs on a lifted copy of the place.
                let lifted = self.lift(place, span);
                self.vars[index(lifted)].mutable = true;
                let args = args.iter().map(|it| self.lifted(it, span)).collect();
                let update = Op::Method {
                    recv: Operand::from(lifted),
                    name: name.clone(),
                    turbofish: None,
                    args,
                };
                self.assign(lifted, update, span);
                let tangent = self.tangent_of_lifted(lifted);
                let tangent = self.name("dot", tangent, true, Fact::Unknown, span);
                self.emit(span, stmt.kind.clone());
                self.assign(dot, Op::Use(Operand::from(tangent)), span);
            }
            Op::Call(call) if call.args.iter().any(|it| self.is_active(it)) => {
                let (value, tangent) = self.called(call, span);
                self.assign(place.clone(), value, span);
                self.assign(dot, tangent, span);
            }
            _ => {
                // The value and its tangent are made before either is assigned: an operand may be the place itself.
                let fact = crate::analysis::needs::place_fact(self.func, place);
                let ident = self.fresh("next");
                let next = Var {
                    ident,
                    kind: VarKind::Local,
                    mutable: false,
                    active: true,
                    fact,
                    borrows: false,
                    reference: false,
                    boxed: false,
                    lifted: false,
                };
                let (value, tangent) = (self.declare(next.clone()), self.fresh("dot_next"));
                let tangent = self.declare(Var {
                    ident: tangent,
                    ..next
                });
                self.twins.resize(self.vars.len(), None);
                self.twins[index(value)] = Some(tangent);
                let definition = Stmt {
                    id: 0,
                    span,
                    kind: StmtKind::Let {
                        var: value,
                        ty: None,
                        op: op.clone(),
                    },
                };
                self.define(&definition, value, None, op);
                self.assign(place.clone(), Op::Use(Operand::from(value)), span);
                self.assign(dot, Op::Use(Operand::from(tangent)), span);
            }
        }
    }

    fn updated(&mut self, stmt: &Stmt, op: BinOp, place: &Place, value: &Operand) {
        let span = stmt.span;
        let Some(dot) = self.twin(place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        let plain = match op {
            BinOp::AddAssign(_) | BinOp::SubAssign(_) => {
                if self.is_active(value) {
                    let value = self.owned_tangent(value, span);
                    self.emit(
                        span,
                        StmtKind::Update {
                            op,
                            place: dot,
                            value,
                        },
                    );
                }
                self.emit(span, stmt.kind.clone());
                return;
            }
            BinOp::MulAssign(_) => BinOp::Mul(parse_quote!(*)),
            BinOp::DivAssign(_) => BinOp::Div(parse_quote!(/)),
            _ => BinOp::Rem(parse_quote!(%)),
        };
        let fact = crate::analysis::needs::place_fact(self.func, place);
        let operation = Op::Binary(plain, Operand::Place(place.clone()), value.clone());
        let tangent = self.tangent(&operation, fact, span);
        let tangent = self.name("dot", tangent, true, fact, span);
        self.emit(span, stmt.kind.clone());
        self.assign(dot, Op::Use(Operand::from(tangent)), span);
    }

    fn mutate(&mut self, stmt: &Stmt, it: &Mutate) {
        let span = stmt.span;
        let Some(place) = self.twin(&it.place) else {
            self.emit(span, stmt.kind.clone());
            return;
        };
        if it.kind == Mutation::Sort {
            self.sorted(it, &place, span);
            return;
        }
        let args = it
            .args
            .iter()
            .map(|arg| match it.kind {
                Mutation::Permute(_) | Mutation::Truncate => arg.clone(),
                Mutation::Exchange => self.tangent_operand(arg, span),
                _ => self.owned_tangent(arg, span),
            })
            .collect();
        let result = it.result.and_then(|it| self.twin_of(it));
        let twin = Mutate {
            place,
            args,
            result,
            ..it.clone()
        };
        self.emit(span, StmtKind::Mutate(twin));
        self.emit(span, stmt.kind.clone());
    }

    /// The twin is brought into the order of the values.
    fn sorted(&mut self, it: &Mutate, dot: &Place, span: Span) {
        let Some(compare) = it.args.first() else {
            return;
        };
        if self.order > 1 {
            self.refuse(
                it.name.span(),
                format!(
                    "`.{}()` has no second derivative; sort the positions with `#[no_diff]` data, or write a loop",
                    it.name
                ),
            );
        }
        let (place, dot) = (self.tokens(&it.place, true), self.tokens(dot, true));
        let method = format_ident!("ad_{}", it.name, span = it.name.span());
        let (order, compare) = (self.fresh("order"), self.operand_tokens(compare));
        let tokens = quote!(let #order = #place.#method(#compare); #dot.ad_sorted(&#order););
        self.emit(
            span,
            StmtKind::Opaque {
                tokens,
                mutates: Vec::new(),
            },
        );
    }

    // === operations ===

    /// The tangent of an operation with an active operand.
    fn tangent(&mut self, op: &Op, fact: Fact, span: Span) -> Op {
        match op {
            Op::Use(operand) => Op::Use(self.owned_tangent(operand, span)),
            Op::Neg(operand) => Op::Neg(self.owned_tangent(operand, span)),
            // What is cast may be an integer, whose tangent is `()`.
            Op::Cast(operand, ty) => {
                let generics = quote!(::<#ty, _>);
                let args = vec![self.tangent_operand(operand, span)];
                self.runtime("cast_tangent", Some(generics), args)
            }
            Op::SumStart => Op::SumStart,
            Op::Binary(op, left, right) => self.binary(op, left, right, span),
            Op::Method {
                recv,
                name,
                turbofish,
                args,
            } => {
                let text = name.to_string();
                // The tangent of a rotation has no matrix.
                let view = names::method(&text).is_some_and(|it| it.view)
                    && !matches!(text.as_str(), "matrix" | "quaternion");
                if self.is_active(recv) && (view || structural(&text)) {
                    return Op::Method {
                        recv: if view || copies(&text) {
                            self.tangent_operand(recv, span)
                        } else {
                            self.owned_tangent(recv, span)
                        },
                        name: name.clone(),
                        turbofish: turbofish.clone(),
                        args: args.clone(),
                    };
                }
                if let Some(op) = self.of_matrix(recv, name, args, span) {
                    return op;
                }
                let recv = self.lifted(recv, span);
                // A literal bound is told from any other where the number is at the bound.
                let bound = self.order == 1 && matches!(text.as_str(), "max" | "min" | "clamp");
                let args = (args.iter())
                    .map(|it| match it {
                        Operand::Lit(_) if bound => it.clone(),
                        it => self.lifted(it, span),
                    })
                    .collect();
                let mut turbofish = turbofish.clone();
                if let Some(it) = &mut turbofish {
                    self.over_duals()
                        .visit_angle_bracketed_generic_arguments_mut(it);
                }
                let method = Op::Method {
                    recv,
                    name: Ident::new(&names::lifted(&text), name.span()),
                    turbofish,
                    args,
                };
                let lifted = self.name("lifted", method, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            Op::Construct { path, name, args } => {
                let args = args.iter().map(|it| self.lifted(it, span)).collect();
                let mut path = path.clone();
                self.over_duals().visit_path_mut(&mut path);
                lifted_turn(&mut path);
                let construct = Op::Construct {
                    path,
                    name: name.clone(),
                    args,
                };
                let lifted = self.name("lifted", construct, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            Op::Aggregate(kind @ Aggregate::Stack(..), items) => {
                let items = items.iter().map(|it| self.lifted(it, span)).collect();
                let stack = Op::Aggregate(kind.clone(), items);
                let lifted = self.name("lifted", stack, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
            // Tangents need not be `Copy` where the values are.
            Op::Aggregate(Aggregate::Repeat(count), items) => {
                let count = &count.expr;
                // In parentheses: in braces alone, `if a { 1 } else { 2 } + 1` is two statements.
                let generics = quote!(::<_, { (#count) }>);
                let args = (items.iter())
                    .map(|it| self.owned_tangent(it, span))
                    .collect();
                self.runtime("repeated", Some(generics), args)
            }
            Op::Aggregate(kind, items) => {
                let items = items
                    .iter()
                    .map(|it| self.owned_tangent(it, span))
                    .collect();
                let kind = match kind {
                    // The tangent of a `Result` is an `Option`.
                    Aggregate::Payload(_) => {
                        Aggregate::Payload(parse_quote!(::core::option::Option::Some))
                    }
                    other => other.clone(),
                };
                Op::Aggregate(kind, items)
            }
            Op::Foreign { path, args, .. } if self.is_runtime(path) => {
                self.tangent_of_runtime(path, args, span)
            }
            Op::Foreign { path, .. } => {
                let path = path.to_token_stream().to_string().replace(' ', "");
                self.refuse(
                    span,
                    format!("`{path}` has a pullback, but no tangent is known of it"),
                );
                Op::Use(Operand::Never)
            }
            Op::Code(_) | Op::Call(_) | Op::Build(_) | Op::SumStep(_) => {
                let _ = fact;
                unreachable!("these have a tangent of their own")
            }
        }
    }

    /// Is this a function that a tangent program calls?
    fn is_runtime(&self, path: &Path) -> bool {
        let text = |tokens: TokenStream| tokens.to_string();
        let mut owner = path.clone();
        let last = owner.segments.pop().is_some();
        owner.segments.pop_punct();
        last && text(owner.to_token_stream()) == text(self.rt.clone())
    }

    /// What a tangent program calls of the runtime is linear in the tangents, where the space is flat. The value in the
    /// first place of [`lift`](self) and [`gathered`](self) stands for its shape.
    fn tangent_of_runtime(&mut self, path: &Path, args: &[Operand], span: Span) -> Op {
        let last = path.segments.last().map(|it| it.ident.to_string());
        let flat = match last.as_deref() {
            Some("lift") => Some("flat"),
            Some("tangent" | "split") => Some("flat_lifted"),
            _ => None,
        };
        if let (Some(flat), Some(value)) = (flat, args.first()) {
            let (rt, value) = (&self.rt, self.operand_tokens(value));
            let flat = Ident::new(flat, span);
            let tokens = quote!(#rt::#flat(&#value););
            let mutates = Vec::new();
            self.emit(span, StmtKind::Opaque { tokens, mutates });
        }
        let args = args
            .iter()
            .map(|it| self.tangent_operand(it, span))
            .collect();
        let rule = match path.segments.last() {
            Some(last) => format_ident!("{}_pullback", last.ident),
            None => return Op::Use(Operand::Never),
        };
        let rt = &self.rt;
        Op::Foreign {
            path: path.clone(),
            rule: parse_quote!(#rt::#rule),
            args,
        }
    }

    fn binary(&mut self, op: &BinOp, left: &Operand, right: &Operand, span: Span) -> Op {
        let numbers = [left, right].iter().all(|it| self.is_number(it));
        if let Some(tangent) = self.of_matrices(op, left, right, span) {
            return tangent;
        }
        let (a, b) = (self.is_active(left), self.is_active(right));
        let mul = BinOp::Mul(parse_quote!(*));
        match op {
            BinOp::Add(_) | BinOp::Sub(_) if numbers => match (a, b) {
                (true, true) => {
                    let (a, b) = (
                        self.tangent_operand(left, span),
                        self.tangent_operand(right, span),
                    );
                    Op::Binary(*op, a, b)
                }
                (true, false) => {
                    let a = self.tangent_operand(left, span);
                    self.number_of(a)
                }
                (false, _) => {
                    let b = self.tangent_operand(right, span);
                    if matches!(op, BinOp::Sub(_)) {
                        Op::Neg(b)
                    } else {
                        self.number_of(b)
                    }
                }
            },
            BinOp::Mul(_) if numbers => {
                let mut terms = Vec::new();
                if a {
                    let dot = self.tangent_operand(left, span);
                    terms.push(Op::Binary(mul, dot, right.clone()));
                }
                if b {
                    let dot = self.tangent_operand(right, span);
                    terms.push(Op::Binary(mul, left.clone(), dot));
                }
                self.sum(terms, span)
            }
            // (ȧ - (a / b) ḃ) / b
            BinOp::Div(_) if numbers => {
                let dot = a.then(|| self.tangent_operand(left, span));
                let numerator = if b {
                    let quotient = Op::Binary(*op, left.clone(), right.clone());
                    let quotient = self.name("quotient", quotient, true, Fact::Scalar, span);
                    let dot_b = self.tangent_operand(right, span);
                    let part = Op::Binary(mul, Operand::from(quotient), dot_b);
                    let part = self.name("part", part, true, Fact::Scalar, span);
                    match dot {
                        Some(dot) => {
                            let minus = BinOp::Sub(parse_quote!(-));
                            Op::Binary(minus, dot, Operand::from(part))
                        }
                        None => Op::Neg(Operand::from(part)),
                    }
                } else {
                    Op::Use(dot.unwrap_or(Operand::Never))
                };
                let numerator = self.name("numerator", numerator, true, Fact::Scalar, span);
                Op::Binary(*op, Operand::from(numerator), right.clone())
            }
            _ => {
                let (left, right) = (self.lifted(left, span), self.lifted(right, span));
                for operand in [&left, &right] {
                    if let Some(place) = operand.place() {
                        self.vars[index(place.root)].lifted = true;
                    }
                }
                let lifted = Op::Binary(*op, left, right);
                let lifted = self.name("lifted", lifted, true, Fact::Unknown, span);
                self.tangent_of_lifted(lifted)
            }
        }
    }

    /// A number that may be behind a reference: the sum of `&a` and a constant is none.
    fn number_of(&mut self, tangent: Operand) -> Op {
        match tangent {
            Operand::Ref { place, .. } => self.copied(place),
            other => Op::Use(other),
        }
    }

    /// The tangent of an operation on matrices of numbers: sums, and products, which are linear in each factor.
    fn of_matrices(
        &mut self,
        op: &BinOp,
        left: &Operand,
        right: &Operand,
        span: Span,
    ) -> Option<Op> {
        let matrix = |it: &Operand| self.matrices.is_matrix(self.func, it);
        let (both, one) = (matrix(left) && matrix(right), matrix(left) || matrix(right));
        let scaled = one && (self.is_number(left) || self.is_number(right));
        let divided = matrix(left) && self.is_number(right);
        let (a, b) = (self.is_active(left), self.is_active(right));
        match op {
            BinOp::Add(_) | BinOp::Sub(_) if both => Some(match (a, b) {
                (true, true) => {
                    let a = self.lent_tangent(left, span);
                    Op::Binary(*op, a, self.lent_tangent(right, span))
                }
                (true, false) => Op::Use(self.owned_tangent(left, span)),
                (false, _) => {
                    let b = self.owned_tangent(right, span);
                    if matches!(op, BinOp::Sub(_)) {
                        Op::Neg(b)
                    } else {
                        Op::Use(b)
                    }
                }
            }),
            BinOp::Mul(_) if both || scaled => {
                let mut terms = Vec::new();
                if a {
                    let dot = self.lent_tangent(left, span);
                    terms.push(Op::Binary(*op, dot, self.lent(right)));
                }
                if b {
                    let dot = self.lent_tangent(right, span);
                    terms.push(Op::Binary(*op, self.lent(left), dot));
                }
                Some(self.sum_of(terms, Fact::Scalars, span))
            }
            BinOp::Div(_) if divided && !b => {
                let dot = self.lent_tangent(left, span);
                Some(Op::Binary(*op, dot, right.clone()))
            }
            _ => None,
        }
    }

    /// The tangent of a method of a matrix of numbers that is linear in it, or in it and its argument.
    fn of_matrix(
        &mut self,
        recv: &Operand,
        name: &Ident,
        args: &[Operand],
        span: Span,
    ) -> Option<Op> {
        let matrix = |it: &Operand| self.matrices.is_matrix(self.func, it);
        if !matrix(recv) || !args.iter().all(matrix) {
            return None;
        }
        let method = |recv: Operand, name: &Ident, args: Vec<Operand>| Op::Method {
            recv,
            name: name.clone(),
            turbofish: None,
            args,
        };
        let text = name.to_string();
        match args {
            [] if matrices::linear(&text) => {
                let dot = self.tangent_operand(recv, span);
                Some(method(dot, name, Vec::new()))
            }
            [] if text == "norm_squared" => {
                let dot = self.lent_tangent(recv, span);
                let name = Ident::new("dot", name.span());
                let product = method(recv.clone(), &name, vec![dot]);
                let product = self.name("product", product, true, Fact::Scalar, span);
                let (mul, two) = (parse_quote!(*), Operand::Lit(parse_quote!(2.0)));
                Some(Op::Binary(BinOp::Mul(mul), two, Operand::from(product)))
            }
            [other] if matrices::bilinear(&text) => {
                let mut terms = Vec::new();
                if self.is_active(recv) {
                    let dot = self.tangent_operand(recv, span);
                    terms.push(method(dot, name, vec![self.lent(other)]));
                }
                if self.is_active(other) {
                    let dot = self.lent_tangent(other, span);
                    terms.push(method(recv.clone(), name, vec![dot]));
                }
                let fact = if text == "dot" {
                    Fact::Scalar
                } else {
                    Fact::Scalars
                };
                Some(self.sum_of(terms, fact, span))
            }
            _ => None,
        }
    }

    /// A matrix by reference, since it may be used again; a number as it is.
    fn lent(&self, operand: &Operand) -> Operand {
        match operand {
            Operand::Place(place) if !self.is_number(operand) => self.referred(place.clone()),
            other => other.clone(),
        }
    }

    fn lent_tangent(&mut self, operand: &Operand, span: Span) -> Operand {
        let number = self.is_number(operand);
        match self.tangent_operand(operand, span) {
            Operand::Place(place) if !number => self.referred(place),
            other => other,
        }
    }

    fn sum(&mut self, terms: Vec<Op>, span: Span) -> Op {
        self.sum_of(terms, Fact::Scalar, span)
    }

    fn sum_of(&mut self, terms: Vec<Op>, fact: Fact, span: Span) -> Op {
        let plus = BinOp::Add(parse_quote!(+));
        let mut terms = terms.into_iter();
        let Some(first) = terms.next() else {
            return Op::Use(Operand::Never);
        };
        terms.fold(first, |sum, term| {
            let sum = self.name("term", sum, true, fact, span);
            let term = self.name("term", term, true, fact, span);
            Op::Binary(plus, Operand::from(sum), Operand::from(term))
        })
    }

    fn is_number(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Lit(expr) => is_float_literal(expr),
            Operand::Place(place) if index(place.root) >= self.func.vars.len() => {
                self.vars[index(place.root)].fact == Fact::Scalar
            }
            other => crate::analysis::needs::operand_fact(self.func, other) == Fact::Scalar,
        }
    }

    /// A call of the tangent program of a callee: its value and its tangent, as parts of one pair.
    fn called(&mut self, call: &Call, span: Span) -> (Op, Op) {
        let mut args = call.args.clone();
        for (at, arg) in call.args.iter().enumerate() {
            let dot = if self.is_active(arg) {
                if self.is_reference(arg) || matches!(call.callee, Callee::Method(..)) && at == 0 {
                    self.tangent_operand(arg, span)
                } else {
                    self.owned_tangent(arg, span)
                }
            } else {
                Operand::Never
            };
            args.push(dot);
        }
        let tangent = Call {
            callee: Callee::Tangent(Box::new(call.callee.clone())),
            args,
        };
        let pair = self.name("pair", Op::Call(tangent), true, Fact::Unknown, span);
        let part = |at: u32| {
            let member = syn::Member::Unnamed(syn::Index {
                index: at,
                span: Span::call_site(),
            });
            Op::Use(Operand::Place(Place::from(pair).then(Proj::Field(member))))
        };
        (part(0), part(1))
    }

    /// A container made element by element: the tangents of the elements are collected beside it.
    fn built(&mut self, stmt: &Stmt, dot: VarId, build: &Build) {
        let span = stmt.span;
        let StmtKind::Let { var, ty, .. } = &stmt.kind else {
            return;
        };
        let list = Self::code(parse_quote!(::std::vec::Vec::new()));
        let dots = self.name("dots", Op::Code(list), true, Fact::Unknown, span);
        self.vars[index(dots)].mutable = true;
        let outer = core::mem::take(&mut self.stmts);
        let (recv, other) = match &build.kind {
            BuildKind::Map { recv } => (Some(recv.clone()), None),
            BuildKind::ZipMap { recv, other } => (Some(recv.clone()), other.place().cloned()),
            BuildKind::FromFn { .. }
            | BuildKind::Collect { .. }
            | BuildKind::FromIterator { .. } => (None, None),
        };
        // The parameters of the closure are elements; their position is the number of those made so far.
        for (param, place) in build.params.iter().zip([recv, other]) {
            let (Some(twin), Some(place)) = (self.twin_of(*param), place) else {
                continue;
            };
            // A variable of its own, which is a copy.
            self.vars[index(twin)].kind = VarKind::Local;
            let ident = self.ident(dots).clone();
            let mut position = Self::code(parse_quote!(#ident.len()));
            position.reads = vec![dots];
            let at = self.name("at", Op::Code(position), false, Fact::Unknown, span);
            let op = match self.twin(&place) {
                Some(place) => self.copied(place.then(Proj::Elem(at))),
                None => self.zero_like(*param),
            };
            self.emit(
                span,
                StmtKind::Let {
                    var: twin,
                    ty: None,
                    op,
                },
            );
        }
        let mut body = core::mem::replace(&mut self.stmts, outer);
        let outer = core::mem::take(&mut self.stmts);
        for stmt in &build.body.stmts {
            self.stmt(stmt);
        }
        if let Some(result) = &build.body.result {
            let element = self.owned_tangent(result, span);
            self.emit(
                span,
                StmtKind::Mutate(Mutate {
                    kind: Mutation::Push,
                    place: dots.into(),
                    name: Ident::new("push", Span::call_site()),
                    args: vec![element],
                    result: None,
                }),
            );
        }
        body.append(&mut core::mem::replace(&mut self.stmts, outer));
        let build = Build {
            body: Block {
                id: 0,
                stmts: body,
                result: build.body.result.clone(),
            },
            ..build.clone()
        };
        self.emit(
            span,
            StmtKind::Let {
                var: *var,
                ty: ty.clone(),
                op: Op::Build(Box::new(build)),
            },
        );
        let args = vec![
            Operand::Ref {
                place: (*var).into(),
                mutable: false,
            },
            Operand::from(dots),
        ];
        let op = self.runtime("gathered", None, args);
        self.emit(
            span,
            StmtKind::Let {
                var: dot,
                ty: None,
                op,
            },
        );
    }

    /// Is the tangent of such a value made from its zero, part by part?
    fn by_parts(kind: &Aggregate) -> bool {
        matches!(kind, Aggregate::Struct { .. } | Aggregate::TupleStruct(_))
    }

    fn made_by_parts(
        &mut self,
        dot: VarId,
        var: VarId,
        kind: &Aggregate,
        items: &[Operand],
        span: Span,
    ) {
        let zero = self.zero_like(var);
        let mutable = self.vars[index(dot)].mutable;
        self.vars[index(dot)].mutable = true;
        let base = match kind {
            Aggregate::Struct { base: true, .. } => items.last(),
            _ => None,
        };
        let start = match base
            .filter(|it| self.is_active(it))
            .and_then(Operand::place)
        {
            Some(place) => self.copied(self.twin(place).unwrap_or_else(|| place.clone())),
            None => zero,
        };
        self.emit(
            span,
            StmtKind::Let {
                var: dot,
                ty: None,
                op: start,
            },
        );
        let parts: Vec<Proj> = match kind {
            Aggregate::Struct {
                path,
                members,
                variant: true,
                ..
            } => members
                .iter()
                .map(|it| Proj::Accessor(crate::lower::accessor(path, it)))
                .collect(),
            Aggregate::Struct { members, .. } => members.iter().cloned().map(Proj::Field).collect(),
            Aggregate::TupleStruct(path) => (0..items.len())
                .map(|at| {
                    let member = syn::Member::Unnamed(syn::Index::from(at));
                    Proj::Accessor(crate::lower::accessor(path, &member))
                })
                .collect(),
            _ => Vec::new(),
        };
        for (item, part) in items.iter().zip(parts) {
            if self.is_active(item) || base.is_some() {
                let tangent = self.tangent_operand(item, span);
                let tangent = match tangent {
                    // What the twin of a reference refers to is copied in.
                    Operand::Place(place) | Operand::Ref { place, .. } => self.copied(place),
                    other => Op::Use(other),
                };
                self.assign(Place::from(dot).then(part), tangent, span);
            }
        }
        let _ = mutable;
    }

    // === operands ===

    /// The tangent of an operand, to be kept.
    fn owned_tangent(&mut self, operand: &Operand, span: Span) -> Operand {
        let tangent = self.tangent_operand(operand, span);
        let (Operand::Place(of), Operand::Place(place)) = (operand, &tangent) else {
            return tangent;
        };
        let info = &self.vars[index(of.root)];
        let whole = of.proj.is_empty();
        if self.is_number(operand)
            || whole && (self.movable.contains(&of.root) || info.reference || info.borrows)
        {
            return tangent;
        }
        let copy = self.name("copy", self.copied(place.clone()), true, info.fact, span);
        Operand::from(copy)
    }

    /// The tangent of an operand: its twin, or a zero of its shape.
    fn tangent_operand(&mut self, operand: &Operand, span: Span) -> Operand {
        match operand {
            Operand::Place(place) => match self.twin(place) {
                Some(twin) if self.is_reference(operand) && self.is_walked(place.root) => {
                    Operand::Ref {
                        place: twin,
                        mutable: false,
                    }
                }
                Some(twin) => Operand::Place(twin),
                None => self.zero_operand(operand, span),
            },
            Operand::Ref { place, mutable } => match self.twin(place) {
                Some(place) => Operand::Ref {
                    place,
                    mutable: *mutable,
                },
                None => self.zero_operand(operand, span),
            },
            Operand::Lit(expr) if is_float_literal(expr) => Operand::Lit(parse_quote!(0.0)),
            Operand::Lit(_) | Operand::Code(_) => self.zero_operand(operand, span),
            Operand::Unit => Operand::Unit,
            Operand::Never => Operand::Never,
        }
    }

    fn zero_operand(&mut self, operand: &Operand, span: Span) -> Operand {
        if self.is_number(operand) {
            return Operand::Lit(parse_quote!(0.0));
        }
        let empty = match operand {
            Operand::Lit(expr) | Operand::Code(Code { expr, .. }) => is_empty_variant(expr),
            Operand::Place(place) => self.empty.contains(&place.root),
            _ => false,
        };
        if empty {
            return Operand::Code(Self::code(parse_quote!(::core::option::Option::None)));
        }
        let rt = &self.rt;
        let value = self.operand_tokens(operand);
        let mut zero = Self::code(parse_quote!(#rt::zero_like(&#value)));
        zero.reads = reads(operand);
        Operand::from(self.name("zero", Op::Code(zero), true, Fact::Unknown, span))
    }

    /// The zero tangent of a variable that has its value.
    fn zero_like(&mut self, var: VarId) -> Op {
        if self.vars[index(var)].fact == Fact::Scalar {
            return Op::Use(Operand::Lit(parse_quote!(0.0)));
        }
        let (rt, ident) = (&self.rt, self.ident(var));
        let mut zero = Self::code(parse_quote!(#rt::zero_like(&#ident)));
        zero.reads = vec![var];
        Op::Code(zero)
    }

    fn code(expr: Expr) -> Code {
        Code {
            expr,
            reads: Vec::new(),
            again: false,
        }
    }

    /// What a function of the runtime makes; its pullback stands beside it.
    fn runtime(&self, name: &str, generics: Option<TokenStream>, args: Vec<Operand>) -> Op {
        let rt = &self.rt;
        let pullback = format_ident!("{name}_pullback");
        let name = Ident::new(name, Span::call_site());
        Op::Foreign {
            path: parse_quote!(#rt::#name #generics),
            rule: parse_quote!(#rt::#pullback),
            args,
        }
    }

    fn operand_tokens(&self, operand: &Operand) -> TokenStream {
        match operand {
            Operand::Place(place) => self.tokens(place, false),
            Operand::Ref { place, .. } => {
                let place = self.tokens(place, false);
                quote!((&#place))
            }
            Operand::Lit(expr) | Operand::Code(Code { expr, .. }) => quote!((#expr)),
            Operand::Never | Operand::Unit => quote!(()),
        }
    }

    fn tokens(&self, place: &Place, writes: bool) -> TokenStream {
        let root = self.ident(place.root).to_token_stream();
        let code = |code: &Code| code.expr.to_token_stream();
        let position = |var: VarId| self.ident(var).to_token_stream();
        place.proj.iter().fold(root, |base, proj| {
            project(&self.rt, &base, proj, writes, &code, &position)
        })
    }

    /// The type of the tangent of a value of a type that is its own tangent.
    fn own_tangent(&self, ty: Option<&syn::Type>) -> Option<syn::Type> {
        let own = |ty: &&syn::Type| {
            crate::lower::fact(ty) != Fact::Unknown
                || matches!(ty, syn::Type::Path(it)
                    if it.path.get_ident().is_some_and(|it| self.numbers.contains(it)))
        };
        ty.filter(own).cloned()
    }

    // === dual numbers ===

    /// A place and its tangent, over dual numbers.
    fn lift(&mut self, place: &Place, span: Span) -> VarId {
        let twin = self.twin(place).unwrap_or_else(|| place.clone());
        let args = [place.clone(), twin]
            .map(|place| self.referred(place))
            .to_vec();
        let op = self.runtime("lift", None, args);
        self.name("lifted", op, true, Fact::Unknown, span)
    }

    /// An operand over dual numbers, by reference where it is one.
    fn lifted(&mut self, operand: &Operand, span: Span) -> Operand {
        if let Some(place) = operand.place()
            && self.is_active(operand)
        {
            let lifted = self.lift(place, span);
            return self.given_as(operand, lifted);
        }
        match operand {
            Operand::Lit(expr) if is_float_literal(expr) => {
                let rt = &self.rt;
                let literal = Self::code(parse_quote!(#rt::literal(#expr)));
                let op = Op::Code(literal);
                Operand::from(self.name("literal", op, false, Fact::Unknown, span))
            }
            Operand::Lit(expr) if !has_float(expr) => operand.clone(),
            Operand::Never | Operand::Unit => operand.clone(),
            _ => {
                let (rt, value) = (&self.rt, self.operand_tokens(operand));
                let mut constant = Self::code(parse_quote!(#rt::constant(&#value)));
                constant.reads = reads(operand);
                let lifted = self.name("constant", Op::Code(constant), true, Fact::Unknown, span);
                self.given_as(operand, lifted)
            }
        }
    }

    fn given_as(&self, operand: &Operand, lifted: VarId) -> Operand {
        if self.is_reference(operand) {
            Operand::Ref {
                place: lifted.into(),
                mutable: false,
            }
        } else {
            Operand::from(lifted)
        }
    }

    fn is_reference(&self, operand: &Operand) -> bool {
        let of_var = |var: VarId| {
            let info = &self.vars[index(var)];
            match &info.kind {
                VarKind::Param { by } => *by != By::Value,
                VarKind::Alias { depth, .. } => *depth > 0,
                _ => info.reference || (info.borrows && info.active),
            }
        };
        match operand {
            Operand::Ref { .. } => true,
            Operand::Place(place) => place.proj.is_empty() && of_var(place.root),
            Operand::Code(code) => match &code.expr {
                Expr::Reference(_) => true,
                Expr::Path(path) => code
                    .reads
                    .first()
                    .is_some_and(|it| path.path.is_ident(self.ident(*it)) && of_var(*it)),
                _ => false,
            },
            Operand::Lit(expr) => matches!(expr, Expr::Reference(_)),
            Operand::Never | Operand::Unit => false,
        }
    }

    fn tangent_of_lifted(&self, lifted: VarId) -> Op {
        let args = vec![Operand::Ref {
            place: lifted.into(),
            mutable: false,
        }];
        self.runtime("tangent", None, args)
    }

    fn over_duals(&self) -> OverDuals {
        OverDuals {
            rt: self.rt.clone(),
        }
    }
}

/// Variables that are used once, as a whole, in the loop that they are defined in.
fn movable(func: &Func) -> HashSet<VarId> {
    #[derive(Default)]
    struct Uses {
        /// By variable: how often, the innermost loop of the use, that of the definition.
        found: std::collections::HashMap<VarId, (usize, u32)>,
        defined: std::collections::HashMap<VarId, u32>,
    }
    impl Uses {
        fn used(&mut self, vars: &[Var], operand: &Operand, turn: u32) {
            if let Some(place) = operand.place() {
                let root = crate::ir::root(vars, place);
                let whole = matches!(operand, Operand::Place(_))
                    && place.proj.is_empty()
                    && place.root == root;
                let entry = self.found.entry(root).or_insert((0, turn));
                entry.0 += if whole { 1 } else { 2 };
                entry.1 = turn;
            }
        }
        fn block(&mut self, vars: &[Var], block: &Block, turn: u32) {
            for stmt in &block.stmts {
                let mut inner = turn;
                match &stmt.kind {
                    StmtKind::Let { var, op, .. } => {
                        self.defined.insert(*var, turn);
                        for it in op.operands() {
                            self.used(vars, it, turn);
                        }
                        if let Op::Build(build) = op {
                            inner = stmt.id + 1;
                            if let BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } =
                                &build.kind
                            {
                                let part = Operand::Place(recv.clone().then(Proj::Deref));
                                self.used(vars, &part, turn);
                            }
                        }
                    }
                    StmtKind::Declare { var, .. } => {
                        self.defined.insert(*var, turn);
                    }
                    StmtKind::Alias { var } => {
                        if let VarKind::Alias { place, .. } = &vars[index(*var)].kind {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                    }
                    StmtKind::Bind {
                        bindings, value, ..
                    } => {
                        for it in bindings {
                            self.defined.insert(it.var, turn);
                        }
                        if let Some(place) = value.place() {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                    }
                    StmtKind::Assign { place, op } => {
                        self.used(vars, &Operand::Place(place.clone().then(Proj::Deref)), turn);
                        for it in op.operands() {
                            self.used(vars, it, turn);
                        }
                    }
                    StmtKind::Update { place, value, .. } => {
                        self.used(vars, &Operand::Place(place.clone().then(Proj::Deref)), turn);
                        self.used(vars, value, turn);
                    }
                    StmtKind::Mutate(it) => {
                        let part = Operand::Place(it.place.clone().then(Proj::Deref));
                        self.used(vars, &part, turn);
                        for arg in &it.args {
                            self.used(vars, arg, turn);
                        }
                    }
                    StmtKind::Loop(_) => inner = stmt.id + 1,
                    StmtKind::Match {
                        scrutinee, arms, ..
                    } => {
                        if let Some(place) = scrutinee.place() {
                            let part = Operand::Place(place.clone().then(Proj::Deref));
                            self.used(vars, &part, turn);
                        }
                        for it in arms.iter().flat_map(|it| &it.bindings) {
                            self.defined.insert(it.var, turn);
                        }
                    }
                    StmtKind::Try { var, value, .. } => {
                        self.defined.insert(*var, turn);
                        self.used(vars, value, turn);
                    }
                    StmtKind::Exit(exit) => {
                        if let Some((_, value)) = &exit.value {
                            self.used(vars, value, turn);
                        }
                    }
                    StmtKind::If { .. }
                    | StmtKind::Scope { .. }
                    | StmtKind::Views { .. }
                    | StmtKind::Opaque { .. } => {}
                }
                for block in stmt.kind.blocks() {
                    self.block(vars, block, inner);
                }
            }
            if let Some(result) = &block.result {
                self.used(vars, result, turn);
            }
        }
    }
    let mut uses = Uses::default();
    uses.block(&func.vars, &func.body, 0);
    (uses.found.into_iter())
        .filter(|(var, (count, turn))| {
            *count == 1 && uses.defined.get(var).copied().unwrap_or(0) == *turn
        })
        .map(|it| it.0)
        .collect()
}

/// Does `?` leave the function?
fn tries(func: &Func) -> bool {
    let mut found = false;
    func.body.walk(&mut |stmt| {
        if let StmtKind::Try { exit, .. } = &stmt.kind {
            found |= exit.leaves.last() == Some(&func.scope);
        }
    });
    found
}

/// The type parameters that are real numbers.
fn numbers(generics: &syn::Generics) -> Vec<&Ident> {
    let is_real = |it: &syn::TypeParamBound| match it {
        syn::TypeParamBound::Trait(it) => {
            (it.path.segments.last()).is_some_and(|it| it.ident == "Real")
        }
        _ => false,
    };
    let in_clause = |ident: &Ident| {
        let predicates = generics.where_clause.iter().flat_map(|it| &it.predicates);
        predicates.into_iter().any(|it| match it {
            syn::WherePredicate::Type(it) => {
                matches!(&it.bounded_ty, syn::Type::Path(path) if path.path.is_ident(ident))
                    && it.bounds.iter().any(is_real)
            }
            _ => false,
        })
    };
    (generics.type_params())
        .filter(|it| it.bounds.iter().any(is_real) || in_clause(&it.ident))
        .map(|it| &it.ident)
        .collect()
}

/// Does a type name one of these?
fn mentions(ty: &syn::Type, names: &[&Ident]) -> bool {
    fn any(tokens: TokenStream, names: &[&Ident]) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Ident(it) => names.contains(&&it),
            TokenTree::Group(it) => any(it.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    any(ty.to_token_stream(), names)
}

/// A rotation by a vector, and a pose with one, is made by a function that has a derivative at the identity, where
/// nalgebra's branch.
fn lifted_turn(path: &mut Path) {
    let count = path.segments.len();
    let Some(owner) = count
        .checked_sub(2)
        .map(|at| path.segments[at].ident.to_string())
    else {
        return;
    };
    let Some(last) = path.segments.last_mut() else {
        return;
    };
    let made = last.ident.to_string();
    let name = match (owner.as_str(), made.as_str()) {
        ("UnitQuaternion" | "Rotation3", "new" | "from_scaled_axis") => "ad_lifted_turn",
        ("Isometry3" | "IsometryMatrix3", "new") => "ad_lifted_pose",
        ("Similarity3" | "SimilarityMatrix3", "new") => "ad_lifted_scaled_pose",
        _ => return,
    };
    last.ident = Ident::new(name, last.ident.span());
}

/// Methods that make a copy.
fn copies(name: &str) -> bool {
    matches!(
        name,
        "clone" | "to_vec" | "to_owned" | "clone_owned" | "copied" | "cloned"
    )
}

/// Methods that mean on a tangent what they mean on the value.
fn structural(name: &str) -> bool {
    matches!(
        name,
        "clone"
            | "to_vec"
            | "to_owned"
            | "clone_owned"
            | "into_owned"
            | "unwrap"
            | "expect"
            | "copied"
            | "cloned"
            | "unwrap_or_default"
    )
}

/// Number types become those of dual numbers.
struct OverDuals {
    rt: TokenStream,
}

impl VisitMut for OverDuals {
    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if crate::lower::is_scalar(ty) {
            let (rt, inner) = (&self.rt, ty.clone());
            *ty = parse_quote!(#rt::Dual<#inner>);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}

/// Is there a number with a fraction among the literals of an expression?
fn has_float(expr: &Expr) -> bool {
    fn any(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|it| match it {
            TokenTree::Group(group) => any(group.stream()),
            TokenTree::Literal(literal) => {
                matches!(syn::Lit::new(literal), syn::Lit::Float(_))
            }
            // A constant may be a number.
            TokenTree::Ident(_) => true,
            TokenTree::Punct(_) => false,
        })
    }
    any(expr.to_token_stream())
}

fn reads(operand: &Operand) -> Vec<VarId> {
    match operand {
        Operand::Place(place) | Operand::Ref { place, .. } => vec![place.root],
        Operand::Code(code) => code.reads.clone(),
        Operand::Lit(_) | Operand::Never | Operand::Unit => Vec::new(),
    }
}

/// The length of a variable is that of its twin, which is not borrowed where a pattern has taken the variable apart.
struct LengthOfTwin<'a, 'b> {
    forward: &'a Forward<'b>,
}

impl VisitMut for LengthOfTwin<'_, '_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut syn::ExprMethodCall) {
        if call.method == "len" {
            let forward = self.forward;
            Rename { forward }.visit_expr_mut(&mut call.receiver);
        } else {
            visit_mut::visit_expr_method_call_mut(self, call);
        }
    }
    fn visit_expr_call_mut(&mut self, call: &mut syn::ExprCall) {
        let counts = matches!(&*call.func, Expr::Path(it)
            if it.path.segments.last().is_some_and(|it| it.ident == "ad_count"));
        if counts {
            let forward = self.forward;
            for arg in &mut call.args {
                Rename { forward }.visit_expr_mut(arg);
            }
        } else {
            visit_mut::visit_expr_call_mut(self, call);
        }
    }
}

/// Variables become their twins, as far as these are variables.
struct Rename<'a, 'b> {
    forward: &'a Forward<'b>,
}

impl Rename<'_, '_> {
    fn rename(&self, ident: &mut Ident) {
        let of = self.forward.func;
        let found = of.vars.iter().position(|it| it.ident == *ident);
        let named = found
            .filter(|at| u32::try_from(*at).is_ok_and(|at| !self.forward.is_walked(VarId(at))));
        if let Some(twin) = named.and_then(|at| self.forward.twins[at]) {
            *ident = self.forward.ident(twin).clone();
        }
    }
}

impl VisitMut for Rename<'_, '_> {
    fn visit_pat_ident_mut(&mut self, pat: &mut syn::PatIdent) {
        self.rename(&mut pat.ident);
    }
    fn visit_expr_path_mut(&mut self, path: &mut syn::ExprPath) {
        if let Some(segment) = path.path.segments.first_mut()
            && path.path.leading_colon.is_none()
        {
            self.rename(&mut segment.ident);
        }
    }
}

impl Forward<'_> {
    fn renamed(&self, code: &Code) -> Code {
        let mut code = code.clone();
        Rename { forward: self }.visit_expr_mut(&mut code.expr);
        code.reads = code
            .reads
            .iter()
            .map(|it| self.twin_of(*it).unwrap_or(*it))
            .collect();
        code
    }
}

/// Is this `None` or `Err(..)`, which have no payload?
fn is_empty_variant(expr: &Expr) -> bool {
    let path = match crate::lower::unparen(expr) {
        Expr::Path(it) => &it.path,
        Expr::Call(it) => match crate::lower::unparen(&it.func) {
            Expr::Path(it) => &it.path,
            _ => return false,
        },
        _ => return false,
    };
    path.segments
        .last()
        .is_some_and(|it| it.ident == "None" || it.ident == "Err")
}

fn index(var: VarId) -> usize {
    var.0 as usize
}
