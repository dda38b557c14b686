//! Long sums and products, cut into pieces.
//!
//! A chain of operators is a tree as deep as it is long, and everything behind the parser walks trees by recursion, on the
//! stack that rustc has. What is evaluated first stands first, so that a `let` for the beginning of the chain changes
//! nothing: `a + b + .. + z` becomes `{ let s = a + b + ..; s + .. + z }`.

use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ExprBinary, Stmt, parse_quote};

/// How many operators stand in one piece.
pub(crate) const PIECE: usize = 32;

/// Cuts every chain that is longer than a piece.
#[derive(Default)]
pub(crate) struct Cut {
    pieces: usize,
}

impl VisitMut for Cut {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        let whole = core::mem::replace(expr, Expr::Verbatim(proc_macro2::TokenStream::new()));
        let (mut first, mut operators) = (whole, Vec::new());
        loop {
            match first {
                Expr::Binary(it) if is_arithmetic(&it) => {
                    let nothing = Expr::Verbatim(proc_macro2::TokenStream::new());
                    let mut it = it;
                    first = core::mem::replace(&mut it.left, nothing);
                    operators.push(it);
                }
                _ => break,
            }
        }
        visit_mut::visit_expr_mut(self, &mut first);
        *expr = self.joined(first, operators);
    }
}

impl Cut {
    /// The chain again, from its first operand and its operators, of which the last is the first one of the chain.
    fn joined(&mut self, first: Expr, mut operators: Vec<ExprBinary>) -> Expr {
        let mut before: Vec<Stmt> = Vec::new();
        let (mut chain, mut length) = (first, 0);
        while let Some(mut operator) = operators.pop() {
            if length == PIECE {
                self.pieces += 1;
                let name = quote::format_ident!(
                    "__terms{}",
                    self.pieces,
                    span = proc_macro2::Span::mixed_site()
                );
                before.push(parse_quote!(let #name = #chain;));
                (chain, length) = (parse_quote!(#name), 0);
            }
            self.visit_expr_mut(&mut operator.right);
            *operator.left = chain;
            chain = Expr::Binary(operator);
            length += 1;
        }
        if before.is_empty() {
            chain
        } else {
            parse_quote!({ #(#before)* #chain })
        }
    }
}

fn is_arithmetic(it: &ExprBinary) -> bool {
    matches!(
        it.op,
        BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_)
    )
}
