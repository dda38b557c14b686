//! Dual numbers, and values lifted to them.

#![allow(clippy::float_cmp, reason = "real parts are the same to the last bit")]
#![allow(clippy::cast_precision_loss, reason = "indices are small")]
#![allow(
    clippy::ignored_unit_patterns,
    clippy::needless_borrow,
    reason = "written as generated code writes it"
)]

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{self as rt, Fresh, Skip, Val};
use autodiff_runtime::dual::Dual;
use autodiff_runtime::nalgebra::{Isometry3, Matrix3, RealField, UnitQuaternion, Vector3};
use autodiff_runtime::{Real, lit};

fn field<T: RealField>() {}

#[test]
fn is_a_number_of_nalgebra() {
    field::<Dual<f64>>();
    field::<Dual<Dual<f32>>>();
    let m = Matrix3::new(2.0, 1.0, 0.5, 1.0, 3.0, 0.25, 0.5, 0.25, 4.0);
    let d = Matrix3::new(0.1, 0.2, 0.3, -0.1, 0.5, 0.7, 0.9, 0.4, 0.3);
    let lifted = rt::lift(&m, &d);
    let (value, tangent) = rt::split(&lifted.try_inverse().unwrap());
    let inverse = m.try_inverse().unwrap();
    assert_eq!(value, inverse);
    assert!((tangent + inverse * d * inverse).norm() < 1e-14);
    let (value, _) = rt::split(&(rt::literal(2.0) * lifted * rt::literal(2.0)));
    assert_eq!(value, m * 4.0);
    let x = rt::lift(&3.0_f32, &1.0_f32);
    assert_eq!((x.powf(2.0) * 2.0).eps, 12.0);
    assert_eq!((2.0 * x.max(3.0)).eps, 0.0);
    assert_eq!((2.0 / x.max(rt::constant(&3.0_f32))).eps, -1.0 / 9.0);
}

#[test]
fn round_trips() {
    let pose = Isometry3::new(Vector3::new(1.0, 2.0, 3.0), Vector3::new(0.3, -0.5, 0.7));
    let mut tangent = rt::zero_like(&pose);
    tangent.rotation = Vector3::new(0.1, 0.2, 0.3);
    tangent.translation.vector = Vector3::new(0.4, 0.2, 0.3);
    let (value, back) = rt::split(&rt::lift(&pose, &tangent));
    assert_eq!(value, pose);
    assert!((back.rotation - tangent.rotation).norm() < 1e-15);
    let pair = rt::lift(&tangent, &tangent);
    let lifted = rt::lift(&pose, &tangent);
    let inner = rt::split(&rt::split(&rt::lift(&lifted, &pair)).1).0;
    assert!((inner.rotation - tangent.rotation).norm() < 1e-15);
    let _: UnitQuaternion<Dual<f64>> = lifted.rotation;
}

fn derivatives<T: Real>(
    f: impl Fn(Dual<Dual<Dual<Dual<Dual<T>>>>>) -> Dual<Dual<Dual<Dual<Dual<T>>>>>,
    x: T,
) -> [T; 6] {
    let one = T::one();
    let x = Dual::new(x, one);
    let x = Dual::new(x, lit(1.0));
    let x = Dual::new(x, lit(1.0));
    let x = Dual::new(x, lit(1.0));
    let y = f(Dual::new(x, lit(1.0)));
    [
        y.re.re.re.re.re,
        y.eps.re.re.re.re,
        y.eps.eps.re.re.re,
        y.eps.eps.eps.re.re,
        y.eps.eps.eps.eps.re,
        y.eps.eps.eps.eps.eps,
    ]
}

fn pole<T: Real>(x: T) -> T {
    (T::one() - x).recip()
}

#[test]
fn higher_derivatives() {
    let x = 0.7_f64;
    let (s, c) = x.sin_cos();
    assert_all(derivatives(Dual::sin, x), [s, c, -s, -c, s, c]);
    assert_all(derivatives(Dual::exp, x), [x.exp(); 6]);
    let u = 1.0 / (1.0 - x);
    let powers = [1.0, 1.0, 2.0, 6.0, 24.0, 120.0];
    assert_all(
        derivatives(pole, x),
        core::array::from_fn(|k| powers[k] * u.powi(i32::try_from(k).unwrap() + 1)),
    );
}

#[track_caller]
fn assert_all(got: [f64; 6], expected: [f64; 6]) {
    for (got, expected) in got.iter().zip(expected) {
        assert!(
            (got - expected).abs() <= 1e-13 * expected.abs().max(1.0),
            "{got} is not {expected}"
        );
    }
}

#[test]
fn pullback_over_duals() {
    let (x, dx) = (1.3_f64, 0.5);
    let xl = rt::lift(&x, &dx);
    let (got, ((),)) = xl.ad_powi((Val(&3),), (), &rt::lift(&1.0, &0.0), Fresh, (Skip,));
    assert!((got.eps - 6.0 * x * dx).abs() < 1e-14);
}

// === what is routed ===

use autodiff_runtime::__private::{
    LiftedCholesky, LiftedDeterminant, LiftedPseudoInverse, LiftedScaledAxis, LiftedSvd,
    LiftedSymmetricEigen, LiftedSymmetricEigenvalues, LiftedTryInverse, LiftedTurn, Regular,
};
use autodiff_runtime::dual::Kernels;
use autodiff_runtime::nalgebra::{DMatrix, DVector, Matrix4, Quaternion, Rotation3, SMatrix, Unit};
use autodiff_runtime::rules::factorisation::{SvdTangent, SymmetricEigenTangent};
use autodiff_runtime::tangent::dot;

/// A tangent with unrelated components.
fn filled<T: autodiff_runtime::Tangent>(like: &T, mut seed: u32) -> T {
    let mut tangent = like.clone();
    tangent.ad_map_components(&mut |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 16) / 32768.0 - 1.0
    });
    tangent
}

fn dense(rows: usize, columns: usize, seed: u32) -> DMatrix<f64> {
    filled(&DMatrix::zeros(rows, columns), seed)
}

fn symmetric(n: usize, seed: u32) -> DMatrix<f64> {
    let a = dense(n, n, seed);
    &a + a.transpose()
}

#[track_caller]
fn assert_near(what: &str, got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance * (1.0 + expected.abs()),
        "{what}: {got} is not {expected}"
    );
}

#[test]
fn eigenvalues_and_eigenvectors() {
    for (n, seed) in [(1, 1), (2, 2), (3, 3), (4, 4), (6, 5), (9, 6)] {
        let (a, da) = (symmetric(n, seed), dense(n, n, seed + 50));
        let lifted = rt::lift(&a, &da);
        let (eigen, tangent) = rt::split(&lifted.ad_lifted_symmetric_eigen());
        assert_eq!(eigen.eigenvectors, a.clone().symmetric_eigen().eigenvectors);
        let g = filled(&tangent, 7);
        let (back, ()) = a.ad_symmetric_eigen((), &eigen, &g, Fresh, ());
        assert_near("eigen", dot(&g, &tangent), dot(&back, &da), 1e-12);

        let (values, tangent) = rt::split(&lifted.ad_lifted_symmetric_eigenvalues());
        assert_eq!(values, a.symmetric_eigenvalues());
        let g = filled(&tangent, 7);
        let (back, ()) = a.ad_symmetric_eigenvalues((), &values, &g, Fresh, ());
        assert_near("eigenvalues", dot(&g, &tangent), dot(&back, &da), 1e-12);
    }
}

#[test]
fn singular_values_and_vectors() {
    for (rows, columns, seed) in [
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
        (5, 3, 4),
        (3, 6, 5),
        (7, 7, 6),
    ] {
        let (a, da) = (dense(rows, columns, seed), dense(rows, columns, seed + 50));
        let lifted = rt::lift(&a, &da);
        let (svd, tangent) = rt::split(&lifted.ad_lifted_svd(true, true));
        assert_eq!(svd.u, a.clone().svd(true, true).u);
        let g: SvdTangent<f64, _, _> = filled(&tangent, 7);
        let args = (rt::Lit(true), rt::Lit(true));
        let (back, _) = a.ad_svd(args, &svd, &g, Fresh, (Skip, Skip));
        assert_near("svd", dot(&g, &tangent), dot(&back, &da), 1e-12);

        let (values, tangent) = rt::split(&lifted.ad_lifted_singular_values());
        assert_eq!(values, a.singular_values());
        let g = filled(&tangent, 7);
        let (back, ()) = a.ad_singular_values((), &values, &g, Fresh, ());
        assert_near("singular values", dot(&g, &tangent), dot(&back, &da), 1e-12);
    }
}

/// Also of a matrix whose singular values coincide, and of one without full rank.
#[test]
fn pseudo_inverses() {
    let mut flat = dense(4, 3, 4);
    let sum = flat.column(0) + flat.column(1);
    flat.set_column(2, &sum);
    for a in [
        dense(5, 3, 1),
        dense(3, 5, 2),
        DMatrix::identity(4, 3),
        DMatrix::identity(3, 3) * 2.0,
        flat,
    ] {
        let da = filled(&a, 60);
        let epsilon = 1e-9;
        let lifted = rt::lift(&a, &da).ad_lifted_pseudo_inverse(rt::literal(epsilon));
        let (value, tangent) = rt::split(&lifted);
        let plain = a.clone().pseudo_inverse(epsilon);
        assert_eq!(value, plain);
        let g = filled(&tangent, 7);
        let (back, _) = a.ad_pseudo_inverse((Val(&epsilon),), &plain, &g, Fresh, (Skip,));
        assert_near("pseudo-inverse", dot(&g, &tangent), dot(&back, &da), 1e-12);
    }
}

#[test]
fn products_have_the_bits_of_the_real_ones() {
    let (a, b) = (dense(15, 12, 1), dense(12, 13, 2));
    let (da, db) = (dense(15, 12, 3), dense(12, 13, 4));
    let (left, right) = (rt::lift(&a, &da), rt::lift(&b, &db));
    let (value, tangent) = rt::split(&rt::times(&left, &right));
    assert_eq!(value, &a * &b);
    assert_eq!(tangent, &da * &b + &a * &db);
    let scaled = rt::times(&left, &rt::literal(2.0));
    assert_eq!(rt::split(&scaled).1, da * 2.0);
    let number = rt::times(&rt::literal(2.0), &left[(0, 0)]);
    assert_eq!(number.re, 2.0 * a[(0, 0)]);
}

#[test]
fn rotation_vectors_at_and_near_the_identity() {
    for size in [0.0, 1e-9, 1e-3, 0.3, 2.0] {
        let v = Vector3::new(0.5, -1.0, 0.25) * size;
        let dv = Vector3::new(0.3, 0.2, -0.7);
        let lifted = rt::lift(&v, &dv);
        let (q, phi) = rt::split(&UnitQuaternion::ad_lifted_turn(lifted));
        assert_eq!(q, UnitQuaternion::new(v));
        let g = Vector3::new(1.0, 2.0, -0.5);
        let ((), (back,)) = q.ad_new((Val(&v),), (), &g, Skip, (Fresh,));
        assert_near("new", g.dot(&phi), back.dot(&dv), 1e-14);
        let (r, _) = rt::split(&Rotation3::ad_lifted_turn(lifted));
        assert_eq!(r, Rotation3::new(v));
        let (w, dw) = rt::split(&rt::lift(&q, &phi).ad_lifted_scaled_axis());
        assert_eq!(w, q.scaled_axis());
        assert!((dw - dv).norm() < 1e-12, "{dw} is not {dv}");
    }
}

#[test]
fn a_real_pivot_of_zero_is_seen() {
    let a = Matrix3::new(1.0, 2.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 1.0);
    let lifted = rt::lift(&a, &Matrix3::<f64>::identity());
    assert!(lifted.ad_lifted_try_inverse().is_none());
    assert!(!lifted.lu().ad_regular());
    assert!(lifted.lu().ad_lifted_try_inverse().is_none());
    assert!(
        rt::lift(&Matrix3::<f64>::zeros(), &a)
            .ad_lifted_cholesky()
            .is_none()
    );
    let a = Matrix4::from_fn(|i, j| ((i + 1) * (j + 2)) as f64);
    let (value, tangent) =
        rt::split(&rt::lift(&a, &Matrix4::<f64>::identity()).ad_lifted_determinant());
    assert!(value.abs() < 1e-12 && tangent.abs() < 1e-12);
}

// === second order ===

/// The derivative of a pullback along a direction, over dual numbers, against differences of the pullback; and that the
/// second derivative is symmetric.
macro_rules! second_order {
    ($what:expr, $x:expr, |$v:ident| $pull:expr) => {{
        let x = $x;
        let (u, w) = (filled(&x, 91), filled(&x, 37));
        let along = |d: &_| {
            let $v = &rt::lift(&x, d);
            rt::split(&$pull).1
        };
        let (hu, hw) = (along(&u), along(&w));
        assert_near(
            concat!($what, ", symmetry"),
            dot(&hu, &w),
            dot(&hw, &u),
            1e-11,
        );
        let at = |step: f64| {
            let $v = &rt::Differentiable::ad_step(&x, &u, step);
            $pull
        };
        let h = 1e-3;
        let [f, b, ff, bb] = [h, -h, 2.0 * h, -2.0 * h].map(|step| dot(&at(step), &w));
        let difference = (8.0 * (f - b) - (ff - bb)) / (12.0 * h);
        assert_near($what, dot(&hu, &w), difference, 1e-7);
    }};
}

/// A fixed cotangent over the numbers of a result.
fn weights<T: Real, R: nalgebra::Dim, C: nalgebra::Dim>(
    of: &nalgebra::OMatrix<T, R, C>,
) -> nalgebra::OMatrix<T, R, C>
where
    nalgebra::DefaultAllocator: nalgebra::allocator::Allocator<R, C>,
{
    let (rows, columns) = of.shape_generic();
    nalgebra::OMatrix::from_fn_generic(rows, columns, |i, j| {
        lit(0.5 + 0.75 * (i as f64) - 0.3 * (j as f64) * (i as f64 + 1.0))
    })
}

use autodiff_runtime::nalgebra;

/// The pullback of a pseudo-inverse, in the form that has derivatives of each order.
fn generalized_inverse<T: Real>(x: &DMatrix<T>) -> DMatrix<T> {
    let epsilon = lit(1e-9);
    let y = T::ad_pseudo_inverse(x.clone(), epsilon);
    let g = y.as_ref().ok().map(weights);
    x.ad_pseudo_inverse((Val(&epsilon),), &y, &g, Fresh, (Skip,))
        .0
}

#[test]
fn second_derivatives() {
    let square = SMatrix::<f64, 4, 4>::from_fn(|i, j| {
        if i == j {
            3.0
        } else {
            1.0 / (1.0 + (2 * i + j) as f64)
        }
    });
    second_order!("inverse", square, |x| {
        let y = x.try_inverse();
        x.ad_try_inverse((), &y, &y.as_ref().map(weights), Fresh, ())
            .0
    });
    second_order!("determinant", square, |x| {
        x.ad_determinant((), &Kernels::ad_determinant(x), &lit(1.5), Fresh, ())
            .0
    });
    second_order!("exponential", square * 0.2, |x| {
        let y = x.exp();
        x.ad_exp((), &y, &weights(&y), Fresh, ()).0
    });
    second_order!("square", dense(7, 7, 3), |x| {
        let g = weights(x);
        let (a, b) = rt::mul((x, x), &g, Fresh, Fresh);
        a + b
    });
    second_order!("norm", dense(3, 4, 3), |x| x
        .ad_norm((), &x.norm(), &lit(2.0), Fresh, ())
        .0);
    second_order!("normalize", dense(5, 1, 3), |x| {
        let y = x.normalize();
        x.ad_normalize((), &y, &weights(&y), Fresh, ()).0
    });
    second_order!("eigenvectors", symmetric(4, 3), |x| {
        let eigen = Kernels::ad_symmetric_eigen(x.clone());
        let g = SymmetricEigenTangent {
            eigenvectors: weights(&eigen.eigenvectors),
            eigenvalues: weights(&eigen.eigenvalues),
        };
        x.ad_symmetric_eigen((), &eigen, &g, Fresh, ()).0
    });
    second_order!("singular vectors", dense(4, 3, 3), |x| {
        let svd = Kernels::ad_svd(x.clone(), true, true, true);
        let g = SvdTangent {
            u: svd.u.as_ref().map(weights),
            v_t: svd.v_t.as_ref().map(weights),
            singular_values: weights(&svd.singular_values),
        };
        x.ad_svd(
            (rt::Lit(true), rt::Lit(true)),
            &svd,
            &g,
            Fresh,
            (Skip, Skip),
        )
        .0
    });
    second_order!("pseudo-inverse", dense(4, 3, 3), |x| generalized_inverse(x));
    second_order!(
        "Cholesky",
        &dense(4, 4, 3) * dense(4, 4, 3).transpose() + DMatrix::identity(4, 4),
        |x| {
            let chol = x.clone().cholesky().unwrap();
            let (to_chol, ()) = chol.ad_l((), (), &weights(&chol.l()), Fresh, ());
            x.ad_cholesky((), (), &Some(to_chol), Fresh, ()).0
        }
    );
    second_order!("LU", dense(4, 4, 3), |x| {
        let lu = x.clone().lu();
        let b = weights(x);
        let y = lu.solve(&b);
        let (to_lu, _) = lu.ad_solve((Val(&b),), &y, &y.as_ref().map(weights), Fresh, (Skip,));
        x.ad_lu((), (), &to_lu, Fresh, ()).0
    });
    second_order!("QR", dense(4, 3, 3), |x| {
        let qr = x.clone().qr();
        let (to_qr, ()) = qr.ad_q((), &qr.q(), &weights(&qr.q()), Fresh, ());
        x.ad_qr((), (), &to_qr, Fresh, ()).0
    });
    second_order!("rotation", Vector3::new(0.3, 0.2, -0.4), |x| {
        let p = weights(x);
        let r = LiftedOrPlain::turn(*x);
        let (phi, ()) = rt::mul((&r, &p), &weights(&p), Fresh, Skip);
        r.ad_new((Val(x),), (), &phi, Skip, (Fresh,)).1.0
    });
    second_order!(
        "unit quaternion",
        Quaternion::new(1.0, 0.2, 0.3, -0.4),
        |x| {
            let u = Unit::new_normalize(*x);
            let p = weights(&u.imag());
            let (phi, ()) = rt::mul((&u, &p), &weights(&p), Fresh, Skip);
            u.ad_new_normalize((Val(x),), (), &phi, Skip, (Fresh,)).1.0
        }
    );
    let logits = DVector::from_vec(vec![0.3, -0.2, 1.1, 0.4]);
    second_order!("softmax", logits, |x| {
        let y = autodiff_runtime::nn::softmax(x);
        autodiff_runtime::nn::softmax_pullback(x, &y, &weights(&y))
    });
}

/// The rotation by a vector, in the form that has derivatives of each order.
struct LiftedOrPlain;

impl LiftedOrPlain {
    fn turn<T: Real>(v: Vector3<T>) -> UnitQuaternion<T> {
        T::ad_turn(v)
    }
}

#[test]
fn special_functions_have_second_derivatives() {
    use autodiff_runtime::special::*;
    macro_rules! each {
        ($($name:ident $pullback:ident $x:expr;)*) => { $(
            let x: f64 = $x;
            let slope = |x: f64| $pullback(x, &$name(x), &1.0);
            let (lifted, h) = (Dual::new(x, 1.0), 1e-3);
            let y = $name(lifted);
            assert_eq!(y.re, $name(x));
            assert_near(stringify!($name), y.eps, slope(x), 1e-14);
            let second = $pullback(lifted, &y, &rt::literal(1.0)).eps;
            let difference = (8.0 * (slope(x + h) - slope(x - h)) - (slope(x + 2.0 * h) - slope(x - 2.0 * h))) / (12.0 * h);
            assert_near(stringify!($name), second, difference, 1e-9);
        )* };
    }
    each! {
        erf erf_pullback 0.4;
        erfc erfc_pullback 1.4;
        erf_inv erf_inv_pullback 0.6;
        gamma gamma_pullback 2.3;
        ln_gamma ln_gamma_pullback 3.7;
        digamma digamma_pullback -1.4;
        digamma digamma_pullback 0.6;
        bessel_j0 bessel_j0_pullback 1.3;
        bessel_j1 bessel_j1_pullback 0.0;
        bessel_j1 bessel_j1_pullback 2.3;
        sinc sinc_pullback 0.05;
        sinc sinc_pullback 1.3;
        xlogx xlogx_pullback 0.7;
    }
}

#[test]
fn kinks_are_those_of_the_rules() {
    let at = |x: f64| Dual::new(x, 3.0);
    assert_eq!(at(0.0).abs().eps, 0.0);
    assert_eq!(at(1.0).max(at(1.0)).eps, 3.0);
    assert_eq!(at(1.0).max(rt::literal(1.0)).eps, 1.5);
    assert_eq!(at(1.0).max(1.0).eps, 0.0);
    assert_eq!(Dual::new(0.0, 0.0).sqrt().eps, 0.0);
    assert_eq!(at(0.0).sqrt().eps, f64::INFINITY);
    assert_eq!(at(f64::INFINITY) * 2.0, Dual::new(f64::INFINITY, 6.0));
    assert_eq!((at(f64::INFINITY) * rt::literal(2.0)).eps, 6.0);
    assert!(at(0.0) != Dual::new(0.0, 1.0) && at(0.0) <= Dual::new(0.0, 1.0));
    assert_eq!(at(2.0).clamp(0.0, 2.0).eps, 0.0);
    assert_eq!(at(1.5).rem_euclid(at(1.0)).eps, 0.0);
    // The slope of a kink has no derivative, also where the infinitesimal part is there.
    let (slope, ()) = at(0.0).ad_abs((), (), &rt::literal(1.0), Fresh, ());
    assert_eq!(slope, rt::literal(0.0));
}
