//! Functions of square matrices: powers and the exponential.

use nalgebra::allocator::Allocator;
use nalgebra::{DMatrix, DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{put_constant, put_entries, put_nothing};
use crate::differentiable::Real;
use crate::rules::elementary::{ExpRule, PowRule};
use crate::rules::rule;

/// A matrix and a direction, multiplied by the product rule: the upper half of `[[A, E], [0, A]]`.
struct Dual<M>(M, M);

impl<T: Real, D: Dim> Dual<OMatrix<T, D, D>>
where
    DefaultAllocator: Allocator<D, D>,
{
    fn times(&self, other: &Self) -> Self {
        let mut slope = &self.0 * &other.1;
        slope.gemm(T::one(), &self.1, &other.0, T::one());
        Dual(&self.0 * &other.0, slope)
    }
}

rule! {
    /// `Aⁿ`: `Ā += Σ (Aᵀ)ᵏ G (Aᵀ)^(n-1-k)` over `k < n`, the derivative of the power of `Aᵀ` in the direction `G`, by
    /// squaring. Of `n = 0`: nothing.
    ///
    /// Keeps the receiver and the argument. Cost: three products for each one of the power. Reference: Giles 2008,
    /// section 2.2; Higham, *Functions of Matrices*, section 3.2.
    [T: Real, D: Dim, S0: RawStorage<T, D, D>]
    PowRule ad_pow(a: Matrix<T, D, D, S0>; n N SN: u32 => ())
    [() => ()] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest, (to_n)| {
        if !S::ACTIVE || *n == 0 {
            return (put_constant(a.shape_generic(), T::zero(), dest), (put_nothing(to_n),));
        }
        let (mut square, mut rest) = (Dual(a.transpose(), g.clone()), *n);
        let mut power: Option<Dual<OMatrix<T, D, D>>> = None;
        loop {
            if rest % 2 == 1 {
                power = Some(match power {
                    Some(power) => power.times(&square),
                    None => Dual(square.0.clone(), square.1.clone()),
                });
            }
            rest /= 2;
            if rest == 0 {
                break;
            }
            square = square.times(&square);
        }
        let slope = power.map_or_else(|| g.clone(), |power| power.1);
        (dest.give(|| slope), (put_nothing(to_n),))
    }
}

rule! {
    /// The exponential of a square matrix: `Ā += L(Aᵀ, G)`, the derivative of the exponential at `Aᵀ` in the direction `G`,
    /// which is the upper right block of `exp [[Aᵀ, G], [0, Aᵀ]]`. The direction is scaled to the size of `A` first, so that
    /// it does not add squarings.
    ///
    /// Keeps the receiver, of what it is given. Cost: one exponential of twice the size, about eight times the primal one.
    /// Reference: Mathias 1996, *A chain rule for matrix functions*; Al-Mohy and Higham 2009, *Computing the Fréchet
    /// derivative of the matrix exponential*; Giles 2008, section 2.3 for the adjoint.
    ['y, T: Real, D: Dim, S0: RawStorage<T, D, D>]
    ExpRule ad_exp(a: Matrix<T, D, D, S0>)
    [_ => &'y OMatrix<T, D, D>] where [DefaultAllocator: Allocator<D, D>]
    |g: OMatrix<T, D, D>, dest| {
        let n = a.nrows();
        let size = g.amax();
        if !S::ACTIVE || size.is_zero() {
            return (put_constant(a.shape_generic(), T::zero(), dest), ());
        }
        let scale = a.iter().fold(T::zero(), |m, x| if x.abs() > m { x.abs() } else { m }) / size;
        let scale = if scale.ad_at_zero() { T::one() / size } else { scale };
        let mut block = DMatrix::zeros(2 * n, 2 * n);
        for j in 0..n {
            for i in 0..n {
                block[(i, j)] = a[(j, i)];
                block[(n + i, n + j)] = a[(j, i)];
                block[(i, n + j)] = g[(i, j)] * scale;
            }
        }
        let block = exponential(&block);
        (put_entries(a.shape_generic(), dest, |i, j| block[(i, n + j)] / scale), ())
    }
}

/// Outside of the rule, whose bounds on the allocator would hide the method.
fn exponential<T: Real>(matrix: &DMatrix<T>) -> DMatrix<T> {
    matrix.exp()
}
