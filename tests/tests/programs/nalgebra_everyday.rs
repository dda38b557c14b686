//! One small function for each thing that people do with nalgebra, written as they write it.

use crate::battery::battery;
use differentiate::differentiate;
use nalgebra::{
    DMatrix, DVector, Isometry2, Isometry3, Matrix3, Point2, Point3, Quaternion, Rotation2,
    Rotation3, Similarity3, Translation3, UnitComplex, UnitQuaternion, Vector2, Vector3, dmatrix,
    dvector, matrix, stack, vector,
};

fn general() -> DMatrix<f64> {
    dmatrix![1.3, 0.5, 0.3; 0.4, -1.1, 0.25; -0.2, 0.7, 0.9]
}

fn definite() -> DMatrix<f64> {
    dmatrix![2.3, 0.4, -0.2; 0.4, 3.1, 0.7; -0.2, 0.7, 1.9]
}

fn vector() -> DVector<f64> {
    dvector![0.8, -0.6, 1.4]
}

#[differentiate(order = 2)]
fn indexing(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    m[(1, 0)] * v[2] + m[2]
}

#[differentiate(order = 2)]
fn operators(m: &DMatrix<f64>, v: &DVector<f64>, x: f64) -> f64 {
    (m * v * x - v / x + v * 2.0).norm()
}

#[differentiate(order = 2)]
fn operators_by_value(m: &DMatrix<f64>, x: f64) -> f64 {
    ((m.clone() + m * x) - m.transpose() * m).sum()
}

#[differentiate(order = 2)]
fn assigning_operators(v: &DVector<f64>, x: f64) -> f64 {
    let mut w = v.clone();
    w += v * x;
    w -= v;
    w *= x;
    w /= 1.0 + x * x;
    w.norm_squared()
}

#[differentiate(order = 2)]
fn transposes(m: &DMatrix<f64>) -> f64 {
    (m.transpose() * m).trace()
}

#[differentiate(order = 2)]
fn constructors(x: f64) -> f64 {
    (DMatrix::<f64>::identity(3, 3) * x
        + DMatrix::from_element(3, 3, x)
        + DMatrix::<f64>::zeros(3, 3))
    .norm()
}

#[differentiate(order = 2)]
fn from_fn(x: f64, v: &DVector<f64>) -> f64 {
    DMatrix::from_fn(3, 3, |i, j| x * v[i] * (j as f64 + 1.0)).norm_squared()
}

#[differentiate(order = 2)]
fn from_vec(x: f64) -> f64 {
    DVector::from_vec(vec![x, x * x, x.sin()]).norm()
}

#[differentiate(order = 2)]
fn from_row_slice(x: f64) -> f64 {
    DMatrix::from_row_slice(2, 2, &[x, x * x, 1.0, x.exp()]).determinant()
}

#[differentiate(order = 2)]
fn from_column_slice(x: f64) -> f64 {
    DMatrix::from_column_slice(2, 2, &[x, x * x, 1.0, x.exp()]).trace()
}

#[differentiate(order = 2)]
fn from_diagonal(v: &DVector<f64>, m: &DMatrix<f64>) -> f64 {
    (DMatrix::from_diagonal(v) * m).sum()
}

#[differentiate(order = 2)]
fn from_iterator(v: &DVector<f64>) -> f64 {
    DVector::from_iterator(3, v.iter().map(|a| a * a)).sum()
}

#[differentiate(order = 2)]
fn from_columns(v: &DVector<f64>) -> f64 {
    DMatrix::from_columns(&[v.clone(), v * 2.0, v.map(|a| a.sin())]).norm_squared()
}

#[differentiate(order = 2)]
fn from_rows_static(u: &Vector3<f64>) -> f64 {
    Matrix3::from_rows(&[
        u.transpose(),
        u.map(|a| a.cos()).transpose(),
        u.map(|a| a.sin()).transpose(),
    ])
    .determinant()
}

#[differentiate(order = 2)]
fn from_columns_static(u: &Vector3<f64>) -> f64 {
    Matrix3::from_columns(&[*u, u.cross(&Vector3::x()), u.map(|a| a.sin())]).determinant()
}

#[differentiate(order = 2)]
fn repeated_entry(x: f64, v: &DVector<f64>) -> f64 {
    DVector::repeat(3, x).dot(v)
}

#[differentiate(order = 2)]
fn new_and_axes(x: f64, u: &Vector3<f64>) -> f64 {
    Vector3::new(x, x * x, u.x).dot(u) + (Vector3::x() * x).dot(u) + Vector3::y_axis().dot(u)
}

#[differentiate(order = 2)]
fn dots_and_norms(v: &DVector<f64>) -> f64 {
    v.dot(v) + v.norm() + v.norm_squared() + v.normalize()[0]
}

#[differentiate(order = 2)]
fn copies_from(v: &DVector<f64>, x: f64) -> f64 {
    let mut w = DVector::zeros(3);
    w.copy_from(&(v * x));
    w.norm_squared()
}

#[differentiate(order = 2)]
fn columns_rows_views(m: &DMatrix<f64>) -> f64 {
    m.columns(0, 2).norm()
        + m.rows(1, 2).sum()
        + m.column(1).norm_squared()
        + m.row(0).sum()
        + m.view((0, 1), (2, 2)).norm()
}

#[differentiate(order = 2)]
fn fixed_views(a: &Matrix3<f64>) -> f64 {
    a.fixed_view::<2, 2>(0, 1).norm() + a.fixed_rows::<2>(1).sum() + a.fixed_columns::<1>(0).norm()
}

#[differentiate(order = 2)]
fn owned_parts(m: &DMatrix<f64>) -> f64 {
    m.column(0).clone_owned().norm() + m.row(1).into_owned().sum()
}

#[differentiate(order = 2)]
fn cross_product(u: &Vector3<f64>, x: f64) -> f64 {
    u.cross(&Vector3::new(1.0, x, 2.0)).norm()
}

#[differentiate(order = 2)]
fn column_and_row_iterators(m: &DMatrix<f64>) -> f64 {
    m.column_iter().map(|c| c.norm()).sum::<f64>()
        + m.row_iter().map(|r| r.norm_squared()).sum::<f64>()
}

#[differentiate(order = 2)]
fn maps(m: &DMatrix<f64>) -> f64 {
    m.map(|a| a.tanh()).zip_map(m, |a, b| a * b).sum()
}

#[differentiate(order = 2)]
fn component_wise(m: &DMatrix<f64>) -> f64 {
    (m.component_mul(&m.transpose()) + m.component_div(&m.map(|a| 2.0 + a * a))).sum()
}

#[differentiate(order = 2)]
fn add_scalar_and_scale(m: &DMatrix<f64>, x: f64) -> f64 {
    m.add_scalar(x).scale(x).norm_squared()
}

#[differentiate(order = 2)]
fn gemm_in_place(m: &DMatrix<f64>, x: f64) -> f64 {
    let mut c = DMatrix::zeros(3, 3);
    c.gemm(x, m, m, 0.0);
    c.gemm(1.0, m, &m.transpose(), x);
    c.norm()
}

#[differentiate(order = 2)]
fn gemv_in_place(m: &DMatrix<f64>, v: &DVector<f64>, x: f64) -> f64 {
    let mut y = v.clone();
    y.gemv(x, m, v, 0.5);
    y.norm()
}

#[differentiate(order = 2)]
fn ger_in_place(m: &DMatrix<f64>, v: &DVector<f64>, x: f64) -> f64 {
    let mut c = m.clone();
    c.ger(x, v, v, 1.0);
    c.norm()
}

#[differentiate(order = 2)]
fn axpy_in_place(v: &DVector<f64>, x: f64) -> f64 {
    let mut y = v.clone();
    y.axpy(x, v, 2.0);
    y.norm()
}

#[differentiate(order = 2)]
fn transposed_products(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    m.tr_mul(v).norm() + m.tr_mul(m).trace()
}

#[differentiate(order = 2)]
fn statistics(v: &DVector<f64>) -> f64 {
    v.mean() + v.variance() + v.sum()
}

#[differentiate(order = 2)]
fn sums_by_row_and_column(m: &DMatrix<f64>) -> f64 {
    m.row_sum().norm() + m.column_sum().norm() + m.row_mean().norm() + m.column_mean().norm()
}

#[differentiate(order = 2)]
fn variances_by_row_and_column(m: &DMatrix<f64>) -> f64 {
    m.row_variance().sum() + m.column_variance().sum()
}

#[differentiate(order = 2)]
fn extremes(m: &DMatrix<f64>) -> f64 {
    m.max() * 2.0 + m.min() + m.amax() + m.amin() + m.camax()
}

#[differentiate(order = 2)]
fn diagonal(m: &DMatrix<f64>) -> f64 {
    m.diagonal().norm() + m.trace()
}

#[differentiate(order = 2)]
fn kronecker(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    m.kronecker(v).norm() + (v * v.transpose()).sum()
}

#[differentiate(order = 2)]
fn matrix_power(m: &DMatrix<f64>) -> f64 {
    m.pow(3).trace()
}

#[differentiate(order = 2)]
fn insert_rows(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    m.clone().insert_row(1, 2.0).norm() + v.clone().insert_row(0, 1.0).norm_squared()
}

#[differentiate(order = 2)]
fn insert_columns(m: &DMatrix<f64>, x: f64) -> f64 {
    m.clone().insert_column(1, x).norm()
}

#[differentiate(order = 2)]
fn remove_rows_and_columns(m: &DMatrix<f64>) -> f64 {
    m.clone().remove_row(1).norm() + m.clone().remove_column(0).sum()
}

#[differentiate(order = 2)]
fn resizes(m: &DMatrix<f64>, x: f64) -> f64 {
    m.clone().resize(4, 2, x).norm()
}

#[differentiate(order = 2)]
fn homogeneous_and_swizzles(u: &Vector3<f64>) -> f64 {
    u.to_homogeneous().norm() + u.push(2.0).norm() + u.xy().norm() + u.xz().sum()
}

#[differentiate(order = 2)]
fn pushed_entry(u: &Vector3<f64>, x: f64) -> f64 {
    u.push(x).norm_squared()
}

#[differentiate(order = 2)]
fn xyz(u: &Vector3<f64>) -> f64 {
    u.xyz().dot(&u)
}

#[differentiate(order = 2)]
fn vector_macros(x: f64) -> f64 {
    vector![x, x * x, 1.0].norm() + dvector![x, x.sin()].sum()
}

#[differentiate(order = 2)]
fn matrix_macros(x: f64) -> f64 {
    matrix![x, 1.0; 2.0, x * x].determinant() + dmatrix![x, 1.0; 2.0, x * x].norm()
}

#[differentiate(order = 2)]
fn interpolation(u: &Vector3<f64>, x: f64) -> f64 {
    u.lerp(&Vector3::new(1.0, 2.0, 3.0), x).norm()
}

#[differentiate(order = 2)]
fn angle_between(u: &Vector3<f64>) -> f64 {
    u.angle(&Vector3::new(1.0, 2.0, 3.5))
}

#[differentiate(order = 2)]
fn distances(u: &Vector3<f64>) -> f64 {
    u.metric_distance(&Vector3::new(1.0, 0.0, 2.0)) + u.lp_norm(3)
}

#[differentiate(order = 2)]
fn cross_matrix(u: &Vector3<f64>) -> f64 {
    u.cross_matrix().norm()
}

#[differentiate(order = 2)]
fn outer_products(u: &Vector3<f64>) -> f64 {
    (u * u.transpose()).determinant() + (u * u.transpose()).sum()
}

#[differentiate(order = 2)]
fn triangles(s: &DMatrix<f64>) -> f64 {
    s.lower_triangle().norm() + s.upper_triangle().sum()
}

#[differentiate(order = 2)]
fn sum_over_entries(m: &DMatrix<f64>) -> f64 {
    m.iter().map(|a| a * a).sum::<f64>()
}

#[differentiate(order = 2)]
fn stacked_pose(x: f64, u: &Vector3<f64>) -> f64 {
    let m = stack![Matrix3::identity() * x, *u; u.transpose(), 0];
    m.norm_squared() + m[(0, 3)].sin()
}

#[differentiate(order = 2)]
fn stacked_blocks(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    let m = stack![a, b; b * 2.0, a];
    (&m * m.transpose()).trace() + m[(3, 1)]
}

#[differentiate(order = 2)]
fn stacked_in_a_loop(a: &DMatrix<f64>, n: usize) -> f64 {
    let mut sum = 0.0;
    for k in 0..n {
        if k == 1 {
            continue;
        }
        let m = stack![a, a.map(|x| x.sin())];
        sum += m.norm() * k as f64;
    }
    sum
}

#[test]
fn everyday() {
    battery!(stacked_pose(*x, u), at x = 0.7, u = Vector3::new(0.8, -0.6, 1.4));
    battery!(stacked_blocks(a, b), at a = general(), b = definite());
    battery!(stacked_in_a_loop(a, 4), at a = general());
    battery!(indexing(m, v), at m = general(), v = vector());
    battery!(operators(m, v, *x), at m = general(), v = vector(), x = 0.7);
    battery!(operators_by_value(m, *x), at m = general(), x = 0.7);
    battery!(assigning_operators(v, *x), at v = vector(), x = 0.7);
    battery!(transposes(m), at m = general());
    battery!(constructors(*x), at x = 0.7);
    battery!(from_fn(*x, v), at x = 0.7, v = vector());
    battery!(from_vec(*x), at x = 0.7);
    battery!(from_row_slice(*x), at x = 0.7);
    battery!(from_column_slice(*x), at x = 0.7);
    battery!(from_diagonal(v, m), at v = vector(), m = general());
    battery!(from_iterator(v), at v = vector());
    battery!(from_columns(v), at v = vector());
    battery!(from_rows_static(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(from_columns_static(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(repeated_entry(*x, v), at x = 0.7, v = vector());
    battery!(new_and_axes(*x, u), at x = 0.7, u = Vector3::new(0.8, -0.6, 1.4));
    battery!(dots_and_norms(v), at v = vector());
    battery!(copies_from(v, *x), at v = vector(), x = 0.7);
    battery!(columns_rows_views(m), at m = general());
    battery!(fixed_views(a), at a = general().fixed_view::<3, 3>(0, 0).into_owned());
    battery!(owned_parts(m), at m = general());
    battery!(cross_product(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(column_and_row_iterators(m), at m = general());
    battery!(maps(m), at m = general());
    battery!(component_wise(m), at m = general());
    battery!(add_scalar_and_scale(m, *x), at m = general(), x = 0.7);
    battery!(gemm_in_place(m, *x), at m = general(), x = 0.7);
    battery!(gemv_in_place(m, v, *x), at m = general(), v = vector(), x = 0.7);
    battery!(ger_in_place(m, v, *x), at m = general(), v = vector(), x = 0.7);
    battery!(axpy_in_place(v, *x), at v = vector(), x = 0.7);
    battery!(transposed_products(m, v), at m = general(), v = vector());
    battery!(statistics(v), at v = vector());
    battery!(sums_by_row_and_column(m), at m = general());
    battery!(variances_by_row_and_column(m), at m = general());
    battery!(extremes(m), at m = general());
    battery!(diagonal(m), at m = general());
    battery!(kronecker(m, v), at m = general(), v = vector());
    battery!(matrix_power(m), at m = general());
    battery!(insert_rows(m, v), at m = general(), v = vector());
    battery!(insert_columns(m, *x), at m = general(), x = 0.7);
    battery!(remove_rows_and_columns(m), at m = general());
    battery!(resizes(m, *x), at m = general(), x = 0.7);
    battery!(homogeneous_and_swizzles(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(pushed_entry(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(xyz(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(vector_macros(*x), at x = 0.7);
    battery!(matrix_macros(*x), at x = 0.7);
    battery!(interpolation(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(angle_between(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(distances(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(cross_matrix(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(outer_products(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(triangles(s), at s = definite());
    battery!(sum_over_entries(m), at m = general());
}

#[differentiate(order = 2)]
fn inverse_mapped(s: &DMatrix<f64>) -> f64 {
    s.clone().try_inverse().map(|i| i.trace()).unwrap_or(0.0)
}

#[differentiate(order = 2)]
fn inverse_unwrapped(s: &DMatrix<f64>) -> f64 {
    let i = s.clone().try_inverse().unwrap();
    i[(0, 1)]
}

#[differentiate(order = 2)]
fn inverse_matched(a: &Matrix3<f64>) -> f64 {
    match a.try_inverse() {
        Some(i) => i.norm(),
        None => 0.0,
    }
}

#[differentiate(order = 2)]
fn determinant(m: &DMatrix<f64>) -> f64 {
    m.determinant()
}

#[differentiate(order = 2)]
fn cholesky(s: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let c = s.clone().cholesky().unwrap();
    c.solve(v).dot(v) + c.ln_determinant() + c.l()[(1, 0)] + c.inverse().trace() + c.determinant()
}

#[differentiate(order = 2)]
fn cholesky_if_let(s: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    if let Some(c) = s.clone().cholesky() {
        v.dot(&c.solve(v))
    } else {
        f64::INFINITY
    }
}

#[differentiate(order = 2)]
fn lu(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let lu = m.clone().lu();
    lu.solve(v).unwrap().norm() + lu.determinant() + lu.try_inverse().unwrap()[(0, 1)]
}

#[differentiate(order = 2)]
fn qr(m: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    let qr = m.clone().qr();
    qr.r()[(0, 1)] + qr.q()[(1, 1)] + qr.solve(v).unwrap().sum()
}

#[differentiate(order = 2)]
fn singular_values_of_svd(m: &DMatrix<f64>) -> f64 {
    let svd = m.clone().svd(false, false);
    svd.singular_values[0] * 2.0 + svd.singular_values[2]
}

#[differentiate(order = 2)]
fn singular_vectors(m: &DMatrix<f64>) -> f64 {
    let svd = m.clone().svd(true, true);
    let u = svd.u.unwrap();
    u[(0, 0)] * u[(1, 0)] + svd.singular_values.sum()
}

#[differentiate(order = 2)]
fn singular_values(m: &DMatrix<f64>) -> f64 {
    m.singular_values().sum()
}

#[differentiate(order = 2)]
fn pseudo_inverse(m: &DMatrix<f64>) -> f64 {
    m.clone().pseudo_inverse(1e-12).unwrap().sum()
}

#[differentiate(order = 2)]
fn symmetric_eigen(s: &DMatrix<f64>) -> f64 {
    let e = s.clone().symmetric_eigen();
    e.eigenvalues.map(|l| l * l * l).sum()
}

#[differentiate(order = 2)]
fn symmetric_eigenvalues(s: &DMatrix<f64>) -> f64 {
    s.symmetric_eigenvalues().map(|a| a.exp()).sum()
}

#[differentiate(order = 2)]
fn triangular_systems(s: &DMatrix<f64>, v: &DVector<f64>) -> f64 {
    s.solve_lower_triangular(v).unwrap().norm()
        + s.solve_upper_triangular(v).unwrap().sum()
        + s.tr_solve_lower_triangular(v).unwrap().sum()
}

#[differentiate(order = 2)]
fn matrix_exponential(m: &DMatrix<f64>) -> f64 {
    m.exp().trace()
}

#[test]
fn factorisations() {
    battery!(inverse_mapped(s), at s = definite());
    battery!(inverse_unwrapped(s), at s = definite());
    battery!(inverse_matched(a), at a = general().fixed_view::<3, 3>(0, 0).into_owned());
    battery!(determinant(m), at m = general());
    battery!(cholesky(s, v), at s = definite(), v = vector());
    battery!(cholesky_if_let(s, v), at s = definite(), v = vector());
    battery!(lu(m, v), at m = general(), v = vector());
    battery!(qr(m, v), at m = general(), v = vector());
    battery!(singular_values_of_svd(m), at m = general());
    battery!(singular_vectors(m), at m = general());
    battery!(singular_values(m), at m = general());
    battery!(pseudo_inverse(m), at m = general());
    battery!(symmetric_eigen(s), at s = definite());
    battery!(symmetric_eigenvalues(s), at s = definite());
    battery!(triangular_systems(s, v), at s = definite(), v = vector());
    battery!(matrix_exponential(m), at m = general());
}

#[differentiate(order = 2)]
fn rotation(u: &Vector3<f64>) -> f64 {
    let r = Rotation3::new(*u);
    (r * Vector3::new(1.0, 2.0, 3.0)).x + r.matrix()[(0, 1)] + r.angle()
}

#[differentiate(order = 2)]
fn plane_rotation(x: f64, u: &Vector3<f64>) -> f64 {
    let r = Rotation2::new(x);
    (r * Vector2::new(1.0, u.x)).x
}

#[differentiate(order = 2)]
fn quaternion_of_axis(u: &Vector3<f64>) -> f64 {
    let q = UnitQuaternion::from_scaled_axis(*u);
    (q * Vector3::new(1.0, 2.0, 3.0)).y
        + q.angle()
        + q.inverse().transform_vector(&Vector3::new(1.0, 2.0, 3.0)).z
}

#[differentiate(order = 2)]
fn quaternion_of_euler_angles(x: f64, u: &Vector3<f64>) -> f64 {
    let q = UnitQuaternion::from_euler_angles(x, u.x, u.y);
    let (r, p, y) = q.euler_angles();
    r * 2.0 + p * y + q.scaled_axis().norm()
}

#[differentiate(order = 2)]
fn quaternion_slerp(x: f64) -> f64 {
    let q = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), x);
    let p = UnitQuaternion::from_euler_angles(0.1, 0.2, 0.3);
    q.slerp(&p, 0.3 * x).scaled_axis().norm() + (q * p).angle_to(&p)
}

#[differentiate(order = 2)]
fn quaternion_to_matrix(u: &Vector3<f64>) -> f64 {
    UnitQuaternion::from_quaternion(Quaternion::new(1.0, u.x, u.y, u.z))
        .to_rotation_matrix()
        .matrix()[(0, 1)]
}

#[differentiate(order = 2)]
fn isometry(u: &Vector3<f64>, x: f64) -> f64 {
    let i = Isometry3::new(*u, Vector3::new(0.1, x, 0.3));
    let p = i * Point3::new(1.0, 2.0, 3.0);
    p.x + p.coords.norm() + i.inverse().translation.vector.norm()
}

#[differentiate(order = 2)]
fn isometry_of_parts(u: &Vector3<f64>, x: f64) -> f64 {
    let i = Isometry3::from_parts(
        Translation3::from(*u),
        UnitQuaternion::from_euler_angles(x, 0.2, 0.3),
    );
    (i * i).to_homogeneous().norm() + i.transform_point(&Point3::origin()).y
}

#[differentiate(order = 2)]
fn plane_isometry(x: f64) -> f64 {
    let i = Isometry2::new(Vector2::new(x, 1.0), x * x);
    (i * Point2::new(1.0, 2.0)).x
}

#[differentiate(order = 2)]
fn unit_complex(x: f64) -> f64 {
    let c = UnitComplex::new(x);
    (c * Vector2::new(1.0, 2.0)).x + c.angle() + (c * c).inverse().angle()
}

#[differentiate(order = 2)]
fn similarity(u: &Vector3<f64>, x: f64) -> f64 {
    let s = Similarity3::new(*u, Vector3::new(0.1, x, 0.3), x * x + 1.0);
    (s * Point3::new(1.0, 2.0, 3.0)).coords.norm()
}

#[differentiate(order = 2)]
fn look_at_rotation(u: &Vector3<f64>) -> f64 {
    (Rotation3::look_at_rh(u, &Vector3::y()) * Vector3::new(1.0, 2.0, 3.0)).x
}

#[differentiate(order = 2)]
fn look_at_isometry(u: &Vector3<f64>) -> f64 {
    Isometry3::look_at_rh(
        &Point3::from(*u),
        &Point3::new(4.0, 1.0, 0.5),
        &Vector3::y(),
    )
    .transform_point(&Point3::new(1.0, 2.0, 3.0))
    .x
}

#[differentiate(order = 2)]
fn points(u: &Vector3<f64>) -> f64 {
    let p = Point3::from(*u);
    let q = p + u * 2.0;
    (q - p).norm() + p.coords.x + q.z
}

#[test]
fn geometry() {
    battery!(rotation(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(plane_rotation(*x, u), at x = 0.7, u = Vector3::new(0.8, -0.6, 1.4));
    battery!(quaternion_of_axis(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(quaternion_of_euler_angles(*x, u), at x = 0.7, u = Vector3::new(0.8, -0.6, 1.4));
    battery!(quaternion_slerp(*x), at x = 0.7);
    battery!(quaternion_to_matrix(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(isometry(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(isometry_of_parts(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(plane_isometry(*x), at x = 0.7);
    battery!(unit_complex(*x), at x = 0.7);
    battery!(similarity(u, *x), at u = Vector3::new(0.8, -0.6, 1.4), x = 0.7);
    battery!(look_at_rotation(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(look_at_isometry(u), at u = Vector3::new(0.8, -0.6, 1.4));
    battery!(points(u), at u = Vector3::new(0.8, -0.6, 1.4));
}

/// The value is a point, the tangent of which is none.
#[differentiate(order = 2)]
fn projected(pose: &Isometry3<f64>, p: &Point3<f64>, focal: f64) -> Point2<f64> {
    let c = pose * p;
    Point2::new(focal * c.x / c.z, focal * c.y / c.z)
}

#[differentiate(order = 2)]
fn reprojection(u: &Vector3<f64>, p: &Point3<f64>, focal: f64, seen: &Point2<f64>) -> f64 {
    let pose = Isometry3::new(Vector3::new(0.1, 0.2, 3.0), *u);
    (projected(&pose, p, focal) - seen).norm_squared()
}

#[test]
fn points_are_made() {
    let (u, p, seen) = (
        Vector3::new(0.3, -0.2, 0.1),
        Point3::new(0.3, -0.4, 0.2),
        Point2::new(0.1, 0.2),
    );
    battery!(reprojection(u, p, *focal, seen), at u = u, p = p, focal = 1.2, seen = seen);
}
