//! What is demanded of every program: one call runs it all.
//!
//! [`battery!`] takes a call of a differentiated function and the point at which it is made; in the arguments the names
//! of the point stand for references. It demands that
//!
//! - the value is, bit for bit, the one of the plain function, from `value_and_grad`, `vjp` and `adjoint`;
//! - `grad`, `value_and_grad` and `adjoint` into zeros give the same gradient, bit for bit; so does the pullback of 1, but
//!   for the order in which turns of loops are added up;
//! - `adjoint` accumulates, and the pullback of 2 is exactly twice the pullback of 1;
//! - the pullback is the transpose of the differences of the function, and repeatable ([`check::pullback`]);
//! - the tangent program gives the same value, and a tangent whose product with a cotangent is that of the pullback; so
//!   does the Jacobian, which takes several directions at once;
//! - the Hessian is symmetric, and its product is the derivative of the gradient (`first at` says that there is none);
//! - the inputs are what they were.
//!
//! With the environment variable `DIFFERENTIATE_BITS`, values and gradients are printed bit by bit: debug and release
//! builds must print the same.
//!
//! [`kink!`] is the same without differences, for points where they have no meaning, and [`pullback!`] the part that
//! applies to a function with any value.
//!
//! Functions with `&mut` parameters go through [`lent!`] if their value is a number, [`lent_pullback!`] if it is another,
//! [`in_place!`] if they return nothing; in the point such a parameter is marked `mut`. The function is then a map of all
//! inputs to the value and to what is left in the arguments, and it is demanded that
//!
//! - value and contents left are, bit for bit, those of the plain function, from `value_and_grad`, `grad` and `vjp`;
//! - `adjoint` leaves the arguments as it found them, and agrees with the pullback in every shadow; so does the gradient,
//!   with zeros for what is left;
//! - `adjoint` accumulates into the shadows of the other parameters, and the pullback is linear, repeatable and the
//!   transpose of the differences of the map.

use std::fmt::Debug;

use differentiate::check;
use differentiate::differentiable::TangentOf;
use differentiate::{Differentiable, Real, Tangent};
use nalgebra::{DMatrix, DVector};

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

/// A product with the Hessian.
type Product<'f, 'a, X> = &'f dyn Fn(&'a X, &TangentOf<X>) -> TangentOf<X>;

/// The Hessian is symmetric, and its product is the derivative of the gradient along a direction.
#[track_caller]
fn second_order<'a, X: Differentiable<Owned = X>>(
    at: &'a X,
    gradient: impl Fn(&'a X) -> TangentOf<X>,
    product: Product<'_, 'a, X>,
    single: bool,
    smooth: bool,
) {
    let (mut u, mut v) = (zero(at), zero(at));
    let mut wave = wave();
    u.ad_map_components(&mut wave);
    v.ad_map_components(&mut wave);
    let of_u = components(&product(at, &u));
    transposed(
        &of_u,
        &components(&v),
        &components(&u),
        &components(&product(at, &v)),
    );
    if !smooth || single {
        return;
    }
    let difference = |step: f64| -> Vec<f64> {
        let at_step = |step| components(&gradient(Box::leak(Box::new(at.ad_step(&u, step)))));
        let (right, left) = (at_step(step), at_step(-step));
        (right.iter().zip(&left))
            .map(|(a, b)| (a - b) / (2.0 * step))
            .collect()
    };
    let (coarse, fine) = (difference(2e-4), difference(1e-4));
    let size = of_u.iter().fold(1.0_f64, |size, it| size.max(it.abs()));
    for ((exact, coarse), fine) in of_u.iter().zip(coarse).zip(fine) {
        let estimate = (4.0 * fine - coarse) / 3.0;
        assert!(
            (exact - estimate).abs() <= 1e-5 * size,
            "the product with the Hessian has {exact:e} where differences of gradients give {estimate:e}"
        );
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
    jvp: impl Fn(&'a X, &TangentOf<X>) -> (Y, Y),
    hvp: Option<Product<'_, 'a, X>>,
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
    let single = size_of::<Y>() == 4;
    // What is run back as it comes is added up from the first turn to the last.
    let tolerance = if single { 1e-5 } else { 1e-13 };
    close("pullback of 1", &once, &gradient, tolerance);
    same("pullback of 1, again", &pull(Y::one()), &once);
    let twice = doubled(&once);
    same("pullback of 2", &pull(Y::one() + Y::one()), &twice);

    let mut shadow = X::ad_zero(&at.ad_shape());
    let value = adjoint(at, Y::one(), &mut shadow);
    same("value of `adjoint`", &value, &plain);
    same("`adjoint` into zeros", &shadow, &gradient);
    adjoint(at, Y::one(), &mut shadow);
    close("`adjoint` into what is there", &shadow, &twice, 1e-5);

    let mut direction = zero(at);
    direction.ad_map_components(&mut wave());
    let (value, tangent) = jvp(at, &direction);
    same("value of `jvp`", &value, &plain);
    transposed(
        &components(&tangent),
        &[1.0],
        &components(&direction),
        &components(&gradient),
    );

    if let Some(hvp) = hvp {
        second_order(at, &grad, hvp, single, smooth);
    }
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
    jvp: impl Fn(&'a X, &TangentOf<X>) -> (Y, Y),
    jacobian: impl Fn(&'a X) -> DMatrix<f64>,
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

    let mut seed = Y::ad_zero(&plain.ad_shape());
    seed.ad_map_components(&mut wave());
    let once = pull(seed.clone());
    same("a pullback, again", &pull(seed.clone()), &once);
    same(
        "pullback of twice the seed",
        &pull(doubled(&seed)),
        &doubled(&once),
    );
    let mut shadow = X::ad_zero(&at.ad_shape());
    let value = adjoint(at, seed.clone(), &mut shadow);
    same("value of `adjoint`", &value, &plain);
    same("`adjoint` into zeros", &shadow, &once);

    let mut direction = zero(at);
    direction.ad_map_components(&mut wave());
    let (value, tangent) = jvp(at, &direction);
    same("value of `jvp`", &value, &plain);
    transposed(
        &components(&tangent),
        &components(&seed),
        &components(&direction),
        &components(&once),
    );
    let product = jacobian(at) * DVector::from_vec(components(&direction));
    for (product, tangent) in product.iter().zip(components(&tangent)) {
        let near = (product - tangent).abs() <= 1e-6 * (1.0 + tangent.abs());
        assert!(
            near || product.is_nan() && tangent.is_nan(),
            "the Jacobian gives {product}, `jvp` {tangent}"
        );
    }
    assert_eq!(product.len(), components(&tangent).len());

    if smooth {
        check::pullback(&primal, &vjp, at).assert();
    }
    assert!(before == *at, "the inputs have changed");
    print_bits(&plain, &once);
    Pullback { value, pull }
}

/// A function with `&mut` parameters that passed the battery: its value, what it left there, and its pullback.
pub(crate) struct Lent<L, X: 'static, Y, P> {
    before: L,
    at: &'static X,
    pub(crate) value: Y,
    pub(crate) left: L,
    pub(crate) pull: P,
}

impl<L, X, Y, P> Lent<L, X, Y, P>
where
    L: Differentiable + Clone + Debug,
    X: Differentiable,
    Y: Differentiable + Debug,
    P: Fn(TangentOf<Y>, &mut TangentOf<L>) -> TangentOf<X>,
{
    /// Compares value and contents with known ones.
    #[track_caller]
    pub(crate) fn is(&self, value: Y, left: L) -> &Self {
        let (got, expected) = (numbers(&(&self.value, &self.left)), numbers(&(value, left)));
        close("value and contents left", &got, &expected, 1e-10);
        self
    }

    /// Compares what the pullback of `seed` and the cotangent `left` of the contents gives with known cotangents of the
    /// contents found and of the other inputs.
    #[track_caller]
    pub(crate) fn maps(
        &self,
        seed: TangentOf<Y>,
        mut left: TangentOf<L>,
        found: TangentOf<L>,
        gradient: TangentOf<X>,
    ) -> &Self {
        let got = (self.pull)(seed, &mut left);
        close("cotangent of what is found", &left, &found, 1e-10);
        close("gradient", &got, &gradient, 1e-10);
        self
    }

    /// The gradient of the value alone.
    #[track_caller]
    pub(crate) fn agrees_with(
        self,
        value_and_grad: impl Fn(&mut L, &'static X) -> (Y, TangentOf<X>),
        grad: impl Fn(&mut L, &'static X) -> TangentOf<X>,
    ) -> Self
    where
        Y: Real,
    {
        let mut nothing = zero(&self.left);
        let expected = (self.pull)(Y::one(), &mut nothing);
        let mut left = self.before.clone();
        let (value, gradient) = value_and_grad(&mut left, self.at);
        same("value of `value_and_grad`", &value, &self.value);
        same_value("what `value_and_grad` leaves", &left, &self.left);
        same("`value_and_grad`", &gradient, &expected);
        let mut left = self.before.clone();
        same("`grad`", &grad(&mut left, self.at), &expected);
        same_value("what `grad` leaves", &left, &self.left);
        self
    }
}

/// The tangent program of a function with `&mut` parameters.
type TangentProgram<'a, L, X, Y> =
    &'a dyn Fn(&mut L, &'static X, &mut TangentOf<L>, &TangentOf<X>) -> (Y, TangentOf<Y>);

/// Runs the battery on a function with `&mut` parameters.
#[track_caller]
pub(crate) fn run_lent<L, X, Y, P>(
    before: L,
    at: X,
    smooth: bool,
    primal: impl Fn(&mut L, &X) -> Y,
    value_of_vjp: impl Fn(&mut L, &'static X) -> Y,
    vjp: impl Fn(&'static mut L, &'static X) -> (Y, P),
    adjoint: impl Fn(&mut L, &'static X, TangentOf<Y>, &mut TangentOf<L>, &mut TangentOf<X>) -> Y,
    jvp: Option<TangentProgram<'_, L, X, Y>>,
) -> Lent<L, X, Y, P>
where
    L: Differentiable<Owned = L> + Clone + Debug + 'static,
    X: Differentiable<Owned = X> + Clone + PartialEq,
    Y: Differentiable + Debug,
    P: Fn(TangentOf<Y>, &mut TangentOf<L>) -> TangentOf<X>,
{
    let original = at.clone();
    let at: &'static X = Box::leak(Box::new(at));
    let mut left = before.clone();
    let plain = primal(&mut left, at);

    // The pullback may hold the borrow, so that what is left can be seen only where it is dropped.
    let mut left_by_vjp = before.clone();
    same_value(
        "value of `vjp`",
        &value_of_vjp(&mut left_by_vjp, at),
        &plain,
    );
    same_value("what `vjp` leaves", &left_by_vjp, &left);
    let (_, pull) = vjp(Box::leak(Box::new(before.clone())), at);

    let mut wave = wave();
    let (mut seed, mut above) = (zero(&plain), zero(&left));
    seed.ad_map_components(&mut wave);
    above.ad_map_components(&mut wave);
    let pulled = |seed: &TangentOf<Y>, above: &TangentOf<L>| {
        let mut shadow = above.clone();
        let gradient = pull(seed.clone(), &mut shadow);
        (shadow, gradient)
    };
    let once = pulled(&seed, &above);
    same("a pullback, again", &pulled(&seed, &above), &once);
    let twice = doubled(&once);
    same(
        "pullback of twice",
        &pulled(&doubled(&seed), &doubled(&above)),
        &twice,
    );

    let mut gradient = zero(at);
    for (what, expected) in [
        ("`adjoint` into zeros", &once.1),
        ("`adjoint`, again", &twice.1),
    ] {
        let (mut found, mut shadow) = (before.clone(), above.clone());
        let value = adjoint(&mut found, at, seed.clone(), &mut shadow, &mut gradient);
        same_value("value of `adjoint`", &value, &plain);
        same_value("what `adjoint` leaves", &found, &before);
        same("shadows of what is lent", &shadow, &once.0);
        close(what, &gradient, expected, 1e-5);
    }

    if let Some(jvp) = jvp {
        let (mut lent_direction, mut direction) = (zero(&before), zero(at));
        lent_direction.ad_map_components(&mut wave);
        direction.ad_map_components(&mut wave);
        let (mut found, mut dot_left) = (before.clone(), lent_direction.clone());
        let (value, tangent) = jvp(&mut found, at, &mut dot_left, &direction);
        same_value("value of `jvp`", &value, &plain);
        same_value("what `jvp` leaves", &found, &left);
        transposed(
            &[components(&tangent), components(&dot_left)].concat(),
            &[components(&seed), components(&above)].concat(),
            &[components(&direction), components(&lent_direction)].concat(),
            &[components(&once.1), components(&once.0)].concat(),
        );
    }

    if smooth {
        check::pullback(
            |(lent, at)| {
                let mut lent = lent.clone();
                let value = primal(&mut lent, at);
                numbers(&(value, lent))
            },
            |(lent, at)| {
                let all = numbers(&(&plain, &left));
                let (_, pull) = vjp(Box::leak(Box::new(lent.clone())), at);
                let (seed, above) = (zero(&plain), zero(&left));
                (all, move |cotangent: Vec<f64>| {
                    let mut both = (seed.clone(), above.clone());
                    let mut rest = cotangent.into_iter();
                    both.ad_map_components(&mut |_| {
                        rest.next().expect("a number for each component")
                    });
                    let gradient = pull(both.0, &mut both.1);
                    (both.1, gradient)
                })
            },
            Box::leak(Box::new((before.clone(), at.clone()))),
        )
        .assert();
    }
    assert!(original == *at, "the inputs have changed");
    print_bits(&numbers(&(&plain, &left)), &once);
    Lent {
        before,
        at,
        value: plain,
        left,
        pull,
    }
}

/// The tangent program and the pullback are transposes of each other: the products of what they give with what the other
/// was given are the same.
#[track_caller]
fn transposed(tangent: &[f64], seed: &[f64], direction: &[f64], pulled: &[f64]) {
    let product = |left: &[f64], right: &[f64]| -> (f64, f64) {
        assert_eq!(left.len(), right.len(), "number of components of tangents");
        let terms = left.iter().zip(right).map(|(a, b)| a * b);
        terms.fold((0.0, 0.0), |(sum, size), it| (sum + it, size + it.abs()))
    };
    let ((forward, size), (reverse, other)) = (product(tangent, seed), product(direction, pulled));
    let single = pulled.iter().all(|it| f64::from(*it as f32) == *it);
    let tolerance = if single { 1e-4 } else { 1e-10 } * size.max(other).max(1.0);
    let equal =
        (forward - reverse).abs() <= tolerance || (!forward.is_finite() && !reverse.is_finite());
    assert!(
        equal,
        "`jvp` gives {tangent:?}, and its product with the cotangent is {forward:e}; by the pullback it is {reverse:e}"
    );
}

/// What a macro hands to a function, of a shadow that it has.
pub(crate) trait Given<Out> {
    fn given(self) -> Out;
}

macro_rules! given {
    ($([$($p:tt)*] $from:ty => $to:ty: |$it:ident| $as:expr),* $(,)?) => { $(
        impl<'a, $($p)*> Given<$to> for $from {
            fn given(self) -> $to {
                let $it = self;
                $as
            }
        }
    )* };
}
given!(
    [G] &'a G => &'a G: |it| it,
    [G: Clone] &'a G => G: |it| it.clone(),
    [T] &'a Vec<T> => &'a [T]: |it| it,
    [T, const N: usize] &'a [T; N] => &'a [T]: |it| it,
    [T] &'a Box<T> => &'a T: |it| it,
    [G] &'a mut G => &'a mut G: |it| it,
    [T] &'a mut Vec<T> => &'a mut [T]: |it| it,
    [T, const N: usize] &'a mut [T; N] => &'a mut [T]: |it| it,
    [T] &'a mut Box<T> => &'a mut T: |it| it,
);

fn wave() -> impl FnMut(f64) -> f64 {
    let mut k = 0.0;
    move |_| {
        k += 1.0;
        f64::sin(k)
    }
}

fn zero<T: Differentiable>(like: &T) -> TangentOf<T> {
    T::ad_zero(&like.ad_shape())
}

/// The floating-point numbers of a value in order, as `Debug` writes them, which is without loss.
fn numbers<T: Debug>(value: &T) -> Vec<f64> {
    let text = format!("{value:?}");
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)))
        .filter(|word| word.contains(['.', 'N', 'e', 'i']))
        .filter_map(|word| word.parse().ok())
        .collect()
}

#[track_caller]
fn same_value<T: Debug>(what: &str, got: &T, expected: &T) {
    let (got, expected) = (format!("{got:?}"), format!("{expected:?}"));
    assert!(got == expected, "{what} is {got}, not {expected}");
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
    ($f:ident $args:tt, first at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar [] true $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar [forward] true $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// As [`battery!`], without differences.
macro_rules! kink {
    ($f:ident $args:tt, first at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar [] false $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(scalar [forward] false $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// As [`battery!`], for a function with any value.
macro_rules! pullback {
    ($f:ident $args:tt, at $($x:ident = $v:expr),+ $(,)?) => {
        $crate::battery::shadows!(vector [] true $f $args [$($x = $v,)+] [$($x)+] [] [dp dq dr ds dt du])
    };
}

/// Gives each input a shadow, then makes the call. The point is leaked, so that a pullback may outlive it.
macro_rules! shadows {
    ($kind:ident $second:tt $smooth:tt $f:ident $args:tt $point:tt [$x:ident $($rest:ident)*] [$($d:ident)*] [$new:ident $($more:ident)*]) => {
        $crate::battery::shadows!($kind $second $smooth $f $args $point [$($rest)*] [$($d)* $new] [$($more)*])
    };
    (scalar $second:tt $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($x:ident = $v:expr,)+] [] [$($d:ident)+] $more:tt) => {
        $crate::battery::run_scalar(
            Box::leak(Box::new(($($v),+))),
            $smooth,
            |($($x),+)| $f($($arg),*),
            |($($x),+)| $f::value_and_grad($($arg),*),
            |($($x),+)| $f::grad($($arg),*),
            |($($x),+)| $f::vjp($($arg),*),
            |($($x),+), seed, ($($d),+)| $f::adjoint($($arg,)* seed, $($d),+),
            |($($x),+), ($($d),+)| $f::jvp($($arg,)* $($crate::battery::Given::given($d)),+),
            $crate::battery::tangent_program!($second |($($x),+), ($($d),+)| {
                $f::hvp($($arg,)* $($crate::battery::Given::given($d)),+)
            }),
        )
    };
    (vector $second:tt $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($x:ident = $v:expr,)+] [] [$($d:ident)+] $more:tt) => {
        $crate::battery::run_vector(
            Box::leak(Box::new(($($v),+))),
            $smooth,
            |($($x),+)| $f($($arg),*),
            |($($x),+)| $f::vjp($($arg),*),
            |($($x),+), seed, ($($d),+)| $f::adjoint($($arg,)* seed, $($d),+),
            |($($x),+), ($($d),+)| $f::jvp($($arg,)* $($crate::battery::Given::given($d)),+),
            |($($x),+)| $f::jacobian($($arg),*),
        )
    };
}

/// Runs the battery on a function with `&mut` parameters whose value is a number:
/// `lent!(f(v, *x), at mut v = vec![1.0], x = 2.0)`.
macro_rules! lent {
    ($f:ident $args:tt, at $($point:tt)+) => {
        $crate::battery::lend!(scalar [forward] true $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
    ($f:ident $args:tt, reverse at $($point:tt)+) => {
        $crate::battery::lend!(scalar [] true $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
    ($f:ident $args:tt, kink at $($point:tt)+) => {
        $crate::battery::lend!(scalar [forward] false $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
}

/// As [`lent!`], for a function with any value.
macro_rules! lent_pullback {
    ($f:ident $args:tt, at $($point:tt)+) => {
        $crate::battery::lend!(vector [forward] true $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
}

/// As [`lent!`], for a function that returns nothing.
macro_rules! in_place {
    ($f:ident $args:tt, at $($point:tt)+) => {
        $crate::battery::lend!(unit [forward] true $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
    ($f:ident $args:tt, reverse at $($point:tt)+) => {
        $crate::battery::lend!(unit [] true $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
    ($f:ident $args:tt, kink at $($point:tt)+) => {
        $crate::battery::lend!(unit [forward] false $f $args [] [] [] [dp dq dr ds dt du dv] $($point)+,)
    };
}

/// The tangent program, if there is one.
macro_rules! tangent_program {
    ([forward] $($call:tt)+) => {
        Some(&$($call)+)
    };
    ([] $($call:tt)+) => {
        None
    };
}

/// Sorts the point into what is lent and the other inputs, gives each a shadow, and makes the call.
macro_rules! lend {
    ($kind:ident $jvp:tt $smooth:tt $f:ident $args:tt [$($l:tt)*] $x:tt [$($d:ident)*] [$new:ident $($more:ident)*] mut $name:ident = $v:expr, $($rest:tt)*) => {
        $crate::battery::lend!($kind $jvp $smooth $f $args [$($l)* $name $new ($v)] $x [$($d)* $new] [$($more)*] $($rest)*)
    };
    ($kind:ident $jvp:tt $smooth:tt $f:ident $args:tt $l:tt [$($x:tt)*] [$($d:ident)*] [$new:ident $($more:ident)*] $name:ident = $v:expr, $($rest:tt)*) => {
        $crate::battery::lend!($kind $jvp $smooth $f $args $l [$($x)* $name $new ($v)] [$($d)* $new] [$($more)*] $($rest)*)
    };
    (scalar $jvp:tt $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($l:ident $dl:ident $lv:tt)+] [$($x:ident $dx:ident $v:tt)*] $d:tt $more:tt $(,)?) => {
        $crate::battery::lend!(vector $jvp $smooth $f ($($arg),*) [$($l $dl $lv)+] [$($x $dx $v)*] $d $more)
            .agrees_with(
                |($($l),+), ($($x),*)| $f::value_and_grad($($arg),*),
                |($($l),+), ($($x),*)| $f::grad($($arg),*),
            )
    };
    (vector $jvp:tt $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($l:ident $dl:ident $lv:tt)+] [$($x:ident $dx:ident $v:tt)*] [$($d:ident)+] $more:tt $(,)?) => {
        $crate::battery::run_lent(
            ($($lv),+),
            ($($v),*),
            $smooth,
            |($($l),+), ($($x),*)| $f($($arg),*),
            |($($l),+), ($($x),*)| $f::vjp($($arg),*).0,
            |($($l),+), ($($x),*)| {
                let (value, pull) = $f::vjp($($arg),*);
                (value, move |seed, ($($dl),+): &mut _| pull(seed, $($dl),+))
            },
            |($($l),+), ($($x),*), seed, ($($dl),+), ($($dx),*)| $f::adjoint($($arg,)* seed, $($d),+),
            $crate::battery::tangent_program!($jvp |($($l),+), ($($x),*), ($($dl),+), ($($dx),*)| {
                $f::jvp($($arg,)* $($crate::battery::Given::given($d)),+)
            }),
        )
    };
    (unit $jvp:tt $smooth:tt $f:ident ($($arg:expr),* $(,)?) [$($l:ident $dl:ident $lv:tt)+] [$($x:ident $dx:ident $v:tt)*] [$($d:ident)+] $more:tt $(,)?) => {
        $crate::battery::run_lent(
            ($($lv),+),
            ($($v),*),
            $smooth,
            |($($l),+), ($($x),*)| $f($($arg),*),
            |($($l),+), ($($x),*)| $f::vjp($($arg),*).0,
            |($($l),+), ($($x),*)| {
                let ((), pull) = $f::vjp($($arg),*);
                ((), move |(), ($($dl),+): &mut _| pull($($dl),+))
            },
            |($($l),+), ($($x),*), (), ($($dl),+), ($($dx),*)| $f::adjoint($($arg,)* $($d),+),
            $crate::battery::tangent_program!($jvp |($($l),+), ($($x),*), ($($dl),+), ($($dx),*)| {
                $f::jvp($($arg,)* $($crate::battery::Given::given($d)),+)
            }),
        )
    };
}

pub(crate) use {
    battery, in_place, kink, lend, lent, lent_pullback, pullback, shadows, tangent_program,
};
