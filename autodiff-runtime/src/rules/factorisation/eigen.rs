//! Eigenvalues and eigenvectors of symmetric matrices, which read the lower triangle; so their cotangent stands there.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DMatrix, DVector, DefaultAllocator, Dim, DimSub, Dyn, Matrix, OMatrix, OVector, RawStorage,
    SymmetricEigen, U1,
};

use super::kernels::{Part, add_part};
use super::{RecomposeRule, put_zero, to_dynamic};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::put::Put;
use crate::rules::matrix::{NewRule, put_sparse};
use crate::rules::{method_rule, rule};
use crate::tangent::{Place, Tangent};

method_rule! {
    /// `a.symmetric_eigen()`, `A = V Λ Vᵀ`: with `P = Vᵀ V̄` and `Mᵢⱼ = (Pᵢⱼ - Pⱼᵢ) / 2 (λⱼ - λᵢ)` off the diagonal, `λ̄` on
    /// it, `Ā += V M Vᵀ` in the lower triangle.
    ///
    /// Eigenvalues have a derivative where they are distinct, and so has each symmetric function of values that coincide
    /// (their sum, the trace, a norm). Eigenvectors have one where their value is distinct from all others. Between two
    /// that coincide, the difference `Pᵢⱼ - Pⱼᵢ` of a function that does not depend on the choice of the vectors is
    /// zero, and so is the contribution; of any other function the derivative does not exist, and it is zero, too.
    ///
    /// Keeps the receiver, of which it reads the shape, and the result. Cost: three products, of which one is needed for
    /// the values alone. Reference: Giles 2008, section 3.1; Magnus and Neudecker, section 8.8.
    SymmetricEigenRule ad_symmetric_eigen;
    /// `a.symmetric_eigenvalues()`: `Ā += V diag(λ̄) Vᵀ` in the lower triangle. The vectors are computed for it.
    ///
    /// Keeps the receiver and the result. Cost: the decomposition again, with vectors, and a product.
    SymmetricEigenvaluesRule ad_symmetric_eigenvalues;
}

/// The cotangents of the parts of a symmetric eigenvalue decomposition.
#[derive(Clone, Debug, PartialEq)]
pub struct SymmetricEigenTangent<T: Real, D: Dim>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    /// That of the eigenvectors.
    pub eigenvectors: OMatrix<T, D, D>,
    /// That of the eigenvalues.
    pub eigenvalues: OVector<T, D>,
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Place for SymmetricEigenTangent<T, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Tangent for SymmetricEigenTangent<T, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Slot = Option<Self>;
    fn ad_add(shadow: &mut Self, other: &Self) {
        Tangent::ad_add(&mut shadow.eigenvectors, &other.eigenvectors);
        Tangent::ad_add(&mut shadow.eigenvalues, &other.eigenvalues);
    }
    fn ad_clear(shadow: &mut Self) {
        <OMatrix<T, D, D> as Tangent>::ad_clear(&mut shadow.eigenvectors);
        <OVector<T, D> as Tangent>::ad_clear(&mut shadow.eigenvalues);
    }
    fn ad_copy(shadow: &Self) -> Self {
        shadow.clone()
    }
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        self.eigenvectors.ad_components(f);
        self.eigenvalues.ad_components(f);
    }
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.eigenvectors.ad_map_components(f);
        self.eigenvalues.ad_map_components(f);
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Differentiable for SymmetricEigen<T, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Tangent = SymmetricEigenTangent<T, D>;
    type Shape = D;
    type Owned = Self;
    fn ad_shape(&self) -> D {
        self.eigenvalues.shape_generic().0
    }
    fn ad_zero(shape: &D) -> Self::Tangent {
        SymmetricEigenTangent {
            eigenvectors: OMatrix::zeros_generic(*shape, *shape),
            eigenvalues: OVector::zeros_generic(*shape, U1),
        }
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    /// Moves each part by itself.
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self {
        SymmetricEigen {
            eigenvectors: self.eigenvectors.ad_step(&direction.eigenvectors, step),
            eigenvalues: self.eigenvalues.ad_step(&direction.eigenvalues, step),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, D: Dim> Peel for SymmetricEigen<T, D>
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

/// `V M Vᵀ`, the cotangent of `A` as a whole.
fn pull_back<T: Real>(
    vectors: &DMatrix<T>,
    values: &[T],
    to_vectors: Option<&DMatrix<T>>,
    to_values: &[T],
) -> DMatrix<T> {
    let mut m = DMatrix::from_diagonal(&DVector::from_column_slice(to_values));
    if let Some(to_vectors) = to_vectors.filter(|it| it.iter().any(|it| !it.is_zero())) {
        let p = vectors.transpose() * to_vectors;
        let (size, half) = (p.amax(), T::ad_from_f64(0.5));
        for j in 0..values.len() {
            for i in 0..j {
                let turn = (p[(i, j)] - p[(j, i)]) * half;
                let entry = turn.ad_over_gap(size, values[j] - values[i]);
                m[(i, j)] = entry;
                m[(j, i)] = entry;
            }
        }
    }
    vectors * m * vectors.transpose()
}

/// `V̇` and `λ̇` from `Ȧ`, of which the lower triangle is read: with `P = Vᵀ Ȧ V`, `λ̇ᵢ = Pᵢᵢ` and `V̇ = V K` where
/// `Kᵢⱼ = Pᵢⱼ / (λⱼ - λᵢ)` off the diagonal; between values that coincide, 0. Reference: Giles 2008, section 3.1.
pub(crate) fn push_eigen<T: Real>(
    vectors: &DMatrix<T>,
    values: &[T],
    da: &DMatrix<T>,
) -> (DMatrix<T>, Vec<T>) {
    let n = values.len();
    let symmetric = DMatrix::from_fn(n, n, |i, j| da[(i.max(j), i.min(j))]);
    let p = vectors.transpose() * symmetric * vectors;
    let size = p.amax();
    let k = DMatrix::from_fn(n, n, |i, j| {
        if i == j {
            T::zero()
        } else {
            p[(i, j)].ad_over_gap(size, values[j] - values[i])
        }
    });
    (vectors * k, p.diagonal().iter().copied().collect())
}

/// `dest += M`, in the lower triangle.
fn put_lower<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    shape: (D, D),
    m: &DMatrix<T>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D>,
{
    put_sparse(shape, dest, |sum| {
        let n = m.nrows();
        add_part(sum.as_mut_slice(), n, m.as_slice(), T::one(), Part::Folded);
    })
}

fn put_eigen<T: Real, D: Dim, P: Put<OMatrix<T, D, D>>>(
    eigen: &SymmetricEigen<T, D>,
    g: &SymmetricEigenTangent<T, D>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    let shape = eigen.eigenvectors.shape_generic();
    if !P::ACTIVE {
        return put_zero(shape, dest);
    }
    let cotangent = pull_back(
        &to_dynamic(&eigen.eigenvectors),
        eigen.eigenvalues.as_slice(),
        Some(&to_dynamic(&g.eigenvectors)),
        g.eigenvalues.as_slice(),
    );
    put_lower(shape, &cotangent, dest)
}

rule! {
    ['y, T: Real, D: Dim, S0: RawStorage<T, D, D>]
    SymmetricEigenRule ad_symmetric_eigen(_a: Matrix<T, D, D, S0>)
    [y => &'y SymmetricEigen<T, D>] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: SymmetricEigenTangent<T, D>, dest| (put_eigen(y, g, dest), ())
}

rule! {
    /// `SymmetricEigen::new(a)`: as [`a.symmetric_eigen()`](SymmetricEigenRule).
    [T: Real, D: Dim]
    NewRule ad_new(eigen: SymmetricEigen<T, D>; _a A SA: OMatrix<T, D, D> => OMatrix<T, D, D>)
    [() => ()] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: SymmetricEigenTangent<T, D>, dest, (to_a)| {
        let none = dest.put(|| SymmetricEigen::<T, D>::ad_zero(&eigen.ad_shape()), |_| ());
        (none, (put_eigen(eigen, g, to_a),))
    }
}

rule! {
    ['y, T: Real, D: DimSub<U1>, S0: RawStorage<T, D, D>]
    SymmetricEigenvaluesRule ad_symmetric_eigenvalues(a: Matrix<T, D, D, S0>)
    [y => &'y OVector<T, D>] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: OVector<T, D>, dest| {
        if !S::ACTIVE || a.is_empty() {
            return (put_zero(a.shape_generic(), dest), ());
        }
        let eigen = decompose(to_dynamic(a));
        let places = matching(eigen.eigenvalues.as_slice(), y.as_slice());
        let weights: Vec<T> = places.into_iter().map(|at| g[at]).collect();
        let cotangent = pull_back(&eigen.eigenvectors, eigen.eigenvalues.as_slice(), None, &weights);
        (put_lower(a.shape_generic(), &cotangent, dest), ())
    }
}

/// Outside of the rule, whose bounds on the dimension would take the place of the dynamic one.
fn decompose<T: Real>(a: DMatrix<T>) -> SymmetricEigen<T, Dyn> {
    T::ad_symmetric_eigen(a)
}

/// For each of `values`, where the same value stands among `others`.
pub(crate) fn matching<T: Real>(values: &[T], others: &[T]) -> Vec<usize> {
    let ranks = |of: &[T]| {
        let mut order: Vec<usize> = (0..of.len()).collect();
        order.sort_by(|i, j| {
            of[*i]
                .partial_cmp(&of[*j])
                .unwrap_or(core::cmp::Ordering::Equal)
        });
        order
    };
    let mut places = vec![0; values.len()];
    for (to, from) in ranks(values).into_iter().zip(ranks(others)) {
        places[to] = from;
    }
    places
}

rule! {
    /// `V Λ Vᵀ`: `V̄ += (G + Gᵀ) V Λ`, `λ̄ᵢ += vᵢᵀ G vᵢ`.
    ['y, T: Real, D: Dim]
    RecomposeRule ad_recompose(eigen: SymmetricEigen<T, D>)
    [_ => &'y OMatrix<T, D, D>] where [DefaultAllocator: Allocator<D, D> + Allocator<D>]
    |g: OMatrix<T, D, D>, dest| {
        let (vectors, values) = (&eigen.eigenvectors, &eigen.eigenvalues);
        let mut image = (g + g.transpose()) * vectors;
        let half = T::ad_from_f64(0.5);
        let to_values = OVector::from_fn_generic(values.shape_generic().0, U1, |i, _| {
            vectors.column(i).dot(&image.column(i)) * half
        });
        for (i, value) in values.iter().enumerate() {
            image.column_mut(i).scale_mut(*value);
        }
        let tangent = SymmetricEigenTangent { eigenvectors: image, eigenvalues: to_values };
        (dest.give(|| tangent), ())
    }
}
