//! How a rule is checked: against central differences of its primal, with every kind of destination, each operand by
//! itself and together with the others.
//!
//! The macros expand a rule once per destination, because a closure cannot be generic in it.

use autodiff_runtime::nalgebra::{DMatrix, DVector, Dyn, MatrixView, SMatrix};
use autodiff_runtime::tangent::dot;
use autodiff_runtime::{Differentiable, Real, Tangent};

/// Step of the central differences. Nearly all rules here belong to polynomials of degree one or two, for which the
/// difference is exact whatever the step; so it is long, and the error is rounding.
pub(super) const STEP: f64 = 1.0 / 64.0;

/// What rounding may leave of a quotient of differences; the second number is for functions that are no polynomials.
pub(super) fn tolerance<T: Real>() -> (f64, f64) {
    let single = T::default_epsilon() > T::ad_from_f64(1e-10);
    if single { (2e-3, 2e-2) } else { (1e-10, 2e-3) }
}

pub(super) fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

/// A tangent of the given shape with unrelated components.
pub(super) fn filled<T: Tangent>(like: &T, mut seed: u32) -> T {
    let mut tangent = like.clone();
    tangent.ad_map_components(&mut |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 16) / 16384.0 - 2.0
    });
    tangent
}

#[track_caller]
pub(super) fn assert_close<T: Tangent>(what: &str, got: &T, expected: &T, tolerance: f64) {
    let (got, expected) = (components(got), components(expected));
    assert_eq!(got.len(), expected.len(), "{what}: shapes");
    for (k, (got, expected)) in got.iter().zip(&expected).enumerate() {
        let bound = tolerance * (1.0 + expected.abs());
        assert!(
            (got - expected).abs() <= bound,
            "{what}, component {k}: {got} is not {expected}"
        );
    }
}

/// `⟨g, f⟩` differentiated at `x` by central differences.
pub(super) fn differences<V: Differentiable + ?Sized, Y: Tangent>(
    x: &V,
    g: &Y,
    f: impl Fn(&V::Owned) -> Y,
) -> V::Tangent {
    let zero = V::ad_zero(&x.ad_shape());
    let count = components(&zero).len();
    let slopes: Vec<f64> = (0..count)
        .map(|k| {
            let mut unit = zero.clone();
            let mut at = 0..;
            unit.ad_map_components(&mut |_| f64::from(u8::from(at.next() == Some(k))));
            let ahead = dot(g, &f(&x.ad_step(&unit, STEP)));
            let behind = dot(g, &f(&x.ad_step(&unit, -STEP)));
            (ahead - behind) / (2.0 * STEP)
        })
        .collect();
    let mut slopes = slopes.into_iter();
    let mut gradient = zero;
    gradient.ad_map_components(&mut |_| slopes.next().expect("one slope per component"));
    gradient
}

/// The contribution that `$call` puts to `$dest`, after every kind of destination has agreed on it.
macro_rules! contribution {
    ($what:expr, $tolerance:expr, |$dest:ident| $call:expr) => {{
        let fresh = {
            let $dest = Fresh;
            $call
        };
        let seed = filled(&fresh, 17);
        let mut expected = seed.clone();
        Tangent::ad_add(rt::Place::ad_place(&mut expected), &fresh);

        let mut place = seed.clone();
        {
            let $dest = Acc(rt::Place::ad_place(&mut place));
            let () = $call;
        }
        assert_close(&format!("{}, Acc", $what), &place, &expected, $tolerance);

        let mut place = seed.clone();
        {
            let $dest = Maybe(Some(rt::Place::ad_place(&mut place)));
            let () = $call;
        }
        assert_close(&format!("{}, Maybe", $what), &place, &expected, $tolerance);

        let mut slot = slot_of(&fresh);
        for total in [&fresh, &{
            let mut twice = fresh.clone();
            Tangent::ad_add(rt::Place::ad_place(&mut twice), &fresh);
            twice
        }] {
            {
                let $dest = Lazy(&mut slot);
                let () = $call;
            }
            let held = rt::Slot::get(&slot).expect("a contribution").clone();
            assert_close(&format!("{}, Lazy", $what), &held, total, $tolerance);
        }

        {
            let $dest = Skip;
            let () = $call;
        }
        fresh
    }};
}

pub(super) fn slot_of<T: Tangent>(_: &T) -> T::Slot {
    T::Slot::default()
}

/// Checks a rule with one operand.
macro_rules! check1 {
    ($T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, |$g:ident, $da:ident| $call:expr) => {
        check1!(@with tolerance::<$T>().0, $T, $what, $a, |$x| $primal, |$g, $da| $call)
    };
    (smooth $T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, |$g:ident, $da:ident| $call:expr) => {
        check1!(@with tolerance::<$T>().1, $T, $what, $a, |$x| $primal, |$g, $da| $call)
    };
    (@with $tolerance:expr, $T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, |$g:ident, $da:ident| $call:expr) => {{
        let a = &$a;
        let a = peel(a);
        let what = format!("{} of {:?} in {}", $what, a.ad_shape(), stringify!($T));
        let result = { let $x = a; $primal };
        let $g = &filled(&result, 5);
        let rounding = tolerance::<$T>().0;
        let to_a = { let $x = a; contribution!(what, rounding, |$da| $call) };
        assert_close(&what, &to_a, &differences(a, $g, |$x| $primal), $tolerance);
    }};
}

/// Checks a rule with two operands.
macro_rules! check2 {
    ($T:ty, $what:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, |$g:ident, $da:ident, $db:ident| $call:expr) => {
        check2!(@with tolerance::<$T>().0, $T, $what, $a, $b, |$x, $y| $primal, |$g, $da, $db| $call)
    };
    (smooth $T:ty, $what:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, |$g:ident, $da:ident, $db:ident| $call:expr) => {
        check2!(@with tolerance::<$T>().1, $T, $what, $a, $b, |$x, $y| $primal, |$g, $da, $db| $call)
    };
    (@with $tolerance:expr, $T:ty, $what:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, |$g:ident, $da:ident, $db:ident| $call:expr) => {{
        let (a, b) = (&$a, &$b);
        let (a, b) = (peel(a), peel(b));
        let what = format!("{} of {:?} and {:?} in {}", $what, a.ad_shape(), b.ad_shape(), stringify!($T));
        let result = { let ($x, $y) = (a, b); $primal };
        let $g = &filled(&result, 5);
        let rounding = tolerance::<$T>().0;
        let to_a = { let ($x, $y) = (a, b); contribution!(what, rounding, |$da| { let $db = Skip; ($call).0 }) };
        let to_b = { let ($x, $y) = (a, b); contribution!(what, rounding, |$db| { let $da = Skip; ($call).1 }) };
        let both = { let ($x, $y, $da, $db) = (a, b, Fresh, Fresh); $call };
        assert_close(&what, &both.0, &to_a, rounding);
        assert_close(&what, &both.1, &to_b, rounding);
        assert_close(&what, &to_a, &differences(a, $g, |$x| { let $y = b; $primal }), $tolerance);
        assert_close(&what, &to_b, &differences(b, $g, |$y| { let $x = a; $primal }), $tolerance);
    }};
}

/// [`check2`] of an operator that reads its operands again.
macro_rules! operator {
    ($($T:ident)+, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {
        check2!($($T)+, stringify!($rule), $a, $b, |$x, $y| $primal, |g, dx, dy| {
            rt::$rule(($x, $y), g, dx, dy)
        })
    };
}

/// [`check2`] of a linear operator, with a cotangent that is lent and with one that is given away.
macro_rules! sum {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {
        check2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2_ref(rt::$rule(($x, $y)), g, dx, dy) }
        );
        check2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2(rt::$rule(($x, $y)), g.clone(), dx, dy) }
        )
    };
}

/// [`check1`] of a method; what follows the rule is the result, if the rule reads it.
macro_rules! method {
    ($($T:ident)+, $a:expr, |$x:ident| $primal:expr, $rule:ident $($y:expr)?) => {
        check1!($($T)+, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        })
    };
    (@result) => { () };
    (@result $y:expr) => { &$y };
}

/// [`check2`] of a method with one argument.
macro_rules! method2 {
    ($($T:ident)+, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {
        check2!($($T)+, stringify!($rule), $a, $b, |$x, $y| $primal, |g, dx, dy| {
            let (x, (y,)) = peel($x).$rule((Val($y),), (), g, dx, (dy,));
            (x, y)
        })
    };
}

/// [`check1`] of a method that picks a part, at one or two integers; what follows is the result, if the rule reads it.
macro_rules! part {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($i:expr) $($y:expr)?) => {
        check1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((rt::Lit($i),), method!(@result $($y)?), g, dx, (Skip,)).0
        })
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($i:expr, $j:expr) $($y:expr)?) => {
        check1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            let args = (rt::Lit($i), rt::Lit($j));
            peel($x).$rule(args, method!(@result $($y)?), g, dx, (Skip, Skip)).0
        })
    };
}

/// [`check1`] of a constructor, after none, one or two dimensions.
macro_rules! built {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident) => {
        check1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel(&$primal).$rule((Val($x),), (), g, Skip, (dx,)).1.0
        })
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($m:expr)) => {
        check1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel(&$primal)
                .$rule((rt::Lit($m), Val($x)), (), g, Skip, (Skip, dx))
                .1
                .1
        })
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($m:expr, $n:expr)) => {
        check1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            let args = (rt::Lit($m), rt::Lit($n), Val($x));
            peel(&$primal)
                .$rule(args, (), g, Skip, (Skip, Skip, dx))
                .1
                .2
        })
    };
}

pub(super) fn dynamic<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
    filled(&DMatrix::zeros(rows, columns), seed)
}

pub(super) fn fixed<T: Real, const R: usize, const C: usize>(seed: u32) -> SMatrix<T, R, C> {
    filled(&SMatrix::zeros(), seed)
}

/// As [`around`], with entries whose absolute values are further apart than the step.
pub(super) fn spread<T: Real>(rows: usize, columns: usize) -> DMatrix<T> {
    let mut entries = around(rows, columns, 0);
    let mut k = 0;
    entries.ad_map_components(&mut |_| {
        k = (k + 37) % 1009;
        (f64::from(k) / 8.0 + 0.5) * if k % 2 == 0 { 1.0 } else { -1.0 }
    });
    entries
}

pub(super) fn column<T: Real>(rows: usize, seed: u32) -> DVector<T> {
    filled(&DVector::zeros(rows), seed)
}

/// A view whose rows and columns are both apart in memory.
pub(super) type Strided<'a, T> = MatrixView<'a, T, Dyn, Dyn, Dyn, Dyn>;

/// A larger matrix, for [`strided`].
pub(super) fn around<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
    dynamic(2 * rows + 2, 2 * columns + 2, seed)
}

pub(super) fn strided<T: Real>(within: &DMatrix<T>) -> Strided<'_, T> {
    let (rows, columns) = ((within.nrows() - 2) / 2, (within.ncols() - 2) / 2);
    within.view_with_steps((1, 1), (rows, columns), (1, 1))
}
