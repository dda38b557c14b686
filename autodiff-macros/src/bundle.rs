//! Several directions in one sweep, IR to IR, where all tangents are numbers and containers of numbers: each number of a
//! tangent becomes a bundle of numbers, one for each direction (`autodiff_runtime::bundle`), and nothing else changes.
//!
//! Bundles are added, multiplied by numbers and put into containers. A number that goes through a method is lifted to one
//! with many infinitesimals. A program that does anything else with a tangent has no such form; [`crate::lanes`] may have
//! one for it.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{BinOp, Expr, parse_quote};

use crate::analysis::needs::operand_fact;
use crate::ir::{
    Aggregate, Block, BuildKind, Code, Fact, Func, LoopKind, Mutate, Mutation, Op, Operand, Place,
    Stmt, StmtKind, VarId,
};
use crate::lanes::wide::{Wide, operands, written};
use crate::lower::{is_float_literal, is_numeric};

/// The generic parameter of the program: how many directions there are.
pub(crate) fn width() -> Ident {
    Ident::new("__N", Span::mixed_site())
}

/// The program with bundles, if there is one. `primal` is how many of its variables are of the function itself.
pub(crate) fn bundle(rt: &TokenStream, program: &Func, primal: usize) -> Option<Func> {
    let mut wide = Wide::new(program, primal);
    wide.find(false);
    if !(program.params.iter()).all(|it| it.numeric || !it.active) {
        return None;
    }
    let bundles = Bundles {
        rt,
        program,
        wide,
        lifted: lifted(program),
        numeric: numeric(program),
    };
    let mut body = bundles.block(&program.body, false)?;
    body.number(&mut 0, &mut 0);
    Some(Func {
        body,
        ..program.clone()
    })
}

struct Bundles<'a> {
    rt: &'a TokenStream,
    program: &'a Func,
    wide: Wide<'a>,
    /// Numbers with many infinitesimals.
    lifted: HashSet<VarId>,
    /// Variables that are numbers, or containers of the language's own that hold numbers.
    numeric: HashSet<VarId>,
}

/// What is so for certain: a type of the user's own may be called as one of nalgebra's.
fn numeric(program: &Func) -> HashSet<VarId> {
    let mut found: HashSet<VarId> = (program.params.iter())
        .filter(|it| it.numeric)
        .map(|it| it.var)
        .collect();
    program.body.walk(&mut |stmt| {
        let StmtKind::Let { var, ty, op } = &stmt.kind else {
            return;
        };
        let number = matches!(program.var(*var).fact, Fact::Scalar | Fact::Tuple);
        let made = program.var(*var).fact != Fact::Unknown && is_made_here(op);
        if number || made || ty.as_ref().is_some_and(is_numeric) {
            found.insert(*var);
        }
    });
    found
}

/// Does the language itself make the container?
fn is_made_here(op: &Op) -> bool {
    match op {
        Op::Aggregate(kind, _) => matches!(kind, Aggregate::Repeat(_)) || holds_bundles(kind),
        Op::Code(code) => match &code.expr {
            Expr::Array(_) | Expr::Repeat(_) => true,
            Expr::Macro(it) => it.mac.path.is_ident("vec"),
            _ => false,
        },
        _ => false,
    }
}

fn lifted(program: &Func) -> HashSet<VarId> {
    let mut found: HashSet<VarId> = HashSet::new();
    program.body.walk(&mut |stmt| {
        if let StmtKind::Let { var, op, .. } = &stmt.kind {
            let is_lifted = match op {
                Op::Foreign { path, .. } => {
                    (path.segments.last()).is_some_and(|it| it.ident == "lift")
                }
                Op::Method { recv, .. } => {
                    (recv.place()).is_some_and(|it| found.contains(&it.root))
                }
                _ => false,
            };
            if is_lifted {
                found.insert(*var);
            }
        }
    });
    found
}

impl Bundles<'_> {
    /// `wide`: is its result a bundle?
    fn block(&self, block: &Block, wide: bool) -> Option<Block> {
        let stmts: Option<Vec<Stmt>> = block.stmts.iter().map(|it| self.stmt(it)).collect();
        let result = match &block.result {
            Some(result) if wide => Some(self.operand(result)?),
            result => result.clone(),
        };
        Some(Block {
            id: 0,
            stmts: stmts?,
            result,
        })
    }

    fn stmt(&self, stmt: &Stmt) -> Option<Stmt> {
        Some(Stmt {
            id: 0,
            kind: self.kind(stmt)?,
            span: stmt.span,
        })
    }

    fn kind(&self, stmt: &Stmt) -> Option<StmtKind> {
        let kind = &stmt.kind;
        if !kind.blocks().is_empty() {
            self.looks_beside(kind).then_some(())?;
            return kind.with_blocks(&mut |block, result| {
                self.block(block, result.is_some_and(|it| self.wide.has(it)))
            });
        }
        match kind {
            StmtKind::Exit(exit) => {
                let mut exit = exit.clone();
                if let Some((var, value)) = &mut exit.value
                    && self.wide.has(*var)
                {
                    *value = self.operand(value)?;
                }
                return Some(StmtKind::Exit(exit));
            }
            StmtKind::Let {
                var,
                ty,
                op: Op::Aggregate(Aggregate::Tuple, items),
            } if self.wide.results.contains(var) => {
                let [value, tangent] = items.as_slice() else {
                    return None;
                };
                let tangent = self.operand(tangent)?;
                let op = Op::Aggregate(Aggregate::Tuple, vec![value.clone(), tangent]);
                return Some(StmtKind::Let {
                    var: *var,
                    ty: ty.clone(),
                    op,
                });
            }
            // A pair that is made in another way is not known to hold bundles.
            StmtKind::Let { var, .. } if self.wide.results.contains(var) => return None,
            _ => {}
        }
        let writes = written(kind).iter().any(|it| self.wide.has(*it));
        if !writes {
            return self.beside(kind).then(|| kind.clone());
        }
        Some(match kind {
            // The type is that of the bundle, which rustc finds.
            StmtKind::Let { var, op, .. } => StmtKind::Let {
                var: *var,
                ty: None,
                op: self.op(op)?,
            },
            StmtKind::Declare { var, .. } => StmtKind::Declare {
                var: *var,
                ty: None,
            },
            StmtKind::Alias { var } => StmtKind::Alias { var: *var },
            StmtKind::Assign { place, op } => StmtKind::Assign {
                place: place.clone(),
                op: self.op(op)?,
            },
            StmtKind::Update { op, place, value } => {
                let value = match op {
                    BinOp::AddAssign(_) | BinOp::SubAssign(_) => self.number(value)?,
                    BinOp::MulAssign(_) | BinOp::DivAssign(_) => self.factor(value)?,
                    _ => return None,
                };
                StmtKind::Update {
                    op: *op,
                    place: self.scalar(place)?,
                    value,
                }
            }
            StmtKind::Mutate(it) => StmtKind::Mutate(self.mutate(it)?),
            _ => return None,
        })
    }

    /// Does what decides on the blocks of a statement not look into a tangent?
    fn looks_beside(&self, kind: &StmtKind) -> bool {
        match kind {
            StmtKind::If { cond, .. } => self.asks_length(cond),
            StmtKind::Match { scrutinee, .. } => !self.wide.is_wide(scrutinee),
            StmtKind::Loop(it) => match &it.kind {
                LoopKind::Iter { iter: code, .. } | LoopKind::While(code) => self.asks_length(code),
                LoopKind::Count { .. } | LoopKind::Forever => true,
            },
            // What a closure makes is a value; its tangents are collected beside it.
            StmtKind::Let {
                op: Op::Build(build),
                ..
            }
            | StmtKind::Assign {
                op: Op::Build(build),
                ..
            } => match &build.kind {
                BuildKind::Map { recv } => !self.wide.place_is_wide(recv),
                BuildKind::ZipMap { recv, other } => {
                    !self.wide.place_is_wide(recv) && !self.wide.is_wide(other)
                }
                BuildKind::FromFn { .. }
                | BuildKind::Collect { .. }
                | BuildKind::FromIterator { .. } => true,
            },
            _ => true,
        }
    }

    /// Is this a statement that changes no tangent, and does not look into one?
    fn beside(&self, kind: &StmtKind) -> bool {
        match kind {
            StmtKind::Let {
                op: Op::Code(code), ..
            }
            | StmtKind::Assign {
                op: Op::Code(code), ..
            } => self.asks_length(code),
            StmtKind::Opaque { mutates, .. } => !mutates.iter().any(|it| self.wide.has(*it)),
            StmtKind::Bind { value, .. } | StmtKind::Try { value, .. } => !self.wide.is_wide(value),
            kind => {
                !operands(kind).into_iter().any(|it| self.wide.is_wide(it))
                    && !self.wide.reads_wide(kind)
            }
        }
    }

    /// Is this code of the user's, which may ask for the length of a tangent and no more, or code without tangents?
    fn asks_length(&self, code: &Code) -> bool {
        let own = !code
            .expr
            .to_token_stream()
            .to_string()
            .contains("__private");
        own || !self.wide.code_is_wide(code)
    }

    // === operations ===

    /// What a bundle, or a container of bundles, is made by.
    fn op(&self, op: &Op) -> Option<Op> {
        let rt = self.rt;
        Some(match op {
            Op::Use(operand) => Op::Use(self.operand(operand)?),
            Op::Neg(operand) => Op::Neg(self.number(operand)?),
            Op::Binary(op @ (BinOp::Add(_) | BinOp::Sub(_)), left, right) => {
                Op::Binary(*op, self.number(left)?, self.number(right)?)
            }
            Op::Binary(op @ BinOp::Mul(_), left, right) if self.wide.is_wide(right) => {
                Op::Binary(*op, self.factor(left)?, self.number(right)?)
            }
            Op::Binary(op @ (BinOp::Mul(_) | BinOp::Div(_)), left, right) => {
                Op::Binary(*op, self.number(left)?, self.factor(right)?)
            }
            Op::Aggregate(kind, items) => {
                holds_bundles(kind).then_some(())?;
                let items: Option<Vec<_>> = items.iter().map(|it| self.operand(it)).collect();
                Op::Aggregate(kind.clone(), items?)
            }
            Op::Code(code) if is_empty_vec(&code.expr) => Op::Code(code.clone()),
            Op::Code(code) if !self.wide.code_is_wide(code) => {
                Op::Code(self.zero_like(&code.expr, &code.reads)?)
            }
            Op::Foreign { path, rule, args } => {
                let last = &path.segments.last()?.ident;
                let foreign = |path| Op::Foreign {
                    path,
                    rule: rule.clone(),
                    args: args.clone(),
                };
                match last.to_string().as_str() {
                    "lift" => {
                        let [value, tangent] = args.as_slice() else {
                            return None;
                        };
                        let scalar = |it| operand_fact(self.program, it) == Fact::Scalar;
                        (scalar(value) && scalar(tangent) && self.wide.is_wide(tangent))
                            .then_some(())?;
                        foreign(parse_quote!(#rt::bundle::lift))
                    }
                    "gathered" => {
                        let built = args.first()?.place()?;
                        self.numeric.contains(&built.root).then_some(())?;
                        foreign(parse_quote!(#rt::bundle::gathered))
                    }
                    "tangent" => {
                        self.is_lifted(args.first()?).then_some(())?;
                        foreign(parse_quote!(#rt::bundle::tangent))
                    }
                    "copied" | "repeated" => {
                        let args: Option<Vec<_>> = args.iter().map(|it| self.operand(it)).collect();
                        Op::Foreign {
                            path: path.clone(),
                            rule: rule.clone(),
                            args: args?,
                        }
                    }
                    _ => return None,
                }
            }
            Op::Method {
                recv, name, args, ..
            } => {
                let text = name.to_string();
                let copies = matches!(text.as_str(), "clone" | "to_vec" | "to_owned");
                let of_numbers = self.is_lifted(recv) && ELEMENTARY.contains(&text.as_str());
                let beside = !args.iter().any(|it| self.wide.is_wide(it));
                ((copies && !self.is_lifted(recv) || of_numbers) && beside).then(|| op.clone())?
            }
            _ => return None,
        })
    }

    /// Was the operand made by `lift`, or by a method of what was?
    fn is_lifted(&self, operand: &Operand) -> bool {
        (operand.place()).is_some_and(|it| it.proj.is_empty() && self.lifted.contains(&it.root))
    }

    fn mutate(&self, it: &Mutate) -> Option<Mutate> {
        let args: Option<Vec<Operand>> = match it.kind {
            Mutation::Permute(_) | Mutation::Pop | Mutation::Truncate => {
                let wide = it.args.iter().any(|it| self.wide.is_wide(it));
                (!wide).then(|| it.args.clone())
            }
            Mutation::Fill | Mutation::Push | Mutation::Copy => {
                it.args.iter().map(|it| self.operand(it)).collect()
            }
            Mutation::Sort | Mutation::Exchange => None,
        };
        let taken = it.result.is_some();
        (!taken).then_some(Mutate {
            args: args?,
            ..it.clone()
        })
    }

    // === operands ===

    /// A bundle, or a container of bundles.
    fn operand(&self, operand: &Operand) -> Option<Operand> {
        match operand {
            Operand::Place(_) | Operand::Ref { .. } if self.wide.is_wide(operand) => {
                Some(operand.clone())
            }
            Operand::Lit(expr) if is_float_literal(expr) => {
                let (rt, width) = (self.rt, width());
                Some(Operand::Code(Code {
                    expr: parse_quote!(#rt::bundle::zero::<_, #width>()),
                    reads: Vec::new(),
                    again: false,
                }))
            }
            _ => None,
        }
    }

    /// A single bundle.
    fn number(&self, operand: &Operand) -> Option<Operand> {
        let literal = matches!(operand, Operand::Lit(_));
        (literal || operand_fact(self.program, operand) == Fact::Scalar).then_some(())?;
        self.operand(operand)
    }

    /// A number that bundles are multiplied by.
    fn factor(&self, operand: &Operand) -> Option<Operand> {
        let number = match operand {
            Operand::Lit(expr) => is_float_literal(expr),
            _ => operand_fact(self.program, operand) == Fact::Scalar,
        };
        (number && !self.wide.is_wide(operand)).then(|| operand.clone())
    }

    fn scalar(&self, place: &Place) -> Option<Place> {
        let operand = Operand::Place(place.clone());
        (operand_fact(self.program, &operand) == Fact::Scalar).then(|| place.clone())
    }

    /// The zero tangent of a variable whose type the tokens show.
    fn zero_like(&self, expr: &Expr, reads: &[VarId]) -> Option<Code> {
        let Expr::Call(call) = expr else {
            return None;
        };
        let Expr::Path(path) = &*call.func else {
            return None;
        };
        let named = path.path.segments.last()?.ident == "zero_like";
        let [of] = reads else {
            return None;
        };
        (named && self.numeric.contains(of)).then_some(())?;
        let (rt, width, args) = (self.rt, width(), &call.args);
        Some(Code {
            expr: parse_quote!(#rt::bundle::zero_like::<_, #width>(#args)),
            reads: reads.to_vec(),
            again: false,
        })
    }
}

/// Does a container that is made like this take bundles as it takes numbers?
fn holds_bundles(kind: &Aggregate) -> bool {
    match kind {
        Aggregate::Array | Aggregate::Tuple => true,
        Aggregate::Macro(path) | Aggregate::RepeatMacro(path, _) => path.is_ident("vec"),
        _ => false,
    }
}

/// Is this what elements are collected in?
fn is_empty_vec(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else {
        return false;
    };
    let function = call.func.to_token_stream().to_string();
    matches!(
        function.as_str(),
        ":: std :: vec :: Vec :: new" | ":: std :: vec :: Vec :: with_capacity"
    )
}

/// The methods that numbers with many infinitesimals have.
const ELEMENTARY: [&str; 30] = [
    "abs",
    "sqrt",
    "cbrt",
    "recip",
    "exp",
    "exp2",
    "exp_m1",
    "ln",
    "ln_1p",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "fract",
    "to_degrees",
    "to_radians",
    "powi",
    "ad_lifted_powf",
    "max",
    "min",
];
