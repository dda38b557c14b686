//! Operators on dual numbers, and of a dual number with a constant.

use core::cmp::Ordering;
use core::iter::{Product, Sum};
use core::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

use nalgebra::{
    DefaultAllocator, Dim, DimName, Matrix, OMatrix, OPoint, Quaternion, RawStorage,
    allocator::Allocator,
};

use super::Dual;
use crate::differentiable::Real;
use crate::put::{Fresh, Skip};
use crate::rules::{EmptySum, RemRule};

/// `eps · by`, and exactly zero for an infinitesimal part of exactly zero.
#[inline(always)]
pub(super) fn times<T: Real>(eps: T, by: T) -> T {
    if eps.is_zero() { eps } else { eps * by }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Dual::new(self.re + other.re, self.eps + other.eps)
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Dual::new(self.re - other.re, self.eps - other.eps)
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Dual::new(
            self.re * other.re,
            times(self.eps, other.re) + times(other.eps, self.re),
        )
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let re = self.re / other.re;
        let rest = self.eps - times(other.eps, re);
        let eps = if rest.is_zero() {
            rest
        } else {
            rest / other.re
        };
        Dual::new(re, eps)
    }
}

impl<T: Real> Rem for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn rem(self, other: Self) -> Self {
        let ((), by) = self.re.ad_rem(&other.re, &other.eps, Skip, Fresh);
        Dual::new(self.re % other.re, self.eps + by)
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Dual::new(-self.re, -self.eps)
    }
}

impl<T: Real> Neg for &Dual<T> {
    type Output = Dual<T>;
    #[inline(always)]
    fn neg(self) -> Dual<T> {
        -*self
    }
}

// === with a constant on the right ===

impl<T: Real> Add<T> for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: T) -> Self {
        Dual::new(self.re + other, self.eps)
    }
}

impl<T: Real> Sub<T> for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: T) -> Self {
        Dual::new(self.re - other, self.eps)
    }
}

impl<T: Real> Mul<T> for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: T) -> Self {
        Dual::new(self.re * other, times(self.eps, other))
    }
}

impl<T: Real> Div<T> for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: T) -> Self {
        self / Dual::constant(other)
    }
}

impl<T: Real> Rem<T> for Dual<T> {
    type Output = Self;
    #[inline(always)]
    fn rem(self, other: T) -> Self {
        Dual::new(self.re % other, self.eps)
    }
}

macro_rules! borrowed {
    ($($Op:ident $op:ident $Assign:ident $assign:ident;)*) => { $(
        impl<T: Real> $Op<&Dual<T>> for Dual<T> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: &Dual<T>) -> Self {
                $Op::$op(self, *other)
            }
        }

        impl<T: Real> $Op<Dual<T>> for &Dual<T> {
            type Output = Dual<T>;
            #[inline(always)]
            fn $op(self, other: Dual<T>) -> Dual<T> {
                $Op::$op(*self, other)
            }
        }

        impl<T: Real> $Op<&Dual<T>> for &Dual<T> {
            type Output = Dual<T>;
            #[inline(always)]
            fn $op(self, other: &Dual<T>) -> Dual<T> {
                $Op::$op(*self, *other)
            }
        }

        impl<T: Real> $Op<T> for &Dual<T> {
            type Output = Dual<T>;
            #[inline(always)]
            fn $op(self, other: T) -> Dual<T> {
                $Op::$op(*self, other)
            }
        }

        impl<T: Real> $Assign for Dual<T> {
            #[inline(always)]
            fn $assign(&mut self, other: Self) {
                *self = $Op::$op(*self, other);
            }
        }

        impl<T: Real> $Assign<&Dual<T>> for Dual<T> {
            #[inline(always)]
            fn $assign(&mut self, other: &Dual<T>) {
                *self = $Op::$op(*self, *other);
            }
        }

        impl<T: Real> $Assign<T> for Dual<T> {
            #[inline(always)]
            fn $assign(&mut self, other: T) {
                *self = $Op::$op(*self, other);
            }
        }

        borrowed!(@left $Op $op f32 f64);
    )* };
    // A constant on the left. The trait system has no room for a constant of any type there.
    (@left $Op:ident $op:ident $($t:ident)*) => { $(
        impl $Op<Dual<$t>> for $t {
            type Output = Dual<$t>;
            #[inline(always)]
            fn $op(self, other: Dual<$t>) -> Dual<$t> {
                $Op::$op(Dual::constant(self), other)
            }
        }

        impl $Op<&Dual<$t>> for $t {
            type Output = Dual<$t>;
            #[inline(always)]
            fn $op(self, other: &Dual<$t>) -> Dual<$t> {
                $Op::$op(Dual::constant(self), *other)
            }
        }
    )* };
}
borrowed! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
    Rem rem RemAssign rem_assign;
}

// === comparisons ===

/// Both parts are equal; see the [module](super) for why.
impl<T: PartialEq> PartialEq for Dual<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.re == other.re && self.eps == other.eps
    }
}

/// The order of the real parts.
impl<T: Real> PartialOrd for Dual<T> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.re.partial_cmp(&other.re)
    }
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.re < other.re
    }
    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        self.re <= other.re
    }
    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        self.re > other.re
    }
    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        self.re >= other.re
    }
}

impl<T: Real> PartialEq<T> for Dual<T> {
    #[inline(always)]
    fn eq(&self, other: &T) -> bool {
        *self == Dual::constant(*other)
    }
}

impl<T: Real> PartialOrd<T> for Dual<T> {
    #[inline(always)]
    fn partial_cmp(&self, other: &T) -> Option<Ordering> {
        self.re.partial_cmp(other)
    }
}

// === sums and products ===

impl<T: Real> Sum for Dual<T> {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ad_empty_sum(), Add::add)
    }
}

impl<'a, T: Real> Sum<&'a Dual<T>> for Dual<T> {
    fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
        terms.copied().sum()
    }
}

impl<T: Real> Product for Dual<T> {
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        factors.fold(Dual::constant(T::one()), Mul::mul)
    }
}

impl<'a, T: Real> Product<&'a Dual<T>> for Dual<T> {
    fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
        factors.copied().product()
    }
}

// === a number on the left of a matrix, which nalgebra has for its own numbers only ===

impl<T: Real, R: Dim, C: Dim, S: RawStorage<Self, R, C>> Mul<Matrix<Self, R, C, S>> for Dual<T>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Output = OMatrix<Self, R, C>;
    #[inline]
    fn mul(self, matrix: Matrix<Self, R, C, S>) -> Self::Output {
        self * &matrix
    }
}

impl<T: Real, R: Dim, C: Dim, S: RawStorage<Self, R, C>> Mul<&Matrix<Self, R, C, S>> for Dual<T>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Output = OMatrix<Self, R, C>;
    #[inline]
    fn mul(self, matrix: &Matrix<Self, R, C, S>) -> Self::Output {
        let (rows, columns) = matrix.shape_generic();
        let entries = matrix.iter().map(|entry| self * *entry);
        OMatrix::from_iterator_generic(rows, columns, entries)
    }
}

impl<T: Real, D: DimName> Mul<OPoint<Self, D>> for Dual<T>
where
    DefaultAllocator: Allocator<D>,
{
    type Output = OPoint<Self, D>;
    #[inline]
    fn mul(self, point: OPoint<Self, D>) -> OPoint<Self, D> {
        OPoint::from(self * point.coords)
    }
}

impl<T: Real, D: DimName> Mul<&OPoint<Self, D>> for Dual<T>
where
    DefaultAllocator: Allocator<D>,
{
    type Output = OPoint<Self, D>;
    #[inline]
    fn mul(self, point: &OPoint<Self, D>) -> OPoint<Self, D> {
        OPoint::from(self * &point.coords)
    }
}

impl<T: Real> Mul<Quaternion<Self>> for Dual<T> {
    type Output = Quaternion<Self>;
    #[inline]
    fn mul(self, quaternion: Quaternion<Self>) -> Quaternion<Self> {
        Quaternion::from(self * quaternion.coords)
    }
}

impl<T: Real> Mul<&Quaternion<Self>> for Dual<T> {
    type Output = Quaternion<Self>;
    #[inline]
    fn mul(self, quaternion: &Quaternion<Self>) -> Quaternion<Self> {
        self * *quaternion
    }
}
