//! Small things that generated code asks for: values that may be undefined, payloads, early returns, last resorts.

use core::marker::PhantomData;
use core::ops::ControlFlow;

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix};

use crate::differentiable::{Gradient, Peel, Real};
use crate::elements::Elements;
use crate::tangent::{Place, Tangent};
use crate::tape::{Only, only};

/// The form in which a generated function is given the cotangent of a by-reference parameter.
pub type Shadow<A> = <Gradient<A> as Place>::Shadow;

/// The type `T`. Generated code asks a type of the user's own for the constant `N`; where the type has none, that is one
/// error, and this is the error type, about which nothing more is reported.
pub type Known<T, const N: usize> = <[(); N] as Knows<T>>::Type;

/// See [`Known`].
pub trait Knows<T: ?Sized> {
    /// The type asked about.
    type Type: ?Sized;
}

impl<T: ?Sized> Knows<T> for [(); 0] {
    type Type = T;
}

/// A value without derivative that is saved although it may be a reference: method resolution picks the way that its
/// type allows.
#[derive(Debug)]
pub struct Holder<'a, V: ?Sized>(pub &'a V);

/// The referent of a reference, owned.
#[derive(Clone, Debug)]
pub struct HeldReference<T>(T);

/// The elements of a slice, owned.
#[derive(Clone, Debug)]
pub struct HeldSlice<T>(Vec<T>);

/// A value.
#[derive(Clone, Debug)]
pub struct HeldValue<T>(T);

impl<T> HeldReference<T> {
    /// The reference again.
    #[inline(always)]
    pub fn ad_get(&self) -> &T {
        &self.0
    }
}

impl<T> HeldSlice<T> {
    /// The slice again.
    #[inline(always)]
    #[must_use]
    pub fn ad_get(&self) -> &[T] {
        &self.0
    }
}

impl<T: Clone> HeldValue<T> {
    /// The value again.
    #[inline(always)]
    pub fn ad_get(&self) -> T {
        self.0.clone()
    }
}

/// Holds what a reference refers to.
pub trait HoldReference {
    /// The saved form.
    type Held;
    /// Saves.
    fn ad_hold(&self) -> Self::Held;
}

impl<T: Clone + 'static> HoldReference for Holder<'_, &T> {
    type Held = HeldReference<T>;
    #[inline(always)]
    fn ad_hold(&self) -> HeldReference<T> {
        HeldReference((*self.0).clone())
    }
}

/// Holds the elements of a slice.
pub trait HoldSlice {
    /// The saved form.
    type Held;
    /// Saves.
    fn ad_hold(&self) -> Self::Held;
}

impl<T: Clone + 'static> HoldSlice for Holder<'_, &[T]> {
    type Held = HeldSlice<T>;
    #[inline]
    fn ad_hold(&self) -> HeldSlice<T> {
        HeldSlice(self.0.to_vec())
    }
}

/// Holds a value that is no reference; one step later in the order of method resolution.
pub trait HoldValue {
    /// The saved form.
    type Held;
    /// Saves.
    fn ad_hold(&self) -> Self::Held;
}

impl<T: Clone + 'static> HoldValue for &Holder<'_, T> {
    type Held = HeldValue<T>;
    #[inline(always)]
    fn ad_hold(&self) -> HeldValue<T> {
        HeldValue(self.0.clone())
    }
}

/// How a value is had again that a few operations make: a number is made again, anything else is kept.
#[derive(Clone, Copy, Debug)]
pub struct MadeAgain;

/// The value is kept.
#[derive(Clone, Copy, Debug)]
pub struct KeptAsItIs;

/// What is kept of a number that is made again: its type.
#[derive(Debug)]
pub struct Remade<V>(PhantomData<fn() -> V>);

/// A value that is kept.
#[derive(Clone, Debug)]
pub struct Stored<V>(V);

impl<V> Clone for Remade<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Remade<V> {}

only!([V] Remade<V> = Remade(PhantomData));

impl<V> Only for Stored<V> {}

impl MadeAgain {
    /// Nothing is kept.
    #[inline(always)]
    #[must_use]
    pub fn ad_keep<V>(self, _: V) -> Remade<V> {
        Remade(PhantomData)
    }
}

impl KeptAsItIs {
    /// The value is kept.
    #[inline(always)]
    pub fn ad_keep<V>(self, value: V) -> Stored<V> {
        Stored(value)
    }
}

impl<V> Remade<V> {
    /// The value, made again.
    #[inline(always)]
    pub fn ad_or_again(self, again: impl FnOnce() -> V) -> V {
        again()
    }
}

impl<V> Stored<V> {
    /// The value that was kept.
    #[inline(always)]
    pub fn ad_or_again(self, _: impl FnOnce() -> V) -> V {
        self.0
    }
}

/// Numbers are made again.
pub trait MakeAgain {
    /// How the value is had again.
    #[inline(always)]
    fn ad_way(&self) -> MadeAgain {
        MadeAgain
    }
}

impl<V: Real> MakeAgain for Holder<'_, V> {}

/// Other values are kept; one step later in the order of method resolution.
pub trait KeepAsItIs {
    /// How the value is had again.
    #[inline(always)]
    fn ad_way(&self) -> KeptAsItIs {
        KeptAsItIs
    }
}

impl<V> KeepAsItIs for &Holder<'_, V> {}

/// How many turns a loop over a range makes at most.
#[inline(always)]
pub fn turns<I: Iterator>(range: &I) -> usize {
    range.size_hint().1.unwrap_or(usize::MAX)
}

/// A value that the reverse sweep knows to be there.
///
/// # Panics
/// If it is not, which means that the generated code is wrong.
#[inline(always)]
#[track_caller]
pub fn some<T>(value: Option<T>) -> T {
    value.expect("the forward sweep defined this value")
}

/// A reference to a value that the reverse sweep knows to be there.
///
/// # Panics
/// If it is not, which means that the generated code is wrong.
#[inline(always)]
#[track_caller]
pub fn some_ref<T>(value: &Option<T>) -> &T {
    value
        .as_ref()
        .expect("the forward sweep defined this value")
}

/// A value that the reverse sweep knows to be there, to be written.
///
/// # Panics
/// If it is not, which means that the generated code is wrong.
#[inline(always)]
#[track_caller]
pub fn some_mut<T>(value: &mut Option<T>) -> &mut T {
    value
        .as_mut()
        .expect("the forward sweep defined this value")
}

/// The content of an accumulator, moved out, or a zero.
#[inline(always)]
pub fn take_or<T: Tangent>(slot: &mut T::Slot, zero: impl FnOnce() -> T) -> T {
    crate::tangent::Slot::take(slot).unwrap_or_else(zero)
}

/// `Some` and `Ok` as containers of one value.
pub trait Payload {
    /// The type of the value.
    type Item;
    /// The value.
    fn ad_payload(&self) -> &Self::Item;
}

impl<T> Payload for Option<T> {
    type Item = T;
    #[inline(always)]
    fn ad_payload(&self) -> &T {
        some_ref(self)
    }
}

impl<T, E> Payload for Result<T, E> {
    type Item = T;
    #[inline(always)]
    fn ad_payload(&self) -> &T {
        match self {
            Ok(value) => value,
            Err(_) => unreachable!("the forward sweep took the other branch"),
        }
    }
}

impl<P: Payload> Payload for &P {
    type Item = P::Item;
    #[inline(always)]
    fn ad_payload(&self) -> &P::Item {
        (**self).ad_payload()
    }
}

/// The value inside `Some` or `Ok`.
#[inline(always)]
pub fn payload<P: Payload>(value: &P) -> &P::Item {
    value.ad_payload()
}

/// The value inside `Some` or `Ok`, or the cotangent of it, to be written.
pub trait PayloadMut {
    /// The type of the value.
    type Item;
    /// The value.
    fn ad_payload_mut(&mut self) -> &mut Self::Item;
}

impl<T> PayloadMut for Option<T> {
    type Item = T;
    #[inline(always)]
    fn ad_payload_mut(&mut self) -> &mut T {
        some_mut(self)
    }
}

impl<T, E> PayloadMut for Result<T, E> {
    type Item = T;
    #[inline(always)]
    fn ad_payload_mut(&mut self) -> &mut T {
        match self {
            Ok(value) => value,
            Err(_) => unreachable!("the forward sweep took the other branch"),
        }
    }
}

/// The value inside `Some` or `Ok`, to be written.
#[inline(always)]
pub fn payload_mut<P: PayloadMut>(value: &mut P) -> &mut P::Item {
    value.ad_payload_mut()
}

/// What `?` does, on stable Rust: an `Option` or a `Result` is split into its value and the rest.
pub trait Question {
    /// The value that execution goes on with.
    type Output;
    /// What is returned early.
    type Residual;
    /// Splits.
    fn ad_branch(self) -> ControlFlow<Self::Residual, Self::Output>;
}

/// The early return of `None`.
#[derive(Clone, Copy, Debug)]
pub struct Absent;

/// The early return of an error.
#[derive(Clone, Copy, Debug)]
pub struct Failed<E>(pub E);

impl<T> Question for Option<T> {
    type Output = T;
    type Residual = Absent;
    #[inline(always)]
    fn ad_branch(self) -> ControlFlow<Absent, T> {
        match self {
            Some(value) => ControlFlow::Continue(value),
            None => ControlFlow::Break(Absent),
        }
    }
}

impl<T, E> Question for Result<T, E> {
    type Output = T;
    type Residual = Failed<E>;
    #[inline(always)]
    fn ad_branch(self) -> ControlFlow<Failed<E>, T> {
        match self {
            Ok(value) => ControlFlow::Continue(value),
            Err(error) => ControlFlow::Break(Failed(error)),
        }
    }
}

/// A return type that an early return can be made into.
pub trait FromEarly<R> {
    /// The value returned.
    fn ad_early(residual: R) -> Self;
}

impl<T> FromEarly<Absent> for Option<T> {
    #[inline(always)]
    fn ad_early(_: Absent) -> Self {
        None
    }
}

impl<T, E, F: From<E>> FromEarly<Failed<E>> for Result<T, F> {
    #[inline(always)]
    fn ad_early(residual: Failed<E>) -> Self {
        Err(F::from(residual.0))
    }
}

/// `value?`, as a match.
///
/// # Errors
/// What is returned early.
#[inline(always)]
pub fn branch<Q: Question>(value: Q) -> Result<Q::Output, Q::Residual> {
    match value.ad_branch() {
        ControlFlow::Continue(value) => Ok(value),
        ControlFlow::Break(residual) => Err(residual),
    }
}

/// The value of the function after `?` returned early.
#[inline(always)]
pub fn early<R, O: FromEarly<R>>(residual: R) -> O {
    O::ad_early(residual)
}

/// The start of `iter().sum()`.
#[inline(always)]
#[must_use]
pub fn empty_sum<S: crate::rules::EmptySum>() -> S {
    S::ad_empty_sum()
}

/// The position of an item that must be there.
///
/// # Panics
/// If there are not so many, as `unwrap` of `None` does.
#[inline(always)]
#[must_use]
#[track_caller]
pub fn present(at: usize, count: usize) -> usize {
    (at < count).then_some(at).unwrap()
}

/// The position of the first item for which `f` holds.
///
/// # Panics
/// If there is none, as `unwrap` of `None` does.
#[inline(always)]
#[must_use]
#[track_caller]
pub fn found<I: Iterator>(mut items: I, mut f: impl FnMut(&I::Item) -> bool) -> usize {
    items.position(|it| f(&it)).unwrap()
}

/// Item `at` of a range.
///
/// # Panics
/// If there is none, which means that the generated code is wrong.
#[inline(always)]
pub fn position<I: Iterator>(mut range: I, at: usize) -> I::Item {
    range.nth(at).expect("a position within the count")
}

/// The sum of all elements of the cotangent of `[x; n]`.
///
/// # Panics
/// If there are none, in which case there was no value either.
#[inline]
pub fn total<C: Elements>(elements: &C) -> C::Item
where
    C::Item: Tangent,
{
    let mut sum = elements.ad_at(0).clone();
    for k in 1..elements.ad_count() {
        C::Item::ad_add(sum.ad_place(), elements.ad_at(k));
    }
    sum
}

/// A contribution of the cotangent `g`, and exactly zero for one of exactly zero.
#[inline(always)]
pub fn guarded<T: Real>(g: T, contribution: T) -> T {
    g.ad_guarded(contribution)
}

/// The value of a scalar function: a gradient can be taken of it.
///
/// The parameter makes a bound on a concrete type one that is checked where `grad` is called. There are no
/// supertraits: they would hide what is known about the type from the function that states the bound.
#[diagnostic::on_unimplemented(
    message = "`grad` needs a function that returns one number, this one returns `{Self}`",
    label = "not a scalar function",
    note = "use `vjp`, which takes a cotangent of the value"
)]
pub trait ScalarOutput<N> {}

#[diagnostic::do_not_recommend]
impl<T: Real> ScalarOutput<T> for T {}

/// The seed of a scalar function: one.
#[inline(always)]
pub fn seed_of<O: Peel>(value: &O) -> Gradient<O> {
    let mut seed = crate::differentiable::zero_like(value);
    seed.ad_fill_one();
    seed
}

/// A value that is never made: the other arm of a match decides its type.
///
/// # Panics
/// Always; it stands in an arm that is never taken.
#[must_use]
pub fn never<T>() -> T {
    unreachable!("this arm gives a type, not a value")
}

/// A value of the type of another, that is never made: it stands in an arm that is never taken.
///
/// # Panics
/// Always.
#[must_use]
pub fn like<T>(_: &T) -> T {
    unreachable!("this arm gives a type, not a value")
}

/// A value that owns what it holds, as its type proves.
#[diagnostic::on_unimplemented(
    message = "this holds a mutable view, and what is written through it would not be seen",
    label = "an active value is written through this",
    note = "name the view with `let`, or write the place itself"
)]
pub trait Owns {}

#[diagnostic::do_not_recommend]
impl<T: crate::Differentiable<Owned = T>> Owns for T {}

/// A claim that a value owns what it holds.
#[inline(always)]
pub fn owning<T: Owns>(_: &T) {}

/// A claim that a value without derivative borrows from no variable.
#[inline(always)]
pub fn lasting<T: 'static>(_: &T) {}

/// A function that has a derivative, as its namespace says.
#[diagnostic::on_unimplemented(
    message = "this function is called with an active argument, but it has no derivative",
    label = "this function has no `#[differentiate]`",
    note = "put `#[differentiate]` on the function, or write `detach(..)` around the call if no derivative is wanted",
    note = "if the function is not yours, call it in a function of yours with `#[differentiate(pullback = ..)]`"
)]
pub trait HasDerivative {}

/// The namespace of a function with the attribute.
pub trait Namespace {
    /// The derivatives that it has.
    type Has;
}

/// What stands in for the namespace of a function without the attribute.
#[derive(Debug)]
pub struct NoNamespace;

/// Derivatives of first order, by the reverse sweep alone.
#[derive(Debug)]
pub struct Backward;

/// A tangent program, too.
#[derive(Debug)]
pub struct Forward;

/// Derivatives of all orders up to this one.
#[derive(Debug)]
pub struct Order<const ORDER: u32>;

/// There is a tangent program among them.
pub trait WithTangents {}
impl WithTangents for Forward {}
impl<const ORDER: u32> WithTangents for Order<ORDER> {}

/// Derivatives of an order are among them.
pub trait UpTo<const ORDER: u32> {}
macro_rules! orders {
    ($($has:literal: $($order:literal)*;)*) => { $($(impl UpTo<$order> for Order<$has> {})*)* };
}
orders! {
    2: 2;
    3: 2 3;
    4: 2 3 4;
    5: 2 3 4 5;
}

#[diagnostic::do_not_recommend]
impl<F: Namespace> HasDerivative for F {}
#[diagnostic::do_not_recommend]
impl<F: Namespace<Has: WithTangents>> HasTangentProgram for F {}
#[diagnostic::do_not_recommend]
impl<F: Namespace<Has: UpTo<2>>> HasSecondDerivative for F {}
#[diagnostic::do_not_recommend]
impl<F: Namespace<Has: UpTo<ORDER>>, const ORDER: u32> HasOrder<ORDER> for F {}

/// A claim that a function has a derivative. The claims of all halves of a function are the same, so that rustc reports one.
pub fn derived<F: HasDerivative>() {}

/// A claim that a function has a tangent program.
pub fn derived_forward<F: HasTangentProgram>() {}

/// A claim that a function has second derivatives.
pub fn derived_twice<F: HasSecondDerivative>() {}

/// A claim that a function has derivatives of an order.
pub fn derived_often<F: HasOrder<ORDER>, const ORDER: u32>() {}

/// A function with derivatives of second order. No type implements it: it is what a call of `f::hessian` fails to satisfy
/// where only those of first order have been made.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no second derivatives",
    label = "only first derivatives have been made",
    note = "write `#[differentiate(order = 2)]` on `{Self}`"
)]
pub trait HasHessian<R> {}

/// A function with the option `root`: what a call of `f::root` fails to satisfy without it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `root`",
    label = "where `{Self}` is zero has not been asked for",
    note = "write `#[differentiate(root)]` on `{Self}`"
)]
pub trait HasRoot<R> {}

/// A function with the option `argmin`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `argmin`",
    label = "where `{Self}` is least has not been asked for",
    note = "write `#[differentiate(argmin)]` on `{Self}`"
)]
pub trait HasArgmin<R> {}

/// A function with the option `repeat`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `repeat`",
    label = "many steps of `{Self}` have not been asked for",
    note = "write `#[differentiate(repeat)]` on `{Self}`"
)]
pub trait HasRepeat<R> {}

/// The value of a forward half whose residual is not wanted.
#[inline(always)]
pub fn value_of<V, R>(pair: (V, R)) -> V {
    pair.0
}

/// A real number, whose rounding is a step function.
#[diagnostic::on_unimplemented(
    message = "the rounding of `{Self}` is taken to be a step function, but `{Self}` is not a real number",
    label = "what this method does with the derivative is not known",
    note = "put `#[differentiate]` on a method of another name, or write `detach(..)` if no derivative is wanted"
)]
pub trait Stepped {}

impl<T: Real> Stepped for T {}

/// A receiver whose rounding is a step function, as its type proves.
#[inline(always)]
pub fn stepped<T: Peel>(value: T) -> T
where
    T::V: Stepped,
{
    value
}

/// What a method gives that changes nothing, as the kind of the closure proves.
#[inline(always)]
pub fn reading<R>(method: impl Fn() -> R) -> R {
    method()
}

/// The function `detach`, and no other of that name.
pub trait Detaches {}

/// A value from `detach`, and not from another function of that name.
#[inline(always)]
pub fn detached<D: Detaches, T>(value: T) -> T {
    value
}

/// A function that has a tangent program, as its namespace says.
#[diagnostic::on_unimplemented(
    message = "this function is called in a function with forward mode, but it has no tangent program",
    label = "this function has no `#[differentiate(forward)]`",
    note = "put `#[differentiate(forward)]` on the function, or write `detach(..)` around the call if no derivative is wanted"
)]
pub trait HasTangentProgram {}

/// A function that has second derivatives, as its namespace says.
#[diagnostic::on_unimplemented(
    message = "this function is called in a function of second order, but it has no second derivative",
    label = "this function has no `#[differentiate(order = 2)]`",
    note = "put `#[differentiate(order = 2)]` on the function, or write `detach(..)` around the call if no derivative is wanted"
)]
pub trait HasSecondDerivative {}

/// A function that has derivatives of an order above two, as its namespace says.
#[diagnostic::on_unimplemented(
    message = "this function is called in a function of order {ORDER}, but it has no derivative of that order",
    label = "this function has no `#[differentiate(order = {ORDER})]`",
    note = "put `#[differentiate(order = {ORDER})]` on the function, or write `detach(..)` around the call if no derivative is wanted"
)]
pub trait HasOrder<const ORDER: u32> {}

/// A method with a rule for its receiver. No type implements this, nor what follows: it is what a call without a rule fails
/// to satisfy.
#[diagnostic::on_unimplemented(
    message = "this method of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the method is yours, put `#[differentiate]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasMethodRule<V: ?Sized> {}

/// The same, asked for in forward mode.
#[diagnostic::on_unimplemented(
    message = "this method of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the method is yours, put `#[differentiate(forward)]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasMethodRuleForward<V: ?Sized> {}

/// The same, asked for in a function of second order.
#[diagnostic::on_unimplemented(
    message = "this method of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the method is yours, put `#[differentiate(order = 2)]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasMethodRuleTwice<V: ?Sized> {}

/// An associated function with a derivative.
#[diagnostic::on_unimplemented(
    message = "this function of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the function is yours, put `#[differentiate]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasFunctionRule<V: ?Sized> {}

/// The same, asked for in forward mode.
#[diagnostic::on_unimplemented(
    message = "this function of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the function is yours, put `#[differentiate(forward)]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasFunctionRuleForward<V: ?Sized> {}

/// The same, asked for in a function of second order.
#[diagnostic::on_unimplemented(
    message = "this function of `{V}` has no derivative rule",
    label = "an active value goes in here",
    note = "if the function is yours, put `#[differentiate(order = 2)]` on it; otherwise write the expression with functions that have a rule, or `detach(..)` it if no derivative is wanted"
)]
pub trait HasFunctionRuleTwice<V: ?Sized> {}

/// A method that has a tangent program.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` has no tangent program",
    label = "this method has no `#[differentiate(forward)]`",
    note = "put `#[differentiate(forward)]` on it"
)]
pub trait HasTangentMethod {}

/// A method that has second derivatives.
#[diagnostic::on_unimplemented(
    message = "this method of `{Self}` has no second derivative",
    label = "this method has no `#[differentiate(order = 2)]`",
    note = "put `#[differentiate(order = 2)]` on it"
)]
pub trait HasSecondMethod {}

/// Forward halves of last resort: they fit any function with so many parameters, and are chosen only for a function
/// that has none of its own, which a claim beside the call reports.
#[allow(
    clippy::too_many_arguments,
    reason = "one parameter for each parameter of the function that it stands for"
)]
pub mod fallback {
    use crate::tape::Tape;

    macro_rules! fallback {
        ($($Trait:ident $method:ident $accepts:ident ($($a:ident)*);)*) => { $(
            /// The forward half of a function without derivative.
            pub trait $Trait: Sized {
                /// Accepts any markers; the error is at the forward half.
                #[inline(always)]
                fn $accepts<M>(_: &M) {}
                /// Never runs.
                fn $method<M, $($a,)* Y, R>($(_: $a,)* _: M, _: &mut Tape) -> (Y, R) {
                    unreachable!("no function satisfies the claim")
                }
            }
            impl<T> $Trait for T {}
        )* };
    }
    fallback! {
        Fallback1 __fwd1 __accepts1 (A0);
        Fallback2 __fwd2 __accepts2 (A0 A1);
        Fallback3 __fwd3 __accepts3 (A0 A1 A2);
        Fallback4 __fwd4 __accepts4 (A0 A1 A2 A3);
        Fallback5 __fwd5 __accepts5 (A0 A1 A2 A3 A4);
        Fallback6 __fwd6 __accepts6 (A0 A1 A2 A3 A4 A5);
        Fallback7 __fwd7 __accepts7 (A0 A1 A2 A3 A4 A5 A6);
        Fallback8 __fwd8 __accepts8 (A0 A1 A2 A3 A4 A5 A6 A7);
        Fallback9 __fwd9 __accepts9 (A0 A1 A2 A3 A4 A5 A6 A7 A8);
        Fallback10 __fwd10 __accepts10 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9);
        Fallback11 __fwd11 __accepts11 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        Fallback12 __fwd12 __accepts12 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
    }

    macro_rules! forward {
        ($($Trait:ident $method:ident ($($a:ident)*);)*) => { $(
            /// The tangent program of a function without one.
            pub trait $Trait: Sized {
                /// Never runs.
                fn $method<$($a,)* Y, R>($(_: $a),*) -> (Y, R) {
                    unreachable!("no function satisfies the claim")
                }
            }
            impl<T> $Trait for T {}
        )* };
    }
    forward! {
        Forward1 __jvp1 (A0 A1);
        Forward2 __jvp2 (A0 A1 A2 A3);
        Forward3 __jvp3 (A0 A1 A2 A3 A4 A5);
        Forward4 __jvp4 (A0 A1 A2 A3 A4 A5 A6 A7);
        Forward5 __jvp5 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9);
        Forward6 __jvp6 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        Forward7 __jvp7 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        Forward8 __jvp8 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        Forward9 __jvp9 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17);
        Forward10 __jvp10 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19);
        Forward11 __jvp11 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21);
        Forward12 __jvp12 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23);
    }

    macro_rules! second {
        ($($Trait:ident $method:ident ($($a:ident)*);)*) => { $(
            /// The forward half of the tangent program of a function without one.
            pub trait $Trait: Sized {
                /// Never runs.
                fn $method<M, $($a,)* Y, R>($(_: $a,)* _: M, _: &mut Tape) -> (Y, R) {
                    unreachable!("no function satisfies the claim")
                }
            }
            impl<T> $Trait for T {}
        )* };
    }
    second! {
        Second1 __second2 (A0 A1);
        Second2 __second4 (A0 A1 A2 A3);
        Second3 __second6 (A0 A1 A2 A3 A4 A5);
        Second4 __second8 (A0 A1 A2 A3 A4 A5 A6 A7);
        Second5 __second10 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9);
        Second6 __second12 (A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
    }
}

/// Where the blocks of `stack![..]` begin, row by row, from their dimensions; `None` is a block of zeros.
#[must_use]
pub fn blocks(shapes: &[Option<(usize, usize)>], columns: usize) -> Vec<(usize, usize)> {
    let length = |of: &mut dyn Iterator<Item = Option<usize>>| of.flatten().next().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|j| {
            let column = shapes.iter().skip(j).step_by(columns);
            length(&mut column.map(|it| it.map(|it| it.1)))
        })
        .collect();
    let mut starts = Vec::with_capacity(shapes.len());
    let mut top = 0;
    for row in shapes.chunks(columns.max(1)) {
        let mut left = 0;
        for width in &widths {
            starts.push((top, left));
            left += width;
        }
        top += length(&mut row.iter().map(|it| it.map(|it| it.0)));
    }
    starts
}

/// The cotangent of a block of a stacked matrix, from a zero of its shape.
#[must_use]
pub fn block<T: Real, RG: Dim, CG: Dim, R: Dim, C: Dim>(
    g: &OMatrix<T, RG, CG>,
    (top, left): (usize, usize),
    mut zero: OMatrix<T, R, C>,
) -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<RG, CG> + Allocator<R, C>,
{
    let block = g.view((top, left), zero.shape());
    for (entry, g) in zero.iter_mut().zip(block.iter()) {
        *entry = *g;
    }
    zero
}

/// An array of copies.
#[inline(always)]
pub fn repeated<T: Clone, const N: usize>(item: T) -> [T; N] {
    core::array::from_fn(|_| item.clone())
}

/// A copy.
#[inline(always)]
pub fn copied<T: Clone>(value: &T) -> T {
    value.clone()
}

/// The zero of the shape of a tangent.
pub fn zeroed<T: Tangent>(tangent: &T) -> T {
    let mut zero = tangent.clone();
    zero.ad_map_components(&mut |_| 0.0);
    zero
}

/// `tangent + step · direction`.
pub fn moved<T: Place<Shadow = T> + Tangent>(tangent: &T, direction: &T, step: f64) -> T {
    let (mut moved, mut scaled) = (tangent.clone(), direction.clone());
    scaled.ad_map_components(&mut |c| step * c);
    T::ad_add(&mut moved, &scaled);
    moved
}

/// Two functions that are the same one, which have one type.
#[inline(always)]
pub fn same<F>(_: F, _: F) {}
