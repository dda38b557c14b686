//! Methods of types of the user's own whose names have a rule.

use super::{OverDuals, OwnPullback, OwnTangent, Paired, along, back};
use crate::differentiable::{Differentiable, TangentOf};
use crate::lift::{Lift, Split};
use crate::put::Put;
use crate::rules::Operand;

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
