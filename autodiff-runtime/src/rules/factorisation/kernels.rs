//! Triangular solutions and outer products on contiguous square matrices, column by column.

use nalgebra::{DMatrixView, DVectorView};

use crate::differentiable::Real;
use crate::rules::matrix::outer;

/// Up to this number of columns, an outer product is a sum over them.
const NARROW: usize = 4;

/// Which entries of a square matrix a cotangent belongs to.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// All of them.
    All,
    /// Those on and below the diagonal.
    Lower,
    /// Those on and above the diagonal.
    Upper,
    /// Those on and below the diagonal, each of which stands for its mirror image, too.
    Folded,
}

/// The columns of the right-hand sides. A system without unknowns has none to visit.
fn columns<T>(b: &mut [T], n: usize) -> core::slice::ChunksExactMut<'_, T> {
    b.chunks_exact_mut(n.max(1))
}

fn subtract_scaled<T: Real>(b: &mut [T], column: &[T], factor: T) {
    for (b, a) in b.iter_mut().zip(column) {
        *b -= *a * factor;
    }
}

fn inner<T: Real>(a: &[T], b: &[T]) -> T {
    DVectorView::from_slice(a, a.len()).dot(&DVectorView::from_slice(b, a.len()))
}

/// The diagonal of a triangular matrix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Diagonal {
    /// As it stands.
    Given,
    /// All ones, whatever stands there.
    Ones,
}

fn divide<T: Real>(b: &mut T, by: T, diagonal: Diagonal) {
    if diagonal == Diagonal::Given {
        *b /= by;
    }
}

/// `B ← L⁻¹ B`, of which the lower triangle is read.
pub(super) fn solve_lower<T: Real>(l: &[T], n: usize, b: &mut [T], diagonal: Diagonal) {
    for b in columns(b, n) {
        for j in 0..n {
            let column = &l[j * n..(j + 1) * n];
            divide(&mut b[j], column[j], diagonal);
            let factor = b[j];
            subtract_scaled(&mut b[j + 1..], &column[j + 1..], factor);
        }
    }
}

/// `B ← L⁻ᵀ B`, of which the lower triangle is read.
pub(super) fn tr_solve_lower<T: Real>(l: &[T], n: usize, b: &mut [T], diagonal: Diagonal) {
    for b in columns(b, n) {
        for j in (0..n).rev() {
            let column = &l[j * n..(j + 1) * n];
            b[j] -= inner(&column[j + 1..], &b[j + 1..]);
            divide(&mut b[j], column[j], diagonal);
        }
    }
}

/// `B ← U⁻¹ B`, of which the upper triangle is read.
pub(super) fn solve_upper<T: Real>(u: &[T], n: usize, b: &mut [T]) {
    for b in columns(b, n) {
        for j in (0..n).rev() {
            let column = &u[j * n..(j + 1) * n];
            b[j] /= column[j];
            let factor = b[j];
            subtract_scaled(&mut b[..j], &column[..j], factor);
        }
    }
}

/// `B ← U⁻ᵀ B`, of which the upper triangle is read.
pub(super) fn tr_solve_upper<T: Real>(u: &[T], n: usize, b: &mut [T]) {
    for b in columns(b, n) {
        for j in 0..n {
            let column = &u[j * n..(j + 1) * n];
            b[j] -= inner(&column[..j], &b[..j]);
            b[j] /= column[j];
        }
    }
}

/// The lower triangle of `(L Lᵀ)⁻¹ = L⁻ᵀ L⁻¹`, above it zeros. Cost: twice that of the factorisation.
pub(super) fn inverse_of_square<T: Real>(l: &[T], n: usize) -> Vec<T> {
    let mut inverse = vec![T::zero(); n * n];
    // `L⁻¹`, from the last column to the first: a column needs those to the right of it.
    for j in (0..n).rev() {
        let (left, right) = inverse.split_at_mut((j + 1) * n);
        let column = &mut left[j * n..];
        let scale = T::one() / l[j * n + j];
        column[j] = scale;
        for (k, other) in (j + 1..n).zip(right.chunks_exact(n)) {
            subtract_scaled(&mut column[k..], &other[k..], l[j * n + k] * scale);
        }
    }
    // Its square, from the first column to the last: an entry needs its columns from its row on.
    for j in 0..n {
        for i in j..n {
            let length = n - i;
            let [a, b] = [i, j].map(|k| DVectorView::from_slice(&inverse[k * n + i..], length));
            inverse[j * n + i] = a.dot(&b);
        }
    }
    inverse
}

/// `sum += factor M`, as far as it belongs to the part.
pub(super) fn add_part<T: Real>(sum: &mut [T], n: usize, m: &[T], factor: T, part: Part) {
    for j in 0..n {
        let (rows, mirrored) = rows_of(part, j, n);
        for i in rows {
            sum[j * n + i] += m[j * n + i] * factor;
        }
        if mirrored {
            for i in j + 1..n {
                sum[j * n + i] += m[i * n + j] * factor;
            }
        }
    }
}

fn rows_of(part: Part, j: usize, n: usize) -> (core::ops::Range<usize>, bool) {
    match part {
        Part::All => (0..n, false),
        Part::Lower => (j..n, false),
        Part::Upper => (0..j + 1, false),
        Part::Folded => (j..n, true),
    }
}

/// `sum -= S Xᵀ`, as far as it belongs to the part.
pub(super) fn subtract_outer<T: Real>(sum: &mut [T], n: usize, s: &[T], x: &[T], part: Part) {
    let width = s.len() / n.max(1);
    if width > NARROW {
        let product = outer(s, n, &DMatrixView::from_slice(x, n, width));
        return add_part(sum, n, &product, -T::one(), part);
    }
    for (s, x) in s.chunks_exact(n.max(1)).zip(x.chunks_exact(n.max(1))) {
        for (j, sum) in sum.chunks_exact_mut(n).enumerate() {
            let (rows, mirrored) = rows_of(part, j, n);
            subtract_scaled(&mut sum[rows.clone()], &s[rows], x[j]);
            if mirrored {
                subtract_scaled(&mut sum[j + 1..], &x[j + 1..], s[j]);
            }
        }
    }
}
