//! Types of the user's own, which have no form over dual numbers: a value and its tangent stand side by side.
//!
//! An operator and a method on [`Paired`] is the tangent program of the user's operator or method, which the attribute
//! implements as [`OwnTangent`], and of second order as [`OwnPullback`]. A pair of pairs stands for a value over dual numbers
//! of dual numbers, and has the tangent program of the tangent program. The methods are those whose names have a rule; of any
//! other name, generated code calls the tangent program itself.

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

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, Storage};

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

/// A tangent program of an operator or method `F` of the user's own, by receiver and arguments.
///
/// There is one for each level `L`. In that of the user's function, `()`, the types `X`, `Y` and `Z` are `Self`, `A` and
/// `B`; in that of its tangent program, `((),)`, they are the forms of these over dual numbers, and so on.
#[diagnostic::on_unimplemented(
    message = "this operation on `{Self}` has no tangent program, which forward mode and second order need",
    label = "this is differentiated forward",
    note = "write `#[differentiate(forward)]`, or the `order` that this function has, on the `impl` block of the operator \
            or method"
)]
pub trait OwnTangent<F, A = (), B = (), L = (), X = Self, Y = A, Z = B>: Differentiable
where
    X: Differentiable,
    Y: Differentiable,
    Z: Differentiable,
{
    /// The type of the value.
    type Output: Lift;
    /// The value and its tangent along the tangents of receiver and arguments.
    fn ad_along(
        this: &X,
        args: (&Y, &Z),
        dots: (&X::Tangent, &Y::Tangent, &Z::Tangent),
    ) -> (Self::Output, TangentOf<Self::Output>);
}

/// The cotangents of the receiver and of two arguments.
pub type OwnCotangents<V, A, B> = (TangentOf<V>, TangentOf<A>, TangentOf<B>);

/// The derivative of a tangent program of an operator or method.
#[diagnostic::on_unimplemented(
    message = "this operation on `{Self}` has no second derivative",
    label = "this is differentiated twice",
    note = "write the `order` that this function has on the `impl` block of the operator or method, such as \
            `#[differentiate(order = 2)]`"
)]
pub trait OwnPullback<F, A = (), B = (), L = (), X = Self, Y = A, Z = B>:
    OwnTangent<F, A, B, L, X, Y, Z>
where
    X: Differentiable,
    Y: Differentiable,
    Z: Differentiable,
{
    /// The cotangent of the value over dual numbers.
    type G: Tangent + Split<Value = TangentOf<Self::Output>, Tangent = TangentOf<Self::Output>>;
    /// For the cotangents of the value and of its tangent, those of receiver and arguments, and those of their tangents.
    fn ad_back(
        this: &X,
        args: (&Y, &Z),
        dots: (&X::Tangent, &Y::Tangent, &Z::Tangent),
        of_value: TangentOf<Self::Output>,
        of_tangent: TangentOf<Self::Output>,
    ) -> (OwnCotangents<X, Y, Z>, OwnCotangents<X, Y, Z>);
}

/// In curved space the parts of what is over dual numbers are not the tangents that the user's program knows.
struct Flat<A, B, O>(PhantomData<(A, B, O)>);

impl<A: Lift, B: Lift, O: Lift> Flat<A, B, O> {
    const CHECKED: () = assert!(
        A::FLAT && B::FLAT && O::FLAT,
        "an operator that takes or returns a rotation of nalgebra has no derivatives above the second; call a function"
    );
}

/// What is over dual numbers has the programs of what it stands for.
macro_rules! of_the_next_order {
    ($($(#[$attribute:meta])* [$($p:tt)*] $this:ty => $of:ty where [$($w:tt)*];)*) => { $(
        $(#[$attribute])*
        impl<$($p)*, F, A, B, L, X, Y, Z> OwnTangent<F, A, B, L, X, Y, Z> for $this
        where
            Self: Differentiable,
            $($w)*
            A: OverDuals<Of: Lift>,
            B: OverDuals<Of: Lift>,
            X: Differentiable,
            Y: Differentiable,
            Z: Differentiable,
            $of: OwnTangent<F, A::Of, B::Of, (L,), X, Y, Z>,
        {
            type Output = <$of as OwnTangent<F, A::Of, B::Of, (L,), X, Y, Z>>::Output;
            #[inline(always)]
            fn ad_along(
                this: &X,
                args: (&Y, &Z),
                dots: (&X::Tangent, &Y::Tangent, &Z::Tangent),
            ) -> (Self::Output, TangentOf<Self::Output>) {
                let () = Flat::<A::Of, B::Of, Self::Output>::CHECKED;
                <$of>::ad_along(this, args, dots)
            }
        }

        $(#[$attribute])*
        impl<$($p)*, F, A, B, L, X, Y, Z> OwnPullback<F, A, B, L, X, Y, Z> for $this
        where
            Self: Differentiable,
            $($w)*
            A: OverDuals<Of: Lift>,
            B: OverDuals<Of: Lift>,
            X: Differentiable,
            Y: Differentiable,
            Z: Differentiable,
            $of: OwnPullback<F, A::Of, B::Of, (L,), X, Y, Z>,
        {
            type G = <$of as OwnPullback<F, A::Of, B::Of, (L,), X, Y, Z>>::G;
            #[inline(always)]
            fn ad_back(
                this: &X,
                args: (&Y, &Z),
                dots: (&X::Tangent, &Y::Tangent, &Z::Tangent),
                of_value: TangentOf<Self::Output>,
                of_tangent: TangentOf<Self::Output>,
            ) -> (OwnCotangents<X, Y, Z>, OwnCotangents<X, Y, Z>) {
                <$of>::ad_back(this, args, dots, of_value, of_tangent)
            }
        }
    )* };
}
of_the_next_order! {
    [V: Differentiable] Paired<V> => V where [];
    #[diagnostic::do_not_recommend]
    [T: Real] Dual<T> => T where [];
}

/// Of numbers that are known: `Matrix<_>` would be taken for a matrix over dual numbers of dual numbers, without end.
macro_rules! matrices_of_the_next_order {
    ($($t:ty),*) => {
        of_the_next_order! { $(
            #[diagnostic::do_not_recommend]
            [R: Dim, C: Dim, S: Storage<Dual<$t>, R, C>] Matrix<Dual<$t>, R, C, S> => OMatrix<$t, R, C>
                where [DefaultAllocator: Allocator<R, C>,];
        )* }
    };
}
matrices_of_the_next_order!(
    f32,
    Dual<f32>,
    Dual<Dual<f32>>,
    f64,
    Dual<f64>,
    Dual<Dual<f64>>
);

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
    let (value, tangent) = V::ad_along(&this.0, (&a.0, &b.0), (&this.1, &a.1, &b.1));
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
    let (values, tangents) =
        V::ad_back(&v, (&x, &y), (&dot_v, &dot_x, &dot_y), of_value, of_tangent);
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

/// The tangent is that of the pair as it is: it is not turned, whatever the value is made of.
impl<V, T> Lift for Paired<V>
where
    V: Differentiable<Tangent = T, Owned = V> + Clone + 'static,
    T: Tangent + Differentiable<Tangent = T, Owned = T>,
{
    type Lifted = Paired<Self>;
    fn ad_lift(&self, tangent: &Paired<T>) -> Paired<Self> {
        Paired::new(self.clone(), tangent.clone())
    }
    fn ad_constant(&self) -> Paired<Self> {
        Paired::new(self.clone(), Self::ad_zero(&self.ad_shape()))
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

        value_rules! { @ [T: Real] Dual<T> => T where []; $Rule $rule $op }
    )* };
    (@ [$($p:tt)*] $left:ty => $of:ty where [$($w:tt)*]; $Rule:ident $rule:ident $op:ident) => {
        impl<$($p)*, W> $Rule<Paired<W>> for $left
        where
            $($w)*
            $left: OverDuals<Of = $of>,
            Paired<W>: OverDuals<Of = W>,
            W: Differentiable,
            $of: OwnPullback<operator::$op, W>,
        {
            type G = <$of as OwnPullback<operator::$op, W>>::G;
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
    };
}
value_rules! {
    MulRule ad_mul mul;
    DivRule ad_div div;
    RemRule ad_rem rem;
}

// A matrix on the left has the product alone: with more implementations of operators of the standard library, rustc
// no longer knows what `DMatrix::identity(2, 2) * 2.0` is.
value_rules! {
    @ [T: Real, R: Dim, C: Dim, S: Storage<Dual<T>, R, C>] Matrix<Dual<T>, R, C, S> => OMatrix<T, R, C>
    where [DefaultAllocator: Allocator<R, C>,];
    MulRule ad_mul mul
}

impl<T: Real, R: Dim, C: Dim, S, W> Times<Paired<W>> for Matrix<Dual<T>, R, C, S>
where
    DefaultAllocator: Allocator<R, C>,
    S: Storage<Dual<T>, R, C>,
    Self: Split<Value = OMatrix<T, R, C>, Tangent = TangentOf<OMatrix<T, R, C>>>,
    OMatrix<T, R, C>: OwnTangent<operator::mul, W>,
    W: Differentiable + Clone,
{
    type Output = <<OMatrix<T, R, C> as OwnTangent<operator::mul, W>>::Output as Lift>::Lifted;
    #[inline]
    fn ad_times(&self, right: &Paired<W>) -> Self::Output {
        along::<operator::mul, _, _, _, _>(&self.ad_split(), &right.ad_split(), &((), ()))
    }
}
