//! Linear algebra by nalgebra's factorisations.

use crate::data::{golden, golden_rows};
use differentiate::{Real, differentiate, lit};
use nalgebra::{DMatrix, DVector, Matrix3, Matrix3x2, SymmetricEigen, Vector3};

#[differentiate(order = 2)]
fn det(a: &Matrix3<f64>) -> f64 {
    a.determinant()
}

#[differentiate(order = 2)]
fn log_abs_det(a: &DMatrix<f64>) -> f64 {
    a.clone().lu().determinant().abs().ln()
}

#[differentiate(order = 2)]
fn solve(a: &Matrix3<f64>, b: &Vector3<f64>, c: &Vector3<f64>) -> f64 {
    let x = a.lu().solve(b).expect("the matrix is regular");
    c.dot(&x)
}

#[differentiate(order = 2)]
fn solve_by_qr<T: Real>(a: &DMatrix<T>, b: &DVector<T>, c: &DVector<T>) -> T {
    let x = a.clone().qr().solve(b).unwrap();
    c.dot(&x)
}

#[differentiate(order = 2)]
fn solve_by_inverse(a: &Matrix3<f64>, b: &Vector3<f64>, c: &Vector3<f64>) -> f64 {
    match a.try_inverse() {
        Some(inverse) => c.dot(&(inverse * b)),
        None => f64::NAN,
    }
}

#[differentiate(order = 2)]
fn shifted<T: Real>(b: &DMatrix<T>) -> DMatrix<T> {
    let n = b.nrows();
    b * b.transpose() + DMatrix::from_diagonal_element(n, n, lit(2.0))
}

#[differentiate(order = 2)]
fn cholesky(b: &DMatrix<f64>) -> DMatrix<f64> {
    shifted(b).cholesky().unwrap().l()
}

#[differentiate(order = 2)]
fn cholesky_weighted<T: Real>(b: &DMatrix<T>, w: &DMatrix<T>) -> T {
    shifted(b).cholesky().unwrap().l().component_mul(w).sum()
}

#[differentiate(order = 2)]
fn log_det(b: &DMatrix<f64>) -> f64 {
    let l = shifted(b).cholesky().unwrap().l();
    2.0 * l.diagonal().map(|x| x.ln()).sum()
}

#[differentiate(order = 2)]
fn log_det_of_the_factor(b: &DMatrix<f64>) -> f64 {
    shifted(b).cholesky().unwrap().ln_determinant()
}

#[differentiate(order = 2)]
fn eigenvectors(b: &Matrix3<f64>, u: &Vector3<f64>) -> f64 {
    let eigen = SymmetricEigen::new((b + b.transpose()) * 0.5);
    // nalgebra's eigenvalues have no order.
    let values = eigen.eigenvalues;
    let mut sum = 0.0;
    for i in 0..3 {
        let rank = (0..3).filter(|&j| values[j] < values[i]).count();
        sum += [1.0, -2.0, 3.0][rank] * eigen.eigenvectors.column(i).dot(u).powi(2);
    }
    sum
}

#[differentiate(order = 2)]
fn singular_vector(a: &Matrix3x2<f64>, w: &Vector3<f64>) -> f64 {
    let svd = a.svd(true, true);
    let u = svd.u.unwrap();
    svd.singular_values[0] * u.column(0).dot(w).powi(2)
}

#[differentiate(order = 2)]
fn qr_diagonal(a: &Matrix3x2<f64>) -> f64 {
    let r = a.qr().r();
    r[(0, 0)].powi(2) + 3.0 * r[(1, 1)].powi(2)
}

#[differentiate(order = 2)]
fn normal_logpdf(x: &DVector<f64>, mu: &DVector<f64>, l: &DMatrix<f64>) -> f64 {
    let z = l.solve_lower_triangular(&(x - mu)).unwrap();
    let half_log_det = l.diagonal().map(f64::ln).sum();
    -0.5 * z.norm_squared() - half_log_det - 0.5 * x.len() as f64 * std::f64::consts::TAU.ln()
}

// The factor of the columns, with the signs that Gram-Schmidt gives it.
#[differentiate(order = 2)]
fn gram_schmidt(a: &Matrix3<f64>, w: &Matrix3<f64>) -> f64 {
    let qr = a.qr();
    let (q, r) = (qr.q(), qr.r());
    let mut sum = 0.0;
    for k in 0..3 {
        let sign = r[(k, k)].signum();
        sum += (k + 1) as f64 * sign * w.row(k).transpose().dot(&q.column(k));
    }
    sum
}

#[test]
fn doubles() {
    golden!("m_det3": det(a), a: Matrix3<f64>);
    golden!("m_logabsdet": log_abs_det(a), a: DMatrix<f64>);
    golden!("m_solve": solve(a, b, c), a: Matrix3<f64>, b: Vector3<f64>, c: Vector3<f64>);
    golden!("m_solve": solve_by_qr(a, b, c), a: DMatrix<f64>, b: DVector<f64>, c: DVector<f64>);
    golden!("m_solve": solve_by_inverse(a, b, c), a: Matrix3<f64>, b: Vector3<f64>, c: Vector3<f64>);
    golden!("m_cholesky_param": cholesky_weighted(b, w), b: DMatrix<f64>, w: DMatrix<f64>);
    golden!("m_logdet_spd": log_det(b), b: DMatrix<f64>);
    golden!("m_logdet_spd": log_det_of_the_factor(b), b: DMatrix<f64>);
    golden!("m_eigvecs": eigenvectors(b, u), b: Matrix3<f64>, u: Vector3<f64>);
    golden!("m_svd_vectors": singular_vector(a, w), a: Matrix3x2<f64>, w: Vector3<f64>);
    golden!("m_qr_rdiag": qr_diagonal(a), a: Matrix3x2<f64>);
    golden!("mvn_logpdf": normal_logpdf(x, mu, l), x: DVector<f64>, mu: DVector<f64>, l: DMatrix<f64>);
    golden!("m_gram_schmidt": gram_schmidt(a, w), a: Matrix3<f64>, w: Matrix3<f64>);
    golden_rows!("j_cholesky": cholesky(b), b: DMatrix<f64>);
}

#[test]
fn singles() {
    golden!("m_solve": solve_by_qr(a, b, c), a: DMatrix<f32>, b: DVector<f32>, c: DVector<f32>);
    golden!("m_cholesky_param": cholesky_weighted(b, w), b: DMatrix<f32>, w: DMatrix<f32>);
}
