//! The rules of nalgebra matrices, products, reductions, views, constructors: every entry of the Jacobian against
//! differences, with every kind of destination.

#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "the same expression is expanded with destinations that hand something back and with others"
)]
#![allow(
    unused_macros,
    unused_macro_rules,
    dead_code,
    reason = "the harness serves other tests, too"
)]
#![expect(
    clippy::float_cmp,
    reason = "infinities and small integers, which rounding leaves alone"
)]

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{self as rt, Acc, Fresh, Lazy, Maybe, Skip, Val, peel};
use autodiff_runtime::nalgebra::allocator::Allocator;
use autodiff_runtime::nalgebra::{
    Const, DMatrix, DVector, DefaultAllocator, Dim, Matrix2, Matrix2x3, Matrix3, Matrix3x2,
    OMatrix, OVector, RowDVector, U1, Vector2, Vector3, Vector4, vector,
};
use autodiff_runtime::{Differentiable, Real, Tangent};

#[macro_use]
mod table;

use table::harness::*;
use table::{exact, record};

table_of!("matrix_rules": self);

/// Empty, one entry, one row, one column, narrow, wide.
const SHAPES: [(usize, usize); 9] = [
    (0, 0),
    (0, 3),
    (3, 0),
    (1, 1),
    (1, 4),
    (4, 1),
    (2, 3),
    (7, 6),
    (9, 12),
];

for_both! {
    sums scalar_products vector_products reductions extremes norms interpolation shapes elementwise
    parts fixed_parts entries constructors constructors_from_lists static_shapes static_parts
    selections;
    once products transposed_products
}

mod on {
    use super::*;

    pub(super) fn sums<T: Real>() {
        for (r, c) in SHAPES {
            let (a, b) = (dynamic::<T>(r, c, 1), around::<T>(r, c, 2));
            let b = strided(&b);
            sum!(T, &a, &b, |x, y| x + y, add);
            sum!(T, &b, &a, |x, y| x - y, sub);
            exact1!(T, "neg", &b, |x| -x, |g, dx| rt::pull1_ref(
                rt::neg(x),
                g,
                dx
            ));
            exact1!(T, "neg", &b, |x| -x, |g, dx| rt::pull1(
                rt::neg(x),
                g.clone(),
                dx
            ));
        }
        let (a, b) = (fixed::<T, 2, 3>(1), fixed::<T, 2, 3>(2));
        sum!(T, &a, &b, |x, y| x + y, add);
        let mixed = dynamic::<T>(2, 3, 3);
        sum!(T, &a, &mixed, |x, y| x + y, add);
        sum!(T, &mixed, &a, |x, y| x - y, sub);
    }

    pub(super) fn products<T: Real>() {
        let sides = [0, 1, 2, 5, 6, 9];
        for (m, k, n) in triples(&sides) {
            let (a, b) = (dynamic::<T>(m, k, 1), dynamic::<T>(k, n, 2));
            operator!(T, &a, &b, |x, y| x * y, mul);
        }
        for (m, k, n) in [(7, 8, 9), (3, 4, 1), (1, 7, 3), (8, 6, 2)] {
            let (a, b) = (around::<T>(m, k, 1), around::<T>(k, n, 2));
            let (a, b) = (strided(&a), strided(&b));
            // Owned, because nalgebra's own product of such views reads out of bounds: dimforge/nalgebra#1616.
            operator!(T, &a, &b, |x, y| x.clone_owned() * y.clone_owned(), mul);
        }
        operator!(
            T,
            &fixed::<T, 2, 3>(1),
            &fixed::<T, 3, 4>(2),
            |x, y| x * y,
            mul
        );
        operator!(
            T,
            &fixed::<T, 3, 3>(1),
            &fixed::<T, 3, 1>(2),
            |x, y| x * y,
            mul
        );
        operator!(
            T,
            &fixed::<T, 2, 0>(1),
            &fixed::<T, 0, 3>(2),
            |x, y| x * y,
            mul
        );
        operator!(
            T,
            &fixed::<T, 9, 10>(1),
            &fixed::<T, 10, 11>(2),
            |x, y| x * y,
            mul
        );
        let (a, x) = (dynamic::<T>(4, 3, 1), column::<T>(3, 2));
        operator!(T, &a, &x, |x, y| x * y, mul);
        operator!(T, &x, &a.row(1), |x, y| x * y, mul);
        let (s, d) = (fixed::<T, 2, 3>(1), dynamic::<T>(3, 2, 2));
        operator!(T, &s, &d, |x, y| x * y, mul);
        operator!(T, &d, &s, |x, y| x * y, mul);
    }

    /// All triples of some lengths.
    fn triples(sides: &[usize]) -> impl Iterator<Item = (usize, usize, usize)> {
        let pairs = sides
            .iter()
            .flat_map(|m| sides.iter().map(move |k| (*m, *k)));
        pairs.flat_map(|(m, k)| sides.iter().map(move |n| (m, k, *n)))
    }

    pub(super) fn scalar_products<T: Real>() {
        let s = T::ad_from_f64(1.25);
        for (r, c) in SHAPES {
            let a = around::<T>(r, c, 1);
            let a = strided(&a);
            operator!(T, &a, &s, |x, y| x * *y, mul);
            operator!(T, &s, &a, |x, y| y * *x, mul);
            operator!(T, &a, &s, |x, y| x / *y, div);
            method2!(T, &a, &s, |x, y| x.scale(*y), ad_scale);
            method2!(T, &a, &s, |x, y| x.unscale(*y), ad_unscale);
            method2!(T, &a, &s, |x, y| x.add_scalar(*y), ad_add_scalar);
        }
        operator!(T, &fixed::<T, 3, 1>(3), &s, |x, y| x * *y, mul);
    }

    pub(super) fn transposed_products<T: Real>() {
        for (m, k, n) in triples(&[0, 1, 3, 6, 8]) {
            let (a, b) = (around::<T>(k, m, 1), around::<T>(k, n, 2));
            method2!(T, &strided(&a), &strided(&b), |x, y| x.tr_mul(y), ad_tr_mul);
            let (a, b) = (dynamic::<T>(k, m, 1), dynamic::<T>(k, n, 2));
            method2!(T, &a, &b, |x, y| x.tr_mul(y), ad_tr_mul);
        }
        let (a, b) = (fixed::<T, 3, 2>(1), fixed::<T, 3, 4>(2));
        method2!(T, &a, &b, |x, y| x.tr_mul(y), ad_tr_mul);
    }

    pub(super) fn vector_products<T: Real>() {
        for (r, c) in SHAPES {
            let (a, b) = (around::<T>(r, c, 1), dynamic::<T>(r, c, 2));
            method2!(T, &strided(&a), &b, |x, y| x.dot(y), ad_dot);
        }
        let (a, b) = (fixed::<T, 3, 1>(1), column::<T>(3, 2));
        method2!(T, &a, &b, |x, y| x.dot(y), ad_dot);
        method2!(T, &a, &b, |x, y| x.cross(y), ad_cross);
        let (a, b) = (fixed::<T, 1, 3>(1), fixed::<T, 1, 3>(2));
        method2!(T, &a, &b, |x, y| x.cross(y), ad_cross);
    }

    pub(super) fn interpolation<T: Real>() {
        let t = T::ad_from_f64(0.3);
        let (a, b, wide) = (column::<T>(4, 1), column::<T>(4, 2), around::<T>(4, 1, 3));
        let wide = strided(&wide);
        let view = wide.column(0);
        exact2!(T, "lerp", &a, &t, |x, t| x.lerp(&b, *t), |g, dx, dt| {
            let (x, ((), t)) = peel(x).ad_lerp((Val(&b), Val(t)), (), g, dx, (Skip, dt));
            (x, t)
        });
        exact2!(
            T,
            "lerp",
            &a,
            &view,
            |x, y| x.lerp(&y.clone_owned(), t),
            |g, dx, dy| {
                let (x, (y, ())) = peel(x).ad_lerp((Val(y), rt::Lit(t)), (), g, dx, (dy, Skip));
                (x, y)
            }
        );
    }

    pub(super) fn reductions<T: Real>() {
        for (r, c) in SHAPES {
            let a = around::<T>(r, c, 1);
            let a = strided(&a);
            method!(T, &a, |x| x.sum(), ad_sum);
            method!(T, &a, |x| x.mean(), ad_mean);
            method!(T, &a, |x| x.norm_squared(), ad_norm_squared);
            method!(T, &a, |x| x.row_sum(), ad_row_sum);
            method!(T, &a, |x| x.row_mean(), ad_row_mean);
            method!(T, &a, |x| x.column_sum(), ad_column_sum);
            if c > 0 {
                // Owned for the reason given at the products.
                method!(T, &a, |x| x.clone_owned().column_mean(), ad_column_mean);
            }
            if r == c {
                method!(T, &a, |x| x.trace(), ad_trace);
            }
        }
        let a = fixed::<T, 3, 3>(2);
        method!(T, &a, |x| x.sum(), ad_sum);
        method!(T, &a, |x| x.trace(), ad_trace);
        method!(T, &a, |x| x.row_sum(), ad_row_sum);
        method!(T, &a, |x| x.column_sum(), ad_column_sum);
    }

    pub(super) fn extremes<T: Real>() {
        for (r, c) in SHAPES {
            let a = spread::<T>(r, c);
            let a = strided(&a);
            method!(T, &a, |x| x.max(), ad_max);
            method!(T, &a, |x| x.min(), ad_min);
            method!(T, &a, |x| x.amax(), ad_amax);
            method!(T, &a, |x| x.amin(), ad_amin);
            method!(T, &a, |x| x.abs(), ad_abs);
        }
    }

    pub(super) fn norms<T: Real>() {
        for (r, c) in [(1, 1), (1, 4), (3, 1), (2, 3)] {
            let a = around::<T>(r, c, 1);
            let a = strided(&a);
            method!(T, &a, |x| x.norm(), ad_norm x.norm());
            method!(T, &a, |x| x.normalize(), ad_normalize x.normalize());
        }
        let a = fixed::<T, 3, 1>(2);
        method!(T, &a, |x| x.norm(), ad_norm x.norm());
        method!(T, &a, |x| x.normalize(), ad_normalize x.normalize());
    }

    pub(super) fn shapes<T: Real>() {
        for (r, c) in SHAPES {
            let a = around::<T>(r, c, 1);
            let a = strided(&a);
            method!(T, &a, |x| x.transpose(), ad_transpose);
            method!(T, &a, |x| x.clone_owned(), ad_clone_owned);
            method!(T, &a, |x| x.clone_owned().into_owned(), ad_into_owned);
        }
        let a = dynamic::<T>(2, 3, 4);
        method!(T, &a, |x| x.clone(), ad_clone);
        method!(T, &a, |x| x.as_slice().to_vec(), ad_as_slice);
        method!(T, &fixed::<T, 2, 3>(1), |x| x.transpose(), ad_transpose);
        let (v, s) = (fixed::<T, 3, 1>(1), T::ad_from_f64(0.5));
        method2!(T, &v, &s, |x, y| x.push(*y), ad_push);
        for n in [0, 1, 4] {
            method2!(T, &column::<T>(n, 1), &s, |x, y| x.push(*y), ad_push);
        }
        method!(T, &v, |x| x.xy(), ad_xy);
        method!(T, &v, |x| x.xz(), ad_xz);
        method!(T, &v, |x| x.yz(), ad_yz);
        method!(T, &v, |x| x.yx(), ad_yx);
        method!(T, &v, |x| x.zx(), ad_zx);
        method!(T, &v, |x| x.zy(), ad_zy);
        method!(T, &fixed::<T, 4, 1>(2), |x| x.xyz(), ad_xyz);
    }

    pub(super) fn elementwise<T: Real>() {
        for (r, c) in SHAPES {
            let (a, b) = (around::<T>(r, c, 1), dynamic::<T>(r, c, 2));
            let a = strided(&a);
            // Far from zero, so that the quotient is smooth enough for the step.
            let divisor = b.map(|b| b + T::ad_from_f64(4.0));
            method2!(T, &a, &b, |x, y| x.component_mul(y), ad_component_mul);
            method2!(T, &a, &divisor, |x, y| x.component_div(y), ad_component_div);
        }
        let (a, b) = (fixed::<T, 2, 3>(1), dynamic::<T>(2, 3, 2));
        method2!(T, &a, &b, |x, y| x.component_mul(y), ad_component_mul);
        method2!(T, &a, &a, |x, y| x.component_mul(y), ad_component_mul);
    }

    /// What has dynamic dimensions only elsewhere.
    pub(super) fn static_shapes<T: Real>() {
        let (a, b, s) = (
            fixed::<T, 2, 3>(1),
            fixed::<T, 2, 3>(2),
            T::ad_from_f64(1.25),
        );
        operator!(T, &a, &s, |x, y| x / *y, div);
        exact1!(T, "neg", &a, |x| -x, |g, dx| rt::pull1_ref(
            rt::neg(x),
            g,
            dx
        ));
        method2!(T, &a, &s, |x, y| x.scale(*y), ad_scale);
        method2!(T, &a, &s, |x, y| x.unscale(*y), ad_unscale);
        method2!(T, &a, &s, |x, y| x.add_scalar(*y), ad_add_scalar);
        let divisor = b.map(|b| b + T::ad_from_f64(4.0));
        method2!(T, &a, &divisor, |x, y| x.component_div(y), ad_component_div);
        method!(T, &a, |x| x.mean(), ad_mean);
        method!(T, &a, |x| x.norm_squared(), ad_norm_squared);
        method!(T, &a, |x| x.row_mean(), ad_row_mean);
        method!(T, &a, |x| x.column_mean(), ad_column_mean);
        method!(T, &a, |x| x.clone_owned(), ad_clone_owned);
        method!(T, &a, |x| x.into_owned(), ad_into_owned);
        method!(T, &a, |x| *x, ad_clone);
        method!(T, &a, |x| x.as_slice().to_vec(), ad_as_slice);
        part!(T, &a, |x| x.get((1, 2)).copied(), ad_get((1, 2)));
        let far = spread_fixed::<T, 2, 3>();
        method!(T, &far, |x| x.max(), ad_max);
        method!(T, &far, |x| x.min(), ad_min);
        method!(T, &far, |x| x.amax(), ad_amax);
        method!(T, &far, |x| x.amin(), ad_amin);
        method!(T, &far, |x| x.abs(), ad_abs);
    }

    pub(super) fn selections<T: Real>() {
        let rows = [1, 0, 1];
        let columns = vec![0, 2];
        let (a, b) = (dynamic::<T>(2, 3, 1), fixed::<T, 2, 3>(2));
        macro_rules! all {
            ($a:expr) => {
                exact1!(T, "select_rows", $a, |x| x.select_rows(&rows), |g, dx| {
                    peel(x).ad_select_rows((Val(&rows),), (), g, dx, (Skip,)).0
                });
                exact1!(
                    T,
                    "select_columns",
                    $a,
                    |x| x.select_columns(&columns),
                    |g, dx| {
                        peel(x)
                            .ad_select_columns((Val(&columns),), (), g, dx, (Skip,))
                            .0
                    }
                );
            };
        }
        all!(a);
        all!(b);
    }

    pub(super) fn static_parts<T: Real>() {
        let a = fixed::<T, 3, 4>(1);
        part!(T, &a, |x| x.column(2).into_owned(), ad_column(2));
        part!(T, &a, |x| x.rows(1, 2).into_owned(), ad_rows(1, 2));
        part!(T, &a, |x| x.columns(0, 3).into_owned(), ad_columns(0, 3));
        part!(
            T,
            &a,
            |x| x.view((1, 0), (2, 3)).into_owned(),
            ad_view((1, 0), (2, 3))
        );
        let y = a.fixed_view::<2, 3>(1, 1);
        part!(T, &a, |x| x.fixed_view::<2, 3>(1, 1).into_owned(), ad_fixed_view(1, 1) y);
        let y = a.fixed_rows::<2>(1);
        part!(T, &a, |x| x.fixed_rows::<2>(1).into_owned(), ad_fixed_rows(1) y);
        let y = a.fixed_columns::<2>(2);
        part!(T, &a, |x| x.fixed_columns::<2>(2).into_owned(), ad_fixed_columns(2) y);
    }

    pub(super) fn parts<T: Real>() {
        for (r, c) in [(1, 1), (1, 4), (4, 1), (3, 5)] {
            let a = around::<T>(r, c, 1);
            let a = strided(&a);
            let (i, j) = (r - 1, c / 2);
            let n = c - j;
            part!(T, &a, |x| x.row(i).into_owned(), ad_row(i));
            part!(T, &a, |x| x.column(j).into_owned(), ad_column(j));
            part!(T, &a, |x| x.rows(i, 1).into_owned(), ad_rows(i, 1));
            part!(T, &a, |x| x.rows(i, 0).into_owned(), ad_rows(i, 0));
            part!(T, &a, |x| x.columns(j, n).into_owned(), ad_columns(j, n));
            part!(
                T,
                &a,
                |x| x.view((i, j), (1, n)).into_owned(),
                ad_view((i, j), (1, n))
            );
        }
        for n in [0, 1, 4] {
            let a = around::<T>(n, n, 1);
            method!(T, &strided(&a), |x| x.diagonal(), ad_diagonal);
        }
        let a = fixed::<T, 3, 3>(1);
        part!(T, &a, |x| x.row(1).into_owned(), ad_row(1));
        method!(T, &a, |x| x.diagonal(), ad_diagonal);
    }

    pub(super) fn fixed_parts<T: Real>() {
        let a = dynamic::<T>(4, 5, 1);
        let y = a.fixed_view::<2, 3>(1, 2);
        part!(T, &a, |x| x.fixed_view::<2, 3>(1, 2).into_owned(), ad_fixed_view(1, 2) y);
        let y = a.fixed_rows::<2>(1);
        part!(T, &a, |x| x.fixed_rows::<2>(1).into_owned(), ad_fixed_rows(1) y);
        let y = a.fixed_columns::<2>(3);
        part!(T, &a, |x| x.fixed_columns::<2>(3).into_owned(), ad_fixed_columns(3) y);
    }

    pub(super) fn entries<T: Real>() {
        let a = dynamic::<T>(2, 3, 1);
        part!(T, &a, |x| x.get(4).copied(), ad_get(4));
        part!(T, &a, |x| x.get((1, 2)).copied(), ad_get((1, 2)));
        let out = peel(&a).ad_get((rt::Lit(6),), (), &None, Fresh, (Fresh,));
        assert_eq!(out, (DMatrix::zeros(2, 3), ((),)));
    }

    pub(super) fn constructors<T: Real>() {
        let s = fixed::<T, 1, 1>(1)[0];
        built!(T, &s, |x| Matrix2x3::from_element(*x), ad_from_element);
        built!(T, &s, |x| DVector::from_element(4, *x), ad_from_element(4));
        built!(
            T,
            &s,
            |x| DMatrix::from_element(2, 0, *x),
            ad_from_element(2, 0)
        );
        built!(T, &s, |x| Vector3::repeat(*x), ad_repeat);
        built!(
            T,
            &s,
            |x| DMatrix::from_diagonal_element(2, 3, *x),
            ad_from_diagonal_element(2, 3)
        );
        built!(
            T,
            &column::<T>(3, 1),
            |x| DMatrix::from_diagonal(x),
            ad_from_diagonal
        );
        exact2!(
            T,
            "new",
            &s,
            &s,
            |x, y| Matrix2::new(s, *x, *y, s),
            |g, dx, dy| {
                let args = (rt::Lit(s), Val(x), Val(y), rt::Lit(s));
                let dests = (Skip, dx, dy, Skip);
                let result = Matrix2::new(s, *x, *y, s);
                let ((), ((), x, y, ())) = peel(&result).ad_new(args, (), g, Skip, dests);
                (x, y)
            }
        );
    }

    pub(super) fn constructors_from_lists<T: Real>() {
        let v = column::<T>(6, 1);
        let list = v.as_slice().to_vec();
        built!(T, &list, |x| DVector::from_vec(x[..].to_vec()), ad_from_vec);
        built!(
            T,
            &list,
            |x| DMatrix::from_vec(2, 3, x[..].to_vec()),
            ad_from_vec(2, 3)
        );
        built!(
            T,
            &list,
            |x| Matrix2x3::from_row_slice(x),
            ad_from_row_slice
        );
        let array: [T; 6] = list.try_into().expect("six entries");
        built!(
            T,
            &array,
            |x| DMatrix::from_row_slice(3, 2, x),
            ad_from_row_slice(3, 2)
        );
        built!(
            T,
            &array,
            |x| Matrix3x2::from_column_slice(x),
            ad_from_column_slice
        );
        let columns = [fixed::<T, 3, 1>(1), fixed::<T, 3, 1>(2)];
        built!(T, &columns, |x| Matrix3x2::from_columns(x), ad_from_columns);
        let columns = vec![column::<T>(3, 1), column::<T>(3, 2)];
        built!(T, &columns, |x| DMatrix::from_columns(x), ad_from_columns);
        let rows = [v.transpose(), RowDVector::zeros(6)];
        built!(T, &rows, |x| DMatrix::from_rows(x), ad_from_rows);
    }
}

// === conventions ===

#[test]
fn ties_share_equally() {
    let x = vector![1.0, 3.0, 3.0];
    assert_eq!(
        peel(&x).ad_max((), (), &1.0, Fresh, ()).0,
        vector![0.0, 0.5, 0.5]
    );
    assert_eq!(
        peel(&-x).ad_min((), (), &1.0, Fresh, ()).0,
        vector![0.0, 0.5, 0.5]
    );
    let x = vector![2.0, -2.0];
    assert_eq!(
        peel(&x).ad_amax((), (), &1.0, Fresh, ()).0,
        vector![0.5, -0.5]
    );
    assert_eq!(
        peel(&x).ad_amin((), (), &1.0, Fresh, ()).0,
        vector![0.5, -0.5]
    );
    let x = Vector2::<f64>::zeros();
    assert_eq!(
        peel(&x).ad_amax((), (), &1.0, Fresh, ()).0,
        Vector2::zeros()
    );
    assert_eq!(
        peel(&x).ad_abs((), (), &vector![1.0, 1.0], Fresh, ()).0,
        Vector2::zeros()
    );
}

#[test]
fn norms_at_zero() {
    let x = Vector3::<f64>::zeros();
    assert_eq!(
        peel(&x).ad_norm((), &x.norm(), &1.0, Fresh, ()).0,
        Vector3::zeros()
    );
    let normalized = peel(&x).ad_normalize((), &x.normalize(), &Vector3::zeros(), Fresh, ());
    assert_eq!(normalized.0, Vector3::zeros());
}

#[test]
fn a_cotangent_of_zero_contributes_zero_where_a_divisor_is_zero() {
    let (a, g) = (vector![1.0, 2.0], vector![0.0, 1.0]);
    let (to_a, to_s) = rt::div((&a, &0.0), &g, Fresh, Fresh);
    assert_eq!(to_a, vector![0.0, f64::INFINITY]);
    assert_eq!(to_s, f64::NEG_INFINITY);
    let (to_a, to_s) = rt::div((&a, &0.0), &Vector2::zeros(), Fresh, Fresh);
    assert_eq!((to_a, to_s), (Vector2::zeros(), 0.0));
    let b = vector![0.0, 4.0];
    let (to_a, (to_b,)) = peel(&a).ad_component_div((Val(&b),), (), &g, Fresh, (Fresh,));
    assert_eq!((to_a, to_b), (vector![0.0, 0.25], vector![0.0, -0.125]));
}

#[test]
fn literal_arguments() {
    let x = vector![1.0, 2.0];
    let (to_x, ((),)) = peel(&x).ad_scale((rt::Lit(2.0),), (), &vector![1.0, 0.5], Fresh, (Skip,));
    assert_eq!(to_x, vector![2.0, 1.0]);
}

#[test]
fn sums_over_iterators() {
    let terms = [vector![1.0, 2.0], vector![3.0, 4.0]];
    let empty = rt::empty_sum::<Vector2<f64>>();
    let (sum, first) = rt::sum(empty, &terms[0]);
    let (sum, _) = rt::sum(sum, &terms[1]);
    assert_eq!(sum, terms.iter().sum::<Vector2<f64>>());
    assert_eq!(
        rt::pull1(first, vector![5.0, 6.0], Fresh),
        vector![5.0, 6.0]
    );

    let terms = [DVector::from_element(3, 1.0), DVector::from_element(3, 2.0)];
    let empty = rt::empty_sum::<DVector<f64>>();
    assert_eq!(empty.shape(), (0, 1));
    let (sum, _) = rt::sum(empty, terms[0].clone());
    let (sum, _) = rt::sum(sum, terms[1].clone());
    assert_eq!(sum, terms.iter().sum::<DVector<f64>>());
}

/// The one that can own the cotangent does: no operand of a dynamic sum costs a copy that is not needed.
#[test]
fn a_sum_moves_its_cotangent() {
    let x = DVector::from_element(3, 1.0);
    let g = DVector::from_element(3, 2.0);
    let at = g.as_ptr();
    let ((), right) = rt::pull2(rt::sub((&x, &x)), g, Skip, Fresh);
    assert_eq!((right.as_ptr(), right[0]), (at, -2.0));
    let mut slot = None;
    let at = right.as_ptr();
    let (left, ()) = rt::pull2(rt::add((&x, &x)), right, Fresh, Lazy(&mut slot));
    assert_eq!((left.as_ptr(), left[0]), (at, -2.0));
    let (at, mut sum) = (left.as_ptr(), x.clone());
    let ((), right) = rt::pull2(rt::add((&x, &x)), left, Acc(&mut sum), Fresh);
    assert_eq!((right.as_ptr(), sum[0]), (at, -1.0));
    let at = right.as_ptr();
    assert_eq!(rt::pull1(rt::neg(&x), right, Fresh).as_ptr(), at);
}

type Gradients<T, R, C> = (OMatrix<T, R, C>, OVector<T, C>, OVector<T, R>, T);

/// A generic function needs the bounds of its own operations and none for their rules.
fn generic<T: Real, R: Dim, C: Dim>(
    a: &OMatrix<T, R, C>,
    x: &OVector<T, C>,
    b: &OVector<T, R>,
    s: T,
) -> Gradients<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<C> + Allocator<R>,
{
    let product = a * x;
    let sum = &product + b;
    let scaled = &sum * s;
    let norm = scaled.norm();
    let g = T::one();
    let (d_scaled, ()) = peel(&scaled).ad_norm((), &norm, &g, Fresh, ());
    let (d_sum, d_s) = rt::mul(rt::pair(&sum, &s), &d_scaled, Fresh, Fresh);
    let (d_product, mut d_b) = rt::pull2(rt::add(rt::pair(&product, b)), d_sum, Fresh, Fresh);
    let (d_a, d_x) = rt::mul(rt::pair(a, x), &d_product, Fresh, Fresh);
    let _ = peel(b).ad_dot((Val(&product),), (), &T::zero(), Acc(&mut d_b), (Skip,));
    let _ = peel(b).ad_component_mul(
        (Val(&product),),
        (),
        &OVector::zeros_generic(b.shape_generic().0, U1),
        Acc(&mut d_b),
        (Skip,),
    );
    (d_a, d_x, d_b, d_s)
}

#[test]
fn generic_functions() {
    let (a, x, b) = (
        Matrix3x2::new(1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        vector![1.0, -1.0],
        vector![1.0, 2.0, 3.0],
    );
    let (d_a, d_x, d_b, d_s) = generic(&a, &x, &b, 2.0);
    let sum = a * x + b;
    let unit = sum / sum.norm();
    assert_close("a", &d_a, &(unit * x.transpose() * 2.0), 1e-14);
    assert_close("x", &d_x, &(a.transpose() * unit * 2.0), 1e-14);
    assert_close("b", &d_b, &(unit * 2.0), 1e-14);
    assert_close("s", &d_s, &sum.norm(), 1e-14);

    let dynamic = generic(
        &DMatrix::from_column_slice(3, 2, a.as_slice()),
        &DVector::from_column_slice(x.as_slice()),
        &DVector::from_column_slice(b.as_slice()),
        2.0,
    );
    assert_eq!(dynamic.0.as_slice(), d_a.as_slice());
    assert_eq!(dynamic.1.as_slice(), d_x.as_slice());
}

/// Contributions have the operand's own owned type, whatever it meets.
#[test]
fn types_of_contributions() {
    let (d, s) = (dynamic::<f64>(2, 3, 1), fixed::<f64, 3, 1>(2));
    let _: (DMatrix<f64>, Vector3<f64>) = rt::mul((&d, &s), &DVector::zeros(2), Fresh, Fresh);
    let view = d.fixed_view::<2, 2>(0, 1);
    let _: (Matrix2<f64>, Vector2<f64>) =
        rt::mul((&view, &Vector2::zeros()), &Vector2::zeros(), Fresh, Fresh);
    let _: (DVector<f64>, Vector2<f64>) = rt::pull2(
        rt::add((&DVector::<f64>::zeros(2), &Vector2::<f64>::zeros())),
        Vector2::zeros(),
        Fresh,
        Fresh,
    );
    let _: (OVector<f64, Const<4>>, ()) =
        peel(&Vector4::<f64>::zeros()).ad_xyz((), (), &Vector3::zeros(), Fresh, ());
    let _: (Matrix3<f64>, ()) = peel(&Matrix3::<f64>::zeros()).ad_trace((), (), &1.0, Fresh, ());
}

#[test]
#[should_panic(expected = "cotangents of different shapes")]
fn shapes_are_compared() {
    let x = DVector::<f64>::zeros(2);
    let mut place = DVector::zeros(3);
    let _ = rt::pull2_ref(rt::add((&x, &x)), &x.clone(), Acc(&mut place), Skip);
}
