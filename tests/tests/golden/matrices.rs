//! Matrix programs and small linear algebra.

use crate::data::golden;
use differentiate::{Real, differentiate};
use nalgebra::{DMatrix, DVector, Matrix3, Matrix3x2, Vector3};

#[differentiate]
fn matmul_sin<T: Real>(a: &DMatrix<T>, b: &DMatrix<T>) -> T {
    (a * b).map(|x| x.sin()).sum()
}

#[differentiate]
fn matmul_sin_loops(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let mut s = 0.0;
    for i in 0..a.nrows() {
        for j in 0..b.ncols() {
            let mut c = 0.0;
            for k in 0..a.ncols() {
                c += a[(i, k)] * b[(k, j)];
            }
            s += c.sin();
        }
    }
    s
}

#[differentiate]
fn quadratic_form<T: Real>(a: &DMatrix<T>, x: &DVector<T>, b: &DVector<T>) -> T {
    x.dot(&(a * x)) + b.dot(x)
}

#[differentiate]
fn det(a: &Matrix3<f64>) -> f64 {
    let minor = |i: usize, j: usize| a[(1, i)] * a[(2, j)] - a[(1, j)] * a[(2, i)];
    a[(0, 0)] * minor(1, 2) - a[(0, 1)] * minor(0, 2) + a[(0, 2)] * minor(0, 1)
}

#[differentiate]
fn det_by_columns(a: &Matrix3<f64>) -> f64 {
    let [x, y, z] = [column(a, 0), column(a, 1), column(a, 2)];
    x.cross(&y).dot(&z)
}

#[differentiate]
fn column(a: &Matrix3<f64>, j: usize) -> Vector3<f64> {
    a.column(j).into_owned()
}

#[differentiate]
fn log_abs_det(a: &Matrix3<f64>) -> f64 {
    det(a).abs().ln()
}

// 2 sum log diag chol(S) is log det S.
#[differentiate]
fn log_det_spd(b: &Matrix3<f64>) -> f64 {
    det(&(b * b.transpose() + Matrix3::identity() * 2.0)).ln()
}

#[differentiate]
fn matrix_power(a: &Matrix3<f64>) -> f64 {
    let mut p = *a;
    for _ in 0..4 {
        p = p * a;
    }
    p.trace()
}

#[differentiate]
fn matrix_power_dynamic(a: DMatrix<f64>) -> f64 {
    let square = &a * &a;
    (&square * &square * a).trace()
}

// The squares of the diagonal of R are what Gram-Schmidt leaves of the columns.
#[differentiate]
fn qr_diagonal(a: &Matrix3x2<f64>) -> f64 {
    let (x, y) = (a.column(0), a.column(1));
    let first = x.norm_squared();
    let along = x.dot(&y);
    first + 3.0 * (y.norm_squared() - along * along / first)
}

#[differentiate]
fn broadcast_bias(a: &DMatrix<f64>, b: &[f64], s: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.nrows() {
        for (j, b) in b.iter().enumerate() {
            sum += s[i] * (a[(i, j)] + b).tanh();
        }
    }
    sum
}

#[differentiate]
fn broadcast_bias_matrices(a: &DMatrix<f64>, b: &DVector<f64>, s: &DVector<f64>) -> f64 {
    let shifted = DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)] + b[j]);
    s.dot(&shifted.map(|x| x.tanh()).column_sum())
}

#[differentiate]
fn normal_logpdf(x: &[f64; 3], mu: &[f64; 3], l: &Matrix3<f64>) -> f64 {
    // Forward substitution.
    let a = (x[0] - mu[0]) / l[(0, 0)];
    let b = (x[1] - mu[1] - l[(1, 0)] * a) / l[(1, 1)];
    let c = (x[2] - mu[2] - l[(2, 0)] * a - l[(2, 1)] * b) / l[(2, 2)];
    let half_log_det = l.diagonal().map(f64::ln).sum();
    -0.5 * (a * a + b * b + c * c) - half_log_det - 1.5 * std::f64::consts::TAU.ln()
}

#[differentiate]
fn orthogonal_to(v: Vector3<f64>, q: Vector3<f64>) -> Vector3<f64> {
    v - q * q.dot(&v)
}

#[differentiate]
fn gram_schmidt(a: &Matrix3<f64>, w: &Matrix3<f64>) -> f64 {
    let p = column(a, 0).normalize();
    let q = orthogonal_to(column(a, 1), p).normalize();
    let r = orthogonal_to(orthogonal_to(column(a, 2), p), q).normalize();
    let mut s = 0.0;
    for (k, it) in [p, q, r].iter().enumerate() {
        s += (k + 1) as f64 * it.dot(&w.row(k).transpose());
    }
    s
}

#[test]
fn doubles() {
    golden!("m_matmul_sin": matmul_sin(a, b), a: DMatrix<f64>, b: DMatrix<f64>);
    golden!("m_matmul_sin": matmul_sin_loops(a, b), a: DMatrix<f64>, b: DMatrix<f64>);
    golden!("m_quadratic_form": quadratic_form(a, x, b), a: DMatrix<f64>, x: DVector<f64>, b: DVector<f64>);
    golden!("m_det3": det(a), a: Matrix3<f64>);
    golden!("m_det3": det_by_columns(a), a: Matrix3<f64>);
    golden!("m_logabsdet": log_abs_det(a), a: Matrix3<f64>);
    golden!("m_logdet_spd": log_det_spd(b), b: Matrix3<f64>);
    golden!("m_matrix_power5": matrix_power(a), a: Matrix3<f64>);
    golden!("m_matrix_power5": matrix_power_dynamic(a.clone()), a: DMatrix<f64>);
    golden!("m_qr_rdiag": qr_diagonal(a), a: Matrix3x2<f64>);
    golden!("m_broadcast_bias": broadcast_bias(a, b, s), a: DMatrix<f64>, b: Vec<f64>, s: Vec<f64>);
    golden!(
        "m_broadcast_bias": broadcast_bias_matrices(a, b, s),
        a: DMatrix<f64>, b: DVector<f64>, s: DVector<f64>
    );
    golden!("mvn_logpdf": normal_logpdf(x, mu, l), x: [f64; 3], mu: [f64; 3], l: Matrix3<f64>);
    golden!("m_gram_schmidt": gram_schmidt(a, w), a: Matrix3<f64>, w: Matrix3<f64>);
}

#[test]
fn singles() {
    golden!("m_matmul_sin": matmul_sin(a, b), a: DMatrix<f32>, b: DMatrix<f32>);
    golden!("m_quadratic_form": quadratic_form(a, x, b), a: DMatrix<f32>, x: DVector<f32>, b: DVector<f32>);
}
