//! The rows of `tests/data/edge-cases.json` that concern functions of `nn` and `special`.

use autodiff_runtime::nalgebra::{DMatrix, DVector};
use autodiff_runtime::nn::{
    Image, Pooling2d, binary_cross_entropy_with_logits, elu, gelu, hardswish, hardtanh, huber,
    leaky_relu, log_sigmoid, log_softmax, logsumexp, max_pool2d, relu, relu6, sigmoid, silu,
    softmax, softplus, tanh,
};
use autodiff_runtime::special::{sinc, xlogy};
use serde_json::Value;

/// Value and gradient at a point.
type Row = fn(&[f64]) -> (f64, Vec<f64>);

macro_rules! one {
    ($f:ident($($arg:expr),*)) => {
        |x| {
            let (value, pull) = $f::vjp(x[0] $(, $arg)*);
            (value, vec![pull(1.0)])
        }
    };
    // A second argument of its own.
    ($f:ident($($arg:expr),*).0) => {
        |x| {
            let (value, pull) = $f::vjp(x[0] $(, $arg)*);
            (value, vec![pull(1.0).0])
        }
    };
}

/// The value and gradient of the first entry of a vector-valued function.
macro_rules! entry {
    ($f:ident $k:literal) => {
        |x| {
            let x = DVector::from_column_slice(x);
            let (value, pull) = $f::vjp(&x);
            let unit = DVector::from_fn(x.len(), |i, _| f64::from(u8::from(i == $k)));
            (value[$k], pull(unit).as_slice().to_vec())
        }
    };
}

/// A loss of one prediction with the target 0.
macro_rules! loss {
    ($f:ident($($arg:expr),*)) => {
        |x| {
            let (x, zero) = (DVector::from_column_slice(x), DVector::zeros(1));
            let (value, (gradient, _)) = $f::value_and_grad(&x, &zero $(, $arg)*);
            (value, gradient.as_slice().to_vec())
        }
    };
}

const LOG_SUM_EXP: Row = |x| {
    let (value, gradient) = logsumexp::value_and_grad(&DVector::from_column_slice(x));
    (value, gradient.as_slice().to_vec())
};

const ROWS: [(&str, Row); 27] = [
    ("relu", one!(relu())),
    ("hardtanh_lo", one!(hardtanh())),
    ("sigmoid_big", one!(sigmoid())),
    ("sigmoid_bigneg", one!(sigmoid())),
    ("softplus_big", one!(softplus())),
    ("softplus_bigneg", one!(softplus())),
    ("tanh_big", one!(tanh())),
    ("log_sigmoid_bigneg", one!(log_sigmoid())),
    ("leaky_relu", one!(leaky_relu(0.01).0)),
    ("relu6_0", one!(relu6())),
    ("relu6_6", one!(relu6())),
    ("elu_0", one!(elu(1.0).0)),
    ("hardswish_m3", one!(hardswish())),
    ("hardswish_3", one!(hardswish())),
    ("gelu_0", one!(gelu())),
    ("silu_bigneg", one!(silu())),
    ("sinc_0", one!(sinc())),
    ("bce_logits_big", loss!(binary_cross_entropy_with_logits())),
    ("huber_delta", loss!(huber(1.0))),
    ("softmax_neginf", entry!(softmax 0)),
    ("log_softmax_big", entry!(log_softmax 1)),
    ("logsumexp_neginf", LOG_SUM_EXP),
    ("logsumexp_big", LOG_SUM_EXP),
    ("xlogy_00", |x| {
        let (value, (dx, dy)) = xlogy::value_and_grad(x[0], x[1]);
        (value, vec![dx, dy])
    }),
    ("maxpool_tie", |x| {
        let shape = Pooling2d::new(Image::new(1, 2, 2), [2, 2]);
        let x = DMatrix::from_column_slice(4, 1, x);
        let (value, pull) = max_pool2d::vjp(&x, shape);
        let gradient = pull(DMatrix::from_element(1, 1, 1.0));
        (value[0], gradient.as_slice().to_vec())
    }),
    // The rows of what is written naively, through the primitives that are offered instead.
    ("clamp_lo", one!(relu6())),
    ("abs", |x| {
        let (x, zero) = (DVector::from_column_slice(x), DVector::zeros(1));
        let (value, (gradient, _)) = autodiff_runtime::nn::mae::value_and_grad(&x, &zero);
        (value, gradient.as_slice().to_vec())
    }),
];

/// A number, which the file writes as a string if it is not finite.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        Value::String(text) => vec![text.parse().expect("a number in words")],
        other => vec![other.as_f64().expect("a number")],
    }
}

/// Equal up to rounding; the sign of a zero does not matter.
fn same(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-15 * expected.abs()
}

#[test]
fn rows_of_the_contract() {
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
            && same(value, numbers(&case["value"])[0]);
        if !agrees {
            wrong.push(format!(
                "{id}: value {value}, gradient {gradient:?}; the contract: {case}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
