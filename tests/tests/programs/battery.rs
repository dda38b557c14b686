//! What is demanded of every program: one call runs it all.
//!
//! [`battery!`] takes a call of a differentiated function and the point at which it is made; in the arguments the names
//! of the point stand for references. It demands that
//!
//! - the value is, bit for bit, the one of the plain function, from `value_and_grad`, `vjp` and `adjoint`;
//! - `grad`, `value_and_grad`, the pullback of 1 and `adjoint` into zeros give the same gradient;
//! - `adjoint` accumulates, and the pullback of 2 is exactly twice the pullback of 1;
//! - the pullback is the transpose of the differences of the function, and repeatable ([`check::pullback`]);
//! - the inputs are what they were.
//!
//! With the environment variable `DIFFERENTIATE_BITS`, values and gradients are printed bit by bit: debug and release
//! builds must print the same.
//!
//! [`kink!`] is the same without differences, for points where they have no meaning, and [`pullback!`] the part that
//! applies to a function with any value.

use differentiate::check;
use differentiate::differentiable::TangentOf;
use differentiate::{Differentiable, Real, Tangent};

/// The value and the gradient that all the interfaces agreed on.
#[derive(Clone, Debug)]
pub(crate) struct Outcome<Y, G> {
    pub(crate) value: Y,
    pub(crate) gradient: G,
}

impl<Y: Tangent, G: Tangent> Outcome<Y, G> {
    /// Compares with known numbers, to 1e-10.
    #[track_caller]
    pub(crate) fn is(&self, value: impl Into<Y>, gradient: impl Into<G>) -> &Self {
        close("value", &self.value, &value.into(), 1e-10);
        self.gradient_is(gradient)
    }

    /// Compares the gradient alone.
    #[track_caller]
    pub(crate) fn gradient_is(&self, gradient: impl Into<G>) -> &Self {
        close("gradient", &self.gradient, &gradient.into(), 1e-10);
        self
    }
}

/// A value and its pullback, which passed the battery.
pub(crate) struct Pullback<Y, P> {
    pub(crate) value: Y,
    pub(crate) pull: P,
}

impl<Y: Tangent, P> Pullback<Y, P> {
    /// Compares the value with known numbers.
    #[track_caller]
    pub(crate) fn is(&self, value: impl Into<Y>) -> &Self {
        close("value", &self.value, &value.into(), 1e-10);
        self
    }

    /// Compares the pullback of `seed` with known numbers.
    #[track_caller]
    pub(crate) fn maps<G: Tangent>(&self, seed: Y, gradient: G) -> &Self
    where
        P: Fn(Y) -> G,
    {
        close("pullback", &(self.pull)(seed), &gradient, 1e-10);
        self
    }
}

/// Runs the battery on the interfaces of a scalar function, each as a function of the point.
#[track_caller]
pub(crate) fn run_scalar<'a, X, Y, P>(
    at: &'a X,
    smooth: bool,
    primal: impl Fn(&X) -> Y,
    value_and_grad: impl Fn(&'a X) -> (Y, TangentOf<X>),
    grad: impl Fn(&'a X) -> TangentOf<X>,
    vjp: impl Fn(&'a X) -> (Y, P),
    adjoint: impl Fn(&'a X, Y, &mut TangentOf<X>) -> Y,
) -> Outcome<Y, TangentOf<X>>
where
    X: Differentiable<Owned = X> + Clone + PartialEq,
    Y: Real,
    P: Fn(Y) -> TangentOf<X>,
{
    let before = at.clone();
    let plain = primal(at);
    let (value, gradient) = value_and_grad(at);
    same("value of `value_and_grad`", &value, &plain);
    same("`grad`", &grad(at), &gradient);

    let (value, pull) = vjp(at);
    same("value of `vjp`", &value, &plain);
    let once = pull(Y::one());
    same("pullback of 1", &once, &gradient);
    same("pullback of 1, again", &pull(Y::one()), &once);
    let twice = doubled(&gradient);
    same("pullback of 2", &pull(Y::one() + Y::one()), &twice);

    let mut shadow = X::ad_zero(&at.ad_shape());
    let value = adjoint(at, Y::one(), &mut shadow);
    same("value of `adjoint`", &value, &plain);
    same("`adjoint` into zeros", &shadow, &gradient);
    adjoint(at, Y::one(), &mut shadow);
    close("`adjoint` into what is there", &shadow, &twice, 1e-5);

    if smooth {
        check::pullback(&primal, &vjp, at).assert();
    }
    assert!(before == *at, "the inputs have changed");
    print_bits(&plain, &gradient);
    Outcome {
        value: plain,
        gradient,
    }
}

/// Runs the battery on a function with any value.
#[track_caller]
pub(crate) fn run_vector<'a, X, Y, P>(
    at: &'a X,
    smooth: bool,
    primal: impl Fn(&X) -> Y,
    vjp: impl Fn(&'a X) -> (Y, P),
    adjoint: impl Fn(&'a X, Y, &mut TangentOf<X>) -> Y,
) -> Pullback<Y, P>
where
    X: Differentiable<Owned = X> + Clone + PartialEq,
    Y: Differentiable<Tangent = Y> + Tangent,
    P: Fn(Y) -> TangentOf<X>,
{
    let before = at.clone();
    let plain = primal(at);
    let (value, pull) = vjp(at);
    same("value of `vjp`", &value, &plain);

    let mut k = 0.0;
    let mut seed = Y::ad_zero(&plain.ad_shape());
    seed.ad_map_components(&mut |_| {
        k += 1.0;
        f64::sin(k)
    });
    let once = pull(seed.clone());
    same("a pullback, again", &pull(seed.clone()), &once);
    same(
        "pullback of twice the seed",
        &pull(doubled(&seed)),
        &doubled(&once),
    );
    let mut shadow = X::ad_zero(&at.ad_shape());
    let value = adjoint(at, seed, &mut shadow);
    same("value of `adjoint`", &value, &plain);
    same("`adjoint` into zeros", &shadow, &once);

    if smooth {
        check::pullback(&primal, &vjp, at).assert();
    }
    assert!(before == *at, "the inputs have changed");
    print_bits(&plain, &once);
    Pullback { value, pull }
}

#[track_caller]
fn print_bits<Y: Tangent, G: Tangent>(value: &Y, gradient: &G) {
    if std::env::var_os("DIFFERENTIATE_BITS").is_some() {
        let numbers = [components(value), components(gradient)].concat();
        let bits: Vec<_> = numbers
            .iter()
            .map(|c| format!("{:x}", c.to_bits()))
            .collect();
        println!("{}: {}", std::panic::Location::caller(), bits.join(" "));
    }
}

fn doubled<T: Tangent>(tangent: &T) -> T {
    let mut twice = tangent.clone();
    twice.ad_map_components(&mut |c| 2.0 * c);
    twice
}

pub(crate) fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

/// Equal up to the sign of zero.
#[track_caller]
fn same<T: Tangent>(what: &str, got: &T, expected: &T) {
    let (got, expected) = (components(got), components(expected));
    let bits = |all: &[f64]| all.iter().map(|c| (c + 0.0).to_bits()).collect::<Vec<_>>();
    assert!(
        bits(&got) == bits(&expected),
        "{what} is {got:?}, not {expected:?}"
    );
}

/// Equal up to `tolerance`, relative to the largest component or to 1.
#[track_caller]
pub(crate) fn close<T: Tangent>(what: &str, got: &T, expected: &T, tolerance: f64) {
    let (got, expected) = (components(got), components(expected));
    assert_eq!(got.len(), expected.len(), "number of components: {what}");
    let scale = expected.iter().fold(1.0_f64, |s, c| s.max(c.abs()));
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * scale;
    assert!(
        got.iter().zip(&expected).all(near),
        "{what} is {got:?}, not {expected:?}"
    );
}

/// Runs the battery: `battery!(f(*x, v), at x = 2.0, v = vec![1.0])`.
macro_rules! battery {
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar true $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// As [`battery!`], without differences.
macro_rules! kink {
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar false $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// As [`battery!`], for a function with any value.
macro_rules! pullback {
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(vector true $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// Gives each input a shadow, then makes the call. The point is leaked, so that a pullback may outlive it.
macro_rules! shadows {
    ($kind:ident $smooth:tt $f:ident $args:tt $point:tt [$x:ident $($rest:ident)*] [$($d:ident)*] [$new:ident $($more:ident)*]) => {
        $crate::battery::shadows!($kind $smooth $f $args $point [$($rest)*] [$($d)* $new] [$($more)*])
    };
    (scalar $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($x:ident = $v:expr,)+] [] [$($d:ident)+] $more:tt) => {
        $crate::battery::run_scalar(
            Box::leak(Box::new(($($v),+))),
            $smooth,
            |($($x),+)| $f($($arg),*),
            |($($x),+)| $f::value_and_grad($($arg),*),
            |($($x),+)| $f::grad($($arg),*),
            |($($x),+)| $f::vjp($($arg),*),
            |($($x),+), seed, ($($d),+)| $f::adjoint($($arg,)* seed, $($d),+),
        )
    };
    (vector $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($x:ident = $v:expr,)+] [] [$($d:ident)+] $more:tt) => {
        $crate::battery::run_vector(
            Box::leak(Box::new(($($v),+))),
            $smooth,
            |($($x),+)| $f($($arg),*),
            |($($x),+)| $f::vjp($($arg),*),
            |($($x),+), seed, ($($d),+)| $f::adjoint($($arg,)* seed, $($d),+),
        )
    };
}

pub(crate) use {battery, kink, pullback, shadows};
