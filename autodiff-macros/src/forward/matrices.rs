//! Which variables hold matrices of numbers, as far as the tokens tell: what is linear in such a matrix is differentiated
//! in place, where any other operation runs over dual numbers.

use std::collections::HashMap;

use syn::{Expr, GenericArgument, Pat, PathArguments, Type, UnOp};

use crate::ir::{
    BuildKind, Fact, Func, Loop, LoopKind, Op, Operand, Place, Proj, StmtKind, VarId, VarKind,
};
use crate::lower::{is_scalar, unparen};

/// How many containers stand around a matrix, by variable.
pub(super) struct Matrices(HashMap<VarId, usize>);

impl Matrices {
    pub(super) fn of(func: &Func) -> Self {
        let mut found = Matrices(HashMap::new());
        for param in &func.params {
            found.insert(param.var, of_type(&param.ty));
        }
        // Each variable is defined before it is used.
        func.body.walk(&mut |stmt| match &stmt.kind {
            StmtKind::Let { var, ty, op } => {
                let written = ty.as_ref().and_then(of_type);
                let depth = written.or_else(|| found.of_op(func, op));
                found.insert(*var, depth);
            }
            StmtKind::Declare { var, ty } => {
                found.insert(*var, ty.as_ref().and_then(of_type));
            }
            StmtKind::Loop(Loop {
                kind:
                    LoopKind::Iter {
                        pat: Pat::Ident(_),
                        vars,
                        iter,
                        ..
                    },
                ..
            }) => {
                let depth = found.of_code(func, &iter.reads, &iter.expr);
                for var in vars {
                    found.insert(*var, depth.and_then(|it| it.checked_sub(1)));
                }
            }
            _ => {}
        });
        found
    }

    fn insert(&mut self, var: VarId, depth: Option<usize>) {
        if let Some(depth) = depth {
            self.0.insert(var, depth);
        }
    }

    /// Is the operand a matrix of numbers?
    pub(super) fn is_matrix(&self, func: &Func, operand: &Operand) -> bool {
        operand
            .place()
            .is_some_and(|it| self.of_place(func, it) == Some(0))
    }

    fn of_place(&self, func: &Func, place: &Place) -> Option<usize> {
        let root = func.vars.get(place.root.0 as usize)?;
        let mut depth = match &root.kind {
            VarKind::Alias { place, .. } => self.of_place(func, place)?,
            _ => *self.0.get(&place.root)?,
        };
        for proj in &place.proj {
            depth = match proj {
                Proj::Deref => depth,
                Proj::Half { .. } => (depth > 0).then_some(depth)?,
                Proj::Index(code) if matches!(unparen(&code.expr), Expr::Range(_)) => {
                    (depth > 0).then_some(depth)?
                }
                Proj::Index(_) | Proj::Elem(_) => depth.checked_sub(1)?,
                // A column, or a block.
                Proj::View(view) if depth == 0 && !view.reference => 0,
                _ => return None,
            };
        }
        Some(depth)
    }

    fn of_op(&self, func: &Func, op: &Op) -> Option<usize> {
        let matrix = |it: &Operand| self.is_matrix(func, it);
        let number = |it: &Operand| match it {
            Operand::Lit(expr) => crate::lower::is_float_literal(expr),
            other => crate::analysis::needs::operand_fact(func, other) == Fact::Scalar,
        };
        match op {
            Op::Use(Operand::Place(place) | Operand::Ref { place, .. }) => {
                self.of_place(func, place)
            }
            Op::Neg(operand) => matrix(operand).then_some(0),
            Op::Binary(_, left, right) => {
                let both = matrix(left) && matrix(right);
                let scaled = matrix(left) && number(right) || number(left) && matrix(right);
                (both || scaled).then_some(0)
            }
            Op::Method { recv, name, .. } => {
                (matrix(recv) && gives_matrix(&name.to_string())).then_some(0)
            }
            Op::Build(build) => match &build.kind {
                BuildKind::Map { recv } | BuildKind::ZipMap { recv, .. } => {
                    (self.of_place(func, recv) == Some(0)).then_some(0)
                }
                BuildKind::FromFn { path, .. } | BuildKind::FromIterator { path, .. } => {
                    of_constructor(path)
                }
                BuildKind::Collect { .. } => None,
            },
            Op::Code(code) => self.of_code(func, &code.reads, &code.expr),
            _ => None,
        }
    }

    /// The same for an expression without derivative.
    fn of_code(&self, func: &Func, reads: &[VarId], expr: &Expr) -> Option<usize> {
        let inner = |expr: &Expr| self.of_code(func, reads, expr);
        match unparen(expr) {
            Expr::Path(path) => {
                let ident = path.path.get_ident()?;
                let var = reads
                    .iter()
                    .find(|it| func.vars[it.0 as usize].ident == *ident)?;
                self.of_place(func, &Place::from(*var))
            }
            Expr::Reference(it) => inner(&it.expr),
            Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => inner(&it.expr),
            Expr::Index(it) => match (inner(&it.expr)?, unparen(&it.index)) {
                (0, _) => None,
                (depth, Expr::Range(_)) => Some(depth),
                (depth, _) => Some(depth - 1),
            },
            Expr::MethodCall(it) => match it.method.to_string().as_str() {
                "iter" | "clone" | "to_vec" | "as_slice" => inner(&it.receiver),
                name if gives_matrix(name) => inner(&it.receiver).filter(|it| *it == 0),
                _ => None,
            },
            Expr::Call(it) => match unparen(&it.func) {
                Expr::Path(path) => of_constructor(&path.path),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Methods of a matrix whose result is a matrix.
fn gives_matrix(name: &str) -> bool {
    linear(name) && !matches!(name, "sum" | "mean" | "trace")
        || matches!(
            name,
            "clone"
                | "clone_owned"
                | "into_owned"
                | "component_mul"
                | "component_div"
                | "tr_mul"
                | "normalize"
                | "column"
                | "row"
                | "rows"
                | "columns"
                | "view"
                | "fixed_view"
                | "fixed_rows"
                | "fixed_columns"
        )
}

/// Methods of a matrix without arguments that are linear in it.
pub(super) fn linear(name: &str) -> bool {
    matches!(
        name,
        "sum"
            | "mean"
            | "trace"
            | "transpose"
            | "diagonal"
            | "row_sum"
            | "column_sum"
            | "row_mean"
            | "column_mean"
    )
}

/// Methods of two matrices that are linear in each.
pub(super) fn bilinear(name: &str) -> bool {
    matches!(name, "dot" | "component_mul" | "tr_mul")
}

/// `DMatrix::zeros(..)`, `DVector::from_fn(..)`
fn of_constructor(path: &syn::Path) -> Option<usize> {
    let mut names = path.segments.iter().rev();
    let (function, owner) = (names.next()?, names.next()?);
    let made = function.ident.to_string();
    let made = made.starts_with("from_")
        || matches!(made.as_str(), "zeros" | "identity" | "repeat" | "new");
    let numbers = match &owner.arguments {
        PathArguments::None => true,
        PathArguments::AngleBracketed(it) => {
            matches!(it.args.first(), Some(GenericArgument::Type(ty)) if is_scalar(ty))
        }
        PathArguments::Parenthesized(_) => false,
    };
    (made && numbers && is_matrix_name(&owner.ident.to_string())).then_some(0)
}

fn of_type(ty: &Type) -> Option<usize> {
    match ty {
        Type::Reference(it) => of_type(&it.elem),
        Type::Paren(it) => of_type(&it.elem),
        Type::Group(it) => of_type(&it.elem),
        Type::Slice(it) => Some(of_type(&it.elem)? + 1),
        Type::Array(it) => Some(of_type(&it.elem)? + 1),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(args) = &last.arguments else {
                return None;
            };
            let Some(GenericArgument::Type(element)) = args.args.first() else {
                return None;
            };
            if last.ident == "Vec" {
                return Some(of_type(element)? + 1);
            }
            (is_matrix_name(&last.ident.to_string()) && is_scalar(element)).then_some(0)
        }
        _ => None,
    }
}

fn is_matrix_name(name: &str) -> bool {
    // `Matrix3x4`, `MatrixXx2`, `Vector3`
    let stem = name
        .split(|it: char| it.is_ascii_digit() || it == 'X')
        .next();
    let stem = stem.unwrap_or(name);
    matches!(
        stem,
        "DMatrix"
            | "SMatrix"
            | "Matrix"
            | "DVector"
            | "SVector"
            | "Vector"
            | "RowDVector"
            | "RowSVector"
            | "RowVector"
    )
}
