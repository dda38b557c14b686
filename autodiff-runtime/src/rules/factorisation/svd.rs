//! The singular value decomposition `A = U Σ Vᵀ`, and the pseudo-inverse.

use nalgebra::allocator::Allocator;
use nalgebra::{
    DMatrix, DVector, DefaultAllocator, Dim, DimMin, DimMinimum, Matrix, OMatrix, OVector,
    RawStorage, SVD, U1,
};

use super::eigen::matching;
use super::{RecomposeRule, SolveRule, put_dynamic, put_zero, to_dynamic};
use crate::differentiable::{Differentiable, Peel, Real};
use crate::put::Put;
use crate::rules::matrix::{NewRule, put_nothing, put_scalar};
use crate::rules::{method_rule, rule};
use crate::tangent::{Place, Tangent};

method_rule! {
    /// `a.svd(u, v)`: with `P = Uᵀ Ū`, `R = Vᵀ V̄`, `p = Pᵢⱼ - Pⱼᵢ`, `r = Rᵢⱼ - Rⱼᵢ` and
    /// `Mᵢⱼ = (p + r) / 2 (σⱼ - σᵢ) + (p - r) / 2 (σⱼ + σᵢ)` off the diagonal, `σ̄` on it,
    /// `Ā += U M Vᵀ + (I - U Uᵀ) Ū Σ⁻¹ Vᵀ + U Σ⁻¹ V̄ᵀ (I - V Vᵀ)`.
    ///
    /// Singular values have a derivative where they are distinct and not 0, and so has each symmetric function of values
    /// that coincide. Singular vectors have one where their value is distinct from all others and not 0. A numerator that
    /// is no more than rounding counts as zero, so that a function of the vectors that is differentiable where values
    /// coincide, such as the orthogonal factor `U Vᵀ`, has its derivative there; between values that coincide nothing is
    /// contributed otherwise. At a value of 0 the contribution is that of `uᵀ A v`.
    ///
    /// Keeps the receiver, the arguments and the result. Cost: a few products; if a cotangent of a vector meets a
    /// decomposition without the other vectors, they are had from `A`; if there are none, the decomposition is done
    /// again. Reference: Townsend 2016; Giles 2008, section 3.2.
    SvdRule ad_svd;
    /// `a.svd_unordered(u, v)`: as [`svd`](SvdRule).
    ///
    /// Keeps the receiver, the arguments and the result.
    SvdUnorderedRule ad_svd_unordered;
    /// `a.singular_values()`: `Ā += U diag(σ̄) Vᵀ`. The vectors are computed for it.
    ///
    /// Keeps the receiver and the result. Cost: the decomposition again, with vectors, and a product.
    SingularValuesRule ad_singular_values;
    /// `a.singular_values_unordered()`: as [`singular_values`](SingularValuesRule).
    ///
    /// Keeps the receiver and the result.
    SingularValuesUnorderedRule ad_singular_values_unordered;
    /// The pseudo-inverse `P`, in which singular values up to `ε` count as 0; `ε` gets nothing.
    ///
    /// Of a matrix: the derivative of the function `f(σ) = 1/σ` or 0 of the singular values, by its divided differences,
    /// which are all finite unless a value that counts meets one that does not. Where those that do not are exactly 0,
    /// it is `-Pᵀ G Pᵀ + (I - A P) Gᵀ P Pᵀ + Pᵀ P Gᵀ (I - P A)`, the derivative at constant rank. Of a decomposition: to
    /// its parts.
    ///
    /// Keeps the receiver, the argument and the result. Cost: of a matrix, the decomposition again and a few products.
    /// Reference: Golub and Pereyra 1973, *The differentiation of pseudo-inverses*; Noferini 2017, *A formula for the
    /// Fréchet derivative of a generalized matrix function*.
    PseudoInverseRule ad_pseudo_inverse;
}

/// The cotangents of the parts of a singular value decomposition.
#[derive(Clone, Debug, PartialEq)]
pub struct SvdTangent<T: Real, R: DimMin<C>, C: Dim>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    /// That of the left singular vectors.
    pub u: Option<OMatrix<T, R, DimMinimum<R, C>>>,
    /// That of the right singular vectors, transposed.
    pub v_t: Option<OMatrix<T, DimMinimum<R, C>, C>>,
    /// That of the singular values.
    pub singular_values: OVector<T, DimMinimum<R, C>>,
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Place for SvdTangent<T, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Tangent for SvdTangent<T, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Slot = Option<Self>;
    fn ad_add(shadow: &mut Self, other: &Self) {
        Tangent::ad_add(&mut shadow.u, &other.u);
        Tangent::ad_add(&mut shadow.v_t, &other.v_t);
        Tangent::ad_add(&mut shadow.singular_values, &other.singular_values);
    }
    fn ad_clear(shadow: &mut Self) {
        <Option<OMatrix<T, R, DimMinimum<R, C>>> as Tangent>::ad_clear(&mut shadow.u);
        <Option<OMatrix<T, DimMinimum<R, C>, C>> as Tangent>::ad_clear(&mut shadow.v_t);
        <OVector<T, DimMinimum<R, C>> as Tangent>::ad_clear(&mut shadow.singular_values);
    }
    fn ad_copy(shadow: &Self) -> Self {
        shadow.clone()
    }
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        self.u.ad_components(f);
        self.v_t.ad_components(f);
        self.singular_values.ad_components(f);
    }
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.u.ad_map_components(f);
        self.v_t.ad_map_components(f);
        self.singular_values.ad_map_components(f);
    }
}

/// The dimensions of a decomposition, and which vectors it has.
type Shape<R, C> = (
    Option<(R, DimMinimum<R, C>)>,
    Option<(DimMinimum<R, C>, C)>,
    DimMinimum<R, C>,
);

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Differentiable for SVD<T, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type Tangent = SvdTangent<T, R, C>;
    type Shape = Shape<R, C>;
    type Owned = Self;
    fn ad_shape(&self) -> Self::Shape {
        (
            self.u.as_ref().map(Matrix::shape_generic),
            self.v_t.as_ref().map(Matrix::shape_generic),
            self.singular_values.shape_generic().0,
        )
    }
    fn ad_zero((u, v_t, values): &Self::Shape) -> Self::Tangent {
        SvdTangent {
            u: u.map(|(rows, columns)| OMatrix::zeros_generic(rows, columns)),
            v_t: v_t.map(|(rows, columns)| OMatrix::zeros_generic(rows, columns)),
            singular_values: OVector::zeros_generic(*values, U1),
        }
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    /// Moves each part by itself.
    fn ad_step(&self, direction: &Self::Tangent, step: f64) -> Self {
        let values = &direction.singular_values;
        SVD {
            u: self.u.ad_step(&direction.u, step),
            v_t: self.v_t.ad_step(&direction.v_t, step),
            singular_values: self.singular_values.ad_step(values, step),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Real, R: DimMin<C>, C: Dim> Peel for SVD<T, R, C>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

/// The parts of a thin decomposition.
struct Parts<T: Real> {
    u: DMatrix<T>,
    values: DVector<T>,
    v: DMatrix<T>,
}

/// The decomposition of `A`, in descending order.
fn decompose<T: Real>(a: DMatrix<T>) -> Parts<T> {
    let svd = T::ad_svd(a, true, true, true);
    let (Some(u), Some(v_t)) = (svd.u, svd.v_t) else {
        unreachable!("both are computed");
    };
    Parts {
        u,
        values: svd.singular_values,
        v: v_t.transpose(),
    }
}

/// The parts, with the vectors that were not asked for.
fn completed<T: Real>(
    a: DMatrix<T>,
    u: Option<DMatrix<T>>,
    values: DVector<T>,
    v: Option<DMatrix<T>>,
) -> Parts<T> {
    let images = |image: DMatrix<T>| {
        let mut image = image;
        for (i, value) in values.iter().enumerate() {
            if value.ad_at_zero() {
                image.column_mut(i).fill(T::zero());
            } else {
                image.column_mut(i).unscale_mut(*value);
            }
        }
        image
    };
    match (u, v) {
        (Some(u), Some(v)) => Parts { u, values, v },
        (Some(u), None) => {
            let v = images(a.transpose() * &u);
            Parts { u, values, v }
        }
        (None, Some(v)) => {
            let u = images(a * &v);
            Parts { u, values, v }
        }
        (None, None) => {
            // The same values, perhaps in another order: its vectors go with them.
            let Parts { u, values: own, v } = decompose(a);
            let places = matching(values.as_slice(), own.as_slice());
            let arrange = |from: &DMatrix<T>| {
                DMatrix::from_fn(from.nrows(), from.ncols(), |row, i| from[(row, places[i])])
            };
            Parts {
                u: arrange(&u),
                v: arrange(&v),
                values,
            }
        }
    }
}

/// The cotangent of `A`.
fn pull_back<T: Real>(
    Parts { u, values, v }: &Parts<T>,
    to_u: Option<DMatrix<T>>,
    to_values: &[T],
    to_v: Option<DMatrix<T>>,
) -> DMatrix<T> {
    let some = |it: &DMatrix<T>| it.iter().any(|it| !it.is_zero());
    let (to_u, to_v) = (to_u.filter(some), to_v.filter(some));
    let mut m = DMatrix::from_diagonal(&DVector::from_column_slice(to_values));
    let p = to_u.as_ref().map(|to_u| u.transpose() * to_u);
    let r = to_v.as_ref().map(|to_v| v.transpose() * to_v);
    if p.is_some() || r.is_some() {
        let size_of = |it: &Option<DMatrix<T>>| it.as_ref().map_or(T::zero(), DMatrix::amax);
        let size = size_of(&p) + size_of(&r);
        let half = T::ad_from_f64(0.5);
        let turn = |it: &Option<DMatrix<T>>, i, j| {
            it.as_ref()
                .map_or(T::zero(), |it| (it[(i, j)] - it[(j, i)]) * half)
        };
        for j in 0..values.len() {
            for i in (0..values.len()).filter(|i| *i != j) {
                let (p, r) = (turn(&p, i, j), turn(&r, i, j));
                m[(i, j)] = (p + r).ad_over_gap(size, values[j] - values[i])
                    + (p - r).ad_over_gap(size, values[j] + values[i]);
            }
        }
    }
    let mut cotangent = u * m * v.transpose();
    let scaled = |mut part: DMatrix<T>, size: T| {
        for (i, value) in values.iter().enumerate() {
            for x in part.column_mut(i).iter_mut() {
                *x = x.ad_over_gap(size, *value);
            }
        }
        part
    };
    if let (Some(to_u), Some(p)) = (to_u, p)
        && u.nrows() > u.ncols()
    {
        let size = to_u.amax();
        cotangent += scaled(to_u - u * p, size) * v.transpose();
    }
    if let (Some(to_v), Some(r)) = (to_v, r)
        && v.nrows() > v.ncols()
    {
        let size = to_v.amax();
        cotangent += u * scaled(to_v - v * r, size).transpose();
    }
    cotangent
}

/// `U̇`, `σ̇` and `V̇` from `Ȧ`: with `P = Uᵀ Ȧ V`, its halves `s = (Pᵢⱼ + Pⱼᵢ) / 2` and `d = (Pᵢⱼ - Pⱼᵢ) / 2` off the
/// diagonal, `x = s / (σⱼ - σᵢ)` and `y = d / (σⱼ + σᵢ)`: `U̇ = U (x + y) + (I - U Uᵀ) Ȧ V Σ⁻¹`,
/// `V̇ = V (x - y) + (I - V Vᵀ) Ȧᵀ U Σ⁻¹`, `σ̇ᵢ = Pᵢᵢ`. A numerator that is no more than rounding counts as zero, as in
/// reverse. Reference: Townsend 2016; Giles 2008, section 3.2.
pub(crate) fn push_svd<T: Real>(
    u: &DMatrix<T>,
    values: &DVector<T>,
    v: &DMatrix<T>,
    da: &DMatrix<T>,
) -> (DMatrix<T>, DVector<T>, DMatrix<T>) {
    let (right, left) = (da * v, da.transpose() * u);
    let p = u.transpose() * &right;
    let (size, half) = (p.amax(), T::ad_from_f64(0.5));
    let turn = |sign: T| {
        DMatrix::from_fn(values.len(), values.len(), |i, j| {
            if i == j {
                return T::zero();
            }
            let (a, b) = (p[(i, j)] * half, p[(j, i)] * half);
            let along = (a + b).ad_over_gap(size, values[j] - values[i]);
            let across = (a - b).ad_over_gap(size, values[j] + values[i]);
            along + sign * across
        })
    };
    let scaled = |mut part: DMatrix<T>| {
        let size = part.amax();
        for (i, value) in values.iter().enumerate() {
            for x in part.column_mut(i).iter_mut() {
                *x = x.ad_over_gap(size, *value);
            }
        }
        part
    };
    let (mut to_u, mut to_v) = (u * turn(T::one()), v * turn(-T::one()));
    if u.nrows() > u.ncols() {
        to_u += scaled(right - u * &p);
    }
    if v.nrows() > v.ncols() {
        to_v += scaled(left - v * p.transpose());
    }
    (to_u, p.diagonal(), to_v)
}

/// The derivative of `A ↦ U f(Σ) Vᵀ` in the direction `h`, with the reciprocal `f`: the transpose of that of the
/// pseudo-inverse. It is its own transpose.
pub(crate) fn generalized_of<T: Real>(a: DMatrix<T>, h: &DMatrix<T>, epsilon: T) -> DMatrix<T> {
    generalized(&decompose(a), h, epsilon)
}

fn put_svd<T: Real, R: DimMin<C>, C: Dim, S0: RawStorage<T, R, C>, P: Put<OMatrix<T, R, C>>>(
    a: &Matrix<T, R, C, S0>,
    svd: &SVD<T, R, C>,
    g: &SvdTangent<T, R, C>,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<R, C>
        + Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    if !P::ACTIVE {
        return put_zero(a.shape_generic(), dest);
    }
    let transposed = |v_t: &OMatrix<T, DimMinimum<R, C>, C>| to_dynamic(v_t).transpose();
    let parts = completed(
        to_dynamic(a),
        svd.u.as_ref().map(to_dynamic),
        DVector::from_column_slice(svd.singular_values.as_slice()),
        svd.v_t.as_ref().map(transposed),
    );
    let (to_u, to_v) = (g.u.as_ref().map(to_dynamic), g.v_t.as_ref().map(transposed));
    let cotangent = pull_back(&parts, to_u, g.singular_values.as_slice(), to_v);
    put_dynamic(a.shape_generic(), &cotangent, dest)
}

macro_rules! decompositions {
    ($($Rule:ident $method:ident)*) => { $(
        rule! {
            ['y, T: Real, R: DimMin<C>, C: Dim, S0: RawStorage<T, R, C>]
            $Rule $method(a: Matrix<T, R, C, S0>; _u U SU: bool => (), _v V SV: bool => ())
            [y => &'y SVD<T, R, C>] where [
                DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>, C>
                    + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
            ]
            |g: SvdTangent<T, R, C>, dest, (to_u, to_v)| {
                (put_svd(a, y, g, dest), (put_nothing(to_u), put_nothing(to_v)))
            }
        }
    )* };
}
decompositions!(SvdRule ad_svd SvdUnorderedRule ad_svd_unordered);

rule! {
    /// `SVD::new(a, u, v)`: as [`a.svd(u, v)`](SvdRule).
    [T: Real, R: DimMin<C>, C: Dim]
    NewRule ad_new(svd: SVD<T, R, C>; a A SA: OMatrix<T, R, C> => OMatrix<T, R, C>, _u U SU: bool => (), _v V SV: bool => ())
    [() => ()] where [
        DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
    ]
    |g: SvdTangent<T, R, C>, dest, (to_a, to_u, to_v)| {
        let none = dest.put(|| SVD::<T, R, C>::ad_zero(&svd.ad_shape()), |_| ());
        (none, (put_svd(a, svd, g, to_a), put_nothing(to_u), put_nothing(to_v)))
    }
}

macro_rules! values {
    ($($Rule:ident $method:ident)*) => { $(
        rule! {
            ['y, T: Real, R: DimMin<C>, C: Dim, S0: RawStorage<T, R, C>]
            $Rule $method(a: Matrix<T, R, C, S0>)
            [y => &'y OVector<T, DimMinimum<R, C>>] where [
                DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>>,
            ]
            |g: OVector<T, DimMinimum<R, C>>, dest| {
                if !S::ACTIVE {
                    return (put_zero(a.shape_generic(), dest), ());
                }
                let parts = decompose(to_dynamic(a));
                let places = matching(parts.values.as_slice(), y.as_slice());
                let weights: Vec<T> = places.into_iter().map(|at| g[at]).collect();
                let cotangent = pull_back(&parts, None, &weights, None);
                (put_dynamic(a.shape_generic(), &cotangent, dest), ())
            }
        }
    )* };
}
values!(SingularValuesRule ad_singular_values SingularValuesUnorderedRule ad_singular_values_unordered);

// === what is made of the parts ===

/// The parts of a decomposition that has both kinds of vectors.
fn parts_of<T: Real, R: DimMin<C>, C: Dim>(svd: &SVD<T, R, C>) -> Option<Parts<T>>
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    Some(Parts {
        u: to_dynamic(svd.u.as_ref()?),
        values: DVector::from_column_slice(svd.singular_values.as_slice()),
        v: to_dynamic(svd.v_t.as_ref()?).transpose(),
    })
}

/// Cotangents of the parts of `U diag(f) Vᵀ`, where `slope` is the derivative of `f`, from that of the product.
fn put_parts<T: Real, R: DimMin<C>, C: Dim, P: Put<SvdTangent<T, R, C>>>(
    svd: &SVD<T, R, C>,
    g: Option<DMatrix<T>>,
    f: impl Fn(T) -> T,
    slope: impl Fn(T) -> T,
    dest: P,
) -> P::Out
where
    DefaultAllocator: Allocator<DimMinimum<R, C>, C>
        + Allocator<R, DimMinimum<R, C>>
        + Allocator<DimMinimum<R, C>>,
{
    let (Some(g), Some(Parts { u, values, v })) = (g, parts_of(svd)) else {
        return dest.put(|| SVD::<T, R, C>::ad_zero(&svd.ad_shape()), |_| ());
    };
    let (mut to_u, mut to_v) = (&g * &v, g.transpose() * &u);
    let to_values = DVector::from_fn(values.len(), |i, _| {
        u.column(i).dot(&to_u.column(i)) * slope(values[i])
    });
    for (i, value) in values.iter().enumerate() {
        to_u.column_mut(i).scale_mut(f(*value));
        to_v.column_mut(i).scale_mut(f(*value));
    }
    let mut tangent = SVD::<T, R, C>::ad_zero(&svd.ad_shape());
    if let (Some(u), Some(v_t)) = (&mut tangent.u, &mut tangent.v_t) {
        u.as_mut_slice().copy_from_slice(to_u.as_slice());
        v_t.as_mut_slice()
            .copy_from_slice(to_v.transpose().as_slice());
    }
    (tangent.singular_values.as_mut_slice()).copy_from_slice(to_values.as_slice());
    dest.give(|| tangent)
}

rule! {
    /// `U Σ Vᵀ`: `Ū += G V Σ`, `V̄ += Gᵀ U Σ`, `σ̄ᵢ += uᵢᵀ G vᵢ`. If vectors are missing: nothing.
    ['y, T: Real, R: DimMin<C>, C: Dim]
    RecomposeRule ad_recompose(svd: SVD<T, R, C>)
    [_ => &'y Result<OMatrix<T, R, C>, &'static str>] where [
        DefaultAllocator: Allocator<R, C> + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
    ]
    |g: Option<OMatrix<T, R, C>>, dest| {
        (put_parts(svd, g.as_ref().map(to_dynamic), |value| value, |_| T::one(), dest), ())
    }
}

/// `1/σ`, or 0 if `σ` counts as 0.
fn reciprocal<T: Real>(value: T, epsilon: T) -> T {
    if value > epsilon {
        T::one() / value
    } else {
        T::zero()
    }
}

rule! {
    ['y, T: Real, R: DimMin<C>, C: Dim]
    PseudoInverseRule ad_pseudo_inverse(svd: SVD<T, R, C>; epsilon E SE: T => T)
    [_ => &'y Result<OMatrix<T, C, R>, &'static str>] where [
        DefaultAllocator: Allocator<C, R> + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
    ]
    |g: Option<OMatrix<T, C, R>>, dest, (to_epsilon)| {
        let f = |value| reciprocal(value, *epsilon);
        let g = g.as_ref().map(|g| to_dynamic(g).transpose());
        (put_parts(svd, g, f, |value| -f(value) * f(value), dest), (put_scalar(to_epsilon, T::zero),))
    }
}

rule! {
    /// `svd.solve(&b, ε)`: `X = P B` with the pseudo-inverse `P`; `B̄ += Pᵀ G`, and `G Bᵀ` to `P`.
    [
        'y, T: Real, R: DimMin<C>, C: Dim, R2: Dim, C2: Dim, S2: RawStorage<T, R2, C2>
    ]
    SolveRule ad_solve(svd: SVD<T, R, C>; b B SB: Matrix<T, R2, C2, S2> => OMatrix<T, R2, C2>, epsilon E SE: T => T)
    [_ => &'y Result<OMatrix<T, C, C2>, &'static str>] where [
        DefaultAllocator: Allocator<R2, C2> + Allocator<C, C2> + Allocator<DimMinimum<R, C>, C>
            + Allocator<R, DimMinimum<R, C>> + Allocator<DimMinimum<R, C>>,
    ]
    |g: Option<OMatrix<T, C, C2>>, dest, (to_b, to_epsilon)| {
        let f = |value| reciprocal(value, *epsilon);
        let (g, values) = (g.as_ref().map(to_dynamic), b);
        let to_b = match (&g, parts_of(svd)) {
            (Some(g), Some(Parts { mut u, values, v })) if SB::ACTIVE => {
                for (i, value) in values.iter().enumerate() {
                    u.column_mut(i).scale_mut(f(*value));
                }
                put_dynamic(b.shape_generic(), &(u * (v.transpose() * g)), to_b)
            }
            _ => put_zero(b.shape_generic(), to_b),
        };
        let g = g.map(|g| to_dynamic(values) * g.transpose());
        let to_svd = put_parts(svd, g, f, |value| -f(value) * f(value), dest);
        (to_svd, (to_b, put_scalar(to_epsilon, T::zero)))
    }
}

rule! {
    ['y, T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>]
    PseudoInverseRule ad_pseudo_inverse(a: Matrix<T, R, C, S0>; epsilon E SE: T => T)
    [_ => &'y Result<OMatrix<T, C, R>, &'static str>] where [
        DefaultAllocator: Allocator<R, C> + Allocator<C, R>,
    ]
    |g: Option<OMatrix<T, C, R>>, dest, (to_epsilon)| {
        let to_a = match g {
            Some(g) if S::ACTIVE => {
                let parts = decompose(to_dynamic(a));
                let cotangent = generalized(&parts, &to_dynamic(g).transpose(), *epsilon);
                put_dynamic(a.shape_generic(), &cotangent, dest)
            }
            _ => put_zero(a.shape_generic(), dest),
        };
        (to_a, (put_scalar(to_epsilon, T::zero),))
    }
}

/// The cotangent of `A`, from that of `U f(Σ) Vᵀ` with the reciprocal `f`, which is the transpose of the pseudo-inverse.
///
/// In the bases of the singular vectors the derivative is `(dᵢⱼ (Z + Zᵀ) + sᵢⱼ (Z - Zᵀ)) / 2`, where `dᵢⱼ` is the divided
/// difference of `f` and `sᵢⱼ` that of its odd continuation; what is orthogonal to them is multiplied by `f(σ)/σ`.
fn generalized<T: Real>(
    Parts { u, values, v }: &Parts<T>,
    h: &DMatrix<T>,
    epsilon: T,
) -> DMatrix<T> {
    let f: Vec<T> = values
        .iter()
        .map(|value| reciprocal(*value, epsilon))
        .collect();
    let right = h * v;
    let z = u.transpose() * &right;
    let half = T::ad_from_f64(0.5);
    let quotient = |x: T, by: T| if x.is_zero() { x } else { x / by };
    let k = DMatrix::from_fn(values.len(), values.len(), |i, j| {
        let both = !f[i].is_zero() && !f[j].is_zero();
        let (difference, sum) = if both {
            (-f[i] * f[j], f[i] * f[j])
        } else if i == j {
            (T::zero(), T::zero())
        } else {
            (
                quotient(f[i] - f[j], values[i] - values[j]),
                quotient(f[i] + f[j], values[i] + values[j]),
            )
        };
        (difference * (z[(i, j)] + z[(j, i)]) + sum * (z[(i, j)] - z[(j, i)])) * half
    });
    let mut cotangent = u * k * v.transpose();
    let scaled = |mut part: DMatrix<T>| {
        for (i, f) in f.iter().enumerate() {
            part.column_mut(i).scale_mut(*f * *f);
        }
        part
    };
    if u.nrows() > u.ncols() {
        cotangent += scaled(&right - u * &z) * v.transpose();
    }
    if v.nrows() > v.ncols() {
        let left = h.transpose() * u;
        cotangent += u * scaled(left - v * z.transpose()).transpose();
    }
    cotangent
}
