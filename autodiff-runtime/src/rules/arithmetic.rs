//! Operators on scalars and integers.

use core::marker::PhantomData;

use super::{
    AddRule, CastRule, DivRule, EmptySum, MulRule, NegRule, Pull1, Pull2, RemRule, SubRule, SumRule,
};
use crate::differentiable::{Differentiable, Real, TangentOf, converted};
use crate::put::Put;
use crate::tangent::Tangent;
use crate::tape::only;

/// `g` to the left operand, `g` to the right one.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddPull<T>(PhantomData<fn() -> T>);

/// `g` to the left operand, `-g` to the right one.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubPull<T>(PhantomData<fn() -> T>);

/// `-g` to the operand.
#[derive(Clone, Copy, Debug, Default)]
pub struct NegPull<T>(PhantomData<fn() -> T>);

/// `g` to the operand, converted to its type.
#[derive(Clone, Copy, Debug, Default)]
pub struct CastPull<T, G>(PhantomData<fn() -> (T, G)>);

/// `g` to the operand as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct CopyPull<T>(pub(super) PhantomData<fn() -> T>);

/// Nothing to the operands.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::type_complexity,
    reason = "the three types are only named here"
)]
pub struct NoPull<TA, TB, G>(PhantomData<fn() -> (TA, TB, G)>);

only!(
    [T] AddPull<T> = AddPull(PhantomData),
    [T] SubPull<T> = SubPull(PhantomData),
    [T] NegPull<T> = NegPull(PhantomData),
    [T, G] CastPull<T, G> = CastPull(PhantomData),
    [T] CopyPull<T> = CopyPull(PhantomData),
    [TA, TB, G] NoPull<TA, TB, G> = NoPull(PhantomData),
);

impl<T: Real> Pull2 for AddPull<T> {
    type G = T;
    type TA = T;
    type TB = T;
    #[inline(always)]
    fn pull<SA: Put<T>, SB: Put<T>>(self, g: &T, sa: SA, sb: SB) -> (SA::Out, SB::Out) {
        (sa.put(|| *g, |d| *d += *g), sb.put(|| *g, |d| *d += *g))
    }
}

impl<T: Real> Pull2 for SubPull<T> {
    type G = T;
    type TA = T;
    type TB = T;
    #[inline(always)]
    fn pull<SA: Put<T>, SB: Put<T>>(self, g: &T, sa: SA, sb: SB) -> (SA::Out, SB::Out) {
        (sa.put(|| *g, |d| *d += *g), sb.put(|| -*g, |d| *d -= *g))
    }
}

impl<T: Real> Pull1 for NegPull<T> {
    type G = T;
    type TA = T;
    #[inline(always)]
    fn pull<SA: Put<T>>(self, g: &T, sa: SA) -> SA::Out {
        sa.put(|| -*g, |d| *d -= *g)
    }
}

impl<T: Real, G: Real> Pull1 for CastPull<T, G> {
    type G = G;
    type TA = T;
    #[inline(always)]
    fn pull<SA: Put<T>>(self, g: &G, sa: SA) -> SA::Out {
        let g = converted::<G, T>(*g);
        sa.put(|| g, |d| *d += g)
    }
}

impl<T: Tangent> Pull1 for CopyPull<T> {
    type G = T;
    type TA = T;
    #[inline(always)]
    fn pull<SA: Put<T>>(self, g: &T, sa: SA) -> SA::Out {
        sa.put(|| g.clone(), |d| T::ad_add(d, g))
    }
    #[inline(always)]
    fn pull_owned<SA: Put<T>>(self, g: T, sa: SA) -> SA::Out {
        sa.give(|| g)
    }
}

impl<G: Tangent> Pull1 for NoPull<(), (), G> {
    type G = G;
    type TA = ();
    #[inline(always)]
    fn pull<SA: Put<()>>(self, _: &G, sa: SA) -> SA::Out {
        sa.put(|| (), |()| ())
    }
}

impl Pull2 for NoPull<(), (), ()> {
    type G = ();
    type TA = ();
    type TB = ();
    #[inline(always)]
    fn pull<SA: Put<()>, SB: Put<()>>(self, (): &(), sa: SA, sb: SB) -> (SA::Out, SB::Out) {
        (sa.put(|| (), |()| ()), sb.put(|| (), |()| ()))
    }
}

impl<T: Real> AddRule<T> for T {
    type Pull = AddPull<T>;
    #[inline(always)]
    fn ad_add(&self, _: &T) -> AddPull<T> {
        AddPull(PhantomData)
    }
}

impl<T: Real> SubRule<T> for T {
    type Pull = SubPull<T>;
    #[inline(always)]
    fn ad_sub(&self, _: &T) -> SubPull<T> {
        SubPull(PhantomData)
    }
}

impl<T: Real> NegRule for T {
    type Pull = NegPull<T>;
    #[inline(always)]
    fn ad_neg(&self) -> NegPull<T> {
        NegPull(PhantomData)
    }
}

impl<T: Real, G: Real> CastRule<G> for T {
    type Pull = CastPull<T, G>;
    #[inline(always)]
    fn ad_cast(&self, _: &G) -> CastPull<T, G> {
        CastPull(PhantomData)
    }
}

/// `ā += g b`, `b̄ += g a`.
impl<T: Real> MulRule<T> for T {
    type G = T;
    #[inline(always)]
    fn ad_mul<SA: Put<T>, SB: Put<T>>(
        &self,
        right: &T,
        g: &T,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        (
            sa.put(|| *g * *right, |d| *d += *g * *right),
            sb.put(|| *g * *self, |d| *d += *g * *self),
        )
    }
}

/// `ā += g / b`, `b̄ -= g a / b²`.
///
/// Undefined at `b = 0`, where a cotangent of zero still contributes zero.
impl<T: Real> DivRule<T> for T {
    type G = T;
    #[inline(always)]
    fn ad_div<SA: Put<T>, SB: Put<T>>(
        &self,
        right: &T,
        g: &T,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let quotient = g.ad_quotient(*right);
        // Not guarded by `g` once more: rustc makes two choices by one condition a jump, and two conditions two masks.
        let slope = || quotient.ad_guarded(-(quotient * (*self / *right)));
        (
            sa.put(|| quotient, |d| *d += quotient),
            sb.put(slope, |d| *d += slope()),
        )
    }
}

/// `a % b = a - b·trunc(a / b)`: `ā += g`, `b̄ -= g·trunc(a / b)`, also where the quotient jumps.
impl<T: Real> RemRule<T> for T {
    type G = T;
    #[inline(always)]
    fn ad_rem<SA: Put<T>, SB: Put<T>>(
        &self,
        right: &T,
        g: &T,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        // Not `trunc(a / b)`: the quotient may round up to an integer that it has not reached.
        let slope = || g.ad_guarded(-(*g * ((*self - *self % *right) / *right).round()));
        (
            sa.put(|| *g, |d| *d += *g),
            sb.put(slope, |d| *d += slope()),
        )
    }
}

/// Negative zero, so that a sum of negative zeros is one, as in the standard library.
impl<T: Real> EmptySum for T {
    #[inline(always)]
    fn ad_empty_sum() -> T {
        -T::zero()
    }
}

impl<T: Real> SumRule<T> for T {
    type Pull = CopyPull<T>;
    #[inline(always)]
    fn ad_sum(self, term: T) -> (T, CopyPull<T>) {
        (self + term, CopyPull(PhantomData))
    }
}

impl<'a, T: Real> SumRule<&'a T> for T {
    type Pull = CopyPull<T>;
    #[inline(always)]
    fn ad_sum(self, term: &'a T) -> (T, CopyPull<T>) {
        (self + *term, CopyPull(PhantomData))
    }
}

macro_rules! integer_operators {
    ($($t:ident)*) => { $(
        impl AddRule<$t> for $t {
            type Pull = NoPull<(), (), ()>;
            fn ad_add(&self, _: &$t) -> Self::Pull {
                NoPull(PhantomData)
            }
        }
        impl SubRule<$t> for $t {
            type Pull = NoPull<(), (), ()>;
            fn ad_sub(&self, _: &$t) -> Self::Pull {
                NoPull(PhantomData)
            }
        }
        impl NegRule for $t {
            type Pull = NoPull<(), (), ()>;
            fn ad_neg(&self) -> Self::Pull {
                NoPull(PhantomData)
            }
        }
        integer_operators!(value $t: MulRule ad_mul, DivRule ad_div, RemRule ad_rem);
        integer_operators!(cast $t: f32 f64 u8 u16 u32 u64 usize i8 i16 i32 i64 isize);
    )* };
    (value $t:ident: $($Rule:ident $method:ident),*) => { $(
        impl $Rule<$t> for $t {
            type G = ();
            fn $method<SA: Put<()>, SB: Put<()>>(&self, _: &$t, (): &(), sa: SA, sb: SB) -> (SA::Out, SB::Out) {
                (sa.put(|| (), |()| ()), sb.put(|| (), |()| ()))
            }
        }
    )* };
    (cast $t:ident: $($b:ident)*) => { $(
        impl CastRule<$b> for $t {
            type Pull = NoPull<(), (), TangentOf<$b>>;
            fn ad_cast(&self, _: &$b) -> Self::Pull {
                NoPull(PhantomData)
            }
        }
    )* };
}
integer_operators!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

// === what generated code calls ===

/// The pull of `a + b`.
#[inline(always)]
pub fn add<A: AddRule<B> + ?Sized, B: Differentiable + ?Sized>(operands: (&A, &B)) -> A::Pull {
    operands.0.ad_add(operands.1)
}

/// The pull of `a - b`.
#[inline(always)]
pub fn sub<A: SubRule<B> + ?Sized, B: Differentiable + ?Sized>(operands: (&A, &B)) -> A::Pull {
    operands.0.ad_sub(operands.1)
}

/// The pull of `-a`.
#[inline(always)]
pub fn neg<A: NegRule + ?Sized>(operand: &A) -> A::Pull {
    operand.ad_neg()
}

/// The pull of `a as B`.
#[inline(always)]
pub fn cast<A: CastRule<B> + ?Sized, B: Differentiable + ?Sized>(operands: (&A, &B)) -> A::Pull {
    operands.0.ad_cast(operands.1)
}

/// One step of a sum.
#[inline(always)]
pub fn sum<S: SumRule<E>, E>(sum: S, term: E) -> (S, S::Pull) {
    sum.ad_sum(term)
}

/// Pulls a cotangent back through a linear operator with two operands.
#[inline(always)]
pub fn pull2<P: Pull2, SA: Put<P::TA>, SB: Put<P::TB>>(
    pull: P,
    g: P::G,
    sa: SA,
    sb: SB,
) -> (SA::Out, SB::Out) {
    pull.pull_owned(g, sa, sb)
}

/// Pulls a cotangent back through a linear operator with one operand.
#[inline(always)]
pub fn pull1<P: Pull1, SA: Put<P::TA>>(pull: P, g: P::G, sa: SA) -> SA::Out {
    pull.pull_owned(g, sa)
}

/// Pulls a cotangent that is still wanted back through a linear operator with two operands.
#[inline(always)]
pub fn pull2_ref<P: Pull2, SA: Put<P::TA>, SB: Put<P::TB>>(
    pull: P,
    g: &P::G,
    sa: SA,
    sb: SB,
) -> (SA::Out, SB::Out) {
    pull.pull(g, sa, sb)
}

/// Pulls a cotangent that is still wanted back through a linear operator with one operand.
#[inline(always)]
pub fn pull1_ref<P: Pull1, SA: Put<P::TA>>(pull: P, g: &P::G, sa: SA) -> SA::Out {
    pull.pull(g, sa)
}

macro_rules! value_operator_call {
    ($($name:ident $Rule:ident $method:ident $symbol:literal;)*) => { $(
        #[doc = concat!("Pulls a cotangent back through `a ", $symbol, " b`.")]
        #[inline(always)]
        pub fn $name<A, B, SA, SB>(operands: (&A, &B), g: &A::G, sa: SA, sb: SB) -> (SA::Out, SB::Out)
        where
            A: $Rule<B> + ?Sized,
            B: Differentiable + ?Sized,
            SA: Put<TangentOf<A>>,
            SB: Put<TangentOf<B>>,
        {
            operands.0.$method(operands.1, g, sa, sb)
        }
    )* };
}
value_operator_call! {
    mul MulRule ad_mul "*";
    div DivRule ad_div "/";
    rem RemRule ad_rem "%";
}
