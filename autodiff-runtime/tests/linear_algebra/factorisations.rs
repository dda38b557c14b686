//! Factorisations and systems. A decomposition that is unique up to signs is compared with those of the point itself.

use autodiff_runtime::nalgebra::{
    Cholesky, DMatrix, DVector, Dyn, LU, Matrix2, Matrix3, Matrix4, OMatrix, QR, SMatrix, SVD,
    SymmetricEigen, Vector2, Vector3, vector,
};
use autodiff_runtime::rules::factorisation::{SvdTangent, SymmetricEigenTangent};

use super::*;

for_both! {
    conjugated_systems static_factors;
    once triangular inverses determinants
    cholesky cholesky_systems lu lu_systems lu_factors qr qr_systems
    svd singular_values pseudo_inverses recomposed eigen eigenvalues
}

/// A matrix far from singular, whose largest entries are not on the diagonal.
fn regular<T: Real>(n: usize, seed: u32) -> DMatrix<T> {
    let mut a = dynamic::<T>(n, n, seed) * T::ad_from_f64(0.25);
    for i in 0..n {
        a[((i + 1) % n, i)] +=
            T::ad_from_f64(2.0 + 0.5 * f64::from(u32::try_from(i).expect("small")));
    }
    a
}

/// A symmetric positive definite matrix.
fn positive<T: Real>(n: usize, seed: u32) -> DMatrix<T> {
    let b = dynamic::<T>(n, n, seed) * T::ad_from_f64(0.5);
    let mut a = &b * b.transpose();
    for i in 0..n {
        a[(i, i)] += T::one();
    }
    a
}

fn sized<T: Real, const R: usize, const C: usize>(a: &DMatrix<T>) -> SMatrix<T, R, C> {
    SMatrix::from_column_slice(a.as_slice())
}

/// A matrix with the given singular values, or eigenvalues if both sides are the same.
fn with_values<T: Real>(left: &DMatrix<T>, values: &[f64], right: &DMatrix<T>) -> DMatrix<T> {
    let values = values.iter().map(|it| T::ad_from_f64(*it)).collect();
    let (q, p) = (left.clone().qr().q(), right.clone().qr().q());
    let count = q.ncols().min(p.ncols());
    let values = DMatrix::from_diagonal(&DVector::from_vec(values));
    q.columns(0, count) * values * p.columns(0, count).transpose()
}

fn vectors<T: Real>(n: usize, seed: u32) -> DMatrix<T> {
    dynamic(n, n, seed)
}

/// The columns of `a`, with the signs of those of `like`.
fn aligned<T: Real>(a: &DMatrix<T>, like: &DMatrix<T>) -> DMatrix<T> {
    let mut a = a.clone();
    for (mut column, like) in a.column_iter_mut().zip(like.column_iter()) {
        if column.dot(&like) < T::zero() {
            column.neg_mut();
        }
    }
    a
}

mod on {
    use super::*;

    pub(super) fn triangular<T: Real>() {
        for (seed, (n, width)) in (0..).zip([
            (0, 2),
            (1, 1),
            (2, 0),
            (3, 1),
            (3, 2),
            (4, 6),
            (2, 5),
            (5, 1),
        ]) {
            let a = positive::<T>(n, seed) + dynamic::<T>(n, n, seed) * T::ad_from_f64(0.125);
            let b = around::<T>(n, width, seed);
            let b = strided(&b);
            macro_rules! all {
                ($a:expr, $b:expr, $($method:ident $rule:ident $unchecked:ident $unchecked_rule:ident;)*) => { $(
                    binary!(T, &$a, &$b, |x, y| x.$method(y), $rule &x.$method(y));
                    binary!(T, &$a, &$b, |x, y| x.$unchecked(y), $unchecked_rule &x.$unchecked(y));
                )* };
                ($a:expr, $b:expr) => { all!($a, $b,
                    solve_lower_triangular ad_rule_solve_lower_triangular
                    solve_lower_triangular_unchecked ad_rule_solve_lower_triangular_unchecked;
                    solve_upper_triangular ad_rule_solve_upper_triangular
                    solve_upper_triangular_unchecked ad_rule_solve_upper_triangular_unchecked;
                    tr_solve_lower_triangular ad_tr_solve_lower_triangular
                    tr_solve_lower_triangular_unchecked ad_tr_solve_lower_triangular_unchecked;
                    tr_solve_upper_triangular ad_tr_solve_upper_triangular
                    tr_solve_upper_triangular_unchecked ad_tr_solve_upper_triangular_unchecked;
                ) };
            }
            all!(a, b);
            if n == 3 {
                all!(sized::<T, 3, 3>(&a), fixed::<T, 3, 1>(seed));
                all!(sized::<T, 3, 3>(&a), fixed::<T, 3, 5>(seed));
            }
        }
    }

    pub(super) fn conjugated_systems<T: Real>() {
        let (a, b) = (positive::<T>(2, 1), column::<T>(2, 2));
        binary!(
            T,
            &a,
            &b,
            |x, y| x.ad_solve_lower_triangular(y),
            ad_ad_solve_lower_triangular & x.ad_solve_lower_triangular(y)
        );
        binary!(
            T,
            &a,
            &b,
            |x, y| x.ad_solve_upper_triangular(y),
            ad_ad_solve_upper_triangular & x.ad_solve_upper_triangular(y)
        );
        let (a, b) = (sized::<T, 2, 2>(&a), fixed::<T, 2, 3>(2));
        binary!(
            T,
            &a,
            &b,
            |x, y| x.ad_solve_lower_triangular(y),
            ad_ad_solve_lower_triangular & x.ad_solve_lower_triangular(y)
        );
        binary!(
            T,
            &a,
            &b,
            |x, y| x.ad_solve_upper_triangular(y),
            ad_ad_solve_upper_triangular & x.ad_solve_upper_triangular(y)
        );
    }

    pub(super) fn inverses<T: Real>() {
        for seed in 0..8 {
            for n in [0, 1, 2, 3, 4, 5] {
                let a = regular::<T>(n, seed);
                unary!(
                    T,
                    &a,
                    |x| x.clone().try_inverse(),
                    ad_try_inverse & x.clone().try_inverse()
                );
            }
            let a = sized::<T, 3, 3>(&regular(3, seed));
            unary!(T, &a, |x| x.try_inverse(), ad_try_inverse & x.try_inverse());
        }
    }

    pub(super) fn determinants<T: Real>() {
        for seed in 0..8 {
            for n in [0, 1, 2, 3, 4, 5] {
                let a = regular::<T>(n, seed) * T::ad_from_f64(0.5);
                routed!(
                    T,
                    &a,
                    |x| x.determinant(),
                    |x| x.ad_lifted_determinant(),
                    ad_determinant & x.determinant()
                );
                if n < 2 {
                    continue;
                }
                // Singular: of rank `n - 1`, and of rank `n - 2`, where the gradient is zero.
                let mut a = a;
                for j in 1..n.min(3) {
                    let copy = a.column(0) * T::ad_from_f64(2.0);
                    a.set_column(j, &copy);
                    routed!(
                        T,
                        &a,
                        |x| x.determinant(),
                        |x| x.ad_lifted_determinant(),
                        ad_determinant & x.determinant()
                    );
                }
            }
            let a = sized::<T, 4, 4>(&regular(4, seed)) * T::ad_from_f64(0.5);
            routed!(
                T,
                &a,
                |x| x.determinant(),
                |x| x.ad_lifted_determinant(),
                ad_determinant & x.determinant()
            );
        }
    }

    /// What has dynamic dimensions only elsewhere.
    pub(super) fn static_factors<T: Real>() {
        let seed = 3;
        let (epsilon, two) = (T::ad_from_f64(1e-2), (rt::Lit(true), rt::Lit(true)));
        let a = sized::<T, 3, 3>(&positive(3, seed));
        exact1!(
            T,
            "cholesky",
            &a,
            |x| x.cholesky().map(|it| it.l()),
            |g, dx| {
                let chol = peel(x).cholesky().unwrap();
                let (to_chol, ()) = peel(&chol).ad_l((), (), g.as_ref().unwrap(), Fresh, ());
                peel(x).ad_cholesky((), (), &Some(to_chol), dx, ()).0
            }
        );
        let chol = a.cholesky().unwrap();
        unary!(T, &chol, |x| x.l_dirty().lower_triangle(), ad_l_dirty);
        let a = sized::<T, 3, 3>(&regular(3, seed));
        exact1!(T, "lu", &a, |x| x.lu().l(), |g, dx| {
            let (to_lu, ()) = peel(&x.lu()).ad_l((), (), g, Fresh, ());
            peel(x).ad_lu((), (), &to_lu, dx, ()).0
        });
        let a = sized::<T, 4, 2>(&full(4, 2, seed));
        exact1!(T, "qr", &a, |x| x.qr().r(), |g, dx| {
            let (to_qr, ()) = peel(&x.qr()).ad_r((), &x.qr().r(), g, Fresh, ());
            peel(x).ad_qr((), (), &to_qr, dx, ()).0
        });
        exact1!(T, "unpack", &a.qr(), |x| (*x).unpack(), |g, dx| {
            peel(x).ad_unpack((), &(*x).unpack(), g, dx, ()).0
        });
        let a = sized::<T, 4, 3>(&distinct::<T>(4, 3, seed));
        let values = |x: &SMatrix<T, 4, 3>| x.svd(false, false).singular_values;
        exact1!(T, "svd", &a, |x| values(x), |g, dx| {
            let svd = x.svd(true, true);
            let g = SvdTangent {
                u: None,
                singular_values: *g,
                v_t: None,
            };
            peel(x).ad_svd(two, &svd, &g, dx, (Skip, Skip)).0
        });
        exact1!(T, "svd_unordered", &a, |x| values(x), |g, dx| {
            let svd = x.svd(true, true);
            let g = SvdTangent {
                u: None,
                singular_values: *g,
                v_t: None,
            };
            peel(x).ad_svd_unordered(two, &svd, &g, dx, (Skip, Skip)).0
        });
        unary!(
            T,
            &a,
            |x| x.singular_values(),
            ad_singular_values_unordered & x.singular_values()
        );
        exact1!(
            T,
            "pseudo_inverse",
            &a,
            |x| x.pseudo_inverse(epsilon).ok(),
            |g, dx| {
                let y = x.pseudo_inverse(epsilon);
                peel(x)
                    .ad_pseudo_inverse((Val(&epsilon),), &y, g, dx, (Skip,))
                    .0
            }
        );
        exact1!(
            T,
            "recompose",
            &a.svd(true, true),
            |x| (*x).recompose().ok(),
            |g, dx| peel(x).ad_recompose((), &(*x).recompose(), g, dx, ()).0
        );
        // The sum does not ask for the order of the eigenvalues.
        let a = sized::<T, 3, 3>(&symmetric(3, seed));
        exact1!(
            T,
            "symmetric_eigen",
            &a,
            |x| x.symmetric_eigen().eigenvalues.norm_squared(),
            |g, dx| {
                let eigen = x.symmetric_eigen();
                let g = SymmetricEigenTangent {
                    eigenvectors: SMatrix::zeros(),
                    eigenvalues: eigen.eigenvalues * (*g + *g),
                };
                peel(x).ad_symmetric_eigen((), &eigen, &g, dx, ()).0
            }
        );
    }

    pub(super) fn cholesky<T: Real>() {
        for seed in 0..8 {
            for n in [0, 1, 2, 4] {
                let a = positive::<T>(n, seed);
                exact1!(
                    T,
                    "cholesky",
                    &a,
                    |x| x.clone().cholesky().map(|chol| chol.l()),
                    |g, dx| {
                        let chol = peel(x).clone_owned().cholesky();
                        let (to_chol, ()) = peel(chol.as_ref().unwrap()).ad_l(
                            (),
                            (),
                            g.as_ref().unwrap(),
                            Fresh,
                            (),
                        );
                        peel(x).ad_cholesky((), (), &Some(to_chol), dx, ()).0
                    }
                );
            }
            let a = sized::<T, 3, 3>(&positive(3, seed));
            exact1!(
                T,
                "Cholesky::new",
                &a,
                |x| Cholesky::new(*x).map(|chol| chol.ln_determinant()),
                |g, dx| {
                    let chol = Cholesky::new(*peel(x));
                    let inner = chol.as_ref().unwrap();
                    let (to_chol, ()) =
                        peel(inner).ad_ln_determinant((), (), g.as_ref().unwrap(), Fresh, ());
                    peel(&chol)
                        .ad_new((Val(x),), (), &Some(to_chol), Skip, (dx,))
                        .1
                        .0
                }
            );
        }
    }

    pub(super) fn cholesky_systems<T: Real>() {
        for seed in 0..8 {
            for (n, width) in [(0, 1), (1, 1), (2, 0), (3, 1), (3, 6), (4, 2)] {
                let chol = positive::<T>(n, seed).cholesky().unwrap();
                let b = around::<T>(n, width, seed);
                binary!(
                    T,
                    &chol,
                    &strided(&b),
                    |x, y| x.solve(y),
                    ad_solve & x.solve(y)
                );
                unary!(T, &chol, |x| x.inverse(), ad_inverse & x.inverse());
                unary!(
                    T,
                    &chol,
                    |x| x.determinant(),
                    ad_determinant & x.determinant()
                );
                unary!(T, &chol, |x| x.ln_determinant(), ad_ln_determinant);
                unary!(T, &chol, |x| x.l(), ad_l);
                unary!(T, &chol, |x| x.l_dirty().lower_triangle(), ad_l_dirty);
                unary!(
                    T,
                    &chol,
                    |x| x.clone().unpack(),
                    ad_unpack & x.clone().unpack()
                );
            }
            let chol = sized::<T, 3, 3>(&positive(3, seed)).cholesky().unwrap();
            let b = fixed::<T, 3, 1>(seed);
            binary!(T, &chol, &b, |x, y| x.solve(y), ad_solve & x.solve(y));
            binary!(
                T,
                &chol,
                &column::<T>(3, seed),
                |x, y| x.solve(y),
                ad_solve & x.solve(y)
            );
            unary!(T, &chol, |x| x.inverse(), ad_inverse & x.inverse());
            unary!(T, &chol, |x| x.l(), ad_l);
        }
    }

    pub(super) fn lu<T: Real>() {
        for seed in 0..8 {
            let (a, b) = (regular::<T>(3, seed), column::<T>(3, seed));
            exact1!(T, "lu", &a, |x| x.clone().lu().solve(&b), |g, dx| {
                let lu = peel(x).clone_owned().lu();
                let (to_lu, _) = peel(&lu).ad_solve((Val(&b),), &lu.solve(&b), g, Fresh, (Skip,));
                peel(x).ad_lu((), (), &to_lu, dx, ()).0
            });
            let a = sized::<T, 3, 3>(&a);
            exact1!(T, "LU::new", &a, |x| LU::new(*x).determinant(), |g, dx| {
                let lu = LU::new(*peel(x));
                let (to_lu, ()) = peel(&lu).ad_determinant((), &lu.determinant(), g, Fresh, ());
                peel(&lu).ad_new((Val(x),), (), &to_lu, Skip, (dx,)).1.0
            });
        }
    }

    pub(super) fn lu_systems<T: Real>() {
        for seed in 0..8 {
            for (n, width) in [(0, 1), (1, 1), (2, 0), (3, 1), (3, 6), (4, 2)] {
                let lu = regular::<T>(n, seed).lu();
                let b = around::<T>(n, width, seed);
                if n == 0 {
                    // nalgebra's own solution of an empty system subtracts one from its size.
                    unary!(
                        T,
                        &lu,
                        |x| x.determinant(),
                        ad_determinant & x.determinant()
                    );
                    continue;
                }
                binary!(
                    T,
                    &lu,
                    &strided(&b),
                    |x, y| x.solve(y),
                    ad_solve & x.solve(y)
                );
                unary!(
                    T,
                    &lu,
                    |x| x.try_inverse(),
                    ad_try_inverse & x.try_inverse()
                );
                unary!(
                    T,
                    &lu,
                    |x| x.determinant(),
                    ad_determinant & x.determinant()
                );
            }
            let lu = sized::<T, 3, 3>(&regular(3, seed)).lu();
            binary!(
                T,
                &lu,
                &fixed::<T, 3, 2>(seed),
                |x, y| x.solve(y),
                ad_solve & x.solve(y)
            );
            unary!(
                T,
                &lu,
                |x| x.determinant(),
                ad_determinant & x.determinant()
            );
        }
        // A singular one has a determinant, and a derivative of it.
        let mut a = regular::<T>(4, 3) * T::ad_from_f64(0.5);
        a.set_row(2, &(a.row(0) + a.row(1)));
        routed!(
            T,
            &a.clone().lu(),
            |x| x.determinant(),
            |x| x.ad_lifted_determinant(),
            ad_determinant & x.determinant()
        );
    }

    pub(super) fn lu_factors<T: Real>() {
        for seed in 0..8 {
            for n in [0, 1, 2, 4] {
                let lu = regular::<T>(n, seed).lu();
                unary!(T, &lu, |x| x.l(), ad_l);
                unary!(T, &lu, |x| x.u(), ad_u);
            }
            let lu = sized::<T, 3, 3>(&regular(3, seed)).lu();
            unary!(T, &lu, |x| x.l(), ad_l);
            unary!(T, &lu, |x| x.u(), ad_u);
        }
    }

    /// A matrix of full rank, with diagonal factors of either sign.
    fn full<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
        let n = rows.max(columns);
        regular::<T>(n.max(1), seed)
            .view((0, 0), (rows, columns))
            .into_owned()
            + DMatrix::from_diagonal_element(rows, columns, T::ad_from_f64(-1.5))
    }

    pub(super) fn qr<T: Real>() {
        for seed in 0..8 {
            for (r, c) in [(1, 1), (3, 3), (4, 2), (2, 4), (1, 3), (3, 1)] {
                let qr = full::<T>(r, c, seed).qr();
                unary!(T, &qr, |x| x.q(), ad_q & x.q());
                unary!(T, &qr, |x| x.r(), ad_r & x.r());
                exact1!(T, "unpack", &qr, |x| x.clone().unpack(), |g, dx| {
                    peel(x).ad_unpack((), &x.clone().unpack(), g, dx, ()).0
                });
            }
            let qr = sized::<T, 4, 2>(&full(4, 2, seed)).qr();
            unary!(T, &qr, |x| x.q(), ad_q & x.q());
            unary!(T, &qr, |x| x.r(), ad_r & x.r());
            let a = full::<T>(3, 2, seed);
            exact1!(T, "qr", &a, |x| x.clone().qr().r(), |g, dx| {
                let qr = peel(x).clone_owned().qr();
                let (to_qr, ()) = peel(&qr).ad_r((), &qr.r(), g, Fresh, ());
                peel(x).ad_qr((), (), &to_qr, dx, ()).0
            });
            exact1!(T, "QR::new", &a, |x| QR::new(x.clone()).q(), |g, dx| {
                let qr = QR::new(peel(x).clone_owned());
                let (to_qr, ()) = peel(&qr).ad_q((), &qr.q(), g, Fresh, ());
                peel(&qr).ad_new((Val(x),), (), &to_qr, Skip, (dx,)).1.0
            });
        }
        for (r, c) in [(0, 0), (0, 2), (2, 0)] {
            let qr = DMatrix::<T>::zeros(r, c).qr();
            unary!(T, &qr, |x| x.q(), ad_q & x.q());
            unary!(T, &qr, |x| x.r(), ad_r & x.r());
        }
    }

    pub(super) fn qr_systems<T: Real>() {
        for seed in 0..8 {
            for (n, width) in [(0, 1), (1, 1), (2, 0), (3, 1), (4, 6)] {
                let qr = regular::<T>(n, seed).qr();
                let b = dynamic::<T>(n, width, seed);
                binary!(T, &qr, &b, |x, y| x.solve(y), ad_solve & x.solve(y));
                unary!(
                    T,
                    &qr,
                    |x| x.try_inverse(),
                    ad_try_inverse & x.try_inverse()
                );
            }
            let qr = sized::<T, 3, 3>(&regular(3, seed)).qr();
            binary!(
                T,
                &qr,
                &fixed::<T, 3, 1>(seed),
                |x, y| x.solve(y),
                ad_solve & x.solve(y)
            );
        }
    }

    /// Distinct singular values.
    fn distinct<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
        let values = [3.0, 2.0, 1.25, 0.625];
        let count = rows.min(columns);
        with_values(
            &vectors(rows, seed),
            &values[..count],
            &vectors(columns, seed + 50),
        )
    }

    const SHAPES: [(usize, usize); 7] = [(1, 1), (1, 3), (3, 1), (2, 2), (3, 3), (4, 2), (2, 4)];

    pub(super) fn svd<T: Real>() {
        for seed in 0..8 {
            for (r, c) in SHAPES {
                let a = distinct::<T>(r, c, seed);
                let (u, v) = {
                    let svd = a.clone().svd(true, true);
                    (svd.u.unwrap(), svd.v_t.unwrap().transpose())
                };
                let parts = |a: &DMatrix<T>| {
                    let svd = a.clone().svd(true, true);
                    let right = aligned(&svd.v_t.unwrap().transpose(), &v).transpose();
                    (aligned(&svd.u.unwrap(), &u), svd.singular_values, right)
                };
                exact1!(T, "svd", &a, |x| parts(x), |g, dx| {
                    let svd = peel(x).clone_owned().svd(true, true);
                    let g = SvdTangent {
                        u: Some(g.0.clone()),
                        singular_values: g.1.clone(),
                        v_t: Some(g.2.clone()),
                    };
                    peel(x)
                        .ad_svd((rt::Lit(true), rt::Lit(true)), &svd, &g, dx, (Skip, Skip))
                        .0
                });
                // With the vectors of one side only, or none.
                exact1!(
                    T,
                    "svd, left",
                    &a,
                    |x| {
                        let (u, s, _) = parts(x);
                        (u, s)
                    },
                    |g, dx| {
                        let svd = SVD {
                            v_t: None,
                            ..peel(x).clone_owned().svd(true, true)
                        };
                        let g = SvdTangent {
                            u: Some(g.0.clone()),
                            singular_values: g.1.clone(),
                            v_t: None,
                        };
                        peel(x)
                            .ad_svd_unordered(
                                (rt::Lit(true), rt::Lit(false)),
                                &svd,
                                &g,
                                dx,
                                (Skip, Skip),
                            )
                            .0
                    }
                );
                exact1!(
                    T,
                    "svd, right",
                    &a,
                    |x| {
                        let (_, s, v) = parts(x);
                        (v, s)
                    },
                    |g, dx| {
                        let svd = SVD {
                            u: None,
                            ..peel(x).clone_owned().svd(true, true)
                        };
                        let g = SvdTangent {
                            v_t: Some(g.0.clone()),
                            singular_values: g.1.clone(),
                            u: None,
                        };
                        peel(&svd)
                            .ad_new(
                                (Val(x), rt::Lit(false), rt::Lit(true)),
                                (),
                                &g,
                                Skip,
                                (dx, Skip, Skip),
                            )
                            .1
                            .0
                    }
                );
                exact1!(T, "svd, values", &a, |x| parts(x).1, |g, dx| {
                    let svd = SVD {
                        u: None,
                        v_t: None,
                        ..peel(x).clone_owned().svd(true, true)
                    };
                    let g = SvdTangent {
                        v_t: None,
                        singular_values: g.clone(),
                        u: None,
                    };
                    peel(x)
                        .ad_svd((rt::Lit(false), rt::Lit(false)), &svd, &g, dx, (Skip, Skip))
                        .0
                });
            }
        }
    }

    pub(super) fn singular_values<T: Real>() {
        for seed in 0..8 {
            for (r, c) in SHAPES {
                let a = distinct::<T>(r, c, seed);
                unary!(
                    T,
                    &a,
                    |x| x.singular_values(),
                    ad_singular_values & x.singular_values()
                );
                unary!(
                    T,
                    &a,
                    |x| x.singular_values_unordered(),
                    ad_singular_values_unordered & x.singular_values_unordered()
                );
            }
            let a = sized::<T, 3, 2>(&distinct(3, 2, seed));
            unary!(
                T,
                &a,
                |x| x.singular_values(),
                ad_singular_values & x.singular_values()
            );
        }
        // The sum of values that coincide.
        let a = with_values::<T>(&vectors(3, 1), &[2.0, 2.0, 2.0], &vectors(3, 2));
        exact1!(
            T,
            "nuclear norm",
            &a,
            |x| x.singular_values().sum(),
            |g, dx| {
                let weights = DVector::from_element(3, *g);
                peel(x)
                    .ad_singular_values((), &peel(x).singular_values(), &weights, dx, ())
                    .0
            }
        );
    }

    pub(super) fn pseudo_inverses<T: Real>() {
        let epsilon = T::ad_from_f64(1e-2);
        for seed in 0..8 {
            for (r, c) in SHAPES {
                let a = distinct::<T>(r, c, seed);
                exact1!(
                    T,
                    "pseudo_inverse",
                    &a,
                    |x| x.clone().pseudo_inverse(epsilon).ok(),
                    |g, dx| {
                        let y = peel(x).clone_owned().pseudo_inverse(epsilon);
                        peel(x)
                            .ad_pseudo_inverse((Val(&epsilon),), &y, g, dx, (Skip,))
                            .0
                    }
                );
            }
            // Values that coincide; the primal is had without them, because nalgebra's are not exact enough there.
            let a = with_values::<T>(&vectors(4, seed), &[2.0, 2.0, 1.0], &vectors(3, seed + 1));
            let normal = |a: &DMatrix<T>| {
                (a.transpose() * a)
                    .try_inverse()
                    .map(|it| it * a.transpose())
            };
            exact1!(T, "pseudo_inverse", &a, |x| normal(x), |g, dx| {
                let y = peel(x).clone_owned().pseudo_inverse(epsilon);
                peel(x)
                    .ad_pseudo_inverse((Val(&epsilon),), &y, g, dx, (Skip,))
                    .0
            });
        }
        // A value that is cut off without being 0.
        let a = DMatrix::from_diagonal(&DVector::from_vec(vec![
            T::ad_from_f64(2.0),
            T::ad_from_f64(1.0),
            T::ad_from_f64(0.125),
        ]));
        let epsilon = T::ad_from_f64(0.5);
        exact1!(
            T,
            "pseudo_inverse",
            &a,
            |x| x.clone().pseudo_inverse(epsilon).ok(),
            |g, dx| {
                let y = peel(x).clone_owned().pseudo_inverse(epsilon);
                peel(x)
                    .ad_pseudo_inverse((Val(&epsilon),), &y, g, dx, (Skip,))
                    .0
            }
        );
    }

    pub(super) fn recomposed<T: Real>() {
        let epsilon = T::ad_from_f64(1e-2);
        for seed in 0..8 {
            for (r, c) in SHAPES {
                let svd = distinct::<T>(r, c, seed).svd(true, true);
                let b = dynamic::<T>(r, 2, seed);
                exact1!(
                    T,
                    "recompose",
                    &svd,
                    |x| x.clone().recompose().ok(),
                    |g, dx| {
                        peel(x)
                            .ad_recompose((), &x.clone().recompose(), g, dx, ())
                            .0
                    }
                );
                exact1!(
                    T,
                    "svd.pseudo_inverse",
                    &svd,
                    |x| x.clone().pseudo_inverse(epsilon).ok(),
                    |g, dx| {
                        let y = x.clone().pseudo_inverse(epsilon);
                        peel(x)
                            .ad_pseudo_inverse((Val(&epsilon),), &y, g, dx, (Skip,))
                            .0
                    }
                );
                exact2!(
                    T,
                    "svd.solve",
                    &svd,
                    &b,
                    |x, y| x.solve(y, epsilon).ok(),
                    |g, dx, dy| {
                        let args = (Val(y), Val(&epsilon));
                        let (x, (y, ())) = peel(x).ad_solve(
                            args,
                            &x.solve(&y.clone_owned(), epsilon),
                            g,
                            dx,
                            (dy, Skip),
                        );
                        (x, y)
                    }
                );
            }
            let eigen = symmetric::<T>(3, seed).symmetric_eigen();
            unary!(T, &eigen, |x| x.recompose(), ad_recompose & x.recompose());
        }
    }

    /// Distinct eigenvalues.
    fn symmetric<T: Real>(n: usize, seed: u32) -> DMatrix<T> {
        let values = [3.0, -2.0, 1.25, 0.0];
        let vectors = vectors(n, seed);
        with_values(&vectors, &values[..n], &vectors)
    }

    pub(super) fn eigen<T: Real>() {
        for seed in 0..8 {
            for n in [1, 2, 3, 4] {
                let a = symmetric::<T>(n, seed);
                let reference = a.clone().symmetric_eigen();
                // In the order of the point itself.
                let parts = |a: &DMatrix<T>| {
                    let eigen = a.clone().symmetric_eigen();
                    let nearest = |value: T| {
                        (0..n).min_by(|i, j| {
                            let distance = |k: usize| (eigen.eigenvalues[k] - value).abs();
                            distance(*i).partial_cmp(&distance(*j)).expect("numbers")
                        })
                    };
                    let order: Vec<usize> = (0..n)
                        .map(|i| nearest(reference.eigenvalues[i]).expect("an eigenvalue"))
                        .collect();
                    let vectors = eigen.eigenvectors.select_columns(&order);
                    let values = DVector::from_fn(n, |i, _| eigen.eigenvalues[order[i]]);
                    (aligned(&vectors, &reference.eigenvectors), values)
                };
                exact1!(T, "symmetric_eigen", &a, |x| parts(x), |g, dx| {
                    let eigen = peel(x).clone_owned().symmetric_eigen();
                    let g = SymmetricEigenTangent {
                        eigenvectors: g.0.clone(),
                        eigenvalues: g.1.clone(),
                    };
                    peel(x).ad_symmetric_eigen((), &eigen, &g, dx, ()).0
                });
                exact1!(T, "SymmetricEigen::new", &a, |x| parts(x).0, |g, dx| {
                    let eigen = SymmetricEigen::new(peel(x).clone_owned());
                    let g = SymmetricEigenTangent {
                        eigenvectors: g.clone(),
                        eigenvalues: DVector::zeros(n),
                    };
                    peel(&eigen).ad_new((Val(x),), (), &g, Skip, (dx,)).1.0
                });
            }
        }
    }

    pub(super) fn eigenvalues<T: Real>() {
        for seed in 0..8 {
            for n in [1, 2, 3, 4] {
                let a = symmetric::<T>(n, seed);
                unary!(
                    T,
                    &a,
                    |x| sorted(&x.symmetric_eigenvalues()),
                    ad_symmetric_eigenvalues & sorted(&x.symmetric_eigenvalues())
                );
            }
            let a = sized::<T, 3, 3>(&symmetric(3, seed));
            let y = a.symmetric_eigenvalues();
            exact1!(
                T,
                "squares of eigenvalues",
                &a,
                |x| x.symmetric_eigenvalues().norm_squared(),
                |g, dx| {
                    let weights = y * (*g + *g);
                    peel(x).ad_symmetric_eigenvalues((), &y, &weights, dx, ()).0
                }
            );
        }
        // A symmetric function of values that coincide.
        let a = DMatrix::<T>::identity(3, 3) * T::ad_from_f64(2.0);
        exact1!(
            T,
            "sum of squares",
            &a,
            |x| x.symmetric_eigenvalues().norm_squared(),
            |g, dx| {
                let y = peel(x).symmetric_eigenvalues();
                let weights = &y * (*g + *g);
                peel(x).ad_symmetric_eigenvalues((), &y, &weights, dx, ()).0
            }
        );
    }

    fn sorted<T: Real>(values: &DVector<T>) -> DVector<T> {
        let mut values: Vec<T> = values.as_slice().to_vec();
        values.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        DVector::from_vec(values)
    }
}

// === conventions and closed forms ===

#[test]
fn singular_systems_contribute_nothing() {
    let (a, b) = (Matrix2::new(1.0, 2.0, 2.0, 4.0), Vector2::new(1.0, 1.0));
    assert_eq!(a.try_inverse(), None);
    assert_eq!(
        peel(&a).ad_try_inverse((), &None, &None, Fresh, ()).0,
        Matrix2::zeros()
    );
    let lu = a.lu();
    assert_eq!(lu.solve(&b), None);
    let out = peel(&lu).ad_solve((Val(&b),), &None, &None, Fresh, (Fresh,));
    assert_eq!(out, (Matrix2::zeros(), (Vector2::zeros(),)));
    let indefinite = -a;
    assert!(indefinite.cholesky().is_none());
    assert_eq!(
        peel(&indefinite).ad_cholesky((), (), &None, Fresh, ()).0,
        Matrix2::zeros()
    );
    let none: Option<Cholesky<f64, _>> = Cholesky::new(indefinite);
    let out = peel(&none).ad_new((Val(&indefinite),), (), &None, Fresh, (Fresh,));
    assert_eq!(out, (None, (Matrix2::zeros(),)));
    let out = peel(&Matrix2::<f64>::zeros()).ad_rule_solve_lower_triangular(
        (Val(&b),),
        &None,
        &None,
        Fresh,
        (Fresh,),
    );
    assert_eq!(out, (Matrix2::zeros(), (Vector2::zeros(),)));
}

/// The gradient of `ln det` is the inverse, each entry below the diagonal counted twice.
#[test]
fn gradient_of_ln_det() {
    let a = Matrix2::new(2.0_f64, 0.5, 0.5, 1.0);
    let chol = a.cholesky().unwrap();
    let (got, ()) = peel(&chol).ad_ln_determinant((), (), &1.0, Fresh, ());
    let inverse = a.try_inverse().unwrap();
    let expected = Matrix2::new(inverse.m11, 0.0, 2.0 * inverse.m21, inverse.m22);
    assert_close("ln det", &got, &expected, 1e-14);
}

/// Solving for a symmetric matrix by Cholesky and by LU has one gradient.
#[test]
fn cholesky_and_lu_agree() {
    let (a, b) = (
        Matrix3::new(4.0, 1.0, 0.5, 1.0, 3.0, -1.0, 0.5, -1.0, 5.0),
        vector![1.0, -2.0, 3.0],
    );
    let g = vector![0.5, 1.0, -1.0];
    let (chol, lu) = (a.cholesky().unwrap(), a.lu());
    let (folded, (left,)) = peel(&chol).ad_solve((Val(&b),), &chol.solve(&b), &g, Fresh, (Fresh,));
    let (full, (right,)) = peel(&lu).ad_solve((Val(&b),), &lu.solve(&b), &Some(g), Fresh, (Fresh,));
    assert_close("to b", &left, &right, 1e-14);
    let mut expected = full + full.transpose();
    expected.fill_upper_triangle(0.0, 1);
    for i in 0..3 {
        expected[(i, i)] /= 2.0;
    }
    assert_close("to a", &folded, &expected, 1e-14);
}

/// `U Vᵀ` of a decomposition is the orthogonal polar factor, which is smooth where singular values coincide.
#[test]
fn polar_factor_where_singular_values_coincide() {
    for values in [[2.0, 2.0, 2.0], [2.0, 2.0, 1.0], [2.0, 1.0, 1.0]] {
        let a = with_values::<f64>(&vectors(3, 1), &values, &vectors(3, 2));
        // By Newton's iteration.
        let polar = |a: &DMatrix<f64>| {
            let mut x = a.clone();
            for _ in 0..12 {
                let inverse = x.clone().try_inverse().unwrap();
                x = (x + inverse.transpose()) * 0.5;
            }
            x
        };
        let jacobian = exact::jacobian::<f64, _>(&a, |a| components(&polar(a)));
        for row in 0..9 {
            let svd = a.clone().svd(true, true);
            let g = exact::basis(&a, row);
            let (u, v_t) = (svd.u.clone().unwrap(), svd.v_t.clone().unwrap());
            let g = SvdTangent {
                u: Some(&g * v_t.transpose()),
                v_t: Some(u.transpose() * &g),
                singular_values: DVector::zeros(3),
            };
            let (got, _) = peel(&a).ad_svd(
                (rt::Lit(true), rt::Lit(true)),
                &svd,
                &g,
                Fresh,
                (Skip, Skip),
            );
            exact::assert_row("polar factor", row, &got, &jacobian, 1e-9);
        }
    }
}

/// Where eigenvalues coincide, everything stays finite.
#[test]
fn eigenvectors_where_values_coincide() {
    let a = Matrix3::from_diagonal(&vector![2.0, 2.0, 1.0]);
    let eigen = a.symmetric_eigen();
    let g = SymmetricEigenTangent {
        eigenvectors: fixed::<f64, 3, 3>(1),
        eigenvalues: Vector3::new(1.0, 1.0, 1.0),
    };
    let (got, ()) = peel(&a).ad_symmetric_eigen((), &eigen, &g, Fresh, ());
    assert!(got.iter().all(|it| it.is_finite()));
    // The projection onto the plane of the two is smooth: `V diag(1, 1, 0) Vᵀ`.
    let projection = |a: &Matrix3<f64>| {
        let eigen = a.symmetric_eigen();
        let mut sum = Matrix3::zeros();
        for i in 0..3 {
            if eigen.eigenvalues[i] > 1.5 {
                let v = eigen.eigenvectors.column(i);
                sum += v * v.transpose();
            }
        }
        sum
    };
    let jacobian = exact::jacobian::<f64, _>(&a, |a| components(&projection(a)));
    for row in 0..9 {
        let g = exact::basis(&a, row);
        let weights = eigen
            .eigenvalues
            .map(|value| f64::from(u8::from(value > 1.5)));
        let image = (g + g.transpose()) * eigen.eigenvectors * Matrix3::from_diagonal(&weights);
        let g = SymmetricEigenTangent {
            eigenvectors: image,
            eigenvalues: Vector3::zeros(),
        };
        let (got, ()) = peel(&a).ad_symmetric_eigen((), &eigen, &g, Fresh, ());
        exact::assert_row("projection", row, &got, &jacobian, 1e-9);
    }
}

/// Where the columns have no full rank, singular values have a derivative and vectors that are not asked for do no harm.
#[test]
fn singular_values_of_deficient_rank() {
    let a = Matrix4::from_diagonal(&vector![3.0, 2.0, 1.0, 0.0]);
    let y = a.singular_values();
    let (got, ()) = peel(&a).ad_singular_values((), &y, &vector![1.0, 1.0, 1.0, 0.0], Fresh, ());
    assert_close(
        "values",
        &got,
        &Matrix4::from_diagonal(&vector![1.0, 1.0, 1.0, 0.0]),
        1e-14,
    );
    let _: Option<OMatrix<f64, Dyn, Dyn>> = None;
}
