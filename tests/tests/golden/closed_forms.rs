//! Factorisations of small matrices, written out.

use crate::data::{golden, golden_rows};
use differentiate::differentiate;
use nalgebra::{DMatrix, Matrix3, Matrix3x2, Vector2, Vector3};

// Cramer's rule.
#[differentiate]
fn solve(a: &Matrix3<f64>, b: &Vector3<f64>, c: &Vector3<f64>) -> f64 {
    let [x, y, z] = [
        a.column(0).into_owned(),
        a.column(1).into_owned(),
        a.column(2).into_owned(),
    ];
    let normal = y.cross(&z);
    let solution = Vector3::new(b.dot(&normal), x.dot(&b.cross(&z)), x.dot(&y.cross(b)));
    c.dot(&solution) / x.dot(&normal)
}

#[differentiate]
fn cholesky(b: &Matrix3<f64>) -> Matrix3<f64> {
    let s = b * b.transpose() + Matrix3::identity() * 2.0;
    let p = s[(0, 0)].sqrt();
    let (q, r) = (s[(1, 0)] / p, s[(2, 0)] / p);
    let t = (s[(1, 1)] - q * q).sqrt();
    let u = (s[(2, 1)] - q * r) / t;
    let v = (s[(2, 2)] - r * r - u * u).sqrt();
    Matrix3::new(p, 0.0, 0.0, q, t, 0.0, r, u, v)
}

#[differentiate]
fn cholesky_weighted(b: &Matrix3<f64>, w: &Matrix3<f64>) -> f64 {
    cholesky(b).component_mul(w).sum()
}

// Eigenvalues by the trigonometric solution of the cubic equation, and `vᵢ vᵢᵀ` as a product of `S - λⱼ`.
#[differentiate]
fn eigenvectors(b: &Matrix3<f64>, u: &Vector3<f64>) -> f64 {
    let s = (b + b.transpose()) * 0.5;
    let mean = s.trace() / 3.0;
    let centred = s - Matrix3::identity() * mean;
    let radius = (centred.norm_squared() / 6.0).sqrt();
    let scaled = centred / radius;
    let (x, y) = (scaled.column(0).into_owned(), scaled.column(1).into_owned());
    let det = x.cross(&y).dot(&scaled.column(2));
    let angle = (det / 2.0).acos() / 3.0;
    let third = std::f64::consts::TAU / 3.0;
    let values = [
        mean + 2.0 * radius * (angle + third).cos(),
        mean + 2.0 * radius * (angle - third).cos(),
        mean + 2.0 * radius * angle.cos(),
    ];
    let mut sum = 0.0;
    for (i, c) in [1.0, -2.0, 3.0].iter().enumerate() {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        let once = s * u - u * values[j];
        let twice = s * once - once * values[k];
        sum += c * u.dot(&twice) / ((values[i] - values[j]) * (values[i] - values[k]));
    }
    sum
}

// The right singular vectors are the principal axes of `AᵀA`.
#[differentiate]
fn singular_vector(a: &Matrix3x2<f64>, w: &Vector3<f64>) -> f64 {
    let (x, y) = (a.column(0), a.column(1));
    let angle = 0.5 * (2.0 * x.dot(&y)).atan2(x.norm_squared() - y.norm_squared());
    let image = a * Vector2::new(angle.cos(), angle.sin());
    let along = image.dot(w);
    along * along / image.norm()
}

#[differentiate]
fn solve_dynamic(a: &DMatrix<f64>, b: &[f64], c: &[f64]) -> f64 {
    let minor = |i: usize, j: usize| {
        let ([p, q], [r, s]) = (others(i), others(j));
        a[(p, r)] * a[(q, s)] - a[(p, s)] * a[(q, r)]
    };
    let mut det = 0.0;
    let mut sum = 0.0;
    for i in 0..3 {
        for j in 0..3 {
            let cofactor = if (i + j) % 2 == 0 {
                minor(i, j)
            } else {
                -minor(i, j)
            };
            if i == 0 {
                det += a[(i, j)] * cofactor;
            }
            sum += b[i] * cofactor * c[j];
        }
    }
    sum / det
}

/// The two of 0, 1, 2 that are not `i`.
fn others(i: usize) -> [usize; 2] {
    [[1, 2], [0, 2], [0, 1]][i]
}

#[test]
fn factorisations() {
    golden!("m_solve": solve(a, b, c), a: Matrix3<f64>, b: Vector3<f64>, c: Vector3<f64>);
    golden!("m_solve": solve_dynamic(a, b, c), a: DMatrix<f64>, b: Vec<f64>, c: Vec<f64>);
    golden!("m_cholesky_param": cholesky_weighted(b, w), b: Matrix3<f64>, w: Matrix3<f64>);
    golden!("m_eigvecs": eigenvectors(b, u), b: Matrix3<f64>, u: Vector3<f64>);
    golden!("m_svd_vectors": singular_vector(a, w), a: Matrix3x2<f64>, w: Vector3<f64>);
    golden_rows!("j_cholesky": cholesky(b), b: Matrix3<f64>);
}
