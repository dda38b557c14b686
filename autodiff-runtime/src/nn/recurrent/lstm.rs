//! Long short-term memory.

use autodiff_macros::differentiate;
use nalgebra::{DMatrix, DVector};

use super::{affine, assert_cell, factors, logistic_slope, tanh_slope};
use crate::differentiable::Real;
use crate::nn::activation::sigmoid;

/// One step of long short-term memory: the next state `h'` and the next memory `c'`.
///
/// With `z = w x + u h + b`, four blocks of rows in the order input, forget, cell, output (`PyTorch`'s):
/// `i = σ(z₀)`, `f = σ(z₁)`, `m = tanh z₂`, `o = σ(z₃)`; `c' = f ∘ c + i ∘ m`, `h' = o ∘ tanh c'`. Where weights come
/// from `PyTorch`, `b` is the sum of its two biases.
///
/// Shapes: `x` m×n, `h` and `c` k×n, `w` 4k×m, `u` 4k×k, `b` 4k; the results k×n. Cost: two products of matrices.
/// Reverse: see [`lstm_cell_pullback`]. Reference: Hochreiter, Schmidhuber 1997, *Long short-term memory*; Gers,
/// Schmidhuber, Cummins 2000, *Learning to forget*.
///
/// # Panics
/// If the shapes do not fit; the message has them.
///
/// ```
/// use differentiate::nalgebra::{DMatrix, DVector, dmatrix};
/// use differentiate::nn::lstm_cell;
///
/// // Without weights every gate is half open.
/// let (w, u, b) = (DMatrix::zeros(4, 1), DMatrix::zeros(4, 1), DVector::zeros(4));
/// let (h, c) = lstm_cell(&dmatrix![1.0], &dmatrix![1.0], &dmatrix![2.0], &w, &u, &b);
/// assert_eq!((h, c), (dmatrix![0.5 * 1.0_f64.tanh()], dmatrix![1.0]));
/// ```
#[differentiate(order = 2, pullback = lstm_cell_pullback)]
#[must_use]
pub fn lstm_cell<T: Real>(
    x: &DMatrix<T>,
    h: &DMatrix<T>,
    c: &DMatrix<T>,
    w: &DMatrix<T>,
    u: &DMatrix<T>,
    b: &DVector<T>,
) -> (DMatrix<T>, DMatrix<T>) {
    let z = gates(x, h, c, w, u, b);
    let k = h.nrows();
    let mut next_c = c.clone();
    let mut next_h = h.clone();
    for ((z, h), c) in columns(&z, &mut next_h, &mut next_c, k) {
        for at in 0..k {
            let [i, f, m, o] = [0, 1, 2, 3].map(|gate| z[gate * k + at]);
            c[at] = f * c[at] + i * m;
            h[at] = o * c[at].tanh();
        }
    }
    (next_h, next_c)
}

/// The samples of the gates and of two matrices of states.
fn columns<'a, T: Real>(
    z: &'a DMatrix<T>,
    h: &'a mut DMatrix<T>,
    c: &'a mut DMatrix<T>,
    k: usize,
) -> impl Iterator<Item = ((&'a [T], &'a mut [T]), &'a mut [T])> {
    let z = z.as_slice().chunks_exact((4 * k).max(1));
    let h = h.as_mut_slice().chunks_exact_mut(k.max(1));
    let c = c.as_mut_slice().chunks_exact_mut(k.max(1));
    z.zip(h).zip(c)
}

/// The four gates, after their functions.
fn gates<T: Real>(
    x: &DMatrix<T>,
    h: &DMatrix<T>,
    c: &DMatrix<T>,
    w: &DMatrix<T>,
    u: &DMatrix<T>,
    b: &DVector<T>,
) -> DMatrix<T> {
    assert_cell(4, (x, h), (w, u), &[b]);
    assert_eq!(
        h.shape(),
        c.shape(),
        "a state and a memory of different shapes"
    );
    let mut z = affine(w, x, Some((u, h)), b);
    let k = h.nrows();
    for column in z.as_mut_slice().chunks_exact_mut((4 * k).max(1)) {
        for (at, z) in column.iter_mut().enumerate() {
            *z = if at / k == 2 { z.tanh() } else { sigmoid(*z) };
        }
    }
    z
}

/// Pullback of [`lstm_cell()`]: `c̄' += h̄' o (1 - tanh² c')`; `z̄₀ = c̄' m i (1 - i)`, `z̄₁ = c̄' c f (1 - f)`,
/// `z̄₂ = c̄' i (1 - m²)`, `z̄₃ = h̄' tanh(c') o (1 - o)`; `c̄ = c̄' f`, `w̄ = z̄ xᵀ`, `x̄ = wᵀ z̄`, `ū = z̄ hᵀ`, `h̄ = uᵀ z̄`, and `b̄`
/// is the sum of the columns of `z̄`.
///
/// Shapes: the results as the arguments. Cost: three times that of the primal, whose gates are computed again.
#[must_use]
#[expect(clippy::type_complexity, reason = "a cotangent for each argument")]
#[expect(
    clippy::too_many_arguments,
    reason = "those of the cell, its value and its cotangent"
)]
pub fn lstm_cell_pullback<T: Real>(
    x: &DMatrix<T>,
    h: &DMatrix<T>,
    c: &DMatrix<T>,
    w: &DMatrix<T>,
    u: &DMatrix<T>,
    b: &DVector<T>,
    (_, next_c): &(DMatrix<T>, DMatrix<T>),
    (h_seed, c_seed): &(DMatrix<T>, DMatrix<T>),
) -> (
    DMatrix<T>,
    DMatrix<T>,
    DMatrix<T>,
    DMatrix<T>,
    DMatrix<T>,
    DVector<T>,
) {
    let mut z = gates(x, h, c, w, u, b);
    let k = h.nrows();
    let mut c_bar = c_seed.clone();
    for (j, z) in z
        .as_mut_slice()
        .chunks_exact_mut((4 * k).max(1))
        .enumerate()
    {
        for at in 0..k {
            let [i, f, m, o] = [0, 1, 2, 3].map(|gate| z[gate * k + at]);
            let t = next_c[(at, j)].tanh();
            let g = h_seed[(at, j)];
            let memory = c_bar[(at, j)] + tanh_slope(t, g * o);
            z[at] = logistic_slope(i, memory * m);
            z[k + at] = logistic_slope(f, memory * c[(at, j)]);
            z[2 * k + at] = tanh_slope(m, memory * i);
            z[3 * k + at] = logistic_slope(o, g * t);
            c_bar[(at, j)] = memory * f;
        }
    }
    let (w_bar, x_bar) = factors(w, x, &z);
    let (u_bar, h_bar) = factors(u, h, &z);
    (x_bar, h_bar, c_bar, w_bar, u_bar, z.column_sum())
}
