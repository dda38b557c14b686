//! Activation functions: slopes at a row of points, tails, kinks.

use crate::harness::{assert_close, confirm, data};
use autodiff_runtime::nn::{
    elementwise, elu, gelu, gelu_tanh, hardswish, hardtanh, leaky_relu, log_sigmoid, relu, relu6,
    sigmoid, silu, softplus, tanh,
};

const POINTS: [f64; 11] = [
    -7.5, -4.25, -2.0, -1.25, -0.5, 0.125, 0.75, 1.5, 2.75, 4.0, 8.0,
];

#[test]
fn slopes() {
    macro_rules! all {
        ($x:ident: $($f:ident)*) => { $(confirm!($f(*x), at x = $x);)* };
    }
    for at in POINTS {
        all!(at: sigmoid log_sigmoid tanh relu relu6 hardtanh hardswish gelu gelu_tanh silu softplus);
    }
}

#[test]
fn of_matrices() {
    macro_rules! all {
        ($x:ident: $($f:ident)*) => { $({
            use elementwise::$f;
            assert_eq!($f(&$x), $x.map(autodiff_runtime::nn::$f));
            confirm!($f(x), at x = $x.clone());
        })* };
    }
    for (rows, columns) in [(1, 1), (4, 1), (2, 3)] {
        use elementwise::{elu, leaky_relu};
        let at = data(rows, columns, 1) * 3.0;
        all!(at: sigmoid log_sigmoid tanh relu relu6 hardtanh hardswish gelu gelu_tanh silu softplus);
        confirm!(leaky_relu(x, *slope), at x = at.clone(), slope = 0.25);
        confirm!(elu(x, *alpha), at x = at.clone(), alpha = 0.75);
    }
}

#[test]
fn learnt_parameters() {
    for x in POINTS {
        confirm!(leaky_relu(*x, *slope), at x = x, slope = 0.25);
        confirm!(elu(*x, *alpha), at x = x, alpha = 0.75);
    }
}

/// Values that one can look up or compute by hand.
#[test]
fn known_values() {
    let table: [(&str, f64, f64); 10] = [
        ("sigmoid", sigmoid(1.0), 0.731_058_578_630_004_9),
        ("log_sigmoid", log_sigmoid(1.0), -0.313_261_687_518_222_8),
        ("tanh", tanh(1.0), 0.761_594_155_955_764_9),
        ("elu", elu(-1.0, 1.0), -0.632_120_558_828_557_7),
        ("gelu", gelu(1.0), 0.841_344_746_068_542_9),
        ("gelu_tanh", gelu_tanh(1.0), 0.841_191_990_608_276_8),
        ("silu", silu(1.0), 0.731_058_578_630_004_9),
        ("softplus", softplus(1.0), 1.313_261_687_518_222_8),
        ("hardswish", hardswish(1.0), 2.0 / 3.0),
        ("leaky_relu", leaky_relu(-3.0, 0.01), -0.03),
    ];
    for (name, got, expected) in table {
        assert_close(name, &[got], &[expected], 1e-15);
    }
}

/// The tails keep their relative accuracy: for large `x` each of these is its leading term.
#[test]
fn tails() {
    let (x, e) = (40.0_f64, (-40.0_f64).exp());
    let table = [
        ("sigmoid", sigmoid(-x) / e, sigmoid::grad(x) / e),
        ("log_sigmoid", log_sigmoid(x) / -e, log_sigmoid::grad(x) / e),
        ("softplus", softplus(-x) / e, softplus::grad(-x) / e),
        (
            "silu",
            silu(-x) / (-x * e),
            silu::grad(-x) / ((1.0 - x) * e),
        ),
        ("tanh", tanh(x), tanh::grad(x) / (4.0 * e * e)),
    ];
    for (name, value, slope) in table {
        assert_close(name, &[value, slope], &[1.0, 1.0], 1e-14);
    }
    // Φ(-30) by the first terms of its asymptotic series.
    let tail = (-450.0_f64).exp() / (30.0 * (2.0 * std::f64::consts::PI).sqrt());
    let terms = 1.0 - 1.0 / 900.0 + 3.0 / 810_000.0 - 15.0 / 729e6 + 105.0 / 6.561e11;
    assert_close(
        "gelu",
        &[gelu(-30.0) / (-30.0 * tail * terms)],
        &[1.0],
        1e-11,
    );
}

macro_rules! finite {
    ($($f:ident($($arg:expr),*))*) => { $(
        for x in [-1e4, 1e4, f64::from(f32::MAX), f64::from(f32::MIN), f64::MAX, f64::MIN] {
            let (value, slope) = $f::value_and_grad(x $(, $arg)*);
            assert!(value.is_finite() && slope.is_finite_gradient(), "{} at {x:e}", stringify!($f));
        }
        for x in [-1e4_f32, 1e4, f32::MAX, f32::MIN] {
            let (value, slope) = $f::value_and_grad(x $(, $arg)*);
            assert!(value.is_finite() && slope.is_finite_gradient(), "{} at {x:e}", stringify!($f));
        }
        assert!($f(f64::NAN $(, $arg)*).is_nan(), "{} of a NaN", stringify!($f));
    )* };
}

trait FiniteGradient {
    fn is_finite_gradient(&self) -> bool;
}

impl FiniteGradient for f32 {
    fn is_finite_gradient(&self) -> bool {
        self.is_finite()
    }
}

impl FiniteGradient for f64 {
    fn is_finite_gradient(&self) -> bool {
        self.is_finite()
    }
}

impl<T: FiniteGradient> FiniteGradient for (T, T) {
    fn is_finite_gradient(&self) -> bool {
        self.0.is_finite_gradient() && self.1.is_finite_gradient()
    }
}

#[test]
fn far_out() {
    finite!(
        sigmoid() log_sigmoid() tanh() relu() relu6() hardtanh() hardswish() gelu() gelu_tanh() silu() softplus()
        leaky_relu(0.01) elu(1.0)
    );
}

/// At a kink the slope is the one of smallest size between both sides, whatever the parameter.
#[test]
fn kinks_with_other_parameters() {
    let table = [
        (0.01, 0.01),
        (1.0, 1.0),
        (3.0, 1.0),
        (-0.5, 0.0),
        (0.0, 0.0),
    ];
    for (parameter, slope) in table {
        assert_close(
            "leaky_relu",
            &[leaky_relu::grad(0.0, parameter).0],
            &[slope],
            0.0,
        );
        assert_close("elu", &[elu::grad(0.0, parameter).0], &[slope], 0.0);
        // At the kink the value does not depend on the parameter.
        let of_parameter = [
            leaky_relu::grad(0.0, parameter).1,
            elu::grad(0.0, parameter).1,
        ];
        assert_close("parameters", &of_parameter, &[0.0, 0.0], 0.0);
    }
}
