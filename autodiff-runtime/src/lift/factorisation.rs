//! Factorisations.
//!
//! The tangent of a Cholesky, LU or QR factorisation is that of the factored matrix. nalgebra has no way to make one from
//! its factors, so a lifted one factors the product of the factors again: the derivative is exact, and the real parts
//! of the factors are those of the given factorisation up to rounding. The parts of a singular value or eigenvalue
//! decomposition are lifted one by one.

use nalgebra::allocator::Allocator;
use nalgebra::{
    Cholesky, DefaultAllocator, Dim, DimMin, DimMinimum, LU, OMatrix, OVector, QR, SVD,
    SymmetricEigen,
};

use super::geometry::tangents;
use super::{Lift, Split};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::dual::Dual;
use crate::rules::factorisation::{SvdTangent, SymmetricEigenTangent, factored};
use crate::tangent::Tangent;

/// The symmetric matrix of a lower triangle.
fn mirrored<T: Real, D: Dim>(lower: &OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let (rows, columns) = lower.shape_generic();
    OMatrix::from_fn_generic(rows, columns, |i, j| lower[(i.max(j), i.min(j))])
}

impl<T: Real, D: Dim> Lift for Cholesky<T, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    type Lifted = Cholesky<Dual<T>, D>;
    /// # Panics
    /// If the product of the factors is not positive definite, which may happen for a matrix that is nearly singular.
    fn ad_lift(&self, tangent: &OMatrix<T, D, D>) -> Self::Lifted {
        let l = self.l();
        let matrix = &l * l.transpose();
        Cholesky::new(matrix.ad_lift(&mirrored(tangent)))
            .expect("a product `L Lᵀ` is positive definite")
    }
    fn ad_constant(&self) -> Self::Lifted {
        self.ad_lift(&Self::ad_zero(&self.ad_shape()))
    }
}

/// The tangent stands in the lower triangle.
impl<T: Real, D: Dim> Split for Cholesky<Dual<T>, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    type Value = Cholesky<T, D>;
    type Tangent = OMatrix<T, D, D>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let l = self.l();
        let (matrix, tangent) = (&l * l.transpose()).ad_split();
        let value = Cholesky::new(matrix).expect("a product `L Lᵀ` is positive definite");
        (value, tangent.lower_triangle())
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Lift for LU<T, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    type Lifted = LU<Dual<T>, R, C>;
    fn ad_lift(&self, tangent: &OMatrix<T, R, C>) -> Self::Lifted {
        LU::new(factored(self).ad_lift(tangent))
    }
    fn ad_constant(&self) -> Self::Lifted {
        LU::new(factored(self).ad_constant())
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Split for LU<Dual<T>, R, C>
where
    DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
{
    type Value = LU<T, R, C>;
    type Tangent = OMatrix<T, R, C>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (matrix, tangent) = factored(self).ad_split();
        (LU::new(matrix), tangent)
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Lift for QR<T, R, C>
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<R>
        + Allocator<DimMinimum<R, C>>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>, C>,
{
    type Lifted = QR<Dual<T>, R, C>;
    fn ad_lift(&self, tangent: &OMatrix<T, R, C>) -> Self::Lifted {
        QR::new((self.q() * self.r()).ad_lift(tangent))
    }
    fn ad_constant(&self) -> Self::Lifted {
        QR::new((self.q() * self.r()).ad_constant())
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Split for QR<Dual<T>, R, C>
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<R>
        + Allocator<DimMinimum<R, C>>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>, C>,
{
    type Value = QR<T, R, C>;
    type Tangent = OMatrix<T, R, C>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (matrix, tangent) = (self.q() * self.r()).ad_split();
        (QR::new(matrix), tangent)
    }
}

tangents! {
    SymmetricEigenTangent { eigenvectors: OMatrix<T, D, D>, eigenvalues: OVector<T, D> }
    [T: Real, D: Dim] SymmetricEigenTangent<T, D> where [DefaultAllocator: Allocator<D, D> + Allocator<D>,];
    lifted to SymmetricEigenTangent<Dual<T>, D> where [];
    split [T: Real, D: Dim] SymmetricEigenTangent<Dual<T>, D> => SymmetricEigenTangent<T, D>
        where [DefaultAllocator: Allocator<D, D> + Allocator<D>];

    SvdTangent {
        u: Option<OMatrix<T, R, DimMinimum<R, C>>>,
        v_t: Option<OMatrix<T, DimMinimum<R, C>, C>>,
        singular_values: OVector<T, DimMinimum<R, C>>
    }
    [T: Real, R: DimMin<C>, C: Dim] SvdTangent<T, R, C> where [
        DefaultAllocator: Allocator<DimMinimum<R, C>, C> + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
    ];
    lifted to SvdTangent<Dual<T>, R, C> where [];
    split [T: Real, R: DimMin<C>, C: Dim] SvdTangent<Dual<T>, R, C> => SvdTangent<T, R, C> where [
        DefaultAllocator: Allocator<DimMinimum<R, C>, C> + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>
    ];
}

impl<T: Real, D: Dim> Lift for SymmetricEigen<T, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Lifted = SymmetricEigen<Dual<T>, D>;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        SymmetricEigen {
            eigenvectors: self.eigenvectors.ad_lift(&tangent.eigenvectors),
            eigenvalues: self.eigenvalues.ad_lift(&tangent.eigenvalues),
        }
    }
    fn ad_constant(&self) -> Self::Lifted {
        SymmetricEigen {
            eigenvectors: self.eigenvectors.ad_constant(),
            eigenvalues: self.eigenvalues.ad_constant(),
        }
    }
}

impl<T: Real, D: Dim> Split for SymmetricEigen<Dual<T>, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Value = SymmetricEigen<T, D>;
    type Tangent = SymmetricEigenTangent<T, D>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (eigenvectors, to_vectors) = self.eigenvectors.ad_split();
        let (eigenvalues, to_values) = self.eigenvalues.ad_split();
        let tangent = SymmetricEigenTangent {
            eigenvectors: to_vectors,
            eigenvalues: to_values,
        };
        let value = SymmetricEigen {
            eigenvectors,
            eigenvalues,
        };
        (value, tangent)
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Lift for SVD<T, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Lifted = SVD<Dual<T>, R, C>;
    fn ad_lift(&self, tangent: &Self::Tangent) -> Self::Lifted {
        SVD {
            u: self.u.ad_lift(&tangent.u),
            v_t: self.v_t.ad_lift(&tangent.v_t),
            singular_values: self.singular_values.ad_lift(&tangent.singular_values),
        }
    }
    fn ad_constant(&self) -> Self::Lifted {
        SVD {
            u: self.u.ad_constant(),
            v_t: self.v_t.ad_constant(),
            singular_values: self.singular_values.ad_constant(),
        }
    }
}

impl<T: Real, R: DimMin<C>, C: Dim> Split for SVD<Dual<T>, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Value = SVD<T, R, C>;
    type Tangent = SvdTangent<T, R, C>;
    fn ad_split(&self) -> (Self::Value, Self::Tangent) {
        let (u, to_u) = self.u.ad_split();
        let (v_t, to_v_t) = self.v_t.ad_split();
        let (singular_values, to_values) = self.singular_values.ad_split();
        let tangent = SvdTangent {
            u: to_u,
            v_t: to_v_t,
            singular_values: to_values,
        };
        let value = SVD {
            u,
            v_t,
            singular_values,
        };
        (value, tangent)
    }
}
