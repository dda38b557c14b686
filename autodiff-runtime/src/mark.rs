//! Activity markers: zero-sized values that tell a generated function which of its parameters carry a derivative at a
//! call site.

/// Whether a parameter carries a derivative at one call site.
pub trait Mark: Copy + 'static {
    /// Does it?
    const ON: bool;
    /// The shadow of a by-reference parameter, or nothing if it is inactive here.
    #[inline(always)]
    #[must_use]
    fn get<S: ?Sized>(shadow: Option<&mut S>) -> Option<&mut S> {
        if Self::ON { shadow } else { None }
    }
    /// The cotangent of a by-value parameter, or nothing if it is inactive here.
    #[inline(always)]
    fn ret<S>(cotangent: impl FnOnce() -> S) -> Option<S> {
        if Self::ON { Some(cotangent()) } else { None }
    }
}

/// The parameter carries a derivative.
#[derive(Clone, Copy, Debug, Default)]
pub struct On;

/// The parameter carries none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Off;

impl Mark for On {
    const ON: bool = true;
}

impl Mark for Off {
    const ON: bool = false;
}

/// What is passed is lent: the function may write an active value to it, and whoever lends follows what is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lent;

impl Mark for Lent {
    const ON: bool = true;
}

/// The marker accepted by a parameter passed by `&mut`.
#[diagnostic::on_unimplemented(
    message = "what is written through this mutable reference is not followed",
    label = "the derivative of what is written would be lost",
    note = "pass `&mut` of a variable, of a part of one, or a view of it that is named with `let`"
)]
pub trait Follows: Mark {}

#[diagnostic::do_not_recommend]
impl Follows for Lent {}

/// The markers accepted by a `#[no_diff]` parameter.
#[diagnostic::on_unimplemented(
    message = "an active value is passed to a `#[no_diff]` parameter",
    label = "the derivative would be lost here",
    note = "write `detach(..)` around the argument if that is meant, or remove `#[no_diff]` from the parameter"
)]
pub trait NoDiff: Mark {}

#[diagnostic::do_not_recommend]
impl NoDiff for Off {}
