//! What generated code names. Not public API: it may change in any release.

pub use std::borrow::ToOwned;

pub use crate::bundle;
pub use crate::check::call;
pub use crate::differentiable::{
    Differentiable, Gradient, Ignored, Lit, Part, Peel, Shapeless, TangentOf, Ty, Zero, bind,
    checked, give, inactive, keep, lend, owned, pair, peel, zero_like, zero_of,
};
pub use crate::dual::{Bound, Dual};
pub use crate::elements::{Elements, ElementsMut, Entries, Mapped};
pub use crate::implicit::{
    Factor, Owned, argmin, newton, newton_pullback, newton_pullback as newton_tangent_pullback,
    newton_tangent, root, solution, solution_pullback,
};
pub use crate::lift::*;
pub use crate::mark::{Follows, Lent, Mark, NoDiff, Off, On};
pub use crate::mutation::*;
pub use crate::products::{
    Residuals, along, gauss_newton, grad_and_hessian, hessian, inner, jacobian,
    jacobian_by_columns_or_rows, owned_tangent,
};
pub use crate::put::{Acc, At, AtElement, AtPlace, Fresh, Lazy, Maybe, Put, Skip};
pub use crate::repeat::{Next, iterated, iterated_pullback};
pub use crate::rules::arithmetic::*;
pub use crate::rules::{
    AddRule, DivRule, MulRule, NegRule, Operand, Pull1, Pull2, RemRule, SubRule, SumRule, Val,
};
pub use crate::sparse::{by_columns, by_rows};
pub use crate::stretch::{Buffer, BufferMut, Overwritten, Saved, Stretch, StretchElsewhere};
pub use crate::support::*;
pub use crate::tangent::{Place, Slot, Tangent};
pub use crate::tape::{
    Log, Numbers, Only, Record, Reel, Stack, Tape, Words, light_record, record, word_record,
};
pub use crate::underived::{
    Computed, Fields, HandPart, Harmless, LendPart, MarkPart, Moved, Positions, Underived, Unkept,
    Within, for_part, for_part_pullback, kept, made, mark_of, nothing, other_variant, own_part,
    owned_part, part_tangent, part_tangent_pullback,
};

/// The traits of operations over dual numbers, to be imported in one glob.
pub mod lifted {
    pub use crate::lift::{
        LiftedCholesky, LiftedDeterminant, LiftedPose, LiftedPowf, LiftedPseudoInverse,
        LiftedScaledAxis, LiftedScaledPose, LiftedSvd, LiftedSymmetricEigen,
        LiftedSymmetricEigenvalues, LiftedTryInverse, LiftedTurn,
    };
}

/// The traits of all method rules, to be imported in one glob.
pub mod rules {
    pub use crate::rules::conversion::*;
    pub use crate::rules::elementary::*;
    pub use crate::rules::factorisation::*;
    pub use crate::rules::geometry::*;
    pub use crate::rules::identity::*;
    pub use crate::rules::matrix::*;
    pub use crate::rules::option::*;
    pub use crate::rules::slice::*;
}
