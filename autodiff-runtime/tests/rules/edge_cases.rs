//! The scalar rows of `tests/data/edge-cases.json`, the contract on kinks, domain edges and extremes.

use autodiff_runtime::__private::rules::*;
use autodiff_runtime::__private::{Fresh, Lit, Skip, Val, div, mul, pair, peel, rem};
use serde_json::Value;

/// Value and gradient at a point of one or two numbers.
type Row = fn(&[f64]) -> (f64, Vec<f64>);

/// `x.name()`, by a rule that keeps its input or its output.
macro_rules! one {
    ($name:ident input $rule:ident) => {
        |x| {
            (
                x[0].$name(),
                vec![peel(&x[0]).$rule((), (), &1.0, Fresh, ()).0],
            )
        }
    };
    ($name:ident output $rule:ident) => {
        |x| {
            let y = x[0].$name();
            (y, vec![peel(&y).$rule((), (), &1.0, Fresh, ()).0])
        }
    };
}

/// `x.name(y)`.
macro_rules! two {
    ($name:ident input $rule:ident) => {
        |x| {
            let (a, (b,)) = peel(&x[0]).$rule((Val(&x[1]),), (), &1.0, Fresh, (Fresh,));
            (x[0].$name(x[1]), vec![a, b])
        }
    };
    ($name:ident all $rule:ident) => {
        |x| {
            let y = x[0].$name(x[1]);
            let (a, (b,)) = peel(&x[0]).$rule((Val(&x[1]),), &y, &1.0, Fresh, (Fresh,));
            (y, vec![a, b])
        }
    };
}

/// An operator.
macro_rules! operator {
    ($symbol:tt $call:ident) => {
        |x| {
            let (a, b) = $call(pair(&x[0], &x[1]), &1.0, Fresh, Fresh);
            (x[0] $symbol x[1], vec![a, b])
        }
    };
}

/// `x.powi(n)`.
macro_rules! integer_power {
    ($n:literal) => {
        |x| {
            (
                x[0].powi($n),
                vec![peel(&x[0]).ad_powi((Lit($n),), (), &1.0, Fresh, (Skip,)).0],
            )
        }
    };
}

/// `x.powf(p)` with an inactive exponent.
macro_rules! constant_power {
    ($p:literal) => {
        |x| {
            let y = x[0].powf($p);
            (
                y,
                vec![peel(&x[0]).ad_powf((Lit($p),), &y, &1.0, Fresh, (Skip,)).0],
            )
        }
    };
}

/// `x.clamp(low, high)` with literal bounds.
macro_rules! clamped {
    ($low:literal $high:literal) => {
        |x| {
            let bounds = (Lit($low), Lit($high));
            let (to_x, _) = peel(&x[0]).ad_clamp(bounds, (), &1.0, Fresh, (Skip, Skip));
            (x[0].clamp($low, $high), vec![to_x])
        }
    };
}

const POWER: Row = two!(powf all ad_powf);

const ROWS: [(&str, Row); 51] = [
    ("abs", one!(abs input ad_abs)),
    ("abs_negzero", one!(abs input ad_abs)),
    ("relu", |x| {
        (
            x[0].max(0.0),
            vec![peel(&x[0]).ad_max((Lit(0.0),), (), &1.0, Fresh, (Skip,)).0],
        )
    }),
    ("max2_tie", two!(max input ad_max)),
    ("min2_tie", two!(min input ad_min)),
    ("sqrt", one!(sqrt output ad_sqrt)),
    ("sqrt_neg", one!(sqrt output ad_sqrt)),
    ("cbrt", one!(cbrt output ad_cbrt)),
    ("pow_0_0", POWER),
    ("pow_0_2", POWER),
    ("pow_0_1", POWER),
    ("pow_0_half", POWER),
    ("pow_0_neg1", POWER),
    ("pow_neg_2", POWER),
    ("pow_neg_3", POWER),
    ("pow_neg_half", POWER),
    ("powi_0_0", integer_power!(0)),
    ("powi_0_1", integer_power!(1)),
    ("powi_0_2", integer_power!(2)),
    ("powi_neg_3", integer_power!(3)),
    ("powf_const_half_0", constant_power!(0.5)),
    ("powf_const_2_neg", constant_power!(2.0)),
    ("atan2_0_0", two!(atan2 input ad_atan2)),
    ("atan2_0_neg1", two!(atan2 input ad_atan2)),
    ("clamp_lo", clamped!(0.0 1.0)),
    ("clamp_hi", clamped!(0.0 1.0)),
    ("clamp_in", clamped!(0.0 1.0)),
    ("clamp_out", clamped!(0.0 1.0)),
    ("hardtanh_lo", clamped!(-1.0 1.0)),
    ("relu6_0", clamped!(0.0 6.0)),
    ("relu6_6", clamped!(0.0 6.0)),
    ("frac_x_minus_floor", one!(fract input ad_fract)),
    ("fmod", operator!(% rem)),
    ("fmod_int", operator!(% rem)),
    ("copysign_0", two!(copysign input ad_copysign)),
    ("hypot_00", two!(hypot all ad_hypot)),
    ("acos_1", one!(acos input ad_acos)),
    ("acos_m1", one!(acos input ad_acos)),
    ("asin_1", one!(asin input ad_asin)),
    ("acosh_1", one!(acosh input ad_acosh)),
    ("atanh_1", one!(atanh input ad_atanh)),
    ("div_1_0", operator!(/ div)),
    ("recip_0", one!(recip output ad_recip)),
    ("log_0", one!(ln input ad_ln)),
    ("log1p_m1", one!(ln_1p input ad_ln_1p)),
    ("mul_0_inf", operator!(*mul)),
    ("tanh_big", one!(tanh output ad_tanh)),
    ("exp_big", |x| {
        (
            x[0].exp(),
            vec![peel(&x[0]).ad_exp((), &x[0].exp(), &1.0, Fresh, ()).0],
        )
    }),
    ("expm1_small", one!(exp_m1 output ad_exp_m1)),
    ("log1p_small", one!(ln_1p input ad_ln_1p)),
    ("rsqrt_0", |x| {
        let root = x[0].sqrt();
        let y = root.recip();
        let (g, ()) = peel(&y).ad_recip((), (), &1.0, Fresh, ());
        (y, vec![peel(&root).ad_sqrt((), (), &g, Fresh, ()).0])
    }),
];

/// A number, which the file writes as a string if it is not finite.
fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().expect("a number in words"),
        _ => value.as_f64().expect("a number"),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

/// Equal up to rounding; the sign of a zero does not matter.
fn same(got: f64, expected: f64) -> bool {
    got == expected
        || got.is_nan() && expected.is_nan()
        || (got - expected).abs() <= 1e-15 * expected.abs()
}

#[test]
fn scalar_rows_of_the_contract() {
    let file = include_str!("../../../tests/data/edge-cases.json");
    let file: Value = serde_json::from_str(file).expect("a JSON file");
    let cases = file["cases"].as_array().expect("a list of cases");
    let mut wrong = Vec::new();
    for (id, row) in ROWS {
        let case = cases.iter().find(|case| case["id"] == id);
        let case = case.unwrap_or_else(|| panic!("no row `{id}`"));
        let (value, gradient) = row(&numbers(&case["inputs"]));
        let expected = numbers(&case["gradient"]);
        let agrees = gradient.len() == expected.len()
            && gradient
                .iter()
                .zip(&expected)
                .all(|(got, expected)| same(*got, *expected))
            && (case["value"].is_null() || same(value, number(&case["value"])));
        if !agrees {
            wrong.push(format!(
                "{id}: value {value}, gradient {gradient:?}; the contract: {case}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
