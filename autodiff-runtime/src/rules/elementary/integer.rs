//! Methods of integers, which carry no derivative: their rules contribute nothing.

use super::{
    AbsRule, ClampRule, DivEuclidRule, MaxRule, MinRule, Operand, Put, RemEuclidRule, method_rule,
};

method_rule! {
    /// The power of an integer, and of a square matrix.
    ///
    /// Keeps the receiver and the argument.
    PowRule ad_pow;
}

macro_rules! integers {
    ($($t:ident)*) => { $(
        integers! { @one $t $t MaxRule ad_max, MinRule ad_min, RemEuclidRule ad_rem_euclid, DivEuclidRule ad_div_euclid }
        integers! { @one $t u32 PowRule ad_pow }
        impl<L: Operand<V = $t>, H: Operand<V = $t>, SL: Put<()>, SH: Put<()>> ClampRule<(L, H), (), (SL, SH)> for $t {
            type G = ();
            type Outs = (SL::Out, SH::Out);
            #[inline(always)]
            fn ad_clamp<S: Put<()>>(
                &self,
                _: (L, H),
                (): (),
                (): &(),
                dest: S,
                (low, high): (SL, SH),
            ) -> (S::Out, (SL::Out, SH::Out)) {
                (dest.put(|| (), |()| ()), (low.put(|| (), |()| ()), high.put(|| (), |()| ())))
            }
        }
    )* };
    (@one $t:ident $argument:ident $($Rule:ident $method:ident),*) => { $(
        impl<B: Operand<V = $argument>, SB: Put<()>> $Rule<(B,), (), (SB,)> for $t {
            type G = ();
            type Outs = (SB::Out,);
            #[inline(always)]
            fn $method<S: Put<()>>(
                &self,
                _: (B,),
                (): (),
                (): &(),
                dest: S,
                (argument,): (SB,),
            ) -> (S::Out, (SB::Out,)) {
                (dest.put(|| (), |()| ()), (argument.put(|| (), |()| ()),))
            }
        }
    )* };
    (@abs $($t:ident)*) => { $(
        impl AbsRule<(), (), ()> for $t {
            type G = ();
            type Outs = ();
            #[inline(always)]
            fn ad_abs<S: Put<()>>(&self, (): (), (): (), (): &(), dest: S, (): ()) -> (S::Out, ()) {
                (dest.put(|| (), |()| ()), ())
            }
        }
    )* };
}
integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
integers!(@abs i8 i16 i32 i64 i128 isize);
