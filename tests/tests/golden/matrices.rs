//! Matrix programs.

use crate::data::golden;
use differentiate::{Real, differentiate, lit};
use nalgebra::{DMatrix, DVector, Matrix3, Vector3};

#[differentiate(order = 2)]
fn matmul_sin<T: Real>(a: &DMatrix<T>, b: &DMatrix<T>) -> T {
    (a * b).map(|x| x.sin()).sum()
}

#[differentiate(order = 2)]
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

#[differentiate(order = 2)]
fn quadratic_form<T: Real>(a: &DMatrix<T>, x: &DVector<T>, b: &DVector<T>) -> T {
    x.dot(&(a * x)) + b.dot(x)
}

#[differentiate(order = 2)]
fn column(a: &Matrix3<f64>, j: usize) -> Vector3<f64> {
    a.column(j).into_owned()
}

#[differentiate(order = 2)]
fn matrix_power(a: &Matrix3<f64>) -> f64 {
    let mut p = *a;
    for _ in 0..4 {
        p = p * a;
    }
    p.trace()
}

#[differentiate(order = 2)]
fn matrix_power_dynamic(a: DMatrix<f64>) -> f64 {
    let square = &a * &a;
    (&square * &square * a).trace()
}

#[differentiate(order = 2)]
fn broadcast_bias(a: &DMatrix<f64>, b: &[f64], s: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.nrows() {
        for (j, b) in b.iter().enumerate() {
            sum += s[i] * (a[(i, j)] + b).tanh();
        }
    }
    sum
}

#[differentiate(order = 2)]
fn broadcast_bias_matrices(a: &DMatrix<f64>, b: &DVector<f64>, s: &DVector<f64>) -> f64 {
    let shifted = DMatrix::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)] + b[j]);
    s.dot(&shifted.map(|x| x.tanh()).column_sum())
}

#[differentiate(order = 2)]
fn orthogonal_to(v: Vector3<f64>, q: Vector3<f64>) -> Vector3<f64> {
    v - q * q.dot(&v)
}

#[differentiate(order = 2)]
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

#[differentiate(order = 2)]
fn in_place<T: Real>(a: &DMatrix<T>, x: &DVector<T>) -> T {
    let mut a = a.clone();
    for i in 0..a.nrows() {
        for j in 0..a.ncols() {
            a[(i, j)] = a[(i, j)] * x[j] + a[(j, i)];
        }
    }
    let mut sum = T::zero();
    for i in 0..a.nrows() {
        for j in 0..a.ncols() {
            sum += a[(i, j)] * lit((i + 2 * j + 1) as f64);
        }
    }
    sum
}

#[differentiate(order = 2)]
fn in_place_of_the_caller(a: &mut Matrix3<f64>, x: &Vector3<f64>) {
    for i in 0..3 {
        for j in 0..3 {
            let transposed = a[(j, i)];
            a[(i, j)] *= x[j];
            a[(i, j)] += transposed;
        }
    }
}

#[differentiate(order = 2)]
fn in_place_by_a_helper(a: &Matrix3<f64>, x: &Vector3<f64>) -> f64 {
    let mut a = *a;
    in_place_of_the_caller(&mut a, x);
    let weights = Matrix3::from_fn(|i, j| (i + 2 * j + 1) as f64);
    a.dot(&weights)
}

#[test]
fn doubles() {
    golden!("m_inplace_elementwise": in_place(a, x), a: DMatrix<f64>, x: DVector<f64>);
    golden!("m_inplace_elementwise": in_place_by_a_helper(a, x), a: Matrix3<f64>, x: Vector3<f64>);
    golden!("m_matmul_sin": matmul_sin(a, b), a: DMatrix<f64>, b: DMatrix<f64>);
    golden!("m_matmul_sin": matmul_sin_loops(a, b), a: DMatrix<f64>, b: DMatrix<f64>);
    golden!("m_quadratic_form": quadratic_form(a, x, b), a: DMatrix<f64>, x: DVector<f64>, b: DVector<f64>);
    golden!("m_matrix_power5": matrix_power(a), a: Matrix3<f64>);
    golden!("m_matrix_power5": matrix_power_dynamic(a.clone()), a: DMatrix<f64>);
    golden!("m_broadcast_bias": broadcast_bias(a, b, s), a: DMatrix<f64>, b: Vec<f64>, s: Vec<f64>);
    golden!(
        "m_broadcast_bias": broadcast_bias_matrices(a, b, s),
        a: DMatrix<f64>, b: DVector<f64>, s: DVector<f64>
    );
    golden!("m_gram_schmidt": gram_schmidt(a, w), a: Matrix3<f64>, w: Matrix3<f64>);
}

#[test]
fn singles() {
    golden!("m_inplace_elementwise": in_place(a, x), a: DMatrix<f32>, x: DVector<f32>);
    golden!("m_matmul_sin": matmul_sin(a, b), a: DMatrix<f32>, b: DMatrix<f32>);
    golden!("m_quadratic_form": quadratic_form(a, x, b), a: DMatrix<f32>, x: DVector<f32>, b: DVector<f32>);
}
