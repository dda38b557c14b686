//! Methods that act on every entry by itself.

use nalgebra::allocator::{Allocator, SameShapeC, SameShapeR};
use nalgebra::constraint::{SameNumberOfColumns, SameNumberOfRows, ShapeConstraint};
use nalgebra::{DefaultAllocator, Dim, Matrix, OMatrix, RawStorage};

use super::{put_copy, put_entries, put_map, put_scalar, put_zip, sign};
use crate::differentiable::Real;
use crate::put::Put;
use crate::rules::elementary::AbsRule;
use crate::rules::{DivRule, MulRule, Operand, method_rule};

method_rule! {
    /// `a ∘ b`, entry by entry: `ā += g ∘ b`, `b̄ += g ∘ a`.
    ///
    /// Keeps the receiver and the argument.
    ComponentMulRule ad_component_mul;
    /// `a / b`, entry by entry: `ā += g / b`, `b̄ -= g a / b²`. Undefined where an entry of `b` is 0; a cotangent of
    /// zero contributes zero there.
    ///
    /// Keeps the receiver and the argument.
    ComponentDivRule ad_component_div;
    /// `s A`: the rule of the product.
    ///
    /// Keeps the receiver and the argument.
    ScaleRule ad_scale;
    /// `A / s`: the rule of the quotient.
    ///
    /// Keeps the receiver and the argument.
    UnscaleRule ad_unscale;
    /// `A + s`, every entry: `Ā += G`, `s̄ += Σ G`.
    ///
    /// Keeps the receiver and the argument, and reads neither.
    AddScalarRule ad_add_scalar;
    /// `a (1 - t) + b t`: `ā += (1 - t) g`, `b̄ += t g`, `t̄ += ⟨g, b - a⟩`.
    ///
    /// Keeps the receiver and the arguments.
    LerpRule ad_lerp;
}

/// `|x|`, entry by entry: `x̄ += g sign(x)`; 0 at 0.
impl<T: Real, R: Dim, C: Dim, S0: RawStorage<T, R, C>> AbsRule<(), (), ()> for Matrix<T, R, C, S0>
where
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    type Outs = ();
    #[inline]
    fn ad_abs<S: Put<OMatrix<T, R, C>>>(
        &self,
        (): (),
        (): (),
        g: &Self::G,
        dest: S,
        (): (),
    ) -> (S::Out, ()) {
        (put_zip(g, self, dest, |g, x| g * sign(x)), ())
    }
}

macro_rules! componentwise {
    ($Rule:ident $method:ident |$a:ident, $b:ident, $g:ident| $to_a:expr, $to_b:expr) => {
        impl<T: Real, R: Dim, C: Dim, S0, R2: Dim, C2: Dim, S2, B, SB> $Rule<(B,), (), (SB,)>
            for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            S2: RawStorage<T, R2, C2>,
            B: Operand<V = Matrix<T, R2, C2, S2>>,
            SB: Put<OMatrix<T, R2, C2>>,
            ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
            DefaultAllocator: Allocator<R, C>
                + Allocator<R2, C2>
                + Allocator<SameShapeR<R, R2>, SameShapeC<C, C2>>,
        {
            type G = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;
            type Outs = (SB::Out,);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (b,): (B,),
                (): (),
                $g: &Self::G,
                dest: S,
                (db,): (SB,),
            ) -> (S::Out, (SB::Out,)) {
                let ($a, $b) = (self, b.val());
                ($to_a(dest), ($to_b(db),))
            }
        }
    };
}
componentwise!(ComponentMulRule ad_component_mul |a, b, g|
    |dest| put_zip(g, b, dest, |g, b| g * b),
    |dest| put_zip(g, a, dest, |g, a| g * a)
);
componentwise!(ComponentDivRule ad_component_div |a, b, g|
    |dest| put_zip(g, b, dest, quotient),
    |dest| put_entries(b.shape_generic(), dest, |i, j| {
        let b = b[(i, j)];
        let g = g[(i, j)];
        if g.is_zero() { g } else { -(g / b) * (a[(i, j)] / b) }
    })
);

/// `g / x`, and exactly zero for a cotangent of exactly zero.
#[inline]
pub(super) fn quotient<T: Real>(g: T, x: T) -> T {
    if g.is_zero() { g } else { g / x }
}

macro_rules! by_operator {
    ($Rule:ident $method:ident $Operator:ident $operator:ident) => {
        impl<T: Real, R: Dim, C: Dim, S0, B: Operand<V = T>, SB: Put<T>> $Rule<(B,), (), (SB,)>
            for Matrix<T, R, C, S0>
        where
            S0: RawStorage<T, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type G = OMatrix<T, R, C>;
            type Outs = (SB::Out,);
            #[inline]
            fn $method<S: Put<OMatrix<T, R, C>>>(
                &self,
                (s,): (B,),
                (): (),
                g: &Self::G,
                dest: S,
                (ds,): (SB,),
            ) -> (S::Out, (SB::Out,)) {
                let (to_self, to_s) = $Operator::$operator(self, s.val(), g, dest, ds);
                (to_self, (to_s,))
            }
        }
    };
}
by_operator!(ScaleRule ad_scale MulRule ad_mul);
by_operator!(UnscaleRule ad_unscale DivRule ad_div);

impl<T: Real, R: Dim, C: Dim, S0, B: Operand<V = T>, SB: Put<T>> AddScalarRule<(B,), (), (SB,)>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    type Outs = (SB::Out,);
    #[inline]
    fn ad_add_scalar<S: Put<OMatrix<T, R, C>>>(
        &self,
        _: (B,),
        (): (),
        g: &Self::G,
        dest: S,
        (ds,): (SB,),
    ) -> (S::Out, (SB::Out,)) {
        (put_copy(g, dest), (put_scalar(ds, || g.sum()),))
    }
}

impl<T: Real, R: Dim, C: Dim, S0, S2, B, W, SB, SW> LerpRule<(B, W), (), (SB, SW)>
    for Matrix<T, R, C, S0>
where
    S0: RawStorage<T, R, C>,
    S2: RawStorage<T, R, C>,
    B: Operand<V = Matrix<T, R, C, S2>>,
    W: Operand<V = T>,
    SB: Put<OMatrix<T, R, C>>,
    SW: Put<T>,
    DefaultAllocator: Allocator<R, C>,
{
    type G = OMatrix<T, R, C>;
    type Outs = (SB::Out, SW::Out);
    #[inline]
    fn ad_lerp<S: Put<OMatrix<T, R, C>>>(
        &self,
        (b, t): (B, W),
        (): (),
        g: &Self::G,
        dest: S,
        (db, dt): (SB, SW),
    ) -> (S::Out, (SB::Out, SW::Out)) {
        let (b, t) = (b.val(), *t.val());
        let rest = T::one() - t;
        (
            put_map(g, dest, |g| g * rest),
            (
                put_map(g, db, |g| g * t),
                put_scalar(dt, || g.dot(b) - g.dot(self)),
            ),
        )
    }
}
