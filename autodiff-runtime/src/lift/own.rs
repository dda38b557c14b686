//! Types of the user's own, which have no form over dual numbers: a value and its tangent stand side by side.
//!
//! An operator and a method on [`Paired`] is the tangent program of the user's operator or method, which the attribute
//! implements as [`OwnTangent`], and of second order as [`OwnPullback`]. The methods are those whose names have a rule;
//! of any other name, generated code calls the tangent program itself.

use core::marker::PhantomData;
use core::ops::{Add, Div, Mul, Neg, Rem, Sub};

use super::{Join, Lift, Split, Times};
use crate::differentiable::{Differentiable, Peel, Real, TangentOf};
use crate::dual::Dual;
use crate::put::Put;
use crate::rules::{AddRule, DivRule, MulRule, NegRule, Operand, Pull1, Pull2, RemRule, SubRule};
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
                along::<operator::$op, _, _, _, _>(&(self.value, self.tangent), &right.ad_split(), &((), ()))
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
                along::<operator::$op, _, _, _, _>(&self.ad_split(), &right.ad_split(), &((), ()))
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

// === methods ===

/// By number of arguments: the name of the method, of what stands for it over dual numbers, and of its rule.
macro_rules! methods {
    (
        $(0: $($name0:ident $lifted0:ident $rule0:ident,)*;)?
        $(1: $($name1:ident $lifted1:ident $rule1:ident,)*;)?
        $(2: $($name2:ident $lifted2:ident $rule2:ident,)*;)?
    ) => {
        names! {
            /// The methods.
            method: $($($name0)*)? $($($name1)*)? $($($name2)*)?
        }

        #[allow(missing_docs, clippy::should_implement_trait, reason = "as the methods of the same name")]
        impl<V: Differentiable + Clone> Paired<V> {
            $($(
                #[inline]
                pub fn $lifted0<L>(&self) -> L
                where
                    V: OwnTangent<method::$name0, Output: Lift<Lifted = L>>,
                {
                    along::<method::$name0, _, _, _, _>(&self.ad_split(), &((), ()), &((), ()))
                }
                #[inline]
                pub fn $rule0<Y, S: Put<TangentOf<Self>>>(
                    &self,
                    (): (),
                    _: Y,
                    g: &V::G,
                    dest: S,
                    (): (),
                ) -> (S::Out, ())
                where
                    Self: OverDuals<Of = V>,
                    V: OwnPullback<method::$name0>,
                {
                    let (this, (), ()) = back::<method::$name0, _, _, _, _, _, _>(self, &(), &(), g);
                    (dest.give(|| this), ())
                }
            )*)?
            $($(
                #[inline]
                pub fn $lifted1<A, L>(&self, a: A) -> L
                where
                    A: Split<Value: Differentiable<Tangent = A::Tangent>>,
                    V: OwnTangent<method::$name1, A::Value, Output: Lift<Lifted = L>>,
                {
                    along::<method::$name1, _, _, _, _>(&self.ad_split(), &a.ad_split(), &((), ()))
                }
                #[inline]
                pub fn $rule1<A, Y, S, P>(
                    &self,
                    (a,): (A,),
                    _: Y,
                    g: &V::G,
                    dest: S,
                    (to_a,): (P,),
                ) -> (S::Out, (P::Out,))
                where
                    A: Operand<V: OverDuals>,
                    S: Put<TangentOf<Self>>,
                    P: Put<TangentOf<A::V>>,
                    Self: OverDuals<Of = V>,
                    V: OwnPullback<method::$name1, <A::V as OverDuals>::Of>,
                {
                    let (this, a, ()) = back::<method::$name1, _, _, _, _, _, _>(self, a.val(), &(), g);
                    (dest.give(|| this), (to_a.give(|| a),))
                }
            )*)?
            $($(
                #[inline]
                pub fn $lifted2<A, B, L>(&self, a: A, b: B) -> L
                where
                    A: Split<Value: Differentiable<Tangent = A::Tangent>>,
                    B: Split<Value: Differentiable<Tangent = B::Tangent>>,
                    V: OwnTangent<method::$name2, A::Value, B::Value, Output: Lift<Lifted = L>>,
                {
                    along::<method::$name2, _, _, _, _>(&self.ad_split(), &a.ad_split(), &b.ad_split())
                }
                #[inline]
                pub fn $rule2<A, B, Y, S, P, Q>(
                    &self,
                    (a, b): (A, B),
                    _: Y,
                    g: &V::G,
                    dest: S,
                    (to_a, to_b): (P, Q),
                ) -> (S::Out, (P::Out, Q::Out))
                where
                    A: Operand<V: OverDuals>,
                    B: Operand<V: OverDuals>,
                    S: Put<TangentOf<Self>>,
                    P: Put<TangentOf<A::V>>,
                    Q: Put<TangentOf<B::V>>,
                    Self: OverDuals<Of = V>,
                    V: OwnPullback<method::$name2, <A::V as OverDuals>::Of, <B::V as OverDuals>::Of>,
                {
                    let (this, a, b) = back::<method::$name2, _, _, _, _, _, _>(self, a.val(), b.val(), g);
                    (dest.give(|| this), (to_a.give(|| a), to_b.give(|| b)))
                }
            )*)?
        }
    };
}
methods! {
    0:
    sin sin ad_sin,
    cos cos ad_cos,
    ln ln ad_ln,
    ln_1p ln_1p ad_ln_1p,
    log2 log2 ad_log2,
    log10 log10 ad_log10,
    asin asin ad_asin,
    acos acos ad_acos,
    atan atan ad_atan,
    sinh sinh ad_sinh,
    cosh cosh ad_cosh,
    asinh asinh ad_asinh,
    acosh acosh ad_acosh,
    atanh atanh ad_atanh,
    abs abs ad_abs,
    to_radians to_radians ad_to_radians,
    to_degrees to_degrees ad_to_degrees,
    fract fract ad_fract,
    exp exp ad_exp,
    sin_cos sin_cos ad_sin_cos,
    transpose transpose ad_transpose,
    norm_squared norm_squared ad_norm_squared,
    sum sum ad_sum,
    mean mean ad_mean,
    trace trace ad_trace,
    row_sum row_sum ad_row_sum,
    row_mean row_mean ad_row_mean,
    column_sum column_sum ad_column_sum,
    column_mean column_mean ad_column_mean,
    diagonal diagonal ad_diagonal,
    amax amax ad_amax,
    amin amin ad_amin,
    xy xy ad_xy,
    xz xz ad_xz,
    yz yz ad_yz,
    yx yx ad_yx,
    zx zx ad_zx,
    zy zy ad_zy,
    xyz xyz ad_xyz,
    norm norm ad_norm,
    normalize normalize ad_normalize,
    cross_matrix cross_matrix ad_cross_matrix,
    adjoint adjoint ad_adjoint,
    conjugate conjugate ad_conjugate,
    variance variance ad_variance,
    row_variance row_variance ad_row_variance,
    column_variance column_variance ad_column_variance,
    product product ad_product,
    one_norm one_norm ad_one_norm,
    magnitude_squared magnitude_squared ad_magnitude_squared,
    camax camax ad_camax,
    camin camin ad_camin,
    upper_triangle upper_triangle ad_upper_triangle,
    lower_triangle lower_triangle ad_lower_triangle,
    symmetric_part symmetric_part ad_symmetric_part,
    hermitian_part hermitian_part ad_hermitian_part,
    magnitude magnitude ad_magnitude,
    to_homogeneous to_homogeneous ad_to_homogeneous,
    l l ad_l,
    u u ad_u,
    ln_determinant ln_determinant ad_ln_determinant,
    inverse inverse ad_inverse,
    determinant ad_lifted_determinant ad_determinant,
    q q ad_q,
    r r ad_r,
    to_matrix to_matrix ad_to_matrix,
    to_rotation_matrix to_rotation_matrix ad_to_rotation_matrix,
    scaled_axis ad_lifted_scaled_axis ad_scaled_axis,
    euler_angles euler_angles ad_euler_angles,
    axis_angle axis_angle ad_axis_angle,
    axis axis ad_axis,
    ;
    1:
    log log ad_log,
    atan2 atan2 ad_atan2,
    powi powi ad_powi,
    max max ad_max,
    min min ad_min,
    copysign copysign ad_copysign,
    rem_euclid rem_euclid ad_rem_euclid,
    powf ad_lifted_powf ad_powf,
    hypot hypot ad_hypot,
    dot dot ad_dot,
    component_mul component_mul ad_component_mul,
    component_div component_div ad_component_div,
    scale scale ad_scale,
    unscale unscale ad_unscale,
    add_scalar add_scalar ad_add_scalar,
    tr_mul tr_mul ad_tr_mul,
    cross cross ad_cross,
    tr_dot tr_dot ad_tr_dot,
    dotc dotc ad_dotc,
    perp perp ad_perp,
    kronecker kronecker ad_kronecker,
    angle angle ad_angle,
    cap_magnitude cap_magnitude ad_cap_magnitude,
    sup sup ad_sup,
    inf inf ad_inf,
    metric_distance metric_distance ad_metric_distance,
    lp_norm lp_norm ad_lp_norm,
    try_normalize try_normalize ad_try_normalize,
    solve solve ad_solve,
    transform_point transform_point ad_transform_point,
    transform_vector transform_vector ad_transform_vector,
    inverse_transform_point inverse_transform_point ad_inverse_transform_point,
    inverse_transform_vector inverse_transform_vector ad_inverse_transform_vector,
    angle_to angle_to ad_angle_to,
    rotation_to rotation_to ad_rotation_to,
    inv_mul inv_mul ad_inv_mul,
    prepend_scaling prepend_scaling ad_prepend_scaling,
    append_scaling append_scaling ad_append_scaling,
    pow pow ad_pow,
    ;
    2:
    clamp clamp ad_clamp,
    mul_add mul_add ad_mul_add,
    lerp lerp ad_lerp,
    slerp slerp ad_slerp,
    nlerp nlerp ad_nlerp,
    ;
}
