//! The vector spaces in which derivatives live.
//!
//! A [`Tangent`] is an owned element of such a space: `f64` for an `f64`, `Vec<f64>` for a slice, the owned matrix for
//! a matrix or a view of one, `()` for an integer. Every method name is reserved (`ad_*`), because [`Real`]
//! has these traits as supertraits and a method called `zero` here would make a user's `T::zero()` ambiguous.

use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix};

use crate::differentiable::Real;

/// Something that holds a tangent and can be accumulated into: a tangent itself, a slice of tangents, a `&mut` of
/// either.
pub trait Place {
    /// The place form of the tangent: `[T]` for `Vec<T>`, otherwise the tangent itself.
    type Shadow: ?Sized;
    /// The place, to be written.
    fn ad_place(&mut self) -> &mut Self::Shadow;
}

/// An owned element of a vector space of derivatives.
pub trait Tangent: Clone + Place + 'static {
    /// The accumulator used across branches and loops; see [`Slot`].
    type Slot: Slot<Self>;
    /// `shadow += other`.
    fn ad_add(shadow: &mut Self::Shadow, other: &Self);
    /// `shadow = 0`, keeping its shape.
    fn ad_clear(shadow: &mut Self::Shadow);
    /// An owned copy of what a place holds.
    fn ad_copy(shadow: &Self::Shadow) -> Self;
    /// Calls `f` with each component, in storage order.
    fn ad_components(&self, f: &mut dyn FnMut(f64));
    /// Replaces each component `c` by `f(c)`, in storage order.
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64);
    /// Replaces each number by 1; a dual number by 1 without infinitesimal part.
    fn ad_fill_one(&mut self) {
        self.ad_map_components(&mut |_| 1.0);
    }
}

/// An accumulator whose first contribution may be still to come.
///
/// For scalars it is the plain number, starting at zero, so that a loop carries no flag; for everything whose zero
/// needs a shape it is an `Option`, where `None` is an exact zero.
pub trait Slot<T>: Clone + Default {
    /// Moves the content out and leaves zero; `None` if the content is known to be an exact zero.
    fn take(&mut self) -> Option<T>;
    /// The content, or `None` if it is known to be an exact zero.
    fn get(&self) -> Option<&T>;
    /// Moves the first contribution in, or accumulates a later one.
    fn put(&mut self, fresh: impl FnOnce() -> T, into: impl FnOnce(&mut T));
    /// The content, made from `zero` if there is none yet.
    fn or_zero(&mut self, zero: impl FnOnce() -> T) -> &mut T;
}

/// The slot of a type whose zero needs no shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain<T>(pub T);

impl<T: Clone + Default> Slot<T> for Plain<T> {
    #[inline(always)]
    fn take(&mut self) -> Option<T> {
        Some(core::mem::take(&mut self.0))
    }
    #[inline(always)]
    fn get(&self) -> Option<&T> {
        Some(&self.0)
    }
    #[inline(always)]
    fn put(&mut self, _: impl FnOnce() -> T, into: impl FnOnce(&mut T)) {
        into(&mut self.0);
    }
    #[inline(always)]
    fn or_zero(&mut self, _: impl FnOnce() -> T) -> &mut T {
        &mut self.0
    }
}

impl<T: Clone> Slot<T> for Option<T> {
    #[inline]
    fn take(&mut self) -> Option<T> {
        Option::take(self)
    }
    #[inline]
    fn get(&self) -> Option<&T> {
        self.as_ref()
    }
    #[inline]
    fn put(&mut self, fresh: impl FnOnce() -> T, into: impl FnOnce(&mut T)) {
        match self {
            Some(sum) => into(sum),
            None => *self = Some(fresh()),
        }
    }
    #[inline]
    fn or_zero(&mut self, zero: impl FnOnce() -> T) -> &mut T {
        self.get_or_insert_with(zero)
    }
}

impl<P: Place + ?Sized> Place for &mut P {
    type Shadow = P::Shadow;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut P::Shadow {
        (**self).ad_place()
    }
}

impl Place for () {
    type Shadow = ();
    #[inline(always)]
    fn ad_place(&mut self) -> &mut () {
        self
    }
}

impl Tangent for () {
    type Slot = Plain<()>;
    #[inline(always)]
    fn ad_add((): &mut (), (): &()) {}
    #[inline(always)]
    fn ad_clear((): &mut ()) {}
    #[inline(always)]
    fn ad_copy((): &()) {}
    #[inline(always)]
    fn ad_components(&self, _: &mut dyn FnMut(f64)) {}
    #[inline(always)]
    fn ad_map_components(&mut self, _: &mut dyn FnMut(f64) -> f64) {}
}

macro_rules! scalar_tangent {
    ($($t:ident)*) => { $(
        impl Place for $t {
            type Shadow = $t;
            #[inline(always)]
            fn ad_place(&mut self) -> &mut $t {
                self
            }
        }
        impl Tangent for $t {
            type Slot = Plain<$t>;
            #[inline(always)]
            fn ad_add(shadow: &mut $t, other: &$t) {
                *shadow += *other;
            }
            #[inline(always)]
            fn ad_clear(shadow: &mut $t) {
                *shadow = 0.0;
            }
            #[inline(always)]
            fn ad_copy(shadow: &$t) -> $t {
                *shadow
            }
            #[inline(always)]
            fn ad_components(&self, f: &mut dyn FnMut(f64)) {
                f(f64::from(*self));
            }
            #[allow(clippy::cast_possible_truncation, reason = "the component type is what the user chose")]
            #[inline(always)]
            fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
                *self = f(f64::from(*self)) as $t;
            }
        }
    )* };
}
scalar_tangent!(f32 f64);

impl<T: Tangent> Place for [T] {
    type Shadow = [T];
    #[inline(always)]
    fn ad_place(&mut self) -> &mut [T] {
        self
    }
}

impl<T: Tangent> Place for Vec<T> {
    type Shadow = [T];
    #[inline(always)]
    fn ad_place(&mut self) -> &mut [T] {
        self
    }
}

fn add_slice<T: Tangent>(shadow: &mut [T], other: &[T]) {
    assert_eq!(shadow.len(), other.len(), "cotangents of different lengths");
    for (sum, term) in shadow.iter_mut().zip(other) {
        T::ad_add(sum.ad_place(), term);
    }
}

impl<T: Tangent> Tangent for Vec<T> {
    type Slot = Option<Vec<T>>;
    fn ad_add(shadow: &mut [T], other: &Self) {
        add_slice(shadow, other);
    }
    fn ad_clear(shadow: &mut [T]) {
        for it in shadow {
            T::ad_clear(it.ad_place());
        }
    }
    fn ad_copy(shadow: &[T]) -> Self {
        shadow.to_vec()
    }
    #[inline(always)]
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        for it in self {
            it.ad_components(f);
        }
    }
    #[inline(always)]
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        for it in self {
            it.ad_map_components(f);
        }
    }
}

impl<T: Tangent, const N: usize> Place for [T; N] {
    type Shadow = [T; N];
    #[inline(always)]
    fn ad_place(&mut self) -> &mut [T; N] {
        self
    }
}

impl<T: Tangent, const N: usize> Tangent for [T; N] {
    type Slot = Option<[T; N]>;
    #[inline]
    fn ad_add(shadow: &mut [T; N], other: &Self) {
        add_slice(shadow, other);
    }
    #[inline]
    fn ad_clear(shadow: &mut [T; N]) {
        for it in shadow {
            T::ad_clear(it.ad_place());
        }
    }
    #[inline]
    fn ad_copy(shadow: &[T; N]) -> Self {
        shadow.clone()
    }
    #[inline(always)]
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        for it in self {
            it.ad_components(f);
        }
    }
    #[inline(always)]
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        for it in self {
            it.ad_map_components(f);
        }
    }
}

impl<T: Tangent> Place for Option<T> {
    type Shadow = Option<T>;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Option<T> {
        self
    }
}

impl<T: Tangent> Tangent for Option<T> {
    type Slot = Option<Option<T>>;
    #[inline]
    fn ad_add(shadow: &mut Option<T>, other: &Self) {
        match (shadow, other) {
            (Some(sum), Some(term)) => T::ad_add(sum.ad_place(), term),
            (shadow @ None, Some(term)) => *shadow = Some(term.clone()),
            (_, None) => {}
        }
    }
    #[inline]
    fn ad_clear(shadow: &mut Option<T>) {
        if let Some(it) = shadow {
            T::ad_clear(it.ad_place());
        }
    }
    #[inline]
    fn ad_copy(shadow: &Option<T>) -> Self {
        shadow.clone()
    }
    #[inline(always)]
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        if let Some(it) = self {
            it.ad_components(f);
        }
    }
    #[inline(always)]
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        if let Some(it) = self {
            it.ad_map_components(f);
        }
    }
}

impl<T: Tangent> Place for Box<T> {
    type Shadow = T::Shadow;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut T::Shadow {
        (**self).ad_place()
    }
}

impl<T: Tangent> Tangent for Box<T> {
    type Slot = Option<Box<T>>;
    #[inline]
    fn ad_add(shadow: &mut T::Shadow, other: &Self) {
        T::ad_add(shadow, other);
    }
    #[inline]
    fn ad_clear(shadow: &mut T::Shadow) {
        T::ad_clear(shadow);
    }
    #[inline]
    fn ad_copy(shadow: &T::Shadow) -> Self {
        Box::new(T::ad_copy(shadow))
    }
    #[inline(always)]
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        (**self).ad_components(f);
    }
    #[inline(always)]
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        (**self).ad_map_components(f);
    }
}

macro_rules! tuple_tangent {
    ($($t:ident $i:tt),+) => {
        impl<$($t: Tangent),+> Place for ($($t,)+) {
            type Shadow = ($($t,)+);
            #[inline(always)]
            fn ad_place(&mut self) -> &mut Self {
                self
            }
        }
        impl<$($t: Tangent),+> Tangent for ($($t,)+) {
            type Slot = Option<Self>;
            #[inline]
            fn ad_add(shadow: &mut Self, other: &Self) {
                $( $t::ad_add(shadow.$i.ad_place(), &other.$i); )+
            }
            #[inline]
            fn ad_clear(shadow: &mut Self) {
                $( $t::ad_clear(shadow.$i.ad_place()); )+
            }
            #[inline]
            fn ad_copy(shadow: &Self) -> Self {
                shadow.clone()
            }
            #[inline(always)]
            fn ad_components(&self, f: &mut dyn FnMut(f64)) {
                $( self.$i.ad_components(f); )+
            }
            #[inline(always)]
            fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
                $( self.$i.ad_map_components(f); )+
            }
        }
    };
}
tuple_tangent!(A 0);
tuple_tangent!(A 0, B 1);
tuple_tangent!(A 0, B 1, C 2);
tuple_tangent!(A 0, B 1, C 2, D 3);
tuple_tangent!(A 0, B 1, C 2, D 3, E 4);
tuple_tangent!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple_tangent!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple_tangent!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

impl<T: Real, R: Dim, C: Dim> Place for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Shadow = Self;
    #[inline(always)]
    fn ad_place(&mut self) -> &mut Self {
        self
    }
}

impl<T: Real, R: Dim, C: Dim> Tangent for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Slot = Option<Self>;
    #[inline]
    fn ad_add(shadow: &mut Self, other: &Self) {
        assert_eq!(
            shadow.shape(),
            other.shape(),
            "cotangents of different shapes"
        );
        for (sum, term) in shadow.as_mut_slice().iter_mut().zip(other.as_slice()) {
            *sum += *term;
        }
    }
    #[inline]
    fn ad_clear(shadow: &mut Self) {
        shadow.fill(T::zero());
    }
    #[inline]
    fn ad_copy(shadow: &Self) -> Self {
        shadow.clone()
    }
    #[inline(always)]
    fn ad_components(&self, f: &mut dyn FnMut(f64)) {
        for it in self.as_slice() {
            it.ad_components(f);
        }
    }
    #[inline(always)]
    fn ad_map_components(&mut self, f: &mut dyn FnMut(f64) -> f64) {
        for it in self.as_mut_slice() {
            it.ad_map_components(f);
        }
    }
}

/// The inner product `⟨a, b⟩` of two tangents of one shape.
///
/// # Panics
/// If the tangents have different numbers of components.
pub fn dot<T: Tangent>(a: &T, b: &T) -> f64 {
    let (left, right) = (components(a), components(b));
    assert_eq!(left.len(), right.len(), "tangents of different shapes");
    left.iter().zip(&right).map(|(l, r)| l * r).sum()
}

/// `sum += term`, for the sum of several gradients.
///
/// # Panics
/// If the tangents have different shapes.
#[inline]
pub fn add<T: Tangent>(sum: &mut T, term: &T) {
    T::ad_add(sum.ad_place(), term);
}

/// `tangent *= factor`, for means and for the decay of a momentum.
///
/// ```
/// use differentiate::tangent::{add, scale};
///
/// let mut velocity = (1.0, vec![2.0, 4.0]);
/// scale(&mut velocity, 0.5);
/// add(&mut velocity, &(1.0, vec![0.0, 1.0]));
/// assert_eq!(velocity, (1.5, vec![1.0, 3.0]));
/// ```
#[inline]
pub fn scale<T: Tangent>(tangent: &mut T, factor: f64) {
    tangent.ad_map_components(&mut |c| factor * c);
}

/// The components of a tangent, in the order of the columns of `foo::jacobian` and `foo::hessian`: parameters and fields
/// in order, matrices column by column.
pub fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut components = Vec::new();
    tangent.ad_components(&mut |c| components.push(c));
    components
}

/// The tangent of the shape of `like` with these components: the way back from the solution of a linear system to a step
/// of several parameters.
///
/// ```
/// use differentiate::tangent::{components, with_components};
///
/// let gradient = (1.0, vec![2.0, 3.0]);
/// let halved: Vec<f64> = components(&gradient).iter().map(|c| c / 2.0).collect();
/// assert_eq!(with_components(&gradient, &halved), (0.5, vec![1.0, 1.5]));
/// ```
///
/// # Panics
/// If `like` has another number of components.
pub fn with_components<T: Tangent>(like: &T, components: &[f64]) -> T {
    assert_eq!(
        components.len(),
        crate::products::count(like),
        "components of a tangent of another shape"
    );
    let (mut tangent, mut next) = (like.clone(), components.iter());
    tangent.ad_map_components(&mut |_| next.next().copied().unwrap_or_default());
    tangent
}
