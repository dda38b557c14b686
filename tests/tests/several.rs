//! Functions with several components: Gauss-Newton matrices, and Jacobians and Hessians with a known sparsity pattern.

use std::cell::Cell;

use differentiate::sparse::Pattern;
use differentiate::tangent::{components, with_components};
use differentiate::{Differentiable, Real, differentiate};
use nalgebra::{DMatrix, DVector, Vector2, Vector3, dmatrix, dvector, vector};

#[derive(Clone, Debug, Differentiable)]
struct Decay {
    amount: f64,
    rates: Vector2<f64>,
}

#[differentiate(forward)]
impl Decay {
    fn at(&self, t: f64) -> Vector2<f64> {
        self.rates.map(|rate| self.amount * (-rate * t).exp())
    }

    fn misfit(&self, times: &[f64], #[no_diff] seen: &[f64], #[no_diff] weight: f64) -> Vec<f64> {
        let mut r = Vec::new();
        for i in 0..times.len() {
            r.push(weight * (self.at(times[i]).sum() - seen[i]));
        }
        r
    }
}

fn close(a: &DMatrix<f64>, b: &DMatrix<f64>) {
    assert_eq!(a.shape(), b.shape());
    assert!((a - b).norm() <= 1e-12 * (1.0 + b.norm()), "{a}{b}");
}

#[test]
fn the_matrix_is_that_of_the_jacobian() {
    let model = Decay {
        amount: 2.0,
        rates: vector![0.5, 1.5],
    };
    let (times, seen) = ([0.0, 0.5, 1.0, 2.0], [4.0, 2.5, 1.7, 1.0]);
    let (r, gradient, matrix) = model.misfit_gauss_newton(&times, &seen, 2.0);
    let jacobian = model.misfit_jacobian(&times, &seen, 2.0);
    assert_eq!(r, model.misfit(&times, &seen, 2.0));
    assert_eq!(matrix.shape(), (7, 7));
    close(&matrix, &(jacobian.transpose() * &jacobian));
    assert!((&gradient - jacobian.transpose() * DVector::from_vec(r)).norm() < 1e-12);
    // Its product with a vector, without the matrix.
    let direction = [1.0, -2.0, 0.5, 0.25, 0.0, 1.0, -1.0];
    let (dmodel, dtimes) = model.misfit_vjp(&times, &seen, 2.0).1(vec![0.0; 4]);
    let (dot_model, dot_times) = with_components(&(dmodel, dtimes), &direction);
    let product = model.misfit_gnvp(&times, &seen, 2.0, &dot_model, &dot_times);
    let expected = matrix * dvector![1.0, -2.0, 0.5, 0.25, 0.0, 1.0, -1.0];
    assert!((DVector::from_vec(components(&product)) - expected).norm() < 1e-12);
}

/// Residuals in each form.
#[differentiate]
fn array(x: f64, y: f64) -> [f64; 2] {
    [x * y, x - y]
}

#[differentiate(wrt(x))]
fn tuple(x: f64, y: f64) -> (f64, f64) {
    (x * y, x - y)
}

#[differentiate(forward)]
fn generic<T: Real>(x: &[T], y: T) -> Vec<T> {
    x.iter().map(|v| *v * y).collect()
}

#[test]
fn residuals_of_each_form() {
    let (r, gradient, matrix) = array::gauss_newton(2.0, 3.0);
    assert_eq!(r, [6.0, -1.0]);
    assert_eq!(gradient, dvector![17.0, 13.0]);
    assert_eq!(matrix, dmatrix![10.0, 5.0; 5.0, 5.0]);
    let (r, gradient, matrix) = tuple::gauss_newton(2.0, 3.0);
    assert_eq!(
        (r, gradient, matrix),
        ((6.0, -1.0), dvector![17.0], dmatrix![10.0])
    );
    let (r, gradient, matrix) = generic::gauss_newton(&[1.0, 2.0], 3.0);
    assert_eq!((r, gradient), (vec![3.0, 6.0], dvector![9.0, 18.0, 15.0]));
    assert_eq!(
        matrix,
        dmatrix![9.0, 0.0, 3.0; 0.0, 9.0, 6.0; 3.0, 6.0, 5.0]
    );
    assert_eq!(
        generic::gnvp(&[1.0, 2.0], 3.0, &[1.0, 0.0], 0.0),
        (vec![9.0, 0.0], 3.0)
    );
}

#[differentiate]
fn circle(p: &Vector3<f64>, #[no_diff] points: &[Vector2<f64>]) -> Vec<f64> {
    points.iter().map(|q| (q - p.xy()).norm() - p.z).collect()
}

#[test]
fn a_circle_is_fitted() {
    let points: Vec<Vector2<f64>> = (0..7)
        .map(|k| vector![1.0, -2.0] + 3.0 * vector![f64::from(k).cos(), f64::from(k).sin()])
        .collect();
    let mut p = vector![0.0, 0.0, 1.0];
    for _ in 0..10 {
        let (_, gradient, matrix) = circle::gauss_newton(&p, &points);
        p -= matrix.cholesky().expect("points apart").solve(&gradient);
    }
    assert!((p - vector![1.0, -2.0, 3.0]).norm() < 1e-12);
}

// === sparsity ===

thread_local! {
    static SWEEPS: Cell<usize> = const { Cell::new(0) };
}

fn sweeps_of<Y>(f: impl FnOnce() -> Y) -> (Y, usize) {
    let before = SWEEPS.get();
    let value = f();
    (value, SWEEPS.get() - before)
}

/// What the forces leave at each mass of a chain.
#[differentiate(forward)]
fn chain(u: &[f64], #[no_diff] sweeps: &Cell<usize>) -> Vec<f64> {
    sweeps.set(sweeps.get() + 1);
    let n = u.len();
    let mut r = vec![0.0; n];
    for i in 0..n {
        r[i] -= 2.0 * u[i] + u[i].sin();
        if i > 0 {
            r[i] += u[i - 1] * u[i];
        }
        if i + 1 < n {
            r[i] += u[i + 1].exp();
        }
    }
    r
}

#[test]
fn a_tridiagonal_jacobian_takes_three_sweeps() {
    for n in [3, 10, 100, 1000] {
        let u: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let pattern = Pattern::tridiagonal(n);
        assert_eq!((pattern.forward_sweeps(), pattern.reverse_sweeps()), (3, 3));
        let sweeps = Cell::new(0);
        let jacobian = chain::sparse_jacobian(&u, &sweeps, &pattern);
        assert_eq!(sweeps.get(), 3);
        if n <= 100 {
            close(&jacobian.to_dense(), &chain::jacobian(&u, &sweeps));
        }
        assert_eq!(jacobian.triplets().count(), 3 * n - 2);
    }
}

/// The same by pulls, each of which is counted.
#[differentiate(pullback = differences_pullback)]
fn differences(u: &[f64]) -> Vec<f64> {
    u.windows(2).map(|w| w[1] * w[0]).collect()
}

fn differences_pullback(u: &[f64], y: &Vec<f64>, g: &Vec<f64>) -> Vec<f64> {
    SWEEPS.set(SWEEPS.get() + 1);
    let mut d = vec![0.0; u.len()];
    for i in 0..y.len() {
        d[i] += u[i + 1] * g[i];
        d[i + 1] += u[i] * g[i];
    }
    d
}

#[test]
fn rows_by_pulls() {
    let u: Vec<f64> = (0..50).map(|i| 1.0 + (i as f64).sin()).collect();
    let dense = differences::jacobian(&u);
    let pattern = Pattern::of(&dense);
    assert_eq!(pattern.reverse_sweeps(), 2);
    let (jacobian, sweeps) = sweeps_of(|| differences::sparse_jacobian(&u, &pattern));
    assert_eq!((jacobian.to_dense(), sweeps), (dense, 2));
}

/// Many unknowns in one residual: rows have fewer colours than columns.
#[differentiate(forward)]
fn totals(x: &[f64], scale: f64) -> [f64; 3] {
    let (a, b) = x.split_at(x.len() / 2);
    let total = |part: &[f64]| part.iter().map(|v| v * v).sum::<f64>();
    [scale * total(a), total(b), scale]
}

#[test]
fn the_cheaper_of_rows_and_columns() {
    let x: Vec<f64> = (0..10).map(f64::from).collect();
    let dense = totals::jacobian(&x, 3.0);
    let half = |row: usize| (5 * row..5 * row + 5).map(move |j| (row, j));
    let pattern = Pattern::new(3, 11, half(0).chain(half(1)).chain([(0, 10), (2, 10)]));
    assert_eq!((pattern.forward_sweeps(), pattern.reverse_sweeps()), (6, 2));
    assert_eq!(totals::sparse_jacobian(&x, 3.0, &pattern).to_dense(), dense);
    // Several parameters by columns.
    let wide = pattern.union(&Pattern::new(3, 11, [(1, 10), (1, 0), (2, 9)]));
    assert_eq!(totals::sparse_jacobian(&x, 3.0, &wide).to_dense(), dense);
}

#[differentiate(order = 2)]
fn extended_rosenbrock(x: &DVector<f64>) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += 100.0 * (x[i] - x[i - 1].powi(2)).powi(2) + (1.0 - x[i - 1]).powi(2);
    }
    sum
}

#[test]
fn a_hessian_with_a_band() {
    let x = DVector::from_fn(30, |i, _| (i as f64).cos());
    let hessian = extended_rosenbrock::sparse_hessian(&x, &Pattern::tridiagonal(30));
    close(&hessian.to_dense(), &extended_rosenbrock::hessian(&x));
}

#[test]
fn patterns() {
    let banded = Pattern::banded(6, 2, 1);
    assert_eq!((banded.forward_sweeps(), banded.reverse_sweeps()), (4, 4));
    assert_eq!(banded.entries().count(), 6 + 5 + 5 + 4);
    let nothing = Pattern::new(3, 2, []);
    assert_eq!((nothing.rows(), nothing.columns()), (3, 2));
    assert_eq!((nothing.forward_sweeps(), nothing.reverse_sweeps()), (0, 0));
    let twice = Pattern::new(2, 2, [(1, 0), (0, 1), (1, 0)]);
    assert_eq!(twice.entries().collect::<Vec<_>>(), [(0, 1), (1, 0)]);
    assert_eq!(twice.forward_sweeps(), 1);
}

#[test]
#[should_panic(expected = "one row for each component")]
fn a_pattern_of_another_shape() {
    let _ = differences::sparse_jacobian(&[1.0, 2.0], &Pattern::tridiagonal(2));
}

#[test]
#[should_panic(expected = "entry (2, 0) of a pattern with 2 rows and 2 columns")]
fn an_entry_outside() {
    let _ = Pattern::new(2, 2, [(2, 0)]);
}
