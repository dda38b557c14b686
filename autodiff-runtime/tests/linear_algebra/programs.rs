//! Rules of this family in functions as users write them.

use autodiff_runtime::check;
use autodiff_runtime::nalgebra::{
    Cholesky, DMatrix, DVector, Isometry3, Matrix3, Point3, Rotation3, SymmetricEigen,
    Translation3, Unit, UnitQuaternion, Vector3, vector,
};
use differentiate::differentiate;

use super::{dynamic, fixed};

fn shifted(n: usize, seed: u32) -> DMatrix<f64> {
    let a: DMatrix<f64> = dynamic(n, n, seed);
    &a * a.transpose() * 0.25 + DMatrix::identity(n, n)
}

/// The log-likelihood of a Gaussian.
#[differentiate]
fn log_likelihood(cov: &DMatrix<f64>, x: &DVector<f64>) -> Option<f64> {
    let chol = cov.clone().cholesky()?;
    let z = chol.solve(x);
    Some(-0.5 * (x.dot(&z) + chol.ln_determinant()))
}

#[test]
fn gaussian() {
    for seed in 0..8 {
        let at = (shifted(3, seed), dynamic(3, 1, seed).column(0).into_owned());
        check::pullback(
            |(cov, x)| log_likelihood(cov, x).into_iter().collect::<Vec<f64>>(),
            |(cov, x)| {
                let (value, pull) = log_likelihood::vjp(cov, x);
                let pull = move |g: Vec<f64>| pull(g.first().copied());
                (value.into_iter().collect::<Vec<f64>>(), pull)
            },
            &at,
        )
        .assert();
    }
    let indefinite = -shifted(2, 1);
    let zero = DVector::zeros(2);
    let (value, pull) = log_likelihood::vjp(&indefinite, &zero);
    assert_eq!(value, None);
    let (to_cov, to_x) = pull(None);
    assert_eq!((to_cov, to_x), (DMatrix::zeros(2, 2), DVector::zeros(2)));
}

#[differentiate]
fn solved_twice(a: &DMatrix<f64>, b: &DVector<f64>) -> f64 {
    let lu = a.clone().lu();
    let x = lu.solve(b).unwrap();
    let y = lu.solve(&x).expect("a regular matrix");
    y.dot(&x) + lu.determinant()
}

#[differentiate]
fn factored(a: &Matrix3<f64>) -> f64 {
    let chol = Cholesky::new(*a).unwrap();
    let l = chol.l();
    let qr = a.qr();
    let (q, r) = (qr.q(), qr.r());
    l.norm_squared() + q.trace() + r.sum() + chol.inverse().norm() + a.determinant()
}

#[differentiate]
fn spectral(a: &Matrix3<f64>) -> f64 {
    let eigen = SymmetricEigen::new(*a);
    let weights = eigen.eigenvalues.map(f64::exp);
    let first = eigen.eigenvectors * Matrix3::from_diagonal(&weights);
    let svd = a.svd(true, true);
    let u = svd.u.unwrap();
    let v_t = svd.v_t.unwrap();
    let polar = u * v_t;
    (first * eigen.eigenvectors.transpose()).norm() + svd.singular_values.sum() + polar.trace()
}

#[differentiate]
fn everyday(a: &Matrix3<f64>, x: &Vector3<f64>) -> f64 {
    let inverse = a.try_inverse().unwrap();
    let wide = a.insert_row(1, x[0]).remove_column(0);
    let single = x.cast::<f32>().cast::<f64>();
    inverse.sum()
        + wide.variance()
        + a.exp().norm()
        + a.pow(3).trace()
        + single.lp_norm(3)
        + x.metric_distance(&a.column(1).into_owned())
}

#[differentiate]
fn triangular(a: &DMatrix<f64>, b: &DVector<f64>) -> Option<f64> {
    let x = a.tr_solve_lower_triangular(b)?;
    let p = a.clone().pseudo_inverse(1e-9).ok()?;
    Some(x.norm() + p.sum() + a.singular_values().norm())
}

#[test]
fn programs() {
    for seed in 0..8 {
        let a = shifted(3, seed);
        let fixed_a = Matrix3::from_column_slice(a.as_slice());
        let x: Vector3<f64> = fixed(seed);
        let b = DVector::from_column_slice(x.as_slice());
        let pair = (a, b);
        check::gradient(
            |(a, b)| solved_twice(a, b),
            |(a, b)| solved_twice::grad(a, b),
            &pair,
        )
        .assert();
        check::gradient(factored, factored::grad, &fixed_a).assert();
        check::gradient(spectral, spectral::grad, &fixed_a).assert();
        check::pullback(
            |(a, b)| triangular(a, b).unwrap_or(0.0),
            |(a, b)| {
                let (value, pull) = triangular::vjp(a, b);
                (value.unwrap_or(0.0), move |g: f64| pull(Some(g)))
            },
            &pair,
        )
        .assert();
    }
    let (a, x) = (
        Matrix3::new(4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 5.0) * 0.25,
        vector![1.0, 2.0, 4.0],
    );
    let (value, (to_a, to_x)) = everyday::value_and_grad(&a, &x);
    assert!(value.is_finite() && to_a.iter().chain(to_x.iter()).all(|it| it.is_finite()));
}

/// What a camera sees of a landmark, against what it saw.
#[differentiate]
fn reprojection(pose: &Isometry3<f64>, landmark: &Point3<f64>, #[no_diff] seen: &[f64; 2]) -> f64 {
    let local = pose.inverse_transform_point(landmark);
    let (u, v) = (local.x / local.z, local[1] / local.coords.z);
    (u - seen[0]).powi(2) + (v - seen[1]).powi(2)
}

/// A chain of links.
#[differentiate]
fn reach(angles: &Vector3<f64>, offset: &Vector3<f64>, goal: &Point3<f64>) -> f64 {
    let shoulder = UnitQuaternion::from_euler_angles(angles.x, angles.y, angles.z);
    let axis = Unit::new_normalize(*offset);
    let elbow = UnitQuaternion::from_axis_angle(&axis, angles.x * angles.y);
    let link = Isometry3::from_parts(Translation3::new(offset.x, offset.y, 1.0), elbow);
    let hand = shoulder * link;
    let tip = hand * Point3::new(0.5, angles.z, 0.25);
    let back = hand.inverse();
    (tip - *goal).norm_squared() + back.translation.vector.norm() + hand.rotation.angle()
}

/// Differences between two attitudes.
#[differentiate]
fn attitude(a: &Vector3<f64>, b: &Rotation3<f64>) -> f64 {
    let first = Rotation3::new(*a);
    let half = first.slerp(b, 0.5);
    let (roll, pitch, yaw) = half.euler_angles();
    let image = half.matrix() * a;
    let logarithm = (first.inverse() * b).scaled_axis();
    roll * pitch + yaw + image.norm() + logarithm.dot(a) + first.angle_to(b)
}

#[test]
fn geometry() {
    for seed in 0..8 {
        let (v, w): (Vector3<f64>, Vector3<f64>) = (fixed(seed), fixed(seed + 9));
        let pose = Isometry3::new(v, w * 0.5);
        // In front of the camera.
        let landmark = pose * Point3::new(w.x, w.y, 3.0);
        let seen = [0.25, -0.5];
        let at = (pose, landmark);
        check::gradient(
            |(pose, landmark)| reprojection(pose, landmark, &seen),
            |(pose, landmark)| reprojection::grad(pose, landmark, &seen),
            &at,
        )
        .assert();
        let at = (v, w, landmark);
        check::gradient(
            |(v, w, p)| reach(v, w, p),
            |(v, w, p)| reach::grad(v, w, p),
            &at,
        )
        .assert();
        let at = (v * 0.4, Rotation3::new(v * 0.4 + vector![0.5, -0.25, 0.75]));
        check::gradient(|(a, b)| attitude(a, b), |(a, b)| attitude::grad(a, b), &at).assert();
    }
}
