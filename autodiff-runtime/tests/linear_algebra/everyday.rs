//! Everyday methods of matrices and vectors.

use autodiff_runtime::nalgebra::{
    DMatrix, DVector, Matrix2, Matrix3, OMatrix, SMatrix, Vector2, Vector3, vector,
};

use super::*;

/// Empty, one entry, one row, one column, square, wide, tall, with more entries.
const SHAPES: [(usize, usize); 10] = [
    (0, 0),
    (0, 3),
    (3, 0),
    (1, 1),
    (1, 4),
    (4, 1),
    (3, 3),
    (2, 3),
    (5, 2),
    (4, 6),
];

for_both! {
    bilinear statistics products norms extremes insertions removals resizes triangles homogeneous
    casts powers second_names static_shapes;
    once kronecker updates distances angles lengths exponentials
}

/// Entries whose absolute values are at least one half, none of them near another one.
fn away<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
    let mut k = 0;
    let mut entries = dynamic(rows, columns, seed);
    entries.ad_map_components(&mut |c| {
        k += 1;
        (c.abs() * 0.03 + 0.5 + 0.125 * f64::from(k * 7 % 13)) * if c < 0.0 { -1.0 } else { 1.0 }
    });
    entries
}

/// An update in place, for each operand by itself.
macro_rules! updates {
    ($T:ty, $c:expr, $method:ident $rule:ident ($p:expr, $x:expr, $q:expr)) => {{
        let (c, p, x, q) = ($c, $p, $x, $q);
        updates!(@ $T, &c, |c| (c, $method, p, &x, q), |g, d|
            peel(c).$rule((Val(&p), Val(&x), Val(&q)), (), g, d, (Skip, Skip, Skip)).0);
        updates!(@ $T, &p, |p| (&c, $method, *p, &x, q), |g, d|
            peel(&c).$rule((Val(p), Val(&x), Val(&q)), (), g, Skip, (d, Skip, Skip)).1.0);
        updates!(@ $T, &x, |x| (&c, $method, p, x, q), |g, d|
            peel(&c).$rule((Val(&p), Val(x), Val(&q)), (), g, Skip, (Skip, d, Skip)).1.1);
        updates!(@ $T, &q, |q| (&c, $method, p, &x, *q), |g, d|
            peel(&c).$rule((Val(&p), Val(&x), Val(q)), (), g, Skip, (Skip, Skip, d)).1.2);
    }};
    ($T:ty, $c:expr, $method:ident $rule:ident ($p:expr, $a:expr, $b:expr, $q:expr)) => {{
        let (c, p, a, b, q) = ($c, $p, $a, $b, $q);
        updates!(@ $T, &c, |c| (c, $method, p, &a, &b, q), |g, d|
            peel(c).$rule((Val(&p), Val(&a), Val(&b), Val(&q)), (), g, d, (Skip, Skip, Skip, Skip)).0);
        updates!(@ $T, &p, |p| (&c, $method, *p, &a, &b, q), |g, d|
            peel(&c).$rule((Val(p), Val(&a), Val(&b), Val(&q)), (), g, Skip, (d, Skip, Skip, Skip)).1.0);
        updates!(@ $T, &a, |a| (&c, $method, p, a, &b, q), |g, d|
            peel(&c).$rule((Val(&p), Val(a), Val(&b), Val(&q)), (), g, Skip, (Skip, d, Skip, Skip)).1.1);
        updates!(@ $T, &b, |b| (&c, $method, p, &a, b, q), |g, d|
            peel(&c).$rule((Val(&p), Val(&a), Val(b), Val(&q)), (), g, Skip, (Skip, Skip, d, Skip)).1.2);
        updates!(@ $T, &q, |q| (&c, $method, p, &a, &b, *q), |g, d|
            peel(&c).$rule((Val(&p), Val(&a), Val(&b), Val(q)), (), g, Skip, (Skip, Skip, Skip, d)).1.3);
    }};
    (@ $T:ty, $at:expr, |$it:ident| ($c:expr, $method:ident, $($args:expr),*), |$g:ident, $d:ident| $call:expr) => {
        exact1!(
            $T,
            stringify!($method),
            $at,
            |$it| {
                let mut updated = $c.clone_owned();
                updated.$method($($args),*);
                updated
            },
            |$g, $d| $call
        );
    };
}

mod on {
    use super::*;

    pub(super) fn bilinear<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let (a, b) = (dynamic::<T>(r, c, seed), around::<T>(c, r, seed + 1));
            binary!(T, &a, &strided(&b), |x, y| x.tr_dot(y), ad_tr_dot);
            let b = around::<T>(r, 2, seed);
            binary!(T, &a, &strided(&b), |x, y| x.ad_mul(y), ad_ad_mul);
        }
        for seed in 0..8 {
            let (a, b) = (fixed::<T, 2, 1>(seed), fixed::<T, 2, 1>(seed + 9));
            binary!(T, &a, &b, |x, y| x.perp(y), ad_perp);
            let (a, b) = (column::<T>(2, seed), around::<T>(2, 1, seed + 9));
            let b = strided(&b);
            binary!(T, &a, &b.column(0), |x, y| x.perp(y), ad_perp);
            let a = fixed::<T, 3, 1>(seed);
            unary!(T, &a, |x| x.cross_matrix(), ad_cross_matrix);
            let around = around::<T>(3, 1, seed);
            let view = strided(&around);
            let view = view.fixed_view::<3, 1>(0, 0);
            unary!(T, &view, |x| x.cross_matrix(), ad_cross_matrix);
        }
    }

    pub(super) fn kronecker<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let (a, b) = (around::<T>(r, c, seed), around::<T>(2, 3, seed + 1));
            let (a, b) = (strided(&a), strided(&b));
            binary!(T, &a, &b, |x, y| x.kronecker(y), ad_kronecker);
            binary!(T, &b, &a, |x, y| x.kronecker(y), ad_kronecker);
        }
        let (a, b) = (fixed::<T, 2, 2>(1), fixed::<T, 1, 3>(2));
        binary!(T, &a, &b, |x, y| x.kronecker(y), ad_kronecker);
    }

    pub(super) fn updates<T: Real>() {
        let (p, q) = (T::ad_from_f64(1.5), T::ad_from_f64(-0.75));
        for (seed, n) in (0..).zip([0, 1, 4]) {
            let (y, x) = (column::<T>(n, seed), column::<T>(n, seed + 1));
            updates!(T, y, axpy ad_axpy(p, x, q));
        }
        updates!(T, fixed::<T, 3, 1>(1), axpy ad_axpy(p, column::<T>(3, 2), q));
        for (seed, (m, k, n)) in (0..).zip([(0, 2, 3), (2, 0, 1), (1, 1, 1), (4, 3, 2)]) {
            let (a, b) = (dynamic::<T>(m, k, seed), dynamic::<T>(k, n, seed + 1));
            updates!(T, dynamic::<T>(m, n, seed + 2), gemm ad_gemm(p, a, b, q));
            let x = column::<T>(k, seed + 1);
            updates!(T, column::<T>(m, seed + 2), gemv ad_gemv(p, dynamic::<T>(m, k, seed), x, q));
            let (x, y) = (column::<T>(m, seed), column::<T>(n, seed + 1));
            updates!(T, dynamic::<T>(m, n, seed + 2), ger ad_ger(p, x, y, q));
        }
        let (c, a, b) = (
            fixed::<T, 2, 3>(1),
            fixed::<T, 2, 2>(2),
            dynamic::<T>(2, 3, 3),
        );
        updates!(T, c, gemm ad_gemm(p, a, b, q));
        let (y, x) = (fixed::<T, 2, 1>(3), fixed::<T, 2, 1>(4));
        updates!(T, y, gemv ad_gemv(p, a, x, q));
        updates!(T, c, ger ad_ger(p, x, fixed::<T, 3, 1>(5), q));
    }

    pub(super) fn statistics<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = around::<T>(r, c, seed);
            let a = strided(&a);
            unary!(T, &a, |x| x.variance(), ad_variance);
            unary!(T, &a, |x| x.row_variance(), ad_row_variance);
            unary!(T, &a, |x| x.row_variance_tr(), ad_row_variance_tr);
            unary!(T, &a, |x| x.row_sum_tr(), ad_row_sum_tr);
            unary!(T, &a, |x| x.row_mean_tr(), ad_row_mean_tr);
            if c > 0 {
                unary!(T, &a, |x| x.column_variance(), ad_column_variance);
            }
        }
        let a = fixed::<T, 2, 3>(4);
        unary!(T, &a, |x| x.variance(), ad_variance);
        unary!(T, &a, |x| x.row_variance(), ad_row_variance);
        unary!(T, &a, |x| x.column_variance(), ad_column_variance);
    }

    pub(super) fn products<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            if r * c < 12 {
                unary!(T, &away::<T>(r, c, seed), |x| x.product(), ad_product);
            }
        }
        // With no, one and two entries of zero.
        let mut a = away::<T>(2, 3, 5);
        for at in [1, 4] {
            a[at] = T::zero();
            unary!(T, &a, |x| x.product(), ad_product);
        }
    }

    pub(super) fn norms<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = away::<T>(r, c, seed);
            for p in [1, 2, 3, 4] {
                exact1!(T, "lp_norm", &a, |x| x.lp_norm(p), |g, dx| {
                    let y = peel(x).lp_norm(p);
                    peel(x).ad_lp_norm((rt::Lit(p),), &y, g, dx, (Skip,)).0
                });
            }
            unary!(T, &a, |x| x.one_norm(), ad_one_norm);
            let a = spread::<T>(r, c);
            let a = strided(&a);
            unary!(T, &a, |x| x.camax(), ad_camax);
            unary!(T, &a, |x| x.camin(), ad_camin);
        }
        unary!(T, &fixed::<T, 3, 1>(3), |x| x.magnitude(), ad_magnitude x.magnitude());
        unary!(
            T,
            &fixed::<T, 3, 1>(3),
            |x| x.magnitude_squared(),
            ad_magnitude_squared
        );
    }

    pub(super) fn distances<T: Real>() {
        for (seed, (r, c)) in (3..).zip(&SHAPES[3..]) {
            let a = dynamic::<T>(*r, *c, seed);
            let b = &a + away::<T>(*r, *c, seed + 20);
            binary!(T, &a, &b, |x, y| x.metric_distance(y), ad_metric_distance x.metric_distance(y));
        }
        for seed in 0..8 {
            let (a, b) = (fixed::<T, 3, 1>(seed), fixed::<T, 3, 1>(seed + 20));
            binary!(T, &a, &b, |x, y| x.metric_distance(y), ad_metric_distance x.metric_distance(y));
        }
    }

    pub(super) fn angles<T: Real>() {
        for seed in 0..8 {
            let (a, b) = (fixed::<T, 3, 1>(seed), fixed::<T, 3, 1>(seed + 20));
            binary!(T, &a, &b, |x, y| x.angle(y), ad_angle);
            let (a, b) = (column::<T>(4, seed), column::<T>(4, seed + 20));
            binary!(T, &a, &b, |x, y| x.angle(y), ad_angle);
        }
    }

    pub(super) fn lengths<T: Real>() {
        let (small, large) = (T::ad_from_f64(0.125), T::ad_from_f64(64.0));
        for seed in 0..8 {
            let (a, b) = (fixed::<T, 3, 1>(seed), around::<T>(2, 3, seed));
            let b = strided(&b);
            for bound in [small, large] {
                binary!(T, &a, &bound, |x, m| x.cap_magnitude(*m), ad_cap_magnitude);
                binary!(T, &b, &bound, |x, m| x.cap_magnitude(*m), ad_cap_magnitude);
                binary!(
                    T,
                    &a,
                    &bound,
                    |x, m| x.try_normalize(*m),
                    ad_try_normalize & x.try_normalize(*m)
                );
                binary!(
                    T,
                    &b,
                    &bound,
                    |x, m| x.try_normalize(*m),
                    ad_try_normalize & x.clone_owned().try_normalize(*m)
                );
            }
        }
    }

    pub(super) fn extremes<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            // Each entry is larger or smaller by one half at least.
            let a = dynamic::<T>(r, c, seed);
            let b = &a + away::<T>(r, c, seed + 7);
            binary!(T, &a, &b, |x, y| x.sup(y), ad_sup);
            binary!(T, &a, &b, |x, y| x.inf(y), ad_inf);
        }
        let half = T::ad_from_f64(0.5);
        let (a, b) = (fixed::<T, 2, 2>(3), Matrix2::new(half, -half, half, -half));
        let b = a + b;
        binary!(T, &a, &b, |x, y| x.sup(y), ad_sup);
        binary!(T, &a, &b, |x, y| x.inf(y), ad_inf);
    }

    macro_rules! edition {
        ($T:ty, $a:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident($($i:expr),*) $($r:expr)?) => {
            exact2!($T, stringify!($rule), $a, &<$T>::ad_from_f64(0.75), |$x, $y| $primal, |g, dx, dy| {
                let args = ($(rt::Lit($i),)* Val($y),);
                let dests = ($(edition!(@skip $i),)* dy,);
                let (x, outs) = peel($x).$rule(args, method!(@result $($r)?), g, dx, dests);
                (x, last(outs))
            })
        };
        (@skip $i:expr) => { Skip };
    }

    /// What the last destination handed back.
    trait Last {
        type Last;
        fn last(self) -> Self::Last;
    }
    impl<A> Last for (A,) {
        type Last = A;
        fn last(self) -> A {
            self.0
        }
    }
    impl<A, B> Last for (A, B) {
        type Last = B;
        fn last(self) -> B {
            self.1
        }
    }
    impl<A, B, C> Last for (A, B, C) {
        type Last = C;
        fn last(self) -> C {
            self.2
        }
    }
    fn last<L: Last>(outs: L) -> L::Last {
        outs.last()
    }

    pub(super) fn insertions<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = dynamic::<T>(r, c, seed);
            let (i, j) = (r / 2, c);
            edition!(T, &a, |x, y| x.clone().insert_row(i, *y), ad_insert_row(i));
            edition!(
                T,
                &a,
                |x, y| x.clone().insert_column(j, *y),
                ad_insert_column(j)
            );
            edition!(
                T,
                &a,
                |x, y| x.clone().insert_rows(i, 2, *y),
                ad_insert_rows(i, 2)
            );
            edition!(
                T,
                &a,
                |x, y| x.clone().insert_columns(j, 2, *y),
                ad_insert_columns(j, 2)
            );
        }
        let a = fixed::<T, 2, 3>(3);
        edition!(T, &a, |x, y| x.insert_row(1, *y), ad_insert_row(1));
        edition!(T, &a, |x, y| x.insert_column(0, *y), ad_insert_column(0));
        edition!(
            T,
            &a,
            |x, y| x.insert_fixed_rows::<2>(1, *y),
            ad_insert_fixed_rows(1) & x.insert_fixed_rows::<2>(1, *y)
        );
        edition!(
            T,
            &a,
            |x, y| x.insert_fixed_columns::<2>(3, *y),
            ad_insert_fixed_columns(3) & x.insert_fixed_columns::<2>(3, *y)
        );
    }

    pub(super) fn removals<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = dynamic::<T>(r, c, seed);
            let (i, j) = (r.saturating_sub(1), c / 2);
            if r > 0 {
                part!(T, &a, |x| x.clone().remove_row(i), ad_remove_row(i));
            }
            if c > 0 {
                part!(T, &a, |x| x.clone().remove_column(j), ad_remove_column(j));
            }
            part!(T, &a, |x| x.clone().remove_rows(0, i), ad_remove_rows(0, i));
            part!(
                T,
                &a,
                |x| x.clone().remove_columns(j, c - j),
                ad_remove_columns(j, c - j)
            );
        }
        let a = fixed::<T, 2, 3>(3);
        part!(T, &a, |x| x.remove_row(1), ad_remove_row(1));
        part!(T, &a, |x| x.remove_column(0), ad_remove_column(0));
        part!(T, &a, |x| x.remove_fixed_rows::<2>(0), ad_remove_fixed_rows(0) x.remove_fixed_rows::<2>(0));
        part!(T, &a, |x| x.remove_fixed_columns::<2>(1), ad_remove_fixed_columns(1)
            x.remove_fixed_columns::<2>(1));
    }

    pub(super) fn resizes<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = dynamic::<T>(r, c, seed);
            edition!(T, &a, |x, y| x.clone().resize(3, 2, *y), ad_resize(3, 2));
            edition!(
                T,
                &a,
                |x, y| x.clone().resize_vertically(2, *y),
                ad_resize_vertically(2)
            );
            edition!(
                T,
                &a,
                |x, y| x.clone().resize_horizontally(5, *y),
                ad_resize_horizontally(5)
            );
        }
        let a = fixed::<T, 2, 3>(3);
        edition!(T, &a, |x, y| x.resize(3, 2, *y), ad_resize(3, 2));
        edition!(
            T,
            &a,
            |x, y| x.fixed_resize::<3, 2>(*y),
            ad_fixed_resize() & x.fixed_resize::<3, 2>(*y)
        );
    }

    pub(super) fn triangles<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = around::<T>(r, c, seed);
            let a = strided(&a);
            unary!(T, &a, |x| x.upper_triangle(), ad_upper_triangle);
            unary!(T, &a, |x| x.lower_triangle(), ad_lower_triangle);
            if r == c {
                unary!(T, &a, |x| x.symmetric_part(), ad_symmetric_part);
                unary!(T, &a, |x| x.hermitian_part(), ad_hermitian_part);
            }
        }
        let a = fixed::<T, 3, 3>(1);
        unary!(T, &a, |x| x.upper_triangle(), ad_upper_triangle);
        unary!(T, &a, |x| x.symmetric_part(), ad_symmetric_part);
    }

    pub(super) fn homogeneous<T: Real>() {
        for n in [0, 1, 2, 4] {
            let (v, a) = (column::<T>(n, 1), dynamic::<T>(n, n, 2));
            unary!(
                T,
                &v,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
            unary!(
                T,
                &a,
                |x| x.to_homogeneous(),
                ad_to_homogeneous & x.to_homogeneous()
            );
        }
        unary!(
            T,
            &fixed::<T, 3, 1>(1),
            |x| x.to_homogeneous(),
            ad_to_homogeneous & x.to_homogeneous()
        );
        unary!(
            T,
            &fixed::<T, 3, 3>(1),
            |x| x.to_homogeneous(),
            ad_to_homogeneous & x.to_homogeneous()
        );
    }

    pub(super) fn casts<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let a = dynamic::<T>(r, c, seed);
            exact1!(T, "cast", &a, |x| x.map(Real::ad_to_f64), |g, dx| {
                peel(x).ad_cast((), &x.map(Real::ad_to_f64), g, dx, ()).0
            });
        }
        let (a, y) = (fixed::<T, 2, 3>(1), SMatrix::<f32, 2, 3>::zeros());
        let g = filled(&y, 3);
        let (to_a, ()) = peel(&a).ad_cast((), &y, &g, Fresh, ());
        assert_eq!(to_a, g.map(|g| T::ad_from_f64(f64::from(g))));
    }

    pub(super) fn powers<T: Real>() {
        for exponent in 0..6 {
            for n in [0, 1, 3] {
                let a = dynamic::<T>(n, n, exponent + 1).map(|a| a * T::ad_from_f64(0.5));
                exact1!(
                    T,
                    format!("power {exponent}"),
                    &a,
                    |x| x.pow(exponent),
                    |g, dx| peel(x).ad_pow((rt::Lit(exponent),), (), g, dx, (Skip,)).0
                );
            }
            let a = fixed::<T, 2, 2>(exponent).map(|a| a * T::ad_from_f64(0.5));
            exact1!(
                T,
                format!("power {exponent}"),
                &a,
                |x| x.pow(exponent),
                |g, dx| peel(x).ad_pow((rt::Lit(exponent),), (), g, dx, (Skip,)).0
            );
        }
    }

    pub(super) fn exponentials<T: Real>() {
        for seed in 0..8 {
            let scale = T::ad_from_f64(0.1 + 0.1 * f64::from(seed));
            for n in [1, 2, 3] {
                let a: DMatrix<T> = dynamic::<T>(n, n, seed + 1) * scale;
                unary!(T, &a, |x| exp(x), ad_exp & exp(&x.clone_owned()));
            }
            let a = fixed::<T, 3, 3>(seed) * scale;
            unary!(T, &a, |x| x.exp(), ad_exp & x.exp());
        }
        let zero = Matrix3::<T>::zeros();
        let g = fixed::<T, 3, 3>(1);
        assert_close(
            "exp at 0",
            &peel(&zero).ad_exp((), &zero, &g, Fresh, ()).0,
            &g,
            1e-6,
        );
    }

    fn exp<T: Real>(a: &DMatrix<T>) -> DMatrix<T> {
        a.exp()
    }

    /// What has dynamic dimensions only above.
    pub(super) fn static_shapes<T: Real>() {
        let (a, b, c) = (
            fixed::<T, 2, 3>(1),
            fixed::<T, 2, 3>(2),
            fixed::<T, 3, 2>(3),
        );
        binary!(T, &a, &c, |x, y| x.tr_dot(y), ad_tr_dot);
        binary!(T, &a, &fixed::<T, 2, 4>(4), |x, y| x.ad_mul(y), ad_ad_mul);
        binary!(T, &a, &b, |x, y| x.dotc(y), ad_dotc);
        unary!(T, &a, |x| x.adjoint(), ad_adjoint);
        unary!(T, &a, |x| x.conjugate(), ad_conjugate);
        unary!(T, &a, |x| x.product(), ad_product);
        unary!(T, &a, |x| x.lower_triangle(), ad_lower_triangle);
        unary!(
            T,
            &fixed::<T, 3, 3>(5),
            |x| x.hermitian_part(),
            ad_hermitian_part
        );
        unary!(T, &a, |x| x.row_sum_tr(), ad_row_sum_tr);
        unary!(T, &a, |x| x.row_mean_tr(), ad_row_mean_tr);
        unary!(T, &a, |x| x.row_variance_tr(), ad_row_variance_tr);
        let far = spread_fixed::<T, 2, 3>();
        unary!(T, &far, |x| x.camax(), ad_camax);
        unary!(T, &far, |x| x.camin(), ad_camin);
        unary!(T, &far, |x| x.one_norm(), ad_one_norm);
        exact1!(T, "lp_norm", &far, |x| x.lp_norm(3), |g, dx| {
            let y = peel(x).lp_norm(3);
            peel(x).ad_lp_norm((rt::Lit(3),), &y, g, dx, (Skip,)).0
        });
        exact1!(T, "cast", &a, |x| x.map(Real::ad_to_f64), |g, dx| {
            peel(x).ad_cast((), &x.map(Real::ad_to_f64), g, dx, ()).0
        });
        edition!(T, &a, |x, y| x.insert_rows(1, 2, *y), ad_insert_rows(1, 2));
        edition!(
            T,
            &a,
            |x, y| x.insert_columns(3, 2, *y),
            ad_insert_columns(3, 2)
        );
        part!(T, &a, |x| x.remove_rows(0, 1), ad_remove_rows(0, 1));
        part!(T, &a, |x| x.remove_columns(1, 2), ad_remove_columns(1, 2));
        edition!(
            T,
            &a,
            |x, y| x.resize_vertically(3, *y),
            ad_resize_vertically(3)
        );
        edition!(
            T,
            &a,
            |x, y| x.resize_horizontally(2, *y),
            ad_resize_horizontally(2)
        );
        let v = column::<T>(3, 1);
        unary!(T, &v, |x| x.magnitude(), ad_magnitude v.magnitude());
        unary!(T, &v, |x| x.magnitude_squared(), ad_magnitude_squared);
    }

    pub(super) fn second_names<T: Real>() {
        for (seed, (r, c)) in (0..).zip(SHAPES) {
            let (a, b) = (dynamic::<T>(r, c, seed), dynamic::<T>(r, c, seed + 1));
            binary!(T, &a, &b, |x, y| x.dotc(y), ad_dotc);
            unary!(T, &a, |x| x.adjoint(), ad_adjoint);
            unary!(T, &a, |x| x.conjugate(), ad_conjugate);
        }
    }
}

// === conventions ===

#[test]
fn kinks() {
    let zero = Vector3::<f64>::zeros();
    let (a, g) = (vector![1.0, 2.0, 3.0], 1.0);
    let distance = peel(&a).ad_metric_distance((Val(&a),), &0.0, &g, Fresh, (Fresh,));
    assert_eq!(distance, (zero, (zero,)));
    let norm = peel(&zero).ad_lp_norm((rt::Lit(3),), &0.0, &g, Fresh, (Skip,));
    assert_eq!(norm.0, zero);
    for b in [2.0 * a, -a, zero] {
        let parallel = peel(&a).ad_angle((Val(&b),), (), &g, Fresh, (Fresh,));
        assert!((parallel.0 + parallel.1.0).iter().all(|it| it.is_finite()));
    }
    assert_eq!(
        peel(&zero).ad_angle((Val(&a),), (), &g, Fresh, (Fresh,)),
        (zero, (zero,))
    );
    let (a, b) = (vector![1.0, 5.0], vector![1.0, 2.0]);
    let sup = peel(&a).ad_sup((Val(&b),), (), &vector![1.0, 1.0], Fresh, (Fresh,));
    assert_eq!(sup, (vector![0.5, 1.0], (vector![0.5, 0.0],)));
    let inf = peel(&a).ad_inf((Val(&b),), (), &vector![1.0, 1.0], Fresh, (Fresh,));
    assert_eq!(inf, (vector![0.5, 0.0], (vector![0.5, 1.0],)));
    let tied = Matrix2::new(1.0, -2.0, 2.0, 1.0);
    let norm = peel(&tied).ad_one_norm((), (), &g, Fresh, ()).0;
    assert_eq!(norm, Matrix2::new(0.5, -0.5, 0.5, 0.5));
}

/// `exp` of a rotation's generator is the rotation, whose derivative with respect to the angle is known.
#[test]
fn exponential_of_a_generator() {
    for angle in [0.0, 0.1, 1.0, 3.0, 10.0] {
        let a = Matrix2::new(0.0, -angle, angle, 0.0);
        let (sin, cos) = f64::sin_cos(angle);
        let expected = Matrix2::new(-sin, -cos, cos, -sin);
        for k in 0..4 {
            let mut g = Matrix2::zeros();
            g[k] = 1.0;
            let slope = peel(&a).ad_exp((), &a.exp(), &g, Fresh, ()).0;
            let got = slope[(1, 0)] - slope[(0, 1)];
            assert!(
                (got - expected[k]).abs() < 1e-12,
                "{got} is not {}",
                expected[k]
            );
        }
    }
}

/// The contribution of a bound that is not the result.
#[test]
fn bounds_of_no_effect() {
    let a = DVector::from_vec(vec![3.0, 4.0]);
    let out = peel(&a).ad_cap_magnitude((Val(&5.0),), (), &a, Fresh, (Fresh,));
    assert_eq!(out, (a.clone(), (0.0,)));
    let none: Option<OMatrix<f64, _, _>> = a.try_normalize(6.0);
    let out = peel(&a).ad_try_normalize((Val(&6.0),), &none, &None, Fresh, (Fresh,));
    assert_eq!(out, (DVector::zeros(2), (0.0,)));
    let _ = Vector2::<f64>::zeros();
}
