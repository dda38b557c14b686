//! How a rule is checked: against differences of its primal, with every kind of destination, each operand by itself and
//! together with the others.
//!
//! The macros expand a rule once per destination, because a closure cannot be generic in it.

use std::cell::Cell;

use autodiff_runtime::nalgebra::{DMatrix, DVector, Dyn, MatrixView, SMatrix};
use autodiff_runtime::{Real, Tangent};

pub(crate) fn components<T: Tangent>(tangent: &T) -> Vec<f64> {
    let mut all = Vec::new();
    tangent.ad_components(&mut |c| all.push(c));
    all
}

thread_local! {
    /// What is added to every seed, so that one test has several points.
    static SHIFT: Cell<u32> = const { Cell::new(0) };
}

/// Runs a test at eight points.
pub(crate) fn eight(test: impl Fn()) {
    for shift in 0..8 {
        SHIFT.set(shift * 1009);
        test();
    }
    SHIFT.set(0);
}

/// A tangent of the given shape with unrelated components.
pub(crate) fn filled<T: Tangent>(like: &T, seed: u32) -> T {
    let mut tangent = like.clone();
    let mut seed = seed + SHIFT.get();
    tangent.ad_map_components(&mut |_| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(seed >> 16) / 16384.0 - 2.0
    });
    tangent
}

#[track_caller]
pub(crate) fn assert_close<T: Tangent>(what: &str, got: &T, expected: &T, tolerance: f64) {
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

pub(crate) fn slot_of<T: Tangent>(_: &T) -> T::Slot {
    T::Slot::default()
}

/// [`exact2`] of an operator that reads its operands again.
macro_rules! operator {
    ($T:ident, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::$rule(($x, $y), g, dx, dy) }
        );
        forward2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::$rule(($x, $y), g, dx, dy) }
        )
    }};
}

/// [`exact2`] of a linear operator, with a cotangent that is lent and with one that is given away.
macro_rules! sum {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2_ref(rt::$rule(($x, $y)), g, dx, dy) }
        );
        forward2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2_ref(rt::$rule(($x, $y)), g, dx, dy) }
        )
    };
    {
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2(rt::$rule(($x, $y)), g.clone(), dx, dy) }
        );
        forward2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| { rt::pull2(rt::$rule(($x, $y)), g.clone(), dx, dy) }
        )
    }};
}

/// [`exact1`] of a method; what follows the rule is the result, if the rule reads it.
macro_rules! method {
    ($T:ident, $a:expr, |$x:ident| $primal:expr, $rule:ident $($y:expr)?) => {
        { exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        }); forward1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        }) }
    };
    (@result) => { () };
    (@result $y:expr) => { &$y };
}

/// [`exact2`] of a method with one argument.
macro_rules! method2 {
    ($T:ident, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident) => {{
        exact2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| {
                let (x, (y,)) = peel($x).$rule((Val($y),), (), g, dx, (dy,));
                (x, y)
            }
        );
        forward2!(
            $T,
            stringify!($rule),
            $a,
            $b,
            |$x, $y| $primal,
            |g, dx, dy| {
                let (x, (y,)) = peel($x).$rule((Val($y),), (), g, dx, (dy,));
                (x, y)
            }
        )
    }};
}

/// [`exact1`] of a method that picks a part, at one or two integers; what follows is the result, if the rule reads it.
macro_rules! part {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($i:expr) $($y:expr)?) => {
        { exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((rt::Lit($i),), method!(@result $($y)?), g, dx, (Skip,)).0
        }); forward1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((rt::Lit($i),), method!(@result $($y)?), g, dx, (Skip,)).0
        }) }
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($i:expr, $j:expr) $($y:expr)?) => {
        { exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            let args = (rt::Lit($i), rt::Lit($j));
            peel($x).$rule(args, method!(@result $($y)?), g, dx, (Skip, Skip)).0
        }); forward1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            let args = (rt::Lit($i), rt::Lit($j));
            peel($x).$rule(args, method!(@result $($y)?), g, dx, (Skip, Skip)).0
        }) }
    };
}

/// [`exact1`] of a constructor, after none, one or two dimensions.
macro_rules! built {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident) => {
        exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel(&$primal).$rule((Val($x),), (), g, Skip, (dx,)).1.0
        })
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($m:expr)) => {
        exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel(&$primal)
                .$rule((rt::Lit($m), Val($x)), (), g, Skip, (Skip, dx))
                .1
                .1
        })
    };
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident($m:expr, $n:expr)) => {
        exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            let args = (rt::Lit($m), rt::Lit($n), Val($x));
            peel(&$primal)
                .$rule(args, (), g, Skip, (Skip, Skip, dx))
                .1
                .2
        })
    };
}

pub(crate) fn dynamic<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
    filled(&DMatrix::zeros(rows, columns), seed)
}

pub(crate) fn fixed<T: Real, const R: usize, const C: usize>(seed: u32) -> SMatrix<T, R, C> {
    filled(&SMatrix::zeros(), seed)
}

/// As [`around`], with entries whose absolute values are further apart than the step.
pub(crate) fn spread<T: Real>(rows: usize, columns: usize) -> DMatrix<T> {
    let mut entries = around(rows, columns, 0);
    let mut k = SHIFT.get() % 97;
    entries.ad_map_components(&mut |_| {
        k = (k + 37) % 1009;
        (f64::from(k) / 8.0 + 0.5) * if k.is_multiple_of(2) { 1.0 } else { -1.0 }
    });
    entries
}

/// [`spread`] over a static shape.
pub(crate) fn spread_fixed<T: Real, const R: usize, const C: usize>() -> SMatrix<T, R, C> {
    let entries = spread::<T>(R, C);
    SMatrix::from_fn(|i, j| entries[(2 * i + 1, 2 * j + 1)])
}

pub(crate) fn column<T: Real>(rows: usize, seed: u32) -> DVector<T> {
    filled(&DVector::zeros(rows), seed)
}

/// A view whose rows and columns are both apart in memory.
pub(crate) type Strided<'a, T> = MatrixView<'a, T, Dyn, Dyn, Dyn, Dyn>;

/// A larger matrix, for [`strided`].
pub(crate) fn around<T: Real>(rows: usize, columns: usize, seed: u32) -> DMatrix<T> {
    dynamic(2 * rows + 2, 2 * columns + 2, seed)
}

pub(crate) fn strided<T: Real>(within: &DMatrix<T>) -> Strided<'_, T> {
    let (rows, columns) = ((within.nrows() - 2) / 2, (within.ncols() - 2) / 2);
    within.view_with_steps((1, 1), (rows, columns), (1, 1))
}
