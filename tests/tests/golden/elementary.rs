//! The rows of the elementary functions, each through a function of one line.

use crate::data::{file, within};
use crate::special::{erf, normal_cdf, softplus};
use differentiate::differentiate;
use differentiate::nn::{self, sigmoid};
use differentiate::special::{self, digamma, ln_gamma};

/// The smallest tolerances that a program of the file has.
const F64: f64 = 2e-14;
const F32: f64 = 5e-6;

macro_rules! one_line {
    ($($name:ident = |$x:ident| $body:expr;)*) => { $(
        #[differentiate(order = 2)]
        fn $name<T: differentiate::Real>($x: T) -> T {
            $body
        }
    )* };
}

one_line! {
    sin = |x| x.sin();
    cos = |x| x.cos();
    tan = |x| x.tan();
    exp = |x| x.exp();
    sinh = |x| x.sinh();
    cosh = |x| x.cosh();
    tanh = |x| x.tanh();
    atan = |x| x.atan();
    asinh = |x| x.asinh();
    exp_m1 = |x| x.exp_m1();
    ln = |x| x.ln();
    log2 = |x| x.log2();
    log10 = |x| x.log10();
    sqrt = |x| x.sqrt();
    cbrt = |x| x.cbrt();
    recip = |x| x.recip();
    rsqrt = |x| T::one() / x.sqrt();
    asin = |x| x.asin();
    acos = |x| x.acos();
    atanh = |x| x.atanh();
    ln_1p = |x| x.ln_1p();
    acosh = |x| x.acosh();
    exp2 = |x| x.exp2();
    powi_5 = |x| x.powi(5);
    powi_minus_3 = |x| x.powi(-3);
    powf = |x| x.powf(differentiate::lit(2.5));
    silu = |x| x * sigmoid(x);
    gelu = |x| x * normal_cdf(x);
    sinc_pi = |x| (x * T::pi()).sin() / (x * T::pi());
    abs = |x| x.abs();
}

#[test]
fn one_argument() {
    macro_rules! table {
        ($row:expr, $x:expr, $tolerance:expr; $($name:literal => $($f:ident)::+)*) => {
            match $row["fn"].as_str().expect("a name") {
                $($name => {
                    let (value, derivative) = $($f)::+::value_and_grad($x);
                    let number = |key: &str| $row[key].as_f64().expect("a number");
                    let what = format!("{} at {}", $name, $x);
                    within(&what, &[f64::from(value)], &[number("value")], $tolerance);
                    within(&what, &[f64::from(derivative)], &[number("d1")], $tolerance);
                    1
                })*
                _ => 0,
            }
        };
    }
    macro_rules! all {
        ($row:expr, $x:expr, $tolerance:expr) => {
            table!(
                $row, $x, $tolerance;
                "sin" => sin "cos" => cos "tan" => tan "exp" => exp "sinh" => sinh "cosh" => cosh
                "tanh" => tanh "atan" => atan "asinh" => asinh "exp_m1" => exp_m1 "ln" => ln
                "log2" => log2 "log10" => log10 "sqrt" => sqrt "cbrt" => cbrt "recip" => recip
                "rsqrt" => rsqrt "asin" => asin "acos" => acos "atanh" => atanh "ln_1p" => ln_1p
                "acosh" => acosh "exp2" => exp2 "powi_5" => powi_5 "powi_-3" => powi_minus_3
                "powf_2.5" => powf "sigmoid" => sigmoid "softplus" => softplus "erf" => erf
                "norm_cdf" => normal_cdf "gelu_erf" => gelu "silu" => silu "sinc_pi" => sinc_pi
                "abs" => abs "lgamma" => ln_gamma "digamma" => digamma
            )
        };
    }
    // What the user wrote above is in the library, too.
    macro_rules! library {
        ($row:expr, $x:expr, $tolerance:expr) => {
            table!(
                $row, $x, $tolerance;
                "tanh" => nn::tanh "softplus" => nn::softplus "gelu_erf" => nn::gelu "silu" => nn::silu
                "erf" => special::erf "sinc_pi" => special::sinc
            )
        };
    }
    let rows = file()["elementary"].as_array().expect("rows");
    let (mut compared, mut of_the_library) = (0, 0);
    for row in rows {
        let x = row["x"].as_f64().expect("a number");
        compared += all!(row, x, F64);
        of_the_library += library!(row, x, F64);
        if x.abs() < 20.0 {
            all!(row, x as f32, F32);
            library!(row, x as f32, F32);
        }
    }
    assert_eq!((compared, rows.len()), (110, 110));
    assert_eq!(of_the_library, 19);
}

macro_rules! two_arguments {
    ($($name:ident = |$x:ident, $y:ident| $body:expr;)*) => { $(
        #[differentiate(order = 2)]
        fn $name($x: f64, $y: f64) -> f64 {
            $body
        }
    )* };
}

two_arguments! {
    power = |x, y| x.powf(y);
    atan2 = |x, y| x.atan2(y);
    hypot = |x, y| x.hypot(y);
    div = |x, y| x / y;
    rem = |x, y| x % y;
    rem_euclid = |x, y| x.rem_euclid(y);
    mul_add = |x, y| x.mul_add(y, 0.3);
    copysign = |x, y| x.copysign(y);
    max = |x, y| x.max(y);
    log_add_exp = |x, y| x.max(y) + softplus(-(x - y).abs());
}

#[test]
fn two() {
    let rows = file()["elementary2"].as_array().expect("rows");
    assert_eq!(rows.len(), 15);
    for row in rows {
        let number = |key: &str| row[key].as_f64().expect("a number");
        let (x, y) = (number("x"), number("y"));
        let name = row["fn"].as_str().expect("a name");
        let (value, (dx, dy)) = match name {
            "powf" => power::value_and_grad(x, y),
            "atan2(x,y)" => atan2::value_and_grad(x, y),
            "hypot" => hypot::value_and_grad(x, y),
            "div" => div::value_and_grad(x, y),
            "rem (x%y, trunc)" => rem::value_and_grad(x, y),
            "rem_euclid" => rem_euclid::value_and_grad(x, y),
            "mul_add(x,y,0.3)" => mul_add::value_and_grad(x, y),
            "copysign" => copysign::value_and_grad(x, y),
            "max" => max::value_and_grad(x, y),
            "logaddexp" => log_add_exp::value_and_grad(x, y),
            other => panic!("no function for {other}"),
        };
        within(name, &[value], &[number("value")], F64);
        within(name, &[dx, dy], &[number("dx"), number("dy")], F64);
    }
}
