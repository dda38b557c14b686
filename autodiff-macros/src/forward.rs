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

mod containers;
mod functions;
mod lifted;
mod matrices;
mod movable;
mod operands;
mod operations;
mod own;
mod renamed;
mod statements;

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Expr, ItemFn};

use crate::ir::{
    By, Fact, Func, Mutate, Mutation, Op, Operand, Place, Proj, Stmt, StmtKind, Var, VarId, VarKind,
};
use crate::options::Options;
use matrices::Matrices;
use movable::movable;
use own::Own;
use renamed::LengthOfTwin;

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
    let mut transform = Forward::new(rt, options, function, func);
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

/// The tangent program of a function, of which the parameters are wanted and the body is written by hand.
pub(crate) fn parameters(
    rt: &TokenStream,
    options: &Options,
    function: &ItemFn,
    func: &Func,
) -> Func {
    Forward::new(rt, options, function, func).without_body()
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
    own: Own,
    stmts: Vec<Stmt>,
    refusals: Vec<Refusal>,
    order: u32,
    /// The type parameters that are real numbers.
    numbers: Vec<Ident>,
    /// The result of the program, where each way out makes the pair of value and tangent.
    result: Option<VarId>,
}

impl<'a> Forward<'a> {
    fn new(rt: &TokenStream, options: &Options, function: &ItemFn, func: &'a Func) -> Self {
        let mut transform = Forward {
            rt: rt.clone(),
            func,
            vars: func.vars.clone(),
            twins: vec![None; func.vars.len()],
            taken: func.vars.iter().map(|it| it.ident.to_string()).collect(),
            empty: HashSet::new(),
            movable: movable(func),
            matrices: Matrices::of(func),
            own: Own::of(func),
            stmts: Vec::new(),
            refusals: Vec::new(),
            order: options.order,
            numbers: (numbers(&function.sig.generics).into_iter().cloned()).collect(),
            result: None,
        };
        transform.declare_twins();
        transform
    }

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
            return Some(Place {
                root,
                proj: crate::ir::in_tangent(proj),
            });
        }
        let root = self.twin_of(place.root)?;
        let proj = place.proj.clone();
        Some(Place {
            root,
            proj: crate::ir::in_tangent(proj),
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
