//! Every elementary function at a row of points, against differences.

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{Acc, Fresh, Lazy, Lit, Maybe, Skip, Val, peel};
use autodiff_runtime::check::Check;
use autodiff_runtime::tangent::Plain;
use autodiff_runtime::{Differentiable, Real};

/// Differences of `primal` confirm the cotangents at each point, and the rule is linear in `g`.
#[track_caller]
fn confirm<X, T>(
    points: impl IntoIterator<Item = X>,
    primal: impl Fn(&X) -> T,
    rule: impl Fn(&X, T) -> X::Tangent,
) where
    X: Differentiable<Owned = X> + core::fmt::Debug,
    X::Tangent: Into<Vec<T>>,
    T: Real,
{
    for x in points {
        let report = Check::new().gradient(&primal, |x| rule(x, T::one()), &x);
        assert!(report.passed(), "at {x:?}: {report}");
        let unit: Vec<T> = rule(&x, T::one()).into();
        let scaled: Vec<T> = rule(&x, T::ad_from_f64(-2.0)).into();
        for (unit, scaled) in unit.into_iter().zip(scaled) {
            assert_eq!(
                scaled,
                T::ad_from_f64(-2.0) * unit,
                "at {x:?}: not linear in g"
            );
        }
    }
}

/// Tests of `x.name()`, one per line, in both precisions. The word after the name says what the rule keeps.
macro_rules! one_number {
    ($($name:ident $kept:ident $rule:ident $points:expr;)*) => { $(
        #[test]
        fn $name() {
            one_number!(@run f64 $name $kept $rule $points);
            one_number!(@run f32 $name $kept $rule $points);
        }
    )* };
    (@run $t:ident $name:ident $kept:ident $rule:ident $points:expr) => {
        confirm(
            $points.map(|x| [x as $t]),
            |&[x]| x.$name(),
            |&[x], g| one_number!(@call $name $kept $rule x g),
        )
    };
    (@call $name:ident input $rule:ident $x:ident $g:ident) => { [peel(&$x).$rule((), (), &$g, Fresh, ()).0] };
    (@call $name:ident output $rule:ident $x:ident $g:ident) => { [peel(&$x.$name()).$rule((), (), &$g, Fresh, ()).0] };
    (@call $name:ident all $rule:ident $x:ident $g:ident) => { [peel(&$x).$rule((), &$x.$name(), &$g, Fresh, ()).0] };
}

/// Tests of `a.name(b)`, one per line.
macro_rules! two_numbers {
    ($($name:ident $kept:ident $rule:ident $points:expr;)*) => { $(
        #[test]
        fn $name() {
            two_numbers!(@run f64 $name $kept $rule $points);
            two_numbers!(@run f32 $name $kept $rule $points);
        }
    )* };
    (@run $t:ident $name:ident $kept:ident $rule:ident $points:expr) => {
        confirm(
            $points.map(|(a, b)| [a as $t, b as $t]),
            |&[a, b]| a.$name(b),
            |&[a, b], g| two_numbers!(@call $name $kept $rule a b g),
        )
    };
    (@call $name:ident input $rule:ident $a:ident $b:ident $g:ident) => {{
        let (to_a, (to_b,)) = peel(&$a).$rule((Val(&$b),), (), &$g, Fresh, (Fresh,));
        [to_a, to_b]
    }};
    (@call $name:ident all $rule:ident $a:ident $b:ident $g:ident) => {{
        let (to_a, (to_b,)) = peel(&$a).$rule((Val(&$b),), &$a.$name($b), &$g, Fresh, (Fresh,));
        [to_a, to_b]
    }};
}

const ANYWHERE: [f64; 9] = [-2.5, -1.1, -0.6, -0.01, 0.0, 0.3, 0.9, 1.4, 2.8];
const NOT_ZERO: [f64; 9] = [-3.2, -1.7, -1.0, -0.8, 0.7, 1.0, 1.3, 2.1, 4.0];
const POSITIVE: [f64; 8] = [0.5, 0.75, 0.9, 1.0, 1.3, 2.0, 3.1, 7.5];
const INSIDE_ONE: [f64; 9] = [-0.7, -0.5, -0.3, -0.1, 0.0, 0.2, 0.4, 0.6, 0.7];
const ABOVE_ONE: [f64; 8] = [1.4, 1.5, 1.7, 2.0, 2.5, 3.0, 4.5, 9.0];
const PLANE: [(f64, f64); 9] = [
    (0.5, 1.25),
    (-1.5, 0.75),
    (2.0, -0.5),
    (-0.8, -1.3),
    (1.0, 3.0),
    (0.7, -2.2),
    (-3.0, 0.4),
    (2.3, 2.4),
    (0.0, 1.0),
];
const RIGHT_HALF: [(f64, f64); 9] = [
    (0.5, 1.25),
    (1.5, 0.75),
    (2.0, -0.5),
    (0.8, -1.3),
    (1.0, 3.0),
    (0.7, -2.2),
    (3.0, 0.4),
    (2.3, 2.4),
    (4.0, 0.0),
];
const POSITIVE_PAIRS: [(f64, f64); 8] = [
    (0.5, 2.25),
    (1.5, 3.75),
    (2.0, 0.5),
    (0.8, 0.4),
    (1.0, 3.0),
    (0.7, 2.2),
    (3.0, 10.0),
    (2.3, 2.4),
];
/// Quotients far from an integer, where a remainder jumps.
const DIVISIONS: [(f64, f64); 8] = [
    (5.5, 2.0),
    (-5.5, 2.0),
    (5.5, -2.0),
    (-5.5, -2.0),
    (1.25, 3.0),
    (-7.0, 4.0),
    (10.5, 3.0),
    (0.75, -1.5),
];

one_number! {
    abs input ad_abs NOT_ZERO;
    recip output ad_recip NOT_ZERO;
    sqrt output ad_sqrt POSITIVE;
    cbrt output ad_cbrt NOT_ZERO;
    exp all ad_exp ANYWHERE;
    exp2 output ad_exp2 ANYWHERE;
    exp_m1 output ad_exp_m1 ANYWHERE;
    ln input ad_ln POSITIVE;
    ln_1p input ad_ln_1p POSITIVE;
    log2 input ad_log2 POSITIVE;
    log10 input ad_log10 POSITIVE;
    sin input ad_sin ANYWHERE;
    cos input ad_cos ANYWHERE;
    tan output ad_tan INSIDE_ONE;
    asin input ad_asin INSIDE_ONE;
    acos input ad_acos INSIDE_ONE;
    atan input ad_atan ANYWHERE;
    sinh input ad_sinh ANYWHERE;
    cosh input ad_cosh ANYWHERE;
    tanh output ad_tanh ANYWHERE;
    asinh input ad_asinh ANYWHERE;
    acosh input ad_acosh ABOVE_ONE;
    atanh input ad_atanh INSIDE_ONE;
    to_radians input ad_to_radians ANYWHERE;
    to_degrees input ad_to_degrees ANYWHERE;
    fract input ad_fract [-2.5, -1.6, -0.4, 0.3, 0.5, 0.6, 1.45, 7.5];
    clone input ad_clone ANYWHERE;
    to_owned input ad_to_owned ANYWHERE;
}

two_numbers! {
    powf all ad_powf RIGHT_HALF;
    hypot all ad_hypot PLANE;
    atan2 input ad_atan2 PLANE;
    log input ad_log POSITIVE_PAIRS;
    max input ad_max PLANE;
    min input ad_min PLANE;
    copysign input ad_copysign RIGHT_HALF.map(|(a, b)| (a - 2.2, b + 0.1));
    rem_euclid input ad_rem_euclid DIVISIONS;
    div_euclid input ad_div_euclid DIVISIONS;
}

/// The integer exponents that a program may well use, at points of either sign.
#[test]
fn powi() {
    for n in [-3, -2, -1, 0, 1, 2, 3, 7] {
        confirm(
            NOT_ZERO.map(|x| [x]),
            |&[x]: &[f64; 1]| x.powi(n),
            |&[x], g| [peel(&x).ad_powi((Val(&n),), (), &g, Fresh, (Skip,)).0],
        );
        confirm(
            NOT_ZERO.map(|x| [x as f32]),
            |&[x]| x.powi(n),
            |&[x], g| [peel(&x).ad_powi((Lit(n),), (), &g, Fresh, (Skip,)).0],
        );
    }
}

#[test]
fn mul_add() {
    confirm(
        PLANE.map(|(a, b)| [a, b, a - b]),
        |&[a, b, c]: &[f64; 3]| a.mul_add(b, c),
        |&[a, b, c], g| {
            let (a, (b, c)) =
                peel(&a).ad_mul_add((Val(&b), Val(&c)), (), &g, Fresh, (Fresh, Fresh));
            [a, b, c]
        },
    );
}

#[test]
fn clamp() {
    confirm(
        [
            [-2.0, -1.0, 1.0],
            [0.5, -1.0, 1.0],
            [3.0, -1.0, 1.0],
            [0.25, 0.0, 4.0],
        ],
        |&[x, low, high]: &[f64; 3]| x.clamp(low, high),
        |&[x, low, high], g| {
            let (x, (low, high)) =
                peel(&x).ad_clamp((Val(&low), Val(&high)), (), &g, Fresh, (Fresh, Fresh));
            [x, low, high]
        },
    );
}

#[test]
fn sin_cos() {
    for weights in [(1.0, 0.0), (0.0, 1.0), (0.5, -2.0)] {
        confirm(
            ANYWHERE.map(|x| [x]),
            |&[x]| {
                let (sin, cos) = x.sin_cos();
                weights.0 * sin + weights.1 * cos
            },
            |&[x], g| {
                let g = (g * weights.0, g * weights.1);
                [peel(&x).ad_sin_cos((), &x.sin_cos(), &g, Fresh, ()).0]
            },
        );
    }
}

/// Slopes whose obvious formula overflows, underflows or cancels.
#[test]
fn extreme_arguments() {
    #[track_caller]
    fn near(got: f64, expected: f64) {
        assert!(
            ((got - expected) / expected).abs() < 1e-14,
            "{got:e} is not {expected:e}"
        );
    }
    near(peel(&1e200_f64).ad_asinh((), (), &1.0, Fresh, ()).0, 1e-200);
    near(peel(&1e200_f64).ad_acosh((), (), &1.0, Fresh, ()).0, 1e-200);
    near(
        peel(&1e-250_f64)
            .ad_atan2((Val(&0.0),), (), &1.0, Skip, (Fresh,))
            .1
            .0,
        -1e250,
    );
    near(
        peel(&1e-200_f64)
            .ad_powf((Lit(2.0),), &0.0, &1.0, Fresh, (Skip,))
            .0,
        2e-200,
    );
    near(
        peel(&1e200_f64)
            .ad_powf((Lit(2.0),), &f64::INFINITY, &1.0, Fresh, (Skip,))
            .0,
        2e200,
    );
    near(
        peel(&1e-200_f64.recip())
            .ad_recip((), (), &1e-200, Fresh, ())
            .0,
        -1e200,
    );
    let minimum = peel(&1.0_f64)
        .ad_powi((Lit(i32::MIN),), (), &1.0, Fresh, (Skip,))
        .0;
    near(minimum, f64::from(i32::MIN));
}

#[test]
fn a_literal_bound_takes_its_side_but_no_tie() {
    let literal_max = |x: f64| peel(&x).ad_max((Lit(1.0),), (), &1.0, Fresh, (Skip,)).0;
    assert_eq!([0.5, 1.0, 2.0].map(literal_max), [0.0, 0.0, 1.0]);
    let literal_min = |x: f64| peel(&x).ad_min((Lit(1.0),), (), &1.0, Fresh, (Skip,)).0;
    assert_eq!([0.5, 1.0, 2.0].map(literal_min), [1.0, 0.0, 0.0]);
}

/// `max` and `min` ignore a NaN, and so do their derivatives.
#[test]
fn a_nan_operand_gets_nothing() {
    let both = |a: f64, b: f64| {
        let (a_max, (b_max,)) = peel(&a).ad_max((Val(&b),), (), &1.0, Fresh, (Fresh,));
        let (a_min, (b_min,)) = peel(&a).ad_min((Val(&b),), (), &1.0, Fresh, (Fresh,));
        [a_max, b_max, a_min, b_min]
    };
    assert_eq!(both(f64::NAN, 1.0), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(both(1.0, f64::NAN), [1.0, 0.0, 1.0, 0.0]);
}

/// A variable bound shares a tie; at a triple tie the choice is that of `x.max(low).min(high)`.
#[test]
fn clamp_shares_ties_with_variable_bounds() {
    let shares = |x: f64, low: f64, high: f64| {
        let (x, (low, high)) =
            peel(&x).ad_clamp((Val(&low), Val(&high)), (), &1.0, Fresh, (Fresh, Fresh));
        [x, low, high]
    };
    assert_eq!(shares(0.0, 0.0, 1.0), [0.5, 0.5, 0.0]);
    assert_eq!(shares(1.0, 0.0, 1.0), [0.5, 0.0, 0.5]);
    assert_eq!(shares(1.0, 1.0, 1.0), [0.25, 0.25, 0.5]);
}

/// Where the slope is infinite, a cotangent of exactly zero contributes exactly zero, and a NaN stays a NaN.
#[test]
fn singular_slopes_are_guarded() {
    type Rule = fn(f64) -> f64;
    let singular: [(&str, Rule); 19] = [
        ("sqrt", |g| peel(&0.0_f64).ad_sqrt((), (), &g, Fresh, ()).0),
        ("cbrt", |g| peel(&0.0_f64).ad_cbrt((), (), &g, Fresh, ()).0),
        ("recip", |g| {
            peel(&f64::INFINITY).ad_recip((), (), &g, Fresh, ()).0
        }),
        ("ln", |g| peel(&0.0_f64).ad_ln((), (), &g, Fresh, ()).0),
        ("ln_1p", |g| {
            peel(&-1.0_f64).ad_ln_1p((), (), &g, Fresh, ()).0
        }),
        ("log2", |g| peel(&0.0_f64).ad_log2((), (), &g, Fresh, ()).0),
        ("log10", |g| {
            peel(&0.0_f64).ad_log10((), (), &g, Fresh, ()).0
        }),
        ("log", |g| {
            peel(&0.0_f64).ad_log((Lit(2.0),), (), &g, Fresh, (Skip,)).0
        }),
        ("log, base", |g| {
            peel(&2.0_f64)
                .ad_log((Val(&1.0),), (), &g, Skip, (Fresh,))
                .1
                .0
        }),
        ("asin", |g| peel(&1.0_f64).ad_asin((), (), &g, Fresh, ()).0),
        ("acos", |g| peel(&-1.0_f64).ad_acos((), (), &g, Fresh, ()).0),
        ("acosh", |g| {
            peel(&1.0_f64).ad_acosh((), (), &g, Fresh, ()).0
        }),
        ("atanh", |g| {
            peel(&1.0_f64).ad_atanh((), (), &g, Fresh, ()).0
        }),
        ("powf", |g| {
            peel(&0.0_f64)
                .ad_powf((Lit(0.5),), &0.0, &g, Fresh, (Skip,))
                .0
        }),
        ("powf, exponent", |g| {
            peel(&0.0_f64)
                .ad_powf((Val(&-1.0),), &f64::INFINITY, &g, Skip, (Fresh,))
                .1
                .0
        }),
        ("powi", |g| {
            peel(&0.0_f64).ad_powi((Lit(-1),), (), &g, Fresh, (Skip,)).0
        }),
        ("hypot", |g| {
            peel(&0.0_f64)
                .ad_hypot((Val(&0.0),), &0.0, &g, Fresh, (Skip,))
                .0
        }),
        ("atan2", |g| {
            peel(&0.0_f64)
                .ad_atan2((Val(&0.0),), (), &g, Fresh, (Skip,))
                .0
        }),
        ("rem_euclid", |g| {
            peel(&1.0_f64)
                .ad_rem_euclid((Val(&0.0),), (), &g, Skip, (Fresh,))
                .1
                .0
        }),
    ];
    for (name, rule) in singular {
        assert_eq!(rule(0.0), 0.0, "{name}");
        assert!(rule(f64::NAN).is_nan(), "{name}");
    }
}

/// The edge of the domain is a zero of either sign.
#[test]
fn negative_zero_has_the_slope_of_zero() {
    let slopes = [
        peel(&-0.0_f64).ad_sqrt((), (), &1.0, Fresh, ()).0,
        peel(&-0.0_f64).ad_ln((), (), &1.0, Fresh, ()).0,
        peel(&-0.0_f64).ad_log2((), (), &1.0, Fresh, ()).0,
        peel(&-0.0_f64).ad_log10((), (), &1.0, Fresh, ()).0,
    ];
    assert_eq!(slopes, [f64::INFINITY; 4]);
    let exponent = peel(&-0.0_f64).ad_powf((Val(&-1.0),), &f64::NEG_INFINITY, &1.0, Skip, (Fresh,));
    assert_eq!(exponent.1.0, f64::NEG_INFINITY);
}

/// Every destination receives the same contribution.
#[test]
fn destinations() {
    let (x, g) = (0.3_f64, 2.0);
    let (fresh, ()) = peel(&x).ad_sin((), (), &g, Fresh, ());
    let (mut accumulated, mut lazy, mut shadow) = (1.0, Plain(1.0), 1.0);
    peel(&x).ad_sin((), (), &g, Acc(&mut accumulated), ());
    peel(&x).ad_sin((), (), &g, Lazy(&mut lazy), ());
    peel(&x).ad_sin((), (), &g, Maybe(Some(&mut shadow)), ());
    peel(&x).ad_sin((), (), &g, Maybe::<f64>(None), ());
    peel(&x).ad_sin((), (), &g, Skip, ());
    assert_eq!([accumulated, lazy.0, shadow], [1.0 + fresh; 3]);
}

/// Literals take the type of the receiver, and integers contribute nothing.
#[test]
fn literals_and_integers() {
    let (to_x, ((),)) = peel(&0.5_f32).ad_max((Lit(0.25),), (), &1.0, Fresh, (Skip,));
    assert_eq!(to_x, 1.0_f32);
    peel(&3_usize).ad_max((Lit(1),), (), &(), Fresh, (Skip,));
    peel(&3_u8).ad_min((Val(&1_u8),), (), &(), Fresh, (Fresh,));
    peel(&3_i64).ad_clamp((Lit(1), Lit(2)), (), &(), Fresh, (Skip, Skip));
    peel(&3_i32).ad_pow((Lit(2),), (), &(), Skip, (Skip,));
    peel(&3_i32).ad_rem_euclid((Lit(2),), (), &(), Skip, (Skip,));
    peel(&-3_i32).ad_abs((), (), &(), Fresh, ());
}
