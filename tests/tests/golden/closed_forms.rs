//! Small linear algebra, written out: by the formulas of 2 and 3 dimensions, and by loops over entries.

use crate::data::{golden, golden_rows};
use differentiate::differentiate;
use nalgebra::{DMatrix, Matrix3, Matrix3x2, Vector2, Vector3};

// Cramer's rule.
#[differentiate(order = 2)]
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

#[differentiate(order = 2)]
fn cholesky(b: &Matrix3<f64>) -> Matrix3<f64> {
    let s = b * b.transpose() + Matrix3::identity() * 2.0;
    let p = s[(0, 0)].sqrt();
    let (q, r) = (s[(1, 0)] / p, s[(2, 0)] / p);
    let t = (s[(1, 1)] - q * q).sqrt();
    let u = (s[(2, 1)] - q * r) / t;
    let v = (s[(2, 2)] - r * r - u * u).sqrt();
    Matrix3::new(p, 0.0, 0.0, q, t, 0.0, r, u, v)
}

#[differentiate(order = 2)]
fn cholesky_weighted(b: &Matrix3<f64>, w: &Matrix3<f64>) -> f64 {
    cholesky(b).component_mul(w).sum()
}

// The factor overwrites the lower triangle, as textbooks have it.
#[differentiate(order = 2)]
fn cholesky_in_place(b: &DMatrix<f64>, w: &DMatrix<f64>) -> f64 {
    let n = b.nrows();
    let mut l = b * b.transpose() + DMatrix::identity(n, n) * 2.0;
    let mut sum = 0.0;
    for j in 0..n {
        for k in 0..j {
            for i in j..n {
                l[(i, j)] -= l[(i, k)] * l[(j, k)];
            }
        }
        l[(j, j)] = l[(j, j)].sqrt();
        for i in j + 1..n {
            l[(i, j)] /= l[(j, j)];
        }
        for i in j..n {
            sum += l[(i, j)] * w[(i, j)];
        }
    }
    sum
}

// Eigenvalues by the trigonometric solution of the cubic equation, and `vᵢ vᵢᵀ` as a product of `S - λⱼ`.
#[differentiate(order = 2)]
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
#[differentiate(order = 2)]
fn singular_vector(a: &Matrix3x2<f64>, w: &Vector3<f64>) -> f64 {
    let (x, y) = (a.column(0), a.column(1));
    let angle = 0.5 * (2.0 * x.dot(&y)).atan2(x.norm_squared() - y.norm_squared());
    let image = a * Vector2::new(angle.cos(), angle.sin());
    let along = image.dot(w);
    along * along / image.norm()
}

#[differentiate(order = 2)]
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

// The squares of the diagonal of R are what Gram-Schmidt leaves of the columns.
#[differentiate(order = 2)]
fn qr_diagonal(a: &Matrix3x2<f64>) -> f64 {
    let (x, y) = (a.column(0), a.column(1));
    let first = x.norm_squared();
    let along = x.dot(&y);
    first + 3.0 * (y.norm_squared() - along * along / first)
}

#[differentiate(order = 2)]
fn det(a: &Matrix3<f64>) -> f64 {
    let minor = |i: usize, j: usize| a[(1, i)] * a[(2, j)] - a[(1, j)] * a[(2, i)];
    a[(0, 0)] * minor(1, 2) - a[(0, 1)] * minor(0, 2) + a[(0, 2)] * minor(0, 1)
}

#[differentiate(order = 2)]
fn det_by_columns(a: &Matrix3<f64>) -> f64 {
    let [x, y, z] = [column(a, 0), column(a, 1), column(a, 2)];
    x.cross(&y).dot(&z)
}

#[differentiate(order = 2)]
fn column(a: &Matrix3<f64>, j: usize) -> Vector3<f64> {
    a.column(j).into_owned()
}

#[differentiate(order = 2)]
fn log_abs_det(a: &Matrix3<f64>) -> f64 {
    det(a).abs().ln()
}

// 2 sum log diag chol(S) is log det S.
#[differentiate(order = 2)]
fn log_det_spd(b: &Matrix3<f64>) -> f64 {
    det(&(b * b.transpose() + Matrix3::identity() * 2.0)).ln()
}

#[differentiate(order = 2)]
fn normal_logpdf(x: &[f64; 3], mu: &[f64; 3], l: &Matrix3<f64>) -> f64 {
    // Forward substitution.
    let a = (x[0] - mu[0]) / l[(0, 0)];
    let b = (x[1] - mu[1] - l[(1, 0)] * a) / l[(1, 1)];
    let c = (x[2] - mu[2] - l[(2, 0)] * a - l[(2, 1)] * b) / l[(2, 2)];
    let half_log_det = l.diagonal().map(f64::ln).sum();
    -0.5 * (a * a + b * b + c * c) - half_log_det - 1.5 * std::f64::consts::TAU.ln()
}

#[test]
fn factorisations() {
    golden!("m_solve": solve(a, b, c), a: Matrix3<f64>, b: Vector3<f64>, c: Vector3<f64>);
    golden!("m_solve": solve_dynamic(a, b, c), a: DMatrix<f64>, b: Vec<f64>, c: Vec<f64>);
    golden!("m_cholesky_param": cholesky_weighted(b, w), b: Matrix3<f64>, w: Matrix3<f64>);
    golden!("m_cholesky_param": cholesky_in_place(b, w), b: DMatrix<f64>, w: DMatrix<f64>);
    golden!("m_eigvecs": eigenvectors(b, u), b: Matrix3<f64>, u: Vector3<f64>);
    golden!("m_svd_vectors": singular_vector(a, w), a: Matrix3x2<f64>, w: Vector3<f64>);
    golden!("m_qr_rdiag": qr_diagonal(a), a: Matrix3x2<f64>);
    golden_rows!("j_cholesky": cholesky(b), b: Matrix3<f64>);
}

#[test]
fn determinants() {
    golden!("m_det3": det(a), a: Matrix3<f64>);
    golden!("m_det3": det_by_columns(a), a: Matrix3<f64>);
    golden!("m_logabsdet": log_abs_det(a), a: Matrix3<f64>);
    golden!("m_logdet_spd": log_det_spd(b), b: Matrix3<f64>);
    golden!("mvn_logpdf": normal_logpdf(x, mu, l), x: [f64; 3], mu: [f64; 3], l: Matrix3<f64>);
}
