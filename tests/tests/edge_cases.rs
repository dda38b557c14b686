//! The contract on kinks, domain edges and extremes: every row of `tests/data/edge-cases.json`, by functions as users
//! write them, and the tables of `docs/edge-cases.md`, which are made of the same file and of the same functions.
//!
//! With the environment variable `DIFFERENTIATE_BLESS` the tables of the page are written instead of compared.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

/// One row: the function as it is written, and its value and gradient at the inputs of the file.
struct Row {
    id: &'static str,
    /// As it is written, and otherwise in words.
    function: String,
    run: fn(&[Value]) -> (f64, Vec<f64>),
}

/// A number, which the file writes as a string if it is not finite.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        Value::String(text) => vec![text.parse().expect("a number in words")],
        other => vec![other.as_f64().expect("a number")],
    }
}

/// As the file writes a number.
fn text(x: f64) -> Value {
    Value::String(x.to_string())
}

fn matrix(value: &Value) -> DMatrix<f64> {
    let rows = value.as_array().expect("a list of rows").len();
    let entries = numbers(value);
    DMatrix::from_row_slice(rows, entries.len() / rows, &entries)
}

use differentiate::differentiate;
use differentiate::nn::{
    Image, Pooling2d, binary_cross_entropy_with_logits, elu, gelu, hardswish, hardtanh, huber,
    leaky_relu, log_sigmoid, log_softmax, logsumexp, max_pool2d, relu, relu6, sigmoid, silu,
    softmax, softplus, tanh,
};
use differentiate::special::{erf_inv, sinc, xlogy};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// `module = row, "as the page has it" |arguments| function;` for each row, under the titles of the page. The row is
/// the module if there is none, and the function is as it is written.
macro_rules! sections {
    ($($title:literal { $($rows:tt)* })*) => {
        fn sections() -> Vec<(&'static str, Vec<Row>)> {
            vec![$(($title, {
                let mut all = Vec::new();
                rows!(all; $($rows)*);
                all
            })),*]
        }
    };
}

macro_rules! rows {
    ($all:ident;) => {};
    ($all:ident; $module:ident $(= $id:ident)? $(, $text:literal)? |$($x:ident),+ $(: $kind:ident)?| $body:expr; $($rest:tt)*) => {
        $all.push({
            mod $module {
                #[allow(unused_imports, reason = "each row uses some")]
                use crate::*;
                function!(($($x),+) $($kind)?, $body);
                pub(super) fn row() -> Row {
                    let id = [stringify!($module) $(, stringify!($id))?];
                    let words: &[&str] = &[$($text)?];
                    let code = || concat!("`", stringify!($body), "`");
                    let function = words.first().copied().unwrap_or_else(code).into();
                    Row { id: id[id.len() - 1], function, run }
                }
            }
            $module::row()
        });
        rows!($all; $($rest)*);
    };
}

macro_rules! function {
    (($x:ident), $body:expr) => {
        #[differentiate]
        fn f($x: f64) -> f64 {
            $body
        }
        fn run(inputs: &[Value]) -> (f64, Vec<f64>) {
            let (value, gradient) = f::value_and_grad(numbers(&inputs[0])[0]);
            (value, vec![gradient])
        }
    };
    (($x:ident, $y:ident), $body:expr) => {
        #[differentiate]
        fn f($x: f64, $y: f64) -> f64 {
            $body
        }
        fn run(inputs: &[Value]) -> (f64, Vec<f64>) {
            let (x, y) = (numbers(&inputs[0])[0], numbers(&inputs[1])[0]);
            let (value, (to_x, to_y)) = f::value_and_grad(x, y);
            (value, vec![to_x, to_y])
        }
    };
    (($v:ident) vector, $body:expr) => {
        #[differentiate]
        fn f($v: &DVector<f64>) -> f64 {
            $body
        }
        fn run(inputs: &[Value]) -> (f64, Vec<f64>) {
            let (value, gradient) = f::value_and_grad(&DVector::from_vec(numbers(&inputs[0])));
            (value, gradient.as_slice().to_vec())
        }
    };
    (($v:ident) slice, $body:expr) => {
        #[differentiate]
        fn f($v: &[f64]) -> f64 {
            $body
        }
        fn run(inputs: &[Value]) -> (f64, Vec<f64>) {
            f::value_and_grad(&numbers(&inputs[0]))
        }
    };
    (($m:ident) matrix, $body:expr) => {
        #[differentiate]
        fn f($m: &DMatrix<f64>) -> f64 {
            $body
        }
        fn run(inputs: &[Value]) -> (f64, Vec<f64>) {
            let (value, gradient) = f::value_and_grad(&matrix(&inputs[0]));
            // Row by row, as the file.
            (value, gradient.transpose().as_slice().to_vec())
        }
    };
}

const ONE_WINDOW: Pooling2d = Pooling2d::new(Image::new(1, 2, 2), [2, 2]);

sections! {
    "Absolute value, bounds, ties" {
        abs |x| x.abs();
        abs_negzero |x| x.abs();
        relu_by_max = relu |x| x.max(0.0);
        leaky_relu_by_if = leaky_relu |x| if x > 0.0 { x } else { 0.01 * x };
        max2_tie |x, y| x.max(y);
        min2_tie |x, y| x.min(y);
        clamp_lo |x| x.clamp(0.0, 1.0);
        clamp_hi |x| x.clamp(0.0, 1.0);
        clamp_in |x| x.clamp(0.0, 1.0);
        clamp_out |x| x.clamp(0.0, 1.0);
        hardtanh_by_clamp = hardtanh_lo |x| x.clamp(-1.0, 1.0);
        relu6_by_clamp = relu6_0 |x| x.clamp(0.0, 6.0);
        relu6_by_clamp_above = relu6_6 |x| x.clamp(0.0, 6.0);
        hardswish_by_clamp = hardswish_m3 |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0;
        hardswish_by_clamp_above = hardswish_3 |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0;
        huber_by_if = huber_delta |x| if x.abs() <= 1.0 { 0.5 * x * x } else { x.abs() - 0.5 };
        maxreduce_tie2 |v: vector| v.max();
        maxreduce_tie3 |v: vector| v.max();
        maxreduce_by_fold = maxreduce_tie2, "the maximum of v, by `max = max.max(*x)` in a loop" |v: slice| {
            let mut max = v[0];
            for x in v {
                max = max.max(*x);
            }
            max
        };
        norminf_tie |v: vector| v.amax();
    }
    "Steps" {
        sign |x| x.signum();
        sign_2 |x| x.signum();
        floor |x| x.floor();
        floor_int |x| x.floor();
        round |x| x.round();
        round_int |x| x.round();
        ceil |x| x.ceil();
        trunc |x| x.trunc();
        frac_x_minus_floor |x| x.fract();
        fmod |x, y| x % y;
        fmod_int |x, y| x % y;
        copysign_0 |x, y| x.copysign(y);
    }
    "Powers, roots, quotients" {
        sqrt |x| x.sqrt();
        sqrt_neg |x| x.sqrt();
        cbrt |x| x.cbrt();
        rsqrt_0 |x| x.sqrt().recip();
        recip_0 |x| x.recip();
        div_1_0 |x, y| x / y;
        mul_0_inf |x, y| x * y;
        powi_0_0 |x| x.powi(0);
        powi_0_1 |x| x.powi(1);
        powi_0_2 |x| x.powi(2);
        powi_neg_3 |x| x.powi(3);
        powf_const_half_0 |x| x.powf(0.5);
        powf_const_2_neg |x| x.powf(2.0);
        pow_0_0 |x, y| x.powf(y);
        pow_0_2 |x, y| x.powf(y);
        pow_0_1 |x, y| x.powf(y);
        pow_0_half |x, y| x.powf(y);
        pow_0_neg1 |x, y| x.powf(y);
        pow_neg_2 |x, y| x.powf(y);
        pow_neg_3 |x, y| x.powf(y);
        pow_neg_half |x, y| x.powf(y);
        prod_zero1 |v: slice| v.iter().product::<f64>();
        prod_zero2 |v: slice| v.iter().product::<f64>();
        prod_zero_of_a_vector = prod_zero1 |v: vector| v.product();
        cumprod_zero, "sum of the partial products of v, in a loop" |v: slice| {
            let (mut sum, mut product) = (0.0, 1.0);
            for x in v {
                product *= x;
                sum += product;
            }
            sum
        };
    }
    "Elementary functions" {
        log_0 |x| x.ln();
        log1p_m1 |x| x.ln_1p();
        log1p_small |x| x.ln_1p();
        exp_big |x| x.exp();
        expm1_small |x| x.exp_m1();
        tanh_big |x| x.tanh();
        asin_1 |x| x.asin();
        acos_1 |x| x.acos();
        acos_m1 |x| x.acos();
        acosh_1 |x| x.acosh();
        atanh_1 |x| x.atanh();
        atan2_0_0 |x, y| x.atan2(y);
        atan2_0_neg1 |x, y| x.atan2(y);
        hypot_00 |x, y| x.hypot(y);
        elu_by_if = elu_0 |x| if x > 0.0 { x } else { x.exp_m1() };
        xlogx_naive |x| x * x.ln();
    }
    "Branches that are not taken" {
        where_trap |x| if x > 0.0 { x.sqrt() } else { 0.0 };
        where_double, "the same in `v.map(..)`" |x| {
            let v = DVector::from_element(1, x);
            v.map(|x| if x > 0.0 { x.sqrt() } else { 0.0 }).sum()
        };
        where_div_trap |x| if x == 0.0 { 1.0 } else { x.sin() / x };
        xlogy_where |x| if x > 0.0 { x * x.ln() } else { 0.0 };
    }
    "Norms and moments" {
        norm2_zero |v: vector| v.norm();
        normfro_zero |m: matrix| m.norm();
        norm1_zero |v: slice| v.iter().map(|x| x.abs()).sum::<f64>();
        norm1_zero_of_a_vector = norm1_zero |v: vector| v.lp_norm(1);
        var_const |v: vector| v.variance();
        std_const |v: vector| v.add_scalar(-v.mean()).norm();
    }
    "Order" {
        sort_tie, "100 s₂ + 10 s₁ + s₀ of the sorted numbers, `s.sort_by(f64::total_cmp)`" |v: slice| {
            let mut s = v.to_vec();
            s.sort_by(f64::total_cmp);
            100.0 * s[2] + 10.0 * s[1] + s[0]
        };
        median_even, "the mean of the middle two of the sorted numbers" |v: slice| {
            let mut s = v.to_vec();
            s.sort_by(f64::total_cmp);
            (s[1] + s[2]) / 2.0
        };
    }
    "Matrices" {
        det_singular |m: matrix| m.determinant();
        det_zero3 |m: matrix| m.determinant();
        logdet |m: matrix| m.determinant().ln();
        eigh_repeated_sumvals |m: matrix| m.symmetric_eigenvalues().sum();
        eigh_of_the_decomposition = eigh_repeated_sumvals |m: matrix| SymmetricEigen::new(m.clone()).eigenvalues.sum();
        singular_values = svd_repeated_sumS |m: matrix| m.singular_values().sum();
    }
    "`differentiate::nn` and `differentiate::special`, and what overflows without them" {
        sigmoid_big |x| sigmoid(x);
        sigmoid_bigneg |x| sigmoid(x);
        log_sigmoid_bigneg |x| log_sigmoid(x);
        softplus_big |x| softplus(x);
        softplus_bigneg |x| softplus(x);
        tanh_of_nn = tanh_big |x| tanh(x);
        silu_bigneg |x| silu(x);
        gelu_0 |x| gelu(x);
        relu_of_nn = relu |x| relu(x);
        leaky_relu_of_nn = leaky_relu |x| leaky_relu(x, 0.01);
        elu_0 |x| elu(x, 1.0);
        relu6_0 |x| relu6(x);
        relu6_6 |x| relu6(x);
        hardtanh_lo |x| hardtanh(x);
        hardswish_m3 |x| hardswish(x);
        hardswish_3 |x| hardswish(x);
        bce_logits_big, "`binary_cross_entropy_with_logits` of one logit `x` and the target 0" |x| {
            let (logits, targets) = (DVector::from_element(1, x), DVector::zeros(1));
            binary_cross_entropy_with_logits(&logits, &targets)
        };
        huber_delta, "`huber`, with the width 1, of `x` and the target 0" |x| {
            let (prediction, target) = (DVector::from_element(1, x), DVector::zeros(1));
            huber(&prediction, &target, 1.0)
        };
        maxpool_tie, "`max_pool2d(v, shape)` of one window" |v: slice| {
            let image = DMatrix::from_column_slice(4, 1, v);
            max_pool2d(&image, ONE_WINDOW).sum()
        };
        sinc_0 |x| sinc(x);
        xlogy_00 |x, y| xlogy(x, y);
        erfinv_1 |x| erf_inv(x);
        softmax_neginf |v: vector| softmax(v)[0];
        log_softmax_big |v: vector| log_softmax(v)[1];
        logsumexp_neginf |v: vector| logsumexp(v);
        logsumexp_big |v: vector| logsumexp(v);
        naive_lse_big |v: slice| v.iter().map(|x| x.exp()).sum::<f64>().ln();
        naive_log_sigmoid_bigneg |x| (1.0 / (1.0 + (-x).exp())).ln();
    }
}

/// Where the page has other numbers than the file, which has those of other languages: Rust's `signum` of 0 is 1 and its
/// `round` takes halves away from zero; a branch is not a `where` that evaluates both sides; a cotangent of exactly zero
/// contributes exactly zero to `ln`, so that of `x ln x` at 0, whose value is NaN, the slope of the other factor is left.
const DIFFERENT: [(&str, f64, f64); 4] = [
    ("sign", 1.0, 0.0),
    ("round", 3.0, 0.0),
    ("xlogy_where", 0.0, 0.0),
    ("xlogx_naive", f64::NAN, f64::NEG_INFINITY),
];

/// Inputs, value and gradient.
struct Expected<'a> {
    inputs: &'a [Value],
    value: Option<f64>,
    gradient: &'a [Value],
    different: Option<(f64, [Value; 1])>,
}

impl Expected<'_> {
    fn value(&self) -> Option<f64> {
        self.different.as_ref().map(|it| it.0).or(self.value)
    }

    fn gradient(&self) -> &[Value] {
        self.different.as_ref().map_or(self.gradient, |it| &it.1)
    }
}

fn cases() -> Vec<Value> {
    let file = include_str!("../data/edge-cases.json");
    let file: Value = serde_json::from_str(file).expect("a JSON file");
    file["cases"].as_array().expect("a list of cases").clone()
}

fn expected<'a>(cases: &'a [Value], id: &str) -> Expected<'a> {
    let case = cases.iter().find(|case| case["id"] == id);
    let case = case.unwrap_or_else(|| panic!("no row `{id}`"));
    let different = DIFFERENT.iter().find(|it| it.0 == id);
    Expected {
        inputs: case["inputs"].as_array().expect("a list of inputs"),
        value: (!case["value"].is_null()).then(|| numbers(&case["value"])[0]),
        gradient: case["gradient"]
            .as_array()
            .expect("a gradient for each input"),
        different: different.map(|it| (it.1, [text(it.2)])),
    }
}

/// Equal up to rounding; the sign of a zero does not matter.
fn same(got: f64, expected: f64) -> bool {
    got == expected
        || got.is_nan() && expected.is_nan()
        || (got - expected).abs() <= 1e-14 * expected.abs()
}

#[test]
fn every_row_holds() {
    let cases = cases();
    let mut wrong = String::new();
    for row in sections().iter().flat_map(|(_, rows)| rows) {
        let expected = expected(&cases, row.id);
        let (value, gradient) = (row.run)(expected.inputs);
        let entries: Vec<f64> = expected.gradient().iter().flat_map(numbers).collect();
        let agrees = expected.value().is_none_or(|it| same(value, it))
            && gradient.len() == entries.len()
            && gradient
                .iter()
                .zip(&entries)
                .all(|(got, it)| same(*got, *it));
        if !agrees {
            let (id, function) = (row.id, &row.function);
            let _ = writeln!(
                wrong,
                "{id}, {function}: {value}, {gradient:?}, not {:?}, {entries:?}",
                expected.value()
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_row_is_tested() {
    let cases = cases();
    let pinned: BTreeSet<&str> = cases
        .iter()
        .map(|case| case["id"].as_str().expect("a name"))
        .collect();
    let sections = sections();
    let tested: BTreeSet<&str> = sections
        .iter()
        .flat_map(|(_, rows)| rows)
        .map(|row| row.id)
        .collect();
    assert_eq!((pinned.len(), cases.len()), (105, 105));
    assert_eq!(tested, pinned);
}

// === the page ===

/// Four digits.
fn digits(x: f64) -> String {
    if x.is_nan() {
        return "NaN".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "-∞" }.into();
    }
    if x == 0.0 {
        return if x.is_sign_negative() { "-0" } else { "0" }.into();
    }
    if x.abs() < 1e-4 {
        return format!("{x:e}");
    }
    let decimals = (3.0 - x.abs().log10().floor()).max(0.0) as usize;
    let text = format!("{x:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

/// As the page writes numbers, vectors and matrices.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(all) => {
            format!("[{}]", all.iter().map(shown).collect::<Vec<_>>().join(", "))
        }
        other => digits(numbers(other)[0]),
    }
}

fn listed(values: &[Value]) -> String {
    values.iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// The tables, each under its title.
fn tables() -> Vec<(&'static str, String)> {
    let cases = cases();
    let table = |rows: &[Row]| {
        let mut text = "| function | at | value | gradient |\n|---|---|---|---|\n".to_owned();
        for row in rows {
            let expected = expected(&cases, row.id);
            // A value that the file leaves open is that of the function; of zeros the sign does not matter.
            let value = expected
                .value()
                .unwrap_or_else(|| (row.run)(expected.inputs).0)
                + 0.0;
            let function = row.function.replace('|', "\\|");
            let (at, gradient) = (listed(expected.inputs), listed(expected.gradient()));
            let _ = writeln!(
                text,
                "| {function} | {at} | {} | {gradient} |",
                digits(value)
            );
        }
        text
    };
    sections()
        .iter()
        .map(|(title, rows)| (*title, table(rows)))
        .collect()
}

#[test]
fn the_page_has_these_rows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/edge-cases.md");
    let mut page = std::fs::read_to_string(&path).expect("the page can be read");
    let bless = std::env::var_os("DIFFERENTIATE_BLESS").is_some();
    for (title, table) in tables() {
        let heading = format!("### {title}\n\n");
        let start = page
            .find(&heading)
            .unwrap_or_else(|| panic!("no section `{title}`"))
            + heading.len();
        let length = page[start..]
            .find("\n\n")
            .expect("something after the table")
            + 1;
        let found = start..start + length;
        if bless {
            page.replace_range(found, &table);
        } else {
            assert_eq!(page[found], table, "section `{title}`");
        }
    }
    if bless {
        std::fs::write(path, page).expect("the page can be written");
    }
}
