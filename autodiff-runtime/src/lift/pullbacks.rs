//! The pullbacks of what tangent programs call, for derivatives of tangent programs.
//!
//! The cotangent of a number `v + d ε` is kept as `g + g' ε`, where `g` belongs to `d` and `g'` to `v`, so that a pullback
//! over dual numbers is the transpose of the tangent; see the [parent](super). Each function takes the operands, the
//! value and the cotangent, and returns a cotangent for each operand.

use core::any::Any;

use super::{Lift, Split};
use crate::differentiable::Differentiable;
use crate::elements::{Elements, ElementsMut};
use crate::mutation::CastTangent;
use crate::tangent::{Place, Tangent};
use crate::underived::as_type;

/// The cotangent of a number or a container.
type Of<T> = <T as Differentiable>::Tangent;

/// The pullback of [`lift`](super::lift). A tangent that is `()` has the cotangent `()`.
pub fn lift_pullback<A, D, Y: ?Sized>(
    _: &A,
    tangent: &D,
    _: &Y,
    g: &Of<A::Lifted>,
) -> (A::Tangent, D::Tangent)
where
    A: Lift + ?Sized,
    D: Differentiable + ?Sized,
    A::Lifted: Differentiable,
    Of<A::Lifted>: Split<Value = A::Tangent, Tangent = A::Tangent>,
{
    let (of_tangent, mut of_value) = g.ad_split();
    if !A::FLAT {
        let tangent: &dyn Any = &tangent.ad_owned();
        if let Some(tangent) = tangent.downcast_ref::<A::Tangent>() {
            A::ad_bracket(tangent, &of_tangent, &mut of_value);
        }
    }
    let of_tangent = as_type(of_tangent).unwrap_or_else(|| D::ad_zero(&tangent.ad_shape()));
    (of_value, of_tangent)
}

/// What [`split`](super::split) and [`tangent`](super::tangent) are pulled back through.
pub trait Join {
    /// The type of the tangent.
    type Part: Clone;
    /// The type of the cotangent of the value over dual numbers.
    type Joined;
    /// A zero tangent in the shape of this one.
    fn ad_zero_part(like: &Self::Part) -> Self::Part;
    /// The cotangent of a value over dual numbers, of which the value has a cotangent and the tangent has one.
    fn ad_join(&self, of_value: Self::Part, of_tangent: &Self::Part) -> Self::Joined;
}

impl<S, V, T> Join for S
where
    S: Split<Value = V, Tangent = T> + ?Sized,
    V: Lift + Differentiable<Tangent = T>,
    T: Tangent + Lift + Differentiable<Tangent = T>,
{
    type Part = T;
    type Joined = T::Lifted;
    fn ad_zero_part(like: &T) -> T {
        T::ad_zero(&like.ad_shape())
    }
    fn ad_join(&self, mut of_value: T, of_tangent: &T) -> T::Lifted {
        let mut turned = Self::ad_zero_part(of_tangent);
        V::ad_bracket(&self.ad_split().1, of_tangent, &mut turned);
        turned.ad_map_components(&mut |c| -c);
        T::ad_add(of_value.ad_place(), &turned);
        of_tangent.ad_lift(&of_value)
    }
}

/// The pullback of [`tangent`](super::tangent).
pub fn tangent_pullback<S: Join + ?Sized, Y: ?Sized>(value: &S, _: &Y, g: &S::Part) -> S::Joined {
    value.ad_join(S::ad_zero_part(g), g)
}

/// The pullback of [`split`](super::split).
pub fn split_pullback<S: Join + ?Sized, Y: ?Sized>(
    value: &S,
    _: &Y,
    g: &(S::Part, S::Part),
) -> S::Joined {
    value.ad_join(g.0.clone(), &g.1)
}

/// The pullback of [`with_frame`](super::with_frame): `⟨g, ψ × φ⟩` is `⟨φ × g, ψ⟩` and `⟨g × ψ, φ⟩`.
pub fn with_frame_pullback<A, X, P, D, Y: ?Sized>(
    value: &A,
    _: &X,
    of_value: &P,
    tangent: &D,
    _: &Y,
    g: &X::Tangent,
) -> (A::Tangent, X::Tangent, P::Tangent, D::Tangent)
where
    A: Lift + ?Sized,
    X: Differentiable + ?Sized,
    P: Differentiable + ?Sized,
    D: Differentiable + ?Sized,
{
    fn add_bracket<A: Lift + ?Sized>(a: &A::Tangent, b: &A::Tangent, to: &mut dyn Any) {
        if let Some(to) = to.downcast_mut() {
            A::ad_bracket(a, b, to);
        }
    }
    let mut to_value = P::ad_zero(&of_value.ad_shape());
    let mut to_tangent = D::ad_zero(&tangent.ad_shape());
    if !A::FLAT
        && let Some(g) = as_type(g.clone())
        && let Some(of_value) = as_type(of_value.ad_owned())
        && let Some(tangent) = as_type(tangent.ad_owned())
    {
        add_bracket::<A>(&tangent, &g, &mut to_value);
        add_bracket::<A>(&g, &of_value, &mut to_tangent);
    }
    (
        A::ad_zero(&value.ad_shape()),
        g.clone(),
        to_value,
        to_tangent,
    )
}

/// The pullback of [`copied`](crate::support::copied).
pub fn copied_pullback<A: Differentiable + ?Sized, Y: ?Sized, G: Tangent>(
    _: &A,
    _: &Y,
    g: &G,
) -> G {
    g.clone()
}

/// The pullback of [`repeated`](crate::support::repeated).
pub fn repeated_pullback<A: Differentiable, Y: ?Sized, const N: usize>(
    item: &A,
    _: &Y,
    g: &[A::Tangent; N],
) -> A::Tangent {
    let mut sum = A::ad_zero(&item.ad_shape());
    for part in g {
        A::Tangent::ad_add(sum.ad_place(), part);
    }
    sum
}

/// The pullback of [`cast_tangent`](crate::mutation::cast_tangent).
pub fn cast_tangent_pullback<S: Differentiable, T, G: CastTangent<S::Tangent> + Copy>(
    _: &S,
    _: &T,
    g: &G,
) -> S::Tangent {
    g.ad_cast()
}

/// The pullback of [`gathered`](super::gathered).
pub fn gathered_pullback<V: Differentiable + ?Sized, D: Clone, Y: ?Sized>(
    value: &V,
    elements: &[D],
    _: &Y,
    g: &V::Tangent,
) -> (V::Tangent, Vec<D>)
where
    V::Tangent: ElementsMut<Item = D>,
{
    let mut parts = Vec::with_capacity(elements.len());
    g.ad_each(|it| {
        if parts.len() < elements.len() {
            parts.push(it.clone());
        }
    });
    (V::ad_zero(&value.ad_shape()), parts)
}
