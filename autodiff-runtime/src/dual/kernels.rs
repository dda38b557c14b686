//! Linear algebra that dual numbers do in another way than by running nalgebra's algorithm over themselves.
//!
//! - A product is three products of the parts, which are fast and have the bits of the real one.
//! - Iterations for eigenvalues and singular values converge, and are deflated, by the real parts; what the
//!   infinitesimal parts are then is not the derivative. It comes from the derivative formula instead.
//! - A pivot that is zero in its real part alone is not seen by a test for a singular matrix.
//! - Functions of a rotation vector have branches at 0 that are constant.
//!
//! References: Giles 2008, *Collected matrix derivative results for forward and reverse mode algorithmic
//! differentiation*; Townsend 2016, *Differentiating the singular value decomposition*.

use nalgebra::allocator::Allocator;
use nalgebra::constraint::{AreMultipliable, ShapeConstraint};
use nalgebra::{
    DMatrix, DVector, DefaultAllocator, Dim, DimDiff, DimMin, DimMinimum, DimSub, Dyn, Matrix,
    OMatrix, OVector, RealField, Rotation, SVD, Storage, StorageMut, SymmetricEigen, U1,
    UnitQuaternion, Vector3,
};

use super::Dual;
use crate::differentiable::Real;
use crate::lift::{Lift, Split};
use crate::rules::factorisation::{
    SvdTangent, SymmetricEigenTangent, cofactors, generalized, matching, push_eigen, push_svd,
    to_dynamic,
};
use crate::rules::geometry::{left, left_inverse};

/// Linear algebra over a number type. What is here by default is nalgebra's.
pub trait Kernels: RealField + Copy {
    /// `A B`.
    #[inline]
    fn ad_product<R1: Dim, C1: Dim, R2: Dim, C2: Dim>(
        a: &OMatrix<Self, R1, C1>,
        b: &OMatrix<Self, R2, C2>,
    ) -> OMatrix<Self, R1, C2>
    where
        DefaultAllocator: Allocator<R1, C1> + Allocator<R2, C2> + Allocator<R1, C2>,
        ShapeConstraint: AreMultipliable<R1, C1, R2, C2>,
    {
        a * b
    }

    /// `sum = A B`, or `sum += A B`.
    #[inline]
    fn ad_put_product<SM, SA, SB>(
        sum: &mut Matrix<Self, Dyn, Dyn, SM>,
        a: &Matrix<Self, Dyn, Dyn, SA>,
        b: &Matrix<Self, Dyn, Dyn, SB>,
        keep: bool,
    ) where
        SM: StorageMut<Self, Dyn, Dyn>,
        SA: Storage<Self, Dyn, Dyn>,
        SB: Storage<Self, Dyn, Dyn>,
    {
        let beta = if keep { Self::one() } else { Self::zero() };
        sum.gemm(Self::one(), a, b, beta);
    }

    /// The determinant.
    fn ad_determinant<D: DimMin<D, Output = D>>(a: &OMatrix<Self, D, D>) -> Self
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D>,
    {
        a.determinant()
    }

    /// Eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read.
    fn ad_symmetric_eigen<D: DimSub<U1>>(a: OMatrix<Self, D, D>) -> SymmetricEigen<Self, D>
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
    {
        a.symmetric_eigen()
    }

    /// Eigenvalues of a symmetric matrix, of which the lower triangle is read.
    fn ad_symmetric_eigenvalues<D: DimSub<U1>>(a: &OMatrix<Self, D, D>) -> OVector<Self, D>
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
    {
        a.symmetric_eigenvalues()
    }

    /// The singular value decomposition: with left vectors, with right vectors, in descending order.
    fn ad_svd<R: DimMin<C>, C: Dim>(
        a: OMatrix<Self, R, C>,
        u: bool,
        v: bool,
        ordered: bool,
    ) -> SVD<Self, R, C>
    where
        DimMinimum<R, C>: DimSub<U1>,
        DefaultAllocator: Allocator<R, C>
            + Allocator<C>
            + Allocator<R>
            + Allocator<DimDiff<DimMinimum<R, C>, U1>>
            + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>>
            + Allocator<DimMinimum<R, C>>,
    {
        if ordered {
            SVD::new(a, u, v)
        } else {
            SVD::new_unordered(a, u, v)
        }
    }

    /// The pseudo-inverse.
    ///
    /// # Errors
    /// As nalgebra's.
    fn ad_pseudo_inverse<R: DimMin<C>, C: Dim>(
        a: OMatrix<Self, R, C>,
        epsilon: Self,
    ) -> Result<OMatrix<Self, C, R>, &'static str>
    where
        DimMinimum<R, C>: DimSub<U1>,
        DefaultAllocator: Allocator<R, C>
            + Allocator<C, R>
            + Allocator<C>
            + Allocator<R>
            + Allocator<DimDiff<DimMinimum<R, C>, U1>>
            + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>>
            + Allocator<DimMinimum<R, C>>,
    {
        a.pseudo_inverse(epsilon)
    }

    /// The rotation by a rotation vector, as a unit quaternion.
    fn ad_turn(v: Vector3<Self>) -> UnitQuaternion<Self> {
        UnitQuaternion::new(v)
    }

    /// The rotation by a rotation vector, as a matrix.
    fn ad_turn_matrix(v: Vector3<Self>) -> Rotation<Self, 3> {
        Rotation::<Self, 3>::new(v)
    }

    /// The rotation vector of a unit quaternion.
    fn ad_scaled_axis(r: &UnitQuaternion<Self>) -> Vector3<Self> {
        r.scaled_axis()
    }

    /// The rotation vector of a matrix.
    fn ad_scaled_axis_of_matrix(r: &Rotation<Self, 3>) -> Vector3<Self> {
        r.scaled_axis()
    }

    /// `x / gap`, and zero where `x` is no more than what rounding leaves of a difference of numbers of the given size, or
    /// where there is no gap.
    #[must_use]
    fn ad_over_gap(self, size: Self, gap: Self) -> Self {
        let rounding =
            Self::default_epsilon() * nalgebra::convert::<f64, Self>(8.0) * ComplexField::abs(size);
        if gap.is_zero() || ComplexField::abs(self) <= rounding {
            Self::zero()
        } else {
            self / gap
        }
    }
}

use nalgebra::ComplexField;

impl Kernels for f32 {}
impl Kernels for f64 {}

/// Are all entries exactly zero, so that a product with them need not be formed?
fn vanishes<T: Real, R: Dim, C: Dim>(matrix: &OMatrix<T, R, C>) -> bool
where
    DefaultAllocator: Allocator<R, C>,
{
    matrix.iter().all(num_traits::Zero::is_zero)
}

impl<T: Real> Kernels for Dual<T> {
    fn ad_product<R1: Dim, C1: Dim, R2: Dim, C2: Dim>(
        a: &OMatrix<Self, R1, C1>,
        b: &OMatrix<Self, R2, C2>,
    ) -> OMatrix<Self, R1, C2>
    where
        DefaultAllocator: Allocator<R1, C1> + Allocator<R2, C2> + Allocator<R1, C2>,
        ShapeConstraint: AreMultipliable<R1, C1, R2, C2>,
    {
        let ((a, da), (b, db)) = (a.ad_split(), b.ad_split());
        let value = T::ad_product(&a, &b);
        let (rows, columns) = value.shape_generic();
        let mut tangent = OMatrix::zeros_generic(rows, columns);
        if !vanishes(&da) {
            tangent = T::ad_product(&da, &b);
        }
        if !vanishes(&db) {
            tangent += T::ad_product(&a, &db);
        }
        value.ad_lift(&tangent)
    }

    fn ad_put_product<SM, SA, SB>(
        sum: &mut Matrix<Self, Dyn, Dyn, SM>,
        a: &Matrix<Self, Dyn, Dyn, SA>,
        b: &Matrix<Self, Dyn, Dyn, SB>,
        keep: bool,
    ) where
        SM: StorageMut<Self, Dyn, Dyn>,
        SA: Storage<Self, Dyn, Dyn>,
        SB: Storage<Self, Dyn, Dyn>,
    {
        let ((a, da), (b, db)) = (a.ad_split(), b.ad_split());
        let (mut value, mut tangent) = sum.ad_split();
        T::ad_put_product(&mut value, &a, &b, keep);
        if !keep {
            tangent.fill(T::zero());
        }
        if !vanishes(&da) {
            T::ad_put_product(&mut tangent, &da, &b, true);
        }
        if !vanishes(&db) {
            T::ad_put_product(&mut tangent, &a, &db, true);
        }
        let parts = value.iter().zip(tangent.iter());
        for (sum, (re, eps)) in sum.iter_mut().zip(parts) {
            *sum = Dual::new(*re, *eps);
        }
    }

    /// From four rows on the sum of the products of `Ȧ` and the cofactors, which has a value at a singular matrix.
    fn ad_determinant<D: DimMin<D, Output = D>>(a: &OMatrix<Self, D, D>) -> Self
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D>,
    {
        if a.nrows() < 4 {
            return a.determinant();
        }
        let (a, da) = a.ad_split();
        let slopes = cofactors(to_dynamic(&a));
        let terms = slopes.iter().zip(da.iter());
        let tangent = terms.fold(T::zero(), |sum, (slope, da)| sum + *slope * *da);
        Dual::new(T::ad_determinant(&a), tangent)
    }

    fn ad_symmetric_eigen<D: DimSub<U1>>(a: OMatrix<Self, D, D>) -> SymmetricEigen<Self, D>
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
    {
        let (a, da) = a.ad_split();
        let eigen = T::ad_symmetric_eigen(a);
        let (vectors, values) = push_eigen(
            &to_dynamic(&eigen.eigenvectors),
            eigen.eigenvalues.as_slice(),
            &to_dynamic(&da),
        );
        let (rows, columns) = eigen.eigenvectors.shape_generic();
        let tangent = SymmetricEigenTangent {
            eigenvectors: OMatrix::from_iterator_generic(rows, columns, vectors.iter().copied()),
            eigenvalues: OVector::from_iterator_generic(rows, U1, values),
        };
        eigen.ad_lift(&tangent)
    }

    fn ad_symmetric_eigenvalues<D: DimSub<U1>>(a: &OMatrix<Self, D, D>) -> OVector<Self, D>
    where
        DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
    {
        let (a, da) = a.ad_split();
        let values = T::ad_symmetric_eigenvalues(&a);
        let eigen = T::ad_symmetric_eigen(a);
        let (_, pushed) = push_eigen(
            &to_dynamic(&eigen.eigenvectors),
            eigen.eigenvalues.as_slice(),
            &to_dynamic(&da),
        );
        let mut tangent = values.clone();
        let places = matching(eigen.eigenvalues.as_slice(), values.as_slice());
        for (at, pushed) in places.into_iter().zip(pushed) {
            tangent[at] = pushed;
        }
        values.ad_lift(&tangent)
    }

    fn ad_svd<R: DimMin<C>, C: Dim>(
        a: OMatrix<Self, R, C>,
        u: bool,
        v: bool,
        ordered: bool,
    ) -> SVD<Self, R, C>
    where
        DimMinimum<R, C>: DimSub<U1>,
        DefaultAllocator: Allocator<R, C>
            + Allocator<C>
            + Allocator<R>
            + Allocator<DimDiff<DimMinimum<R, C>, U1>>
            + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>>
            + Allocator<DimMinimum<R, C>>,
    {
        let (a, da) = a.ad_split();
        let svd = T::ad_svd(a.clone(), u, v, ordered);
        let both = if u && v {
            svd.clone()
        } else {
            T::ad_svd(a, true, true, ordered)
        };
        let (Some(left), Some(right)) = (&both.u, &both.v_t) else {
            unreachable!("both are computed");
        };
        let (to_u, to_values, to_v) = push_svd(
            &to_dynamic(left),
            &DVector::from_column_slice(both.singular_values.as_slice()),
            &to_dynamic(right).transpose(),
            &to_dynamic(&da),
        );
        let mut tangent = SvdTangent {
            u: svd.u.clone(),
            v_t: svd.v_t.clone(),
            singular_values: svd.singular_values.clone(),
        };
        // Without vectors the same values may be in another order.
        let places = matching(
            both.singular_values.as_slice(),
            svd.singular_values.as_slice(),
        );
        for (at, value) in places.into_iter().zip(to_values.iter()) {
            tangent.singular_values[at] = *value;
        }
        if let Some(u) = &mut tangent.u {
            u.as_mut_slice().copy_from_slice(to_u.as_slice());
        }
        if let Some(v_t) = &mut tangent.v_t {
            v_t.as_mut_slice()
                .copy_from_slice(to_v.transpose().as_slice());
        }
        svd.ad_lift(&tangent)
    }

    /// The derivative of the function of the singular values, which exists where they coincide, too.
    fn ad_pseudo_inverse<R: DimMin<C>, C: Dim>(
        a: OMatrix<Self, R, C>,
        epsilon: Self,
    ) -> Result<OMatrix<Self, C, R>, &'static str>
    where
        DimMinimum<R, C>: DimSub<U1>,
        DefaultAllocator: Allocator<R, C>
            + Allocator<C, R>
            + Allocator<C>
            + Allocator<R>
            + Allocator<DimDiff<DimMinimum<R, C>, U1>>
            + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>>
            + Allocator<DimMinimum<R, C>>,
    {
        let (a, da) = a.ad_split();
        let value = T::ad_pseudo_inverse(a.clone(), epsilon.re)?;
        let tangent: DMatrix<T> = generalized(to_dynamic(&a), &to_dynamic(&da), epsilon.re);
        let (rows, columns) = value.shape_generic();
        Ok(OMatrix::from_fn_generic(rows, columns, |i, j| {
            Dual::new(value[(i, j)], tangent[(j, i)])
        }))
    }

    /// `exp(v + ε v̇) = exp(v) exp(ε Jᵣ(v) v̇)`.
    fn ad_turn(v: Vector3<Self>) -> UnitQuaternion<Self> {
        let (v, dv) = v.ad_split();
        T::ad_turn(v).ad_lift(&left(&-v, &dv))
    }

    fn ad_turn_matrix(v: Vector3<Self>) -> Rotation<Self, 3> {
        let (v, dv) = v.ad_split();
        T::ad_turn_matrix(v).ad_lift(&left(&-v, &dv))
    }

    /// `log(R exp(ε φ)) = v + ε Jᵣ(v)⁻¹ φ`.
    fn ad_scaled_axis(r: &UnitQuaternion<Self>) -> Vector3<Self> {
        let (r, phi) = r.ad_split();
        let v = T::ad_scaled_axis(&r);
        v.ad_lift(&left_inverse(&-v, &phi))
    }

    fn ad_scaled_axis_of_matrix(r: &Rotation<Self, 3>) -> Vector3<Self> {
        let (r, phi) = r.ad_split();
        let v = T::ad_scaled_axis_of_matrix(&r);
        v.ad_lift(&left_inverse(&-v, &phi))
    }

    fn ad_over_gap(self, size: Self, gap: Self) -> Self {
        let re = self.re.ad_over_gap(size.re, gap.re);
        let rest = self.eps - re * gap.eps;
        Dual::new(re, rest.ad_over_gap(size.re, gap.re))
    }
}
