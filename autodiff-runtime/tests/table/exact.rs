//! All entries of the Jacobian of a rule, against extrapolated differences.

use std::fmt::Debug;

use autodiff_runtime::{Differentiable, Real, Tangent};

use super::harness::components;

/// What may be left of the difference to the rule, relative to the larger of 1 and the entry, and what rounding may
/// leave between a cotangent pulled back as a whole and entry by entry.
pub(crate) fn accuracy<T: Real>() -> (f64, f64) {
    if is_single::<T>() {
        (5e-3, 1e-4)
    } else {
        (1e-9, 1e-12)
    }
}

pub(crate) fn is_single<T: Real>() -> bool {
    T::default_epsilon() > T::ad_from_f64(1e-10)
}

/// Column `i` holds the derivatives of all components of `f` with respect to component `i` of `x`: central differences
/// over a ladder of steps, extrapolated, of which the estimate is taken that differs least from those before it.
pub(crate) fn jacobian<T: Real, V: Differentiable + ?Sized>(
    x: &V,
    f: impl Fn(&V::Owned) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let zero = V::ad_zero(&x.ad_shape());
    let (first, rungs) = if is_single::<T>() {
        (0.0625, 3)
    } else {
        (0.03125, 6)
    };
    (0..components(&zero).len())
        .map(|i| {
            let unit = basis(&zero, i);
            let slopes = |k: i32| -> Vec<f64> {
                let step = first * 0.5_f64.powi(k);
                let (ahead, behind) = (f(&x.ad_step(&unit, step)), f(&x.ad_step(&unit, -step)));
                assert_eq!(ahead.len(), behind.len(), "the same shape on both sides");
                let differences = ahead.iter().zip(&behind);
                differences.map(|(a, b)| (a - b) / (2.0 * step)).collect()
            };
            extrapolate(&(0..rungs).map(slopes).collect::<Vec<_>>())
        })
        .collect()
}

/// Neville's scheme in the square of the step, for each component.
fn extrapolate(ladder: &[Vec<f64>]) -> Vec<f64> {
    (0..ladder[0].len())
        .map(|at| {
            let (mut best, mut error) = (ladder[0][at], f64::INFINITY);
            let mut row: Vec<f64> = Vec::new();
            for rung in ladder {
                let mut next = vec![rung[at]];
                let mut factor = 1.0;
                for k in 0..row.len() {
                    factor *= 4.0;
                    let value = (factor * next[k] - row[k]) / (factor - 1.0);
                    let change = (value - next[k]).abs().max((value - row[k]).abs());
                    if change < error {
                        (best, error) = (value, change);
                    }
                    next.push(value);
                }
                row = next;
            }
            best
        })
        .collect()
}

/// Unit tangent `i`, shaped like `zero`.
pub(crate) fn basis<T: Tangent>(zero: &T, i: usize) -> T {
    let mut unit = zero.clone();
    let mut at = 0..;
    unit.ad_map_components(&mut |_| f64::from(u8::from(at.next() == Some(i))));
    unit
}

/// Compares what a rule makes of unit cotangent `row`.
#[track_caller]
pub(crate) fn assert_row<T: Tangent>(
    what: &str,
    row: usize,
    got: &T,
    jacobian: &[Vec<f64>],
    tolerance: f64,
) {
    let got = components(got);
    assert_eq!(got.len(), jacobian.len(), "{what}: inputs");
    for (i, (got, column)) in got.iter().zip(jacobian).enumerate() {
        let expected = column[row];
        assert!(
            (got - expected).abs() <= tolerance * expected.abs().max(1.0),
            "{what}: output {row}, input {i}: {got} is not {expected}"
        );
    }
}

/// Checks a rule for one operand: every entry of the Jacobian, every kind of destination, and that the cotangent enters
/// linearly.
macro_rules! exact1 {
    ($T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, |$g:ident, $da:ident| $call:expr) => {{
        let a = &$a;
        let a = peel(a);
        let what = format!("{} of {:?} in {}", $what, a.ad_shape(), stringify!($T));
        let (tolerance, rounding) = exact::accuracy::<$T>();
        let result = {
            let $x = &a.ad_owned();
            $primal
        };
        let jacobian = exact::jacobian::<$T, _>(a, |$x| components(&$primal));
        let (shape, single) = (format!("{:?}", a.ad_shape()), exact::is_single::<$T>());
        record::record(stringify!($call), &what, &shape, single);
        let $g = &filled(&result, 5);
        let fresh = {
            let $x = a;
            contribution!(what, rounding, |$da| $call)
        };
        let mut sum = vec![0.0; jacobian.len()];
        for (row, weight) in components($g).into_iter().enumerate() {
            let $g = &exact::basis(&result, row);
            let got = {
                let ($x, $da) = (a, Fresh);
                $call
            };
            exact::assert_row(&what, row, &got, &jacobian, tolerance);
            for (sum, got) in sum.iter_mut().zip(components(&got)) {
                *sum += weight * got;
            }
        }
        let size = sum.iter().fold(1.0_f64, |size, it| size.max(it.abs()));
        for (sum, fresh) in sum.iter().zip(components(&fresh)) {
            assert!(
                (sum - fresh).abs() <= rounding * size,
                "{what} is not linear: {sum} and {fresh}"
            );
        }
    }};
}

/// [`exact1`] for each of two operands, with the other one skipped, and both together.
macro_rules! exact2 {
    ($T:ty, $what:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, |$g:ident, $da:ident, $db:ident| $call:expr) => {{
        let (a, b) = (&$a, &$b);
        let (a, b) = (peel(a), peel(b));
        {
            let $y = b;
            exact1!(
                $T,
                format!("{}, left", $what),
                a,
                |$x| {
                    let $y = &$y.ad_owned();
                    $primal
                },
                |$g, $da| {
                    let $db = Skip;
                    ($call).0
                }
            );
        }
        {
            let $x = a;
            exact1!(
                $T,
                format!("{}, right", $what),
                b,
                |$y| {
                    let $x = &$x.ad_owned();
                    $primal
                },
                |$g, $db| {
                    let $da = Skip;
                    ($call).1
                }
            );
        }
        let ($x, $y, $da, $db) = (a, b, Fresh, Fresh);
        let $g = &filled(
            &{
                let ($x, $y) = (&a.ad_owned(), &b.ad_owned());
                $primal
            },
            5,
        );
        let both = $call;
        let alone = (
            {
                let ($da, $db) = (Fresh, Skip);
                ($call).0
            },
            {
                let ($da, $db) = (Skip, Fresh);
                ($call).1
            },
        );
        assert_close(&format!("{}, both", $what), &both.0, &alone.0, 1e-15);
        assert_close(&format!("{}, both", $what), &both.1, &alone.1, 1e-15);
    }};
}

/// Operations whose values over dual numbers are rounded in another way: products by a blocked kernel, for which there is
/// `Times`, and what is had from a factorisation that is factored again.
const ROUNDED: [&str; 13] = [
    "mul",
    "ad_solve",
    "ad_try_inverse",
    "ad_l ",
    "ad_l_dirty",
    "ad_u ",
    "ad_q ",
    "ad_r ",
    "ad_inverse",
    "ad_unpack",
    "ad_determinant",
    "ad_ln_determinant",
    "ad_recompose",
];

/// Are the numbers in two texts the same up to rounding?
fn are_near(texts: &[String; 2], rounding: f64) -> bool {
    let [left, right] = texts.each_ref().map(|text| {
        let words = text.split(|c: char| !(c.is_ascii_digit() || ".-+e".contains(c)));
        words
            .filter_map(|word| word.parse::<f64>().ok())
            .collect::<Vec<_>>()
    });
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= rounding * (1.0 + a.abs());
    left.len() == right.len() && left.iter().zip(&right).all(close)
}

/// Compares the tangent that an operation has over dual numbers with the pullback: `⟨g, J v⟩` is `⟨Jᵀ g, v⟩`, and the
/// value is that of the operation itself, to the last bit.
#[track_caller]
pub(crate) fn assert_transposed<T: Real, V: Debug, W: Debug>(
    what: &str,
    (plain, value): (&V, &W),
    (g, image): (&[f64], &[f64]),
    (back, direction): (&[f64], &[f64]),
) {
    let texts = [format!("{plain:?}"), format!("{value:?}")];
    let rounding = accuracy::<T>().1;
    if texts[0] != texts[1] {
        let rounded = |rule: &&str| what.starts_with(*rule);
        let near = ROUNDED.iter().any(rounded) && are_near(&texts, rounding);
        assert!(near, "{what}: the value {} is not {}", texts[1], texts[0]);
    }
    assert_eq!(
        (g.len(), back.len()),
        (image.len(), direction.len()),
        "{what}: shapes"
    );
    let inner = |a: &[f64], b: &[f64]| {
        let terms = a.iter().zip(b).map(|(a, b)| a * b);
        terms.fold((0.0, 0.0), |(sum, size), term| {
            (sum + term, size + f64::abs(term))
        })
    };
    let ((forward, size), (reverse, other)) = (inner(g, image), inner(back, direction));
    let bound = rounding * (1.0 + size.max(other));
    assert!(
        (forward - reverse).abs() <= bound,
        "{what}: {forward} forward is not {reverse} in reverse"
    );
}

/// [`assert_transposed`] for one operand.
macro_rules! forward1 {
    ($T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, |$g:ident, $da:ident| $call:expr) => {
        forward1!(
            $T,
            $what,
            $a,
            |$x| $primal,
            over | $x | $primal,
            |$g, $da| $call
        )
    };
    ($T:ty, $what:expr, $a:expr, |$x:ident| $primal:expr, over |$l:ident| $lifted:expr, |$g:ident, $da:ident| $call:expr) => {{
        let a = &$a;
        let a = peel(a);
        let what = format!(
            "{} of {:?} in {}, forward",
            $what,
            a.ad_shape(),
            stringify!($T)
        );
        let direction = filled(&rt::zero_like(a), 23);
        let plain = {
            let $x = &a.ad_owned();
            $primal
        };
        let (value, image) = {
            let $l = &rt::lift(a, &direction);
            rt::split(&$lifted)
        };
        let $g = &filled(&image, 5);
        let back = {
            let ($x, $da) = (a, Fresh);
            $call
        };
        exact::assert_transposed::<$T, _, _>(
            &what,
            (&plain, &value),
            (&components($g), &components(&image)),
            (&components(&back), &components(&direction)),
        );
    }};
}

/// [`assert_transposed`] for two operands that move together.
macro_rules! forward2 {
    ($T:ty, $what:expr, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, |$g:ident, $da:ident, $db:ident| $call:expr) => {{
        let (a, b) = (&$a, &$b);
        let (a, b) = (peel(a), peel(b));
        let what = format!(
            "{} of {:?} in {}, forward",
            $what,
            a.ad_shape(),
            stringify!($T)
        );
        let direction = (filled(&rt::zero_like(a), 23), filled(&rt::zero_like(b), 29));
        let plain = {
            let ($x, $y) = (&a.ad_owned(), &b.ad_owned());
            $primal
        };
        let (value, image) = {
            let ($x, $y) = (&rt::lift(a, &direction.0), &rt::lift(b, &direction.1));
            rt::split(&$primal)
        };
        let $g = &filled(&image, 5);
        let back = {
            let ($x, $y, $da, $db) = (a, b, Fresh, Fresh);
            $call
        };
        exact::assert_transposed::<$T, _, _>(
            &what,
            (&plain, &value),
            (&components($g), &components(&image)),
            (&components(&back), &components(&direction)),
        );
    }};
}

/// [`exact1`] of a method; what follows the rule is the result, if the rule reads it.
macro_rules! unary {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, $rule:ident $($y:expr)?) => {
        { exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        }); forward1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        }) }
    };
}

/// [`unary`] of a method that dual numbers have under another name.
macro_rules! routed {
    ($T:ty, $a:expr, |$x:ident| $primal:expr, |$l:ident| $lifted:expr, $rule:ident $($y:expr)?) => {{
        exact1!($T, stringify!($rule), $a, |$x| $primal, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        });
        forward1!($T, stringify!($rule), $a, |$x| $primal, over |$l| $lifted, |g, dx| {
            peel($x).$rule((), method!(@result $($y)?), g, dx, ()).0
        })
    }};
}

/// [`exact2`] of a method with one argument.
macro_rules! binary {
    ($T:ty, $a:expr, $b:expr, |$x:ident, $y:ident| $primal:expr, $rule:ident $($r:expr)?) => {
        { exact2!($T, stringify!($rule), $a, $b, |$x, $y| $primal, |g, dx, dy| {
            let (x, (y,)) = peel($x).$rule((Val($y),), method!(@result $($r)?), g, dx, (dy,));
            (x, y)
        }); forward2!($T, stringify!($rule), $a, $b, |$x, $y| $primal, |g, dx, dy| {
            let (x, (y,)) = peel($x).$rule((Val($y),), method!(@result $($r)?), g, dx, (dy,));
            (x, y)
        }) }
    };
}
