//! Cells of recurrent networks: one step of a sequence, for a batch with one sample per column.
//!
//! The gates are blocks of rows of the weights, in the order that `PyTorch` has them. A cell keeps nothing but its
//! arguments, so its pullback computes the gates again.

mod gru;
mod lstm;

pub use gru::{gru_cell, gru_cell_pullback};
pub use lstm::{lstm_cell, lstm_cell_pullback};

use nalgebra::{DMatrix, DVector};

use super::product::{add_product, packed, product};
use crate::differentiable::Real;

/// `w x + u h + b`, or `w x + b` without a state.
fn affine<T: Real>(
    w: &DMatrix<T>,
    x: &DMatrix<T>,
    state: Option<(&DMatrix<T>, &DMatrix<T>)>,
    b: &DVector<T>,
) -> DMatrix<T> {
    let mut z = DMatrix::zeros(w.nrows(), x.ncols());
    for column in z.as_mut_slice().chunks_exact_mut(b.len().max(1)) {
        column.copy_from_slice(b.as_slice());
    }
    add_product(T::one(), &mut z, packed(w), packed(x));
    if let Some((u, h)) = state {
        add_product(T::one(), &mut z, packed(u), packed(h));
    }
    z
}

/// The cotangents of `w` and `x`, where `z` is that of their product.
fn factors<T: Real>(w: &DMatrix<T>, x: &DMatrix<T>, z: &DMatrix<T>) -> (DMatrix<T>, DMatrix<T>) {
    (
        product(packed(z), packed(x).transposed()),
        product(packed(w).transposed(), packed(z)),
    )
}

/// Checks the shapes of a cell with so many gates.
fn assert_cell<T>(
    gates: usize,
    (x, h): (&DMatrix<T>, &DMatrix<T>),
    (w, u): (&DMatrix<T>, &DMatrix<T>),
    biases: &[&DVector<T>],
) {
    let rows = gates * h.nrows();
    assert_eq!(
        x.ncols(),
        h.ncols(),
        "inputs and states of different numbers of samples"
    );
    assert_eq!(
        (w.shape(), u.shape()),
        ((rows, x.nrows()), (rows, h.nrows())),
        "weights of another shape than {gates} gates of these inputs and states have"
    );
    for b in biases {
        assert_eq!(
            b.len(),
            rows,
            "a bias of another length than {gates} gates of these states have"
        );
    }
}

/// `g y (1 - y)`, where `y` is the value of a logistic function.
fn logistic_slope<T: Real>(y: T, g: T) -> T {
    g * (y * (T::one() - y))
}

/// `g (1 - y²)`, where `y` is the value of a hyperbolic tangent.
fn tanh_slope<T: Real>(y: T, g: T) -> T {
    g * ((T::one() - y) * (T::one() + y))
}
