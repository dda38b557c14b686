//! Derivative rules: one per operator and one per method name.
//!
//! **Operators.** `+`, `-` and unary `-` are linear: the forward half asks the operands for a *pull*, a small value
//! that knows the types (for built-in types it is zero-sized), and the reverse half runs it. `*`, `/` and `%` read
//! their operands again.
//!
//! **Methods.** `x.name(args)` is pulled back by `peel(&x).ad_name(args, y, &g, dest, dests)`, a method of the trait
//! `NameRule`, found by the method probe on the peeled receiver. `args` is a tuple of operands ([`Val`], [`Lit`]),
//! `dests` the tuple of their destinations, `y` the result if the rule needs it. Which of receiver, arguments and
//! result are kept is a fact of the *name* (`Keeps` in the compiler's table of names, repeated at each trait here):
//!
//! | kept | call | example |
//! |---|---|---|
//! | receiver and arguments | `peel(&x).ad_sin((), (), &g, ..)` | `sin`, `ln`, `dot` |
//! | result only | `peel(&y).ad_tanh((), (), &g, ..)` | `tanh`, `sqrt`, `recip` |
//! | everything | `peel(&x).ad_powf((Val(&p),), &y, &g, ..)` | `exp`, `powf`, `norm`, and every name not in the table |
//!
//! A rule is generic over `f32` and `f64`, computes nothing for a destination that is not [`ACTIVE`](Put::ACTIVE), and
//! contributes exactly zero for a cotangent that is exactly zero where its local derivative is infinite.

use crate::differentiable::{Differentiable, Peel, TangentOf};
use crate::put::Put;
use crate::tangent::Tangent;
use crate::tape::Only;

pub mod arithmetic;
pub mod conversion;
pub mod elementary;
pub mod factorisation;
pub mod geometry;
pub mod identity;
pub mod matrix;
pub mod option;
pub mod slice;

pub use crate::differentiable::Lit;

/// An operand of a method rule: [`Val`] peels references, [`Lit`] is a literal.
pub trait Operand {
    /// Its type behind the references.
    type V: Differentiable + ?Sized;
    /// Its value.
    fn val(&self) -> &Self::V;
    /// May this operand change? Decides ties: a literal bound has no derivative to share.
    const LITERAL: bool;
}

/// An operand that is a value or a reference to one.
#[derive(Debug)]
pub struct Val<'a, A: ?Sized>(pub &'a A);

impl<A: ?Sized> Clone for Val<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: ?Sized> Copy for Val<'_, A> {}

impl<A: Peel + ?Sized> Operand for Val<'_, A> {
    type V = A::V;
    const LITERAL: bool = false;
    #[inline(always)]
    fn val(&self) -> &A::V {
        self.0.ad_peel()
    }
}

impl<V: Differentiable> Operand for Lit<V> {
    type V = V;
    const LITERAL: bool = true;
    #[inline(always)]
    fn val(&self) -> &V {
        &self.0
    }
}

// === linear operators ===

/// The pullback of a linear operator with one operand.
pub trait Pull1: Only + Clone + 'static {
    /// The cotangent of the result.
    type G: Tangent;
    /// The cotangent of the operand.
    type TA: Tangent;
    /// Pulls `g` back.
    fn pull<SA: Put<Self::TA>>(self, g: &Self::G, sa: SA) -> SA::Out;
    /// Pulls `g` back and may reuse it.
    #[inline(always)]
    fn pull_owned<SA: Put<Self::TA>>(self, g: Self::G, sa: SA) -> SA::Out {
        self.pull(&g, sa)
    }
}

/// The pullback of a linear operator with two operands.
pub trait Pull2: Only + Clone + 'static {
    /// The cotangent of the result.
    type G: Tangent;
    /// The cotangent of the left operand.
    type TA: Tangent;
    /// The cotangent of the right operand.
    type TB: Tangent;
    /// Pulls `g` back.
    fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(
        self,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out);
    /// Pulls `g` back and may reuse it.
    #[inline(always)]
    fn pull_owned<SA: Put<Self::TA>, SB: Put<Self::TB>>(
        self,
        g: Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        self.pull(&g, sa, sb)
    }
}

macro_rules! linear_operator {
    ($Rule:ident $method:ident $symbol:literal $message:literal $label:literal) => {
        #[doc = concat!("The derivative of `a ", $symbol, " b`.")]
        #[diagnostic::on_unimplemented(
            message = $message,
            label = $label,
            note = "implement the rule for these types, or write `detach(..)` if no derivative is wanted"
        )]
        pub trait $Rule<B: Differentiable + ?Sized>: Differentiable {
            /// What the reverse half runs.
            type Pull: Pull2<TA = TangentOf<Self>, TB = TangentOf<B>>;
            /// Takes from the operands what the reverse half needs.
            fn $method(&self, right: &B) -> Self::Pull;
        }
    };
}
linear_operator!(AddRule ad_add "+" "no derivative rule for `{Self} + {B}`" "this sum reaches the output");
linear_operator!(SubRule ad_sub "-" "no derivative rule for `{Self} - {B}`" "this difference reaches the output");

/// The derivative of `-a`.
#[diagnostic::on_unimplemented(
    message = "no derivative rule for `-{Self}`",
    label = "this negation reaches the output",
    note = "implement the rule for this type, or write `detach(..)` if no derivative is wanted"
)]
pub trait NegRule: Differentiable {
    /// What the reverse half runs.
    type Pull: Pull1<TA = TangentOf<Self>>;
    /// Takes from the operand what the reverse half needs.
    fn ad_neg(&self) -> Self::Pull;
}

/// The derivative of `a as B`.
#[diagnostic::on_unimplemented(
    message = "no derivative rule for the cast of `{Self}` to `{B}`",
    label = "this cast reaches the output",
    note = "write `detach(..)` if no derivative is wanted"
)]
pub trait CastRule<B: Differentiable + ?Sized>: Differentiable {
    /// What the reverse half runs.
    type Pull: Pull1<TA = TangentOf<Self>, G = TangentOf<B>>;
    /// Takes from the operand what the reverse half needs.
    fn ad_cast(&self, result: &B) -> Self::Pull;
}

/// One step of `iter().sum()`: `sum + term`.
#[diagnostic::on_unimplemented(
    message = "no derivative rule for a sum of `{E}` into `{Self}`",
    label = "this sum reaches the output",
    note = "write a loop with `+=`, or `detach(..)` if no derivative is wanted"
)]
pub trait SumRule<E>: Sized {
    /// What the reverse half runs: the cotangent of the sum is that of the term.
    type Pull: Pull1;
    /// `self + term`, and the pull to the term.
    fn ad_sum(self, term: E) -> (Self, Self::Pull);
}

/// The sum of no terms, as `iter().sum()` starts with.
pub trait EmptySum: Sized {
    /// The sum.
    fn ad_empty_sum() -> Self;
}

// === operators that read their operands again ===

macro_rules! value_operator {
    ($Rule:ident $method:ident $symbol:literal $message:literal $label:literal) => {
        #[doc = concat!("The derivative of `a ", $symbol, " b`.")]
        #[diagnostic::on_unimplemented(
            message = $message,
            label = $label,
            note = "implement the rule for these types, or write `detach(..)` if no derivative is wanted"
        )]
        pub trait $Rule<B: Differentiable + ?Sized>: Differentiable {
            /// The cotangent of the result.
            type G: Tangent;
            /// Pulls `g` back to both operands.
            fn $method<SA: Put<TangentOf<Self>>, SB: Put<TangentOf<B>>>(
                &self,
                right: &B,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out);
        }
    };
}
value_operator!(MulRule ad_mul "*" "no derivative rule for `{Self} * {B}`" "this product reaches the output");
value_operator!(DivRule ad_div "/" "no derivative rule for `{Self} / {B}`" "this quotient reaches the output");
value_operator!(RemRule ad_rem "%" "no derivative rule for `{Self} % {B}`" "this remainder reaches the output");

// === methods ===

/// Declares the trait of a method rule.
macro_rules! method_rule {
    ($($(#[$doc:meta])* $Rule:ident $method:ident;)*) => { $(
        $(#[$doc])*
        pub trait $Rule<Args, Y, Puts>: $crate::differentiable::Differentiable {
            /// The cotangent of the result.
            type G: $crate::tangent::Tangent;
            /// What the destinations of the arguments hand back.
            type Outs;
            /// Pulls `g` back to the receiver and the arguments.
            fn $method<S: $crate::put::Put<$crate::differentiable::TangentOf<Self>>>(
                &self,
                args: Args,
                y: Y,
                g: &Self::G,
                dest: S,
                dests: Puts,
            ) -> (S::Out, Self::Outs);
        }
    )* };
}
pub(crate) use method_rule;

/// Writes one impl of a method rule:
///
/// ```text
/// rule! {
///     [generics] NameRule ad_name(receiver: Type; argument A SA: Value => Cotangent, ..)
///     [result: Type] where [bounds]
///     |cotangent: Type, destination, (destinations)| contributions
/// }
/// ```
/// `A` and `SA` name the type parameters of an operand and of its destination; a rule that keeps no result says
/// `[(): ()]`.
macro_rules! rule {
    (
        $(#[$doc:meta])*
        [$($p:tt)*] $Rule:ident $method:ident
        ($this:ident: $This:ty $(; $($a:ident $A:ident $P:ident: $V:ty => $TA:ty),+)?)
        [$y:pat => $Y:ty]
        where [$($w:tt)*]
        |$g:ident: $G:ty, $dest:ident $(, ($($to:ident),+))?| $body:expr
    ) => {
        $(#[$doc])*
        impl<$($p)* $($(, $A: $crate::rules::Operand<V = $V>, $P: $crate::put::Put<$TA>)+)?>
            $Rule<($($($A,)+)?), $Y, ($($($P,)+)?)> for $This
        where
            $($w)*
        {
            type G = $G;
            type Outs = ($($($P::Out,)+)?);
            #[inline]
            fn $method<S: $crate::put::Put<$crate::differentiable::TangentOf<Self>>>(
                &self,
                ($($($a,)+)?): ($($($A,)+)?),
                $y: $Y,
                $g: &Self::G,
                $dest: S,
                ($($($to,)+)?): ($($($P,)+)?),
            ) -> (S::Out, Self::Outs) {
                let $this = self;
                $($(let $a = $a.val();)+)?
                $body
            }
        }
    };
}
pub(crate) use rule;

/// A method that is another one under a second name.
macro_rules! alias {
    ($($(#[$doc:meta])* $Rule:ident $method:ident = $Other:ident $other:ident;)*) => {
        $crate::rules::method_rule! { $($(#[$doc])* $Rule $method;)* }
        $(
            impl<V, Args, Y, Puts> $Rule<Args, Y, Puts> for V
            where
                V: $Other<Args, Y, Puts> + ?Sized,
            {
                type G = V::G;
                type Outs = V::Outs;
                #[inline]
                fn $method<S: $crate::put::Put<$crate::differentiable::TangentOf<V>>>(
                    &self,
                    args: Args,
                    y: Y,
                    g: &V::G,
                    dest: S,
                    dests: Puts,
                ) -> (S::Out, V::Outs) {
                    $Other::$other(self, args, y, g, dest, dests)
                }
            }
        )*
    };
}
pub(crate) use alias;
