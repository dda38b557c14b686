//! The tangents of a number along several directions, side by side: what a Jacobian is made of where all tangents are
//! numbers and containers of numbers. The value is computed once for all of them, and a processor takes several in one
//! instruction.

use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use nalgebra::DMatrix;

use crate::differentiable::{Peel, Real};
use crate::dual::{Bound, Dual};
use crate::products::count;
use crate::tangent::Tangent;

/// The tangents of one number along `N` directions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bundle<T, const N: usize>([T; N]);

impl<T: Real, const N: usize> Bundle<T, N> {
    #[inline(always)]
    fn map(mut self, f: impl Fn(T) -> T) -> Self {
        for it in &mut self.0 {
            *it = f(*it);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: &Self, f: impl Fn(T, T) -> T) -> Self {
        for (it, other) in self.0.iter_mut().zip(&other.0) {
            *it = f(*it, *other);
        }
        self
    }

    /// Times the derivative of a function. A tangent of zero gives zero, also where that is infinite.
    #[inline(always)]
    fn times(self, derivative: T) -> Self {
        if derivative.is_finite() {
            self.map(|it| it * derivative)
        } else {
            self.map(|it| if it.is_zero() { it } else { it * derivative })
        }
    }
}

impl<T: Real, const N: usize> Neg for Bundle<T, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|it| -it)
    }
}

impl<T: Real, const N: usize> Neg for &Bundle<T, N> {
    type Output = Bundle<T, N>;
    #[inline(always)]
    fn neg(self) -> Bundle<T, N> {
        -*self
    }
}

/// Sums of bundles, and their products with numbers, by value and by reference.
macro_rules! operators {
    ($($Op:ident $op:ident $Assign:ident $assign:ident $right:ty, |$a:ident, $b:ident| $value:expr;)*) => { $(
        impl<T: Real, const N: usize> $Op<$right> for Bundle<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, $b: $right) -> Self {
                let $a = self;
                $value
            }
        }
        impl<T: Real, const N: usize> $Op<&$right> for Bundle<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $op(self, other: &$right) -> Self {
                self.$op(*other)
            }
        }
        impl<T: Real, const N: usize> $Op<$right> for &Bundle<T, N> {
            type Output = Bundle<T, N>;
            #[inline(always)]
            fn $op(self, other: $right) -> Bundle<T, N> {
                (*self).$op(other)
            }
        }
        impl<T: Real, const N: usize> $Op<&$right> for &Bundle<T, N> {
            type Output = Bundle<T, N>;
            #[inline(always)]
            fn $op(self, other: &$right) -> Bundle<T, N> {
                (*self).$op(*other)
            }
        }
        impl<T: Real, const N: usize> $Assign<$right> for Bundle<T, N> {
            #[inline(always)]
            fn $assign(&mut self, other: $right) {
                *self = (*self).$op(other);
            }
        }
        impl<T: Real, const N: usize> $Assign<&$right> for Bundle<T, N> {
            #[inline(always)]
            fn $assign(&mut self, other: &$right) {
                *self = (*self).$op(*other);
            }
        }
    )* };
}

operators! {
    Add add AddAssign add_assign Bundle<T, N>, |a, b| a.zip(&b, |a, b| a + b);
    Sub sub SubAssign sub_assign Bundle<T, N>, |a, b| a.zip(&b, |a, b| a - b);
    Mul mul MulAssign mul_assign T, |a, b| a.map(|a| a * b);
    Div div DivAssign div_assign T, |a, b| a.map(|a| a / b);
}

macro_rules! number_times_bundle {
    ($($T:ty: $number:ty, $bundle:ty;)*) => { $(
        impl<const N: usize> Mul<$bundle> for $number {
            type Output = Bundle<$T, N>;
            #[inline(always)]
            fn mul(self, bundle: $bundle) -> Bundle<$T, N> {
                bundle.map(|it| self * it)
            }
        }
    )* };
}

number_times_bundle! {
    f64: f64, Bundle<f64, N>;
    f64: f64, &Bundle<f64, N>;
    f64: &f64, Bundle<f64, N>;
    f64: &f64, &Bundle<f64, N>;
    f32: f32, Bundle<f32, N>;
    f32: f32, &Bundle<f32, N>;
    f32: &f32, Bundle<f32, N>;
    f32: &f32, &Bundle<f32, N>;
}

/// A dual number with an infinitesimal part for each direction.
#[derive(Clone, Copy, Debug)]
pub struct MultiDual<T, const N: usize> {
    value: T,
    tangents: Bundle<T, N>,
}

macro_rules! elementary {
    ($($name:ident($($argument:ident: $ty:ty),*);)*) => { $(
        #[doc = concat!("`", stringify!($name), "`, with the derivative of its rule.")]
        #[inline(always)]
        #[must_use]
        pub fn $name(self $(, $argument: $ty)*) -> Self {
            let along = Dual::new(self.value, T::one()).$name($($argument),*);
            MultiDual {
                value: along.re,
                tangents: self.tangents.times(along.eps),
            }
        }
    )* };
}

/// Methods of `f64` of which the other arguments carry no derivative.
impl<T: Real, const N: usize> MultiDual<T, N> {
    elementary! {
        abs();
        sqrt();
        cbrt();
        recip();
        exp();
        exp2();
        exp_m1();
        ln();
        ln_1p();
        log2();
        log10();
        sin();
        cos();
        tan();
        asin();
        acos();
        atan();
        sinh();
        cosh();
        tanh();
        asinh();
        acosh();
        atanh();
        fract();
        to_degrees();
        to_radians();
        powi(n: i32);
        max(other: impl Bound<T>);
        min(other: impl Bound<T>);
    }

    /// `powf`, as generated code names it.
    #[inline(always)]
    #[must_use]
    pub fn ad_lifted_powf(self, other: impl Bound<T>) -> Self {
        let along = Dual::new(self.value, T::one()).powf(other);
        MultiDual {
            value: along.re,
            tangents: self.tangents.times(along.eps),
        }
    }
}

/// A bundle, or a reference to one.
pub trait AsBundle<T, const N: usize> {
    /// The bundle.
    fn ad_bundle(&self) -> Bundle<T, N>;
}

impl<T: Real, const N: usize> AsBundle<T, N> for Bundle<T, N> {
    #[inline(always)]
    fn ad_bundle(&self) -> Bundle<T, N> {
        *self
    }
}

impl<T, B: AsBundle<T, N> + ?Sized, const N: usize> AsBundle<T, N> for &B {
    #[inline(always)]
    fn ad_bundle(&self) -> Bundle<T, N> {
        (**self).ad_bundle()
    }
}

/// A number and its tangents.
#[inline(always)]
pub fn lift<T: Real, const N: usize>(
    value: &(impl Peel<V = T> + ?Sized),
    tangents: &impl AsBundle<T, N>,
) -> MultiDual<T, N> {
    MultiDual {
        value: *value.ad_peel(),
        tangents: tangents.ad_bundle(),
    }
}

/// The tangents of what a method returned.
#[inline(always)]
#[must_use]
pub fn tangent<T: Real, const N: usize>(lifted: &MultiDual<T, N>) -> Bundle<T, N> {
    lifted.tangents
}

/// A container of numbers, with bundles in the place of the numbers.
pub trait Bundles<const N: usize> {
    /// The container of bundles.
    type Bundled;
    /// What `lanes` gives for each number in turn, in bundles.
    fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> Self::Bundled;
}

/// What is made of bundles.
pub trait Bundled<const N: usize> {
    /// All bundles, in order.
    fn ad_each(&self, f: &mut impl FnMut([f64; N]));
}

macro_rules! numbers {
    ($($T:ident)*) => { $(
        impl<const N: usize> Bundles<N> for $T {
            type Bundled = Bundle<$T, N>;
            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, reason = "to the precision asked for")]
            fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> Bundle<$T, N> {
                Bundle(lanes().map(|it| it as $T))
            }
        }

        impl<const N: usize> Bundled<N> for Bundle<$T, N> {
            #[inline(always)]
            fn ad_each(&self, f: &mut impl FnMut([f64; N])) {
                f(self.0.map(f64::from));
            }
        }
    )* };
}

numbers!(f32 f64);

impl<T: Bundles<N> + ?Sized, const N: usize> Bundles<N> for &T {
    type Bundled = T::Bundled;
    #[inline(always)]
    fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> T::Bundled {
        (**self).ad_bundled(lanes)
    }
}

impl<T: Bundles<N>, const N: usize> Bundles<N> for [T] {
    type Bundled = Vec<T::Bundled>;
    fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> Vec<T::Bundled> {
        self.iter().map(|it| it.ad_bundled(lanes)).collect()
    }
}

impl<T: Bundles<N>, const N: usize> Bundles<N> for Vec<T> {
    type Bundled = Vec<T::Bundled>;
    #[inline]
    fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> Vec<T::Bundled> {
        self.as_slice().ad_bundled(lanes)
    }
}

impl<T: Bundled<N>, const N: usize> Bundled<N> for Vec<T> {
    #[inline]
    fn ad_each(&self, f: &mut impl FnMut([f64; N])) {
        self.iter().for_each(|it| it.ad_each(f));
    }
}

impl<T: Bundles<N>, const K: usize, const N: usize> Bundles<N> for [T; K] {
    type Bundled = [T::Bundled; K];
    #[inline(always)]
    fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> [T::Bundled; K] {
        core::array::from_fn(|at| self[at].ad_bundled(lanes))
    }
}

impl<T: Bundled<N>, const K: usize, const N: usize> Bundled<N> for [T; K] {
    #[inline(always)]
    fn ad_each(&self, f: &mut impl FnMut([f64; N])) {
        self.iter().for_each(|it| it.ad_each(f));
    }
}

macro_rules! tuples {
    ($(($($T:ident $at:tt),+))*) => { $(
        impl<$($T: Bundles<N>,)+ const N: usize> Bundles<N> for ($($T,)+) {
            type Bundled = ($($T::Bundled,)+);
            #[inline(always)]
            fn ad_bundled(&self, lanes: &mut impl FnMut() -> [f64; N]) -> Self::Bundled {
                ($(self.$at.ad_bundled(lanes),)+)
            }
        }
        impl<$($T: Bundled<N>,)+ const N: usize> Bundled<N> for ($($T,)+) {
            #[inline(always)]
            fn ad_each(&self, f: &mut impl FnMut([f64; N])) {
                $(self.$at.ad_each(f);)+
            }
        }
    )* };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

/// The tangents of a value that does not depend on what the directions are of.
#[inline(always)]
pub fn zero_like<T: Bundles<N> + ?Sized, const N: usize>(value: &T) -> T::Bundled {
    value.ad_bundled(&mut || [0.0; N])
}

/// The tangents of a container, from those of its elements.
#[expect(
    clippy::needless_pass_by_value,
    reason = "generated code makes them for this"
)]
pub fn gathered<T: Bundles<N> + ?Sized, const N: usize>(
    value: &T,
    elements: Vec<impl Bundled<N>>,
) -> T::Bundled {
    let mut all = Vec::new();
    elements.ad_each(&mut |lanes| all.push(lanes));
    let mut all = all.into_iter();
    value.ad_bundled(&mut || all.next().unwrap_or([0.0; N]))
}

/// The tangents of a literal number.
#[inline(always)]
#[must_use]
pub fn zero<T: Real, const N: usize>() -> Bundle<T, N> {
    Bundle([T::zero(); N])
}

/// Directions that go through one sweep, and through one where few are left.
const WIDE: usize = 10;
const NARROW: usize = 4;

/// The Jacobian by its columns, ten or four in each sweep of the tangent program, or by its rows, whichever are fewer.
pub fn jacobian_by_bundles_or_rows<G, Y, Z>(
    like: &G,
    wide: impl Fn(<G as Bundles<WIDE>>::Bundled) -> Y,
    narrow: impl Fn(<G as Bundles<NARROW>>::Bundled) -> Z,
    by_rows: impl FnOnce() -> DMatrix<f64>,
) -> DMatrix<f64>
where
    G: Tangent + Bundles<WIDE> + Bundles<NARROW>,
    Y: Bundled<WIDE>,
    Z: Bundled<NARROW>,
{
    let columns = count(like);
    let (mut jacobian, mut from) = (None, 0);
    while from < columns {
        let (written, width) = if columns - from > NARROW {
            let bundles = wide(units::<G, WIDE>(like, from));
            (write(&mut jacobian, columns, from, &bundles), WIDE)
        } else {
            let bundles = narrow(units::<G, NARROW>(like, from));
            (write(&mut jacobian, columns, from, &bundles), NARROW)
        };
        if !written {
            return by_rows();
        }
        from += width;
    }
    jacobian.unwrap_or_else(by_rows)
}

/// The unit directions from this one on.
fn units<G: Bundles<N>, const N: usize>(like: &G, from: usize) -> G::Bundled {
    let mut at = 0;
    like.ad_bundled(&mut || {
        let mut lanes = [0.0; N];
        let lane = usize::checked_sub(at, from).and_then(|lane| lanes.get_mut(lane));
        if let Some(unit) = lane {
            *unit = 1.0;
        }
        at += 1;
        lanes
    })
}

/// Writes the columns of a sweep. The first sweep tells how many rows there are; if these are so few that pulls cost less,
/// nothing is written.
fn write<Y: Bundled<N>, const N: usize>(
    jacobian: &mut Option<DMatrix<f64>>,
    columns: usize,
    from: usize,
    bundles: &Y,
) -> bool {
    if jacobian.is_none() {
        let mut rows = 0;
        bundles.ad_each(&mut |_| rows += 1);
        // A pull for each row comes after a sweep that saves, at the cost of a column or two.
        if columns > (rows + 2).max(WIDE) {
            return false;
        }
        *jacobian = Some(DMatrix::zeros(rows, columns));
    }
    let Some(jacobian) = jacobian else {
        return false;
    };
    let lanes = N.min(columns - from);
    let mut row = 0;
    bundles.ad_each(&mut |bundle| {
        for (lane, tangent) in bundle[..lanes].iter().enumerate() {
            jacobian[(row, from + lane)] = *tangent;
        }
        row += 1;
    });
    true
}
