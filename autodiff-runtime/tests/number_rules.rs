//! The rules of numbers, options and lists: every entry of the Jacobian against differences, with every kind of
//! destination, in both precisions.

#![allow(
    clippy::semicolon_if_nothing_returned,
    reason = "the same expression is expanded with destinations that hand something back and with others"
)]
#![allow(
    unused_macros,
    unused_macro_rules,
    dead_code,
    reason = "the harness serves other tests, too"
)]
#![allow(
    clippy::cast_possible_truncation,
    reason = "the points are rounded to single precision"
)]

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{self as rt, Acc, Fresh, Lazy, Maybe, Skip, Val, peel};
use autodiff_runtime::{Differentiable, Tangent};

#[macro_use]
mod table;

use table::harness::*;
use table::{exact, record};

table_of!("number_rules": double, single);

const ANYWHERE: [f64; 9] = [-2.5, -1.1, -0.6, -0.01, 0.0, 0.3, 0.9, 1.4, 2.8];
const NOT_ZERO: [f64; 9] = [-3.2, -1.7, -1.0, -0.8, 0.7, 1.0, 1.3, 2.1, 4.0];
const POSITIVE: [f64; 8] = [0.5, 0.75, 0.9, 1.0, 1.3, 2.0, 3.1, 7.5];
const INSIDE_ONE: [f64; 9] = [-0.7, -0.5, -0.3, -0.1, 0.0, 0.2, 0.4, 0.6, 0.7];
const ABOVE_ONE: [f64; 8] = [1.4, 1.5, 1.7, 2.0, 2.5, 3.0, 4.5, 9.0];
/// Far from an integer.
const BETWEEN: [f64; 8] = [-2.5, -1.6, -0.4, 0.3, 0.5, 0.6, 1.45, 7.5];
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
    (0.9, 3.0),
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

/// `x.name()` at a row of points; the word after the name says what the rule keeps.
macro_rules! unary_numbers {
    ($T:ty; $($name:ident $kept:ident $rule:ident $points:ident;)*) => { $(
        for x in $points {
            let x = x as $T;
            unary_numbers!(@ $kept $T, x, $name $rule);
        }
    )* };
    (@ input $T:ty, $x:ident, $name:ident $rule:ident) => {
        { exact1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| peel(x).$rule((), (), g, dx, ()).0); forward1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| peel(x).$rule((), (), g, dx, ()).0) }
    };
    (@ output $T:ty, $x:ident, $name:ident $rule:ident) => {
        { exact1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| {
            peel(&x.$name()).$rule((), (), g, dx, ()).0
        }); forward1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| {
            peel(&x.$name()).$rule((), (), g, dx, ()).0
        }) }
    };
    (@ all $T:ty, $x:ident, $name:ident $rule:ident) => {
        { exact1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| {
            peel(x).$rule((), &x.$name(), g, dx, ()).0
        }); forward1!($T, stringify!($name), $x, |x| x.$name(), |g, dx| {
            peel(x).$rule((), &x.$name(), g, dx, ()).0
        }) }
    };
}

/// `x.name(y)` at a row of points.
macro_rules! binary_numbers {
    ($T:ty; $($name:ident $kept:ident $rule:ident $points:ident;)*) => { $(
        for (x, y) in $points {
            let (x, y) = (x as $T, y as $T);
            { exact2!($T, stringify!($name), x, y, |x, y| x.$name(*y), |g, dx, dy| {
                let (x, (y,)) = peel(x).$rule((Val(y),), binary_numbers!(@ $kept x.$name(*y)), g, dx, (dy,));
                (x, y)
            }); forward2!($T, stringify!($name), x, y, |x, y| x.$name(*y), |g, dx, dy| {
                let (x, (y,)) = peel(x).$rule((Val(y),), binary_numbers!(@ $kept x.$name(*y)), g, dx, (dy,));
                (x, y)
            }) };
        }
    )* };
    (@ input $y:expr) => { () };
    (@ all $y:expr) => { &$y };
}

/// Operators at a row of points.
macro_rules! number_operators {
    ($T:ty; $($symbol:tt $rule:ident $points:ident;)*) => { $(
        for (x, y) in $points {
            let (x, y) = (x as $T, y as $T);
            { exact2!($T, stringify!($rule), x, y, |x, y| x $symbol y, |g, dx, dy| rt::$rule((x, y), g, dx, dy)); forward2!($T, stringify!($rule), x, y, |x, y| x $symbol y, |g, dx, dy| rt::$rule((x, y), g, dx, dy)) };
        }
    )* };
}

macro_rules! in_precision {
    ($module:ident $T:ident) => {
        mod $module {
            use super::*;

            #[test]
            fn of_one_number() {
                unary_numbers! { $T;
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
                    fract input ad_fract BETWEEN;
                    clone input ad_clone ANYWHERE;
                    to_owned input ad_to_owned ANYWHERE;
                    sin_cos all ad_sin_cos ANYWHERE;
                }
            }

            #[test]
            fn of_two_numbers() {
                binary_numbers! { $T;
                    powf all ad_powf RIGHT_HALF;
                    hypot all ad_hypot PLANE;
                    atan2 input ad_atan2 PLANE;
                    log input ad_log POSITIVE_PAIRS;
                    max input ad_max PLANE;
                    min input ad_min PLANE;
                    copysign input ad_copysign DIVISIONS;
                    rem_euclid input ad_rem_euclid DIVISIONS;
                    div_euclid input ad_div_euclid DIVISIONS;
                }
                number_operators! { $T;
                    * mul PLANE;
                    / div DIVISIONS;
                    % rem DIVISIONS;
                }
                for (x, y) in PLANE {
                    let (x, y) = (x as $T, y as $T);
                    exact2!($T, "add", x, y, |x, y| x + y, |g, dx, dy| rt::pull2_ref(
                        rt::add((x, y)),
                        g,
                        dx,
                        dy
                    ));
                    exact2!($T, "sub", x, y, |x, y| x - y, |g, dx, dy| rt::pull2_ref(
                        rt::sub((x, y)),
                        g,
                        dx,
                        dy
                    ));
                    exact1!($T, "neg", x, |x| -x, |g, dx| rt::pull1_ref(
                        rt::neg(x),
                        g,
                        dx
                    ));
                }
            }

            #[test]
            fn of_several_numbers() {
                for n in [-3, -2, -1, 0, 1, 2, 3, 7] {
                    for x in NOT_ZERO {
                        let x = x as $T;
                        exact1!($T, format!("powi {n}"), x, |x| x.powi(n), |g, dx| {
                            peel(x).ad_powi((Val(&n),), (), g, dx, (Skip,)).0
                        });
                    }
                }
                for (x, y) in PLANE {
                    let (x, y) = (x as $T, y as $T);
                    let z = x - y;
                    exact2!(
                        $T,
                        "mul_add, factors",
                        x,
                        y,
                        |x, y| x.mul_add(*y, z),
                        |g, dx, dy| {
                            let (x, (y, _)) =
                                peel(x).ad_mul_add((Val(y), Val(&z)), (), g, dx, (dy, Fresh));
                            (x, y)
                        }
                    );
                    exact1!($T, "mul_add, term", z, |z| x.mul_add(y, *z), |g, dz| {
                        let args = (Val(&y), Val(z));
                        peel(&x).ad_mul_add(args, (), g, Skip, (Skip, dz)).1.1
                    });
                }
                // Below, above and inside.
                for (x, low) in DIVISIONS.into_iter().chain([(2.5, 1.5), (0.75, -0.5)]) {
                    let (x, low) = (x as $T, low.abs() as $T);
                    let high = low + 1.625;
                    exact2!(
                        $T,
                        "clamp",
                        x,
                        low,
                        |x, y| x.clamp(*y, high),
                        |g, dx, dy| {
                            let args = (Val(y), Val(&high));
                            let (x, (y, _)) = peel(x).ad_clamp(args, (), g, dx, (dy, Skip));
                            (x, y)
                        }
                    );
                    exact1!(
                        $T,
                        "clamp, upper bound",
                        high,
                        |y| x.clamp(low, *y),
                        |g, dy| {
                            let args = (Val(&low), Val(y));
                            peel(&x).ad_clamp(args, (), g, Skip, (Skip, dy)).1.1
                        }
                    );
                }
            }

            #[test]
            fn of_options() {
                for x in ANYWHERE {
                    let (x, y) = (Some(x as $T), 0.75 as $T);
                    let z: Result<$T, String> = Ok(y + 1.0);
                    exact1!($T, "unwrap", x, |x| x.unwrap(), |g, dx| {
                        peel(x).ad_unwrap((), (), g, dx, ()).0
                    });
                    exact1!(
                        $T,
                        "unwrap of a result",
                        z,
                        |x| x.clone().unwrap(),
                        |g, dx| { peel(x).ad_unwrap((), (), g, dx, ()).0 }
                    );
                    exact1!($T, "expect", x, |x| x.expect("it is there"), |g, dx| {
                        let args = (rt::Lit("it is there"),);
                        peel(x).ad_expect(args, (), g, dx, (Skip,)).0
                    });
                    exact2!(
                        $T,
                        "unwrap_or",
                        x,
                        y,
                        |x, y| x.unwrap_or(*y),
                        |g, dx, dy| {
                            let (x, (y,)) = peel(x).ad_unwrap_or((Val(y),), (), g, dx, (dy,));
                            (x, y)
                        }
                    );
                    exact1!(
                        $T,
                        "unwrap_or, absent",
                        y,
                        |y| None.unwrap_or(*y),
                        |g, dy| {
                            peel(&None::<$T>)
                                .ad_unwrap_or((Val(y),), (), g, Skip, (dy,))
                                .1
                                .0
                        }
                    );
                    exact1!(
                        $T,
                        "unwrap_or_default",
                        x,
                        |x| x.unwrap_or_default(),
                        |g, dx| { peel(x).ad_unwrap_or_default((), (), g, dx, ()).0 }
                    );
                    exact1!($T, "ok", z, |x| x.clone().ok(), |g, dx| {
                        peel(x).ad_ok((), (), g, dx, ()).0
                    });
                    exact1!($T, "ok_or", x, |x| x.ok_or("absent").ok(), |g, dx| {
                        peel(x).ad_ok_or((rt::Lit("absent"),), (), g, dx, (Skip,)).0
                    });
                    exact1!($T, "as_ref", x, |x| x.as_ref().copied(), |g, dx| {
                        peel(x).ad_as_ref((), (), g, dx, ()).0
                    });
                    exact1!($T, "copied", x, |x| x.as_ref().copied(), |g, dx| {
                        peel(&x.as_ref()).ad_copied((), (), g, dx, ()).0
                    });
                    exact1!($T, "cloned", x, |x| x.as_ref().cloned(), |g, dx| {
                        peel(&x.as_ref()).ad_cloned((), (), g, dx, ()).0
                    });
                }
            }

            #[test]
            fn of_lists() {
                for n in 1..10_u32 {
                    let x: Vec<$T> = filled(&vec![0.0; n as usize], n);
                    let array: [$T; 3] = filled(&[0.0; 3], n);
                    let at = (n / 2) as usize;
                    macro_rules! lists {
                        ($a:expr) => {
                            exact1!($T, "first", $a, |x| x.first().copied(), |g, dx| {
                                peel(x).ad_first((), (), g, dx, ()).0
                            });
                            exact1!($T, "last", $a, |x| x.last().copied(), |g, dx| {
                                peel(x).ad_last((), (), g, dx, ()).0
                            });
                            exact1!($T, "to_vec", $a, |x| x.to_vec(), |g, dx| {
                                peel(x).ad_to_vec((), (), g, dx, ()).0
                            });
                            exact1!($T, "as_slice", $a, |x| x[..].to_vec(), |g, dx| {
                                peel(x).ad_as_slice((), (), g, dx, ()).0
                            });
                        };
                    }
                    lists!(x);
                    lists!(array);
                    exact1!($T, "from", x, |x| Vec::from(&x[..]), |g, dx| {
                        peel(&x.to_vec()).ad_from((Val(x),), (), g, Skip, (dx,)).1.0
                    });
                    exact1!($T, "from", array, |x| Vec::from(*x), |g, dx| {
                        peel(&x.to_vec()).ad_from((Val(x),), (), g, Skip, (dx,)).1.0
                    });
                    exact1!($T, "get", x, |x| x.get(at).copied(), |g, dx| {
                        peel(x).ad_get((rt::Lit(at),), (), g, dx, (Skip,)).0
                    });
                    exact1!($T, "clone", x, |x| x.clone(), |g, dx| {
                        peel(x).ad_clone((), (), g, dx, ()).0
                    });
                }
            }

            pub(super) fn all() {
                of_one_number();
                of_two_numbers();
                of_several_numbers();
                of_options();
                of_lists();
            }
        }
    };
}
in_precision!(double f64);
in_precision!(single f32);

/// Where the squares of single precision overflow or vanish, the functions that need not do so do not: the gradient is that
/// of double precision, which is far from its own limits there.
mod extremes_of_single_precision {
    use super::*;

    const TINY: f32 = f32::MIN_POSITIVE;
    const HALF: f32 = f32::MAX / 2.0;
    const ALL: [f32; 10] = [
        f32::MAX,
        -f32::MAX,
        HALF,
        -HALF,
        1e20,
        -1e20,
        TINY,
        -TINY,
        1e-30,
        -1e-30,
    ];
    const UP: [f32; 5] = [f32::MAX, HALF, 1e20, TINY, 1e-30];
    const LARGE: [f32; 3] = [f32::MAX, HALF, 1e20];

    #[track_caller]
    fn same(what: &str, at: &[f32], found: f32, due: f64) {
        let due = due as f32;
        assert!(
            found.is_finite() && (found - due).abs() <= (1e-5 * due.abs()).max(TINY),
            "{what} at {at:?}: {found:e}, not {due:e}"
        );
    }

    macro_rules! one {
        ($($name:ident $kept:ident $rule:ident $points:ident;)*) => { $(
            for x in $points {
                let wide = f64::from(x);
                same(stringify!($rule), &[x], one!(@ $kept x $name $rule 1.0_f32), one!(@ $kept wide $name $rule 1.0_f64));
            }
        )* };
        (@ input $x:ident $name:ident $rule:ident $g:literal) => { peel(&$x).$rule((), (), &$g, Fresh, ()).0 };
        (@ output $x:ident $name:ident $rule:ident $g:literal) => { peel(&$x.$name()).$rule((), (), &$g, Fresh, ()).0 };
    }

    #[test]
    fn of_one_number() {
        one! {
            abs input ad_abs ALL;
            cbrt output ad_cbrt LARGE;
            sqrt output ad_sqrt UP;
            ln input ad_ln UP;
            ln_1p input ad_ln_1p UP;
            log2 input ad_log2 UP;
            log10 input ad_log10 UP;
            sin input ad_sin ALL;
            cos input ad_cos ALL;
            atan input ad_atan ALL;
            tanh output ad_tanh ALL;
            asinh input ad_asinh ALL;
            acosh input ad_acosh LARGE;
            recip output ad_recip LARGE;
        }
    }

    #[test]
    fn of_two_numbers() {
        macro_rules! two {
            ($x:ident $y:ident; $($name:ident $kept:ident $rule:ident;)*) => { $(
                let (wide, broad) = (f64::from($x), f64::from($y));
                let at = [$x, $y];
                same(stringify!($name), &at, $x.$name($y), wide.$name(broad));
                let (a, (b,)) = peel(&$x).$rule((Val(&$y),), two!(@ $kept $x.$name($y)), &1.0, Fresh, (Fresh,));
                let (c, (d,)) = peel(&wide).$rule((Val(&broad),), two!(@ $kept wide.$name(broad)), &1.0, Fresh, (Fresh,));
                same(stringify!($rule), &at, a, c);
                same(stringify!($rule), &at, b, d);
            )* };
            (@ input $y:expr) => { () };
            (@ all $y:expr) => { &$y };
        }
        for x in ALL {
            for y in ALL {
                let (x, y) = (x / 2.0, y / 2.0);
                two! { x y; hypot all ad_hypot; max input ad_max; min input ad_min; copysign input ad_copysign; }
                // Below this, the slope itself is more than a number can hold.
                if x.abs().max(y.abs()) >= 1e-30 {
                    two! { x y; atan2 input ad_atan2; }
                }
            }
        }
    }
}
