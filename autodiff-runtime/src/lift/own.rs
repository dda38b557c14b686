//! Types of the user's own, which have no form over dual numbers: a value and its tangent stand side by side.
//!
//! An operator and a method on [`Paired`] is the tangent program of the user's operator or method, which the attribute
//! implements as [`OwnTangent`], and of second order as [`OwnPullback`]. The methods are those whose names have a rule;
//! of any other name, generated code calls the tangent program itself.

/// Types that stand for the names of operators or methods.
macro_rules! names {
    ($(#[$doc:meta])* $module:ident: $($name:ident)*) => {
        $(#[$doc])*
        #[allow(non_camel_case_types, reason = "they carry the names of functions")]
        pub mod $module {
            $(
                #[doc = concat!("`", stringify!($name), "`.")]
                #[derive(Clone, Debug)]
                pub enum $name {}
            )*
        }
    };
}
mod methods;

use core::marker::PhantomData;
use core::ops::{Add, Div, Mul, Neg, Rem, Sub};

pub use methods::method;

use super::{Join, Lift, Split, Times};
use crate::differentiable::{Differentiable, Peel, Real, TangentOf};
use crate::dual::Dual;
use crate::put::Put;
use crate::rules::{AddRule, DivRule, MulRule, NegRule, Pull1, Pull2, RemRule, SubRule};
use crate::tangent::{Place, Tangent};
use crate::tape::Only;

/// A value of a type of the user's own with its tangent.
#[derive(Debug)]
pub struct Paired<V: Differentiable> {
    value: V,
    tangent: V::Tangent,
}

impl<V: Differentiable> Paired<V> {
    /// A value with its tangent.
    #[inline(always)]
    pub fn new(value: V, tangent: V::Tangent) -> Self {
        Self { value, tangent }
    }
}

/// The tangent program of an operator or method `F` of the user's own, by receiver and arguments.
#[diagnostic::on_unimplemented(
    message = "this operation on `{Self}` has no tangent program, which forward mode and second order need",
    label = "this is differentiated forward",
    note = "write `#[differentiate(forward)]`, or `order = 2` where this function has it, on the `impl` block of the \
            operator or method"
)]
pub trait OwnTangent<F, A: Differentiable = (), B: Differentiable = ()>: Differentiable {
    /// The type of the value.
    type Output: Lift;
    /// The value and its tangent along the tangents of receiver and arguments.
    fn ad_along(
        &self,
        args: (&A, &B),
        dots: (&Self::Tangent, &A::Tangent, &B::Tangent),
    ) -> (Self::Output, TangentOf<Self::Output>);
}

/// The cotangents of the receiver and of two arguments.
pub type OwnCotangents<V, A, B> = (TangentOf<V>, TangentOf<A>, TangentOf<B>);

/// The derivative of the tangent program of an operator or method.
#[diagnostic::on_unimplemented(
    message = "this operation on `{Self}` has no second derivative",
    label = "this is differentiated twice",
    note = "write `#[differentiate(order = 2)]` on the `impl` block of the operator or method"
)]
pub trait OwnPullback<F, A: Differentiable = (), B: Differentiable = ()>:
    OwnTangent<F, A, B>
{
    /// The cotangent of the value over dual numbers.
    type G: Tangent + Split<Value = TangentOf<Self::Output>, Tangent = TangentOf<Self::Output>>;
    /// For the cotangents of the value and of its tangent, those of receiver and arguments, and those of their tangents.
    fn ad_back(
        &self,
        args: (&A, &B),
        dots: (&Self::Tangent, &A::Tangent, &B::Tangent),
        of_value: TangentOf<Self::Output>,
        of_tangent: TangentOf<Self::Output>,
    ) -> (OwnCotangents<Self, A, B>, OwnCotangents<Self, A, B>);
}

/// A value over dual numbers, or one that stands for such: of a type that has a derivative of its own.
pub trait OverDuals:
    Split<Value = Self::Of, Tangent = TangentOf<Self::Of>> + Differentiable
{
    /// The type without tangent.
    type Of: Differentiable;
    /// The cotangent, of which the value has a part and the tangent has one.
    fn ad_both(
        &self,
        of_value: TangentOf<Self::Of>,
        of_tangent: &TangentOf<Self::Of>,
    ) -> TangentOf<Self>;
}

impl<S: ?Sized, V, T> OverDuals for S
where
    V: Differentiable<Tangent = T>,
    S: Split<Value = V, Tangent = T> + Differentiable + Join<Part = T, Joined = TangentOf<S>>,
{
    type Of = V;
    #[inline]
    fn ad_both(&self, of_value: T, of_tangent: &T) -> TangentOf<S> {
        self.ad_join(of_value, of_tangent)
    }
}

/// Runs the tangent program of `F`.
#[inline]
fn along<F, V, A, B, O>(
    this: &(V, V::Tangent),
    a: &(A, A::Tangent),
    b: &(B, B::Tangent),
) -> O::Lifted
where
    V: OwnTangent<F, A, B, Output = O>,
    A: Differentiable,
    B: Differentiable,
    O: Lift,
{
    let (value, tangent) = this.0.ad_along((&a.0, &b.0), (&this.1, &a.1, &b.1));
    value.ad_lift(&tangent)
}

/// Pulls back through the tangent program of `F`.
#[inline]
fn back<F, V, A, B, LV, LA, LB>(this: &LV, a: &LA, b: &LB, g: &V::G) -> OwnCotangents<LV, LA, LB>
where
    LV: OverDuals<Of = V> + ?Sized,
    LA: OverDuals<Of = A> + ?Sized,
    LB: OverDuals<Of = B> + ?Sized,
    V: OwnPullback<F, A, B>,
    A: Differentiable,
    B: Differentiable,
{
    let (of_tangent, of_value) = g.ad_split();
    let (v, dot_v) = this.ad_split();
    let (x, dot_x) = a.ad_split();
    let (y, dot_y) = b.ad_split();
    let (values, tangents) = v.ad_back((&x, &y), (&dot_v, &dot_x, &dot_y), of_value, of_tangent);
    (
        this.ad_both(values.0, &tangents.0),
        a.ad_both(values.1, &tangents.1),
        b.ad_both(values.2, &tangents.2),
    )
}

// === the pair as a value ===

impl<V: Differentiable + Clone> Clone for Paired<V> {
    #[inline]
    fn clone(&self) -> Self {
        Self::new(self.value.clone(), self.tangent.clone())
    }
}

impl<V: Differentiable + Clone> Split for Paired<V> {
    type Value = V;
    type Tangent = V::Tangent;
    #[inline]
    fn ad_split(&self) -> (V, V::Tangent) {
        (self.value.clone(), self.tangent.clone())
    }
}

impl<V, T> Differentiable for Paired<V>
where
    V: Differentiable<Tangent = T, Owned = V> + Clone + 'static,
    T: Tangent + Differentiable<Tangent = T, Owned = T>,
{
    type Tangent = Paired<T>;
    type Shape = V::Shape;
    type Owned = Self;
    fn ad_shape(&self) -> V::Shape {
        self.value.ad_shape()
    }
    fn ad_zero(shape: &V::Shape) -> Paired<T> {
        Paired::new(V::ad_zero(shape), V::ad_zero(shape))
    }
    fn ad_owned(&self) -> Self {
        self.clone()
    }
    fn ad_step(&self, direction: &Paired<T>, step: f64) -> Self {
        Self::new(
            self.value.ad_step(&direction.value, step),
            self.tangent.ad_step(&direction.tangent, step),
        )
    }
}

impl<V: Differentiable> Peel for Paired<V>
where
    Self: Differentiable,
{
    type V = Self;
    #[inline(always)]
    fn ad_peel(&self) -> &Self {
        self
    }
}

impl<V: Differentiable> Place for Paired<V> {
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

impl<T> Tangent for Paired<T>
where
    T: Tangent + Differentiable<Tangent = T>,
{
    type Slot = Option<Self>;
    fn ad_add(shadow: &mut Self, other: &Self) {
        T::ad_add(shadow.value.ad_place(), &other.value);
        T::ad_add(shadow.tangent.ad_place(), &other.tangent);
    }
    fn ad_clear(shadow: &mut Self) {
        T::ad_clear(shadow.value.ad_place());
        T::ad_clear(shadow.tangent.ad_place());
    }
    fn ad_copy(shadow: &Self) -> Self {
        shadow.clone()
    }
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        self.value.ad_components(f);
        self.tangent.ad_components(f);
    }
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        self.value.ad_map_components(f);
        self.tangent.ad_map_components(f);
    }
}

// === operators ===

names! {
    /// The operators.
    operator: add sub mul div rem neg
}

macro_rules! operators {
    ($($Op:ident $op:ident;)*) => { $(
        impl<V, R> $Op<R> for Paired<V>
        where
            R: Split<Value: Differentiable<Tangent = R::Tangent>>,
            V: OwnTangent<operator::$op, R::Value> + Clone,
        {
            type Output = <V::Output as Lift>::Lifted;
            #[inline]
            fn $op(self, right: R) -> Self::Output {
                $Op::$op(&self, right)
            }
        }

        impl<V, R> $Op<R> for &Paired<V>
        where
            R: Split<Value: Differentiable<Tangent = R::Tangent>>,
            V: OwnTangent<operator::$op, R::Value> + Clone,
        {
            type Output = <V::Output as Lift>::Lifted;
            #[inline]
            fn $op(self, right: R) -> Self::Output {
                along::<operator::$op, _, _, _, _>(&self.ad_split(), &right.ad_split(), &((), ()))
            }
        }

        impl<T: Real, W> $Op<Paired<W>> for Dual<T>
        where
            T: OwnTangent<operator::$op, W>,
            W: Differentiable + Clone,
        {
            type Output = <<T as OwnTangent<operator::$op, W>>::Output as Lift>::Lifted;
            #[inline]
            fn $op(self, right: Paired<W>) -> Self::Output {
                $Op::$op(self, &right)
            }
        }

        impl<T: Real, W> $Op<&Paired<W>> for Dual<T>
        where
            T: OwnTangent<operator::$op, W>,
            W: Differentiable + Clone,
        {
            type Output = <<T as OwnTangent<operator::$op, W>>::Output as Lift>::Lifted;
            #[inline]
            fn $op(self, right: &Paired<W>) -> Self::Output {
                along::<operator::$op, _, _, _, _>(&self.ad_split(), &right.ad_split(), &((), ()))
            }
        }
    )* };
}
operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
    Rem rem;
}

impl<V: OwnTangent<operator::neg> + Clone> Neg for Paired<V> {
    type Output = <V::Output as Lift>::Lifted;
    #[inline]
    fn neg(self) -> Self::Output {
        -&self
    }
}

impl<V: OwnTangent<operator::neg> + Clone> Neg for &Paired<V> {
    type Output = <V::Output as Lift>::Lifted;
    #[inline]
    fn neg(self) -> Self::Output {
        along::<operator::neg, _, _, _, _>(&self.ad_split(), &((), ()), &((), ()))
    }
}

impl<V, R> Times<R> for Paired<V>
where
    R: Split<Value: Differentiable<Tangent = R::Tangent>> + ?Sized,
    V: OwnTangent<operator::mul, R::Value> + Clone,
{
    type Output = <V::Output as Lift>::Lifted;
    #[inline]
    fn ad_times(&self, right: &R) -> Self::Output {
        self * right
    }
}

/// What the reverse half of a linear operator needs: its operands, since that of the user's may not be linear.
#[derive(Clone, Debug)]
pub struct OwnPull<F, L, R>(L, R, PhantomData<fn() -> F>);

impl<F, L, R> Only for OwnPull<F, L, R> {}

impl<F, L, R> Pull2 for OwnPull<F, L, R>
where
    F: Clone + 'static,
    L: OverDuals + Clone + 'static,
    R: OverDuals + Clone + 'static,
    L::Of: OwnPullback<F, R::Of>,
{
    type G = <L::Of as OwnPullback<F, R::Of>>::G;
    type TA = TangentOf<L>;
    type TB = TangentOf<R>;
    #[inline]
    fn pull<SA: Put<Self::TA>, SB: Put<Self::TB>>(
        self,
        g: &Self::G,
        sa: SA,
        sb: SB,
    ) -> (SA::Out, SB::Out) {
        let (a, b, ()) = back::<F, _, _, _, _, _, _>(&self.0, &self.1, &(), g);
        (sa.give(|| a), sb.give(|| b))
    }
}

impl<F, L> Pull1 for OwnPull<F, L, ()>
where
    F: Clone + 'static,
    L: OverDuals + Clone + 'static,
    L::Of: OwnPullback<F>,
{
    type G = <L::Of as OwnPullback<F>>::G;
    type TA = TangentOf<L>;
    #[inline]
    fn pull<SA: Put<Self::TA>>(self, g: &Self::G, sa: SA) -> SA::Out {
        let (a, (), ()) = back::<F, _, _, _, _, _, _>(&self.0, &(), &(), g);
        sa.give(|| a)
    }
}

macro_rules! linear_rules {
    ($($Rule:ident $rule:ident $op:ident;)*) => { $(
        impl<V, R> $Rule<R> for Paired<V>
        where
            Self: OverDuals<Of = V> + Clone + 'static,
            R: OverDuals + Clone + 'static,
            V: OwnPullback<operator::$op, R::Of>,
        {
            type Pull = OwnPull<operator::$op, Self, R>;
            #[inline]
            fn $rule(&self, right: &R) -> Self::Pull {
                OwnPull(self.clone(), right.clone(), PhantomData)
            }
        }

        impl<T: Real, W> $Rule<Paired<W>> for Dual<T>
        where
            Paired<W>: OverDuals<Of = W> + Clone + 'static,
            W: Differentiable,
            T: OwnPullback<operator::$op, W>,
        {
            type Pull = OwnPull<operator::$op, Self, Paired<W>>;
            #[inline]
            fn $rule(&self, right: &Paired<W>) -> Self::Pull {
                OwnPull(*self, right.clone(), PhantomData)
            }
        }
    )* };
}
linear_rules! {
    AddRule ad_add add;
    SubRule ad_sub sub;
}

impl<V> NegRule for Paired<V>
where
    Self: OverDuals<Of = V> + Clone + 'static,
    V: OwnPullback<operator::neg>,
{
    type Pull = OwnPull<operator::neg, Self, ()>;
    #[inline]
    fn ad_neg(&self) -> Self::Pull {
        OwnPull(self.clone(), (), PhantomData)
    }
}

macro_rules! value_rules {
    ($($Rule:ident $rule:ident $op:ident;)*) => { $(
        impl<V, R> $Rule<R> for Paired<V>
        where
            Self: OverDuals<Of = V>,
            R: OverDuals,
            V: OwnPullback<operator::$op, R::Of>,
        {
            type G = V::G;
            #[inline]
            fn $rule<SA: Put<TangentOf<Self>>, SB: Put<TangentOf<R>>>(
                &self,
                right: &R,
                g: &V::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let (a, b, ()) = back::<operator::$op, _, _, _, _, _, _>(self, right, &(), g);
                (sa.give(|| a), sb.give(|| b))
            }
        }

        impl<T: Real, W> $Rule<Paired<W>> for Dual<T>
        where
            Paired<W>: OverDuals<Of = W>,
            W: Differentiable,
            T: OwnPullback<operator::$op, W>,
        {
            type G = <T as OwnPullback<operator::$op, W>>::G;
            #[inline]
            fn $rule<SA: Put<TangentOf<Self>>, SB: Put<TangentOf<Paired<W>>>>(
                &self,
                right: &Paired<W>,
                g: &Self::G,
                sa: SA,
                sb: SB,
            ) -> (SA::Out, SB::Out) {
                let (a, b, ()) = back::<operator::$op, _, _, _, _, _, _>(self, right, &(), g);
                (sa.give(|| a), sb.give(|| b))
            }
        }
    )* };
}
value_rules! {
    MulRule ad_mul mul;
    DivRule ad_div div;
    RemRule ad_rem rem;
}
